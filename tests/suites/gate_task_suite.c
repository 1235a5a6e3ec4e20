/* Giving up: a program waits in a call that nobody will ever answer, and is killed. The
 * programs' clock is an odd, or a relay before one; the subject is that odd's clock. */
#include <string.h>

#include "odd.h"
#include "suites.h"

enum { TASK_PROCESS = PROBE_OWN };

static uint64_t
count (struct probe *probe, uint32_t what)
{
    struct clock_alarm_req req = { .process = what };
    struct clock_alarm_rep rep = { 0 };

    probe_same (probe, clock_alarm (probe->subject, &req, &rep), OK, "ask", __FILE__,
                __LINE__);
    return rep.left_ns;
}

static uint32_t
spawn_sleeper (struct probe *probe)
{
    static const char strings[] = "sleep\0sleep\0001\0";
    struct process_spawn_req req
        = { .process = 1,
            .argument_count = 2,
            .action_offset = sizeof strings - 1,
            .from = WINDOW ((void *)(uintptr_t)strings, sizeof strings - 1) };
    struct process_spawn_rep rep = { 0 };

    probe_same (probe,
                process_spawn (component_link (probe->self, TASK_PROCESS), &req, &rep), OK,
                "spawn", __FILE__, __LINE__);
    return rep.pid;
}

static void
kill_and_wait (struct probe *probe, uint32_t pid)
{
    Link *processes = component_link (probe->self, TASK_PROCESS);
    struct process_kill_req kill = { .process = 1, .target = (int32_t)pid, .signal = 15 };
    struct process_kill_rep killed;
    struct process_wait_req wait = { .process = 1, .which = (int32_t)pid };
    struct process_wait_rep news;

    SAME (process_kill (processes, &kill, &killed), OK);
    SAME (process_wait (processes, &wait, &news), OK);
    SAME (news.pid, pid);
    SAME (news.status, WAIT_KILLED (15));
}

static void
a_killed_caller_is_cancelled (struct probe *probe)
{
    uint32_t pid = spawn_sleeper (probe);

    probe_pause (probe, 5000000000u); /* far longer than it asked for */
    SAME (count (probe, ODD_SLEEPERS), 1);
    SAME (count (probe, ODD_CANCELLED), 0);
    kill_and_wait (probe, pid);
    SAME (count (probe, ODD_SLEEPERS), 0);
    SAME (count (probe, ODD_CANCELLED), 1);
}

static void
only_the_one_that_is_meant (struct probe *probe)
{
    uint32_t pids[6];

    for (unsigned i = 0; i < 6; i++)
        pids[i] = spawn_sleeper (probe);
    probe_pause (probe, 5000000000u);
    SAME (count (probe, ODD_SLEEPERS), 6);
    for (unsigned i = 0; i < 6; i++) {
        kill_and_wait (probe, pids[i * 5 % 6]); /* in another order */
        SAME (count (probe, ODD_SLEEPERS), 5 - i);
        SAME (count (probe, ODD_CANCELLED), 2 + i);
    }
}

const struct suite gate_task_suite = {
    .name = "gate-task",
    .cases = { { "a killed caller is cancelled", a_killed_caller_is_cancelled },
               { "only the one that is meant", only_the_one_that_is_meant } },
};

const struct component_class probe_gate_task_class = {
    .name = "probe-gate-task",
    .summary = "tries out what becomes of calls that are given up",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (clock), { "process", INTERFACE_process, NEED_ONE } },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
