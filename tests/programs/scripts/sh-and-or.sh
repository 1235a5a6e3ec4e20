true && echo yes
false && echo no
true || echo no
false || echo yes
true && false || echo fallback
false && true || echo fallback
true || false && echo last
false ; echo $?
true ; echo $?
! true
echo $?
! false
echo $?
! false && echo negated
true &&
echo continued
false ||
echo continued too
