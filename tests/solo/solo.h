/* solo: runs component classes alone, in one ordinary process, for unit tests and fuzzing.
 *
 * It is linked instead of the real runtime and implements component.h under the same names.
 * Every call is direct, every handler runs on a fiber, time is a counter that moves only by
 * charges and by solo_advance. There is no isolation and no trace; to catch mistakes all the
 * same, a call gets its own exactly sized copy of the request, of the reply and of the
 * grants, so that the address sanitizer sees what a channel would refuse.
 *
 *     solo_init ();
 *     Component *disk = solo_disk ("disk", bytes, size);
 *     Component *ext2 = solo_add (&ext2_class, "ext2", "cache", "64", NULL);
 *     solo_bind (ext2, "disk", disk);
 *     assert_int_equal (solo_start (ext2), OK);
 *     Link *fs = solo_link (ext2, INTERFACE_fs);
 *     assert_int_equal (fs_mount (fs, &request, &reply), OK);
 *     ...
 *     solo_fini ();
 *
 * Link with it: solo.c, call.c, device.c, gate/interface.c, status.c, the class's own files.
 * Wrong use asserts.
 */
#ifndef TESTS_SOLO_H
#define TESTS_SOLO_H

#include "interfaces/interfaces.h"

/* ---- a machine ---- */

void solo_init (void);
void solo_fini (void); /* frees all components, fibers and memory */

/* A component of that class. Options are pairs key, value, ended by NULL. */
Component *solo_add (const struct component_class *class, const char *name, ...)
    __attribute__ ((sentinel));

/* Binds the next link of that need; NEED_ALL takes several, in order. */
void solo_bind (Component *self, const char *need, Component *provider);

/* class->start, class->stop; OK if the class has none. DEFERRED: it sleeps for good. */
enum status solo_start (Component *self);
enum status solo_stop (Component *self);

/* A link for the test itself, to use with the typed calls: fs_read (link, &req, &rep). A
 * call from the test runs every fiber until there is nothing left to run; it answers
 * DEFERRED if its own is still waiting then. */
Link *solo_link (Component *provider, enum interface_id interface);

/* ---- calls that do not wait ---- */

typedef struct SoloCall SoloCall;

/* Starts a call and returns at once; nothing runs before solo_run. `request`, its grants and
 * `reply` must live until it is answered. Freed by solo_fini. */
SoloCall *solo_send (Link *link, unsigned operation, const void *request, void *reply);
enum status solo_status (const SoloCall *call); /* DEFERRED: not answered yet */
SoloCall *solo_last (void);    /* the newest of solo_send, or of the calls left DEFERRED */
void solo_cancel (SoloCall *call); /* class->cancel of whoever has deferred it, then solo_run */
unsigned solo_waiting (void);  /* calls of the test that are not answered */

/* Runs `body` on a fiber of its own, where it may call links and block. */
void solo_go (void (*body) (void *argument), void *argument);

/* Runs everything that can run now, timers that are due included. */
void solo_run (void);

/* On a fiber: lets every other one that is ready run first. */
void solo_pass (void);

/* ---- time, memory, device ---- */

/* Virtual time moves on by that much; each timer on the way runs at its time. */
void solo_advance (uint64_t ns);
unsigned solo_timers (void); /* set and not run out yet */

void solo_memory_limit (Component *self, size_t bytes); /* 64 MiB at first */
size_t solo_memory_used (const Component *self);

void solo_device (Component *self, void *device); /* what component_device answers */
void solo_interrupt (Component *self);            /* class->interrupt, then solo_run */

/* ---- a disk in memory, which provides block ---- */

struct solo_disk {
    uint8_t *bytes;
    uint64_t byte_count;
    uint32_t read_only;
    uint32_t slow;        /* not 0: other fibers run before each transfer */
    uint64_t fail_after;  /* transfers until every one answers ERR_IO; 0: never */
    uint64_t reads, writes, flushes; /* transfers made */
    uint64_t sectors_written;
    unsigned in_flight, in_flight_max;
};

/* `bytes` stays the caller's. */
Component *solo_disk (const char *name, void *bytes, uint64_t byte_count);
struct solo_disk *solo_disk_state (Component *disk);

/* ---- a log that keeps its text, which provides log.write ---- */

Component *solo_log (const char *name);
const char *solo_log_text (Component *log);

#endif
