/* structures: the placements in which each suite runs, and one run in one of them. */
#ifndef TESTS_SUITES_STRUCTURES_H
#define TESTS_SUITES_STRUCTURES_H

#include <glib.h>

#include "board/board.h"
#include "probe.h"

/* One suite with one provider. */
struct trial {
    const char *name; /* "fs of tmpfs" */
    const struct component_class *probe;
    const struct suite *suite;
    const char *subject;  /* a component, or "nucleus" or "user" */
    const char *machine;  /* lines of the machine file: more keys of the probe first, then
                             sections; "@" stands for the image's path */
    const char *more;     /* components that these sections add */
    const char *clock;    /* of the programs; NULL: the only one there is */
    unsigned image_block; /* of an ext2 image that is made for each run; 0: none */
    unsigned cancels;     /* calls of the programs to their clock that are given up */
};

/* Where the probe, its subject and all others live. */
struct structure {
    const char *name;
    const char *probe, *subject, *others;
    bool direct;      /* from the probe to its subject */
    unsigned replace; /* processes, while it runs */
};

extern const struct structure structures[]; /* ends with a name of NULL */

/* Can the image that a trial wants be made and checked on this host? */
bool structure_has_tools (const struct trial *trial);

/* nucleus and user cannot be put wherever one likes. */
bool structure_fits (const struct structure *structure, const struct trial *trial);

/* What is left of a run. */
struct run {
    struct probe probe; /* a copy; its pointers are not for use */
    enum board_end end;
    GString *report; /* the board's */
    GString *output; /* of the machine's terminal */
    GString *wrong;  /* what did not end well; empty: nothing. For people */
};

void structure_run (const struct structure *structure, const struct trial *trial,
                    struct run *run);
void run_clear (struct run *run);

#endif
