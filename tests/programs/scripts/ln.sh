echo text > a
ln a b
cat b
stat -c %h a
echo more >> b
cat a
rm a
cat b
stat -c %h b
ln -s b s
readlink s
cat s
ln -s nosuch dangling
cat dangling; echo $?
ls -d dangling
ln b s; echo $?
ln -s b s; echo $?
ln -sf other s; readlink s
ln -f b c; stat -c %h c
mkdir d
ln b d; ls d
ln -s ../b d/t; cat d/t
ln d e; echo $?
ln nosuch x; echo $?
ln -s x y nosuchdir; echo $?
ln -s self self; cat self; echo $?
readlink b; echo $?
readlink -n s; echo
