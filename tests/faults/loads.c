/* loads: see loads.h. */
#include "faults/loads.h"

#include <glib.h>

/* Somebody who wants to know what became of crashed components. */
#define HISTORY    "cat /proc/machine/restarts || e=3; "
#define HISTORY_6  HISTORY HISTORY HISTORY HISTORY HISTORY HISTORY

/* What each says is told in the end. */
static char *
all_and (unsigned seed, const char *more)
{
    return g_strdup_printf ("onceload -s %u -n 500 /load /tmp/load >/tmp/o & o=$!; "
                            "fsload -s %u -n 250 -d /fs >/tmp/f & f=$!; "
                            "pipeload -s %u -n 30 >/tmp/p & p=$!; "
                            "memload -s %u -n 400 -p 96 >/tmp/m & m=$!; "
                            "spawnload -s %u -n 12; e=$?; "
                            "wait $o || e=$?; wait $f || e=$?; wait $p || e=$?; "
                            "wait $m || e=$?; "
                            "memload -s %u -n 300 -p 64 || e=$?; %s"
                            "cat /tmp/o /tmp/f /tmp/p /tmp/m; sync; exit $e",
                            seed, seed, seed, seed, seed, seed, more);
}

char *
load_all (unsigned seed)
{
    return all_and (seed, "");
}

char *
load_all_and_history (unsigned seed)
{
    return all_and (seed, HISTORY_6);
}

char *
load_memory (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 700 /load /tmp/load; e=$?; "
                            "memload -s %u -n 200 -p 64 || e=$?; exit $e",
                            seed, seed);
}

char *
load_history (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 700 /load /tmp/load; e=$?; "
                            HISTORY_6 "memload -s %u -n 200 -p 64 || e=$?; exit $e",
                            seed, seed);
}
