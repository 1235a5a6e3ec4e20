printf 'plain\n'
printf '%s\n' a b c
printf '%s-%s\n' a b c
printf '%d %i\n' 10 -5
printf '%5d|%-5d|%05d\n' 1 2 3
printf '%s|%10s|%-10s|\n' a b c
printf '%.2s|%5.1s|\n' abc xyz
printf '%x %X %o %#x %#o\n' 255 255 8 255 8
printf '%c%c\n' abc d
printf '%b' 'a\tb\n'
printf '%%\n'
printf '\101\x\n'
printf '%d\n' 0x1f 010 "'A"
printf '%d\n' abc 2>/dev/null; echo $?
printf '%f %.2f %e %g\n' 1.5 2.345 1000 0.0001
printf 'a\0b' | wc -c
printf '%*d|%-*d|\n' 5 1 5 2
printf '%s\n'
printf '%d\n'
printf 'x%sx%dx\n'
printf '%5%|\n' | wc -c
printf; echo $?
printf '%z' 1 2>/dev/null; echo $?
printf '%b\n' 'one\ctwo' three
printf -- '-dash\n'
printf '%+d % d\n' 1 2
printf '%s %s\n' one
printf 'stop\cped\n'
