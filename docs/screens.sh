#!/bin/sh
# screens: puts the dashboard's screens and keys into dashboard.md and the README, from the real
# program.
#
# The pages hold, between the lines `<!-- begin PART -->` and `<!-- end -->`, what is made here.
# Usage: screens.sh BUILD-DIRECTORY
set -eu

build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
XDG_RUNTIME_DIR=$work
export XDG_RUNTIME_DIR
trap 'rm -rf "$work"' EXIT
cd "$work"
PATH=$PATH:/sbin:/usr/sbin
mke2fs -q -t ext2 base 8M >/dev/null 2>&1 || : >base # without a disk then

# screen PART MACHINE ROWS COLUMNS KEYS: the keys are those of tests/ui/screens.c.
screen () {
    cp base disk
    disk=
    [ -s disk ] && disk='--disk disk'
    {
        echo '```'
        # shellcheck disable=SC2086
        "$build/tests/ui/screens" "$3" "$4" '# ' "$5" "$build/khimera" run "$2" --dashboard --shell sh $disk
        echo '```'
    } >"$1"
    "$build/khimera" ctl quit >/dev/null 2>&1 || :
}

load='2|leaves the console|fsload -n 1000000 \&\r|fsload|\001|enter types|1|K kill||k calls/s|'
for machine in monolithic hybrid microkernel; do
    screen "$machine-80x24" "$machine" 24 80 "$load"
    screen "$machine-120x40" "$machine" 40 120 "$load"
done
screen anatomy microkernel 24 80 \
    '2|leaves the console|ls -a /lost+found\r|..|\001|enter types|3|fs.|/op:getdents\r|/op:getdents|g\r|one address space|'

{
    echo '| key | does | which is the command |'
    echo '| --- | --- | --- |'
    sed -n 's/^KEY ("\([^"]*\)", "\([^"]*\)", "\([^"]*\)", [^,]*, "\(.*\)")$/\1\t\2\t\3\t\4/p' \
        "$here/../ui/keys.def" | sed 's/|/\\|/g' |
        awk -F '\t' '{ where = $1 == "any" ? "" : " (" $1 ")"
                       print "| `" $2 "`" where " | " $4 " | `" $3 "` |" }'
} >keys

# Into which page what goes, the page says.
for page in "$here/dashboard.md" "$here/../README.md"; do
    awk -v work="$work" '
        /^<!-- begin / { print; while ((getline line < (work "/" $3)) > 0) print line
                         close (work "/" $3); inside = 1 }
        /^<!-- end/    { inside = 0 }
        !inside        { print }' "$page" >page
    cp page "$page"
done
