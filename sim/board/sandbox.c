/* sandbox: the table of allowed calls, the filters made of it, and the board's own check. */
#define _GNU_SOURCE
#include "board/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "device/device.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define EQUAL(n, v)      { SANDBOX_EQUAL, (n), UINT64_MAX, (v) }
#define MASKED(n, m, v)  { SANDBOX_EQUAL, (n), (m), (v) }
#define AT_MOST(n, v)    { SANDBOX_AT_MOST, (n), UINT64_MAX, (v) }
#define ONE_OF_DISKS(n)  { SANDBOX_DISK, (n), UINT64_MAX, 0 }
#define ANYTHING         { SANDBOX_ANY, 0, 0, 0 }

#define BASE(call, condition, why) { #call, SCMP_SYS (call), PRIVILEGE_NONE, condition, why }
#define ROW(privilege, call, condition, why)                                                \
    { #call, SCMP_SYS (call), privilege, condition, why }

/* The hottest first: the filter tries them in this order. */
static const struct sandbox_rule rules[] = {
    BASE (futex, EQUAL (1, FUTEX_WAIT), "wait for the token"),
    BASE (futex, EQUAL (1, FUTEX_WAKE), "hand the token on"),
    BASE (sched_yield, ANYTHING, "let a peer on the same CPU run"),
    BASE (getcpu, ANYTHING, "see whether the peer is on the same CPU"),
    BASE (clock_gettime, EQUAL (0, CLOCK_MONOTONIC), "keep a person's pace without a vDSO"),
    BASE (restart_syscall, ANYTHING, "go on with a timed wait after a stop"),
    BASE (rt_sigreturn, ANYTHING, "leave the crash handler"),
    BASE (exit_group, ANYTHING, "end"),
#ifndef KHIMERA_SANITIZERS
    BASE (madvise, EQUAL (2, MADV_GUARD_INSTALL), "guard the stack of one more fiber"),
#endif
    /* abort makes these three calls before it sends itself the signal. That last one is not
     * let through, since it could be sent to anybody; the crash handler knows it when it is
     * trapped and reports an abort, not a forbidden call. */
    BASE (rt_sigprocmask, ANYTHING, "abort, on its way"),
    BASE (getpid, ANYTHING, "abort, on its way"),
    BASE (gettid, ANYTHING, "abort, on its way"),

    ROW (PRIVILEGE_DISK, pread64, ONE_OF_DISKS (0), "read sectors of its own disks"),
    ROW (PRIVILEGE_DISK, pwrite64, ONE_OF_DISKS (0), "write sectors of its own disks"),
    ROW (PRIVILEGE_TERMINAL, write, EQUAL (0, DEVICE_TERMINAL_FD),
         "show output on its own terminal"),

#ifdef KHIMERA_SANITIZERS
    /* The sanitizers' runtime maps memory whenever it likes, and reads our own image to say
     * where a mistake is. */
    ROW (SANDBOX_DEBUG, futex, EQUAL (1, FUTEX_WAIT_PRIVATE), "sanitizer: its locks"),
    ROW (SANDBOX_DEBUG, futex, EQUAL (1, FUTEX_WAKE_PRIVATE), "sanitizer: its locks"),
    ROW (SANDBOX_DEBUG, clock_gettime, AT_MOST (0, CLOCK_BOOTTIME), "sanitizer: its report"),
    ROW (SANDBOX_DEBUG, mmap, ANYTHING, "sanitizer: shadow memory"),
    ROW (SANDBOX_DEBUG, munmap, ANYTHING, "sanitizer: shadow memory"),
    ROW (SANDBOX_DEBUG, mremap, ANYTHING, "sanitizer: shadow memory"),
    ROW (SANDBOX_DEBUG, madvise, ANYTHING, "sanitizer: shadow memory"),
    ROW (SANDBOX_DEBUG, mprotect, ANYTHING, "sanitizer: shadow memory"),
    ROW (SANDBOX_DEBUG, brk, ANYTHING, "sanitizer: its report"),
    ROW (SANDBOX_DEBUG, sigaltstack, ANYTHING, "sanitizer: bounds of the stack"),
    ROW (SANDBOX_DEBUG, prlimit64, ANYTHING, "sanitizer: bounds of the stack"),
    ROW (SANDBOX_DEBUG, getrusage, ANYTHING, "sanitizer: its report"),
    ROW (SANDBOX_DEBUG, sched_getaffinity, ANYTHING, "sanitizer: its allocator"),
    ROW (SANDBOX_DEBUG, write, EQUAL (0, STDERR_FILENO), "sanitizer: its report"),
    ROW (SANDBOX_DEBUG, openat, MASKED (2, O_ACCMODE, O_RDONLY), "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, open, MASKED (1, O_ACCMODE, O_RDONLY), "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, read, ANYTHING, "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, lseek, ANYTHING, "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, close, ANYTHING, "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, fstat, ANYTHING, "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, newfstatat, ANYTHING, "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, readlink, ANYTHING, "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, readlinkat, ANYTHING, "sanitizer: symbols"),
    ROW (SANDBOX_DEBUG, rt_sigaction, ANYTHING, "sanitizer: its report"),
#endif
};

const struct sandbox_rule *
sandbox_rule_at (unsigned index)
{
    return index < G_N_ELEMENTS (rules) ? &rules[index] : NULL;
}

bool
sandbox_rule_applies (const struct sandbox_rule *rule, unsigned privileges)
{
    return rule->privilege == PRIVILEGE_NONE || rule->privilege == SANDBOX_DEBUG
           || (rule->privilege & privileges) != 0;
}

const char *
sandbox_privilege_name (unsigned privilege)
{
    switch (privilege) {
    case PRIVILEGE_NONE: return "base";
    case PRIVILEGE_DISK: return "disk";
    case PRIVILEGE_TERMINAL: return "terminal";
    case SANDBOX_DEBUG: return "debug";
    default: return "?";
    }
}

/* ---- text ---- */

static void
describe_condition (const struct sandbox_condition *condition, GString *out)
{
    switch (condition->test) {
    case SANDBOX_ANY: break;
    case SANDBOX_EQUAL:
        if (condition->mask == UINT64_MAX)
            g_string_append_printf (out, "argument %u is %" PRIu64, condition->argument,
                                    condition->value);
        else
            g_string_append_printf (out, "argument %u & %#" PRIx64 " is %" PRIu64,
                                    condition->argument, condition->mask, condition->value);
        break;
    case SANDBOX_AT_MOST:
        g_string_append_printf (out, "argument %u is at most %" PRIu64, condition->argument,
                                condition->value);
        break;
    case SANDBOX_DISK:
        g_string_append_printf (out, "argument %u is one of its disks", condition->argument);
        break;
    }
}

char *
sandbox_condition_text (const struct sandbox_condition *condition)
{
    GString *text = g_string_new (NULL);

    describe_condition (condition, text);
    return g_string_free (text, FALSE);
}

void
sandbox_describe (unsigned privileges, GString *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (rules); i++) {
        const struct sandbox_rule *rule = &rules[i];
        if (!sandbox_rule_applies (rule, privileges))
            continue;
        g_autofree char *condition = sandbox_condition_text (&rule->condition);
        g_string_append_printf (out, "%-9s %-16s %-43s %s\n",
                                sandbox_privilege_name (rule->privilege), rule->call,
                                condition, rule->why);
    }
}

/* ---- the filter ---- */

static int
add_row (scmp_filter_ctx filter, const struct sandbox_rule *rule,
         const struct sandbox_condition *condition)
{
    struct scmp_arg_cmp compare = { .arg = condition->argument };

    switch (condition->test) {
    case SANDBOX_EQUAL:
        compare.op      = SCMP_CMP_MASKED_EQ;
        compare.datum_a = condition->mask;
        compare.datum_b = condition->value;
        if (condition->mask == UINT64_MAX) {
            compare.op      = SCMP_CMP_EQ;
            compare.datum_a = condition->value;
        }
        break;
    case SANDBOX_AT_MOST:
        compare.op      = SCMP_CMP_LE;
        compare.datum_a = condition->value;
        break;
    default:
        return seccomp_rule_add_exact (filter, SCMP_ACT_ALLOW, rule->number, 0);
    }
    return seccomp_rule_add_exact_array (filter, SCMP_ACT_ALLOW, rule->number, 1, &compare);
}

static int
add_rule (scmp_filter_ctx filter, const struct sandbox_rule *rule, const int *disk_fds,
          unsigned disk_count)
{
    if (rule->number < 0)
        return 0; /* this machine has no such call */
    if (rule->condition.test != SANDBOX_DISK)
        return add_row (filter, rule, &rule->condition);
    for (unsigned i = 0; i < disk_count; i++) {
        struct sandbox_condition one = EQUAL (rule->condition.argument, (uint64_t) disk_fds[i]);
        int result = add_row (filter, rule, &one);
        if (result != 0)
            return result;
    }
    return 0;
}

/* libseccomp can only write a filter to a descriptor. */
static int
export_program (scmp_filter_ctx filter, struct sandbox_filter *out)
{
    int fd = memfd_create ("filter", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;

    struct stat status;
    int result = seccomp_export_bpf (filter, fd);
    if (result == 0 && fstat (fd, &status) != 0)
        result = -errno;
    if (result == 0) {
        size_t bytes = (size_t) status.st_size;
        if (bytes == 0 || bytes % sizeof (struct sock_filter) != 0
            || bytes / sizeof (struct sock_filter) > BPF_MAXINSNS) {
            result = -E2BIG;
        } else {
            out->program = g_malloc (bytes);
            out->length  = (unsigned short) (bytes / sizeof (struct sock_filter));
            if (pread (fd, out->program, bytes, 0) != (ssize_t) bytes) {
                result = -EIO;
                sandbox_filter_clear (out);
            }
        }
    }
    close (fd);
    return result;
}

/* What is not in the table traps: the kernel does not make the call and forces SIGSYS on the
 * caller, with the call's number in the signal. Death at once would be as safe and would tell
 * nobody which call it was. The way through the crash handler (crash.h) gives nothing away: the
 * component cannot replace the handler, for rt_sigaction is not in the table; blocked or
 * ignored, the signal kills; and were the handler tricked into returning, the call would still
 * not have been made. Numbers of other architectures' calls, x32 among them, kill at once. */
bool
sandbox_compile_rules (const struct sandbox_rule *table, unsigned count, unsigned privileges,
                       const int *disk_fds, unsigned disk_count, struct sandbox_filter *out,
                       char *error, size_t error_bytes)
{
    *out = (struct sandbox_filter){ 0 };
    const char *step = "seccomp_init";
    int result       = -ENOMEM;

    scmp_filter_ctx filter = seccomp_init (SCMP_ACT_TRAP);
    if (filter != NULL) {
        step   = "what other architectures get";
        result = seccomp_attr_set (filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
        for (unsigned i = 0; result == 0 && i < count; i++) {
            if (!sandbox_rule_applies (&table[i], privileges))
                continue;
            step   = table[i].call;
            result = add_rule (filter, &table[i], disk_fds, disk_count);
            /* 255 is the highest priority: the first rows keep their order. */
            if (result == 0 && table[i].number >= 0 && i < 64
                && table[i].condition.test != SANDBOX_DISK)
                result = seccomp_syscall_priority (filter, table[i].number,
                                                   (uint8_t) (255 - i));
        }
        if (result == 0) {
            step   = "export";
            result = export_program (filter, out);
        }
        seccomp_release (filter);
    }
    if (result != 0)
        snprintf (error, error_bytes, "cannot make the system call filter: %s: %s", step,
                  strerror (-result));
    return result == 0;
}

bool
sandbox_compile (unsigned privileges, const int *disk_fds, unsigned disk_count,
                 struct sandbox_filter *out, char *error, size_t error_bytes)
{
    return sandbox_compile_rules (rules, G_N_ELEMENTS (rules), privileges, disk_fds, disk_count,
                                  out, error, error_bytes);
}

void
sandbox_filter_clear (struct sandbox_filter *filter)
{
    g_free (filter->program);
    *filter = (struct sandbox_filter){ 0 };
}

/* ---- the board's check ---- */

/* A /proc status file, small and one line per value. */
static bool
read_status (pid_t process, char *text, size_t text_bytes)
{
    char path[64];
    if (process == 0)
        snprintf (path, sizeof path, "/proc/self/status");
    else
        snprintf (path, sizeof path, "/proc/%d/status", (int) process);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t used = 0;
    while (used + 1 < text_bytes) {
        ssize_t got = read (fd, text + used, text_bytes - 1 - used);
        if (got <= 0)
            break;
        used += (size_t) got;
    }
    close (fd);
    text[used] = '\0';
    return used > 0;
}

/* The value of "\nNAME:\t" in a status file; false when there is no such line. */
static bool
status_value (const char *text, const char *name, int base, uint64_t *value)
{
    char key[32];
    snprintf (key, sizeof key, "\n%s:", name);
    const char *at = strstr (text, key);
    if (at == NULL)
        return false;
    *value = strtoull (at + strlen (key), NULL, base);
    return true;
}

bool
sandbox_verify (pid_t process, char *why, size_t why_bytes)
{
    static const struct {
        const char *name;
        int base;
        uint64_t expected;
    } lines[] = {
        { "Seccomp", 10, 2 }, { "NoNewPrivs", 10, 1 }, { "CapEff", 16, 0 },
        { "CapPrm", 16, 0 },  { "CapInh", 16, 0 },     { "CapAmb", 16, 0 },
        { "CapBnd", 16, 0 },
    };
    char text[8192];
    uint64_t own = 0;

    /* Only who has the capability for it can empty the bounding set. To others it is without
     * effect: a process without new privileges gains none from it. */
    bool bounded = read_status (0, text, sizeof text)
                   && status_value (text, "CapEff", 16, &own)
                   && (own & (UINT64_C (1) << CAP_SETPCAP)) != 0;
    if (!read_status (process, text, sizeof text)) {
        snprintf (why, why_bytes, "cannot read /proc/%d/status: %s", (int) process,
                  strerror (errno));
        return false;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS (lines); i++) {
        uint64_t value;
        if (strcmp (lines[i].name, "CapBnd") == 0 && !bounded)
            continue;
        if (!status_value (text, lines[i].name, lines[i].base, &value)) {
            snprintf (why, why_bytes, "/proc/%d/status does not tell %s", (int) process,
                      lines[i].name);
            return false;
        }
        if (value != lines[i].expected) {
            snprintf (why, why_bytes, "%s is %" PRIx64 ", not %" PRIx64, lines[i].name, value,
                      lines[i].expected);
            return false;
        }
    }
    return true;
}
