mkdir -p a/b
cd a
basename $(pwd)
cd b
basename "$PWD"
cd ..
basename "$PWD"
cd ..
cd nosuch
echo $?
cd a/b && basename "$(pwd)"
cd - > /dev/null
ls
cd /
pwd
HOME=/tmp
cd
pwd
