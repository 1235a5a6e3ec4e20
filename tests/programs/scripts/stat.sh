umask 022
echo text > f
touch -d @1234567890 f
stat -c '%n %s %a %A %F %h %Y %%' f
mkdir d
stat -c '%F %a' d
ln -s f l
stat -c '%F %N' l
stat -L -c '%F' l
: > e
stat -c '%F' e
stat -c '%y' f
stat -c '%f' f d
stat nosuch; echo $?
stat -c %n nosuch f; echo $?
stat f | head -n 2 | wc -l
stat -c '%X %Y' f
stat; echo $?
