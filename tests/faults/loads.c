/* loads: see loads.h. */
#include "faults/loads.h"

#include <glib.h>

/* What each says is told in the end. */
char *
load_all (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 500 /load /tmp/load >/tmp/o & o=$!; "
                            "fsload -s %u -n 250 -d /fs >/tmp/f & f=$!; "
                            "pipeload -s %u -n 30 >/tmp/p & p=$!; "
                            "memload -s %u -n 400 -p 96 >/tmp/m & m=$!; "
                            "spawnload -s %u -n 12; e=$?; "
                            "wait $o || e=$?; wait $f || e=$?; wait $p || e=$?; "
                            "wait $m || e=$?; "
                            "cat /tmp/o /tmp/f /tmp/p /tmp/m; sync; exit $e",
                            seed, seed, seed, seed, seed);
}

char *
load_tolerant (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 700 /load /tmp/load", seed);
}

char *
load_memory (unsigned seed)
{
    return g_strdup_printf ("onceload -s %u -n 700 /load /tmp/load; e=$?; "
                            "memload -s %u -n 200 -p 64 || e=1; exit $e",
                            seed, seed);
}
