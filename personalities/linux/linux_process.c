/* linux_process: who the program is, its children, and another program in its place. */
#define _GNU_SOURCE
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "personalities/linux/linux_file.h"

#define PROCESSES    nucleus_link (INTERFACE_process)
#define STRING_MAX   0x20000u /* of one argument, with its end */
#define STRINGS_ROOM 0x4000u  /* for all of them, at first */

/* ---- the end ---- */

LINUX_FUNCTION (exit_group)
{
    guest_end (task, WAIT_EXITED (a[0]));
    return LINUX_NO_RESULT;
}

/* ---- who ---- */

static int64_t
info (uint32_t pid, struct process_info_rep *reply)
{
    struct process_info_req request = { .process = pid };

    return linux_result (process_info (PROCESSES, &request, reply));
}

#define WHO(call, field)                                  \
    LINUX_FUNCTION (call)                                 \
    {                                                     \
        struct process_info_rep reply;                    \
        int64_t bad = info (task->pid, &reply);           \
                                                          \
        (void)a;                                          \
        return bad != 0 ? bad : (int64_t)reply.field;     \
    }

WHO (getpid, pid)
WHO (getppid, parent)
WHO (getpgrp, group)

LINUX_FUNCTION (getpgid)
{
    struct process_info_rep reply;
    int64_t bad = info (a[0] != 0 ? (uint32_t)a[0] : task->pid, &reply);

    return bad != 0 ? bad : (int64_t)reply.group;
}

LINUX_FUNCTION (getsid)
{
    struct process_info_rep reply;
    int64_t bad = info (a[0] != 0 ? (uint32_t)a[0] : task->pid, &reply);

    return bad != 0 ? bad : (int64_t)reply.session;
}

LINUX_FUNCTION (setpgid)
{
    struct process_setgroup_req request
        = { .process = task->pid, .pid = (uint32_t)a[0], .group = (uint32_t)a[1] };
    struct process_setgroup_rep reply;

    if ((int32_t)a[1] < 0)
        return -EINVAL;
    return linux_result (process_setgroup (PROCESSES, &request, &reply));
}

LINUX_FUNCTION (setsid)
{
    struct process_session_req request = { .process = task->pid };
    struct process_session_rep reply;
    int64_t bad = linux_result (process_session (PROCESSES, &request, &reply));

    (void)a;
    return bad != 0 ? bad : task->pid;
}

/* ---- children ---- */

/* shared: the child uses our memory, and we wait, until it has its own or is gone. */
static int64_t
make_child (struct task *task, bool shared, uint64_t stack, uint64_t tid_address)
{
    struct process_fork_req request = { .process = task->pid, .shared = shared };
    struct process_fork_rep reply;
    struct guest_group *group = task->guest->group;
    int64_t bad;

    component_lock (COMPONENT (COMPONENT_NUCLEUS), &group->forking);
    group->forker            = task;
    task->guest->child_stack = stack;
    task->guest->child_tid   = tid_address;
    bad                      = linux_result (process_fork (PROCESSES, &request, &reply));
    task->guest->child_stack = task->guest->child_tid = 0;
    group->forker            = NULL;
    component_unlock (COMPONENT (COMPONENT_NUCLEUS), &group->forking);
    if (bad != 0)
        return bad == -ENOMEM || bad == -ESRCH ? bad : -EAGAIN;
    if (shared) {
        struct task *child = task_of_process (reply.pid);

        if (child != NULL && child->guest != NULL && child->guest->space == task->guest->space)
            component_sleep (COMPONENT (COMPONENT_NUCLEUS), &child->guest->vfork);
    }
    return reply.pid;
}

LINUX_FUNCTION (fork)
{
    (void)a;
    return make_child (task, false, 0, 0);
}

LINUX_FUNCTION (vfork)
{
    (void)a;
    return make_child (task, true, 0, 0);
}

LINUX_FUNCTION (clone)
{
    const uint64_t known = CLONE_VM | CLONE_VFORK | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID
                           | CLONE_PARENT_SETTID | 0xff;
    bool shared    = (a[0] & CLONE_VM) != 0;
    int64_t result;

    if ((a[0] & CLONE_THREAD) != 0)
        return linux_thread (task, a);
    if ((a[0] & ~known) != 0 || (shared && (a[0] & CLONE_VFORK) == 0))
        return -EINVAL;
    result = make_child (task, shared, a[1], (a[0] & CLONE_CHILD_SETTID) != 0 ? a[3] : 0);
    if (result > 0 && (a[0] & CLONE_PARENT_SETTID) != 0) {
        uint32_t pid = (uint32_t)result;

        linux_put (task, a[2], &pid, sizeof pid);
    }
    return result;
}

/* ---- execve ---- */

/* Arguments and environment, one string after the other. */
struct strings {
    char *text;
    uint32_t room, bytes;
    uint64_t most; /* bytes, with a pointer for each string */
};

static bool
strings_grow (struct strings *strings)
{
    char *text = linux_alloc (2 * strings->room);

    if (text == NULL)
        return false;
    memcpy (text, strings->text, strings->bytes);
    linux_free (strings->text);
    strings->text = text;
    strings->room *= 2;
    return true;
}

static int64_t
string_take (struct task *task, uint64_t address, struct strings *strings)
{
    for (;;) {
        uint32_t left = strings->room - strings->bytes, bytes;
        uint32_t room = left < STRING_MAX ? left : STRING_MAX;
        int64_t bad   = linux_result (space_string (task->guest->space, address,
                                                    strings->text + strings->bytes, room, &bytes));

        if (bad == 0 && bytes + sizeof address > strings->most)
            return -E2BIG;
        if (bad == 0) {
            strings->bytes += bytes;
            strings->most -= bytes + sizeof address;
        }
        if (bad != -ENAMETOOLONG)
            return bad;
        if (room == STRING_MAX || room >= strings->most)
            return -E2BIG;
        if (!strings_grow (strings))
            return -ENOMEM;
    }
}

static int64_t
strings_take (struct task *task, uint64_t vector, struct strings *strings, uint32_t *count)
{
    for (*count = 0; vector != 0; ++*count) {
        uint64_t string;
        int64_t bad = linux_get (task, vector + *count * sizeof string, &string, sizeof string);

        if (bad != 0 || string == 0)
            return bad;
        bad = string_take (task, string, strings);
        if (bad != 0)
            return bad;
    }
    return 0;
}

/* The files and the process manager learn that the program is another one. */
static void
exec_tell (struct task *task, const char *path)
{
    const char *slash              = strrchr (path, '/');
    const char *name               = slash != NULL ? slash + 1 : path;
    struct file_exec_req files     = { .process = task->pid };
    struct file_exec_rep files_told;
    struct process_exec_req request
        = { .process = task->pid,
            .from    = { .data = (void *)(uintptr_t)name, .length = (uint32_t)strlen (name) } };
    struct process_exec_rep told;

    if (task->guest != NULL) {
        request.become = task->guest->rights.become;
        request.uid    = task->guest->rights.uid;
        request.gid    = task->guest->rights.gid;
    }
    file_exec (FILES, &files, &files_told);
    process_exec (PROCESSES, &request, &told);
}

LINUX_FUNCTION (execve)
{
    struct guest_program program = { 0 };
    struct strings strings       = { .text = linux_alloc (STRINGS_ROOM),
                                     .room = STRINGS_ROOM,
                                     .most = guest_limit_strings (task) };
    struct linux_path path;
    bool lost = false;
    int64_t bad;

    bad = strings.text != NULL ? linux_path_begin (task, LINUX_HERE, a[0], 0, &path) : -ENOMEM;
    if (bad == 0)
        linux_path_end (task, &path); /* the loader makes it absolute */
    if (bad == 0)
        bad = strings_take (task, a[1], &strings, &program.arguments);
    if (bad == 0 && program.arguments == 0) { /* many programs believe that there is one */
        strings.text[strings.bytes++] = '\0';
        program.arguments             = 1;
    }
    if (bad == 0)
        bad = strings_take (task, a[2], &strings, &program.environment);
    if (bad == 0) {
        program.path    = path.text;
        program.strings = strings.text;
        program.bytes   = strings.bytes;
        path.text[path.grant.length] = '\0';
        bad             = linux_result (guest_exec (task, &program, &lost));
    }
    linux_free (strings.text);
    if (bad == 0) {
        exec_tell (task, path.text);
        return LINUX_NO_RESULT;
    }
    if (lost)
        guest_end (task, WAIT_KILLED (SIGSEGV));
    return bad;
}

/* ---- about itself ---- */

static int64_t
get_name (struct task *task, uint64_t address)
{
    struct process_row row;
    struct process_list_req request
        = { .first = task->pid, .into = { .data = &row, .length = sizeof row } };
    struct process_list_rep reply;
    char name[16] = { 0 };
    int64_t bad   = linux_result (process_list (PROCESSES, &request, &reply));

    if (bad == 0 && (reply.done != sizeof row || row.pid != task->pid))
        bad = -ESRCH;
    if (bad == 0) {
        memcpy (name, row.name, sizeof name);
        name[sizeof name - 1] = '\0';
    }
    return bad != 0 ? bad : linux_put (task, address, name, sizeof name);
}

LINUX_FUNCTION (prctl)
{
    char name[17] = { 0 };
    struct process_exec_req request = { .process = task->pid, .keep = 1 };
    struct process_exec_rep told;
    int64_t bad;

    if (a[0] == PR_GET_NAME)
        return get_name (task, a[1]);
    if (a[0] != PR_SET_NAME)
        return -EINVAL;
    bad = linux_get (task, a[1], name, 16);
    if (bad != 0)
        return bad;
    request.from = (grant){ .data = name, .length = (uint32_t)strlen (name) };
    return linux_result (process_exec (PROCESSES, &request, &told));
}

LINUX_FUNCTION (arch_prctl)
{
    if (a[0] == 0x1002) { /* ARCH_SET_FS */
        if (a[1] >= GUEST_USER_END)
            return -EPERM;
        task->guest->thread_pointer = a[1];
        return 0;
    }
    if (a[0] == 0x1003) /* ARCH_GET_FS */
        return linux_put (task, a[1], &task->guest->thread_pointer, 8);
    return -EINVAL;
}

LINUX_FUNCTION (uname)
{
    struct utsname name = { .sysname  = "Linux",
                            .nodename = "khimera",
                            .release  = "6.1.0-khimera",
                            .version  = "#1 " PACKAGE_VERSION,
                            .machine  = "x86_64" };

    return linux_put (task, a[0], &name, sizeof name);
}

LINUX_FUNCTION (sysinfo)
{
    const struct nucleus *n = nucleus ();
    struct vm_info_req ask  = {};
    struct vm_info_rep told = { 0 };
    struct sysinfo out;

    vm_info (nucleus_link (INTERFACE_vm), &ask, &told);
    out = (struct sysinfo){ .uptime    = (long)(CYCLES_TO_NS (here->token.now) / 1000000000u),
                            .totalram  = told.numbers.frames,
                            .freeram   = told.numbers.free,
                            .sharedram = told.numbers.of_memory,
                            .totalswap = told.numbers.swap,
                            .freeswap  = told.numbers.swap_free,
                            .procs     = (unsigned short)n->tasks.alive,
                            .mem_unit  = PAGE_BYTES };

    return linux_put (task, a[0], &out, sizeof out);
}

/* What klogctl(3) calls SYSLOG_ACTION_READ_ALL and SYSLOG_ACTION_SIZE_BUFFER. */
enum { LOG_READ_ALL = 3, LOG_SIZE = 10, LOG_BYTES = 65536 };

LINUX_FUNCTION (syslog)
{
    uint32_t room = a[2] < LOG_BYTES ? (uint32_t)a[2] : LOG_BYTES;
    struct log_read_req request = { 0 };
    struct log_read_rep reply;
    char *buffer;
    int64_t bad;

    if (a[0] == LOG_SIZE)
        return LOG_BYTES;
    if (a[0] != LOG_READ_ALL || nucleus_link (INTERFACE_log) == NULL)
        return -EINVAL;
    buffer = linux_alloc (room + 1);
    if (buffer == NULL)
        return -ENOMEM;
    request.into = (grant){ .data = buffer, .length = room };
    bad          = linux_result (log_read (nucleus_link (INTERFACE_log), &request, &reply));
    if (bad == 0)
        bad = linux_put (task, a[1], buffer, reply.done);
    linux_free (buffer);
    return bad != 0 ? bad : reply.done;
}

LINUX_FUNCTION (getrandom)
{
    uint64_t bytes        = a[1] < 65536 ? a[1] : 65536;
    const uint64_t either = GRND_RANDOM | GRND_INSECURE;

    if ((a[2] & ~(either | GRND_NONBLOCK)) != 0 || (a[2] & either) == either)
        return -EINVAL;
    for (uint64_t at = 0; at < bytes;) {
        uint64_t random = component_random (COMPONENT (COMPONENT_NUCLEUS));
        uint64_t piece  = bytes - at < 8 ? bytes - at : 8;
        int64_t bad     = linux_put (task, a[0] + at, &random, piece);

        if (bad != 0)
            return bad;
        at += piece;
    }
    return (int64_t)bytes;
}
