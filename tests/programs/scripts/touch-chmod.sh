umask 022
touch a b
ls
touch -c nosuch; ls
touch -d @100 a
stat -c %Y a
chmod 600 a; stat -c %a a
chmod u+x a; stat -c %a a
chmod go=r a; stat -c %a a
chmod a-r a; stat -c %a a
chmod +w a; stat -c %a a
chmod u=rwx,g=rx,o= a; stat -c %a a
chmod 4711 a; stat -c %a a
chmod g+s a; stat -c %a a
mkdir d; touch d/f
chmod -R go-rx d; stat -c '%a %n' d d/f
chmod a+X d d/f; stat -c '%a %n' d d/f
chmod 999 a; echo $?
chmod u+q a; echo $?
chmod 644 nosuch; echo $?
chmod 644; echo $?
touch /nosuch/x; echo $?
touch; echo $?
