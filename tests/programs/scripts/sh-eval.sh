x='echo evaluated'
eval $x
eval "a=5; echo \$a"
eval 'echo "$a"'
b=a
eval "echo \$$b"
eval
echo $?
eval false
echo $?
eval 'exit 8'
echo not reached
