/* sandbox: what a domain's process may ask of the host.
 *
 * A domain is locked before it runs component code: no new privileges, no capabilities, no
 * descriptors but its own, and a seccomp filter that lets through the few calls below. What a
 * class needs beyond the base is a privilege it declares (component.h); a domain has the union
 * of its components' privileges. The rules are one table, from which the filters, the text of
 * `khimera show` and the tests are made.
 *
 * Order of use. The board calls sandbox_compile for each domain before it forks (libseccomp
 * allocates). The child calls sandbox_prepare, then installs its crash handlers, maps what it
 * needs, and calls sandbox_lock last. The board calls sandbox_verify and opens the domain's
 * channels only if that says yes. A failure anywhere means no domain: it fails closed.
 */
#ifndef SIM_BOARD_SANDBOX_H
#define SIM_BOARD_SANDBOX_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "component.h"

struct sock_filter; /* linux/filter.h */

/* A condition on one argument; all 64 bits take part, so that 10 | 1 << 32 is not 10. */
struct sandbox_condition {
    enum sandbox_test {
        SANDBOX_ANY,         /* no condition */
        SANDBOX_EQUAL,       /* argument & mask == value */
        SANDBOX_AT_MOST,     /* argument <= value, unsigned */
        SANDBOX_DISK         /* argument is one of the domain's disk descriptors */
    } test;
    unsigned argument; /* counted from 0 */
    uint64_t mask;
    uint64_t value;
};

/* One call that is let through. A call with several rows passes if one of them holds. */
struct sandbox_rule {
    const char *call;
    int number;         /* of the call, on this machine */
    unsigned privilege; /* who has it: PRIVILEGE_NONE is everybody, SANDBOX_DEBUG see below */
    struct sandbox_condition condition;
    const char *why;
};

/* Rows that only sanitizer builds have, and there everybody does. */
#define SANDBOX_DEBUG (1u << 31)

/* The rows in the order of the table; NULL after the last. */
const struct sandbox_rule *sandbox_rule_at (unsigned index);

/* Whether a domain with these privileges has this row. */
bool sandbox_rule_applies (const struct sandbox_rule *rule, unsigned privileges);

/* The name of one privilege bit, for people; "base" for none. */
const char *sandbox_privilege_name (unsigned privilege);

/* "argument 0 is one of its disks"; "" for none. Free with g_free. */
char *sandbox_condition_text (const struct sandbox_condition *condition);

/* Appends what such a domain may do, one line for each call: name, condition, reason. */
void sandbox_describe (unsigned privileges, GString *out);

/* ---- the filter ---- */

struct sandbox_filter {
    struct sock_filter *program; /* owned */
    unsigned short length;       /* instructions */
};

/* Makes the filter of a domain. On failure says why in `error` and leaves *out empty. */
bool sandbox_compile (unsigned privileges, const int *disk_fds, unsigned disk_count,
                      struct sandbox_filter *out, char *error, size_t error_bytes);
/* The same from another table: tests see whether a wrong one would be noticed. */
bool sandbox_compile_rules (const struct sandbox_rule *table, unsigned count,
                            unsigned privileges, const int *disk_fds, unsigned disk_count,
                            struct sandbox_filter *out, char *error, size_t error_bytes);
void sandbox_filter_clear (struct sandbox_filter *filter);

/* ---- in the child: no allocation, no stdio ---- */

/* A descriptor to keep and the number it shall have. */
struct sandbox_descriptor {
    int from;
    int to;
};

struct sandbox_setup {
    unsigned privileges;
    pid_t parent;                           /* who must still be there; 0: not checked */
    struct sandbox_descriptor *descriptors; /* sorted by `to`; `from` is overwritten */
    unsigned descriptor_count;
};

/* Everything but the filter: signals, descriptors, user, capabilities,
 * limits, the death of the parent. NULL when all is done, else the name of the step that
 * failed, with errno; the caller must then end the process.
 *
 * Set what needs rights (CPU affinity, priorities, mappings by descriptor) before. */
const char *sandbox_prepare (struct sandbox_setup *setup);

/* The point of no return. 0, or an errno. */
int sandbox_lock (const struct sandbox_filter *filter);

/* ---- in the board ---- */

/* Reads from /proc whether the process is truly locked. Otherwise says in `why` what is not. */
bool sandbox_verify (pid_t process, char *why, size_t why_bytes);

#endif
