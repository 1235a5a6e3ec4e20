#!/bin/sh
# listed: every test that is in the tree is one that `make check` runs: scripts that print TAP, and
# programs that are named as tests.
set -u
tree=${srcdir:-$(dirname "$0")/..}
cd "$tree" || exit 99

# listed TEST: it is on a list in tests.am, or in one of its folder.
listed () {
    path=${1#tests/}
    path=${path%.c}
    grep -qE "%D%/$path( |\$)" tests/tests.am ||
        cat "${1%/*}"/*.am 2>/dev/null | grep -qE "%D%/${path##*/}( |\$)"
}

seen=0 forgotten=0
for test in $(find tests -name '*.tap' -o -name 'test_*.c' -o -name 'fuzz_*.c' | sort); do
    seen=$((seen + 1))
    listed "$test" || {
        echo "$test is on no list: nobody runs it"
        forgotten=$((forgotten + 1))
    }
done
echo "$seen tests, $forgotten of them forgotten"
[ $seen -gt 60 ] && [ $forgotten -eq 0 ]
