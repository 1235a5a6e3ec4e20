exec 3> f
echo one >&3
(echo two) >&3
sh -c 'echo three >&3'
exec 3>&-
cat f
(echo a; echo b; echo c) > g
cat g
echo start > h
(echo x >> h; echo y >> h)
cat h
(head -n 1 > /dev/null; cat) < /dev/null
exec 5< f
read a <&5; read b <&5
echo "$b $a"
exec 5<&-
