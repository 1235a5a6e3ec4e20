echo text >&-
echo $?
cat <&- 2>/dev/null
echo $?
echo still here
