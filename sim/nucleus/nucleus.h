/* nucleus: what even a microkernel keeps in its kernel: tasks, the scheduler, virtual time,
 * the queue of events, and the decision who gets the token next.
 *
 * It is component 0; its state hangs from its arena like everybody's. It runs only in the
 * kernel's domain, and decides only between two steps of a fiber: at the same points of the
 * machine's history in every placement.
 */
#ifndef SIM_NUCLEUS_H
#define SIM_NUCLEUS_H

#include "gate/gate.h"
#include "guest/guest.h"
#include "interfaces/interfaces.h"
#include "nucleus/event_queue.h"
#include "nucleus/sched.h"
#include "nucleus/task.h"

struct nucleus {
    Link *links[INTERFACE_COUNT]; /* its own, by interface; NULL: nobody provides it */
    bool booted;
    bool halting; /* components are being stopped */
    uint32_t interrupts_seen[DEVICE_MAX];
    uint32_t interrupt_total_seen;
    struct event_queue events;
    struct tasks tasks;
    struct guests guests;
    struct sched sched;
    struct task *running; /* has the CPU, in user mode or in a call that has not blocked */
    uint32_t last_task;   /* for context switches */
    bool halt_asked;
    uint32_t halt_status;
    char urgent[200];     /* the last line that the log has passed on */
    uint64_t next_call;   /* root calls so far */
    uint64_t syscalls;
    uint64_t switches;
    uint64_t busy; /* cycles that tasks have used */
    struct task *interrupted; /* had the CPU when something urgent came; goes on after it */

    /* Live: where idling began, in host and virtual time. */
    bool idle;
    uint32_t idle_speed;
    uint64_t idle_wall_ns, idle_from;

    /* Telling the domains of a death: who died, or began anew; who is told next. */
    bool failing;
    enum failure failure;
    bool told[DOMAIN_MAX]; /* deaths that everybody knows of */
    uint32_t lives[DOMAIN_MAX];  /* likewise, how often each has begun anew, */
    uint32_t blamed[DOMAIN_MAX]; /* and by its own doing */
    uint32_t nudges[DOMAIN_MAX]; /* of the board's, seen */
    bool idle_asked;             /* whether to give up */
    uint16_t fail_domain, fail_next;
    bool unstarted[DOMAIN_MAX];  /* they have begun anew, and there was no fiber to start them on */
    bool any_unstarted;
};

extern const struct component_class nucleus_class;

static inline struct nucleus *
nucleus (void)
{
    return COMPONENT (COMPONENT_NUCLEUS)->state;
}

/* A link of the nucleus; NULL if no component provides that interface. */
static inline Link *
nucleus_link (enum interface_id interface)
{
    return nucleus ()->links[interface];
}

/* Does the kernel have the token, or has the board just given it back? */
bool nucleus_has_token (void);

/* Lets the machine go on until a message must be sent, or nothing can run: then *patience_ns
 * is how long the kernel may sleep. */
enum next { NEXT_SENT, NEXT_WAIT };
enum next nucleus_next (uint64_t *patience_ns);

/* A line of text for the board's log. */
void nucleus_print (const char *text, uint32_t bytes);

/* ---- boot.c ---- */

/* Fibers of their own: all components start, and then the first program; all stop. */
void boot_main (void *argument);
void halt_main (void *argument);
/* A component does not stop: the end comes without it. */
_Noreturn void halt_without (void);

/* Ends the machine; comes back, the end comes when every component has stopped. */
void nucleus_halt (uint32_t status, const char *reason);

/* The first program has run out of RAM: that is said when the machine has ended, unless there is
 * something else to say. */
void nucleus_ran_short (void);

#endif
