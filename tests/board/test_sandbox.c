/* The lock of a domain: what passes passes, everything else kills and is named. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "device/device.h"

static const unsigned profiles[] = {
    PRIVILEGE_NONE,
    PRIVILEGE_DISK,
    PRIVILEGE_TERMINAL,
    PRIVILEGE_DISK | PRIVILEGE_TERMINAL,
};

static const int disks[] = { 16, 17, 23 };

struct call_case {
    const char *name;
    long number;
    uint64_t arguments[6];
};

static int64_t
make_call (struct shared *shared, const void *argument)
{
    const struct call_case *call = argument;

    (void) shared;
    return child_call (call->number, call->arguments);
}

/* Memory that is there in every process of the test. */
static struct shared *shared_word;

static struct child
a_child (unsigned privileges, const struct call_case *call)
{
    return (struct child){
        .privileges = privileges,
        .disks      = disks,
        .disk_count = sizeof disks / sizeof *disks,
        .run        = make_call,
        .argument   = call,
    };
}

/* ---- a reading of the table, and of the filter made of it ---- */

static bool
condition_holds (const struct sandbox_condition *condition, const uint64_t arguments[6])
{
    uint64_t argument = arguments[condition->argument];

    switch (condition->test) {
    case SANDBOX_ANY: return true;
    case SANDBOX_EQUAL: return (argument & condition->mask) == condition->value;
    case SANDBOX_AT_MOST: return argument <= condition->value;
    case SANDBOX_DISK:
        for (unsigned i = 0; i < sizeof disks / sizeof *disks; i++)
            if (argument == (uint64_t) disks[i])
                return true;
        return false;
    }
    return false;
}

static bool
table_allows (unsigned privileges, long number, const uint64_t arguments[6])
{
    const struct sandbox_rule *rule;

    for (unsigned i = 0; (rule = sandbox_rule_at (i)) != NULL; i++)
        if (rule->number == number && rule->number >= 0 && sandbox_rule_applies (rule, privileges)
            && condition_holds (&rule->condition, arguments))
            return true;
    return false;
}

/* The part of the kernel's machine that filters of system calls use. */
static uint32_t
filter_run (const struct sandbox_filter *filter, const struct seccomp_data *data)
{
    uint32_t a = 0;

    for (unsigned pc = 0; pc < filter->length; pc++) {
        const struct sock_filter *i = &filter->program[pc];
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            assert_in_range (i->k, 0, sizeof *data - 4);
            memcpy (&a, (const char *) data + i->k, sizeof a);
            break;
        case BPF_ALU | BPF_AND | BPF_K: a &= i->k; break;
        case BPF_JMP | BPF_JA: pc += i->k; break;
        case BPF_JMP | BPF_JEQ | BPF_K: pc += a == i->k ? i->jt : i->jf; break;
        case BPF_JMP | BPF_JGT | BPF_K: pc += a > i->k ? i->jt : i->jf; break;
        case BPF_JMP | BPF_JGE | BPF_K: pc += a >= i->k ? i->jt : i->jf; break;
        case BPF_JMP | BPF_JSET | BPF_K: pc += (a & i->k) != 0 ? i->jt : i->jf; break;
        case BPF_RET | BPF_K: return i->k;
        default: fail_msg ("instruction %#x", i->code);
        }
    }
    fail_msg ("the filter does not end");
    return 0;
}

static uint64_t
next_random (uint64_t *seed)
{
    *seed += UINT64_C (0x9e3779b97f4a7c15);
    uint64_t z = *seed;
    z          = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    z          = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Numbers near those that matter, with and without something in the high word. */
static uint64_t
interesting (uint64_t *seed)
{
    static const uint64_t values[]
        = { 0, 1, 2, 3, 7, 8, 9, 10, 11, 16, 17, 18, 23, 24, 128, 129, 137, 256, 257, 265, 384, 393 };
    uint64_t r     = next_random (seed);
    uint64_t value = values[r % (sizeof values / sizeof *values)];

    switch (r >> 32 & 7) {
    case 0: return value | UINT64_C (1) << 32;
    case 1: return value | UINT64_C (0xffffffff00000000);
    case 2: return ~value;
    case 3: return value ^ UINT64_C (1) << (r >> 40 & 63);
    default: return value;
    }
}

static void
the_filter_allows_exactly_what_the_table_says (void **state)
{
    uint64_t seed = 1;

    (void) state;
    for (unsigned p = 0; p < sizeof profiles / sizeof *profiles; p++) {
        struct sandbox_filter filter;
        char error[200] = "";
        unsigned allowed = 0;

        assert_true (sandbox_compile (profiles[p], disks, sizeof disks / sizeof *disks, &filter,
                                      error, sizeof error));
        assert_in_range (filter.length, 10, 1000);
        for (unsigned n = 0; n < 500; n++)
            for (unsigned round = 0; round < 100; round++) {
                struct seccomp_data data = { .nr = (int) n, .arch = AUDIT_ARCH_X86_64 };
                uint64_t arguments[6];
                for (int i = 0; i < 6; i++) {
                    arguments[i] = interesting (&seed);
                    data.args[i] = arguments[i];
                }
                bool expected = table_allows (profiles[p], n, arguments);
                assert_int_equal (filter_run (&filter, &data),
                                  expected ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP);
                allowed += expected;
            }
        assert_true (allowed > 0);
        sandbox_filter_clear (&filter);
    }
}

static void
other_architectures_and_x32_numbers_are_killed (void **state)
{
    static const struct {
        uint32_t arch;
        uint32_t number;
    } cases[] = {
        { AUDIT_ARCH_I386, 1 },        { AUDIT_ARCH_I386, SYS_exit_group },
        { AUDIT_ARCH_AARCH64, 98 },    { AUDIT_ARCH_X86_64, 0x40000000 | SYS_exit_group },
        { AUDIT_ARCH_X86_64, 0x40000000 | SYS_futex },
        { AUDIT_ARCH_X86_64, 0x40000200 }, { 0, SYS_exit_group },
    };
    struct sandbox_filter filter;
    char error[200] = "";

    (void) state;
    assert_true (sandbox_compile (PRIVILEGE_NONE, NULL, 0, &filter, error, sizeof error));
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seccomp_data data = { .nr = (int) cases[i].number, .arch = cases[i].arch };
        assert_int_equal (filter_run (&filter, &data), SECCOMP_RET_KILL_PROCESS);
    }
    sandbox_filter_clear (&filter);
}

static void
an_x32_number_kills_for_real (void **state)
{
    const struct call_case call = { "x32", 0x40000000 | SYS_exit_group, { 0 } };
    struct shared *shared       = child_shared ();
    struct child child          = a_child (PRIVILEGE_NONE, &call);

    (void) state;
    int status = child_run (&child, shared);
    assert_true (WIFSIGNALED (status));
    assert_int_equal (WTERMSIG (status), SIGSYS);
    assert_int_equal (shared->crash.signal, 0); /* at once: the handler is not asked */
}

#if defined __x86_64__ && !defined KHIMERA_SANITIZERS
static int64_t
call_as_i386 (struct shared *shared, const void *argument)
{
    long result = 20; /* getpid there */

    (void) shared, (void) argument;
    __asm__ volatile ("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result;
}

static void
a_call_by_the_old_gate_kills (void **state)
{
    struct shared *shared = child_shared ();
    struct child child    = a_child (PRIVILEGE_NONE, NULL);

    (void) state;
    child.run  = call_as_i386;
    int status = child_run (&child, shared);
    /* SIGSEGV where the kernel has no such gate at all. */
    assert_true (WIFSIGNALED (status));
    assert_true (WTERMSIG (status) == SIGSYS || WTERMSIG (status) == SIGSEGV);
}
#endif

/* ---- calls made for real ---- */

#define WORD ((uint64_t) (uintptr_t) &shared_word->word)

static const struct call_case refused[] = {
    { "openat", SYS_openat, { (uint64_t) AT_FDCWD, 0, O_RDWR | O_CREAT } },
    { "socket", SYS_socket, { 1, 1, 0 } },
    { "clone", SYS_clone, { SIGCHLD } },
    { "clone3", SYS_clone3, { 0 } },
    { "fork", SYS_fork, { 0 } },
    { "execve", SYS_execve, { 0 } },
    { "kill", SYS_kill, { 0, 0 } },
    { "tgkill", SYS_tgkill, { 1, 1, 0 } },
    { "ptrace", SYS_ptrace, { 0 } },
    { "process_vm_writev", SYS_process_vm_writev, { 0 } },
    { "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 } },
    { "seccomp", SYS_seccomp, { 0 } },
    { "memfd_create", SYS_memfd_create, { 0 } },
    { "ioctl", SYS_ioctl, { 0, 0x5412 } },
    { "fcntl", SYS_fcntl, { 0 } },
    { "dup", SYS_dup, { 0 } },
    { "sendmsg", SYS_sendmsg, { 0 } },
    { "recvmsg", SYS_recvmsg, { 0 } },
    { "mount", SYS_mount, { 0 } },
    { "unshare", SYS_unshare, { 0 } },
    { "setresuid", SYS_setresuid, { 0 } },
    { "bpf", SYS_bpf, { 0 } },
    { "io_uring_setup", SYS_io_uring_setup, { 0 } },
    { "nanosleep", SYS_nanosleep, { 0 } },
    { "getrandom", SYS_getrandom, { 0 } },
    { "ftruncate", SYS_ftruncate, { 16, 0 } },
    { "pwritev", SYS_pwritev, { 16 } },
    { "read", SYS_read, { 16, 0, 0 } },
    { "mmap", SYS_mmap, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, 0x22, (uint64_t) -1 } },
    { "mprotect", SYS_mprotect, { 0 } },
    { "rt_sigaction", SYS_rt_sigaction, { SIGSYS, 0, 0, 8 } },
    { "sigaltstack", SYS_sigaltstack, { 0 } },
    { "clock_gettime", SYS_clock_gettime, { 8, 0 } },
    { "clock_gettime", SYS_clock_gettime, { (uint64_t) -6, 0 } },
    { "clock_gettime", SYS_clock_gettime, { UINT64_C (1) << 32 | CLOCK_MONOTONIC, 0 } },
    { "write", SYS_write, { 1, 0, 0 } },
    { "write", SYS_write, { 11, 0, 0 } },
    { "write", SYS_write, { UINT64_C (1) << 32 | DEVICE_TERMINAL_FD, 0, 0 } },
    { "pread64", SYS_pread64, { 0, 0, 0, 0 } },
    { "pread64", SYS_pread64, { 18, 0, 0, 0 } },
    { "pread64", SYS_pread64, { UINT64_C (1) << 32 | 16, 0, 0, 0 } },
    { "pwrite64", SYS_pwrite64, { 15, 0, 0, 0 } },
    { "pwrite64", SYS_pwrite64, { UINT64_C (0xffffffff00000010), 0, 0, 0 } },
};

static void
everything_else_kills_and_is_named (void **state)
{
    unsigned tried = 0;

    (void) state;
    for (unsigned p = 0; p < sizeof profiles / sizeof *profiles; p++)
        for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
            if (table_allows (profiles[p], refused[i].number, refused[i].arguments))
                continue; /* the sanitizers' own */
            struct shared *shared = child_shared ();
            struct child child    = a_child (profiles[p], &refused[i]);
            int status            = child_run (&child, shared);
            if (!WIFSIGNALED (status) || WTERMSIG (status) != SIGSYS)
                fail_msg ("%s under %u: status %#x", refused[i].name, profiles[p], status);

            assert_int_equal (shared->crash.signal, SIGSYS);
            assert_int_equal (shared->crash.complete, 1);
            assert_memory_equal (shared->crash.arguments, refused[i].arguments,
                                 sizeof refused[i].arguments);
            g_autofree char *name
                = crash_call_name (shared->crash.architecture, shared->crash.call);
            assert_string_equal (name, refused[i].name);
            munmap (shared, sizeof *shared);
            tried++;
        }
    assert_true (tried > 100);
}

static void
a_futex_may_only_wait_and_wake (void **state)
{
    static const uint64_t wrong[] = {
        FUTEX_FD, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_LOCK_PI, 13, 64, 512,
        UINT64_C (1) << 32 | FUTEX_WAKE, UINT64_C (0xffffffff00000000) | FUTEX_WAIT,
        FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, FUTEX_WAIT_BITSET,
        FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG,
    };
    static const uint64_t right[] = { FUTEX_WAKE, FUTEX_WAIT };

    (void) state;
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct call_case call = { "futex", SYS_futex, { WORD, wrong[i], 1, 0, 0, 1 } };
        struct shared *shared = child_shared ();
        struct child child    = a_child (PRIVILEGE_NONE, &call);
        int status            = child_run (&child, shared);
        assert_true (WIFSIGNALED (status));
        assert_int_equal (WTERMSIG (status), SIGSYS);
        assert_int_equal (shared->crash.call, SYS_futex);
    }
    for (unsigned i = 0; i < sizeof right / sizeof *right; i++) {
        /* The word is 0, not 7: a wait ends at once. */
        struct call_case call = { "futex", SYS_futex, { WORD, right[i], 7, 0, 0, 1 } };
        struct shared *shared = child_shared ();
        struct child child    = a_child (PRIVILEGE_NONE, &call);
        assert_int_equal (child_run (&child, shared), 0);
        assert_true (shared->result == 0 || shared->result == -EAGAIN);
    }
}

static int64_t
use_the_base (struct shared *shared, const void *argument)
{
    struct timespec now;
    unsigned cpu;
    sigset_t none;

    (void) argument;
    if (syscall (SYS_sched_yield) != 0 || syscall (SYS_getcpu, &cpu, NULL, NULL) != 0)
        return -1;
    if (syscall (SYS_clock_gettime, CLOCK_MONOTONIC, &now) != 0)
        return -2;
    sigemptyset (&none);
    if (sigprocmask (SIG_SETMASK, &none, NULL) != 0 || getpid () == 0)
        return -20;
    struct timespec soon = { .tv_nsec = 1000000 };
    syscall (SYS_futex, &shared->word, FUTEX_WAIT, 0, &soon, NULL, 0);
    return errno == ETIMEDOUT ? 1 : -21;
}

static void
the_base_calls_work_under_every_profile (void **state)
{
    (void) state;
    for (unsigned p = 0; p < sizeof profiles / sizeof *profiles; p++) {
        struct shared *shared = child_shared ();
        struct child child    = a_child (profiles[p], NULL);
        child.run             = use_the_base;
        assert_int_equal (child_run (&child, shared), 0);
        assert_int_equal (shared->result, 1);
    }
}

/* ---- devices ---- */

static int64_t
use_the_disks (struct shared *shared, const void *argument)
{
    (void) argument;
    if (pwrite (16, "one", 3, 512) != 3 || pwrite (23, "three", 5, 0) != 5)
        return -errno;
    if (pread (16, shared->text, 3, 512) != 3)
        return -errno;
    if (pread (17, shared->text + 100, 4, 0) != 4) /* opened for reading */
        return -errno;
    return pwrite (17, "x", 1, 0) < 0 && errno == EBADF ? 1 : -1000;
}

static void
a_driver_reaches_its_own_disks (void **state)
{
    struct shared *shared = child_shared ();
    struct child child    = a_child (PRIVILEGE_DISK, NULL);
    char path[64], text[8] = "";
    int first = memfd_create ("first", 0), second = memfd_create ("second", 0);
    int third = memfd_create ("third", 0);

    (void) state;
    assert_int_equal (pwrite (second, "two!", 4, 0), 4);
    g_snprintf (path, sizeof path, "/proc/self/fd/%d", second);
    int second_to_read = open (path, O_RDONLY);
    /* Numbers that are in use by each other. */
    assert_int_equal (dup2 (first, 17), 17);
    assert_int_equal (dup2 (second_to_read, 23), 23);
    assert_int_equal (dup2 (third, 16), 16);
    struct sandbox_descriptor descriptors[] = { { 17, 16 }, { 23, 17 }, { 16, 23 } };
    child.descriptors                       = descriptors;
    child.descriptor_count                  = 3;
    child.run                               = use_the_disks;

    assert_int_equal (child_run (&child, shared), 0);
    assert_int_equal (shared->result, 1);
    assert_string_equal (shared->text, "one");
    assert_string_equal (shared->text + 100, "two!");
    assert_int_equal (pread (third, text, 5, 0), 5);
    assert_string_equal (text, "three");
    close (16), close (17), close (23);
    close (first), close (second), close (third), close (second_to_read);
}

static int64_t
use_the_terminal (struct shared *shared, const void *argument)
{
    (void) shared, (void) argument;
    return write (DEVICE_TERMINAL_FD, "hello", 5);
}

static void
a_terminal_driver_writes_even_to_a_file_or_a_closed_pipe (void **state)
{
    struct sandbox_descriptor terminal = { memfd_create ("terminal", 0), DEVICE_TERMINAL_FD };
    struct shared *shared              = child_shared ();
    struct child child                 = a_child (PRIVILEGE_TERMINAL, NULL);
    char text[8]                       = "";
    int ends[2];

    (void) state;
    child.run              = use_the_terminal;
    child.descriptors      = &terminal;
    child.descriptor_count = 1;
    assert_int_equal (child_run (&child, shared), 0);
    assert_int_equal (shared->result, 5);
    assert_int_equal (pread (terminal.from, text, 5, 0), 5);
    assert_string_equal (text, "hello");
    close (terminal.from);

    assert_int_equal (pipe (ends), 0);
    close (ends[0]);
    terminal.from = ends[1];
    assert_int_equal (child_run (&child, shared), 0);
    assert_int_equal (shared->result, -1);
    close (ends[1]);
}

/* ---- what a domain looks like from outside and from within ---- */

static int64_t
stay (struct shared *shared, const void *argument)
{
    (void) argument;
    child_arrive (shared, 1);
    return child_await (shared, 2);
}

static void
the_board_sees_the_lock (void **state)
{
    (void) state;
    for (unsigned p = 0; p < sizeof profiles / sizeof *profiles; p++) {
        struct shared *shared = child_shared ();
        struct child child    = a_child (profiles[p], NULL);
        char why[200]         = "";

        child.run     = stay;
        pid_t process = child_start (&child, shared);
        assert_true (child_await (shared, 1));
        bool locked = sandbox_verify (process, why, sizeof why);
        child_arrive (shared, 2);
        assert_int_equal (child_end (process), 0);
        assert_string_equal (why, "");
        assert_true (locked);
    }
}

static void
the_board_is_not_content_with_less (void **state)
{
    struct shared *shared = child_shared ();
    struct child child    = a_child (PRIVILEGE_NONE, NULL);
    char why[200]         = "";

    (void) state;
    child.run      = stay;
    child.unlocked = true;
    pid_t process  = child_start (&child, shared);
    assert_true (child_await (shared, 1));
    assert_false (sandbox_verify (process, why, sizeof why));
    assert_string_equal (why, "Seccomp is 0, not 2");
    child_arrive (shared, 2);
    assert_int_equal (child_end (process), 0);
    assert_false (sandbox_verify (process, why, sizeof why)); /* gone */

    if (geteuid () != 0)
        return;
    shared           = child_shared ();
    child.unlocked   = false;
    child.unprepared = true; /* locked, but with its capabilities */
    process          = child_start (&child, shared);
    assert_true (child_await (shared, 1));
    assert_false (sandbox_verify (process, why, sizeof why));
    assert_memory_equal (why, "Cap", 3);
    child_arrive (shared, 2);
    assert_int_equal (child_end (process), 0);
}

/* Everything that sandbox_prepare promises, asked of the kernel before the filter is on. */
static int64_t
look_around (struct shared *shared, const void *argument)
{
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct data[2];
    struct rlimit core, file;
    int death = 0;

    (void) shared, (void) argument;
    for (int fd = 0; fd < 1024; fd++)
        if ((fcntl (fd, F_GETFD) >= 0) != (fd == 3 || fd == 16))
            return -1000 - fd;
    if (syscall (SYS_capget, &header, data) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (data[i].effective != 0 || data[i].permitted != 0 || data[i].inheritable != 0)
            return -2;
    if (prctl (PR_GET_DUMPABLE) != 0)
        return -3;
    if (prctl (PR_GET_PDEATHSIG, &death) != 0 || death != SIGKILL)
        return -4;
    if (getrlimit (RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
        return -5;
#ifndef KHIMERA_SANITIZERS
    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files) != 0 || files.rlim_max != 17)
        return -6;
    if (getrlimit (RLIMIT_FSIZE, &file) != 0 || file.rlim_max != 0)
        return -7;
#else
    (void) file;
#endif
    struct sigaction action;
    if (sigaction (SIGUSR1, NULL, &action) != 0 || action.sa_handler != SIG_DFL)
        return -8;
    return (int64_t) geteuid () + 1;
}

static void
a_prepared_process_has_nothing_left (void **state)
{
    int kept[2] = { memfd_create ("kept", 0), memfd_create ("also", 0) };
    int other   = memfd_create ("not kept", 0);
    struct sandbox_descriptor descriptors[] = { { kept[0], 3 }, { kept[1], 16 } };
    struct shared *shared                   = child_shared ();
    struct child child                      = a_child (PRIVILEGE_NONE, NULL);

    (void) state;
    signal (SIGUSR1, SIG_IGN);
    child.run              = look_around;
    child.unlocked         = true;
    child.descriptors      = descriptors;
    child.descriptor_count = 2;
    assert_int_equal (child_run (&child, shared), 0);
    signal (SIGUSR1, SIG_DFL);
    assert_true (shared->result > 0);
    if (geteuid () != 0)
        assert_int_equal (shared->result, geteuid () + 1);
    close (kept[0]), close (kept[1]), close (other);
}

static void
a_child_whose_parent_is_gone_does_not_start (void **state)
{
    (void) state;
    pid_t process = fork ();
    if (process == 0) {
        struct sandbox_setup setup = { .parent = getppid () + 1 };
        const char *failed         = sandbox_prepare (&setup);
        syscall (SYS_exit_group, failed != NULL && strcmp (failed, "parent") == 0 ? 0 : 1);
    }
    assert_int_equal (child_end (process), 0);
}

static void
a_domain_dies_with_the_board (void **state)
{
    struct shared *shared = child_shared ();
    struct child child    = a_child (PRIVILEGE_NONE, NULL);
    int ends[2];
    char byte;

    (void) state;
    assert_int_equal (pipe (ends), 0);
    struct sandbox_descriptor lifeline = { ends[1], 3 };
    child.run                          = stay;
    child.descriptors                  = &lifeline;
    child.descriptor_count             = 1;
    pid_t board                        = fork ();
    if (board == 0) {
        child_start (&child, shared);
        child_await (shared, 1);
        kill (getpid (), SIGKILL);
    }
    close (ends[1]);
    assert_int_equal (WTERMSIG (child_end (board)), SIGKILL);
    /* Ends when nobody holds the other end; the domain itself would stay for 20 seconds. */
    assert_int_equal (read (ends[0], &byte, 1), 0);
    assert_int_equal (shared->step, 1);
    assert_int_equal (shared->result, 0);
    close (ends[0]);
}

static void
the_description_names_every_rule_and_no_other (void **state)
{
    (void) state;
    for (unsigned p = 0; p < sizeof profiles / sizeof *profiles; p++) {
        g_autoptr (GString) text = g_string_new (NULL);
        const struct sandbox_rule *rule;
        unsigned lines = 0, expected = 0;

        sandbox_describe (profiles[p], text);
        for (const char *c = text->str; *c != '\0'; c++)
            lines += *c == '\n';
        for (unsigned i = 0; (rule = sandbox_rule_at (i)) != NULL; i++) {
            assert_true (rule->number >= 0);
            if (!sandbox_rule_applies (rule, profiles[p]))
                continue;
            expected++;
            assert_non_null (strstr (text->str, rule->call));
            assert_non_null (strstr (text->str, rule->why));
        }
        assert_int_equal (lines, expected);
        assert_int_equal (strstr (text->str, "pwrite64") != NULL, profiles[p] & PRIVILEGE_DISK);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_filter_allows_exactly_what_the_table_says),
        cmocka_unit_test (other_architectures_and_x32_numbers_are_killed),
        cmocka_unit_test (an_x32_number_kills_for_real),
#if defined __x86_64__ && !defined KHIMERA_SANITIZERS
        cmocka_unit_test (a_call_by_the_old_gate_kills),
#endif
        cmocka_unit_test (everything_else_kills_and_is_named),
        cmocka_unit_test (a_futex_may_only_wait_and_wake),
        cmocka_unit_test (the_base_calls_work_under_every_profile),
        cmocka_unit_test (a_driver_reaches_its_own_disks),
        cmocka_unit_test (a_terminal_driver_writes_even_to_a_file_or_a_closed_pipe),
        cmocka_unit_test (the_board_sees_the_lock),
        cmocka_unit_test (the_board_is_not_content_with_less),
        cmocka_unit_test (a_prepared_process_has_nothing_left),
        cmocka_unit_test (a_child_whose_parent_is_gone_does_not_start),
        cmocka_unit_test (a_domain_dies_with_the_board),
        cmocka_unit_test (the_description_names_every_rule_and_no_other),
    };

    shared_word = child_shared ();
    return cmocka_run_group_tests_name ("sandbox", tests, NULL, NULL);
}
