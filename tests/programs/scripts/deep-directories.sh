mkdir -p a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p
echo deep > a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/file
cat a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/file
cp -r a z
cat z/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/file
ls -R z | wc -l
cd a/b/c/d/e/f/g/h
cat i/j/k/l/m/n/o/p/file
cat ../../../../../../../../z/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/file
cd ../../../../../../../..
rm -r a z
ls
