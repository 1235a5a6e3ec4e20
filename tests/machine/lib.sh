# lib: what the scripts that drive whole machines share. Sourced after `set -u`.
#
# Gives them $khimera, $tests (khimera with the components and programs of tests/machine), an
# empty folder $work to write in, which is also where they are, and TAP output: `plan N`
# first, then one `ok`, `check` or `says` for each test.

here=$(cd "$(dirname "$0")" && pwd)
khimera=${KHIMERA:-khimera}
tests=${KHIMERA_TESTS:-$(dirname "$khimera")/tests/machine/khimera-tests}
mke2fs=${MKE2FS:-/sbin/mke2fs}
e2fsck=${E2FSCK:-/sbin/e2fsck}
debugfs=${DEBUGFS:-/sbin/debugfs}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM HUP
cd "$work" || exit 99
"$khimera" --version >/dev/null || { echo "Bail out! cannot run $khimera"; exit 99; }
number=0

# Temporary files and sockets would be here.
TMPDIR=$work/tmp
XDG_RUNTIME_DIR=$work/runtime
export TMPDIR XDG_RUNTIME_DIR
mkdir -m 700 "$TMPDIR" "$XDG_RUNTIME_DIR"

plan () {
    echo "1..$1"
}

# ok NAME STATUS: passed if the status is 0; else what is in the file `why` says more.
ok () {
    number=$((number + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        [ -s why ] && { head -c 4000 why; echo; } | sed 's/^/# /'
    fi
    : >why
}

# skip NAME REASON: what cannot be seen here.
skip () {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# check NAME COMMAND...: passed if the command succeeds.
check () {
    checked=$1
    shift
    "$@" >>why 2>&1
    ok "$checked" $?
}

# says NAME STATUS TEXT COMMAND...: the command ends with STATUS, and TEXT is somewhere in what
# it prints.
says () {
    said=$1 wanted=$2 text=$3
    shift 3
    "$@" >said 2>&1 </dev/null
    status=$?
    if [ "$status" -eq "$wanted" ] && { [ -z "$text" ] || grep -qF -e "$text" said; }; then
        ok "$said" 0
    else
        { echo "status $status, not $wanted, or no \"$text\" in:"; cat said; } >why
        ok "$said" 1
    fi
}

# A fresh image FILE of SIZE with an ext2 on it: the same bytes each time. Further words are
# options of mke2fs.
image () {
    image_file=$1 image_size=$2
    shift 2
    rm -f "$image_file"
    E2FSPROGS_FAKE_TIME=1700000000 "$mke2fs" -q -F -t ext2 -b 1024 \
        -U 6b68696d-6572-6120-7465-737400000001 -E hash_seed=6b68696d-6572-6120-7465-737400000002 \
        "$@" "$image_file" "$image_size" >mke2fs.log 2>&1 || { cat mke2fs.log; exit 99; }
}

# clean IMAGE: e2fsck finds nothing wrong.
clean () {
    "$e2fsck" -fn "$1" >fsck.log 2>&1 || { cat fsck.log; return 1; }
}

digest () {
    md5sum "$1" | cut -d ' ' -f 1
}

# A value of a file that --stats wrote.
stat_of () {
    sed -n "s/^  \"$2\": \"\\{0,1\\}\\([^\",]*\\).*/\\1/p" "$1"
}

# partition SEED [COMPONENT...]: one way to spread these components, or those of a plain
# machine, over domains, as options of `khimera run`. Every partition can come.
partition () {
    partition_seed=$1
    shift
    [ $# -ne 0 ] || set -- log clock tty pm vfs tmpfs dev proc blk ext2
    echo "$@" | awk -v seed="$partition_seed" '
        function chance (bound) { state = state * 16807 % 2147483647; return state % bound }
        {
            state = seed * 7919 + 1
            for (i = 0; i < 20; i++)
                chance (2)
            domains = 1 + chance (NF + 1)
            for (i = 1; i <= NF; i++) {
                to = chance (domains)
                printf "--set component.%s.domain=%s ", $i, to == 0 ? "kernel" : "part" to
            }
            if (chance (3) == 0)
                printf "--set user.domain=kernel"
            print ""
        }'
}

# children PROCESS: the processes it has started, or that were started in its name.
children () {
    cat /proc/"$1"/task/*/children 2>/dev/null
}

# left_running: the processes that were started with a name from $work on their command line,
# so every machine that has a disk there; false if there are none. Waits for them: those that have
# been killed need the CPU once more to end, and on a busy host others may have it.
left_running () {
    moments=0
    # What grep finds counts, not its status: some process always ends while it looks.
    while grep -lsF "$work/" /proc/[0-9]*/cmdline >left; [ -s left ]; do
        moments=$((moments + 1))
        [ $moments -lt 200 ] || { cat left; return 0; }
        sleep 0.05
    done
    return 1
}

# files_left: temporary files and sockets, and names in shared memory; false if there are none.
files_left () {
    find "$TMPDIR" "$XDG_RUNTIME_DIR" ! -type d | grep . && return 0
    ls /dev/shm 2>/dev/null | grep -i khimera
}

# twice_at_a_time FUNCTION FIRST LAST: runs FUNCTION N for each N, two beside each other, each
# in a folder of its own below which it may write; false if one was.
twice_at_a_time () {
    spread=$1 first=$2 last=$3
    for half in 0 1; do
        (
            bad=0 n=$((first + half))
            while [ $n -le "$last" ]; do
                mkdir -p "run$n" && (cd "run$n" && "$spread" $n >why 2>&1) || {
                    echo "$spread $n:"
                    cat "run$n/why"
                    bad=1
                }
                rm -rf "run$n"
                n=$((n + 2))
            done
            exit $bad
        ) >"half$half" 2>&1 &
        eval "half$half=$!"
    done
    failed=0
    wait "$half0" || failed=1
    wait "$half1" || failed=1
    cat half0 half1 >>why
    return $failed
}
