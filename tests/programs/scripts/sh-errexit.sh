sh -ec 'echo a; false; echo b'
echo $?
sh -ec 'false || true; echo survived'
sh -ec 'false && true; echo survived'
sh -ec '! true; echo survived'
sh -c 'set -e; false | true; echo piped; true | false; echo no'
echo $?
sh -ec '(false); echo no'
echo $?
sh -c 'set -e; set +e; false; echo off'
set -e
echo on
false
echo not reached
