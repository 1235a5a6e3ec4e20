echo "one two three" > f
read a b < f
echo "$a/$b"
read a < f
echo "$a"
read a b c d < f
echo "$a/$b/$c/[$d]"
printf '  spaced   out  \n' > g
read x < g
echo "[$x]"
read x y < g
echo "[$x][$y]"
printf 'back\\slash\\n\n' > h
read x < h
echo "$x"
read -r x < h
echo "$x" | cat
printf 'no newline' > i
read x < i
echo $? "$x"
read x < /dev/null
echo $? "[$x]"
printf 'a:b:c\n' > j
IFS=: read x y < j
echo "$x $y"
printf 'l1\nl2\nl3\n' | (read a; read b; echo "$b $a"; cat)
