echo one > out
cat out
echo two >> out
cat out
cat < out
echo three > out
cat out
cat < out > copy
cat copy
> empty
wc -c empty
echo to error 1>&2
echo visible 2>/dev/null
ls nosuchfile 2>/dev/null
echo $?
ls nosuchfile > both 2>&1
wc -l < both
echo x >out 2>&1
cat out
echo hello 3>three >&3
cat three
