/* process: who runs, how each one ended, and what signals do. Children are built-in
 * programs of process 1, which rests. */
#include <string.h>

#include "suites.h"

#define INIT 1u

/* The program's name, its arguments, one after the other, each with its zero. */
static enum status
spawn (struct probe *probe, uint32_t parent, const char *strings, uint32_t bytes,
       uint32_t arguments, uint32_t *pid)
{
    struct process_spawn_req req = { .process = parent,
                                     .argument_count = arguments,
                                     .action_offset = bytes,
                                     .from = WINDOW ((void *)(uintptr_t)strings, bytes) };
    struct process_spawn_rep rep = { .pid = *pid };
    enum status status = process_spawn (probe->subject, &req, &rep);

    *pid = rep.pid;
    return status;
}

#define SPAWN(strings, arguments, pid)                                                     \
    spawn (probe, INIT, strings, sizeof strings - 1, arguments, pid)

static enum status
wait_for (struct probe *probe, int32_t which, uint32_t flags, struct process_wait_rep *rep)
{
    struct process_wait_req req = { .process = INIT, .which = which, .flags = flags };

    return process_wait (probe->subject, &req, rep);
}

static enum status
kill_target (struct probe *probe, uint32_t process, int32_t target, uint32_t signal)
{
    struct process_kill_req req
        = { .process = process, .target = target, .signal = signal };
    struct process_kill_rep rep;

    return process_kill (probe->subject, &req, &rep);
}

static void
knows_the_first (struct probe *probe)
{
    struct process_info_req req = { .process = INIT };
    struct process_info_rep rep = { .pid = 77 };

    SAME (process_info (probe->subject, &req, &rep), OK);
    SAME (rep.pid, INIT);
    SAME (rep.parent, 0);
    SAME (rep.group, INIT);
    SAME (rep.uid, 0);
    rep.pid = 77;
    req.process = 4711;
    SAME (process_info (probe->subject, &req, &rep), ERR_NO_PROCESS);
    SAME (rep.pid, 77);
}

static void
tells_how_a_child_ended (struct probe *probe)
{
    struct process_wait_rep news = { 0 };
    uint32_t first = 0, second = 0;

    SAME (SPAWN ("true\0true\0", 1, &first), OK);
    SAME (wait_for (probe, (int32_t)first, 0, &news), OK);
    SAME (news.pid, first);
    SAME (news.status, WAIT_EXITED (0));
    SAME (SPAWN ("/bin/false\0false\0", 1, &second), OK);
    CHECK (second > first);
    SAME (wait_for (probe, -1, 0, &news), OK);
    SAME (news.pid, second);
    SAME (news.status, WAIT_EXITED (1));
    news.pid = 77;
    SAME (wait_for (probe, -1, 0, &news), ERR_NO_CHILD);
    SAME (wait_for (probe, (int32_t)first, 0, &news), ERR_NO_CHILD);
    SAME (wait_for (probe, -1, 64, &news), ERR_INVALID);
    SAME (news.pid, 77);
}

static void
does_not_wait_when_asked_not_to (struct probe *probe)
{
    struct process_wait_rep news = { .pid = 77 };
    uint32_t pid = 0;

    SAME (SPAWN ("sleep\0sleep\0001000\0", 2, &pid), OK);
    SAME (wait_for (probe, -1, WAIT_NO_HANG, &news), OK);
    SAME (news.pid, 0);
    SAME (kill_target (probe, INIT, (int32_t)pid, 15), OK);
    SAME (wait_for (probe, (int32_t)pid, 0, &news), OK);
    SAME (news.pid, pid);
    SAME (news.status, WAIT_KILLED (15));
    SAME (kill_target (probe, INIT, (int32_t)pid, 0), ERR_NO_PROCESS);
}

static void
stops_and_continues (struct probe *probe)
{
    struct process_wait_rep news = { 0 };
    uint32_t pid = 0;

    SAME (SPAWN ("sleep\0sleep\0001000\0", 2, &pid), OK);
    SAME (kill_target (probe, INIT, (int32_t)pid, 19), OK);
    SAME (wait_for (probe, (int32_t)pid, WAIT_UNTRACED, &news), OK);
    SAME (news.status, WAIT_STOPPED (19));
    SAME (wait_for (probe, (int32_t)pid, WAIT_UNTRACED | WAIT_NO_HANG, &news), OK);
    SAME (news.pid, 0);
    SAME (kill_target (probe, INIT, (int32_t)pid, 15), OK); /* waits until it goes on */
    SAME (wait_for (probe, (int32_t)pid, WAIT_NO_HANG, &news), OK);
    SAME (news.pid, 0);
    SAME (kill_target (probe, INIT, (int32_t)pid, 18), OK);
    SAME (wait_for (probe, (int32_t)pid, 0, &news), OK);
    SAME (news.status, WAIT_KILLED (15));
}

static void
leaves_those_who_ignore (struct probe *probe)
{
    struct process_wait_rep news = { 0 };
    struct process_ignore_req ignore;
    struct process_ignore_rep old;
    uint32_t pid = 0;

    SAME (SPAWN ("sleep\0sleep\0001000\0", 2, &pid), OK);
    ignore = (struct process_ignore_req){ .process = pid, .ignored = ~0ull };
    SAME (process_ignore (probe->subject, &ignore, &old), OK);
    SAME (old.ignored, 0);
    SAME (process_ignore (probe->subject, &ignore, &old), OK);
    SAME (old.ignored, ~(SIGNAL_BIT (9) | SIGNAL_BIT (19)));
    SAME (kill_target (probe, INIT, (int32_t)pid, 15), OK);
    SAME (wait_for (probe, (int32_t)pid, WAIT_NO_HANG, &news), OK);
    SAME (news.pid, 0);
    SAME (kill_target (probe, INIT, (int32_t)pid, 9), OK);
    SAME (wait_for (probe, (int32_t)pid, 0, &news), OK);
    SAME (news.status, WAIT_KILLED (9));
}

static void
lists_processes (struct probe *probe)
{
    struct process_row rows[4];
    struct process_wait_rep news = { 0 };
    struct process_list_req list = { .into = WINDOW (rows, sizeof rows) };
    struct process_list_rep listed;
    uint32_t pid = 0;

    SAME (SPAWN ("sleep\0sleep\0001000\0", 2, &pid), OK);
    memset (rows, 0xee, sizeof rows);
    SAME (process_list (probe->subject, &list, &listed), OK);
    SAME (listed.done, 2 * sizeof *rows);
    SAME (rows[0].pid, INIT);
    SAME (rows[1].pid, pid);
    SAME (rows[1].parent, INIT);
    SAME (rows[1].state, PROCESS_RUNNING);
    SAME_TEXT (rows[1].name, strlen (rows[1].name), "sleep");
    SAME (rows[2].pid, 0xeeeeeeeeu);
    list.first = INIT + 1;
    SAME (process_list (probe->subject, &list, &listed), OK);
    SAME (listed.done, sizeof *rows);
    list.into.length = sizeof *rows - 1;
    SAME (process_list (probe->subject, &list, &listed), OK);
    SAME (listed.done, 0);
    SAME (kill_target (probe, INIT, (int32_t)pid, 9), OK);
    SAME (wait_for (probe, (int32_t)pid, 0, &news), OK);
}

static void
refuses_to_spawn_nonsense (struct probe *probe)
{
    uint32_t pid = 77;

    SAME (SPAWN ("no-such-program\0x\0", 1, &pid), ERR_NOT_FOUND);
    SAME (SPAWN ("true\0true", 1, &pid), ERR_INVALID);
    SAME (SPAWN ("true\0true\0", 2, &pid), ERR_INVALID);
    SAME (SPAWN ("true\0true\0", UINT32_MAX, &pid), ERR_INVALID);
    SAME (spawn (probe, 4711, "true\0true\0", 10, 1, &pid), ERR_NO_PROCESS);
    SAME (pid, 77);
    SAME (wait_for (probe, -1, 0, &(struct process_wait_rep){ 0 }), ERR_NO_CHILD);
}

static void
refuses_signals_that_are_none (struct probe *probe)
{
    SAME (kill_target (probe, INIT, (int32_t)INIT, SIGNAL_COUNT), ERR_INVALID);
    SAME (kill_target (probe, INIT, 4711, 15), ERR_NO_PROCESS);
    SAME (kill_target (probe, INIT, -4711, 15), ERR_NO_PROCESS);
    SAME (kill_target (probe, 4711, (int32_t)INIT, 15), ERR_NO_PROCESS);
    SAME (kill_target (probe, INIT, (int32_t)INIT, 0), OK);
}

/* Many children at a time, each waited for from a fiber of its own. */
static void
keeps_many_children (struct probe *probe)
{
    probe->count = 0;
    probe_beside (probe, 1, 20);
    SAME (probe->count, 20);
    SAME (wait_for (probe, -1, 0, &(struct process_wait_rep){ 0 }), ERR_NO_CHILD);
}

static void
process_beside (struct probe *probe, uint64_t cookie)
{
    struct process_wait_rep news = { 0 };
    uint32_t pid = 0;

    if (cookie % 2 == 0)
        SAME (SPAWN ("sleep\0sleep\0000.5\0", 2, &pid), OK);
    else
        SAME (SPAWN ("false\0false\0", 1, &pid), OK);
    SAME (wait_for (probe, (int32_t)pid, 0, &news), OK);
    SAME (news.pid, pid);
    SAME (news.status, WAIT_EXITED (cookie % 2));
    probe->count++;
}

static void
process_timer (struct probe *probe, uint64_t cookie)
{
    process_beside (probe, cookie);
    probe_ended (probe);
}

const struct suite process_suite = {
    .name = "process",
    .cases = { { "knows the first", knows_the_first },
               { "tells how a child ended", tells_how_a_child_ended },
               { "does not wait when asked not to", does_not_wait_when_asked_not_to },
               { "stops and continues", stops_and_continues },
               { "leaves those who ignore", leaves_those_who_ignore },
               { "lists processes", lists_processes },
               { "refuses to spawn nonsense", refuses_to_spawn_nonsense },
               { "refuses signals that are none", refuses_signals_that_are_none },
               { "keeps many children", keeps_many_children } },
    .timer = process_timer,
};

const struct component_class probe_process_class = {
    .name = "probe-process",
    .summary = "tries out a process manager",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (process) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
