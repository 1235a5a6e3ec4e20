A=1 sh -c 'echo $A'
echo "[$A]"
export B=2
sh -c 'echo $B'
C=3
sh -c 'echo [$C]'
export C
sh -c 'echo $C'
B=4 C=5 sh -c 'echo $B$C'
echo $B$C
unset B
sh -c 'echo [$B]'
D=1 true
echo "[$D]"
E=1 :
echo "[$E]"
export F="a b"
env | grep '^F='
F=c env | grep '^F='
(export G=7; sh -c 'echo $G')
echo "[$G]"
