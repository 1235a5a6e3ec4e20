true; echo $?
false; echo $?
true ignored arguments; echo $?
env true; echo $?
env false; echo $?
sync; echo $?
