true; echo $?
false; echo $?
sh -c 'exit 42'; echo $?
nosuchcommand; echo $?
mkdir adir
./adir; echo $?
echo text > plain
./plain; echo $?
./nosuch; echo $?
sh -c 'kill -9 $$'; echo $?
sh -c 'kill -TERM $$'; echo $?
(exit 7); echo $?
x=$(exit 5); echo $?
x=$(true); echo $?
x=plain; echo $?
echo $(false); echo $?
