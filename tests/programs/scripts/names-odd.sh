touch 'a b' 'c
d' "e'f" 'g"h' -- -i 'j\k' '~' '$x' '*'
ls | wc -l
ls -- -i
echo *
rm 'a b' 'c
d' ./-i
ls
x=0123456789; x=$x$x$x$x$x$x$x$x$x$x; x=$x$x
echo long > $x
ls | tail -n 1 | wc -c
echo too > $x$x 2>/dev/null; echo $?
cat ./*/nosuch 2>/dev/null; echo $?
cat '' 2>/dev/null; echo $?
mkdir .../ && ls -d ...
