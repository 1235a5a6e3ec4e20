sh -c 'shift 3; echo no'; echo $?
sh -c 'exit abc; echo no'; echo $?
sh -c ': > /nosuch/x; echo no'; echo $?
sh -c 'unset 1x; echo no'; echo $?
sh -c 'export 1x; echo no'; echo $?
sh -c 'echo ${x?message}; echo no'; echo $?
sh -c 'x=; echo ${x:?}; echo no'; echo $?
sh -c 'cd /nosuch; echo $?'
sh -c 'exec nosuchcommand; echo no'; echo $?
sh -c 'exec echo replaced; echo no'; echo $?
sh -c 'echo $?; set -- a; echo $1'
sh -c 'exec > f; echo into file'; cat f
