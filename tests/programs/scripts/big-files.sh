seq 20000 > f
wc f
cp f g
cmp f g && echo same
cat f g | wc -l
cat f | cat | cat | tail -n 1
dd if=f of=h bs=1000 2>/dev/null; cmp f h && echo same
head -c 50000 f | tail -c 10
grep -c 7 f
sort -rn f | head -n 1
cat f f f f f f f f f f > big
wc -c big
rm f; cat g >> g2; cmp g g2 && echo same
