-- What Lua does with much of everything, by seeded chance: nothing here is judged, all of it is
-- printed, and the same is to be printed everywhere. Sections: sums, formats, patterns, packing,
-- utf8, sorting, tables, closures and goto, metamethods, coroutines, garbage, messages, chunks,
-- variables that are closed, the debug library, files, programs, dates.
local state = 20
local function random (n)
    state = (state * 6364136223846793005 + 1442695040888963407)
    return (state >> 33) % n + 1
end

-- All that was told since the last time, as one number, but for addresses and places.
local digest, told = 0, 0
local function tell (...)
    for i = 1, select ("#", ...) do
        local text = tostring ((select (i, ...))):gsub ("(%a: )0x%x+", "%1"):gsub ("%S*%.lua:%d+: ", "")
        for place = 1, #text do digest = (digest * 31 + text:byte (place)) & 0xffffffffffff end
        told = told + 1
    end
end
local function section (name)
    print (("%-12s %6d %012x"):format (name, told, digest))
    digest, told = 0, 0
end
local function fails (f, ...)
    local fine, message = pcall (f, ...)
    return fine and "fine" or tostring (message)
end
local function bytes (n, from, to)
    local t = {}
    for i = 1, n do t[i] = string.char (from + random (to - from + 1) - 1) end
    return table.concat (t)
end

-- ---- sums ----
local numbers = { 0, -0.0, 1, -1, 2, 3, 7, 10, 255, 256, -256, 1 << 31, 1 << 32, 1 << 53, (1 << 53) + 1, math.maxinteger, math.mininteger,
                  0.1, 0.5, -1.5, 1e15, 1e16, 1e300, -1e300, 5e-324, 2^53, 2^63, -2^63, math.pi, math.huge, -math.huge, 0 / 0 }
local function shown (x) return x ~= x and "nan" or ("%s:%s"):format (math.type (x), x) end
for _, a in ipairs (numbers) do
    for _, b in ipairs (numbers) do
        for _, f in ipairs { function () return a + b end, function () return a - b end, function () return a * b end, function () return a / b end,
                             function () return a // b end, function () return a % b end, function () return a ~ b end, function () return a << (b & 63) end } do
            local fine, x = pcall (f)
            tell (fine and shown (x) or x:gsub ("^[^ ]+ ", ""))
        end
        tell (a < b, a <= b, a == b, math.ult (random (9), random (9)))
    end
    tell (math.tointeger (a), fails (math.floor, a), fails (math.ceil, a), a == a and tostring (-a), tonumber (tostring (a)) == a)
end
for i = 1, 2000 do
    local a, b = random (1 << 40) - (1 << 39), random (1000) - 500
    if b ~= 0 then tell (a // b, a % b, a // b * b + a % b == a, math.fmod (a, b), a // (b + 0.5), a % (b + 0.5)) end
end
section "sums"

-- ---- formats ----
for i = 1, 3000 do
    local flags = ({ "", "-", "+", " ", "0", "#" })[random (6)]
    local width, precision = random (20), random (12)
    local x = (random (2000001) - 1000001) / ({ 1, 3, 7, 1000, 1e9 })[random (5)]
    tell ((("%%%s%d.%d%s"):format (flags, width, precision, ({ "f", "e", "g", "G", "E" })[random (5)])):format (x), ("%a"):format (x), ("%.14g"):format (x))
    tell ((("%%%s%d%s"):format (flags == "#" and "" or flags, width, "d")):format (x // 1 | 0), ("%x %o %X"):format (i, i * i, -i), ("%q"):format (x))
    tell (("%" .. width .. "s|%-" .. width .. "s|%." .. precision .. "s"):format (x, i, bytes (precision, 97, 122)), ("%q"):format (bytes (10, 0, 127)))
end
section "formats"

-- ---- patterns ----
local pieces = { "a", "b", ".", "%a", "%d", "%s", "[ab]", "[^a]", "[%w_]", "%p", "(a)", "(.)", "()", "%b()", "%f[%w]", "x" }
local ends = { "", "*", "+", "-", "?" }
for i = 1, 4000 do
    local pattern = random (8) == 1 and "^" or ""
    for j = 1, random (4) do
        local piece = pieces[random (#pieces)]
        pattern = pattern .. piece .. (piece:find ("[(]") or piece:find ("%%[bf]") and "" or ends[random (5)])
        pattern = pattern:gsub ("[(]$", "")
    end
    local text = bytes (random (40), 32, 122):gsub ("%W", { ["!"] = "a", ["\""] = "b", ["#"] = "(", ["$"] = ")" })
    tell (pattern, fails (string.find, text, pattern), text:find ("ab", 1, true))
    local fine, result, count = pcall (string.gsub, text, pattern, "<%0>")
    tell (fine, result, count)
    pcall (function () for a, b in text:gmatch (pattern) do tell (a, b or "-") end end)
end
section "patterns"

-- ---- packing ----
for i = 1, 3000 do
    local format, values = ({ "<", ">", "=", "!4<", "!8>" })[random (5)], {}
    for j = 1, random (6) do
        local kind = random (6)
        if kind == 1 then
            local size = 1 << random (4) - 1
            format, values[j] = format .. "i" .. size, random (1 << (size * 8 - 1 > 30 and 30 or size * 8 - 1)) - 1
        elseif kind == 2 then format, values[j] = format .. "I2", random (65536) - 1
        elseif kind == 3 then format, values[j] = format .. "d", random (1000) / 7
        elseif kind == 4 then format, values[j] = format .. "s1", bytes (random (30), 0, 255)
        elseif kind == 5 then format, values[j] = format .. "z", bytes (random (9), 1, 255)
        else format, values[j] = format .. "f", random (1024) / 8
        end
    end
    local packed = string.pack (format, table.unpack (values))
    local back = { string.unpack (format, packed) }
    for j = 1, #values do tell (back[j] == values[j]) end
    tell (#packed, back[#back], (packed:gsub (".", function (c) return ("%02x"):format (c:byte ()) end)), fails (string.packsize, format))
    tell (fails (string.unpack, format, packed:sub (1, #packed // 2)))
end
section "packing"

-- ---- utf8 ----
for i = 1, 500 do
    local t = {}
    for j = 1, random (20) do t[j] = random (({ 127, 2047, 65535, 0x10ffff, 0x7fffffff })[random (5)]) end
    local text = utf8.char (table.unpack (t))
    tell (#text, utf8.len (text, 1, -1, true), utf8.len (text), utf8.offset (text, random (#t)), fails (utf8.codepoint, text, 1, -1))
    for place, code in utf8.codes (text, true) do tell (place, code) end
    tell (fails (utf8.len, bytes (random (10), 0, 255)))
end
section "utf8"

-- ---- sorting ----
for _, n in ipairs { 0, 1, 2, 3, 10, 99, 100, 101, 1000, 20000 } do
    for kind = 1, 4 do
        local t = {}
        for i = 1, n do t[i] = kind == 1 and random (n) or kind == 2 and i or kind == 3 and n - i or random (3) end
        table.sort (t, n % 2 == 0 and function (a, b) return a > b end or nil)
        for i = 1, n, n > 1000 and 97 or 1 do tell (t[i]) end
    end
end
tell (fails (table.sort, { 1, 2, 3, 4, 5 }, function () return true end), fails (table.sort, { 1, "a" }))
section "sorting"

-- ---- tables ----
local t, model, keys = {}, {}, 0
for i = 1, 200000 do
    local key = random (5000)
    if random (3) == 1 then t[key], model["k" .. key] = nil, nil else t[key], model["k" .. key] = i, i end
    if i % 20000 == 0 then
        local n, sum = 0, 0
        for k, v in pairs (t) do n, sum = n + 1, sum + k * v end
        for k, v in pairs (model) do if t[tonumber (k:sub (2))] ~= v then tell ("differs", k) end end
        tell (n, sum)
    end
end
local list = {}
for i = 1, 5000 do
    if #list == 0 or random (3) ~= 1 then table.insert (list, random (#list + 1), i) else tell (table.remove (list, random (#list))) end
end
tell (#list, table.concat (list, ",", 1, math.min (#list, 100)), #table.pack (table.unpack (list, 1, 200)), table.move (list, 1, 50, 26)[75])
section "tables"

-- ---- closures and goto ----
local made = {}
for i = 1, 1000 do
    local n = i
    made[i] = { function (k) n = n + k return n end, function () return n end }
    if i % 3 == 0 then goto next end
    made[i][1] (random (10))
    ::next::
end
for i = 1, 1000, 7 do made[i][1] (i) tell (made[i][2] ()) end
do
    local i, trail = 1, {}
    ::top::
    do
        local k = i
        trail[#trail + 1] = function () k = k + 1 return k end
        i = i + 1
        if i <= 50 then goto top end
    end
    for _, f in ipairs (trail) do tell (f (), f ()) end
end
local function varied (...) local a, b = ... return select ("#", ...), a, b, ... end
for i = 0, 60 do tell (select ("#", varied (table.unpack (list, 1, i))), (varied (table.unpack (list, 1, i)))) end
section "closures"

-- ---- metamethods ----
local meta = {}
for _, event in ipairs { "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot", "concat", "len", "eq", "lt", "le", "call" } do
    meta["__" .. event] = function (a, b) tell (event, type (a), type (b)) return event ~= "eq" and #event or true end
end
meta.__index = function (_, key) return key .. "?" end
meta.__newindex = function (o, key, value) rawset (o, key, tostring (value) .. "!") end
meta.__tostring = function () return "an object" end
local a, b = setmetatable ({}, meta), setmetatable ({}, meta)
for _, x in ipairs { a, 1, "2", 1.5 } do
    tell (a + x, x - a, a * x, x / a, a % x, x ^ a, -a, a // x, a & x, x | a, a ~ x, a << x, x >> a, ~a, a .. x, #a, a == x, a == b, a < x, x <= a, a (x), a.field)
end
a.x, a.x = 1, 2
tell (a.x, rawget (a, "x"), tostring (a), rawequal (a, b), rawlen (a))
section "metamethods"

-- ---- coroutines ----
local crowd = {}
for i = 1, 500 do
    crowd[i] = coroutine.create (function (...)
        local n = select ("#", ...)
        while n < 20 do n = n + select ("#", coroutine.yield (n, i)) + 1 end
        if i % 7 == 0 then error ("stop " .. i, 0) elseif i % 11 == 0 then error { i } end
        return "end", i
    end)
end
for turn = 1, 15 do
    for i = 1, 500, turn do
        local fine, x, y = coroutine.resume (crowd[i], table.unpack (list, 1, random (3)))
        tell (fine, type (x) == "table" and x[1] or x, y, coroutine.status (crowd[i]))
    end
end
for i = 1, 500, 9 do tell (coroutine.close (crowd[i])) end
tell (fails (coroutine.wrap (function () for i in coroutine.wrap (function () error ("inside", 0) end) do end end)))
section "coroutines"

-- ---- garbage ----
local ended, cache = {}, setmetatable ({}, { __mode = "kv" })
for _, mode in ipairs { "incremental", "generational", "incremental" } do
    collectgarbage (mode)
    for i = 1, 20000 do
        local o = { i, { tostring (i) } }
        if i % 1000 == 0 then cache[i], cache[o] = o, i setmetatable (o, { __gc = function (x) ended[#ended + 1] = x[1] end }) end
        if i % 5000 == 0 then collectgarbage ("step", 50) end
    end
    collectgarbage ()
    collectgarbage ()
    tell (#ended, next (cache) == nil)
    table.sort (ended)
    tell (table.concat (ended, " "))
end
section "garbage"

-- ---- messages ----
local wrong = { "local a = nil + 1", "local t = {} t.x.y = 1", "local s = 'x' s()", "return {} < {}", "return 1 < 'x'", "return #5", "return -{}", "a.b.c = 1", "return ('x'):bad ()",
                "return 1 & 1.5", "return 2^53 | 0.5", "for i = 1, 'x' do end", "for i = 1, 10, 0 do end", "return math.floor ({})", "return ('x'):rep (-1, 5, 6) .. nil", "string.rep ()",
                "setmetatable (1, {})", "return table.concat ({ 1, {}, 3 })", "error ()", "error (nil)", "error ({})", "error ('level 2', 2)", "return tostring ()", "ipairs ()", "local x <close> = 5",
                "x = ", "x = = 1", "for", "if x then", "goto nowhere", "break", "::a:: ::a::", "return ...", "local x <const> = 1; x = 2", "return 'open", "return [[open", "return '\\q'", "return '\\300'",
                "return '\\u{110000000}'", "return 0x", "return 1e", "return 3..2", "f(", "x.1 = 2", "local function end", "return }", "--[[ open", "a b", "return 1 = 2", "local x <odd> = 1" }
for _, source in ipairs (wrong) do
    local f, message = load (source, "=text")
    tell (message or fails (f))
end
section "messages"

-- ---- chunks ----
for i = 1, 200 do
    local source = { "local a, b = ... " }
    for j = 1, random (30) do
        source[#source + 1] = ("local v%d = a %s (b %s %d) a = v%d "):format (j, ({ "+", "-", "*", "~" })[random (4)], ({ "+", "|", "&", "//" })[random (4)], random (100), j)
    end
    source[#source + 1] = "return function () a = a + 1 return a, b end"
    local f = assert (load (table.concat (source)))
    local again = load (string.dump (f, i % 2 == 0), "again", "b")
    local x, y = f (i, 7), again (i, 7)
    tell (x () == y (), select (2, x ()), (y ()))
end
section "chunks"

-- ---- variables that are closed ----
local function closing (name) return setmetatable ({}, { __close = function (_, why) tell (name, why) if name == "bad" then error ("closing " .. name, 0) end end }) end
for _, f in ipairs { function () local x <close>, y = closing "x", 1 return y end, function () local x <close> = closing "x" local y <close> = closing "bad" error ("first", 0) end,
                     function () for i = 1, 3 do local x <close> = closing (i) if i == 2 then break end end end,
                     function () for k in next, { 1, 2 }, nil, closing "loop" do if k == 1 then return k end end end,
                     function () local n = 0 ::again:: do local x <close> = closing ("g" .. n) n = n + 1 if n < 3 then goto again end end return n end,
                     function () local c = coroutine.wrap (function () local x <close> = closing "co" coroutine.yield (1) return 2 end) return c () + c () end } do
    tell (pcall (f))
end
section "closed"

-- ---- the debug library ----
local calls, counted = {}, 0
debug.sethook (function (event) calls[event] = (calls[event] or 0) + 1 end, "cr")
for i = 1, 10 do tostring (i) end
debug.sethook ()
debug.sethook (function () counted = counted + 1 end, "", 100)
for i = 1, 10000 do local _ = i end
debug.sethook ()
tell (calls.call, calls["return"], counted > 50)
local function looked (p, q) local r = p + q local info = debug.getinfo (1, "nSlut") return info.name, info.nparams, info.nups, info.currentline - info.linedefined, debug.getlocal (1, 1), select (2, debug.getlocal (1, 3)) end
tell (looked (3, 4))
tell (debug.setupvalue (made[1][2], 1, 99), made[1][2] (), debug.upvalueid (made[1][1], 1) == debug.upvalueid (made[1][2], 1), debug.getinfo (print, "S").what)
tell ((debug.traceback ("t", 1):gsub ("[^\n]*/", "")))
section "debug"

-- ---- files ----
local folder = os.tmpname ()
os.remove (folder)
local name, text = folder .. ".dat", ""
local file = assert (io.open (name, "w+b"))
for i = 1, 1500 do
    local what, place = random (5), random (#text + 1) - 1
    if what <= 2 then
        local fresh = bytes (random (700), 0, 255)
        tell (file:seek ("set", place), file:write (fresh) == file)
        text = text:sub (1, place) .. fresh .. text:sub (place + #fresh + 1)
    elseif what == 3 then
        local count = random (3000)
        file:seek ("set", place)
        tell (file:read (count) == (place < #text and text:sub (place + 1, place + count) or nil))
    elseif what == 4 then
        file:seek ("set", place)
        local line = file:read ("L")
        tell (line and #line, line == text:match ("^[^\n]*\n?", place + 1) or place == #text)
    else
        tell (file:seek ("end"), file:seek ("cur", -math.min (5, #text)), #(file:read ("a")), file:setvbuf (({ "no", "full", "line" })[random (3)], random (4096)))
    end
end
tell (file:close (), io.open (name, "rb"):read ("a") == text, #text)
for chunk in io.lines (name, 1000) do tell (#chunk) end
local lines = 0
for _ in io.lines (name) do lines = lines + 1 end
tell (lines, os.rename (name, name .. "2"), io.open (name) == nil, os.remove (name .. "2"), os.remove (name .. "2") == nil)
section "files"

-- ---- programs ----
local pipe = io.popen ("echo one; echo two; exit 3")
tell (pipe:read ("l"), pipe:read ("a"), pipe:close ())
pipe = io.popen ("cat >" .. name, "w")
for i = 1, 2000 do pipe:write (i, "\n") end
tell (pipe:close ())
tell (#io.open (name):read ("a"), io.popen ("wc -l <" .. name):read ("n"), os.remove (name))
tell (os.execute (), os.execute ("true"), os.execute ("exit 5"), os.execute ("kill -9 $$"), io.popen ("kill $$"):close ())
for line in io.popen ("seq 1 500 | sort -r | head -n 20"):lines () do tell (line) end
section "programs"

-- ---- dates ----
for i = 1, 1000 do
    local moment = random (1 << 32) - (1 << 30)
    local d = os.date ("!*t", moment)
    tell (moment, os.time (d) == moment, os.date ("!%c|%x|%X|%p|%A|%B|%j|%U|%W|%V|%G|%y|%H%I%M%S|%w|%e|%D|%F|%T|%R|%n%t%%", moment))
    d.month, d.day, d.sec = d.month + random (30) - 15, d.day + random (100) - 50, d.sec + random (10000)
    tell (os.time (d), d.year, d.yday, d.wday, os.difftime (moment, i))
end
section "dates"
