printf 'b\na\nC\n10\n9\n\n' > f
sort f
sort -r f
sort -n f
printf '3 x\n1 y\n2 z\n1 a\n' > g
sort g
sort -n g
sort -k 2 g
sort -k 1,1 -n g
sort -u g f | wc -l
printf 'b:2\na:10\nc:1\n' | sort -t : -k 2 -n
printf 'b:2\na:10\nc:1\n' | sort -t : -k 2
printf 'a\nb\na\n' | sort -u
sort -nr g
printf -- '-1\n-10\n5\n0.5\n' | sort -n
sort -o g g; cat g
sort nosuch; echo $?
printf 'no newline' | sort
sort f g | head -n 3
seq 100 | sort | head -n 5
