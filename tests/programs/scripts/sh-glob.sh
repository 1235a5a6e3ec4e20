touch a1 a2 b1 .hidden "with space" 'star*'
mkdir d1 d2
touch d1/x d1/y d2/x
echo *
echo a*
echo a?
echo [ab]1
echo [!a]*
echo [a-b][0-9]
echo nothing*
echo "a*" 'a?' a\*
echo .h*
echo */x d?/*
echo d1/[xy]
echo 'star*'
x='a*'
echo $x "$x"
echo ./a*
set -- *1
echo $#
set -f
echo a*
set +f
echo a*
echo [[:digit:]]* [[:alpha:]]1
