mkdir -p deep/er/still
touch deep/er/still/file
x=$(echo $PWD/deep/*/still/f*)
echo ${x##*deep}
echo deep/*/*
echo deep/*/*/
echo */*/*/*
echo deep//er/*
cd deep
echo ../d* ../deep/e*
