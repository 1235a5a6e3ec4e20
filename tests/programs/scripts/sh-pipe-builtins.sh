echo a b c | read x y
echo "[$x]"
echo a b c | (read x y; echo "$x/$y")
cd /
cd - > /dev/null
x=1 | cat
echo "[$x]"
pwd | grep -c /
exit 3 | true
echo $?
true | exit 3
echo $?
set -- p q | cat
echo $#
umask 022 | cat
echo in | (cat; echo out)
export V=w | cat
echo "[$V]"
