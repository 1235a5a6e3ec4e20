printf 'abcdefghij' > f
dd if=f of=g bs=2 count=2 2>/dev/null; cat g; echo
dd if=f bs=1 skip=3 count=4 2>/dev/null; echo
printf 'XX' | dd of=f bs=1 seek=4 conv=notrunc 2>/dev/null; cat f; echo
printf 'YY' | dd of=f bs=1 seek=2 2>/dev/null; cat f; echo
dd if=/dev/zero of=z bs=1k count=3 2>/dev/null; wc -c z
dd if=z of=y bs=512 conv=fsync status=none; cmp z y && echo same
dd if=nosuch of=x 2>/dev/null; echo $?
dd if=z 2>&1 >/dev/null | head -n 2
dd bs=x 2>/dev/null; echo $?
dd nonsense 2>/dev/null; echo $?
echo piped | dd 2>/dev/null
printf abc | dd bs=2 conv=sync 2>/dev/null | wc -c
dd if=/dev/zero of=hole bs=1 count=1 seek=100000 2>/dev/null; wc -c hole
seq 100 | dd bs=7 skip=2 2>/dev/null | tail -n 1
