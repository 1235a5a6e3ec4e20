/* linux_identity: who a process is. */
#include "personalities/linux/linux.h"

/* ---- real, effective and saved: all one here ---- */

static int64_t
three (struct task *task, const uint64_t *a, uint32_t id)
{
    int64_t bad = 0;

    for (unsigned i = 0; bad == 0 && i < 3; i++)
        bad = linux_put (task, a[i], &id, sizeof id);
    return bad;
}

LINUX_FUNCTION (getresuid)
{
    return three (task, a, (uint32_t)linux_getuid (task, a));
}

LINUX_FUNCTION (getresgid)
{
    return three (task, a, (uint32_t)linux_getgid (task, a));
}

/* The effective one counts; -1 leaves things as they are. */
static int64_t
set_one (struct task *task, uint64_t real, uint64_t effective, linux_function *set)
{
    uint64_t id = (uint32_t)effective != UINT32_MAX ? (uint32_t)effective : (uint32_t)real;

    return (uint32_t)id == UINT32_MAX ? 0 : set (task, &id);
}

LINUX_FUNCTION (setreuid)
{
    return set_one (task, a[0], a[1], linux_setuid);
}

LINUX_FUNCTION (setregid)
{
    return set_one (task, a[0], a[1], linux_setgid);
}

LINUX_FUNCTION (setresuid)
{
    return set_one (task, a[0], a[1], linux_setuid);
}

LINUX_FUNCTION (setresgid)
{
    return set_one (task, a[0], a[1], linux_setgid);
}
