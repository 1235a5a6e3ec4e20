touch a b c
rm a
ls
rm b c
ls
rm nosuch; echo $?
rm -f nosuch; echo $?
mkdir d
rm d; echo $?
rm -f d; echo $?
touch d/x
mkdir -p d/e/f
rm -r d; echo $?
ls
rm -r nosuch; echo $?
rm; echo $?
rm -f; echo $?
ln -s nosuch l
rm l; ls
mkdir d; ln -s d l
rm -r l; ls
rm -rf d; ls
rm -- -x 2>/dev/null; echo $?
touch -- -x; rm -- -x; ls
rm -r .; echo $?
