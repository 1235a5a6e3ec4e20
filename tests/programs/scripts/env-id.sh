env -i A=1 B=2 env
env -i A=1 sh -c 'echo $A'
env A=1 B=x env | grep '^[AB]='
export C=3
env -u C env | grep '^C='; echo $?
env nosuchcommand; echo $?
env false; echo $?
env sh -c 'exit 5'; echo $?
id -u > u
stat -c %u u > v
cmp u v && echo mine
