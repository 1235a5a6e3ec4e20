mkdir d
echo text > d/f
ln -s d dl
cat dl/f
ln -s dl/f fl
cat fl
echo changed > fl
cat d/f
ln -s loop1 loop2; ln -s loop2 loop1
cat loop1; echo $?
rm dl
cat fl; echo $?
ls d
ln -s $PWD/d/f abs
cat abs
[ -e fl ]; echo $?
[ -L fl ]; echo $?
cp abs regular; [ -L regular ]; echo $?
x=0123456789; x=$x$x$x$x$x$x$x$x$x$x
ln -s $x long; readlink long | wc -c
mv abs moved; cat moved
rmdir fl; echo $?
