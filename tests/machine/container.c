/* container: runs a command under what a container's default seccomp profile refuses to who has
 * no capability, and without any capability: container COMMAND ARGUMENT... */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>


/* By name: a library that does not know one has nothing to refuse. */
static const char *const refused[] = {
    "acct",           "add_key",          "bpf",             "clock_adjtime",
    "clock_settime",  "create_module",    "delete_module",   "fanotify_init",
    "finit_module",   "fsconfig",         "fsmount",         "fsopen",
    "fspick",         "get_mempolicy",    "init_module",     "io_uring_enter",
    "io_uring_register", "io_uring_setup", "ioperm",         "iopl",
    "kcmp",           "kexec_file_load",  "kexec_load",      "keyctl",
    "lookup_dcookie", "mbind",            "mount",           "mount_setattr",
    "move_mount",     "move_pages",       "open_by_handle_at", "open_tree",
    "perf_event_open", "pidfd_getfd",     "pivot_root",      "process_madvise",
    "quotactl",       "reboot",           "request_key",     "set_mempolicy",
    "setdomainname",  "sethostname",      "setns",           "settimeofday",
    "swapoff",        "swapon",           "syslog",          "umount2",
    "unshare",        "userfaultfd",      "vhangup",
};

static void
must (int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf (stderr, "container: %s: %s\n", what, strerror (-result));
    exit (99);
}

/* The answer to clone3 makes libraries take clone, whose flags can be looked at. */
static void
refuse_namespaces (scmp_filter_ctx filter)
{
    static const unsigned long kinds[] = { CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS,
                                           CLONE_NEWIPC,  CLONE_NEWUSER,   CLONE_NEWPID,
                                           CLONE_NEWNET };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        must (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (clone), 1,
                                SCMP_A0 (SCMP_CMP_MASKED_EQ, kinds[i], kinds[i])),
              "clone");
    must (seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0), "clone3");
}

/* No addresses that do not change; the highest bit is a question only. */
static void
refuse_personalities (scmp_filter_ctx filter)
{
    const unsigned long question = 1ul << 31;

    must (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (personality), 1,
                            SCMP_A0 (SCMP_CMP_MASKED_EQ, question | ADDR_NO_RANDOMIZE,
                                     ADDR_NO_RANDOMIZE)),
          "personality");
}

static void
lock_up (void)
{
    scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

    if (filter == NULL)
        must (-ENOMEM, "no filter");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        int number = seccomp_syscall_resolve_name (refused[i]);

        if (number >= 0)
            must (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), number, 0), refused[i]);
    }
    refuse_namespaces (filter);
    refuse_personalities (filter);
    must (seccomp_rule_add (filter, SCMP_ACT_ERRNO (EPERM), SCMP_SYS (socket), 1,
                            SCMP_A0 (SCMP_CMP_EQ, AF_VSOCK)),
          "socket");
    must (seccomp_load (filter), "the filter is refused");
    seccomp_release (filter);
}

/* Does it refuse what it should? Else what comes of the test means nothing. */
static void
try_it (void)
{
    if (unshare (CLONE_NEWUSER) == 0 || errno != EPERM
        || personality (ADDR_NO_RANDOMIZE) != -1 || errno != EPERM) {
        fprintf (stderr, "container: nothing is refused\n");
        exit (99);
    }
}

int
main (int argc, char **argv)
{
    if (argc < 2)
        return 99;
    if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        must (-errno, "no new privileges");
    lock_up ();
    try_it ();
    execvp (argv[1], argv + 1);
    must (-errno, argv[1]);
    return 99;
}
