echo before
| cat
echo after
