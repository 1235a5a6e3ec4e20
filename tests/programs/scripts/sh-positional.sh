set -- one "two words" three
echo $# $1 "$2" $3 "[$4]"
echo "$*"
echo "$@"
set -- "$@" four
echo $#
shift
echo $1 $#
shift 2
echo $1 $#
set --
echo $# "[$*]"
set -- a b c d e f g h i j k
echo ${10} ${11} $10
echo "$0" | wc -l
