/* sandbox_child: how a fresh process gives up its rights. Runs between fork and the first line
 * of component code; no allocation, no stdio, no locks.
 *
 * Namespaces and Landlock are not used: none of the calls that the filter leaves can name a
 * file, a process or a socket, and a network namespace alone would cost more than all the rest
 * of a domain's start.
 */
#define _GNU_SOURCE
#include "board/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Nobody, and the group nobody is in. */
#define UNUSED_ID 65534

/* ---- signals ---- */

/* Everything to its default but what is the board's to answer: the terminal and tools like
 * timeout send these to the whole process group, and a domain that died of one would look
 * like a crash. A closed far end is a device's error, not a reason to die. */
static bool
reset_signals (void)
{
    static const int boards[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGPIPE };
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        sigaction (number, &action, NULL); /* refused for SIGKILL, SIGSTOP and libc's own */
    action.sa_handler = SIG_IGN;
    for (unsigned i = 0; i < sizeof boards / sizeof *boards; i++)
        if (sigaction (boards[i], &action, NULL) != 0)
            return false;
    sigemptyset (&none);
    return sigprocmask (SIG_SETMASK, &none, NULL) == 0;
}

/* ---- descriptors ---- */

static bool
close_between (unsigned first, unsigned last)
{
    if (syscall (SYS_close_range, first, last, 0) == 0)
        return true;
    if (errno != ENOSYS)
        return false;
    /* Before Linux 5.9. */
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files) != 0)
        return false;
    for (unsigned fd = first; fd <= last && fd < files.rlim_cur; fd++)
        close ((int) fd);
    return true;
}

/* A number that is wanted may be in use by another descriptor of the list, so all are first
 * copied out of the way. */
static bool
arrange_descriptors (struct sandbox_descriptor *list, unsigned count)
{
    int above = 0;
    for (unsigned i = 0; i < count; i++) {
        if (i > 0 && list[i].to <= list[i - 1].to) {
            errno = EINVAL;
            return false;
        }
        if (list[i].to >= above)
            above = list[i].to + 1;
    }
    for (unsigned i = 0; i < count; i++) {
        list[i].from = fcntl (list[i].from, F_DUPFD_CLOEXEC, above);
        if (list[i].from < 0)
            return false;
    }
    unsigned next = 0;
    for (unsigned i = 0; i < count; i++) {
        if (dup3 (list[i].from, list[i].to, O_CLOEXEC) < 0)
            return false;
        list[i].from = list[i].to;
        if ((unsigned) list[i].to > next && !close_between (next, (unsigned) list[i].to - 1))
            return false;
        next = (unsigned) list[i].to + 1;
    }
    return close_between (next, UINT_MAX);
}

/* ---- user and capabilities ---- */

static bool
read_capabilities (struct __user_cap_data_struct data[2])
{
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    return syscall (SYS_capget, &header, data) == 0;
}

static bool
has_capability (const struct __user_cap_data_struct data[2], unsigned capability)
{
    return (data[capability / 32].effective >> capability % 32 & 1) != 0;
}

/* Root's files are root's even without capabilities, so root becomes nobody. Not where the
 * board could then no longer kill its domains, and not where the user namespace knows no such
 * id: there the process stays root in name, without a capability and without a call to use the
 * name with. */
static bool
leave_root (const struct __user_cap_data_struct data[2])
{
    if (geteuid () != 0 && getuid () != 0)
        return true;
    if (!has_capability (data, CAP_SETUID) || !has_capability (data, CAP_SETGID)
        || !has_capability (data, CAP_KILL))
        return true;
    /* By the bare calls: there is one thread, and libc's own would look for others. */
    if (syscall (SYS_setgroups, 0, NULL) != 0 && errno != EPERM)
        return false;
    if (syscall (SYS_setresgid, UNUSED_ID, UNUSED_ID, UNUSED_ID) != 0)
        return errno == EINVAL;
    if (syscall (SYS_setresuid, UNUSED_ID, UNUSED_ID, UNUSED_ID) != 0)
        return errno == EINVAL;
    return true;
}

static bool
drop_capabilities (const struct __user_cap_data_struct before[2])
{
    struct __user_cap_header_struct header     = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct nothing[2] = { { 0 } };

    /* The bounding set needs a capability that leaving root takes away: first. */
    if (has_capability (before, CAP_SETPCAP))
        for (int capability = 0; prctl (PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
            if (prctl (PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
                return false;
    if (prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
        return false;
    if (!leave_root (before))
        return false;
    return syscall (SYS_capset, &header, nothing) == 0;
}

/* ---- limits ---- */

static bool
limit (int resource, rlim_t value)
{
    struct rlimit both = { value, value };
    struct rlimit now;

    if (getrlimit (resource, &now) == 0 && now.rlim_max < value)
        both.rlim_cur = both.rlim_max = now.rlim_max;
    return setrlimit (resource, &both) == 0;
}

static bool
set_limits (const struct sandbox_setup *setup)
{
    int highest = setup->descriptor_count > 0
                      ? setup->descriptors[setup->descriptor_count - 1].to
                      : 0;

    if (!limit (RLIMIT_CORE, 0) || !limit (RLIMIT_NPROC, 0))
        return false;
#ifndef KHIMERA_SANITIZERS /* they open our image and write their report */
    if (!limit (RLIMIT_NOFILE, (rlim_t) highest + 1))
        return false;
    /* The terminal's output may have been sent to a file. */
    if ((setup->privileges & (PRIVILEGE_DISK | PRIVILEGE_TERMINAL)) == 0)
        return limit (RLIMIT_FSIZE, 0);
#else
    (void) highest;
#endif
    return true;
}

/* ---- all of it ---- */

const char *
sandbox_prepare (struct sandbox_setup *setup)
{
    struct __user_cap_data_struct capabilities[2] = { { 0 } };

    if (!reset_signals ())
        return "signals";
    if (!arrange_descriptors (setup->descriptors, setup->descriptor_count))
        return "descriptors";
    if (!read_capabilities (capabilities) || !drop_capabilities (capabilities))
        return "capabilities";
    if (!set_limits (setup))
        return "limits";
    /* Siblings of the same user shall not trace us or read our memory. */
    if (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return "dumpable";
    /* After the change of user, which clears it. A parent that died before is no more ours. */
    if (prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return "parent death signal";
    if (setup->parent != 0 && getppid () != setup->parent) {
        errno = ESRCH;
        return "parent";
    }
    return NULL;
}

int
sandbox_lock (const struct sandbox_filter *filter)
{
    struct sock_fprog program = { .len = filter->length, .filter = filter->program };

    if (filter->program == NULL || filter->length == 0)
        return EINVAL;
    if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    if (syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return errno;
    return 0;
}
