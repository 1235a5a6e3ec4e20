umask 022
umask
touch a
mkdir d
stat -c '%a %n' a d
umask 077
touch b
stat -c '%a %n' b
(umask 000; touch c)
stat -c '%a %n' c
umask
