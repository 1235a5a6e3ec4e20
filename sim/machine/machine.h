/* machine: the memory that a machine is, and where each part of it lies.
 *
 * Everything that matters about a running machine is in memfds that the board made, mapped
 * at the addresses below in whichever process executes it. A domain is a process and the
 * parts that it maps. All processes are forked from one image, so pointers to code and
 * constants agree too. While a domain does not hold the token, its process can be killed
 * and a fresh one put in its place: the memory does not notice.
 *
 * part          written by            mapped, beside its writer, by
 * plan          the board             every domain, read-only
 * custody       a page each domain    every domain, read-only
 * door          bell: all that link   owner
 *               face: the domain      those that link to it, read-only
 * runtime       its domain            nobody
 * component     the domain that       nobody; the kernel maps the programs' memory
 *               hosts it
 * stats         the hosting domain    the kernel, read-only
 * channel half  its sender            its receiver, read-only
 * device        its driver, board     nobody
 * watch         its domain            nobody
 * faults        the domain that       nobody
 *               hosts the component
 * ram           the kernel            real programs, page by page (guest/space.h)
 * guests        the kernel            the nursery; each real program its slice
 * archive       the board             the kernel, read-only
 *
 * The board maps everything.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "component.h"
#include "config/cost.h"
#include "fault/rule.h"
#include "watch/brake.h"

#define DOMAIN_MAX    128u
#define COMPONENT_MAX 126u /* the nucleus and the programs included */
#define DEVICE_MAX    64u
#define LINK_TABLE_MAX 4096u
#define COMPONENT_LINKS_MAX 160u

/* The first domain and the first two components are always these. */
#define DOMAIN_KERNEL     0u
#define COMPONENT_NUCLEUS 0u
#define COMPONENT_USER    1u

/* ---- addresses: between what the sanitizers and what ASLR use. The address sanitizer's shadow
 * ends just above 2^44, its heap begins at 0x500000000000 or 0x600000000000. ---- */

#define MACHINE_BASE 0x200000000000u
#define GIB          0x40000000u

#define ADDRESS_PLAN         (MACHINE_BASE)
#define ADDRESS_CUSTODY      (MACHINE_BASE + 0x8000000u)
#define ADDRESS_DOOR(d)      (MACHINE_BASE + 0x10000000u + (uint64_t)(d) * 0x10000u)
#define ADDRESS_WATCH(d)     (MACHINE_BASE + 0x10000000000u + (uint64_t)(d) * GIB)
#define ADDRESS_DESK         (MACHINE_BASE + 0x30000000000u)
#define ADDRESS_FAULTS(c)    (MACHINE_BASE + 0x20000000000u + (uint64_t)(c) * FAULT_PAGE_BYTES)
#define ADDRESS_DEVICE(i)    (MACHINE_BASE + 0x40000000000u + (uint64_t)(i) * 4 * GIB)
#define ADDRESS_STATS(c)     (MACHINE_BASE + 0x80000000000u + (uint64_t)(c) * 0x1000000u)
#define ADDRESS_JOURNAL(d)   (MACHINE_BASE + 0xc0000000000u + (uint64_t)(d) * 0x10000000u)
#define ADDRESS_RUNTIME(d)   (MACHINE_BASE + 0x100000000000u + (uint64_t)(d) * 8 * GIB)
#define ADDRESS_COMPONENT(c) (MACHINE_BASE + 0x200000000000u + (uint64_t)(c) * 8 * GIB)
#define ADDRESS_CHANNEL(a, b) \
    (MACHINE_BASE + 0x180000000000u + ((uint64_t)(a) * DOMAIN_MAX + (b)) * 0x100000u)

#define ADDRESS_RAM     (MACHINE_BASE + 0x300000000000u)
#define ADDRESS_GUESTS  (MACHINE_BASE + 0x380000000000u)
#define ADDRESS_ARCHIVE (MACHINE_BASE + 0x390000000000u)

#define PAGE_BYTES 4096u

/* ---- token: the one CPU of the machine; travels with every message ---- */

struct token {
    uint64_t now;      /* virtual time, cycles of a 3 GHz CPU */
    uint64_t event;    /* next event's number */
    uint64_t trace;    /* digest of all events so far */
    uint64_t ticket;   /* next place in the queue of ready fibers */
    uint64_t ready[2]; /* bit d: domain d has fibers that are ready */
    uint32_t task;     /* on whose behalf; 0: nobody's */
    uint32_t depth;    /* calls inside calls */
    uint64_t call;     /* the root call that this is part of */
    uint32_t order;    /* the board's last order to step that was seen, */
    uint32_t steps;    /* and how many of its events are still to come; see watch/brake.h */
    uint64_t hop;      /* times it was passed on; see gate/custody.h */
};

/* ---- plan: what the board has decided ---- */

/* What becomes of a process that died; a process goes by the least of its components'. */
enum plan_restart { RESTART_NEVER, RESTART_COLD, RESTART_REPLAY };

struct plan_component {
    char name[16];
    char label[32];
    const struct component_class *class_;
    uint64_t arena_bytes;
    uint32_t domain;        /* where it lives, */
    uint32_t route;         /* where calls for it go: there, or ROUTE_HELD while it moves, */
    uint32_t next;          /* and where a process made now expects it: see board/move.h */
    int32_t device;         /* index into devices; -1: none */
    uint32_t first_link;    /* into links */
    uint32_t link_count;
    uint32_t restart;       /* enum plan_restart */
    bool essential;         /* without it, panic */
    uint32_t intensity;     /* restarts in window_ns */
    uint64_t window_ns;
    uint64_t backoff_ns;
    uint64_t heartbeat_ns;
    uint32_t options;       /* offset into text: key\0value\0 ... \0 */
    _Atomic uint64_t faults[FAULT_RULES_MAX / 64]; /* bit n: rule n is about it */
    uint32_t need_first[8]; /* of each need: first link, relative to first_link, */
    uint32_t need_count[8]; /* and how many */
};

/* Calls for a component that is about to move wait where they are. */
#define ROUTE_HELD UINT32_MAX

typedef enum status handler (Component *self, struct call *call, const void *request, void *reply);

/* The right of one component to call another. In the plan, and not in its owner's memory: a
 * call that was forwarded outlives its owner's stay in a domain. */
struct Link {
    uint16_t index; /* into links */
    uint16_t owner; /* components */
    uint16_t target;
    uint8_t interface;
    uint8_t provision; /* index into the target class's provides */
    const struct operation *operations;
    handler *const *handlers; /* the target's, by operation; NULL: it has none for that */
    struct link_stats *stats; /* the owner's */
    uint64_t what; /* the same part of the events of all its calls: event_what_of_link */
};

enum domain_state { DOMAIN_DOWN, DOMAIN_UP, DOMAIN_DEAD };

struct plan_domain {
    char name[16];
    _Atomic uint32_t state;      /* enum domain_state; UP only once its sandbox was verified */
    _Atomic uint32_t generation; /* processes that have executed it so far */
    _Atomic uint32_t exchanged;  /* of those, how many took another's place for a move */
    _Atomic uint32_t lives;      /* times it began anew, without any memory, */
    _Atomic uint32_t blamed;     /* and how many of those were its own doing */
    _Atomic uint32_t nudges;     /* times it had ready fibers that the token did not know of */
    bool reaches[DOMAIN_MAX];    /* a channel is in use, */
    bool maps[DOMAIN_MAX];       /* and in the memory of a process made now */
    bool journal;                /* it can be replayed after a crash */
};

struct plan_device {
    char name[16];
    char kind[16];
    uint32_t driver; /* component */
    uint64_t bytes;
    uint64_t model_bytes; /* from its start: what is put back with its driver */
};

/* Who still gets through to a component whose calls are held: the root calls that it serves
 * already, for a circle of calls must end. */
#define HOLD_CALLS_MAX 64u

struct hold {
    uint32_t component;
    uint32_t call_count;
    uint64_t calls[HOLD_CALLS_MAX];
};

struct plan {
    uint64_t seed;
    uint64_t epoch_s;
    uint64_t quantum_ns;
    uint32_t tasks_max;
    uint32_t fibers_max; /* in each domain */
    uint64_t ram_bytes;     /* for real programs; 0: there are none */
    uint64_t archive_bytes; /* files to be made at the boot */
    char scheduler[16];
    struct cost_model cost;

    _Atomic uint32_t go;            /* all domains are up: the kernel may boot */
    _Atomic uint32_t stopping;      /* the user asked the machine to halt */
    _Atomic uint32_t input_over;    /* no interrupt will ever come again */
    _Atomic uint32_t deaths;        /* domains that have died or begun anew */
    _Atomic uint32_t idle_answer;   /* the kernel's last question whether to give up: do */
    _Atomic uint32_t regenerations; /* times the board gave a lost token back to the kernel */
    struct token token_back;        /* that one, as whoever had it last left it */
    _Atomic uint64_t lost_hop;      /* a message that did not arrive: to be sent again */
    _Atomic uint64_t granted;       /* the hop by which the board gave it to the kernel */
    _Atomic uint32_t interrupts[DEVICE_MAX]; /* raised so far */
    _Atomic uint32_t interrupt_total;
    bool live;   /* a person is there: pace virtual time, take input when it comes; else input
                    is taken only when nothing else can run, which makes it deterministic */
    bool quiet;
    bool strict; /* the host's clock may stop no program: who computes for long is ended */
    uint32_t rs; /* the component that decides about crashes; 0: none */
    struct brake brake;
    struct hold hold;

    uint32_t component_count;
    uint32_t domain_count;
    uint32_t domain_room; /* those from domain_count on are spare: for components that move */
    uint32_t device_count;
    uint32_t link_count;
    struct plan_component components[COMPONENT_MAX];
    struct plan_domain domains[DOMAIN_MAX];
    struct plan_device devices[DEVICE_MAX];
    struct Link links[LINK_TABLE_MAX];
    uint32_t fault_count;
    uint32_t fault_serial; /* of the rule that came last */
    struct fault_rule faults[FAULT_RULES_MAX];

    uint32_t init_bytes; /* what init is started with, as process.spawn's grant */
    uint32_t init_arguments, init_environment, init_actions, init_action_offset;
    char init[65536];
    char text[65536];
};

#define PLAN ((struct plan *)ADDRESS_PLAN)

/* ---- virtual time ---- */

#define CYCLES_PER_US 3000u
#define NS_TO_CYCLES(ns)     ((uint64_t)(ns) * 3)
#define CYCLES_TO_NS(cycles) ((uint64_t)(cycles) / 3)

/* ---- door: where a domain waits ---- */

struct door {
    _Atomic uint32_t bell; /* changes when somebody wants the domain to look */
    char pad0[PAGE_BYTES - sizeof (uint32_t)];
    /* face: the owner's */
    _Atomic uint32_t asleep; /* about to sleep, or asleep: ring after posting */
    _Atomic uint32_t cpu;    /* the host CPU it last ran on */
    /* head of the queue of ready fibers, for the nucleus to compare */
    _Atomic uint64_t ready_ticket;
    char pad1[PAGE_BYTES - 2 * sizeof (uint32_t) - sizeof (uint64_t)];
};

#define DOOR(d) ((struct door *)ADDRESS_DOOR (d))

/* ---- custody: a domain's page of who gave it the token, and to whom it went ---- */

struct custody {
    _Atomic uint64_t sent; /* the last hop made, and to whom: CUSTODY_OF */
    char pad0[120];        /* who is being sent to looks only there */
    _Atomic uint64_t took; /* the last hop taken, and from whom */
    char pad1[PAGE_BYTES - 136];
};

#define CUSTODY(d) ((struct custody *)ADDRESS_CUSTODY + (d))

/* ---- channel: one message each way ---- */

enum message_kind {
    MESSAGE_CALL = 1, /* a request */
    MESSAGE_REPLY,    /* its answer */
    MESSAGE_UPCALL,   /* start, stop, timer, interrupt of a component */
    MESSAGE_RUN,      /* run the fiber that has been ready longest */
    MESSAGE_YIELD,    /* nothing to do here: the nucleus decides */
    MESSAGE_CANCEL,   /* the call named is not wanted any more */
    MESSAGE_FAIL,     /* domain `link` has died, in the way of `status`: see enum failure */
    MESSAGE_KINDS
};

/* What became of a domain that died, for those who wait for it. */
enum failure {
    FAILURE_GONE,     /* it stays dead */
    FAILURE_ENDED,    /* it has begun anew. Somebody ended it: that is nobody's fault here */
    FAILURE_CRASHED,  /* likewise, and it was its own doing */
};

enum upcall { UPCALL_START, UPCALL_STOP, UPCALL_TIMER, UPCALL_INTERRUPT, UPCALL_COUNT };

struct message {
    _Atomic uint32_t sequence; /* written last; changes with each message */
    uint8_t kind;
    uint8_t operation;
    uint16_t link;      /* CALL: into plan links; UPCALL: component; FAIL: domain */
    uint32_t fiber;     /* of the caller, in the caller's domain */
    uint32_t bulk;      /* bytes in the window; CALL: of `from` */
    uint64_t generation; /* of the call */
    uint32_t status;    /* REPLY: enum status; UPCALL: which; CALL: 1: already cancelled;
                           FAIL: enum failure */
    uint32_t into;      /* CALL: bytes of the grant `into` */
    uint64_t nested;    /* REPLY: cycles spent in calls of the callee */
    uint64_t waited;    /* REPLY: cycles its fiber was blocked; UPCALL: cookie */
    struct token token;
    uint8_t payload[PAYLOAD_MAX];
};

_Static_assert (offsetof (struct message, payload) == 128, "all but the payload is two lines");

struct half {
    struct message message;
    _Atomic uint64_t sum; /* of all but the sequence; 0: none was made. fault/message.c */
    char pad[PAGE_BYTES - sizeof (struct message) - sizeof (uint64_t)];
    uint8_t window[GRANT_MAX];
};

/* All channels are one part; pages that nobody has written take no memory. */
#define CHANNELS_BYTES(domains) ((uint64_t)(domains) * DOMAIN_MAX * 0x100000u)

#define HALF_BYTES ((sizeof (struct half) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES)
/* What `from` writes for `to` to read. */
#define HALF(from, to)                                                                         \
    ((struct half *)(ADDRESS_CHANNEL ((from) < (to) ? (from) : (to), (from) < (to) ? (to) : (from)) \
                     + ((from) < (to) ? 0 : HALF_BYTES)))

/* ---- statistics of a link, in the caller's stats ---- */

#define HISTOGRAM_BUCKETS 256u

struct link_stats {
    uint64_t calls[OPERATION_MAX];
    uint64_t refused;
    uint64_t remote;  /* of the calls: over a channel, */
    uint64_t stopped; /* and by neither gate: they did not get beyond their own end */
    uint64_t bytes;   /* copied */
    uint64_t total;   /* cycles, of all calls, callee included; watch/stats.h knows the gates' */
    uint64_t copy;
    uint64_t waited;
    uint32_t histogram[HISTOGRAM_BUCKETS]; /* of the cycles of a call; watch/histogram.h */
};

struct component_stats {
    uint64_t arena_used;
    uint64_t arena_peak;
    uint64_t work; /* cycles charged by the component itself */
    struct link_stats links[];
};

#define STATS(c) ((struct component_stats *)ADDRESS_STATS (c))

/* ---- faults: what came of the rules; fault/rule.h ---- */

#define FAULTS(c) ((struct fault_page *)ADDRESS_FAULTS (c))

_Static_assert (sizeof (struct fault_page) <= FAULT_PAGE_BYTES, "a page for each component");

/* ---- events ---- */

enum event_kind { EVENT_CALL = 1, EVENT_SYSCALL, EVENT_UPCALL, EVENT_TASK };
enum gate_kind { GATE_DIRECT, GATE_CHANNEL };

/* One line of the cache. */
struct event {
    uint64_t number;
    uint64_t start;  /* cycles */
    uint64_t total;  /* cycles from start to end */
    uint64_t waited;
    uint64_t nested; /* in calls made by the callee */
    uint64_t call;   /* root call */
    union {
        uint64_t what; /* all of this, made by event_what: most of it is the same for a link */
        struct {
            uint8_t from; /* components */
            uint8_t to;
            uint8_t kind;
            uint8_t interface;
            uint8_t operation;
            uint8_t status;
            uint16_t task;
        };
    };
    uint32_t crossing;   /* cycles; those of copying follow from the bytes: stats_copying */
    uint32_t bytes : 20; /* of bulk, both ways */
    uint32_t depth : 8;
    uint32_t gate : 4;
};

_Static_assert (sizeof (struct event) == 64, "an event is a line");
_Static_assert (COMPONENT_MAX <= UINT8_MAX && 2 * GRANT_MAX < 1 << 20, "it fits an event");

#define WATCH_EVENTS 16384u /* a power of two; what fits a cache is written faster */

/* What was said in a call; see watch/note.h. */
struct note {
    _Atomic uint64_t start; /* these two as in its event, */
    uint64_t what;          /* but for the status */
    uint32_t answered;      /* the reply means something */
    uint32_t pad;
    uint64_t request[PAYLOAD_MAX / 8], reply[PAYLOAD_MAX / 8];
};

#define WATCH_NOTES 64u

struct watch {
    _Atomic uint64_t written; /* events so far */
    char pad0[PAGE_BYTES - sizeof (uint64_t)];
    _Atomic uint64_t read; /* by the board */
    char pad1[PAGE_BYTES - sizeof (uint64_t)];
    struct event ring[WATCH_EVENTS];
    uint64_t noted; /* notes so far */
    struct note notes[WATCH_NOTES];
};

#define WATCH(d) ((struct watch *)ADDRESS_WATCH (d))

#endif
