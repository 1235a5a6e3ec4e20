# Work as people do it in a shell; nothing in it depends on time, place or who comes first.
mkdir -p work/a/b/c && cd work || exit 9
echo one >a/one; echo two >>a/one; cat a/one
seq 1 3000 >numbers; wc numbers; head -n 3 numbers; tail -n 2 numbers; md5sum numbers
ln a/one a/b/hard; ln -s ../one a/b/soft; cat a/b/soft; readlink a/b/soft
cp numbers copy; cmp numbers copy && echo same; mv copy a/b/c/moved; ls -1R a
dd if=/dev/zero of=sparse bs=1024 count=4 seek=300 2>/dev/null; wc -c <sparse
truncate -s 700 numbers; wc -c <numbers; stat -c '%s %F %a %h' numbers a/b/soft
awk 'BEGIN { for (i = 0; i < 200; i++) s += i * i; print s, length("abc"), substr("kernel", 2, 3) }'
seq 1 500 | awk '{ n[$1 % 7] += $1 } END { for (i = 0; i < 7; i++) print i, n[i] }'
seq 1 50 | sed -n 's/^\(.\)\(.\)$/\2\1/p' | sort -n | tr '\n' ' '; echo
printf '%s\n' pear apple fig | sort | nl; printf '%05d|%-6s|%x\n' 42 ab 255
seq 1 100 | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | md5sum
i=0; while [ $i -lt 200 ]; do (echo $i >bg.$i) & i=$((i + 1)); done; wait; cat bg.* | sort -n | md5sum; rm bg.*
mkdir tree; for d in x y z; do mkdir tree/$d; for f in 1 2 3 4; do seq $f 200 >tree/$d/$f; done; done
tar cf tree.tar tree; mkdir out; tar xf tree.tar -C out; find out -type f | sort | xargs cat | sha1sum
gzip -c tree/x/1 | gunzip | cmp - tree/x/1 && echo gzip; bzip2 -c tree.tar | bunzip2 | md5sum <&0 | wc -c
find tree -name '[13]' | sort | head -n 4; du -a tree >/dev/null && echo du
grep -rl '^19$' tree | sort | wc -l; diff tree/x/1 tree/x/2 | head -n 3
cut -d: -f2 <<X
a:b:c
d:e:f
X
(exit 7); echo "status $?"; false || echo or; true && echo and; ! true; echo $?
sh -c 'kill -9 $$' 2>/dev/null; echo "killed $?"; sh -c 'exit 300'; echo $?
trap 'echo trapped' USR1; kill -USR1 $$; trap 'echo bye' EXIT
sleep 100 & kill $! 2>/dev/null; wait $! 2>/dev/null; echo "job $?"
cat nowhere 2>/dev/null; echo $?; rmdir a 2>/dev/null; echo $?; cd nowhere 2>/dev/null || echo stays
f() { local x=$1; [ $x -le 1 ] && { echo 1; return; }; echo $((x * $(f $((x - 1))))); }; f 6
case abcde in a?c*) echo matched;; esac; set -- q w e; echo $# $2 "$*"; shift; echo "$@"
read a b <<X
first second third
X
echo "$b-$a"; x=hello; echo ${#x} ${x%lo} ${x#he} ${y:-none}; echo $((0x1f + 3 ** 2 % 5))
yes word | head -n 1000 | uniq -c; seq 10 | xargs -n 3 echo; seq 3 | while read n; do echo "n$n"; done
printf '#!/bin/sh\necho "script $0 $1"\n' >s; chmod 755 s; ./s arg; chmod 600 s; stat -c %a s
echo text | tee t1 t2 >/dev/null; cat t1 t2; rm -f t1 t2; ls t1 2>/dev/null; expr 6 \* 7; test -d tree && echo dir
umask 027; touch masked; stat -c %a masked; mkdir masked.d; stat -c %a masked.d; touch -d '2020-02-03 04:05:06' masked; date -u -r masked +%F
export TZ=UTC0; touch -d '2001-02-03 04:05:06' old; ls --full-time old | sed 's/.* 2001/2001/'; stat -c '%x %y' old
cp -p old same; tar cf old.tar old; mv old older; tar xf old.tar; stat -c %y old same; [ masked -nt old ] && [ numbers -nt masked ] && echo newer
od -An -tx1 -N8 tree.tar; echo hex | xxd -p; echo c29tZQ== | base64 -d; echo; factor 360; basename /a/b.c .c; dirname /a/b
cd ..; rm -r work; ls work 2>/dev/null; echo "end $?"; exit 3
