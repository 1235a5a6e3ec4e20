sleep 0; echo $?
sleep 0.01; echo $?
sleep 0.001s 0; echo $?
sleep x 2>/dev/null; echo $?
sleep 2>/dev/null; echo $?
date -u -d @0
date -u -d @1234567890 '+%Y-%m-%d %H:%M:%S'
date -u -d @1234567890 '+%a %b %e %j %u %y %I %p %A %B'
date -u -d @951782400 '+%F %T %D %s %%'
date -u -d @4102444799 +%F
date -u -d @68169600 '+%F %w'
date '+%Z'
