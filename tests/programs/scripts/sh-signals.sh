sh -c 'kill -HUP $$; echo no'; echo $?
sh -c 'kill -USR1 $$; echo no'; echo $?
sh -c 'kill -s KILL $$'; echo $?
kill -l 9
kill -l 15
kill -l 137
kill 999999 2>/dev/null; echo $?
kill -0 $$; echo $?
