/* linux_poll: waiting for descriptors: what poll, select and epoll share. */
#ifndef LINUX_POLL_H
#define LINUX_POLL_H

#include "personalities/linux/linux.h"

#define LINUX_WATCHED_MAX 1024u
#define LINUX_FOREVER     UINT64_MAX

/* What a look has asked about: this may be waited for. */
struct watched {
    uint32_t count;
    struct file_watch of[LINUX_WATCHED_MAX];
};

/* How many of those that `a` names have something to say, or -errno. last: there will be no other
 * look. */
typedef int64_t linux_look (struct task *task, const uint64_t *a, bool last,
                            struct watched *watched);

/* Looks until something is found, the time is over (then 0), or a signal comes (-EINTR). */
int64_t linux_look_until (struct task *task, const uint64_t *a, uint64_t timeout_ns,
                          linux_look *look);
/* A time in the program's memory, of seconds and a part in units of so many nanoseconds; for ever if
 * the address is 0. */
int64_t linux_timeout_get (struct task *task, uint64_t address, uint64_t unit, uint64_t *ns);

#endif
