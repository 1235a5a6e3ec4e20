echo hello | cat
echo b a c | tr ' ' '\n' | sort | head -n 2
seq 100 | grep 7 | wc -l
false | true
echo $?
true | false
echo $?
seq 3 |
cat
echo x | cat | cat | cat | cat
seq 100000 | head -n 1
echo $?
nosuchcommand 2>/dev/null | cat
echo $?
cat /dev/null | nosuchcommand 2>/dev/null
echo $?
