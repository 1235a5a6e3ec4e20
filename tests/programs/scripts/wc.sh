printf 'one two\nthree\n' > a
printf 'x' > b
wc a
wc -l a
wc -w a
wc -c a
wc -lc a
wc a b
wc -l a b
wc < a
wc -l < a
cat a | wc
echo a b c | wc -w
wc nosuch a; echo $?
: > e
wc e
wc -c e e
printf 'a\tb\vc\nd  e\n' | wc
seq 1000 | wc
