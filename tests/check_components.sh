#!/bin/sh
# check_components: component code keeps its state in its arena and takes time, chance and
# memory only from the runtime. Here that is read off the objects:
#
#   servers/                  no writable data; calls only the runtime's component_, call_,
#                             link_, ..., the device models and the pure functions of libc
#                             named below
#   personalities/*/programs/ and lib/
#                             no writable data; calls only posix_, program_, their library,
#                             the same pure functions, and those for numbers and characters
#
# The tables of classes and of programs are no such code: the machine reads them while it is
# put together.
#
# Constant tables of pointers (.data.rel.ro) are read-only once the program has been loaded.
# Sanitizers add writable sections and calls of their own to every object, so with them
# (SANITIZERS not empty) the sections are not checked and their calls are let through.
#
# Usage: check_components.sh [LIST]     a file that names the objects, one a line. Without
# it, components.list of the build directory, which `make` writes. As a test it is given none.
set -eu

list=${1:-components.list}
NM=${NM:-nm}
SIZE=${SIZE:-size}
SANITIZERS=${SANITIZERS:-}

# Functions of libc that read and write nothing but their arguments.
pure='mem(cpy|move|set|cmp|chr|rchr|mem|ccpy|pcpy)|__mem(cpy|move|set)_chk'
pure="$pure|bcmp|str(len|nlen|cmp|ncmp|chr|chrnul|rchr|spn|cspn|str|pbrk)|rawmemchr"
pure="$pure|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_"
sanitizer='__(asan|ubsan|sanitizer|lsan|tsan|msan)_[a-zA-Z0-9_]*|__odr_asan[._].*'

runtime='(component|call|link|status|interface|class|disk|terminal)s?(_[a-z0-9_]*)?'
programs='(posix|program|status)s?(_[a-z0-9_]*)?|user_trap'
# Programs may also format and read numbers and look at characters: the C locale is the only
# one, and short numbers need no memory.
programs="$programs|v?snprintf|strto(l|ll|ul|ull|d)|is[a-z]+|to(lower|upper)"
programs="$programs|__ctype_[a-z]+_loc|__errno_location|__v?snprintf_chk"
programs="$programs|__isoc[0-9]+_strto(l|ll|ul|ull)"

if ! [ -r "$list" ]; then
    echo "check_components: no $list here; run make first" >&2
    exit 99
fi

# The objects of one of the two kinds of code.
objects () {
    case $1 in
    servers) grep -E '^servers/.*\.o$' "$list" | grep -v '^servers/classes\.o$' ;;
    programs)
        grep -E '^personalities/[^/]+/(programs|lib)/.*\.o$' "$list" |
            grep -v '/programs/programs\.o$'
        ;;
    esac || true
}

writable_data () {
    "$SIZE" -A "$1" | awk '
        $1 ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
            printf "%s (%d bytes) ", $1, $2
        }'
    "$NM" "$1" | awk '$(NF - 1) == "C" { printf "common %s ", $NF }'
}

# Symbols that any object of the kind defines may be used by the others of it.
check () {
    kind=$1 allowed=$2
    objects "$kind" >"$scratch/objects"
    : >"$scratch/own"
    while read -r object; do
        "$NM" -g --defined-only "$object"
    done <"$scratch/objects" | awk 'NF >= 3 { print $NF }' | sort -u >"$scratch/own"

    while read -r object; do
        count=$((count + 1))
        if [ -z "$SANITIZERS" ]; then
            found=$(writable_data "$object")
            if [ -n "$found" ]; then
                echo "$object: writable data: $found" >&2
                echo "    $("$NM" "$object" | awk '$(NF - 1) ~ /^[bBdDsSgGC]$/ &&
                    $NF !~ /^\./ { printf "%s ", $NF }')" >&2
                bad=1
            fi
        fi
        "$NM" -u "$object" | awk '{ print $NF }' | sort -u |
            comm -23 - "$scratch/own" |
            grep -Ev "^($pure|$sanitizer|$allowed)\$" >"$scratch/wrong" || true
        if [ -s "$scratch/wrong" ]; then
            echo "$object: may not use: $(tr '\n' ' ' <"$scratch/wrong")" >&2
            bad=1
        fi
    done <"$scratch/objects"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 99' HUP INT TERM

bad=0 count=0
LC_ALL=C
export LC_ALL
check servers "$runtime"
check programs "$programs"
[ "$bad" -eq 0 ] || exit 1
echo "$count objects of components and programs: no writable data, no forbidden call"
