echo text > f
exec 3< f
rm f
cat <&3
exec 3<&-
(echo a; rm -f g; echo b) > g
ls
exec 4> h
rm h
echo x >&4
exec 4>&-
ls
mkdir d; cd d; rmdir ../d; echo $?
cd ..
ls
