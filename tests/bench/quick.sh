#!/bin/sh
# quick: `khimera bench --quick` measures every row and prints it, as text and as JSON. What
# it measures is not looked at: that is the host's affair.
set -eu

khimera=${KHIMERA:-./khimera}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail () {
    echo "quick: $*" >&2
    cat "$work"/* >&2
    exit 1
}

"$khimera" bench --quick >"$work/text" 2>"$work/errors" || fail "exit status $?"
"$khimera" bench --quick --json >"$work/json" 2>>"$work/errors" || fail "exit status $? with --json"
! grep -v "ASan doesn't fully support makecontext" "$work/errors" || fail "it complained"

# One CPU is enough for all but these.
cpus=$(nproc)
for row in function_call host_getpid lines one_line pipe swapcontext fiber_switch direct_call \
    faults_off direct_call_armed \
    trap yield guest_call guest_read guest_fault guest_page_back guest_fault_again guest_pages getpid_one_domain getpid_pm_apart getpid_microkernel channel_two_cpus channel_one_cpu \
    channel_free channel_page boot event_core; do
    grep -q "\"key\": \"$row\"" "$work/json" || fail "no row $row"
    name=$(grep -A1 "\"key\": \"$row\"" "$work/json" | sed -n 's/.*"name": "\(.*\)",/\1/p')
    grep -Fq "$name" "$work/text" || fail "no line for $row"
done
if [ "$cpus" -gt 1 ]; then
    ! grep -q '"ns_median": null' "$work/json" || fail "a row was not measured"
    ! grep -q '"why"' "$work/json" || fail "a row was not measured"
fi
"$khimera" bench nonsense >"$work/text" 2>&1 && fail "an argument was taken"
exit 0
