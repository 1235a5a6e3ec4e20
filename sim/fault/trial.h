/* trial: one real run of a machine, in a process of its own, with something that goes wrong in
 * it; and what came of it. Whatever happens there, who asked for it lives on and knows. */
#ifndef SIM_FAULT_TRIAL_H
#define SIM_FAULT_TRIAL_H

#include <glib.h>

#include "board/board.h"
#include "fault/rule.h"

/* What all trials of a machine share. */
struct trial_setup {
    const char *machine;
    char **assignments;    /* of the user; end with NULL */
    const char *commands;  /* for the shell; its exit status tells how it went */
    const char *folder;    /* for what the trial writes */
    const char *image;     /* what disk0 holds at the start; NULL: there is no disk */
};

/* Of the host's time, in which nothing at all happens: that is a hang, also on a host that has much
 * else to do. And of virtual time, where something happens for ever. */
#define TRIAL_PATIENCE_MS 120000u
#define TRIAL_VIRTUAL_MAX_NS (3600ull * 1000000000u)

/* Of all components, as many as there are and fit. */
#define TRIAL_SAMPLES_MAX 8192u

enum trial_death { TRIAL_LIVED, TRIAL_CAME_BACK, TRIAL_DIED };

struct trial_result {
    bool ran;      /* the machine booted, or came to an end that says why not */
    bool finished; /* the supervisor ended by itself */
    enum board_end end;
    int status; /* of the shell */
    uint32_t fired[FAULT_RULES_MAX];
    uint32_t seen[FAULT_RULES_MAX]; /* opportunities of each rule */
    uint32_t sample_count;
    struct fault_sample samples[TRIAL_SAMPLES_MAX];
    uint64_t virtual_ns;
    uint64_t host_ns;
    uint64_t trace;
    uint32_t domain_count;
    char domains[DOMAIN_MAX][16];
    uint8_t deaths[DOMAIN_MAX]; /* enum trial_death */
    /* What each component but the nucleus and the programs knew in the end; 0: of those two, or
     * it is damaged. And where it lived. */
    uint32_t component_count;
    uint64_t digests[COMPONENT_MAX];
    char components[COMPONENT_MAX][16];
    uint64_t calls_ns[COMPONENT_MAX]; /* virtual time that its calls took, all together */
    uint8_t homes[COMPONENT_MAX];
    char gave_up[320]; /* why the kernel halted by itself; "": it did not */
    uint32_t audits_differ; /* memories that were not what their journals lead to */
    uint32_t violations; /* messages refused as malformed, all together */
    bool image_clean;    /* e2fsck finds nothing wrong, or there is nothing to look at, */
    bool image_usable;   /* or could repair it */
    GString *output;     /* of the machine's terminal */
    GString *report;     /* of the board */
};

/* Runs it, with `faults` (assignments, ending with NULL; or NULL) beside the setup's own. Who
 * answers is to clear the result. */
void trial_run (const struct trial_setup *setup, char **faults, struct trial_result *result);
void trial_result_clear (struct trial_result *result);

/* The path of a fresh ext2 in the folder; NULL: this host cannot make one. */
char *trial_image_make (const char *folder);

#endif
