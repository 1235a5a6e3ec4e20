echo x > /dev/null; echo $?
cat /dev/null
head -c 4 /dev/zero | tr '\0' 0; echo
echo x 2>/dev/null > /dev/full; echo $?
head -c 8 /dev/random | wc -c
head -c 8 /dev/urandom | wc -c
[ -c /dev/null ]; echo $?
dd if=/dev/zero bs=100 count=2 2>/dev/null | wc -c
