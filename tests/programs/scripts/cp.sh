echo text > a
cp a b
cat b
echo longer text > c
cp c b
cat b
mkdir d
cp a b d
ls d
cp a d/renamed
ls d
cp nosuch b; echo $?
cp a nosuch/b; echo $?
cp a a; echo $?
cp d e; echo $?
cp -r d e
ls e
cp -r d e
ls e e/d
ln -s a l
cp l copied
cat copied
cp -r l link
readlink link
cp a b c nosuchdir; echo $?
cp a; echo $?
cp; echo $?
chmod 640 a
cp a m
stat -c %a m
cp -p a p
stat -c '%a %Y' p a | uniq -c | wc -l
cp -r d d/inside; echo $?
mkdir -p t/u/v; echo deep > t/u/v/f
cp -r t w
cat w/u/v/f
cp a e/; ls e
cp -r t e
ls e/t/u
