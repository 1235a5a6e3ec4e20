seq 3
seq 2 5
seq 1 2 9
seq 5 -2 -3
seq 3 1
echo $?
seq -w 8 11
seq -s , 4
seq -s ' ' 1 3
seq 1 .5 3
seq 0.1 0.1 0.5
seq -2 2
seq; echo $?
seq a; echo $?
seq 1 0 2; echo $?
seq 1 2 3 4; echo $?
seq 0
