echo hello world
echo
echo -n no newline
echo
echo -nn x
echo -e x
echo 'a\tb\\c\0101\101\n'
echo "one   two" one   two
echo 'stops\c here' not
echo
echo -- -n
