cat <<EOF
plain text
plain text
EOF
x=value
cat <<EOF
with $x and $(echo command) and \$x and "quotes" 'here'
  back\\slash `echo tick`
EOF
cat <<'EOF'
literal $x `none` \n
EOF
cat <<-EOF
	tabs stripped
		both
	EOF
cat <<A; cat <<B
first
A
second
B
cat <<EOF | tr a-z A-Z
through a pipe
EOF
(cat <<EOF
in a subshell
EOF
)
read line <<EOF
read this
EOF
echo "$line"
cat <<EOF && echo after
body
EOF
