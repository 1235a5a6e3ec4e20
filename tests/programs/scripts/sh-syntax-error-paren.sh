echo before
echo )
echo after
