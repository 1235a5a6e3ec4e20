umask 022
touch -d @1000000000 a
printf 'x%.0s' 1 2 3 4 5 6 7 8 9 10 > b
touch -d @1100000000 b
mkdir d
touch -d @0 d
ln -s a l
ln b hard
chmod 4755 a
chmod 1777 d
chmod 2640 b
ls -l a b d/.. nosuch 2>/dev/null | grep -c '^[-d]'
ls -l a b hard
ls -ld d | cut -c 1-10
ls -ln a
ls -lr a b
ls -t a b hard
ls -S a b
ls -lh b
ls -l l | grep -c -e '-> a$'
ls -i a > i1; stat -c '%i a' a > i2; cmp i1 i2 && echo same
