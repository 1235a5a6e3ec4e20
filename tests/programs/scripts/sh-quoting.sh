echo 'single $x `y` \n'
x=value
echo "double $x ${x}s \$x \"quoted\" \\ \a"
echo a\ b\"c\'d\$x
echo "a"'b'c"$x"'$x'
echo "" '' "$empty" end
set -- "" '' "a b" c\ d
echo $#
echo "it's" 'say "hi"'
echo "line one
line two"
echo con\
tinued
echo "con\
tinued"
echo 'con\
tinued'
