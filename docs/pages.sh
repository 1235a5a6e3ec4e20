#!/bin/sh
# pages: puts what the program says about itself into the manual pages.
#
# A page holds, between the lines `.\" begin PART` and `.\" end`, what `khimera help --man PART`
# prints. Usage: pages.sh [--check] KHIMERA. --check changes nothing and fails if a page is
# behind.
set -eu

check=
if [ "$1" = --check ]; then
    check=yes
    shift
fi
khimera=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
behind=0

for part in commands keys classes faults syscalls; do
    "$khimera" help --man "$part" >"$work/$part"
done
for page in "$here"/*.[1-8]; do
    awk -v work="$work" '
        /^\.\\" begin / { print; while ((getline line < (work "/" $3)) > 0) print line; inside = 1 }
        /^\.\\" end/    { inside = 0 }
        !inside         { print }' "$page" >"$work/page"
    cmp -s "$page" "$work/page" && continue
    if [ -n "$check" ]; then
        echo "$page is behind; run $0 $khimera" >&2
        behind=1
    else
        cat "$work/page" >"$page"
    fi
done
exit $behind
