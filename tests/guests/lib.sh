# lib: what the scripts about real programs share, beside tests/machine/lib.sh.
#
# Gives them $tools, a folder with the host's own busybox under the name of each of its tools,
# and `compile`. Skips all if this host has no static busybox.

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../machine/lib.sh"
busybox=$(command -v busybox)
if [ -z "$busybox" ] || [ "$(uname -m)" != x86_64 ]; then
    echo "1..0 # SKIP no busybox for x86-64 here"
    exit 0
fi
tools=$work/tools
mkdir tools
"$busybox" --install -s tools

# native COMMAND...: in a folder of its own, where only busybox's tools are.
native () {
    mkdir -p "$work/native"
    (cd "$work/native" && env -i PATH="$tools" HOME=/ TERM=xterm "$@") </dev/null
}

# real MACHINE OPTION...: the machine with busybox as its shell.
real () {
    machine=$1
    shift
    "$khimera" run "$machine" --shell /bin/busybox --timeout 100 "$@" </dev/null
}

# compile SOURCE [PROGRAM] [LIBRARY...]: tests/guests/SOURCE.c as a static program.
compile () {
    compiled=$1 program=${2-$1}
    shift
    [ $# -eq 0 ] || shift
    ${CC:-cc} -O1 -static -w -pthread -I"$here/.." -o "$program" "$here/$compiled.c" "$@" 2>compile.log
}
