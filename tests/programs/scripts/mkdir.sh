mkdir a
mkdir a; echo $?
mkdir b/c; echo $?
mkdir -p b/c/d; echo $?
ls b/c
mkdir -p b/c/d; echo $?
mkdir x y z
ls
mkdir -m 700 m
stat -c %a m
mkdir -m u=rwx,go= n
stat -c %a n
mkdir -p -m 750 p/q
stat -c '%a %n' p/q
touch f
mkdir f; echo $?
mkdir -p f; echo $?
mkdir f/g; echo $?
mkdir; echo $?
rmdir x y
ls
rmdir nosuch; echo $?
rmdir b; echo $?
rmdir f; echo $?
rmdir -p b/c/d; echo $?
ls
