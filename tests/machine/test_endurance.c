/* What a machine takes for long: a thousand restarts leak nothing, and a host that lets it starve
 * does not make it end anybody who is well. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control/host.h"

#define RESTARTS 1000u
/* Before the first look: caches and journals fill. */
#define RESTARTS_FIRST 100u
/* A heartbeat is a second where nothing else is said. Thirty minutes' worth is 1800 of them; with
 * one that is as short as here that is 36 s, of which the default run does a ninth. */
#define HEARTBEAT_MS 20
#define STARVED_MS   4000
#define HOGS 3

static unsigned
times (void)
{
    const char *campaign = getenv ("KHIMERA_CAMPAIGN");

    return campaign != NULL && atoi (campaign) > 0 ? (unsigned)atoi (campaign) : 1;
}

static uint64_t
chance (uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C (0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
    return z ^ (z >> 27);
}

static void
let_pass (unsigned ms)
{
    struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    while (nanosleep (&left, &left) != 0 && errno == EINTR)
        continue;
}

/* ---- what the board holds ---- */

struct holdings {
    unsigned descriptors, children, zombies;
    uint64_t memory_bytes; /* its own, without what it shares, */
    uint64_t memfd_bytes;  /* and that; */
    uint64_t state_bytes;  /* of which a snapshot may be */
};

static uint64_t
status_kib (pid_t process, const char *key)
{
    g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int)process);
    g_autofree char *text = NULL;
    const char *at;

    if (!g_file_get_contents (path, &text, NULL, NULL) || (at = strstr (text, key)) == NULL)
        return 0;
    return strtoull (at + strlen (key), NULL, 10);
}

static bool
is_zombie (const char *process)
{
    g_autofree char *path = g_strdup_printf ("/proc/%s/status", process);
    g_autofree char *text = NULL;

    return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "State:\tZ") != NULL;
}

/* What a domain is put back from: sim/board/snapshot.c. */
static bool
is_state (const char *link)
{
    static const char *const parts[] = { "runtime", "component", "stats", "device" };

    for (unsigned i = 0; i < G_N_ELEMENTS (parts); i++)
        if (g_str_has_prefix (strstr (link, "memfd:") + strlen ("memfd:"), parts[i]))
            return true;
    return false;
}

static struct holdings
holdings_of (pid_t board)
{
    g_autofree char *folder   = g_strdup_printf ("/proc/%d/fd", (int)board);
    g_autofree char *list     = g_strdup_printf ("/proc/%d/task/%d/children", (int)board, (int)board);
    g_autofree char *children = NULL;
    struct holdings held      = { .memory_bytes = 1024 * status_kib (board, "RssAnon:") };
    g_autoptr (GDir) open     = g_dir_open (folder, 0, NULL);
    const char *name;

    while (open != NULL && (name = g_dir_read_name (open)) != NULL) {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        g_autofree char *link = g_file_read_link (path, NULL);
        struct stat status;

        held.descriptors++;
        if (link == NULL || strstr (link, "memfd:") == NULL || stat (path, &status) != 0)
            continue;
        held.memfd_bytes += (uint64_t)status.st_blocks * 512;
        if (is_state (link))
            held.state_bytes += (uint64_t)status.st_blocks * 512;
    }
    if (g_file_get_contents (list, &children, NULL, NULL)) {
        g_auto (GStrv) words = g_strsplit (g_strchomp (children), " ", 0);

        for (unsigned i = 0; words[i] != NULL; i++) {
            held.children++;
            held.zombies += is_zombie (words[i]);
        }
    }
    return held;
}

/* ---- restarts ---- */

static const char *const servers[]
    = { "log", "tmpfs", "tty", "dev", "proc", "vfs", "pm", "clock" };

static json_int_t
generation_of (ControlClient *client, const char *name)
{
    json_t *domains       = host_ask (client, "{'command':'domains'}");
    json_int_t generation = -1;
    json_t *row;
    size_t i;

    json_array_foreach (json_is_array (domains) ? domains : json_object_get (domains, "domains"), i, row)
        if (strcmp (json_string_value (json_object_get (row, "name")), name) == 0
            && strcmp (json_string_value (json_object_get (row, "state")), "up") == 0)
            generation = json_integer_value (json_object_get (row, "generation"));
    json_decref (domains);
    return generation;
}

static void
restart (ControlClient *client, const char *name)
{
    json_int_t before        = generation_of (client, name);
    g_autofree char *request = g_strdup_printf ("{'command':'kill','domain':'%s'}", name);

    json_decref (host_ask (client, request));
    for (unsigned waited = 0; generation_of (client, name) <= before; waited++) {
        if (waited > HOST_PATIENCE_MS)
            fail_msg ("%s does not come back", name);
        let_pass (1);
    }
}

static void
a_thousand_restarts_leak_nothing (void **state)
{
    ControlClient *client = host_start ("microkernel", "--set", "machine.restart=replay", NULL);
    g_autoptr (GPtrArray) machines = control_machines ();
    pid_t board = ((struct control_machine *)machines->pdata[0])->process;
    struct holdings first = { 0 }, last;
    uint64_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < RESTARTS * times (); i++) {
        if (i == RESTARTS_FIRST)
            first = holdings_of (board);
        restart (client, servers[chance (&seed) % G_N_ELEMENTS (servers)]);
    }
    last = holdings_of (board);
    print_message ("# %u restarts: descriptors %u, then %u; children %u, then %u; own memory %llu "
                   "KiB, then %llu; memfds %llu KiB, then %llu\n",
                   RESTARTS * times (), first.descriptors, last.descriptors, first.children,
                   last.children, (unsigned long long)first.memory_bytes >> 10,
                   (unsigned long long)last.memory_bytes >> 10,
                   (unsigned long long)first.memfd_bytes >> 10,
                   (unsigned long long)last.memfd_bytes >> 10);
    assert_int_equal (last.descriptors, first.descriptors);
    assert_int_equal (last.children, first.children);
    assert_int_equal (last.zombies, 0);
    assert_true (last.memory_bytes <= first.memory_bytes + (1u << 20));
    assert_true (last.memfd_bytes <= first.memfd_bytes + (1u << 20));
    control_disconnect (client);
}

/* ---- the board's memory ---- */

/* `snapshot` in the machine file. */
#define JOURNAL_KIB 16u
/* What else a domain may receive before the board looks. */
#define BETWEEN_LOOKS_KIB 256u
/* What a report may have, and it grows by doubling: sim/board/report.h. */
#define REPORT_KIB 256u
#define CALLS_ROUNDS 4u

static void
calls_make (ControlClient *client, unsigned round)
{
    g_autofree char *line    = g_strdup_printf ("{'command':'type','text':'fsload -s %u -n 1500 -d "
                                                "/tmp/l%u; echo round %u: $?\\n'}",
                                                round, round, round);
    g_autofree char *awaited = g_strdup_printf ("round %u: 0", round);

    json_decref (host_ask (client, line));
    host_console (client, awaited);
}

/* Two snapshots of each domain, in memory that grows by doubling; of one of them what came after
 * it; and the report. */
static uint64_t
bound_of (const struct holdings *held, unsigned domains)
{
    return 2 * 2 * held->state_bytes + domains * (JOURNAL_KIB + BETWEEN_LOOKS_KIB) * 1024u
           + REPORT_KIB * 1024u;
}

static void
the_boards_memory_follows_from_the_machine_file (void **state)
{
    g_autofree char *journal = g_strdup_printf ("machine.snapshot=%uK", JOURNAL_KIB);
    ControlClient *client    = host_start ("microkernel", "--shell", "sh", "--set",
                                           "machine.restart=replay", "--set", journal, NULL);
    g_autoptr (GPtrArray) machines = control_machines ();
    pid_t board = ((struct control_machine *)machines->pdata[0])->process;
    struct holdings first = holdings_of (board), last;
    uint64_t seed = 2, bound;

    (void)state;
    json_decref (host_ask (client, "{'command':'subscribe','console':true}"));
    for (unsigned round = 0; round < CALLS_ROUNDS; round++) {
        calls_make (client, round);
        for (unsigned i = 0; i < RESTARTS * times () / CALLS_ROUNDS; i++)
            restart (client, servers[chance (&seed) % G_N_ELEMENTS (servers)]);
    }
    last  = holdings_of (board);
    bound = bound_of (&last, first.children);
    print_message ("# own memory %llu KiB at the boot, then %llu; state of %llu KiB: at most %llu more\n",
                   (unsigned long long)first.memory_bytes >> 10,
                   (unsigned long long)last.memory_bytes >> 10,
                   (unsigned long long)last.state_bytes >> 10, (unsigned long long)bound >> 10);
    assert_true (last.memory_bytes <= first.memory_bytes + bound);
    control_disconnect (client);
}

/* ---- starvation ---- */

/* On every CPU, with the machine. */
static pid_t
hog (void)
{
    pid_t process = fork ();

    if (process == 0)
        for (;;)
            ;
    return process;
}

/* The processes of the machine, the board too. */
static GArray *
processes_of (pid_t board)
{
    g_autofree char *list     = g_strdup_printf ("/proc/%d/task/%d/children", (int)board, (int)board);
    g_autofree char *children = NULL;
    GArray *processes         = g_array_new (FALSE, FALSE, sizeof (pid_t));

    g_array_append_val (processes, board);
    if (g_file_get_contents (list, &children, NULL, NULL)) {
        g_auto (GStrv) words = g_strsplit (g_strchomp (children), " ", 0);

        for (unsigned i = 0; words[i] != NULL && *words[i] != '\0'; i++) {
            pid_t process = atoi (words[i]);
            g_array_append_val (processes, process);
        }
    }
    return processes;
}

/* A machine whose shell reads what we write into *input, and says what it says into `out`. */
static pid_t
machine_start (const char *out, int *input)
{
    g_autofree char *command = g_strdup_printf (
        "exec %s run microkernel --no-control --shell sh --set component.tty.echo=no --set "
        "component.vfs.heartbeat=%ums --set component.tmpfs.heartbeat=%ums >%s 2>&1",
        getenv ("KHIMERA"), HEARTBEAT_MS, HEARTBEAT_MS, out);
    int ends[2];
    pid_t board;

    assert_int_equal (pipe2 (ends, O_CLOEXEC), 0);
    board = fork ();
    if (board == 0) {
        dup2 (ends[0], STDIN_FILENO);
        execl ("/bin/sh", "sh", "-c", command, NULL);
        _exit (127);
    }
    close (ends[0]);
    *input = ends[1];
    return board;
}

static unsigned
count_of (const char *path, const char *text)
{
    g_autofree char *said = NULL;
    unsigned count        = 0;

    if (g_file_get_contents (path, &said, NULL, NULL))
        for (const char *at = said; (at = strstr (at, text)) != NULL; at++)
            count++;
    return count;
}

/* It always has something to do, and never much more than that. */
static void
work_give (int input, const char *out, unsigned *given)
{
    static const char line[] = "pipeload -n 20 >/tmp/s && cp /tmp/s /tmp/t && echo done\n";

    while (*given < count_of (out, "done\n") + 2) {
        assert_int_equal (write (input, line, strlen (line)), strlen (line));
        ++*given;
    }
}

/* Beside others who want the CPU, and any of its processes stands still at any moment. */
static unsigned
starve (pid_t board, int input, const char *out, unsigned *given)
{
    unsigned stops = 0;
    uint64_t seed  = 3;

    for (unsigned waited = 0; waited < STARVED_MS * times (); stops++) {
        g_autoptr (GArray) processes = processes_of (board);
        pid_t who      = g_array_index (processes, pid_t, chance (&seed) % processes->len);
        unsigned quiet = 5 + (unsigned)(chance (&seed) % 150);

        work_give (input, out, given);
        kill (who, SIGSTOP);
        let_pass (quiet);
        kill (who, SIGCONT);
        let_pass (5);
        waited += quiet + 5;
    }
    return stops;
}

static void
a_starved_machine_ends_nobody_who_is_well (void **state)
{
    static const char last[] = "echo alive; exit 0\n";
    g_autofree char *out     = host_path ("out");
    g_autofree char *said    = NULL;
    pid_t hogs[HOGS], board;
    unsigned given = 0, stops;
    int input, status = 0;

    (void)state;
    for (unsigned i = 0; i < HOGS; i++)
        hogs[i] = hog ();
    board = machine_start (out, &input);
    stops = starve (board, input, out, &given);
    for (unsigned i = 0; i < HOGS; i++) {
        kill (hogs[i], SIGKILL);
        waitpid (hogs[i], NULL, 0);
    }
    assert_int_equal (write (input, last, strlen (last)), strlen (last));
    close (input);
    waitpid (board, &status, 0);
    assert_true (g_file_get_contents (out, &said, NULL, NULL));
    print_message ("# starved for %u heartbeats beside %d that want the CPU, stopped %u times; %u loads "
                   "done\n", STARVED_MS * times () / HEARTBEAT_MS, HOGS, stops, given);
    assert_int_equal (count_of (out, "done\n"), given);
    if (status != 0 || strstr (said, "alive\n") == NULL || strstr (said, "died") != NULL)
        fail_msg ("status %#x: %s", status, said);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_thousand_restarts_leak_nothing, host_begin, host_end),
        cmocka_unit_test_setup_teardown (the_boards_memory_follows_from_the_machine_file,
                                         host_begin, host_end),
        cmocka_unit_test_setup_teardown (a_starved_machine_ends_nobody_who_is_well, host_begin,
                                         host_end),
    };

    /* What an address sanitizer keeps after free () is no leak; it shall keep little. */
    setenv ("ASAN_OPTIONS", "detect_leaks=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0", 1);
    return cmocka_run_group_tests_name ("endurance", tests, NULL, NULL);
}
