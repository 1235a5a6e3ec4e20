test a = a; echo $?
test a = b; echo $?
[ a != b ]; echo $?
[ -n x ] && [ -z "" ]; echo $?
[ x ]; echo $?
[ "" ]; echo $?
[ ]; echo $?
test; echo $?
test ! x; echo $?
[ 1 -lt 2 ]; echo $?
[ 2 -le 2 ]; echo $?
[ 3 -gt 2 -a 2 -ge 2 ]; echo $?
[ 1 -eq 2 -o 1 -ne 2 ]; echo $?
[ ! 1 -eq 2 ]; echo $?
[ \( a = a \) -a ! \( b = c \) ]; echo $?
[ 1 -eq x ] 2>/dev/null; echo $?
[ a = a; echo $?
[ -f f ]; echo $?
touch f; mkdir d; ln -s f l; echo x > g
[ -f f ]; echo $?
[ -d d ]; echo $?
[ -e nosuch ]; echo $?
[ -s f ]; echo $?
[ -s g ]; echo $?
[ -L l ]; echo $?
[ -h f ]; echo $?
[ -r f ]; echo $?
[ -d f ]; echo $?
[ f -ef l ]; echo $?
[ -n ]; echo $?
[ = = = ]; echo $?
[ "(" = "(" ]; echo $?
test -n "a" -a -n ""; echo $?
[ -t 0 ] < /dev/null; echo $?
