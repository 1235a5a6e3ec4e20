/* policy: what is done about a crash. Pure functions on what is known: the component rs asks
 * them, and so does the board when there is no rs, or when rs is what crashed. */
#ifndef RS_POLICY_H
#define RS_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "interfaces/interfaces.h"

enum rs_cause {
    RS_CRASH,     /* it did something that no process survives */
    RS_KILLED,    /* somebody outside of the machine ended its process */
    RS_SPUN,      /* it had the token and used CPU time, but came to nothing */
    RS_STUCK,     /* it never answered what it was asked */
    RS_VIOLATION, /* it sent what may not be sent */
    RS_MISMATCH,  /* its memory is not what its journal leads to */
    RS_CAUSES
};

/* From what loses least to what loses most. */
enum rs_action {
    RS_AGAIN,      /* replay, and what it was doing is tried once more */
    RS_REFUSE,     /* replay, but what it was doing is answered ERR_CRASHED */
    RS_OLDER,      /* likewise, from the snapshot before the last */
    RS_COLD,       /* it begins anew on nothing; what may be asked twice is asked again */
    RS_DEPENDENTS, /* and so does whoever calls it */
    RS_OFF,        /* it stays dead: who calls it gets errors */
    RS_PANIC,      /* and the machine with it */
    RS_ACTIONS
};
#define RS_POSSIBLE(action) (1u << (action))

/* In `possible`, beside the actions: it could get a process of its own. */
#define RS_POSSIBLE_OWN 0x10000u

#define RS_DOMAINS_MAX 128u /* that a policy remembers */
#define RS_TIMES_MAX   64u

/* What a policy remembers of a domain. All zero: nothing. */
struct rs_memory {
    char domain[16];
    uint32_t crashes;               /* ever */
    uint64_t times_ns[RS_TIMES_MAX]; /* of the last ones: crashes % RS_TIMES_MAX is the next */
    uint64_t anew_ns; /* when it last began anew because nothing less helped; 0: never */
};

const char *rs_cause_name (enum rs_cause cause);
const char *rs_action_name (enum rs_action action);

/* The ladder: try again, refuse, older memory, anew, dependents too, off; each rung when the
 * one before did not help, the one after `anew` when that was so within window_ns: then what
 * kills it comes from those who call it. More than `intensity` in window_ns: off. From the third
 * crash in that time on each restart that loses something waits longer than the one before. */
void rs_ladder (struct rs_memory *memory, const struct rs_report_req *report,
                struct rs_report_rep *decision);

/* As a host of Windows drivers is treated: what crashes in a shared host is put into a process
 * of its own; what crashes there too often is switched off; after window_ns without a crash
 * all is forgotten. */
void rs_driver_host (struct rs_memory *memory, const struct rs_report_req *report,
                     struct rs_report_rep *decision);

#endif
