/* linux_identity: who a process is. The process manager knows, and says who may be whom. */
#include "personalities/linux/linux.h"

#define PROCESSES nucleus_link (INTERFACE_process)

static int64_t
info (const struct task *task, struct process_info_rep *reply)
{
    struct process_info_req request = { .process = task->pid };

    return linux_result (process_info (PROCESSES, &request, reply));
}

#define WHO(call, field)                                                                   \
    LINUX_FUNCTION (call)                                                                  \
    {                                                                                      \
        struct process_info_rep reply;                                                     \
        int64_t bad = info (task, &reply);                                                 \
                                                                                           \
        (void)a;                                                                           \
        return bad != 0 ? bad : (int64_t)reply.field;                                      \
    }

WHO (getuid, uid)
WHO (geteuid, effective_uid)
WHO (getgid, gid)
WHO (getegid, effective_gid)

static int64_t
put_three (struct task *task, const uint64_t *a, const uint32_t ids[3])
{
    int64_t bad = 0;

    for (unsigned i = 0; bad == 0 && i < 3; i++)
        bad = linux_put (task, a[i], &ids[i], sizeof ids[i]);
    return bad;
}

LINUX_FUNCTION (getresuid)
{
    struct process_info_rep reply;
    int64_t bad = info (task, &reply);

    return bad != 0 ? bad
                    : put_three (task, a,
                                 (const uint32_t[]){ reply.uid, reply.effective_uid,
                                                     reply.saved_uid });
}

LINUX_FUNCTION (getresgid)
{
    struct process_info_rep reply;
    int64_t bad = info (task, &reply);

    return bad != 0 ? bad
                    : put_three (task, a,
                                 (const uint32_t[]){ reply.gid, reply.effective_gid,
                                                     reply.saved_gid });
}

/* ---- setting ---- */

/* -errno, or the file system's as it was. */
static int64_t
set (const struct task *task, bool group, enum ids_how how, const uint64_t *a)
{
    struct process_setids_req request = { .process = task->pid,
                                          .how = how,
                                          .group = group,
                                          .real = (uint32_t)a[0],
                                          .effective = (uint32_t)a[1],
                                          .saved = (uint32_t)a[2] };
    struct process_setids_rep reply;
    int64_t bad = linux_result (process_setids (PROCESSES, &request, &reply));

    return bad != 0 ? bad : how == IDS_FILES ? (int64_t)reply.before : 0;
}

#define SET(call, group, how)                                                              \
    LINUX_FUNCTION (call) { return set (task, (group), (how), a); }

SET (setuid, false, IDS_ONE)
SET (setreuid, false, IDS_TWO)
SET (setresuid, false, IDS_THREE)
SET (setfsuid, false, IDS_FILES)
SET (setgid, true, IDS_ONE)
SET (setregid, true, IDS_TWO)
SET (setresgid, true, IDS_THREE)
SET (setfsgid, true, IDS_FILES)

/* ---- further groups ---- */

LINUX_FUNCTION (getgroups)
{
    uint32_t groups[GROUPS_MAX];
    struct process_groups_req request
        = { .process = task->pid, .into = { .data = groups, .length = sizeof groups } };
    struct process_groups_rep reply;
    int64_t bad;

    if ((int32_t)a[0] < 0)
        return -EINVAL;
    bad = linux_result (process_groups (PROCESSES, &request, &reply));
    if (bad != 0 || a[0] == 0)
        return bad != 0 ? bad : (int64_t)reply.count;
    if ((uint32_t)a[0] < reply.count)
        return -EINVAL;
    bad = linux_put (task, a[1], groups, reply.count * sizeof *groups);
    return bad != 0 ? bad : (int64_t)reply.count;
}

/* Whether he may comes before what he wants. */
LINUX_FUNCTION (setgroups)
{
    uint32_t groups[GROUPS_MAX];
    struct process_info_rep who;
    struct process_groups_req request = { .process = task->pid, .set = 1 };
    struct process_groups_rep reply;
    int64_t bad = info (task, &who);

    if (bad == 0 && who.effective_uid != 0)
        bad = -EPERM;
    if (bad == 0 && (uint32_t)a[0] > GROUPS_MAX)
        bad = -EINVAL;
    if (bad == 0)
        bad = linux_get (task, a[1], groups, (uint32_t)a[0] * sizeof *groups);
    if (bad != 0)
        return bad;
    request.from
        = (grant){ .data = groups, .length = (uint32_t)a[0] * (uint32_t)sizeof *groups };
    return linux_result (process_groups (PROCESSES, &request, &reply));
}
