x="  a  b   c "
echo $x
set -- $x
echo $# "$1" "$3"
set -- pre$x
echo $#
set -- "$x"
echo $#
IFS=:
y=a:b::c:
set -- $y
echo $# "$1" "$3" "$4"
z=":start"
set -- $z
echo $# "[$1]" "[$2]"
IFS=" :"
w="a : b:c  d"
set -- $w
echo $# "$1" "$2" "$3" "$4"
IFS=
v="a b c"
set -- $v
echo $#
IFS=-
set -- x y z
echo "$*" $*
unset IFS
set -- $v
echo $#
