echo before
echo "unterminated
echo after
