mkdir src
echo 'int main;' > src/a.c
echo 'int other; int more;' > src/b.c
cat src/*.c | tr ' ' '\n' | grep -c int
grep -l more src/*.c
ls src | sort -r | head -n 1
(cd src && ls *.c) | wc -l
for_lines=$(cat src/a.c src/b.c | wc -l)
echo $for_lines
cp -r src copy && rm src/a.c && ls src copy
mv copy/a.c src && cat src/a.c
echo log1 >> log; echo log2 >> log; tail -n 1 log
cat nosuch src/a.c > out 2> err; echo $?; wc -l < out; wc -l < err
