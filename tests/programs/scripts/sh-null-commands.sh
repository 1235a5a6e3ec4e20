:
echo $?
: ignored arguments $(echo x > made)
cat made
x=1 y=2
echo $x$y
> created
ls created
"" 2>/dev/null
echo $?
$nothing
echo $?
$nothing echo words
e=echo
$e from a variable
"$e" quoted
'echo' quoted name
ec"ho" pieces
