/* hang: domains that live but come to nothing.
 *
 * Two kinds. One has the token and uses CPU time, but nothing comes of it: it is judged by the
 * CPU time that the host has really given it, so a healthy one that is starved is never ended.
 * The other does not have the token and owes an answer that somebody waits for with a handler
 * on his stack, which is bounded by the rules: it is judged by virtual time, or at once if
 * nothing can ever happen any more. */
#ifndef SIM_HANG_H
#define SIM_HANG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "board/recover.h"

struct hang_watch {
    uint64_t progress; /* what it had come to when last looked at, */
    uint64_t cpu_ns;   /* and what CPU time it had used when it last came to anything */
    bool watched;
    /* The call that is waited for too long, at the last look. */
    uint32_t stuck_fiber;
    uint64_t stuck_generation;
};

struct hangs {
    struct hang_watch watches[DOMAIN_MAX];
    uint64_t looked_ns;
    uint64_t patience_cycles; /* of calls, beside the heartbeat: devices may be slow */
    uint32_t lost_looks;      /* in a row that saw nobody with the token, */
    uint64_t lost_now;        /* at the same time */
};

void hangs_begin (struct hangs *hangs);

/* Is one of these processes hung? Cheap, and to be asked often; processes[d] is 0 where there
 * is none. idle: the kernel says that nothing can happen any more. */
bool hangs_look (struct hangs *hangs, const pid_t *processes, bool idle, uint32_t *domain,
                 struct death *death);

#endif
