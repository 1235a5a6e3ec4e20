/* component: all that the author of a component needs.
 *
 * A component is a folder in servers/ with one `const struct component_class`. Its state
 * hangs from one struct in its arena (component_state). It uses no malloc, no stdio, no
 * writable globals, and takes time and randomness only from here. It cannot learn where it
 * was placed: a call is written the same way whoever answers it.
 *
 * Handlers. `enum status ext2_read (Component *self, struct call *call, const struct
 * fs_read_req *req, struct fs_read_rep *rep)`. Fill in *rep only when you answer OK: a
 * refusal leaves the reply as it was. A handler runs on a fiber. It is atomic between two
 * points where it may block: a call through a link, component_sleep. Across those anything
 * may have changed, because other calls of the same component may have run.
 *
 * Waiting. For something bounded (another component, a device) a handler may block. For
 * something unbounded (a key press, the other end of a pipe, a child) it must not keep its
 * frame: store *call in the arena, return DEFERRED, and answer later with call_reply. A class
 * that defers must have `cancel`.
 *
 * Grants. req->from.data[0 .. length) may be read, req->into.data[0 .. length) written, until
 * the handler returns. Lengths are already checked to be at most GRANT_MAX; data may be
 * unaligned. The windows of a deferred call are lent until its answer, but the component may
 * have moved to another domain since: never keep them, ask for them each time: call_from,
 * call_into.
 */
#ifndef SIM_COMPONENT_H
#define SIM_COMPONENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gate/interface.h"
#include "status.h"

typedef struct Component Component;
typedef struct Link      Link;

/* Names a call that has not been answered yet. Plain data: copy it to keep it. A handle
 * whose call was answered is recognised and ignored. */
struct call {
    uint32_t domain;
    uint32_t fiber;
    uint64_t generation;
};

/* What a class says it needs: each becomes a link, in the order of the list. */
struct need {
    const char *name;          /* "disk": the machine file may bind it: disk = blk1 */
    enum interface_id interface;
    enum need_kind {
        NEED_ONE,      /* the component that the machine file names, else the only provider */
        NEED_OPTIONAL, /* as above, or a null link */
        NEED_NAMED,    /* the component that the machine file names, or a null link */
        NEED_ALL       /* every provider of the interface: component_links */
    } kind;
};

struct provision {
    enum interface_id interface;
    const void *operations; /* a struct NAME_ops; a missing handler answers NOT_IMPLEMENTED */
};

/* One setting of a class in the machine file: `[component NAME] key = value`. */
struct option {
    const char *key;
    const char *value; /* the default */
    const char *help;
    const char *words;      /* which it may be, with blanks between them; NULL: any */
    unsigned long min, max; /* of a number; both 0: any */
};

/* Host calls a class may make beside the base of every domain; see board/sandbox.h. */
enum privilege {
    PRIVILEGE_NONE     = 0,
    PRIVILEGE_DISK     = 1 << 0, /* pread64, pwrite64 on the descriptors of its own disks */
    PRIVILEGE_TERMINAL = 1 << 1, /* write on the descriptor of its own terminal */
};

struct component_class {
    const char *name;
    const char *summary; /* one sentence, for help and the dashboard */
    size_t state_bytes;  /* of the struct behind component_state; zeroed before start */
    struct provision provides[4]; /* ends with operations == NULL */
    struct need needs[8];         /* ends with name == NULL */
    struct option options[8];     /* ends with key == NULL */
    unsigned privileges;
    const char *device; /* kind of device it drives: "disk", "terminal"; NULL: none */
    const char *keeps;  /* the option that says how many bytes its arena is to hold; NULL: none does */

    /* Called once, in the order of the needs, when the machine boots. May call its links.
     * Anything but OK stops the boot with a message. NULL: nothing to do. */
    enum status (*start) (Component *self);
    /* The machine is about to halt: write back what is only in memory. */
    enum status (*stop) (Component *self);
    /* A timer set with component_timer has run out. */
    void (*timer) (Component *self, uint64_t cookie);
    /* The device has raised its interrupt. */
    void (*interrupt) (Component *self);
    /* The deferred call's client no longer wants the answer: forget it, and answer it with
     * ERR_INTERRUPTED. Does nothing if it is not waiting here. Runs between two handlers, on
     * no fiber: it must not block or call a link. */
    void (*cancel) (Component *self, const struct call *call);
};

/* ---- self ---- */

void *component_state (Component *self);
const char *component_name (const Component *self);

/* The value of `key` for this component, or the class's default; "" if it has none. */
const char *component_option (Component *self, const char *key);
uint64_t component_option_number (Component *self, const char *key); /* K, M, G understood */

/* Memory from the arena: zeroed, aligned to 16 bytes; NULL when the arena is full, which is
 * ERR_NO_MEMORY to the client. Owned by the component until component_free. */
void *component_alloc (Component *self, size_t bytes);
void component_free (Component *self, void *memory);

/* ---- time and chance: virtual, seeded ---- */

uint64_t component_now_ns (Component *self);   /* since boot, virtual */
uint64_t component_time_ns (Component *self);  /* since 1970, virtual */
uint64_t component_random (Component *self);   /* 64 seeded bits */
void component_charge (Component *self, uint64_t cycles); /* work done, of a 3 GHz CPU */

/* Calls class->timer (cookie) at virtual time `at_ns` since boot. There is no un-setting:
 * ignore a cookie that no longer means anything. */
enum status component_timer (Component *self, uint64_t at_ns, uint64_t cookie);

/* Timers for deadlines that change often, in the arena; all zero is none. */
#define ALARMS_EXACT 32u
#define ALARMS_MAX   (ALARMS_EXACT + 66u)
struct alarms {
    uint32_t count;
    uint64_t at_ns[ALARMS_MAX]; /* that will come, the next one last */
};

/* Calls class->timer (0) at virtual time `at_ns` at the latest, however many others there are.
 * It may come before: then whoever still waits for a deadline says so again. */
enum status component_alarm (Component *self, struct alarms *alarms, uint64_t at_ns);

/* ---- calling others ---- */

Link *component_link (Component *self, unsigned need);             /* NULL if optional and absent */
unsigned component_links (Component *self, unsigned need);         /* how many, for NEED_ALL */
Link *component_link_at (Component *self, unsigned need, unsigned i);
const char *link_name (const Link *link); /* the name of the component at the other end */

/* Used by the typed calls of the interfaces; not by hand. */
enum status link_call (Link *link, unsigned operation, const void *request, void *reply);

/* ---- answering later, or by somebody else ---- */

/* The windows of a deferred call, valid until the component next blocks or returns; empty if
 * the call has none, or is not deferred. What was written into it before is still there. */
grant call_from (Component *self, const struct call *call);
grant call_into (Component *self, const struct call *call);

/* Answers a deferred call. `reply` is the operation's reply struct, read only if OK. */
void call_reply (Component *self, const struct call *call, enum status status, const void *reply);

/* `return call_forward (self, call, link, BLOCK_OP_read, &request)`: let the component at
 * `link` answer this call. The two operations must have replies of one size, and the new
 * request's grants must be those of the call, or windows on the component's own memory, which
 * then does not move before the answer. The request is copied at once. */
enum status call_forward (Component *self, struct call *call, Link *link, unsigned operation,
                          const void *request);

/* ---- waiting inside a handler, for something bounded ---- */

/* A queue of sleeping fibers, in the arena; all zero is empty. */
struct waitlist {
    uint32_t first; /* fiber + 1; 0: nobody */
    uint32_t last;
};

void component_sleep (Component *self, struct waitlist *list);
void component_wake_one (Component *self, struct waitlist *list);
void component_wake_all (Component *self, struct waitlist *list);

/* A lock that a handler may hold across a blocking point. All zero is unlocked. First come,
 * first served. */
struct mutex {
    uint32_t held;
    struct waitlist waiting;
};

void component_lock (Component *self, struct mutex *mutex);
void component_unlock (Component *self, struct mutex *mutex);

/* ---- a device, as its driver sees it ---- */

/* The memory of the component's own device (see device/), or NULL. */
void *component_device (Component *self);
/* Its name in the machine file, "disk0"; "" if there is none. */
const char *component_device_name (Component *self);

#endif
