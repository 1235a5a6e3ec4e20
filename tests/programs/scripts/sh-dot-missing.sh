echo before
. ./nosuchlib
echo after
