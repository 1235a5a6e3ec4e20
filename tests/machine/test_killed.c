/* The board is killed at any moment, and nothing is left: no process, no file, no name in shared
 * memory; and the terminal is as it was.
 *
 * This process is the reaper of all orphans below it, so that it knows of every process that a
 * machine has made, whoever its parent was, and waits for exactly those. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "machine/person.h"

/* For each of six kinds of machine, times KHIMERA_CAMPAIGN: a thousand in all. */
#define KILLS 168u
/* Who is not gone after so long does not go. */
#define PATIENCE_S 20

/* From before anything is made until long after the boot. */
#define MOMENT_MAX_NS 100000000u

static char place[] = "/tmp/khimera-killed-XXXXXX";
static char *disk, *khimera;

static uint64_t
chance (uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C (0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    return z ^ (z >> 27);
}

static void
let_pass (uint64_t ns)
{
    struct timespec left = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };

    while (nanosleep (&left, &left) != 0 && errno == EINTR)
        continue;
}

/* ---- what must not be there any more ---- */

static void
tell_of_process (char *text, size_t bytes)
{
    g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int)getpid ());
    g_autofree char *list = NULL, *first = NULL, *name = NULL;

    if (!g_file_get_contents (path, &list, NULL, NULL))
        return;
    first = g_strdup_printf ("/proc/%d/comm", atoi (list));
    g_file_get_contents (first, &name, NULL, NULL);
    g_snprintf (text, bytes, "%s: %s", list, name != NULL ? name : "?");
}

/* Waits for all that is left below us. False: somebody stays. */
static bool
all_gone (void)
{
    struct timespec start, now;
    char who[256] = "?";

    clock_gettime (CLOCK_MONOTONIC, &start);
    for (;;) {
        pid_t process = waitpid (-1, NULL, WNOHANG);

        if (process < 0 && errno == ECHILD)
            return true;
        if (process > 0)
            continue;
        clock_gettime (CLOCK_MONOTONIC, &now);
        if (now.tv_sec - start.tv_sec > PATIENCE_S)
            break;
        let_pass (200000);
    }
    tell_of_process (who, sizeof who);
    print_message ("# still there: %s\n", who);
    return false;
}

static unsigned
count_in (const char *folder, const char *word)
{
    g_autoptr (GDir) open = g_dir_open (folder, 0, NULL);
    const char *name;
    unsigned count = 0;

    while (open != NULL && (name = g_dir_read_name (open)) != NULL) {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        if (g_file_test (path, G_FILE_TEST_IS_DIR))
            count += count_in (path, word);
        else if (strstr (name, word) != NULL) {
            print_message ("# still there: %s\n", path);
            count++;
        }
    }
    return count;
}

static bool
nothing_is_left (void)
{
    g_autofree char *runtime = g_build_filename (place, "runtime", NULL);
    g_autofree char *temporary = g_build_filename (place, "tmp", NULL);

    return all_gone () && count_in (runtime, "") == 0 && count_in (temporary, "") == 0
           && count_in ("/dev/shm", "khimera") == 0;
}

/* ---- machines that are killed ---- */

static pid_t
start (char *const argv[])
{
    pid_t process = fork ();

    if (process == 0) {
        int nothing = open ("/dev/null", O_RDWR);

        for (int fd = 0; fd < 3; fd++)
            dup2 (nothing, fd);
        setsid ();
        execv (argv[0], argv);
        _exit (127);
    }
    return process;
}

static unsigned
kills (void)
{
    const char *campaign = getenv ("KHIMERA_CAMPAIGN");
    int times            = campaign != NULL ? atoi (campaign) : 1;

    return KILLS * (unsigned)MAX (times, 1);
}

static void
kill_again_and_again (const char *name, char *const argv[])
{
    uint64_t seed = 1, ended = 0;

    for (unsigned i = 0; i < kills (); i++) {
        pid_t board = start (argv);
        int status  = 0;

        assert_true (board > 0);
        let_pass (chance (&seed) % MOMENT_MAX_NS);
        kill (board, SIGKILL);
        waitpid (board, &status, 0);
        ended += !WIFSIGNALED (status);
        if (!nothing_is_left ())
            fail_msg ("%s, killed for the %u. time", name, i + 1);
    }
    print_message ("# %s: killed %u times, %u of them after its end\n", name, kills (), (unsigned)ended);
    assert_true (ended < kills ());
}

#define MACHINE(function, text, ...)                                              \
    static void                                                                   \
    function (void **state)                                                       \
    {                                                                             \
        char *argv[] = { khimera, (char *)"run", __VA_ARGS__, (char *)"-d", disk, \
                         (char *)"-c", (char *)"fsload -n 5000", NULL };           \
                                                                                  \
        (void)state;                                                              \
        kill_again_and_again (text, argv);                                        \
    }

MACHINE (a_monolith_leaves_nothing, "monolith", (char *)"monolithic")
MACHINE (a_microkernel_leaves_nothing, "microkernel", (char *)"microkernel")
MACHINE (a_machine_that_replaces_its_processes_leaves_nothing, "replacing", (char *)"hybrid",
         (char *)"--replace", (char *)"1000000")
MACHINE (a_machine_that_recovers_leaves_nothing, "recovering", (char *)"microkernel",
         (char *)"--set", (char *)"component.ext2.restart=replay")

static void
real_programs_leave_nothing (void **state)
{
    char *argv[] = { khimera, (char *)"run", (char *)"microkernel", (char *)"--shell",
                     (char *)"/bin/busybox", (char *)"-c",
                     (char *)"while :; do (echo a | cat | wc -c); done", NULL };

    (void)state;
    if (access ("/bin/busybox", X_OK) != 0) {
        print_message ("# no busybox here\n");
        return;
    }
    kill_again_and_again ("real programs", argv);
}

/* As a person at a terminal sees it. */
static void
the_terminal_is_as_it_was (void **state)
{
    char *argv[]  = { khimera, (char *)"run", (char *)"--console", (char *)"microkernel", NULL };
    uint64_t seed = 2;
    unsigned raw  = 0;

    (void)state;
    for (unsigned i = 0; i < kills (); i++) {
        struct person *person = person_new (24, 80, argv);

        let_pass (chance (&seed) % MOMENT_MAX_NS);
        raw += person_terminal_is_raw (person);
        kill (person->process, SIGKILL);
        person_end (person);
        assert_true (person_terminal_is_restored (person));
        person_free (person);
        assert_true (nothing_is_left ());
    }
    print_message ("# a terminal: killed %u times, %u of them while it was raw\n", kills (), raw);
    assert_true (raw > 0);
}

/* ---- setting up ---- */

static int
set_up (void **state)
{
    static const char *const folders[] = { "tmp", "runtime" };
    static const char *const variables[] = { "TMPDIR", "XDG_RUNTIME_DIR" };
    const char *mke2fs = getenv ("MKE2FS");

    (void)state;
    khimera = getenv ("KHIMERA");
    if (khimera == NULL || mkdtemp (place) == NULL
        || prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        return -1;
    for (unsigned i = 0; i < G_N_ELEMENTS (folders); i++) {
        g_autofree char *path = g_build_filename (place, folders[i], NULL);

        if (mkdir (path, 0700) != 0)
            return -1;
        setenv (variables[i], path, 1);
    }
    disk                     = g_build_filename (place, "disk", NULL);
    g_autofree char *command = g_strdup_printf ("%s -q -F -t ext2 -b 1024 %s 8M",
                                                mke2fs != NULL && *mke2fs != '\0' ? mke2fs : "/sbin/mke2fs",
                                                disk);
    return system (command);
}

static int
tear_down (void **state)
{
    g_autofree char *command = g_strdup_printf ("rm -rf %s", place);

    (void)state;
    g_free (disk);
    return system (command);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_monolith_leaves_nothing),
        cmocka_unit_test (a_microkernel_leaves_nothing),
        cmocka_unit_test (a_machine_that_replaces_its_processes_leaves_nothing),
        cmocka_unit_test (a_machine_that_recovers_leaves_nothing),
        cmocka_unit_test (real_programs_leave_nothing),
        cmocka_unit_test (the_terminal_is_as_it_was),
    };

    return cmocka_run_group_tests_name ("killed", tests, set_up, tear_down);
}
