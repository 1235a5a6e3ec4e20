seq 20 > f
head f
head -n 3 f
head -3 f
head -c 5 f
head -n 0 f
tail f
tail -n 3 f
tail -3 f
tail -n +18 f
tail -c 5 f
head -n 2 f f
tail -n 1 f f
seq 5 | head -n 2
seq 5 | tail -n 2
printf 'a\nb' | tail -n 1
echo
printf 'a\nb' | head -n 5
echo
head nosuch; echo $?
tail nosuch; echo $?
head -n x f; echo $?
head -n 1 f nosuch f; echo $?
tail -n 0 f
head -q -n 1 f f
head -v -n 1 f
