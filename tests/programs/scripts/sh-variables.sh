a=1
b=$a$a
c="$a b  $b"
echo $a $b $c
echo "$c"
d=a=b
echo $d
e=
echo "[$e]"
unset a
echo "[$a]"
a_1=x A=y
echo $a_1$A
f=$c
echo "$f"
g='*'
echo "$g"
x=1 y=$x z=$y
echo $x$y$z
