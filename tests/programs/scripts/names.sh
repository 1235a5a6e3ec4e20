basename /usr/lib/x.c
basename /usr/lib/x.c .c
basename x
basename /usr/
basename /
basename a/b/ 
basename .c .c
dirname /usr/lib/x
dirname x
dirname /x
dirname /
dirname a/b/
dirname a//b
dirname /usr/lib/ x/y
basename; echo $?
dirname; echo $?
pwd | grep -c khimera-differential
