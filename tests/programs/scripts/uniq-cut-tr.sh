printf 'a\na\nb\na\nc\nc\n' > f
uniq f
uniq -c f
uniq -d f
uniq -u f
sort f | uniq -c | sort -n
echo a:b:c:d | cut -d : -f 2
echo a:b:c:d | cut -d : -f 1,3
echo a:b:c:d | cut -d : -f 2-
echo a:b:c:d | cut -d : -f -2
echo abcdef | cut -c 2-4
echo abcdef | cut -b 1,6
echo plain | cut -d : -f 2
echo plain | cut -s -d : -f 2
printf 'a\tb\n' | cut -f 2
cut -f x f; echo $?
cut f; echo $?
echo hello | tr a-z A-Z
echo hello | tr l L
echo hello | tr -d l
echo aabbcc | tr -s b
echo 'a b  c' | tr -s ' ' '\n'
echo hello | tr -c 'a-z\n' .
echo h3ll0 | tr -cd '[:alpha:]'; echo
echo abc | tr abc xy
echo hello | tr '[:lower:]' '[:upper:]'
echo 'a\b' | tr '\\' /
tr a; echo $?
