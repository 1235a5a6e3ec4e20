echo ${x:-default} ${x-default}
x=
echo "[${x:-empty}]" "[${x-empty}]"
echo ${y:=assigned} $y
echo "${z=as is}" "$z"
x=value
echo ${x:+alternative} ${x+alternative} "[${nothing:+alternative}]"
echo ${#x} ${#nothing}
p=/usr/local/lib/file.tar.gz
echo ${p%.*} ${p%%.*} ${p#*/} ${p##*/} ${p%/*}
echo ${p%nomatch} ${p#nomatch}
q='a*b*c'
echo "${q%'*'*}" "${q#*'*'}"
echo "${none:-"quoted $x"}" ${none:-a   b  c}
set -- ${none:-one two "three four"}
echo $# "$3"
echo ${x:-$(echo not run)}
echo "${x%e}" "${x#v}"
