-- What Lua's language and library do, with memory, files and time; it prints what is the same
-- everywhere. Sections: tables, strings, patterns, formats, packing, numbers, bits, utf8, control,
-- functions, metatables, coroutines, errors, chunks, garbage, files, the system.
local function check (what, right) print ((right and "ok " or "WRONG ") .. what) end

-- Does it fail, with this in its message?
local function fails (text, f, ...)
    local fine, message = pcall (f, ...)
    return not fine and tostring (message):find (text, 1, true) ~= nil
end

local function same (a, b)
    if #a ~= #b then return false end
    for i = 1, #a do if a[i] ~= b[i] then return false end end
    return true
end

-- A generator of our own: the same numbers everywhere.
local seed = 42
local function random (n)
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed % n + 1
end

-- ---- tables ----
local t = {}
for i = 1, 100000 do t[i] = i * 2 end
local sum = 0
for _, v in ipairs (t) do sum = sum + v end
check ("a table of 100000", sum == 10000100000)
check ("its length", #t == 100000 and rawlen (t) == 100000)
table.sort (t, function (a, b) return a > b end)
check ("sort backwards", t[1] == 200000 and t[100000] == 2)
local mixed = {}
for i = 1, 5000 do mixed[i] = random (1000) end
table.sort (mixed)
local rising = true
for i = 2, #mixed do rising = rising and mixed[i - 1] <= mixed[i] end
check ("sort with equals", rising)
local words = { "pear", "Apple", "fig", "apple", "" }
table.sort (words)
check ("sort of strings is by bytes", table.concat (words, ",") == ",Apple,apple,fig,pear")
check ("what cannot be compared", fails ("attempt to compare", table.sort, { 1, "x", {} }))
check ("insert", same ((function (x) table.insert (x, 4) table.insert (x, 1, 0) return x end) { 1, 2, 3 }, { 0, 1, 2, 3, 4 }))
check ("insert beyond", fails ("position out of bounds", table.insert, { 1 }, 5, 1))
check ("remove", (function (x) return table.remove (x) == 3 and table.remove (x, 1) == 1 and #x == 1 end) { 1, 2, 3 })
check ("remove of nothing", table.remove ({}) == nil)
check ("concat", table.concat ({ 1, 2.5, "x" }, "-") == "1-2.5-x" and table.concat ({}, "x") == "" and table.concat ({ 1, 2, 3 }, ",", 2, 3) == "2,3")
check ("concat of a table", fails ("at index 2", table.concat, { 1, {} }))
check ("unpack", select ("#", table.unpack ({ 1, nil, 3 }, 1, 3)) == 3 and select (2, table.unpack ({ 7, 8 })) == 8)
check ("unpack too many", fails ("too many results", table.unpack, {}, 1, 1e8))
check ("pack", table.pack (1, nil, nil).n == 3)
check ("move", same (table.move ({ 1, 2, 3 }, 1, 3, 2), { 1, 1, 2, 3 }) and same (table.move ({ 1, 2, 3 }, 2, 3, 1), { 2, 3, 3 }))
local count, holes = 0, { 1, 2, nil, 4, x = 5, [2.5] = 6, [-1] = 7 }
for _ in pairs (holes) do count = count + 1 end
check ("pairs sees all", count == 6)
check ("next", next ({}) == nil and next ({ 5 }) == 1 and fails ("", next, { 1 }, "no such key"))
for key in pairs (holes) do holes[key] = nil end
check ("fields may go while one looks", next (holes) == nil)
local keys = {}
keys[1.0], keys["1"], keys[2^53] = "number", "string", "large"
check ("1.0 is 1, and \"1\" is not", keys[1] == "number" and keys["1"] == "string" and keys[1 << 53] == "large")
check ("no key is nil or no number", fails ("index is nil", function () keys[nil] = 1 end) and fails ("index is NaN", function () keys[0 / 0] = 1 end))
local big, gone = {}, 0
for i = 1, 50000 do big["key" .. i] = i end
for i = 1, 50000, 2 do big["key" .. i] = nil end
for _ in pairs (big) do gone = gone + 1 end
check ("half of a large table goes", gone == 25000 and big.key2 == 2 and big.key3 == nil)

-- ---- strings ----
check ("sub", ("hello"):sub (2, -2) == "ell" and ("hello"):sub (-100, 100) == "hello" and ("hello"):sub (4, 2) == "")
check ("byte and char", ("abc"):byte (-1) == 99 and string.char (104, 105) == "hi" and select ("#", ("abc"):byte (1, -1)) == 3 and string.char () == "")
check ("char out of range", fails ("value out of range", string.char, 256))
check ("rep", ("ab"):rep (3, "-") == "ab-ab-ab" and ("x"):rep (0) == "" and #("x"):rep (100000) == 100000)
check ("rep too long", fails ("resulting string too large", string.rep, "x", 1 << 62, "y"))
check ("reverse, case", ("abc"):reverse () == "cba" and ("aBc"):upper () == "ABC" and ("aBc"):lower () == "abc")
check ("zeroes inside", #"a\0b" == 3 and ("a\0b"):byte (2) == 0 and ("a\0b"):find ("\0", 1, true) == 2)
check ("escapes", "\x41\65\u{48}\z
       \
" == "AAH\n" and '\'' == "'" and "\u{7FFFFFFF}" == "\xFD\xBF\xBF\xBF\xBF\xBF")
check ("long brackets", [[
a]] == "a" and [==[x]]y]==] == "x]]y")
check ("comparison", "a" < "b" and "a" < "aa" and not ("Z" > "a") and "" < "\0" and "a\0a" < "a\0b")
check ("numbers become strings", 10 .. 20 == "1020" and 1.5 .. "" == "1.5" and -0.0 .. "" == "-0.0" and 2^63 .. "" == "9.2233720368548e+18")
check ("strings become numbers", "10" + 5 == 15 and "0x10" * 1 == 16 and " 3.5 " * 2 == 7.0 and math.type ("10" + 5) == "integer")
check ("or do not", fails ("attempt to", function () return "x" + 1 end))
check ("tonumber", tonumber ("0x1p4") == 16.0 and tonumber ("z", 36) == 35 and tonumber ("8", 8) == nil and tonumber ("1e") == nil and tonumber ("") == nil and tonumber ("1e1") == 10.0)
check ("tostring", tostring (nil) == "nil" and tostring (1e15) == "1e+15" and tostring (1e100) == "1e+100" and tostring (3.0) == "3.0")

-- ---- patterns ----
check ("gsub", (("hello world"):gsub ("o", "0")) == "hell0 w0rld")
check ("gsub counts", select (2, ("aaa"):gsub ("a", "b", 2)) == 2 and select (2, ("abc"):gsub ("", "-")) == 4)
check ("gsub with captures", (("hello world"):gsub ("(%w+) (%w+)", "%2 %1 %0 %%")) == "world hello hello world %")
check ("gsub with a table", (("$name is $age"):gsub ("%$(%w+)", { name = "Bob", age = 7 })) == "Bob is 7")
check ("gsub with a function", (("abc"):gsub ("%w", function (c) return c ~= "b" and c:upper () or nil end)) == "AbC")
check ("gsub with what is wrong", fails ("invalid use of '%'", string.gsub, "x", "x", "%y") and fails ("invalid replacement value", string.gsub, "x", "x", function () return {} end))
check ("match", ("key = value"):match ("^(%w+)%s*=%s*(%w+)$") == "key")
check ("match from a place", ("abcabc"):match ("a()", 2) == 5 and ("x"):match ("x", 3) == nil)
check ("classes", ("aZ5 _\n"):gsub ("%a", "A"):gsub ("%d", "D"):gsub ("%s", "S"):gsub ("%p", "P") == "AADSPS")
check ("sets", ("a-z]^"):find ("[]]") == 4 and ("a-z"):find ("[a%-]", 2) == 2 and ("x9"):match ("[^%a]") == "9" and ("b"):match ("[a-c]") == "b")
check ("greedy and not", ("<<a>>"):match ("<.*>") == "<<a>>" and ("<a><b>"):match ("<.->") == "<a>" and ("aaa"):match ("a?a?a?a?") == "aaa")
check ("balanced", ("f(a(b)c)d"):match ("%b()") == "(a(b)c)")
check ("frontier", (("THE (quick) fox"):gsub ("%f[%a]%a+", string.lower)) == "the (quick) fox" and ("a"):find ("%f[%z]") == 2)
check ("back reference", ([["it's" 'x']]):match ([[(["'])(.-)%1]]) == '"')
check ("plain", ("a.b"):find (".", 1, true) == 2 and ("a+b"):find ("+", 1, true) == 2 and (""):find ("") == 1 and ("abc"):find ("", 10) == nil)
local found = {}
for k, v in ("a=1, b=2, c=3"):gmatch ("(%w)=(%w)") do found[#found + 1] = k .. v end
check ("gmatch", table.concat (found) == "a1b2c3")
check ("gmatch with nothing in it", select (2, ("abc"):gsub ("x*", "-")) == 4)
check ("malformed", fails ("malformed pattern", string.find, "a", "[a") and fails ("malformed pattern (ends with '%')", string.find, "a", "%") and fails ("missing '['", string.find, "a", "%f") and fails ("unfinished capture", string.find, "a", "("))
check ("too complex", fails ("pattern too complex", string.match, ("x"):rep (300000), ("x?"):rep (300000)))
check ("a long match", #(("a"):rep (100000) .. "b"):match (".-b") == 100001)

-- ---- formats ----
check ("format", string.format ("%5.2f|%-5s|%x|%q", 3.14159, "ab", 255, "a\nb") == ' 3.14|ab   |ff|"a\\\nb"')
check ("format of integers", ("%d %5d %-5d| %05d %+d %i"):format (3.0, 42, 42, 42, 42, -1) == "3    42 42   | 00042 +42 -1")
check ("format of bases", ("%x %X %#x %o %c"):format (255, 255, 255, 8, 65) == "ff FF 0xff 10 A")
check ("format of floats", ("%g %e %.3f %10.2f %a"):format (0.1, 12345.678, 2 / 3, -1.5, 1) == "0.1 1.234568e+04 0.667      -1.50 0x1p+0")
check ("format of strings", ("%s %10s %-10s| %.2s %%"):format ("x", "y", "z", "abc") == "x          y z         | ab %")
check ("format of others", ("%s %s %s"):format (nil, true, setmetatable ({}, { __tostring = function () return "me" end })) == "nil true me")
check ("%q can be read again", load ("return " .. ("%q"):format ("a\0\r\n\"\\z")) () == "a\0\r\n\"\\z" and load ("return " .. ("%q"):format (math.mininteger)) () == math.mininteger and load ("return " .. ("%q"):format (0.1)) () == 0.1)
check ("format that is wrong", fails ("no integer representation", string.format, "%d", 1.5) and fails ("bad argument #2", string.format, "%d") and fails ("invalid conversion", string.format, "%y", 1) and fails ("number expected", string.format, "%d", "x"))

-- ---- packing ----
check ("pack and unpack", string.unpack ("<i4", string.pack ("<i4", -5)) == -5)
check ("byte orders", string.pack (">I4", 1) == "\0\0\0\1" and string.pack ("<I2", 258) == "\2\1" and string.unpack (">I3", "\1\2\3") == 0x010203)
check ("strings in it", string.pack ("s1z", "ab", "cd") == "\2abcd\0" and select (2, string.unpack ("s1z", "\2abcd\0")) == "cd")
check ("floats in it", string.unpack ("<d", string.pack ("<d", 0.1)) == 0.1 and string.pack (">f", 1.5) == "\x3f\xc0\0\0")
check ("alignment", #string.pack ("!4 i1 i4", 1, 2) == 8 and string.packsize ("!8 b d") == 16 and string.packsize ("i3 i5") == 8)
check ("what does not fit", fails ("", string.pack, "i1", 200) and fails ("unsigned overflow", string.pack, "I1", 256) and fails ("data string too short", string.unpack, "i4", "abc"))
check ("large integers", string.unpack ("<i16", string.pack ("<i16", -7)) == -7 and fails ("does not fit", string.unpack, "<I16", ("\255"):rep (16)))

-- ---- numbers ----
check ("division", 7 // 2 == 3 and -7 // 2 == -4 and 7 % -3 == -2 and -7 % 3 == 2 and 7 / 2 == 3.5 and 7.5 // 2 == 3.0)
check ("by zero", 1 / 0 == math.huge and fails ("attempt to", function () return 1 // 0 end) and fails ("attempt to", function () return 1 % 0 end) and 1 % math.huge == 1.0 and -1 % math.huge == math.huge)
check ("wrap around", math.maxinteger + 1 == math.mininteger and math.mininteger * -1 == math.mininteger and math.mininteger // -1 == math.mininteger and math.maxinteger * 2 == -2)
check ("subtypes", math.type (1) == "integer" and math.type (1.0) == "float" and math.type ("1") == nil and 1 == 1.0 and math.type (2^2) == "float" and math.type (4 // 2.0) == "float")
check ("literals", 0xff == 255 and 0x.8p1 == 1.0 and 1e2 == 100.0 and 0xffffffffffffffff == -1 and 9223372036854775808 == 2^63 and 3 == 0x3)
check ("comparisons of both kinds", 1 < 1.5 and math.maxinteger < 2^63 and math.mininteger <= -2^63 and math.maxinteger + 0.0 == 2^63 and not (0 / 0 == 0 / 0))
check ("conversions", math.tointeger (3.0) == 3 and math.tointeger (3.5) == nil and fails ("no integer representation", function () return 1 << 1.5 end))
check ("rounding", math.floor (-3.5) == -4 and math.ceil (-3.5) == -3 and math.floor (2^70) == 2^70 and select (2, math.modf (-3.25)) == -0.25 and math.fmod (-7, 3) == -1)
check ("ends of a list", math.max (1, 3.5, 2) == 3.5 and math.min (4, -1) == -1 and fails ("bad argument", math.max) and math.abs (math.mininteger) == math.mininteger and math.ult (1, -1))
check ("functions", math.sqrt (144) == 12.0 and math.exp (0) == 1.0 and math.log (8, 2) == 3.0 and math.log (1000, 10) > 2.999 and math.sin (0) == 0.0 and math.abs (math.pi - 3.14159265358979) < 1e-14)
math.randomseed (7)
local first = { math.random (100), math.random (100), math.random () }
math.randomseed (7)
check ("chance that is seeded", first[1] == math.random (100) and first[2] == math.random (100) and first[3] == math.random () and first[3] < 1 and fails ("interval is empty", math.random, 0, -1))
local x = 1
for i = 1, 60 do x = x * 2 end
check ("powers", x == 1 << 60 and 2^0.5 == math.sqrt (2) and 2^-1 == 0.5 and -2^2 == -4.0 and 2^3^2 == 512.0)
local steps = {}
for i = 3, 1, -1 do steps[#steps + 1] = i end
for i = 1.0, 2.0, 0.5 do steps[#steps + 1] = i end
for i = math.maxinteger - 1, math.maxinteger do steps[#steps + 1] = i end
for i = 1, 0 do steps[#steps + 1] = "never" end
check ("numeric loops", #steps == 8 and steps[3] == 1 and steps[5] == 1.5 and fails ("'for' step is zero", function () for i = 1, 2, 0 do end end) and fails ("'for' initial value", function () for i = "x", 2 do end end))

-- ---- bits ----
check ("bitwise", 0xf0 & 0x3c == 0x30 and 0xf0 | 0x0f == 0xff and 0xff ~ 0x0f == 0xf0 and ~0 == -1)
check ("shifts", 1 << 62 == 4611686018427387904 and 1 << 63 == math.mininteger and 1 << 64 == 0 and -1 >> 60 == 15 and 1 >> -3 == 8 and 1 << -1 == 0)
check ("of floats and strings", 3.0 | 4 == 7 and fails ("number has no integer representation", function () return 1.5 & 1 end) and fails ("attempt to perform bitwise operation", function () return {} | 1 end))
check ("precedence", 1 | 2 & 3 ~ 1 << 1 == 1 | ((2 & 3) ~ (1 << 1)) and not (5 & 3 == 1) == false)

-- ---- utf8 ----
check ("utf8", utf8.len ("größe") == 5 and utf8.char (0x67, 0x20ac, 0x1f600) == "g€😀")
check ("code points", utf8.codepoint ("€", 1) == 0x20ac and select ("#", utf8.codepoint ("größe", 1, -1)) == 5 and utf8.offset ("größe", 4) == 5)
local points = {}
for place, code in utf8.codes ("aé€") do points[#points + 1] = place .. ":" .. code end
check ("codes", table.concat (points, " ") == "1:97 2:233 4:8364")
check ("what is none", select (2, utf8.len ("a\xffb")) == 2 and utf8.len ("\u{7fffffff}") == nil and utf8.len ("\u{7fffffff}", 1, -1, true) == 1 and fails ("invalid UTF-8 code", utf8.codepoint, "\xff") and ("größe"):match (utf8.charpattern, 3) == "ö")

-- ---- control ----
do
    local trail = {}
    for i = 1, 3 do
        for j = 1, 3 do
            if j == 2 then goto continue end
            if i == 3 then goto out end
            trail[#trail + 1] = i .. j
            ::continue::
        end
    end
    ::out::
    trail = table.concat (trail, " ")
    local i = 1
    ::again::
    if i < 5 then i = i + 1 goto again end
    goto_result = trail == "11 13 21 23" and i == 5
end
check ("goto", goto_result)
check ("goto that leads nowhere", select (2, load ("goto nowhere")):find ("no visible label 'nowhere'") and select (2, load ("goto f local x ::f:: print (x)")):find ("jumps into the scope"))
local n, m = 0, 10
repeat local done = n >= 3 n = n + 1 until done
while true do m = m - 1 if m < 5 then break end end
check ("loops", n == 4 and m == 4)
check ("and, or, not", (nil or 1) == 1 and (false and error ()) == false and (nil and 1) == nil and not nil and (0 and "zero") == "zero" and ("" or 1) == "")
do
    local closed = {}
    do
        local a <close> = setmetatable ({}, { __close = function () closed[#closed + 1] = "a" end })
        local b <close> = setmetatable ({}, { __close = function (_, why) closed[#closed + 1] = "b" end })
        local c <const> = 5
    end
    pcall (function ()
        local d <close> = setmetatable ({}, { __close = function (_, why) closed[#closed + 1] = why.what end })
        error { what = "thrown" }
    end)
    close_result = table.concat (closed, " ") == "b a thrown"
end
check ("variables that are closed", close_result)
check ("constants stay", select (2, load ("local x <const> = 1 x = 2")):find ("attempt to assign to const variable 'x'"))

-- ---- functions ----
local function counter () local n = 0 return function () n = n + 1 return n end, function () n = 0 end end
local up, reset = counter ()
up () up ()
check ("closures share", up () == 3 and (reset () or up () == 1))
local each = {}
for i = 1, 3 do each[i] = function () i = i + 10 return i end end
check ("each turn has its own", each[1] () == 11 and each[1] () == 21 and each[2] () == 12)
local function sum_of (...) local s = 0 for _, v in ipairs { ... } do s = s + v end return s, select ("#", ...) end
check ("varargs", sum_of (1, 2, 3) == 6 and select (2, sum_of (nil, nil)) == 2 and select (-1, 1, 2, 9) == 9 and select ("#") == 0)
check ("many arguments", select ("#", table.unpack ({}, 1, 200)) == 200 and sum_of (table.unpack (mixed, 1, 250)) > 250)
check ("results are cut", (function () return 1, 2 end) () + 1 == 2 and #{ (function () return 1, 2 end) (), 9 } == 2 and #{ ((function () return 1, 2 end) ()) } == 1)
local function tail (n) if n == 0 then return "done" end return tail (n - 1) end
check ("tail calls have no end", tail (1000000) == "done")
local function deep (n) return n == 0 and 0 or 1 + deep (n - 1) end
check ("recursion", deep (10000) == 10000)
check ("stack overflow", fails ("stack overflow", function () local function f () return 1 + f () end return f () end))
local function fib (n) return n < 2 and n or fib (n - 1) + fib (n - 2) end
check ("fib", fib (22) == 17711)
local object = { n = 1 }
function object:add (k) self.n = self.n + k return self end
check ("methods", object:add (2):add (3).n == 6 and ("x"):rep (2) == "xx")

-- ---- metatables ----
local account = setmetatable ({}, { __index = function (_, k) return k .. "!" end, __call = function (_, a) return a + 1 end })
check ("index and call", account.x == "x!" and account (1) == 2 and rawget (account, "x") == nil)
local V = {}
V.__index = V
V.__add = function (a, b) return setmetatable ({ a[1] + b[1] }, V) end
V.__eq = function (a, b) return a[1] == b[1] end
V.__lt = function (a, b) return a[1] < b[1] end
V.__le = function (a, b) return a[1] <= b[1] end
V.__unm = function (a) return setmetatable ({ -a[1] }, V) end
V.__len = function (a) return a[1] end
V.__concat = function (a, b) return "<" .. (type (a) == "table" and a[1] or a) .. "|" .. (type (b) == "table" and b[1] or b) .. ">" end
V.__idiv = function () return "idiv" end
V.__band = function () return "band" end
V.__shl = function () return "shl" end
V.__bnot = function () return "bnot" end
local function v (n) return setmetatable ({ n }, V) end
check ("arithmetic of one's own", (v (1) + v (2))[1] == 3 and (-v (4))[1] == -4 and v (1) // 2 == "idiv" and 1 & v (1) == "band" and v (1) << 1 == "shl" and ~v (1) == "bnot")
check ("comparison of one's own", v (1) == v (1) and v (1) ~= v (2) and v (1) < v (2) and v (2) >= v (2) and #v (7) == 7 and not rawequal (v (1), v (1)))
check ("concat of one's own", v (1) .. "x" == "<1|x>" and 5 .. v (2) == "<5|2>")
local log = {}
local proxy = setmetatable ({}, { __newindex = function (t, k, v) log[#log + 1] = k rawset (t, k, v) end })
proxy.a = 1 proxy.a = 2 proxy.b = 3
check ("newindex is for what is new", table.concat (log) == "ab" and proxy.a == 2)
local base = setmetatable ({}, { __index = { deep = "found" } })
check ("chains", setmetatable ({}, { __index = base }).deep == "found")
check ("pairs of one's own", (function () for k in pairs (setmetatable ({}, { __pairs = function () return function (_, k) return not k and 1 or nil end end })) do return k end end) () == 1)
check ("protected", getmetatable (setmetatable ({}, { __metatable = "no" })) == "no" and fails ("cannot change a protected metatable", setmetatable, setmetatable ({}, { __metatable = 1 }), {}) and getmetatable ("").__index == string)
check ("names in messages", fails ("attempt to call a thing value", function () setmetatable ({}, { __name = "thing" }) () end))
check ("a loop of them", fails ("chain too long", function () local a = {} setmetatable (a, { __index = a }) return a.x end))

-- ---- coroutines ----
local co = coroutine.wrap (function () for i = 1, 10000 do coroutine.yield (i) end end)
local last
for i = 1, 10000 do last = co () end
check ("coroutines", last == 10000)
local talk = coroutine.create (function (a, b) local c = coroutine.yield (a + b) local d, e = coroutine.yield (c * 2) return d + e end)
check ("values go both ways", select (2, coroutine.resume (talk, 1, 2)) == 3 and select (2, coroutine.resume (talk, 10)) == 20 and select (2, coroutine.resume (talk, 3, 4)) == 7)
check ("the dead stay so", coroutine.status (talk) == "dead" and select (2, coroutine.resume (talk)) == "cannot resume dead coroutine")
local inner
local outer = coroutine.create (function () inner = coroutine.status (outer_thread) local x <const> = coroutine.running () return coroutine.isyieldable (), x end)
outer_thread = outer
local _, yieldable, running = coroutine.resume (outer)
check ("who runs", inner == "running" and yieldable and running == outer and select (2, coroutine.running ()) == true and not coroutine.isyieldable ())
check ("errors in one", select (2, coroutine.resume (coroutine.create (function () error ({ 7 }) end)))[1] == 7 and fails ("boom", coroutine.wrap (function () error ("boom") end)))
check ("yield across pcall", (function () local c = coroutine.wrap (function () return pcall (function () coroutine.yield (1) error ("after") end) end) c () local ok, why = c () return not ok and why:find ("after") end) ())
check ("yield in sort", (function () local c = coroutine.wrap (function () return pcall (table.sort, { 3, 1, 2 }, function (a, b) coroutine.yield () return a < b end) end) local ok, why = c () return ok == false and why:find ("attempt to yield across a C%-call boundary") end) ())
check ("close", (function () local closed local c = coroutine.create (function () local x <close> = setmetatable ({}, { __close = function () closed = true end }) coroutine.yield () end) coroutine.resume (c) return coroutine.close (c) and closed and coroutine.status (c) == "dead" end) ())
local function permutations (a, n) if n <= 1 then coroutine.yield (a) else for i = 1, n do a[n], a[i] = a[i], a[n] permutations (a, n - 1) a[n], a[i] = a[i], a[n] end end end
local many, seen = 0, {}
for p in coroutine.wrap (function () permutations ({ 1, 2, 3, 4, 5, 6 }, 6) end) do many = many + 1 seen[table.concat (p)] = true end
local different = 0
for _ in pairs (seen) do different = different + 1 end
check ("a generator", many == 720 and different == 720)
local crowd = {}
for i = 1, 2000 do crowd[i] = coroutine.wrap (function (a) while true do a = coroutine.yield (a + i) end end) end
local total = 0
for i = 1, 2000 do total = total + crowd[i] (1) + crowd[i] (2) end
check ("2000 at once", total == 2 * 2001000 + 3 * 2000)

-- ---- errors ----
check ("pcall", select (2, pcall (error, { code = 7 })).code == 7 and select ("#", pcall (error)) == 2 and pcall (error) == false)
check ("messages say where", select (2, pcall (function () error ("x") end)):find ("^[^\n]*:%d+: x$") and select (2, pcall (function () error ("x", 0) end)) == "x")
check ("and what", fails ("attempt to index a nil value (local 'q')", function () local q return q.x end) and fails ("attempt to call a nil value (global 'nobody')", function () nobody () end) and fails ("field 'missing'", function () return math.missing.x end) and fails ("attempt to concatenate a table value", function () return {} .. "x" end) and fails ("attempt to compare number with nil", function () return 1 < nil end) and fails ("attempt to compare two table values", function () return {} < {} end))
check ("xpcall", select (2, xpcall (function () error ("deep", 0) end, function (m) return m .. "!" end)) == "deep!" and select (3, xpcall (function (...) return ... end, print, 1, 2)) == 2)
check ("a handler that fails", select (1, xpcall (error, function () error ("again") end)) == false)
check ("traceback", debug.traceback ("here", 1):find ("^here\nstack traceback:\n"))
check ("assert", fails ("assertion failed!", assert, false) and fails ("why", assert, nil, "why") and select (2, assert (1, 2)) == 2)
check ("errors in errors", fails ("inner", function () local ok, why = pcall (error, "inner", 0) error (why, 0) end))
check ("arguments that are wrong", fails ("bad argument #1", ipairs) and fails ("number expected, got string", string.rep, "x", "y"))

-- ---- chunks ----
check ("load", load ("return 6 * 7") () == 42 and load (function () end) () == nil)
local pieces = { "return ", "1", " + 2" }
check ("load in pieces", load (function () return table.remove (pieces, 1) end) () == 3)
check ("with an environment", load ("x = 5 return y", "name", "t", setmetatable ({ y = 8 }, {})) () == 8 and x ~= 5)
check ("syntax errors", select (2, load ("x =", "=place")) == "place:1: unexpected symbol near <eof>" and select (2, load ("for", "@file")):find ("^file:1:") and select (2, load ("x = 'a\nb'")):find ("unfinished string") and select (2, load ("return 0x")):find ("malformed number"))
local dumped = string.dump (function (a) local b = a * 2 return function () return b end end)
check ("dump and load", load (dumped, "dumped", "b") (21) () == 42 and load (dumped, "d", "t") == nil and #string.dump (function () end, true) < #dumped)
check ("a broken dump", load (dumped:sub (1, 20), "d", "b") == nil and fails ("unable to dump given function", string.dump, print))
check ("a large chunk", load ("return " .. ("1 + "):rep (5000) .. "0") () == 5000 and load ("return {" .. ("1,"):rep (20000) .. "}") ()[20000] == 1)
check ("nested too deeply", select (2, load (("("):rep (1000) .. "1" .. (")"):rep (1000))):find ("overflow") ~= nil)
check ("require", package.loaded.string == string and fails ("module 'no.such.thing' not found", require, "no.such.thing"))
package.preload.mine = function (name) return { name = name } end
check ("a module", require ("mine").name == "mine" and require ("mine") == require ("mine"))
check ("_ENV", (function () local _ENV = { z = 3 } return z end) () == 3 and _G._G == _G and _VERSION == "Lua 5.4")

-- ---- garbage ----
for i = 1, 200 do local garbage = {} for j = 1, 500 do garbage[j] = tostring (j) .. "x" end end
collectgarbage ()
check ("garbage is collected", collectgarbage ("count") < 40000)
local weak = setmetatable ({}, { __mode = "v" })
weak[1], weak[2] = {}, t
weak.text = "strings stay"
collectgarbage ()
check ("weak values go", weak[1] == nil and weak[2] == t and weak.text == "strings stay")
local ephemeral = setmetatable ({}, { __mode = "k" })
do local key = {} ephemeral[key] = { key } end
ephemeral[t] = 1
collectgarbage ()
count = 0
for _ in pairs (ephemeral) do count = count + 1 end
check ("weak keys too, even if their values have them", count == 1)
local finished = {}
for i = 1, 3 do setmetatable ({}, { __gc = function () finished[#finished + 1] = i end }) end
collectgarbage ()
check ("finalizers, the last first", table.concat (finished) == "321")
local back
do local o = setmetatable ({}, { __gc = function (o) back = o end }) end
collectgarbage ()
check ("one that comes back", type (back) == "table")
check ("step and modes", type (collectgarbage ("step", 100)) == "boolean" and collectgarbage ("generational") == "incremental" and collectgarbage ("incremental") == "generational" and collectgarbage ("isrunning") and fails ("invalid option", collectgarbage, "nonsense"))
collectgarbage ("generational")
local live = {}
for i = 1, 20000 do live[i % 100 + 1] = { i, { i } } end
collectgarbage ("incremental")
check ("by generations", live[1][2][1] == 20000 and live[100][1] == 19999)

-- ---- files ----
local name = os.tmpname ()
local file = assert (io.open (name, "w"))
for i = 1, 1000 do file:write (i, " line\n") end
check ("write is to be chained", file:write ("") == file and io.type (file) == "file")
check ("close", file:close () and io.type (file) == "closed file" and tostring (file) == "file (closed)" and io.type (7) == nil)
check ("what is closed stays so", fails ("attempt to use a closed file", file.write, file, "x"))
local bytes
count, bytes = 0, 0
for line in io.lines (name) do count, bytes = count + 1, bytes + #line + 1 end
check ("lines", count == 1000 and bytes == 8893)
file = assert (io.open (name, "r+b"))
check ("seek", file:seek ("end") == 8893 and file:seek ("set", 2) == 2 and file:read (4) == "line" and file:seek () == 6)
check ("seek to nowhere", select (3, file:seek ("set", -1)) == 22)
check ("read a number", file:seek ("set") == 0 and file:read ("n") == 1)
check ("read all", #file:read ("a") == 8892 and file:read ("a") == "" and file:read ("l") == nil and file:read (0) == nil)
file:seek ("set", 0)
file:write ("X")
file:close ()
check ("write in place", io.open (name):read (6) == "X line")
file = io.open (name, "a+")
file:write ("the end")
file:seek ("set")
check ("append", file:read ("L") == "X line\n" and file:seek ("end") == 8900 and file:close ())
file = io.open (name, "w+")
file:write ("0x1F -3.5e2 .5 nan\n12\n")
file:seek ("set")
check ("numbers of many kinds", file:read ("n") == 31 and file:read ("n") == -350.0 and file:read ("n") == 0.5 and file:read ("n") == nil)
file:seek ("set")
check ("several at once", select ("#", file:read ("n", "n", 2)) == 3 and file:read ("l") == "5 nan" and file:read ("n", "l", "l") == 12)
file:close ()
file = io.open (name, "wb")
for i = 0, 255 do file:write (string.char (i)) end
file:close ()
check ("all bytes", #io.open (name, "rb"):read ("a") == 256 and io.open (name):read ("a"):byte (256) == 255)
file = io.open (name, "w")
check ("without a buffer", file:setvbuf ("no") and file:write ("now") and io.open (name):read ("a") == "now")
file:close ()
file = io.open (name, "w")
check ("with one", file:setvbuf ("full", 4096) and file:write ("later") and io.open (name):read ("a") == "" and file:flush () and io.open (name):read ("a") == "later")
file:close ()
io.output (name)
io.write ("by ", "default", "\n")
io.close ()
io.output (io.stdout)
io.input (name)
check ("the files that are meant", io.read ("l") == "by default" and io.read () == nil and io.close (io.input ()))
io.input (io.stdin)
local lines = {}
file = io.open (name, "w")
file:write ("a\n\nb\nlast")
file:close ()
for line in io.lines (name, "L") do lines[#lines + 1] = line end
for a, b in io.lines (name, 1, 1) do lines[#lines + 1] = a .. (b or "") end
check ("lines as one wants", table.concat (lines, "|") == "a\n|\n|b\n|last|a\n|\nb|\nl|as|t")
check ("lines of nothing", fails ("No such file", io.lines, "/nowhere/at/all"))
local large = io.open (name, "w")
for i = 1, 3000 do large:write (("%08d"):format (i):rep (32), "\n") end
large:close ()
count = 0
for line in io.lines (name) do count = count + tonumber (line:sub (1, 8)) end
check ("a large file", count == 4501500 and io.open (name):seek ("end") == 3000 * 257)
local opened = {}
for i = 1, 50 do opened[i] = assert (io.open (name)) end
for i = 1, 50 do opened[i]:seek ("set", (i - 1) * 257) end
total = 0
for i = 50, 1, -1 do total = total + tonumber (opened[i]:read (8)) opened[i]:close () end
check ("50 open at once", total == 50 * 51 // 2)
check ("rename", os.rename (name, name .. ".new") and not io.open (name))
check ("rename of nothing", select (3, os.rename (name, name)) == 2)
check ("remove", os.remove (name .. ".new") and select (3, os.remove (name)) == 2)
check ("no such file", select (3, io.open ("/nowhere/at/all")) == 2 and select (2, io.open ("/nowhere/at/all")) == "/nowhere/at/all: No such file or directory")
check ("a folder is no file", io.open ("/"):read (1) == nil and select (3, io.open ("/", "w")) == 21)
check ("modes that are none", fails ("invalid mode", io.open, "x", "rz") and fails ("invalid format", io.read, "x"))
local temporary = io.tmpfile ()
check ("a file without a name", temporary:write ("abc") and temporary:seek ("set") == 0 and temporary:read ("a") == "abc" and temporary:close ())
local other, another = os.tmpname (), os.tmpname ()
check ("names that are nobody's", other ~= another and os.remove (other) and os.remove (another))
check ("setvbuf", io.stdout:setvbuf ("full", 1024) and io.stderr:setvbuf ("no"))

-- ---- the system ----
local before = os.time ()
local clock = os.clock ()
for i = 1, 100000 do local _ = i * i end
check ("time goes forward", os.time () >= before and os.clock () >= clock)
check ("dates", os.date ("!%Y-%m-%d %H:%M:%S", 86400 * 365) == "1971-01-01 00:00:00" and os.date ("!%a %b %d %j %p %y %%", 0) == "Thu Jan 01 001 AM 70 %")
check ("date tables", (function (d) return d.year == 2001 and d.month == 9 and d.day == 9 and d.hour == 1 and d.min == 46 and d.sec == 40 and d.wday == 1 and d.yday == 252 and d.isdst == false end) (os.date ("!*t", 1000000000)))
check ("and back", os.time ({ year = 2001, month = 9, day = 9, hour = 1, min = 46, sec = 40 }) == 1000000000)
check ("times are put right", os.date ("!%F", os.time { year = 2024, month = 14, day = -3, hour = 12 }) == "2025-01-28" and os.date ("!%F", os.time { year = 2023, month = 2, day = 29, hour = 12 }) == "2023-03-01")
check ("dates that are none", fails ("field 'day' missing", os.time, { year = 2000, month = 1 }) and fails ("invalid conversion specifier", os.date, "%Ez") and fails ("out-of-bound", os.time, { year = 1 << 40, month = 1, day = 1 }))
check ("difference", os.difftime (10, 4) == 6.0)
check ("environment", os.getenv ("HOME") == "/" and os.getenv ("NOTHING") == nil)
check ("locale", os.setlocale () == "C" and os.setlocale ("C") == "C" and os.setlocale ("xx_YY") == nil)
