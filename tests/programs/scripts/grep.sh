cat > f <<END
apple
Banana
cherry pie
a.b
axb

123 apple 456
*star*
END
grep apple f
grep -v a f
grep -i banana f
grep -c a f
grep -n a f
grep -q apple f; echo $?
grep -q nothing f; echo $?
grep 'a.b' f
grep 'a\.b' f
grep -F 'a.b' f
grep '^a' f
grep 'e$' f
grep '^$' f | wc -l
grep 'p*e' f
grep '[0-9][0-9]*' f
grep '[^a-z]' f
grep '\*' f
grep '*star' f
grep -l apple f f
grep apple f nosuch 2>/dev/null; echo $?
grep x nosuch 2>/dev/null; echo $?
grep apple f f
grep -h apple f f
grep -H apple f
grep -e apple -e cherry f
echo piped | grep piped
grep -o 'p[a-z]' f
grep -x a.b f
grep -ic APPLE f
grep -vc a f
grep -n '' f | head -n 1
grep -E 'apple|pie' f
grep 'apple\|pie' f
grep -E '(an)+' f
grep 'p\{2\}' f
grep -E 'p{2}|r{2}' f
grep '\(an\)*a$' f
grep '[[:digit:]]' f
grep '[[:upper:]]' f
grep '[]a]' f | wc -l
grep '[a-' f 2>/dev/null; echo $?
grep; echo $?
grep -s x nosuch; echo $?
