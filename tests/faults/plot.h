/* plot: one run of a machine in which something goes wrong: the rules for it, what is to come of
 * it, and how to do it again. */
#ifndef TESTS_FAULTS_PLOT_H
#define TESTS_FAULTS_PLOT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "fault/outcome.h"

/* ---- who is struck ---- */

struct victim {
    const char *name;
    unsigned odds; /* by chance: about as often as any other; */
    unsigned rarer; /* and where nobody dies */
};

#define VICTIMS 12u

extern const struct victim victims[VICTIMS];

bool victim_is (unsigned victim, const char *name);

/* ---- what all runs have in common ---- */

struct ground {
    char *folder, *image;
    uint64_t booted_ns; /* when machines have certainly booted, in virtual time */
};

extern struct ground ground;

/* A placement, and what else it is made of. */
struct structure {
    const char *machine;
    const char *settings[10]; /* assignments */
    /* Who does not die by chance: a message to a process that leads to calls inside of it, and to
     * two crashes, is one that kills it again, and is refused as the ladder has it. */
    const char *spared[8];
};

/* Every component apart; the core in the kernel; few processes that share; one of them for all
 * drivers, as hosts of Windows drivers have it. */
enum { APART, HYBRID, SHARED, DRIVER_HOST, MONOLITHIC, STRUCTURES };

extern const struct structure structures[STRUCTURES];

/* Is it there, in a process outside the kernel? */
bool structure_has_apart (unsigned structure, unsigned victim);
bool structure_spares (unsigned structure, unsigned victim);

/* Makes it; false: there is no mke2fs, or no place for an image. */
bool ground_make (void);
/* Whether nothing is left behind. */
bool ground_clear (void);
/* Assignments of all machines; owned by the caller. */
char **ground_assignments (unsigned structure, const char *restart);

/* ---- a run ---- */

struct plot {
    unsigned structure;
    const char *restart;
    const char *commands;
    GPtrArray *assignments; /* of its rules */
    unsigned count;
    struct {
        uint8_t victim, kind;
    } rules[FAULT_RULES_MAX];
};

void plot_begin (struct plot *plot, unsigned structure, const char *restart, const char *commands);
void plot_clear (struct plot *plot);
/* A rule about a component. */
void plot_rule (struct plot *plot, unsigned victim, enum fault_kind kind);
/* What the last rule says beside that. */
void plot_more (struct plot *plot, const char *key, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* What the machine's file says beside the rules: "machine.audit=1". */
void plot_set (struct plot *plot, const char *assignment);

void plot_run (struct plot *plot, struct trial_result *result);
/* How often its rules struck. */
unsigned plot_fired (const struct plot *plot, const struct trial_result *result);
/* As predicted (bit n: outcome n), or said otherwise, with how to do it again. */
bool plot_expected (const struct plot *plot, const struct trial_result *result,
                    enum outcome outcome, unsigned predicted, const char *why);

/* The run in which nothing goes wrong; without one that is right there is no campaign. */
void calm_run (unsigned structure, const char *commands, struct trial_result *calm);
/* What is common to its runs; the assignments are the caller's. */
struct trial_setup ground_setup (unsigned structure, const char *commands, char **assignments);

#endif
