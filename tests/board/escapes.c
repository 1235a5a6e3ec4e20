#define _GNU_SOURCE
#include "escapes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "device/device.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define AT     ((uint64_t) AT_FDCWD)
#define P(p)   ((uint64_t) (uintptr_t) (p))
#define MINUS1 UINT64_MAX
#define HIGH   (UINT64_C (1) << 32)

#define TRY(group, name, flags, call, ...) \
    try (list, group, name, flags, SYS_##call, (uint64_t[6]){ __VA_ARGS__ })

/* Numbers that the headers of an older system may lack. */
enum {
    NR_fsopen = 430, NR_clone3 = 435, NR_close_range = 436, NR_openat2 = 437, NR_pidfd_getfd = 438,
    NR_process_madvise = 440, NR_landlock_create_ruleset = 444, NR_memfd_secret = 447,
    NR_process_mrelease = 448, NR_cachestat = 451, NR_fchmodat2 = 452, NR_futex_wake = 454,
    NR_futex_requeue = 456, NR_lsm_set_self_attr = 460, NR_mseal = 462
};
#define TRY_NR(group, name, flags, number, ...) \
    try (list, group, name, flags, number, (uint64_t[6]){ __VA_ARGS__ })

#define WORKS ATTEMPT_WORKS

static void
try (GArray *list, const char *group, const char *name, unsigned flags, long number,
     const uint64_t arguments[6])
{
    struct attempt attempt
        = { .group = group, .name = name, .number = number, .flags = flags };

    memcpy (attempt.arguments, arguments, sizeof attempt.arguments);
    g_array_append_val (list, attempt);
}

static void
files (GArray *list, const struct canary *c)
{
    static struct { uint64_t flags, mode, resolve; } how = { .flags = O_RDWR };
    static char longer[80];

    g_snprintf (longer, sizeof longer, "%s/new", c->folder);
    TRY ("files", "open", WORKS, open, P (c->path), O_RDWR | O_TRUNC);
    TRY ("files", "openat", WORKS, openat, AT, P (c->path), O_WRONLY | O_TRUNC);
    TRY ("files", "openat of a directory", WORKS, openat, AT, P ("/"), O_RDONLY | O_DIRECTORY);
    TRY ("files", "openat beside a descriptor", 0, openat, 16, P ("x"), O_RDWR);
    TRY_NR ("files", "openat2", WORKS, NR_openat2, AT, P (c->path), P (&how), sizeof how);
    TRY ("files", "creat", WORKS, creat, P (c->path), 0600);
    TRY ("files", "truncate", WORKS, truncate, P (c->path), 0);
    TRY ("files", "rename", WORKS, rename, P (c->path), P (longer));
    TRY ("files", "link", WORKS, link, P (c->path), P (longer));
    TRY ("files", "symlink", WORKS, symlink, P (c->path), P (longer));
    TRY ("files", "mkdir", WORKS, mkdir, P (longer), 0700);
    TRY ("files", "mknod", WORKS, mknod, P (longer), 0100600);
    TRY ("files", "chmod", WORKS, chmod, P (c->path), 0);
    TRY ("files", "fchmodat2", 0, fchmodat, AT, P (c->path), 0);
    TRY ("files", "chown", 0, chown, P (c->path), 0, 0);
    TRY ("files", "utimensat", WORKS, utimensat, AT, P (c->path), 0);
    TRY ("files", "setxattr", 0, setxattr, P (c->path), P ("user.x"), P ("y"), 1);
    TRY ("files", "stat", WORKS, newfstatat, AT, P (c->path), P (c->memory + 512));
    TRY ("files", "readlink", WORKS, readlink, P ("/proc/self/exe"), P (c->memory + 512), 64);
    TRY ("files", "chdir", WORKS, chdir, P ("/"));
    TRY ("files", "chroot", 0, chroot, P ("/"));
    TRY ("files", "mount", 0, mount, P ("none"), P (c->folder), P ("tmpfs"));
    TRY_NR ("files", "fsopen", 0, NR_fsopen, P ("tmpfs"));
    TRY ("files", "pivot_root", 0, pivot_root, P (c->folder), P (c->folder));
    TRY ("files", "memfd_create", WORKS, memfd_create, P ("escape"));
    TRY_NR ("files", "memfd_secret", 0, NR_memfd_secret);
    TRY ("files", "inotify_init1", WORKS, inotify_init1);
    TRY ("files", "fanotify_init", 0, fanotify_init);
    TRY ("files", "name_to_handle_at", 0, name_to_handle_at, AT, P (c->path));
    TRY ("files", "open_by_handle_at", 0, open_by_handle_at, AT);
    TRY ("files", "unlink", WORKS, unlink, P (c->path));
}

static void
network (GArray *list, const struct canary *c)
{
    static struct sockaddr name = { .sa_family = AF_UNIX, .sa_data = "x" };

    (void)c;
    TRY ("network", "socket INET", WORKS, socket, AF_INET, SOCK_STREAM);
    TRY ("network", "socket INET6", 0, socket, AF_INET6, SOCK_DGRAM);
    TRY ("network", "socket UNIX", WORKS, socket, AF_UNIX, SOCK_STREAM);
    TRY ("network", "socket NETLINK", WORKS, socket, AF_NETLINK, SOCK_RAW);
    TRY ("network", "socket VSOCK", 0, socket, 40, SOCK_STREAM);
    TRY ("network", "socket PACKET", 0, socket, AF_PACKET, SOCK_RAW);
    TRY ("network", "socketpair", WORKS, socketpair, AF_UNIX, SOCK_STREAM, 0, P (c->memory + 512));
    TRY ("network", "connect", 0, connect, 16, P (&name), sizeof name);
    TRY ("network", "bind", 0, bind, 16, P (&name), sizeof name);
    TRY ("network", "sendto", 0, sendto, 16, P ("x"), 1);
    TRY ("network", "sendmsg, with a descriptor", 0, sendmsg, 16, P (c->memory + 512));
    TRY ("network", "recvmsg, with a descriptor", 0, recvmsg, 16, P (c->memory + 512));
}

static void
processes (GArray *list, const struct canary *c)
{
    static struct iovec ours, theirs;
    static const struct { uint64_t flags[11]; } child = { { 0 } };
    static uint32_t priority[12] = { 48 };
    static char *nothing[] = { NULL };
    static siginfo_t info;

    ours        = (struct iovec){ (void *)P (c->memory + 512), 8 };
    theirs      = (struct iovec){ (void *)P (c->memory), 8 };
    info.si_code = SI_QUEUE;
    TRY ("processes", "fork", WORKS, fork, 0);
    TRY ("processes", "clone", WORKS, clone, SIGCHLD);
    TRY ("processes", "clone of a thread", 0, clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND);
    TRY ("processes", "clone into a new user namespace", 0, clone, CLONE_NEWUSER | SIGCHLD);
    TRY_NR ("processes", "clone3", WORKS, NR_clone3, P (&child), sizeof child);
    TRY ("processes", "execve", 0, execve, P ("/bin/true"), P (nothing), P (nothing));
    TRY ("processes", "execveat of a descriptor", 0, execveat, 16, P (""), P (nothing), P (nothing), AT_EMPTY_PATH);
    TRY ("processes", "kill of the parent", WORKS, kill, (uint64_t)getpid (), 0);
    TRY ("processes", "kill of a sibling", 0, kill, (uint64_t)c->sibling, SIGKILL);
    TRY ("processes", "kill of all", 0, kill, MINUS1, SIGKILL);
    TRY ("processes", "tgkill of a sibling", 0, tgkill, (uint64_t)c->sibling, (uint64_t)c->sibling, SIGKILL);
    TRY ("processes", "tkill of a sibling", 0, tkill, (uint64_t)c->sibling, SIGKILL);
    TRY ("processes", "rt_sigqueueinfo", 0, rt_sigqueueinfo, (uint64_t)c->sibling, SIGUSR1, P (&info));
    TRY ("processes", "ptrace of a sibling", 0, ptrace, PTRACE_SEIZE, (uint64_t)c->sibling);
    TRY ("processes", "ptrace by the parent", WORKS, ptrace, PTRACE_TRACEME);
    TRY ("processes", "process_vm_readv", WORKS, process_vm_readv, (uint64_t)c->sibling, P (&ours), 1, P (&theirs), 1);
    TRY ("processes", "process_vm_writev", WORKS, process_vm_writev, (uint64_t)c->sibling, P (&ours), 1, P (&theirs), 1);
    TRY_NR ("processes", "process_madvise", 0, NR_process_madvise, 16, P (&theirs), 1, MADV_COLD);
    TRY_NR ("processes", "process_mrelease", 0, NR_process_mrelease, 16);
    TRY ("processes", "pidfd_open", WORKS, pidfd_open, (uint64_t)c->sibling);
    TRY_NR ("processes", "pidfd_getfd", 0, NR_pidfd_getfd, 16, 0);
    TRY ("processes", "pidfd_send_signal", 0, pidfd_send_signal, 16, SIGKILL);
    TRY ("processes", "kcmp", WORKS, kcmp, (uint64_t)getpid (), (uint64_t)c->sibling, 1);
    TRY ("processes", "prlimit64 of the parent", WORKS, prlimit64, (uint64_t)getpid (), 7, 0, P (c->memory + 512));
    TRY ("processes", "sched_setattr", 0, sched_setattr, 0, P (priority));
    TRY ("processes", "sched_setaffinity", 0, sched_setaffinity, (uint64_t)c->sibling, 8, P (c->memory + 512));
    TRY ("processes", "setpriority", WORKS, setpriority, 0, 0, 19);
    TRY ("processes", "setsid", WORKS, setsid);
    TRY ("processes", "setpgid", WORKS, setpgid);
    TRY ("processes", "setns", 0, setns, 16);
    TRY ("processes", "unshare", WORKS, unshare, CLONE_FILES);
    TRY ("processes", "setresuid", WORKS, setresuid, MINUS1, MINUS1, MINUS1);
    TRY ("processes", "capset", 0, capset, 0);
    TRY ("processes", "wait4", 0, wait4, MINUS1);
}

static void
memory (GArray *list, const struct canary *c)
{
    TRY ("memory", "mmap of code", WORKS, mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, MINUS1);
    TRY ("memory", "mmap of memory", WORKS, mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MINUS1);
    TRY ("memory", "mmap of a descriptor", 0, mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 16);
    TRY ("memory", "mmap over the view", WORKS, mmap, P (c->view), 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, MINUS1);
    TRY ("memory", "mprotect of the view", WORKS, mprotect, P (c->view), 4096, PROT_READ);
    TRY ("memory", "mprotect to code", WORKS, mprotect, P (c->memory), 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    TRY ("memory", "pkey_mprotect", WORKS, pkey_mprotect, P (c->memory), 4096, PROT_READ | PROT_WRITE, MINUS1);
    TRY ("memory", "mremap", WORKS, mremap, P (c->view), 4096, 4096, 0);
    TRY ("memory", "munmap", WORKS, munmap, P (c->view), 4096);
    TRY ("memory", "brk", WORKS, brk, 0);
    TRY ("memory", "madvise that removes", WORKS, madvise, P (c->memory), 4096, MADV_DONTNEED);
    TRY ("memory", "mlock", WORKS, mlock, P (c->memory), 4096);
    TRY ("memory", "mlockall", 0, mlockall, 1);
    TRY ("memory", "msync", WORKS, msync, P (c->memory), 4096, MS_ASYNC);
    TRY ("memory", "userfaultfd", 0, userfaultfd);
    TRY ("memory", "remap_file_pages", WORKS, remap_file_pages, P (c->memory), 4096, 0, 0);
    TRY ("memory", "mincore", WORKS, mincore, P (c->memory), 4096, P (c->memory + 512));
    TRY ("memory", "move_pages", 0, move_pages, 0, 0);
    TRY ("memory", "arch_prctl", 0, arch_prctl, 0x1002, 0);
    TRY_NR ("memory", "mseal", 0, NR_mseal, P (c->view), 4096);
}

static void
kernel (GArray *list, const struct canary *c)
{
    static uint8_t zero[128];
    static struct { uint16_t count; const void *program; } filter = { 0, NULL };

    TRY ("kernel", "bpf", 0, bpf, 0, P (zero), sizeof zero);
    TRY ("kernel", "perf_event_open", 0, perf_event_open, P (zero), 0, MINUS1, MINUS1);
    TRY ("kernel", "io_uring_setup", 0, io_uring_setup, 4, P (zero));
    TRY ("kernel", "io_uring_enter", 0, io_uring_enter, 16);
    TRY ("kernel", "io_setup", WORKS, io_setup, 4, P (zero));
    TRY ("kernel", "keyctl", 0, keyctl, 0, MINUS1 - 2);
    TRY ("kernel", "add_key", 0, add_key, P ("user"), P ("x"), P ("y"), 1, MINUS1 - 2);
    TRY ("kernel", "seccomp, a second filter", 0, seccomp, 1, 0, P (&filter));
    TRY ("kernel", "seccomp, with a listener", 0, seccomp, 1, 8, P (&filter));
    TRY ("kernel", "prctl DUMPABLE", WORKS, prctl, PR_SET_DUMPABLE, 1);
    TRY ("kernel", "prctl PTRACER", 0, prctl, PR_SET_PTRACER, MINUS1);
    TRY ("kernel", "prctl PDEATHSIG", WORKS, prctl, PR_SET_PDEATHSIG);
    TRY ("kernel", "prctl SECCOMP", 0, prctl, PR_SET_SECCOMP, 1);
    TRY ("kernel", "prctl NAME", WORKS, prctl, PR_SET_NAME, P ("innocent"));
    TRY ("kernel", "personality", WORKS, personality, 0xffffffff);
    TRY ("kernel", "quotactl", 0, quotactl, 0);
    TRY ("kernel", "reboot", 0, reboot, 0);
    TRY ("kernel", "init_module", 0, init_module, P (zero), sizeof zero, P (""));
    TRY ("kernel", "finit_module", 0, finit_module, 16, P (""));
    TRY ("kernel", "kexec_load", 0, kexec_load, 0);
    TRY ("kernel", "acct", 0, acct, 0);
    TRY ("kernel", "swapon", 0, swapon, P (c->path));
    TRY ("kernel", "iopl", 0, iopl, 3);
    TRY ("kernel", "ioperm", 0, ioperm, 0x80, 1, 1);
    TRY ("kernel", "modify_ldt", 0, modify_ldt, 1);
    TRY_NR ("kernel", "landlock_create_ruleset", 0, NR_landlock_create_ruleset);
    TRY_NR ("kernel", "lsm_set_self_attr", 0, NR_lsm_set_self_attr);
    TRY ("kernel", "syslog", 0, syslog, 10);
    TRY ("kernel", "sethostname", 0, sethostname, P ("x"), 1);
    TRY ("kernel", "settimeofday", 0, settimeofday, 0);
    TRY ("kernel", "getrandom", WORKS, getrandom, P (zero), 8);
    TRY ("kernel", "uname", WORKS, uname, P (c->memory + 512));
    TRY ("kernel", "rt_sigaction, to answer its own refusals", 0, rt_sigaction, SIGSYS, 0, 0, 8);
    TRY ("kernel", "sigaltstack", WORKS, sigaltstack);
}

static void
between (GArray *list, const struct canary *c)
{
    TRY ("ipc", "shmget", WORKS, shmget, 0, 4096, 0600 | 01000);
    TRY ("ipc", "shmat", 0, shmat, 0);
    TRY ("ipc", "semget", WORKS, semget, 0, 1, 0600 | 01000);
    TRY ("ipc", "msgget", WORKS, msgget, 0, 0600 | 01000);
    TRY ("ipc", "mq_open", 0, mq_open, P ("x"), O_RDWR | O_CREAT, 0600);
    TRY ("ipc", "pipe2", WORKS, pipe2, P (c->memory + 512), 0);
    TRY ("ipc", "eventfd2", WORKS, eventfd2, 0, 0);
    TRY ("ipc", "signalfd4", WORKS, signalfd4, MINUS1, P (c->memory + 512), 8);
    TRY ("ipc", "epoll_create1", WORKS, epoll_create1);
}

static void
descriptors (GArray *list, const struct canary *c)
{
    static struct iovec one = { (void *)(uintptr_t)"x", 1 };

    TRY ("descriptors", "dup", WORKS, dup, 16);
    TRY ("descriptors", "dup2", WORKS, dup2, 17, 16);
    TRY ("descriptors", "dup3", WORKS, dup3, 17, 16);
    TRY ("descriptors", "close", WORKS, close, 16);
    TRY_NR ("descriptors", "close_range", WORKS, NR_close_range, 16, 17);
    TRY ("descriptors", "fcntl SETOWN", 0, fcntl, 16, F_SETOWN, (uint64_t)c->sibling);
    TRY ("descriptors", "fcntl SETSIG", 0, fcntl, 16, F_SETSIG, SIGKILL);
    TRY ("descriptors", "fcntl SETLEASE", 0, fcntl, 16, F_SETLEASE, F_WRLCK);
    TRY ("descriptors", "fcntl SETFL", WORKS, fcntl, 16, F_SETFL, O_APPEND);
    TRY ("descriptors", "fcntl ADD_SEALS", 0, fcntl, 16, F_ADD_SEALS, F_SEAL_WRITE);
    TRY ("descriptors", "ioctl TIOCSTI", 0, ioctl, 11, TIOCSTI, P ("x"));
    TRY ("descriptors", "ioctl TIOCLINUX", 0, ioctl, 11, TIOCLINUX, P ("\2"));
    TRY ("descriptors", "ioctl TCGETS", 0, ioctl, 11, TCGETS, P (c->memory + 512));
    TRY ("descriptors", "lseek", WORKS, lseek, 16, 0, SEEK_END);
    TRY ("descriptors", "ftruncate", WORKS, ftruncate, 16, 0);
    TRY ("descriptors", "fallocate", WORKS, fallocate, 16, 3, 0, 4096);
    TRY ("descriptors", "fsync", WORKS, fsync, 16);
    TRY ("descriptors", "fstat", WORKS, fstat, 16, P (c->memory + 512));
    TRY ("descriptors", "fchmod", WORKS, fchmod, 16, 0);
    TRY ("descriptors", "flock", WORKS, flock, 16, 2);
    TRY ("descriptors", "read", WORKS, read, 16, P (c->memory + 512), 8);
    TRY ("descriptors", "write to a disk", WORKS, write, 16, P ("x"), 1);
    TRY ("descriptors", "preadv", WORKS, preadv, 16, P (&one), 0);
    TRY ("descriptors", "pwritev", WORKS, pwritev, 16, P (&one), 1);
    TRY ("descriptors", "pwritev2", WORKS, pwritev2, 16, P (&one), 1, 0, 0, 0);
    TRY ("descriptors", "splice", 0, splice, 16, 0, 23, 0, 1);
    TRY ("descriptors", "tee", 0, tee, 16, 23, 1);
    TRY ("descriptors", "vmsplice", 0, vmsplice, 16, P (&one), 1);
    TRY ("descriptors", "sendfile", WORKS, sendfile, 23, 16, 0, 1);
    TRY ("descriptors", "copy_file_range", 0, copy_file_range, 16, 0, 23, 0, 1);
    TRY ("descriptors", "sync_file_range", WORKS, sync_file_range, 16, 0, 1, 2);
    TRY ("descriptors", "poll", WORKS, poll, P (c->memory + 512), 0, 0);
    TRY ("descriptors", "pread of another's", 0, pread64, 3, P (c->memory + 512), 8);
    TRY ("descriptors", "pwrite of another's", 0, pwrite64, 3, P ("x"), 1);
    TRY ("descriptors", "pwrite to the terminal", 0, pwrite64, DEVICE_TERMINAL_FD, P ("x"), 1);
    TRY ("descriptors", "write to standard output", WORKS, write, 1, P (""), 0);
}

static void
arguments (GArray *list, const struct canary *c)
{
    uint64_t word = P (c->memory + 256);

    TRY ("arguments", "pread64 of 16 | 1 << 32", WORKS, pread64, HIGH | 16, P (c->memory + 512), 1);
    TRY ("arguments", "pwrite64 to 16 | 1 << 63", WORKS, pwrite64, UINT64_C (1) << 63 | 16, P ("x"), 1);
    TRY ("arguments", "write to the terminal | 1 << 32", WORKS, write, HIGH | DEVICE_TERMINAL_FD, P (""), 0);
    TRY ("arguments", "futex REQUEUE", WORKS, futex, word, FUTEX_REQUEUE, 1, 1, word + 4);
    TRY ("arguments", "futex CMP_REQUEUE_PI", 0, futex, word, FUTEX_CMP_REQUEUE_PI, 1, 1, word + 4);
    TRY ("arguments", "futex LOCK_PI", WORKS, futex, word + 8, FUTEX_LOCK_PI);
    TRY ("arguments", "futex WAKE_OP", WORKS, futex, word, FUTEX_WAKE_OP, 1, 1, word + 4, 0);
    TRY ("arguments", "futex FD", 0, futex, word, FUTEX_FD, 0);
    TRY ("arguments", "futex WAKE | 1 << 32", WORKS, futex, word, HIGH | FUTEX_WAKE, 1);
    TRY ("arguments", "futex WAKE, private", WORKS, futex, word, FUTEX_WAKE_PRIVATE, 1);
    TRY ("arguments", "futex_wake", 0, futex, word, FUTEX_WAKE_BITSET, 1, 0, 0, 1);
    TRY_NR ("arguments", "futex2 wake", 0, NR_futex_wake, word, 1, 1, 2);
    TRY_NR ("arguments", "futex2 requeue", 0, NR_futex_requeue, word);
    TRY ("arguments", "a clock before all", WORKS, clock_gettime, MINUS1 - 1, word + 16);
    TRY ("arguments", "the clock of another process", 0, clock_gettime, ~(uint64_t)c->sibling << 3 | 2, word + 16);
    TRY ("arguments", "the clock of the day", WORKS, clock_gettime, CLOCK_REALTIME, word + 16);
    TRY ("arguments", "a clock | 1 << 32", WORKS, clock_gettime, HIGH | CLOCK_MONOTONIC, word + 16);
    TRY ("arguments", "getpid with a number of more than 32 bits' worth: getppid", WORKS, getppid);
}

static void
resources (GArray *list, const struct canary *c)
{
    static struct itimerval soon    = { .it_value = { .tv_sec = 1000 } };
    static const struct timespec now = { 0 };
    static const uint64_t limit[2]  = { 0, 0 };

    TRY ("resources", "vfork, again and again", 0, vfork);
    TRY ("resources", "setrlimit", WORKS, setrlimit, 4, P (limit));
    TRY ("resources", "getrlimit", WORKS, getrlimit, 7, P (c->memory + 512));
    TRY ("resources", "setitimer", WORKS, setitimer, 0, P (&soon));
    TRY ("resources", "timer_create", WORKS, timer_create, CLOCK_MONOTONIC, 0, P (c->memory + 512));
    TRY ("resources", "timerfd_create", WORKS, timerfd_create, CLOCK_MONOTONIC);
    TRY ("resources", "sched_setscheduler", 0, sched_setscheduler, 0, 1, P (c->memory + 512));
    TRY ("resources", "membarrier", WORKS, membarrier, 0);
    TRY ("resources", "nanosleep", WORKS, nanosleep, P (&now));
    TRY ("resources", "sync", 0, sync);
    TRY ("resources", "pause", 0, pause);
    TRY ("resources", "exit, of a thread alone", 0, exit, 0);
}

GArray *
escapes_new (const struct canary *canary)
{
    GArray *list = g_array_new (FALSE, TRUE, sizeof (struct attempt));

    files (list, canary);
    network (list, canary);
    processes (list, canary);
    memory (list, canary);
    kernel (list, canary);
    between (list, canary);
    descriptors (list, canary);
    arguments (list, canary);
    resources (list, canary);
    return list;
}

/* ---- around the numbers ---- */

#define X32_BIT 0x40000000

GArray *
escapes_gates_new (void)
{
    /* gettimeofday and time. The third of the page, getcpu, is in every table. */
    static const long page[] = { 0xffffffffff600000, 0xffffffffff600400 };
    GArray *list = g_array_new (FALSE, TRUE, sizeof (struct attempt));

    for (long number = 0; number < 512; number++) {
        struct attempt old = { .group = "32-bit", .gate = ATTEMPT_OLD, .number = number };
        struct attempt x32 = { .group = "x32", .number = X32_BIT | number };

        g_array_append_val (list, old);
        g_array_append_val (list, x32);
    }
    for (long number = 512; number < 548; number++) {
        struct attempt x32 = { .group = "x32", .number = X32_BIT | number };

        g_array_append_val (list, x32);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS (page); i++) {
        struct attempt jump = { .group = "vsyscall", .gate = ATTEMPT_VSYSCALL, .number = page[i] };

        g_array_append_val (list, jump);
    }
    return list;
}

/* ---- one bit away from what passes ---- */

static bool
among (uint64_t value, const uint64_t *right, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (right[i] == value)
            return true;
    return false;
}

static void
flip (GArray *list, const char *name, long number, unsigned argument, const uint64_t base[6],
      const uint64_t *right, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned bit = 0; bit < 64; bit++) {
            struct attempt attempt = { .group = "near", .name = name, .number = number };

            memcpy (attempt.arguments, base, sizeof attempt.arguments);
            attempt.arguments[argument] = right[i] ^ UINT64_C (1) << bit;
            if (!among (attempt.arguments[argument], right, count))
                g_array_append_val (list, attempt);
        }
}

GArray *
escapes_near_new (const struct canary *canary, const int *disks, unsigned disk_count,
                  unsigned privileges)
{
    GArray *list                 = g_array_new (FALSE, TRUE, sizeof (struct attempt));
    const uint64_t operations[]  = { FUTEX_WAIT, FUTEX_WAKE };
    const uint64_t clocks[]      = { CLOCK_MONOTONIC };
    const uint64_t terminal[]    = { DEVICE_TERMINAL_FD };
    const uint64_t advice[]      = { MADV_GUARD_INSTALL };
    const uint64_t at            = P (canary->memory + 512);
    uint64_t numbers[8];

    g_assert (disk_count <= G_N_ELEMENTS (numbers));
    for (unsigned i = 0; i < disk_count; i++)
        numbers[i] = (uint64_t)disks[i];
    flip (list, "futex", SYS_futex, 1, (uint64_t[6]){ at, 0, 7, 0, at }, operations, 2);
    flip (list, "clock_gettime", SYS_clock_gettime, 0, (uint64_t[6]){ 0, at }, clocks, 1);
    flip (list, "madvise", SYS_madvise, 2, (uint64_t[6]){ at | 1, 1 }, advice, 1);
    flip (list, "pread64", SYS_pread64, 0, (uint64_t[6]){ 0, at, 1 }, numbers, disk_count);
    flip (list, "pwrite64", SYS_pwrite64, 0, (uint64_t[6]){ 0, at, 1 }, numbers, disk_count);
    flip (list, "write", SYS_write, 0, (uint64_t[6]){ 0, at, 0 }, terminal, 1);
    /* Whose privilege it is not, for him the right value is wrong too. */
    if ((privileges & PRIVILEGE_DISK) == 0) {
        TRY ("near", "pread64 of a disk that is another's", 0, pread64, 16, at, 1);
        TRY ("near", "pwrite64 to a disk that is another's", 0, pwrite64, 16, at, 1);
    }
    if ((privileges & PRIVILEGE_TERMINAL) == 0)
        TRY ("near", "write to a terminal that is another's", 0, write, DEVICE_TERMINAL_FD, at, 0);
    return list;
}

/* ---- what must go ---- */

static void
must (GArray *list, unsigned privileges, unsigned privilege, const char *name, long number,
      enum attempt_end end, int64_t result, const uint64_t arguments[6])
{
    struct duty duty = { .attempt  = { .group = "duty", .name = name, .number = number },
                         .expected = { .end = end, .result = result } };

    memcpy (duty.attempt.arguments, arguments, sizeof duty.attempt.arguments);
    if ((privilege & ~privileges) == 0)
        g_array_append_val (list, duty);
}

#define MUST(privilege, name, call, end, result, ...) \
    must (list, privileges, privilege, name, SYS_##call, end, result, (uint64_t[6]){ __VA_ARGS__ })

GArray *
duties_new (const struct canary *canary, unsigned privileges)
{
    static const struct timespec soon = { .tv_nsec = 1000 };
    GArray *list                      = g_array_new (FALSE, TRUE, sizeof (struct duty));
    uint64_t word                     = P (canary->memory + 384), at = P (canary->memory + 512);

    MUST (0, "a wait that ends at once", futex, ATTEMPT_MADE, -EAGAIN, word, FUTEX_WAIT, 7);
    MUST (0, "a wait that ends in time", futex, ATTEMPT_MADE, -ETIMEDOUT, word, FUTEX_WAIT, 0, P (&soon));
    MUST (0, "a wake", futex, ATTEMPT_MADE, 0, word, FUTEX_WAKE, INT32_MAX);
    MUST (0, "a yield", sched_yield, ATTEMPT_MADE, 0, 0);
    MUST (0, "which CPU", getcpu, ATTEMPT_MADE, 0, at);
    MUST (0, "how late", clock_gettime, ATTEMPT_MADE, 0, CLOCK_MONOTONIC, at);
    MUST (0, "a guard, where none can be", madvise, ATTEMPT_MADE, -EINVAL, at | 1, 1, MADV_GUARD_INSTALL);
    MUST (0, "going on after a stop", restart_syscall, ATTEMPT_MADE, -EINTR, 0);
    MUST (0, "abort: unblock", rt_sigprocmask, ATTEMPT_MADE, 0, SIG_UNBLOCK, 0, at, 8);
    MUST (0, "abort: who am I", getpid, ATTEMPT_MADE, RESULT_POSITIVE, 0);
    MUST (0, "abort: which thread", gettid, ATTEMPT_MADE, RESULT_POSITIVE, 0);
    MUST (0, "abort: back from the handler of its refused signal", tgkill, ATTEMPT_REFUSED, -ENOSYS, 1, 1, SIGABRT);
    MUST (PRIVILEGE_DISK, "a sector read", pread64, ATTEMPT_MADE, 1, 16, at, 1);
    MUST (PRIVILEGE_DISK, "a sector written", pwrite64, ATTEMPT_MADE, 1, 16, at, 1);
    MUST (PRIVILEGE_DISK, "the last of its disks", pread64, ATTEMPT_MADE, 1, 23, at, 1);
    MUST (PRIVILEGE_TERMINAL, "output", write, ATTEMPT_MADE, 1, DEVICE_TERMINAL_FD, at, 1);
    MUST (0, "an end", exit_group, ATTEMPT_DIED, -7, 7);
    return list;
}
