/* probe: a component that tries out another one, from where any client sits: behind a link.
 *
 * A suite is a list of cases. The probe runs them one after the other on one fiber, a
 * second of virtual time after the boot, and leaves an outcome for each in its state, which
 * the test reads once the machine has ended. Then it halts the machine.
 *
 * A case fails at its first check that does not hold. What a check looks at goes into a
 * digest as well: two runs of one suite that agree there have seen the same.
 */
#ifndef TESTS_SUITES_PROBE_H
#define TESTS_SUITES_PROBE_H

#include "interfaces/interfaces.h"

#define CASES_MAX 40u

struct outcome {
    uint32_t ran;
    uint32_t line; /* of the check that failed; 0: passed */
    char file[24];
    char why[160];
};

struct probe;
typedef void probe_case (struct probe *probe);

struct suite {
    const char *name;
    struct {
        const char *name; /* NULL ends the list */
        probe_case *run;
    } cases[CASES_MAX + 1];
    /* A timer of the cases' own: any cookie but 0. */
    void (*timer) (struct probe *probe, uint64_t cookie);
};

/* The state of every probe. */
struct probe {
    Component *self;
    Link *subject;
    Link *machine;
    const struct suite *suite;
    struct outcome *now; /* of the case that runs */
    uint64_t digest;
    uint32_t over; /* all cases have run */
    struct outcome outcomes[CASES_MAX];

    /* For cases in which several fibers take part. */
    struct waitlist waiting;
    struct mutex mutex;
    uint32_t running; /* that have not ended */
    uint32_t count;
    uint64_t order[64]; /* who came when */
    void *memory;
};

/* Every probe needs these two, in this order; more of its own may follow. */
#define PROBE_NEEDS(interface)                                                             \
    { "subject", INTERFACE_##interface, NEED_ONE },                                        \
    {                                                                                      \
        "machine", INTERFACE_kernel, NEED_ONE                                              \
    }
enum { PROBE_SUBJECT, PROBE_MACHINE, PROBE_OWN };

/* For the classes of probes. `suite` is an option: the name of one. */
enum status probe_start (Component *self);
void probe_timer (Component *self, uint64_t cookie);

#define PROBE_OPTIONS                                                                      \
    {                                                                                      \
        {                                                                                  \
            "suite", "", "which cases to run"                                              \
        }                                                                                  \
    }

/* ---- for cases ---- */

/* Starts `count` fibers that run suite->timer (cookie) for cookies from `first` on, in that
 * order, and sleeps until all of them have called probe_ended. */
void probe_beside (struct probe *probe, uint64_t first, uint32_t count);
void probe_ended (struct probe *probe);
/* Lets virtual time pass, and others run. */
void probe_pause (struct probe *probe, uint64_t duration_ns);

bool probe_check (struct probe *probe, bool holds, const char *what, const char *file,
                  unsigned line);
bool probe_same (struct probe *probe, uint64_t is, uint64_t wanted, const char *what,
                 const char *file, unsigned line);
bool probe_same_text (struct probe *probe, const void *is, size_t bytes, const char *wanted,
                      const char *file, unsigned line);
void probe_note (struct probe *probe, const void *bytes, size_t count);

#define CHECK(condition)                                                                   \
    do                                                                                     \
        if (!probe_check (probe, (condition), #condition, __FILE__, __LINE__))             \
            return;                                                                        \
    while (0)

#define SAME(is, wanted)                                                                   \
    do                                                                                     \
        if (!probe_same (probe, (uint64_t)(is), (uint64_t)(wanted), #is " == " #wanted,    \
                         __FILE__, __LINE__))                                              \
            return;                                                                        \
    while (0)

/* So many bytes that are those of a string. */
#define SAME_TEXT(is, bytes, wanted)                                                       \
    do                                                                                     \
        if (!probe_same_text (probe, (is), (bytes), (wanted), __FILE__, __LINE__))         \
            return;                                                                        \
    while (0)

/* In a function that cases call: did a check of this case fail already? */
#define FAILED(probe) ((probe)->now->line != 0)

/* A grant of a string, without its end. */
#define TEXT(text)                                                                         \
    ((grant){ .data = (void *)(uintptr_t)(text), .length = (uint32_t)strlen (text) })
/* A literal with zeros in it. */
#define STRINGS(text)                                                                      \
    ((grant){ .data = (void *)(uintptr_t)(text), .length = sizeof (text) - 1 })
#define WINDOW(bytes, count) ((grant){ .data = (bytes), .length = (count) })

#endif
