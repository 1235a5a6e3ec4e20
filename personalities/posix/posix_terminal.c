/* posix_terminal: the calls about terminals. */
#include "personalities/posix/posix_file.h"

int64_t
posix_call_tcgetattr (struct task *task, const uint64_t *a)
{
    struct tty_attr *attr = user_memory (task, a[1], sizeof *attr);

    CALL_BEGIN (tty_get)
    if (attr == NULL)
        return -EFAULT;
    request.fd = (int32_t)a[0];
    bad        = CALL_DO (tty_get);
    if (bad == 0)
        *attr = reply.attr;
    return bad;
}

int64_t
posix_call_tcsetattr (struct task *task, const uint64_t *a)
{
    const struct tty_attr *attr = user_memory (task, a[1], sizeof *attr);

    CALL_BEGIN (tty_set)
    (void)bad;
    if (attr == NULL)
        return -EFAULT;
    request.fd   = (int32_t)a[0];
    request.attr = *attr;
    return CALL_DO (tty_set);
}

int64_t
posix_call_tcgetpgrp (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (tty_get)
    request.fd = (int32_t)a[0];
    bad        = CALL_DO (tty_get);
    return bad != 0 ? bad : reply.foreground;
}

int64_t
posix_call_tcsetpgrp (struct task *task, const uint64_t *a)
{
    CALL_BEGIN (tty_foreground)
    (void)bad;
    request.fd    = (int32_t)a[0];
    request.group = (uint32_t)a[1];
    return CALL_DO (tty_foreground);
}
