/* command_doctor: what this host has of all that machines need, and what its lack costs.
 *
 * Each line tries the thing itself, in a child where it would leave traces.
 */
#define _GNU_SOURCE
#ifdef __x86_64__
#endif
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "config/config.h"

const struct command_option command_doctor_options[] = { OPTION_JSON, OPTION_HELP, OPTIONS_END };

/* Open files that a machine of ten domains needs, and the largest. */
#define FILES_LEAST 256u
#define FILES_MANY  4096u

struct finding {
    bool there;
    char note[128]; /* what was found, or why not */
};

static void
finding_set (struct finding *finding, bool there, const char *format, ...)
{
    va_list arguments;

    finding->there = there;
    va_start (arguments, format);
    g_vsnprintf (finding->note, sizeof finding->note, format, arguments);
    va_end (arguments);
}

/* Runs a trial in a child; there: it returned 0. Else its return value is an errno. */
static void
doctor_in_child (struct finding *finding, int (*trial) (void))
{
    int status = 0;
    pid_t child;

    fflush (NULL);
    child = fork ();
    if (child == 0)
        _exit (trial ());
    if (child < 0 || waitpid (child, &status, 0) != child)
        finding_set (finding, false, "%s", strerror (errno));
    else if (WIFSIGNALED (status))
        finding_set (finding, false, "killed by signal %d", WTERMSIG (status));
    else
        finding_set (finding, WEXITSTATUS (status) == 0, "%s",
                     WEXITSTATUS (status) == 0 ? "" : strerror (WEXITSTATUS (status)));
}

/* ---- trials ---- */

static int
trial_no_new_privs (void)
{
    return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

/* A filter that kills the whole process is what every domain gets. */
static int
trial_seccomp (void)
{
    struct sock_filter allow = BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog filter = { 1, &allow };
    unsigned action          = SECCOMP_RET_KILL_PROCESS;

    if (syscall (SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0
        || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0)
        return errno;
    return 0;
}

static void
check_seccomp (struct finding *finding)
{
    doctor_in_child (finding, trial_seccomp);
}

static void
check_no_new_privs (struct finding *finding)
{
    doctor_in_child (finding, trial_no_new_privs);
}

static void
check_memfd (struct finding *finding)
{
    int fd = memfd_create ("khimera-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0 || ftruncate (fd, 4096) != 0
        || fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        finding_set (finding, false, "%s", strerror (errno));
    else
        finding_set (finding, true, "with seals");
    if (fd >= 0)
        close (fd);
}

static void
check_pidfd (struct finding *finding)
{
    int fd = (int)syscall (SYS_pidfd_open, getpid (), 0);

    finding_set (finding, fd >= 0, "%s", fd >= 0 ? "" : strerror (errno));
    if (fd >= 0)
        close (fd);
}

static void
check_proc (struct finding *finding)
{
    g_autofree char *text = NULL;
    bool there            = g_file_get_contents ("/proc/self/status", &text, NULL, NULL)
                 && strstr (text, "\nSeccomp:") != NULL;

    finding_set (finding, there, "%s", there ? "" : "no Seccomp line in /proc/self/status");
}

/* There: the host sets no limit of the kind. The soft one counts. */
static void
check_unlimited (struct finding *finding, int which, const char *name)
{
    struct rlimit limit;

    getrlimit (which, &limit);
    if (limit.rlim_cur == RLIM_INFINITY)
        finding_set (finding, true, "");
    else
        finding_set (finding, false, "%s is %llu", name, (unsigned long long)limit.rlim_cur);
}

static void
check_addresses (struct finding *finding)
{
    check_unlimited (finding, RLIMIT_AS, "RLIMIT_AS");
}

static void
check_file_size (struct finding *finding)
{
    check_unlimited (finding, RLIMIT_FSIZE, "RLIMIT_FSIZE");
}

static int
trial_process (void)
{
    return 0;
}

static void
check_processes (struct finding *finding)
{
    doctor_in_child (finding, trial_process);
}

static void
check_cpus (struct finding *finding)
{
    cpu_set_t set;
    int count = sched_getaffinity (0, sizeof set, &set) == 0 ? CPU_COUNT (&set) : 1;

    finding_set (finding, count > 1, "%d", count);
}

/* There: its hard limit, to which a machine raises the soft one, is so high at least. */
static void
check_limit (struct finding *finding, int which, rlim_t least)
{
    struct rlimit limit;

    getrlimit (which, &limit);
    if (limit.rlim_max == RLIM_INFINITY)
        finding_set (finding, true, "");
    else
        finding_set (finding, limit.rlim_max >= least, "%llu, at most %llu",
                     (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
}

static void
check_files (struct finding *finding)
{
    check_limit (finding, RLIMIT_NOFILE, FILES_LEAST);
}

static void
check_many_files (struct finding *finding)
{
    check_limit (finding, RLIMIT_NOFILE, FILES_MANY);
}

/* e2fsprogs lie in a folder that is not on every user's path. */
static void
check_program (struct finding *finding, const char *name)
{
    static const char *const folders[] = { "/usr/sbin", "/sbin", "/usr/local/sbin", NULL };
    g_autofree char *path              = g_find_program_in_path (name);

    for (unsigned i = 0; path == NULL && folders[i] != NULL; i++) {
        path = g_build_filename (folders[i], name, NULL);
        if (access (path, X_OK) != 0)
            g_clear_pointer (&path, g_free);
    }
    finding_set (finding, path != NULL, "%s", path != NULL ? path : "");
}

static void
check_mke2fs (struct finding *finding)
{
    check_program (finding, "mke2fs");
}

static void
check_e2fsck (struct finding *finding)
{
    check_program (finding, "e2fsck");
}

static void
check_debugfs (struct finding *finding)
{
    check_program (finding, "debugfs");
}

/* A program's rdtsc has to trap: the host's clock is not the machine's. */
static void
check_tsc (struct finding *finding)
{
#ifdef __x86_64__
    int mode   = 0;
    bool there = prctl (PR_GET_TSC, &mode, 0, 0, 0) == 0;

    finding_set (finding, there, "%s", there ? "rdtsc can trap" : g_strerror (errno));
#else
    finding_set (finding, false, "this is no x86-64");
#endif
}

static void
check_busybox (struct finding *finding)
{
    g_autofree char *path = g_find_program_in_path ("busybox");

    finding_set (finding, path != NULL, "%s", path != NULL ? path : "");
}

/* ---- the list ---- */

static const struct check {
    const char *name;
    void (*look) (struct finding *finding);
    bool needed;
    const char *cost; /* of its lack */
} checks[] = {
    { "another process", check_processes, true,
      "a machine is several; raise it: ulimit -u unlimited" },
    { "seccomp filters", check_seccomp, true,
      "no domain can be locked, so none is started; \"sandbox = off\" runs without locks" },
    { "no new privileges", check_no_new_privs, true,
      "an ordinary user cannot lock a process, so no domain is started" },
    { "memfd with seals", check_memfd, true, "there is nothing to build a machine's memory from" },
    { "pidfd_open", check_pidfd, true, "the board cannot watch its processes; Linux 5.3 has it" },
    { "/proc", check_proc, true,
      "the board cannot verify that a process is locked, so it lets none work" },
    { "address space", check_addresses, true,
      "a machine's memory lies at fixed, far addresses; raise it: ulimit -v unlimited" },
    { "size of files", check_file_size, true,
      "a machine's memory is a file without a name; raise it: ulimit -f unlimited" },
    { "open files", check_files, true,
      "the board has one for each domain and each pair that talks; raise it: ulimit -n 4096" },
    { "more than one CPU", check_cpus, false,
      "\"placement = split\" is no faster here, and a dashboard takes time from the machine" },
    { "many open files", check_many_files, false,
      "large machines do not start: each domain and each pair that talks needs some; raise it: "
      "ulimit -n 4096" },
    { "real programs", check_tsc, false,
      "a container's or the host's seccomp profile refuses prctl(PR_GET_TSC): machines run, but "
      "only with the built-in programs" },
    { "busybox", check_busybox, false,
      "a console gets the built-in shell (Debian: busybox-static)" },
    { "mke2fs", check_mke2fs, false,
      "no disk images can be made here, and tests with disks are skipped" },
    { "e2fsck", check_e2fsck, false, "disk images cannot be checked after a run" },
    { "debugfs", check_debugfs, false,
      "files cannot be put on disk images and taken off from outside" },
};

static void
doctor_print (const struct check *check, const struct finding *finding)
{
    enum style style = finding->there ? STYLE_GOOD : check->needed ? STYLE_BAD : STYLE_HEAD;
    const char *word = finding->there ? "ok" : check->needed ? "MISSING" : "missing";

    printf ("%s%-8s%s %-20s %s\n", style_on (style), word, style_off (style), check->name,
            finding->note);
    if (!finding->there) {
        printf ("         ");
        print_wrapped (check->cost, 9, 9, 80);
    }
}

int
command_doctor (int argc, char **argv)
{
    struct options options;
    const char *option, *value;
    json_t *result = NULL;
    bool json = false, able = true;

    options_start (&options, "doctor", argc, argv);
    while ((option = options_next (&options, &value)) != NULL)
        json = json || strcmp (option, "json") == 0;
    int status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (optind != argc) {
        command_complain ("doctor", "unexpected \"%s\"; it takes no arguments", argv[optind]);
        return EXIT_USAGE;
    }
    result = json ? json_array () : NULL;
    for (size_t i = 0; i < G_N_ELEMENTS (checks); i++) {
        struct finding finding = { .there = false };

        checks[i].look (&finding);
        able = able && (finding.there || !checks[i].needed);
        if (json)
            json_array_append_new (
                result, json_pack ("{s:s, s:b, s:b, s:s, s:s}", "name", checks[i].name, "there",
                                   finding.there, "needed", checks[i].needed, "found", finding.note,
                                   "cost", finding.there ? "" : checks[i].cost));
        else
            doctor_print (&checks[i], &finding);
    }
    if (json) {
        json_dumpf (result, stdout, JSON_INDENT (2));
        putchar ('\n');
        json_decref (result);
    } else
        puts (able ? "\nMachines can run here." : "\nMachines cannot run here.");
    return able ? EXIT_SUCCESS : EXIT_FAILURE;
}
