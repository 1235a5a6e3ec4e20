echo 'echo script $0 $# $1 $2' > s
sh s a "b c"
sh ./s x
chmod +x s
./s one two three
echo $?
echo 'exit 6' > t
chmod +x t
./t
echo $?
sh nosuchscript
echo $?
echo '#!/bin/sh
echo with interpreter $1' > u
chmod +x u
./u arg
sh -c 'echo $0 $1 $2' zero one two
sh -c 'echo $#' zero a b c
echo 'echo from input $#' | sh
echo 'echo args $1 $2' | sh -s p q
printf 'echo no newline at the end' > v
sh v
