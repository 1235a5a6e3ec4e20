cat < first > second
echo $?
echo text > first
< first cat > second
cat second
>third echo text before
cat third
echo a > "with space"
cat "with space"
f=named
echo b > $f
cat named
echo c >| named
cat named
cat <> named
exec 4> four
echo to four >&4
echo again >&4
exec 4>&-
cat four
exec 5< four
read line <&5
echo "read $line"
cat <&5
exec 5<&-
