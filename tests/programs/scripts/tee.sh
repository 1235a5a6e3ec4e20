echo text | tee a b
cat a b
echo more | tee -a a
cat a
echo x | tee /nosuch/y; echo $?
echo z | tee
seq 1000 | tee big | tail -n 1
wc -l < big
