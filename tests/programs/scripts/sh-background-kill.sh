sleep 100 &
kill $!
wait $!
echo $?
sleep 100 &
kill -9 $!
wait $!
echo $?
sleep 100 &
kill -0 $! && echo alive
kill -INT $!
kill -KILL $!
wait $!
echo ended
