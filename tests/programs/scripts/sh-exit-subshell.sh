(echo in; exit 4; echo not)
echo $?
sh -c 'exit'
echo $?
sh -c 'false; exit'
echo $?
sh -c 'exit 300'
echo $?
echo done | sh -c 'cat; exit 2'
