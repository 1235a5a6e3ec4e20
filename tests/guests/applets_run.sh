# applets_run: runs the commands of a table, each in a fresh folder, and shows what they say:
#
#     sh applets_run.sh TABLE [help]
#
# It makes all that they work with, in the folder it is in. With a second word, each tool of busybox
# is asked afterwards what it is for.
umask 022
export TZ=UTC0
table=$1

# ---- what they work with ----

mkdir fixture && cd fixture || exit 9
printf 'one\ntwo ee\nthree e.e\nfour\nfive o\n' >text
printf 'one\ntwo EE\nthree e.e\nfive o\nsix\n' >other
printf '1\n22\n333\n' >number
seq 100 -3 1 >numbers
printf 'b:2:x y\na:10:z\nc:1:x\na:9.5:q\n' >fields
printf 'pear\napple\nPear\nfig\napple\napple\n' >words
printf '#!/bin/sh\necho ran "$@"\n' >run
: >empty
awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }' >bytes
mkdir -p sub/a sub2
echo deep >sub/a/deep
echo ee >sub/a/tee
echo also >sub/also
echo old >old
ln -s text soft
chmod 755 run
find . -exec touch -h -d @1000000000 {} +
touch -d @978307200 old
cd ..

# ---- and what they do not change ----

mkdir more && cd more || exit 9
export m=../more
printf 'Mar\nJan\nDec\nfeb\n' >months
printf '2K\n1M\n512\n1G\n' >sizes
printf '1.10\n1.9\n1.2.3\n' >versions
printf '1e3\n-2.5\n0x10\n7\n' >floats
printf 's/one/ONE/\n/four/d\n' >script
printf 'sourced=yes\n' >script.sh
base64 -d >lib.a <<'END'
ITxhcmNoPgpvbmUvICAgICAgICAgICAgMCAgICAgICAgICAgMCAgICAgMCAgICAgNjQ0ICAgICAzMyAgICAgICAgYApvbmUK
dHdvIGVlCnRocmVlIGUuZQpmb3VyCmZpdmUgbwoKdHdvLyAgICAgICAgICAgIDAgICAgICAgICAgIDAgICAgIDAgICAgIDY0
NCAgICAgOSAgICAgICAgIGAKMQoyMgozMzMKCg==
END
base64 -d >t.zip <<'END'
UEsDBBQAAAAIAEEQQiw8NY8qJQAAAGMAAAAEAAAAdGV4dMvPS+UqKc9XSAVSGUWpqQqpeqlcafmlRVxpmWWpCvlc+RQrAABQ
SwECFAMUAAAACABBEEIsPDWPKiUAAABjAAAABAAAAAAAAAAAAAAApAEAAAAAdGV4dFBLBQYAAAAAAQABADIAAABHAAAAAAA=
END
base64 -d >text.lzma <<'END'
XQAAgAD//////////wA3m4jM9sZgMgeMXBz+g63KqB+BenzoCi5A8i7bDxvMA01K2//+LJ6A
END
base64 -d >text.xz <<'END'
/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAgb25lCnR3byBlZQp0aHJlZSBlLmUKZm91cgpmaXZlIG8KAAAAANaSmOnShoP9
AAE5Ic8oa2IftvN9AQAAAAAEWVo=
END
base64 -d >text.gz <<'END'
H4sIAAAAAAACA8vPS+UqKc9XSAVSGUWpqQqpeqlcafmlRVxpmWWpCvlcAPCo188hAAAA
END
base64 -d >text.bz2 <<'END'
QlpoOTFBWSZTWWe4rGEAAAxRgAAQQAEDYZeAIAAhqeownqYhAAATI6JDlG5ESKSfHbL4IzvxdyRThQkGe4rGEA==
END
base64 -d >old.tgz <<'END'
H4sIAAAAAAACA+3TOwoCMRRG4dRZRVYgec9+hDto4QRCRl2+Qbv0o0TO1/xwu1ucJs+mDma7HON7u3GtjU7ZJcScYvrcc05e
GTWT8blJlE10exQjfS5VxMhJ9Fr2qtfrXUzRCv9s229nqT/u3439Ly4F+v8Gp73XIQQ6BwAAAAAAAAAAAAAAmNMLeDN0JAAo
AAA=
END
gunzip -c old.tgz >old.tar
cd ..

# ---- the commands ----

# show WORD...: what it says, and how it ends.
show () {
    "$@" </dev/null 2>&1
    echo "-> $?"
}

tab=$(printf '\t')
while IFS= read -r line <&3; do
    command=${line#*"$tab"}
    case $line in
    '#'* | *"$tab!"*) continue ;;
    esac
    rm -rf here
    cp -a fixture here
    echo "== ${line%%"$tab"*}: $command"
    (cd here && show sh -c "$command" 3<&-)
done 3<"$table"
[ $# -gt 1 ] || exit 0
for tool in $(busybox --list); do
    echo "== help of $tool"
    show busybox "$tool" --help
done
