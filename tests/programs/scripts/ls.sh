touch b a C .dot
mkdir dir .hid
ls
ls -a
ls -A
ls a b
ls nosuch a 2>/dev/null
echo $?
ls -r
ls dir
touch dir/x dir/y
ls dir
ls a dir
ls -d dir .
ls -1 dir
ls -F
ls -p
ln -s a link
ln -s dir dlink
chmod +x b
ls -F
ls -d dlink
ls dlink
ls -R
ls -Z nosuch 2>/dev/null
echo $?
ls -- a
ls dir -r
