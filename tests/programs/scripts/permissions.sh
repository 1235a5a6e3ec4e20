umask 022
echo text > f
mkdir d
chmod 000 f; stat -c %a f
chmod 644 f
chmod 555 d; stat -c %A d
chmod 755 d
chmod 7777 f; stat -c '%a %A' f
cp f g; stat -c %a g
umask 0; touch h; mkdir i; stat -c '%a %n' h i
umask 777; touch j; stat -c %a j
