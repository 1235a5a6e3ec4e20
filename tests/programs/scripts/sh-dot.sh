echo 'y=sourced; echo in $x' > lib
x=here
. ./lib
echo $y
echo 'false' > f
. ./f
echo $?
echo 'set -- changed' > g
set -- original
. ./g
echo $1
