echo a > a
mv a b
ls
cat b
echo c > c
mv b c
ls
cat c
mkdir d
mv c d
ls d
mv d/c .
mv d e
ls
mv nosuch x; echo $?
mv c nosuch/x; echo $?
mkdir f
mv e f
ls f
mv f f/e/g; echo $?
echo 1 > x; echo 2 > y
mv x y f
ls f
mv f/x f/y nosuch; echo $?
touch g
mv f g; echo $?
mv g f/e; echo $?
ls f/e
mkdir -p h/e; touch h/e/z
mv f/e h; echo $?
mv c c; echo $?
mv c; echo $?
