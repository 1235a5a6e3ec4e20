/* kernel: what the nucleus does for components. */
#include <string.h>

#include "suites.h"

#define MS 1000000u

static enum status
set_timer (struct probe *probe, uint64_t at_ns, uint64_t cookie)
{
    struct kernel_timer_req req = { .at_ns = at_ns, .cookie = cookie };
    struct kernel_timer_rep rep;

    return kernel_timer (probe->subject, &req, &rep);
}

/* Set in another order than they run out; two of them at the same time. */
static void
timers_come_in_order_of_time (struct probe *probe)
{
    uint64_t now_ns = component_now_ns (probe->self);

    probe->count = 0;
    probe->running = 5;
    SAME (set_timer (probe, now_ns + 30 * MS, 4), OK);
    SAME (set_timer (probe, now_ns + 20 * MS, 2), OK);
    SAME (set_timer (probe, now_ns + 20 * MS, 3), OK);
    SAME (set_timer (probe, now_ns + 10 * MS, 1), OK);
    SAME (set_timer (probe, 0, 7), OK); /* the past: at once */
    while (probe->running > 0)
        component_sleep (probe->self, &probe->waiting);
    SAME (probe->order[0], 7);
    for (unsigned i = 1; i <= 4; i++)
        SAME (probe->order[i], i);
    CHECK (component_now_ns (probe->self) >= now_ns + 30 * MS);
    CHECK (component_now_ns (probe->self) < now_ns + 31 * MS);
}

static void
kernel_timer_hook (struct probe *probe, uint64_t cookie)
{
    probe->order[probe->count++ % 64] = cookie;
    probe_ended (probe);
}

static void
many_timers_can_be_set (struct probe *probe)
{
    uint64_t now_ns = component_now_ns (probe->self);

    probe->running = 500;
    for (uint32_t i = 0; i < 500; i++)
        SAME (set_timer (probe, now_ns + MS + (i * 7919 % 500) * 1000, 1 + i), OK);
    while (probe->running > 0)
        component_sleep (probe->self, &probe->waiting);
}

static void
lists_components (struct probe *probe)
{
    struct component_row rows[3];
    struct kernel_components_req req = { .into = WINDOW (rows, 2 * sizeof *rows) };
    struct kernel_components_rep rep;
    uint32_t count = 0;
    bool seen = false;

    memset (rows, 0xee, sizeof rows);
    for (;; req.first += rep.done / (uint32_t)sizeof *rows) {
        SAME (kernel_components (probe->subject, &req, &rep), OK);
        CHECK (rep.done % sizeof *rows == 0);
        if (rep.done == 0)
            break;
        for (uint32_t i = 0; i < rep.done / sizeof *rows; i++) {
            SAME (rows[i].id, count++);
            probe_note (probe, rows[i].name, sizeof rows[i].name);
            seen = seen || strcmp (rows[i].class_name, "probe-kernel") == 0;
        }
    }
    CHECK (seen && count > 8);
    SAME (rows[2].id, 0xeeeeeeeeu);
    req = (struct kernel_components_req){ .into = WINDOW (rows, sizeof *rows - 1) };
    SAME (kernel_components (probe->subject, &req, &rep), OK);
    SAME (rep.done, 0);
    req = (struct kernel_components_req){ .first = UINT32_MAX, .into = WINDOW (rows, 200) };
    SAME (kernel_components (probe->subject, &req, &rep), OK);
    SAME (rep.done, 0);
}

static void
lists_tasks (struct probe *probe)
{
    struct task_row rows[2];
    struct kernel_tasks_req req = { .into = WINDOW (rows, sizeof rows) };
    struct kernel_tasks_rep rep;

    SAME (kernel_tasks (probe->subject, &req, &rep), OK);
    SAME (rep.done, sizeof *rows);
    SAME (rows[0].task, 1);
    SAME (rows[0].pid, 1);
    req.first = UINT32_MAX;
    SAME (kernel_tasks (probe->subject, &req, &rep), OK);
    SAME (rep.done, 0);
}

static enum status
strings (struct probe *probe, uint32_t pid, uint32_t what, uint64_t offset, grant into,
         uint32_t *done)
{
    struct kernel_strings_req req
        = { .pid = pid, .what = what, .offset = offset, .into = into };
    struct kernel_strings_rep rep = { .done = 77 };
    enum status status = kernel_strings (probe->subject, &req, &rep);

    *done = rep.done;
    return status;
}

static void
tells_what_programs_were_started_with (struct probe *probe)
{
    char text[64];
    uint32_t done;

    SAME (strings (probe, 1, 0, 0, WINDOW (text, sizeof text), &done), OK);
    SAME (done, 5);
    CHECK (memcmp (text, "rest", 5) == 0);
    SAME (strings (probe, 1, 0, 2, WINDOW (text, 2), &done), OK);
    SAME_TEXT (text, done, "st");
    SAME (strings (probe, 1, 0, 5, WINDOW (text, sizeof text), &done), OK);
    SAME (done, 0);
    SAME (strings (probe, 1, 0, UINT64_MAX, WINDOW (text, sizeof text), &done), OK);
    SAME (done, 0);
    SAME (strings (probe, 1, 3, 0, WINDOW (text, sizeof text), &done), ERR_INVALID);
    SAME (strings (probe, 4711, 0, 0, WINDOW (text, sizeof text), &done), ERR_NO_PROCESS);
}

static void
tells_its_counters (struct probe *probe)
{
    char text[1024], piece[1024];
    struct kernel_counters_req req = { .into = WINDOW (text, sizeof text) };
    struct kernel_counters_rep rep;
    uint32_t length;

    SAME (kernel_counters (probe->subject, &req, &rep), OK);
    length = rep.done;
    CHECK (length > 40 && length < sizeof text && text[length - 1] == '\n');
    text[length] = '\0';
    CHECK (strstr (text, "syscalls ") != NULL && strstr (text, "uptime_ns ") != NULL);
    /* the text from anywhere on */
    req = (struct kernel_counters_req){ .offset = 9, .into = WINDOW (piece, 12) };
    SAME (kernel_counters (probe->subject, &req, &rep), OK);
    SAME (rep.done, 12);
    req.offset = UINT64_MAX;
    SAME (kernel_counters (probe->subject, &req, &rep), OK);
    SAME (rep.done, 0);
}

static void
refuses_unknown_tasks (struct probe *probe)
{
    static const uint32_t unknown[] = { 0, 2, 4711, UINT32_MAX };
    struct kernel_task_info_rep info = { .cpu_ns = 77 };

    for (unsigned i = 0; i < 4; i++) {
        struct kernel_task_run_req run = { .task = unknown[i] };
        struct kernel_task_kill_req kill = { .task = unknown[i], .reason = 9 };
        struct kernel_task_stop_req stop = { .task = unknown[i], .stop = 1 };
        struct kernel_task_info_req ask = { .task = unknown[i] };
        struct kernel_task_priority_req better = { .task = unknown[i] };
        struct kernel_task_run_rep ran;
        struct kernel_task_kill_rep killed;
        struct kernel_task_stop_rep stopped;
        struct kernel_task_priority_rep done;

        SAME (kernel_task_run (probe->subject, &run, &ran), ERR_NO_PROCESS);
        SAME (kernel_task_kill (probe->subject, &kill, &killed), ERR_NO_PROCESS);
        SAME (kernel_task_stop (probe->subject, &stop, &stopped), ERR_NO_PROCESS);
        SAME (kernel_task_info (probe->subject, &ask, &info), ERR_NO_PROCESS);
        SAME (kernel_task_priority (probe->subject, &better, &done), ERR_NO_PROCESS);
    }
    SAME (info.cpu_ns, 77);
}

static void
refuses_programs_that_are_none (struct probe *probe)
{
    struct kernel_task_make_req req = { .pid = 99, .from = STRINGS ("none\0") };
    struct kernel_task_make_rep rep = { .task = 77 };
    struct kernel_tasks_rep rows;
    struct task_row row[4];
    struct kernel_tasks_req list = { .into = WINDOW (row, sizeof row) };

    for (unsigned i = 0; i < 100; i++)
        SAME (kernel_task_make (probe->subject, &req, &rep), ERR_NOT_FOUND);
    req.from.length = 4; /* no end */
    SAME (kernel_task_make (probe->subject, &req, &rep), ERR_INVALID);
    req.from.length = GRANT_MAX + 1;
    SAME (kernel_task_make (probe->subject, &req, &rep), ERR_INVALID);
    SAME (rep.task, 77);
    SAME (kernel_tasks (probe->subject, &list, &rows), OK);
    SAME (rows.done, sizeof *row); /* nothing is left of them */
}

static void
prints_lines (struct probe *probe)
{
    struct kernel_print_req req = { .from = TEXT ("a line from the suite of kernel") };
    struct kernel_print_rep rep;

    SAME (kernel_print (probe->subject, &req, &rep), OK);
    req.from.length = 0;
    SAME (kernel_print (probe->subject, &req, &rep), OK);
    req.from.length = GRANT_MAX + 1;
    SAME (kernel_print (probe->subject, &req, &rep), ERR_INVALID);
}

const struct suite kernel_suite = {
    .name = "kernel",
    .cases = { { "timers come in order of time", timers_come_in_order_of_time },
               { "many timers can be set", many_timers_can_be_set },
               { "lists components", lists_components },
               { "lists tasks", lists_tasks },
               { "tells what programs were started with", tells_what_programs_were_started_with },
               { "tells its counters", tells_its_counters },
               { "refuses unknown tasks", refuses_unknown_tasks },
               { "refuses programs that are none", refuses_programs_that_are_none },
               { "prints lines", prints_lines } },
    .timer = kernel_timer_hook,
};

const struct component_class probe_kernel_class = {
    .name = "probe-kernel",
    .summary = "tries out the nucleus",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (kernel) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
