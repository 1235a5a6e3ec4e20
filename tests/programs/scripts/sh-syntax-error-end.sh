echo before
echo a &&
