x=0123456789
x=$x$x$x$x$x$x$x$x$x$x
x=$x$x$x$x$x$x$x$x$x$x
echo ${#x}
echo $x | wc -c
y=$(echo $x$x$x)
echo ${#y}
echo "$x" > f
read z < f
[ "$z" = "$x" ] && echo same
set -- $x $x $x $x
echo $#
