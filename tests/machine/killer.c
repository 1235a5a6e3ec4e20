/* killer: runs a machine and ends processes of it at random moments.
 *
 *     killer [-n KILLS] [-e EVERY_US] [-s SEED] [-w WORD] [-k SIGNALS] [-p PARTS] [-a] [-t]
 *            COMMAND...
 *
 * Processes of a machine are known by their names, kh:PART. Those of the programs, the kernel
 * and the zygote are left alone unless PARTS (with commas) names them. SIGNALS: kill, segv, or
 * any. -a: all of them at once. -w: nothing happens before the WORD is in the output. -t: the
 * command is at a terminal, and gets a line of our standard input for each prompt.
 *
 * Says at the end, on standard error, how many were ended, and what the board had in descriptors,
 * children and resident memory after the first tenth of the kills and after the last. Ends as
 * the command does. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILDREN_MAX 256u
#define SEEN_BYTES   4096u

static struct {
    unsigned kills, every_us;
    const char *word, *signals, *parts;
    bool all, terminal;
} wanted = { .kills = 10, .every_us = 5000, .signals = "kill" };

static uint64_t state;

static unsigned
chance (unsigned bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state % bound);
}

static uint64_t
now_ns (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- the machine's processes ---- */

static FILE *
proc_open (pid_t process, const char *file)
{
    char path[64];

    snprintf (path, sizeof path, "/proc/%d/%s", (int)process, file);
    return fopen (path, "r");
}

static unsigned
children_of (pid_t process, pid_t *list)
{
    char file[32];
    unsigned count = 0;
    FILE *from;
    int child;

    snprintf (file, sizeof file, "task/%d/children", (int)process);
    from = proc_open (process, file);
    while (from != NULL && count < CHILDREN_MAX && fscanf (from, "%d", &child) == 1)
        list[count++] = child;
    if (from != NULL)
        fclose (from);
    return count;
}

/* Is this word in a list with commas? */
static bool
is_listed (const char *list, const char *word)
{
    size_t bytes = strlen (word);

    for (const char *at = list; at != NULL; at = strchr (at, ','), at += at != NULL)
        if (strncmp (at, word, bytes) == 0 && (at[bytes] == ',' || at[bytes] == '\0'))
            return true;
    return false;
}

static bool
is_victim (pid_t process)
{
    char name[32] = "";
    FILE *from    = proc_open (process, "comm");

    if (from == NULL)
        return false;
    if (fscanf (from, "%31s", name) != 1)
        name[0] = '\0';
    fclose (from);
    if (strncmp (name, "kh:", 3) != 0)
        return false;
    return wanted.parts != NULL ? is_listed (wanted.parts, name + 3)
                                : !is_listed ("zygote,kernel,user,nursery,keeper", name + 3);
}

static unsigned
kill_some (pid_t board)
{
    static const int signals[] = { SIGKILL, SIGSEGV, SIGILL, SIGABRT };
    pid_t list[CHILDREN_MAX];
    unsigned count = children_of (board, list), fit = 0, killed = 0;

    for (unsigned i = 0; i < count; i++)
        if (is_victim (list[i]))
            list[fit++] = list[i];
    for (unsigned i = 0; i < fit; i++) {
        int signal = strcmp (wanted.signals, "any") == 0    ? signals[chance (4)]
                     : strcmp (wanted.signals, "segv") == 0 ? SIGSEGV
                                                            : SIGKILL;

        killed += kill (list[wanted.all ? i : chance (fit)], signal) == 0;
        if (!wanted.all)
            break;
    }
    return killed;
}

/* ---- what the board holds ---- */

struct holdings {
    unsigned descriptors, children;
    unsigned long resident_kib;
};

static struct holdings
holdings_of (pid_t board)
{
    struct holdings held = { 0 };
    pid_t list[CHILDREN_MAX];
    unsigned long pages = 0;
    char path[64];
    FILE *from;
    DIR *folder;

    snprintf (path, sizeof path, "/proc/%d/fd", (int)board);
    folder = opendir (path);
    while (folder != NULL && readdir (folder) != NULL)
        held.descriptors++;
    if (folder != NULL)
        closedir (folder);
    held.children = children_of (board, list);
    from          = proc_open (board, "statm");
    if (from != NULL && fscanf (from, "%*u %lu", &pages) == 1)
        held.resident_kib = pages * (unsigned long)sysconf (_SC_PAGESIZE) / 1024;
    if (from != NULL)
        fclose (from);
    return held;
}

/* ---- the command ---- */

/* At a terminal, or at the end of a pipe; its output can be read from *from. */
static pid_t
start (char **command, int *from)
{
    int ends[2] = { -1, -1 };
    pid_t process;

    if (wanted.terminal) {
        ends[0] = posix_openpt (O_RDWR | O_NOCTTY);
        if (ends[0] < 0 || grantpt (ends[0]) != 0 || unlockpt (ends[0]) != 0)
            exit (99);
    } else if (pipe (ends) != 0) {
        exit (99);
    }
    process = fork ();
    if (process == 0) {
        if (wanted.terminal) {
            setsid ();
            ends[1] = open (ptsname (ends[0]), O_RDWR);
            dup2 (ends[1], STDIN_FILENO);
        }
        dup2 (ends[1], STDOUT_FILENO);
        close (ends[0]);
        execvp (command[0], command);
        _exit (98);
    }
    if (!wanted.terminal)
        close (ends[1]);
    *from = ends[0];
    return process;
}

/* The last bytes of the output, as a string. */
static char seen[SEEN_BYTES + 1];

static void
remember (const char *bytes, size_t count)
{
    size_t have = strlen (seen);

    if (count > SEEN_BYTES / 2) {
        bytes += count - SEEN_BYTES / 2;
        count = SEEN_BYTES / 2;
    }
    if (have + count > SEEN_BYTES) {
        memmove (seen, seen + have - SEEN_BYTES / 2, SEEN_BYTES / 2 + 1);
        have = SEEN_BYTES / 2;
    }
    for (size_t i = 0; i < count; i++)
        seen[have++] = bytes[i] != '\0' ? bytes[i] : ' ';
    seen[have] = '\0';
}

static bool
is_at_prompt (void)
{
    size_t have = strlen (seen);

    return have >= 2 && seen[have - 1] == ' ' && (seen[have - 2] == '#' || seen[have - 2] == '$');
}

/* Types the next line; at the end, the end. */
static void
type (int terminal)
{
    char line[1024];

    seen[0] = '\0';
    if (fgets (line, sizeof line, stdin) == NULL)
        strcpy (line, "\004");
    if (write (terminal, line, strlen (line)) < 0)
        exit (99);
}

/* Moves what there is to standard output. False: there will be no more. */
static bool
pass_on (int from)
{
    char buffer[65536];
    ssize_t got = read (from, buffer, sizeof buffer);

    if (got <= 0)
        return false;
    if (write (STDOUT_FILENO, buffer, (size_t)got) != got)
        exit (99);
    remember (buffer, (size_t)got);
    return true;
}

static uint64_t
next_moment (void)
{
    return now_ns () + 1000ull * (wanted.every_us / 2 + chance (wanted.every_us + 1));
}

static int
watch (pid_t board, int from)
{
    struct holdings first = { 0 }, last = { 0 };
    unsigned killed = 0;
    uint64_t next   = now_ns ();
    bool begun      = wanted.word == NULL;
    int status      = 0;

    for (;;) {
        uint64_t now         = now_ns ();
        bool kills           = begun && killed < wanted.kills;
        struct timespec left = { .tv_nsec = now < next ? (long)((next - now) % 1000000000u) : 0,
                                 .tv_sec  = now < next ? (time_t)((next - now) / 1000000000u) : 0 };
        struct pollfd output = { .fd = from, .events = POLLIN };

        if (ppoll (&output, 1, kills ? &left : NULL, NULL) > 0) {
            if (!pass_on (from))
                break;
            if (!begun && strstr (seen, wanted.word) != NULL) {
                begun = true;
                next  = now_ns ();
            }
            if (wanted.terminal && is_at_prompt ())
                type (from);
        } else if (kills && now_ns () >= next) {
            killed += kill_some (board);
            last = holdings_of (board);
            if (killed <= wanted.kills / 10 || first.descriptors == 0)
                first = last;
            next = next_moment ();
        }
    }
    waitpid (board, &status, 0);
    fprintf (stderr, "killed %u descriptors %u %u children %u %u resident %lu %lu\n", killed,
             first.descriptors, last.descriptors, first.children, last.children,
             first.resident_kib, last.resident_kib);
    return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

int
main (int argc, char **argv)
{
    uint64_t seed = 1;
    int option, from;
    pid_t board;

    while ((option = getopt (argc, argv, "+n:e:s:w:k:p:at")) != -1)
        switch (option) {
        case 'n': wanted.kills = (unsigned)atoi (optarg); break;
        case 'e': wanted.every_us = (unsigned)atoi (optarg); break;
        case 's': seed = strtoull (optarg, NULL, 0); break;
        case 'w': wanted.word = optarg; break;
        case 'k': wanted.signals = optarg; break;
        case 'p': wanted.parts = optarg; break;
        case 'a': wanted.all = true; break;
        case 't': wanted.terminal = true; break;
        default: return 99;
        }
    if (optind == argc)
        return 99;
    state = seed * 0x9e3779b97f4a7c15u + 1;
    signal (SIGPIPE, SIG_IGN);
    board = start (argv + optind, &from);
    return watch (board, from);
}
