/* runtime: a domain from the inside: its fibers, the calls they wait for, what it was sent.
 *
 * One process executes a domain at a time. `here` is the only thing it keeps to itself;
 * all else is in the domain's memory, so another process can go on from it.
 */
#ifndef SIM_RUNTIME_H
#define SIM_RUNTIME_H

#include "arena/arena.h"
#include "board/crash.h"
#include "machine/machine.h"
#include "nucleus/context.h"

/* What a Component is. Lies at the front of the component's memory; its arena follows. */
struct Component {
    uint32_t id;
    const struct component_class *class_;
    void *state;
    uint64_t random[4];
    struct arena arena;
    struct component_stats *stats;
    bool unborn; /* its domain has begun anew, and it has not been started yet: calls wait */
    struct fault_seen fault_seen[FAULT_RULES_MAX]; /* what each rule has counted */
};

#define COMPONENT_HEADER_BYTES \
    ((sizeof (struct Component) + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES)
#define COMPONENT(c) ((Component *)ADDRESS_COMPONENT (c))

/* ---- fibers ---- */

enum fiber_state { FIBER_FREE, FIBER_RUNNING, FIBER_READY, FIBER_WAITING };

/* A call under way, seen from its caller: lives on the calling fiber's stack, or, for a call
 * that came over a channel, in the fiber that serves it. The direct gate makes one for each
 * call and leaves what it does not need as it is: that is behind `depth`. Yes and no are bytes
 * here, not bool: the board looks at frames that their domain may have scribbled on. */
struct frame {
    struct frame *outer;
    const Link *link;                  /* NULL: served for another domain, or an upcall */
    const struct operation *operation; /* NULL: an upcall */
    void *reply;
    struct call call; /* how the handler calls it */
    uint64_t what;    /* of its event: all but the status */
    uint64_t start;   /* virtual time */
    uint64_t nested;  /* cycles in calls made below this one */
    uint64_t waited;  /* cycles blocked */
    uint32_t bytes;   /* of bulk that travelled */
    uint8_t deferred; /* the handler has returned; an answer will come by call_reply */
    uint8_t forwarded; /* likewise; the answer is that of the call inside */
    uint8_t remote;   /* waits for a MESSAGE_REPLY */
    uint8_t done;     /* it is answered, with `status` */
    uint16_t upcall;  /* no call: start, stop, timer or interrupt of this component, + 1 */
    uint8_t depth;    /* calls around it */
    uint8_t again;    /* remote: done, but to be sent once more; */
    uint8_t asked_again; /* that has happened after a crash */
    uint16_t domain;  /* remote: whose */
    enum status status;
    const void *request; /* of an operation that lends */
    void *into;          /* remote: where bulk of the reply goes */
    uint32_t into_bytes;
};

/* Is the code of a component on the stack for it? */
static inline bool
frame_has_handler (const struct frame *frame)
{
    return !frame->deferred && !frame->forwarded && !frame->remote;
}

static inline uint16_t
frame_reply_bytes (const struct frame *frame)
{
    return frame->operation != NULL ? frame->operation->reply_bytes : 0;
}

struct fiber {
    struct context context;
    bool made; /* the context exists, on this fiber's stack */
    uint8_t state;
    uint32_t index;
    uint32_t next;   /* in the free list, a waitlist or the ready queue: index + 1 */
    uint64_t ticket; /* when READY: its place in the machine's queue */
    uint32_t task;   /* on whose behalf it runs, */
    uint32_t level;  /* how deep in calls it began, */
    uint64_t call;   /* and in which root call; the token takes these over */
    uint64_t blocked_at;
    struct frame *frame; /* innermost call */
    bool cancelled;      /* its client has given up: what it would wait long for ends at once */
    void (*entry) (void *argument);
    void *argument;

    uint16_t held;       /* its call waits until this component has moved, + 1 */

    /* Of the call that it waits for: the windows lent, and if it is deferred, how the component
     * that keeps it calls it: a move gives it another fiber, but not another name. */
    grant from, into;
    struct call handle;

    /* Serving a message of another domain. */
    bool serving;
    bool late;   /* it got stuck when it did this before: to be run when all else is done again */
    bool refuse; /* and then not to be served */
    bool orphaned; /* its client is gone: nobody wants the answer */
    uint16_t client;
    struct message request;
    struct frame served; /* the outermost, */
    uint64_t reply[PAYLOAD_MAX / 8];

    /* What call_forward left for the gate. */
    Link *forward_link;
    uint8_t forward_operation;
    uint8_t forward_request[PAYLOAD_MAX];
};

/* Each fiber has 256 KiB of addresses: a guard, the stack, and two windows for what arrives
 * by channel. Only what is touched takes memory. */
#define FIBER_STRIDE      0x40000u
#define FIBER_GUARD_BYTES 0x10000u
#define FIBER_STACK_BYTES 0x10000u

struct runtime {
    uint32_t domain;
    _Atomic uint32_t stage;   /* enum runtime_stage, of the process that was made last */
    _Atomic uint32_t admitted; /* which process may execute it: they are numbered */
    _Atomic uint32_t running; /* it holds the token, or is about to take it */
    _Atomic uint32_t halted;  /* kernel: the machine ended well, with exit_status */
    uint32_t exit_status;
    char halt_reason[320];
    char assertion[192]; /* that did not hold */
    struct crash_record crash;
    struct brake_state brake;

    struct token token;
    uint8_t replaying;      /* enum replaying */
    bool holds;             /* kernel: the token is here, even while it waits for the board */
    uint32_t regenerations; /* kernel: lost tokens taken back */
    _Atomic uint32_t idle_question; /* kernel: nothing can happen any more: shall it give up? */
    _Atomic uint32_t deaths_seen; /* kernel: of domains; all have been told of these */
    uint64_t next_generation; /* of calls: no two in the machine have the same */
    uint32_t life;         /* times it has begun anew; */
    bool anew;             /* and this time no component has been started yet. */
    struct waitlist unborn; /* calls that came too early */
    bool gone[DOMAIN_MAX]; /* domains that have died, as far as this one was told */
    uint32_t posted[DOMAIN_MAX];   /* last sequence number sent to each */
    uint32_t consumed[DOMAIN_MAX]; /* last one taken from each */
    uint32_t expected;             /* the domain that is likely to speak next */
    uint64_t violations;           /* messages refused as malformed, */
    _Atomic uint32_t violator;     /* and who sent the last one, + 1: for the board to end */

    /* What the running fiber wants sent; the dispatcher sends it once the fiber is parked. */
    bool staged;
    uint16_t staged_to;
    const void *staged_bulk;
    struct message staged_message;

    struct message inbox; /* the message being worked on, copied out of the channel */

    uint32_t fiber_count; /* ever used */
    uint32_t free_fibers; /* index + 1 */
    uint32_t ready_first, ready_last;
    struct fiber *fiber; /* that runs now; NULL in the dispatcher */
    struct fiber fibers[];
};

/* Numbers of calls: of which domain, in which of its lives, and which call. */
static inline uint64_t
generation_first (uint32_t domain, uint32_t life)
{
    return (uint64_t)domain << 48 | (uint64_t)(life & 0xfffu) << 36;
}

static inline bool
generation_same_life (uint64_t a, uint64_t b)
{
    return a >> 36 == b >> 36;
}

/* Is what is done now done again? */
enum replaying {
    REPLAY_NONE,
    REPLAY_LAST, /* perhaps: nobody has seen an answer yet. Events are not told twice */
    REPLAY_ALL   /* yes, and others have gone on since: they see nothing of it */
};

/* In `violator`: the message has not been taken, for its sender had no token. */
#define ACCUSED_UNEARNED (1u << 31)

enum runtime_stage { STAGE_NONE, STAGE_MAPPED, STAGE_LOCKED, STAGE_FAILED };

#define RUNTIME(d) ((struct runtime *)ADDRESS_RUNTIME (d))
#define RUNTIME_HEADER_BYTES(fibers)                                                      \
    ((sizeof (struct runtime) + (uint64_t)(fibers) * sizeof (struct fiber) + 0xffff) / 0x10000 \
     * 0x10000)
#define RUNTIME_BYTES(fibers) (RUNTIME_HEADER_BYTES (fibers) + (uint64_t)(fibers) * FIBER_STRIDE)

static inline uint8_t *
fiber_memory (const struct runtime *runtime, uint32_t index)
{
    return (uint8_t *)runtime + RUNTIME_HEADER_BYTES (PLAN->fibers_max)
           + (uint64_t)index * FIBER_STRIDE;
}

#define FIBER_STACK(r, i) (fiber_memory (r, i) + FIBER_GUARD_BYTES)
#define FIBER_FROM(r, i)  (fiber_memory (r, i) + FIBER_GUARD_BYTES + FIBER_STACK_BYTES)
#define FIBER_INTO(r, i)  (FIBER_FROM (r, i) + GRANT_MAX)

/* The domain that this process executes. */
extern struct runtime *here;

/* ---- fibers: gate/fiber.c ---- */

/* Takes a fiber and makes it ready to run entry (argument); NULL when all are in use. */
struct fiber *fiber_new (void (*entry) (void *argument), void *argument);
/* From the dispatcher: runs the fiber until it parks. */
void fiber_run (struct fiber *fiber);
/* The stacks of the first so many fibers meet nothing when they overflow, in this process. */
bool fiber_guard (struct runtime *runtime, uint32_t count);
/* By a mark in the page table; false: this host has none. */
bool stack_guard (uint8_t *at, uint64_t bytes);
/* From a fiber: leave it to the dispatcher. Comes back when somebody runs it. */
void fiber_park (void);
/* Parks it, WAITING; charges what passed to its innermost frame. */
void fiber_block (void);
/* Puts a WAITING fiber at the end of the machine's queue. */
void fiber_ready (struct fiber *fiber);
/* Tells the nucleus, through the token and the door, which fibers are ready. */
void fiber_publish (void);
/* The fiber of this domain that has been ready longest, taken off; NULL if none. */
struct fiber *fiber_take_ready (void);

#endif
