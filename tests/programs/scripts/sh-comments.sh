# a comment
echo a # behind
echo a#b '#c' "#d" \#e
#
   # indented
echo f;# after a semicolon
echo end
