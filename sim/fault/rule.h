/* rule: one thing that is to go wrong: what, where and when. Plain data, in the plan.
 *
 * A rule counts its opportunities (each call of the component, each message, each command of
 * the disk; see kinds.def) from virtual time `from` on, and strikes at every `call`-th of them,
 * or at one in `odds`, by a seeded draw. Both depend on nothing but the machine's own history,
 * so faults are part of the deterministic run.
 */
#ifndef SIM_FAULT_RULE_H
#define SIM_FAULT_RULE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define FAULT_RULES_MAX 128u
#define FAULT_ANY       0xffffu

enum fault_kind {
#define KIND(name, word, place, again, help) FAULT_##name,
#include "fault/kinds.def"
#undef KIND
    FAULT_KINDS
};

enum fault_place {
    FAULT_AT_CALL    = 1 << 0,
    FAULT_AT_ALLOC   = 1 << 1,
    FAULT_AT_FIBER   = 1 << 2,
    FAULT_AT_MESSAGE = 1 << 3,
    FAULT_AT_DISK    = 1 << 4,
    FAULT_AT_HANDLE  = 1 << 5,
};

struct fault_kind_info {
    const char *word;
    enum fault_place place;
    bool again; /* a replay does it again */
    const char *help;
};

extern const struct fault_kind_info fault_kinds[FAULT_KINDS];

struct fault_rule {
    char name[16];
    uint32_t serial; /* no other rule has it, also none that has its place in the table later */
    uint8_t kind;
    bool persistent; /* whoever does again what it struck is struck again */
    bool after;      /* when the handler has done its work, not before */
    uint16_t component;
    uint16_t interface; /* FAULT_ANY: all, */
    uint16_t operation; /* and of one: all */
    uint64_t from, until; /* cycles of virtual time; until is not part of it */
    uint64_t every;       /* not 0: only the first opportunity in each such time from there counts */
    uint32_t skip;        /* so many opportunities are passed over; */
    uint32_t call;        /* then every so many; */
    uint32_t odds;        /* not 0: one in so many instead */
    uint32_t times;       /* at most; 0: without end */
    uint64_t seed;
    uint64_t amount;      /* cycles */
    uint64_t first, last; /* sectors, of commands to a disk */
};

/* What a rule has counted. Of another serial: nothing yet. */
struct fault_seen {
    uint32_t serial;
    uint32_t count; /* opportunities, */
    uint32_t span;  /* and in which span of time the last one was, + 1 */
};

/* What came of a rule: in the page of its component, which no recovery puts back. Written by
 * the domain that hosts the component; whoever else reads it believes nothing. */
struct fault_record {
    _Atomic uint32_t serial; /* of the rule; another: nothing came of it yet */
    _Atomic uint32_t fired;
    uint32_t mark;  /* the opportunity it struck last: up to there all is done again */
    struct fault_seen seen; /* of kinds that a replay does not come by */
    uint32_t again; /* RELAPSE: how many of the strikes had their second */
    uint32_t ended; /* the opportunity at the end of whose handler it struck last */
    _Atomic uint64_t at; /* virtual time of the last strike */
};

/* How long it took, of the host's time, from a strike that killed or stopped the component until
 * it had served a call again. */
struct fault_sample {
    uint32_t rule;
    uint32_t us;
};

#define FAULT_SAMPLES_MAX 1300u

struct fault_page {
    struct fault_record records[FAULT_RULES_MAX];
    uint32_t repeat_to; /* + 1: the last message to this domain is to come once more */
    uint64_t struck_ns; /* 0: it serves */
    uint32_t struck_rule;
    _Atomic uint32_t sample_count; /* ever; those beyond the table are not kept */
    struct fault_sample samples[FAULT_SAMPLES_MAX];
};

#define FAULT_PAGE_BYTES 0x4000u

#endif
