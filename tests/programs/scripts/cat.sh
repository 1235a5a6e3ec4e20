printf 'one\ntwo\n' > a
printf 'no newline' > b
cat a b
echo
cat a - b < a
echo
cat nosuch a
echo $?
mkdir d
cat d 2>/dev/null
echo $?
cat < /dev/null
cat -u a
cat -Q a 2>/dev/null
echo $?
