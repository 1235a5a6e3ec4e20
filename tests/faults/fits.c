/* fits: see fits.h. */
#include "faults/fits.h"

#include <stdio.h>
#include <string.h>

#define NONE ((enum fault_place)0)

static const struct exception {
    const char *name;
    bool others; /* it is about all but that one */
    enum fault_kind kind;   /* of one kind, */
    enum fault_place place; /* or all of one place, if not NONE */
    const char *reason;
} exceptions[] = {
    { "blk", true, FAULT_KINDS, FAULT_AT_DISK, "drives no disk" },
    { "vfs", true, FAULT_FILES, NONE, "has no descriptors of programs" },
    { "log", false, FAULT_ARENA, NONE, "takes no memory once it has started" },
    { "clock", false, FAULT_ARENA, NONE, "takes no memory once it has started" },
    { "tty", false, FAULT_ARENA, NONE, "takes no memory once it has started" },
    { "dev", false, FAULT_ARENA, NONE, "takes no memory once it has started" },
    { "rs", false, FAULT_ARENA, NONE, "takes no memory once it has started" },
};

static const struct exception *
exception_of (unsigned victim, enum fault_kind kind)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (exceptions); i++) {
        const struct exception *e = &exceptions[i];
        bool about = e->place != NONE ? e->place == fault_kinds[kind].place : e->kind == kind;

        if (about && victim_is (victim, e->name) != e->others)
            return e;
    }
    return NULL;
}

bool
fits (unsigned victim, enum fault_kind kind)
{
    return exception_of (victim, kind) == NULL;
}

void
fits_print (void)
{
    for (unsigned k = 0; k < FAULT_KINDS; k++)
        for (unsigned v = 0; v < VICTIMS; v++) {
            const struct exception *e = exception_of (v, k);

            if (e != NULL && !e->others)
                printf ("# %-9s %-13s left out: it %s\n", victims[v].name, fault_kinds[k].word,
                        e->reason);
        }
    printf ("# and kinds about disks and descriptors in all but blk and vfs\n");
}
