echo same > a
echo same > b
echo sane > c
printf 'sa' > d
cmp a b; echo $?
cmp a c; echo $?
cmp -s a c; echo $?
cmp a d; echo $?
cmp d a 2>/dev/null; echo $?
cmp a nosuch; echo $?
echo same | cmp a -; echo $?
seq 100 > e
(seq 50; echo x) > f
cmp e f; echo $?
