x=outer
(x=inner; echo $x)
echo $x
(cd /; pwd)
(echo a; echo b) | sort -r
(echo redirected) > f
cat f
( ( echo nested ) )
(echo one
echo two
)
x=5; (echo $x $#)
(exit 3) || echo failed
(true) && echo fine
echo text | (cat)
