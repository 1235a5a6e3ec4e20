truncate -s 10 f; wc -c f
truncate -s 5 f; wc -c f
truncate -s +3 f; wc -c f
truncate -s -6 f; wc -c f
truncate -s 1K f; wc -c f
truncate -c -s 1 nosuch; ls
echo text > g
truncate -s 2 g; cat g; echo
truncate -s 4 g; cat g | tr '\0' '.'; echo
truncate g; echo $?
truncate -s x g; echo $?
