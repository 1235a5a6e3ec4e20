-- What Lua's library does with memory, files and time; it prints what is the same everywhere.
local function check (what, right) print ((right and "ok " or "WRONG ") .. what) end

-- tables, strings, garbage
local t = {}
for i = 1, 100000 do t[i] = i * 2 end
local sum = 0
for _, v in ipairs (t) do sum = sum + v end
check ("a table of 100000", sum == 10000100000)
for i = 1, 200 do local garbage = {} for j = 1, 500 do garbage[j] = tostring (j) .. "x" end end
collectgarbage ()
check ("garbage is collected", collectgarbage ("count") < 20000)
table.sort (t, function (a, b) return a > b end)
check ("sort", t[1] == 200000 and t[100000] == 2)
check ("gsub", (("hello world"):gsub ("o", "0")) == "hell0 w0rld")
check ("patterns", ("key = value"):match ("^(%w+)%s*=%s*(%w+)$") == "key")
check ("format", string.format ("%5.2f|%-5s|%x|%q", 3.14159, "ab", 255, "a\nb") == ' 3.14|ab   |ff|"a\\\nb"')
check ("pack", string.unpack ("<i4", string.pack ("<i4", -5)) == -5)
check ("integers", 7 // 2 == 3 and 7 % -3 == -2 and 1 << 62 == 4611686018427387904)
check ("utf8", utf8.len ("größe") == 5)

-- coroutines, errors, metatables
local co = coroutine.wrap (function () for i = 1, 10000 do coroutine.yield (i) end end)
local last
for i = 1, 10000 do last = co () end
check ("coroutines", last == 10000)
check ("pcall", select (2, pcall (error, { code = 7 })).code == 7)
local function deep (n) return n == 0 and 0 or 1 + deep (n - 1) end
check ("recursion", deep (10000) == 10000)
check ("stack overflow", not pcall (function () local function f () return 1 + f () end return f () end))
local account = setmetatable ({}, { __index = function (_, k) return k .. "!" end, __call = function (_, a) return a + 1 end })
check ("metatables", account.x == "x!" and account (1) == 2)
check ("load", load ("return 6 * 7") () == 42)

-- files
local name = os.tmpname ()
local file = assert (io.open (name, "w"))
for i = 1, 1000 do file:write (i, " line\n") end
file:close ()
local count, bytes = 0, 0
for line in io.lines (name) do count, bytes = count + 1, bytes + #line + 1 end
check ("lines", count == 1000 and bytes == 8893)
file = assert (io.open (name, "r+b"))
check ("seek", file:seek ("end") == 8893 and file:seek ("set", 2) == 2 and file:read (4) == "line")
check ("read a number", file:seek ("set") == 0 and file:read ("n") == 1)
check ("read all", #file:read ("a") == 8892)
file:seek ("set", 0)
file:write ("X")
file:close ()
check ("write in place", io.open (name):read (6) == "X line")
check ("rename", os.rename (name, name .. ".new") and not io.open (name))
check ("remove", os.remove (name .. ".new") and select (3, os.remove (name)) == 2)
check ("no such file", select (3, io.open ("/nowhere/at/all")) == 2)
check ("setvbuf", io.stdout:setvbuf ("full", 1024))

-- time
local before = os.time ()
local clock = os.clock ()
for i = 1, 100000 do local _ = i * i end
check ("time goes forward", os.time () >= before and os.clock () >= clock)
check ("dates", os.date ("!%Y-%m-%d %H:%M:%S", 86400 * 365) == "1971-01-01 00:00:00")
check ("and back", os.time ({ year = 2001, month = 9, day = 9, hour = 1, min = 46, sec = 40 }) == 1000000000)
check ("difference", os.difftime (10, 4) == 6.0)
check ("environment", os.getenv ("HOME") == "/" and os.getenv ("NOTHING") == nil)
