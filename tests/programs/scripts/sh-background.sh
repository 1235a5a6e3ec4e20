echo first > f &
wait
cat f
(sleep 0.05; echo late > g) &
wait $!
cat g
sh -c 'exit 9' &
wait $!
echo $?
sh -c 'exit 3' & p1=$!
sh -c 'exit 4' & p2=$!
wait $p2; echo $?
wait $p1; echo $?
wait 999999; echo $?
wait; echo $?
true && echo both > h &
wait
cat h
echo piped | cat > i &
wait
cat i
