echo $(echo simple)
x=$(echo a; echo b)
echo "$x"
echo $x
echo "[$(printf 'trailing\n\n\n')]"
echo $(echo $(echo nested))
echo `echo old` `echo \`echo older\``
echo "in quotes: $(echo "a  b")"
echo $(echo "a  b")
y=$(cat nosuchfile 2>/dev/null) || echo failed
echo a$(echo b)c
echo $(seq 3)
set -- $(echo one two three)
echo $#
echo "$(echo ')' ; echo "(")"
z=$(x=changed; echo $x)
echo $z
echo "$x"
echo $(echo $?)
false
echo $(echo $?)
