/* posix_process: the calls about processes, time and the machine. */
#include <errno.h>
#include <string.h>

#include "personalities/posix/posix.h"

#define PROCESSES nucleus_link (INTERFACE_process)
#define ARGUMENTS_MAX 4096u

int64_t
posix_call_exit (struct task *task, const uint64_t *a)
{
    if (!task->ending) {
        task->ending = true;
        task->reason = WAIT_EXITED (a[0]);
    }
    return 0;
}

static int64_t
info (const struct task *task, struct process_info_rep *reply)
{
    struct process_info_req request = { .process = task->pid };

    return posix_result (process_info (PROCESSES, &request, reply));
}

#define CALL_INFO(call, field)                                        \
    int64_t posix_call_##call (struct task *task, const uint64_t *a)  \
    {                                                                 \
        struct process_info_rep reply;                                \
        int64_t bad = info (task, &reply);                            \
                                                                      \
        (void)a;                                                      \
        return bad != 0 ? bad : reply.field;                          \
    }

CALL_INFO (getpid, pid)
CALL_INFO (getppid, parent)
CALL_INFO (getuid, uid)
CALL_INFO (getgid, gid)
CALL_INFO (getpgrp, group)

static int64_t
set_identity (struct task *task, bool group, uint64_t id)
{
    struct process_setids_req request
        = { .process = task->pid, .how = IDS_ONE, .group = group, .real = (uint32_t)id };
    struct process_setids_rep reply;

    return posix_result (process_setids (PROCESSES, &request, &reply));
}

int64_t
posix_call_setuid (struct task *task, const uint64_t *a)
{
    return set_identity (task, false, a[0]);
}

int64_t
posix_call_setgid (struct task *task, const uint64_t *a)
{
    return set_identity (task, true, a[0]);
}

int64_t
posix_call_setpgid (struct task *task, const uint64_t *a)
{
    struct process_setgroup_req request
        = { .process = task->pid, .pid = (uint32_t)a[0], .group = (uint32_t)a[1] };
    struct process_setgroup_rep reply;

    return posix_result (process_setgroup (PROCESSES, &request, &reply));
}

/* ---- spawn: everything a child is born with, packed into one grant ---- */

struct pack {
    uint8_t *data;
    uint32_t length;
    bool full;
};

static void
pack_bytes (struct pack *pack, const void *bytes, uint32_t count)
{
    if (count > GRANT_MAX - pack->length) {
        pack->full = true;
        return;
    }
    if (count != 0)
        memcpy (pack->data + pack->length, bytes, count);
    pack->length += count;
}

/* Packs the strings of a vector that ends with a null pointer. 0, or -errno. */
static int64_t
pack_vector (struct task *task, struct pack *pack, uint64_t vector, uint32_t *count)
{
    for (*count = 0; vector != 0; ++*count) {
        grant pointer, text = { 0 };
        uint64_t string;
        int64_t bad
            = posix_from (task, vector + *count * sizeof string, sizeof string, &pointer);

        if (bad != 0)
            return bad;
        memcpy (&string, pointer.data, sizeof string);
        if (string == 0)
            return 0;
        if (*count == ARGUMENTS_MAX)
            return -E2BIG;
        bad = posix_path (task, string, &text);
        if (bad == -ENOENT) /* an empty string is as good as any here */
            text = (grant){ 0 };
        else if (bad == -ENAMETOOLONG) {
            text.data = (void *)(uintptr_t)user_string (task, string, GRANT_MAX, &text.length);
            if (text.data == NULL)
                return -E2BIG;
        } else if (bad != 0)
            return bad;
        pack_bytes (pack, text.data, text.length);
        pack_bytes (pack, "", 1);
        if (pack->full)
            return -E2BIG;
    }
    return 0;
}

static int64_t
pack_spawn (struct task *task, const struct posix_spawn *spawn, struct pack *pack,
            struct process_spawn_req *request)
{
    static const char padding[8];
    grant path, actions;
    int64_t bad;

    if ((bad = posix_path (task, (uint64_t)(uintptr_t)spawn->path, &path)) != 0
        || (bad = posix_from (task, (uint64_t)(uintptr_t)spawn->actions, spawn->action_bytes,
                                &actions))
               != 0)
        return bad;
    pack_bytes (pack, path.data, path.length);
    pack_bytes (pack, "", 1);
    if ((bad = pack_vector (task, pack, (uint64_t)(uintptr_t)spawn->arguments,
                            &request->argument_count))
            != 0
        || (bad = pack_vector (task, pack, (uint64_t)(uintptr_t)spawn->environment,
                               &request->environment_count))
               != 0)
        return bad;
    pack_bytes (pack, padding, -pack->length & 7);
    request->action_offset = pack->length;
    request->action_count  = spawn->action_count;
    pack_bytes (pack, actions.data, actions.length);
    return pack->full ? -E2BIG : 0;
}

/* A file that is no program we have: is it there at all? */
static int64_t
not_a_program (struct task *task, const struct posix_spawn *spawn)
{
    struct file_access_req request = { .process = task->pid, .mode = 1 };
    struct file_access_rep reply;
    int64_t bad = posix_path (task, (uint64_t)(uintptr_t)spawn->path, &request.from);

    if (bad != 0 || memchr (request.from.data, '/', request.from.length) == NULL)
        return -ENOENT;
    bad = posix_result (file_access (nucleus_link (INTERFACE_file), &request, &reply));
    return bad != 0 ? bad : -ENOEXEC;
}

int64_t
posix_call_spawn (struct task *task, const uint64_t *a)
{
    Component *self                  = COMPONENT (COMPONENT_NUCLEUS);
    const struct posix_spawn *spawn  = user_memory (task, a[0], sizeof *spawn);
    struct process_spawn_req request = { .process = task->pid };
    struct process_spawn_rep reply;
    struct pack pack = { 0 };
    int64_t bad;

    if (spawn == NULL)
        return -EFAULT;
    pack.data = component_alloc (self, GRANT_MAX);
    if (pack.data == NULL)
        return -ENOMEM;
    bad = pack_spawn (task, spawn, &pack, &request);
    if (bad == 0) {
        request.group = spawn->group;
        request.from  = (grant){ .data = pack.data, .length = pack.length };
        enum status status = process_spawn (PROCESSES, &request, &reply);

        bad = status == OK ? reply.pid
              : status == ERR_NOT_FOUND ? not_a_program (task, spawn)
                                             : posix_result (status);
    }
    component_free (self, pack.data);
    return bad;
}

int64_t
posix_call_wait (struct task *task, const uint64_t *a)
{
    uint32_t *status = a[1] != 0 ? user_memory (task, a[1], sizeof *status) : NULL;
    struct process_wait_req request
        = { .process = task->pid, .which = (int32_t)a[0], .flags = (uint32_t)a[2] };
    struct process_wait_rep reply;
    int64_t bad;

    if (a[1] != 0 && status == NULL)
        return -EFAULT;
    bad = posix_result (process_wait (PROCESSES, &request, &reply));
    if (bad != 0)
        return bad;
    if (status != NULL && reply.pid != 0)
        *status = reply.status;
    return reply.pid;
}

int64_t
posix_call_kill (struct task *task, const uint64_t *a)
{
    struct process_kill_req request
        = { .process = task->pid, .target = (int32_t)a[0], .signal = (uint32_t)a[1] };
    struct process_kill_rep reply;

    return posix_result (process_kill (PROCESSES, &request, &reply));
}

int64_t
posix_call_ignore (struct task *task, const uint64_t *a)
{
    struct process_ignore_req request = { .process = task->pid, .ignored = a[0] };
    struct process_ignore_rep reply;
    int64_t bad = posix_result (process_ignore (PROCESSES, &request, &reply));

    return bad != 0 ? bad : (int64_t)reply.ignored;
}

int64_t
posix_call_times (struct task *task, const uint64_t *a)
{
    uint64_t *self_ns     = user_memory (task, a[0], sizeof *self_ns);
    uint64_t *children_ns = user_memory (task, a[1], sizeof *children_ns);
    struct process_times_req request = { .process = task->pid };
    struct process_times_rep reply;
    int64_t bad;

    if (self_ns == NULL || children_ns == NULL)
        return -EFAULT;
    bad = posix_result (process_times (PROCESSES, &request, &reply));
    if (bad == 0) {
        *self_ns     = reply.cpu_ns;
        *children_ns = reply.children_ns;
    }
    return bad;
}

/* ---- time ---- */

int64_t
posix_call_nanosleep (struct task *task, const uint64_t *a)
{
    struct clock_sleep_req request = { .duration_ns = a[0] };
    struct clock_sleep_rep reply;

    (void)task;
    return posix_result (clock_sleep (nucleus_link (INTERFACE_clock), &request, &reply));
}

int64_t
posix_call_alarm (struct task *task, const uint64_t *a)
{
    struct clock_alarm_req request = { .process = task->pid, .after_ns = a[0] };
    struct clock_alarm_rep reply;
    int64_t bad = posix_result (clock_alarm (nucleus_link (INTERFACE_clock), &request, &reply));

    return bad != 0 ? bad : (int64_t)reply.left_ns;
}

int64_t
posix_call_clock (struct task *task, const uint64_t *a)
{
    uint64_t *uptime_ns = a[0] != 0 ? user_memory (task, a[0], sizeof *uptime_ns) : NULL;
    uint64_t *time_ns   = a[1] != 0 ? user_memory (task, a[1], sizeof *time_ns) : NULL;
    struct clock_now_req request;
    struct clock_now_rep reply;
    int64_t bad;

    if ((a[0] != 0 && uptime_ns == NULL) || (a[1] != 0 && time_ns == NULL))
        return -EFAULT;
    bad = posix_result (clock_now (nucleus_link (INTERFACE_clock), &request, &reply));
    if (bad == 0 && uptime_ns != NULL)
        *uptime_ns = reply.uptime_ns;
    if (bad == 0 && time_ns != NULL)
        *time_ns = reply.time_ns;
    return bad;
}

/* ---- the machine ---- */

int64_t
posix_call_dmesg (struct task *task, const uint64_t *a)
{
    uint64_t *cursor = user_memory (task, a[0], sizeof *cursor);
    struct log_read_req request;
    struct log_read_rep reply;
    int64_t bad;

    if (cursor == NULL)
        return -EFAULT;
    request = (struct log_read_req){ .cursor = *cursor };
    if ((bad = posix_into (task, a[1], a[2], &request.into)) != 0)
        return bad;
    bad = posix_result (log_read (nucleus_link (INTERFACE_log), &request, &reply));
    if (bad != 0)
        return bad;
    *cursor = reply.next;
    return reply.done;
}

int64_t
posix_call_uname (struct task *task, const uint64_t *a)
{
    struct posix_uname *name = user_memory (task, a[0], sizeof *name);

    if (name == NULL)
        return -EFAULT;
    *name = (struct posix_uname){ .system  = "Khimera",
                                  .node    = "khimera",
                                  .release = PACKAGE_VERSION,
                                  .version = "hybrid-kernel simulator",
                                  .machine = "virtual" };
    return 0;
}

int64_t
posix_call_yield (struct task *task, const uint64_t *a)
{
    (void)a;
    task->slice_end = here->token.now;
    return 0;
}
