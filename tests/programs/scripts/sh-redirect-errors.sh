echo x > /nosuch/dir/file
echo status $?
cat < nosuchfile
echo status $?
mkdir d
echo x > d
echo status $?
echo x >&7
echo status $?
true > /nosuch/file && echo not here
false || echo here
ls . > /nosuch/file
echo status $?
