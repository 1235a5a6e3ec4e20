a=1
b="two words"
c='*'
d='quo'\''te'
(echo "$a/$b/$c/$d")
echo "$(echo "$a/$b/$c/$d")"
set -- p "q r"
(echo "$#/$2")
(set -- x; echo "$#/$1")
echo "$#/$2"
(a=2; (a=3; echo $a); echo $a)
echo $a
echo $$ > p1
(echo $$ > p2)
cmp p1 p2 && echo same
