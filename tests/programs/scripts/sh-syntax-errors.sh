sh -c 'echo a; )'; echo $?
sh -c 'echo a | | cat'; echo $?
sh -c '; echo'; echo $?
sh -c 'echo a &&'; echo $?
sh -c '(echo a'; echo $?
sh -c 'echo ${x'; echo $?
sh -c 'echo ${}'; echo $?
sh -c 'echo $(echo a'; echo $?
sh -c 'echo a >'; echo $?
sh -c 'echo a ;; echo b'; echo $?
sh -c '()'; echo $?
sh -c 'fi'; echo $?
sh -c '& echo'; echo $?
