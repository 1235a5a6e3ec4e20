ls --nosuch 2>/dev/null; echo $?
cat -Q 2>/dev/null < /dev/null; echo $?
cp -Q a b 2>/dev/null; echo $?
wc -Q 2>/dev/null < /dev/null; echo $?
grep -Q x 2>/dev/null < /dev/null; echo $?
rm -Q x 2>/dev/null; echo $?
mkdir -Q x 2>/dev/null; echo $?
sort -Q 2>/dev/null < /dev/null; echo $?
tee -Q 2>/dev/null < /dev/null; echo $?
head -Q 2>/dev/null < /dev/null; echo $?
ln -Q x 2>/dev/null; echo $?
mv -Q x 2>/dev/null; echo $?
head -n 2>/dev/null; echo $?
stat -Q x 2>/dev/null; echo $?
kill 2>/dev/null; echo $?
kill abc 2>/dev/null; echo $?
kill -FOO 1 2>/dev/null; echo $?
ls
