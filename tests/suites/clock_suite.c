/* clock: the time passes, and who sleeps or has an alarm is woken no earlier than asked. */
#include <string.h>

#include "suites.h"

#define MS 1000000u

static struct clock_now_rep
now (struct probe *probe)
{
    struct clock_now_req req = {};
    struct clock_now_rep rep = { 0 };

    probe_same (probe, clock_now (probe->subject, &req, &rep), OK, "now", __FILE__,
                __LINE__);
    return rep;
}

static enum status
sleep_for (struct probe *probe, uint64_t duration_ns)
{
    struct clock_sleep_req req = { .duration_ns = duration_ns };
    struct clock_sleep_rep rep;

    return clock_sleep (probe->subject, &req, &rep);
}

static enum status
alarm_after (struct probe *probe, uint32_t process, uint64_t after_ns, uint64_t *left_ns)
{
    struct clock_alarm_req req = { .process = process, .after_ns = after_ns };
    struct clock_alarm_rep rep = { .left_ns = *left_ns };
    enum status status = clock_alarm (probe->subject, &req, &rep);

    *left_ns = rep.left_ns;
    return status;
}

static void
agrees_with_its_clients (struct probe *probe)
{
    uint64_t before_ns = component_now_ns (probe->self);
    struct clock_now_rep rep = now (probe);

    CHECK (rep.uptime_ns >= before_ns);
    CHECK (rep.uptime_ns <= component_now_ns (probe->self));
    SAME (rep.time_ns - rep.uptime_ns,
          component_time_ns (probe->self) - component_now_ns (probe->self));
}

static void
sleeps_as_long_as_asked (struct probe *probe)
{
    uint64_t before_ns = now (probe).uptime_ns, slept_ns;

    SAME (sleep_for (probe, 250 * MS), OK);
    slept_ns = now (probe).uptime_ns - before_ns;
    CHECK (slept_ns >= 250 * MS);
    CHECK (slept_ns < 251 * MS);
}

static void
does_not_sleep_for_no_time (struct probe *probe)
{
    uint64_t before_ns = now (probe).uptime_ns;

    SAME (sleep_for (probe, 0), OK);
    CHECK (now (probe).uptime_ns - before_ns < MS);
}

/* Ten sleepers, of whom the last to come is woken first. */
static void
wakes_in_order_of_time (struct probe *probe)
{
    probe->count = 0;
    probe_beside (probe, 1, 10);
    for (unsigned i = 0; i < 10; i++)
        SAME (probe->order[i], 10 - i);
}

/* Ten that ask for the same, one after the other. */
static void
wakes_equals_in_order_of_arrival (struct probe *probe)
{
    probe->count = 0;
    probe_beside (probe, 101, 10);
    SAME (probe->count, 10);
    for (unsigned i = 0; i < 10; i++)
        SAME (probe->order[i], 101 + i);
}

static void
clock_timer (struct probe *probe, uint64_t cookie)
{
    uint64_t duration_ns = cookie <= 100 ? (20 - cookie) * 10 * MS : 50 * MS;
    uint64_t due_ns = component_now_ns (probe->self) + duration_ns;

    probe_same (probe, sleep_for (probe, duration_ns), OK, "sleep", __FILE__, __LINE__);
    probe_check (probe, component_now_ns (probe->self) >= due_ns, "woken too early",
                 __FILE__, __LINE__);
    probe->order[probe->count++] = cookie;
    probe_ended (probe);
}

static void
alarms_can_be_taken_back (struct probe *probe)
{
    uint64_t left_ns = 0;

    SAME (alarm_after (probe, 1, 5000 * (uint64_t)MS, &left_ns), OK);
    SAME (left_ns, 0);
    SAME (sleep_for (probe, 1000 * MS), OK);
    SAME (alarm_after (probe, 1, 9000 * (uint64_t)MS, &left_ns), OK);
    CHECK (left_ns > 3990 * (uint64_t)MS && left_ns <= 4000 * (uint64_t)MS);
    SAME (alarm_after (probe, 1, 0, &left_ns), OK);
    CHECK (left_ns > 8990 * (uint64_t)MS && left_ns <= 9000 * (uint64_t)MS);
    SAME (alarm_after (probe, 1, 0, &left_ns), OK);
    SAME (left_ns, 0);
}

static void
alarms_go_with_their_process (struct probe *probe)
{
    struct clock_release_req release = { .process = 4711 };
    struct clock_release_rep released;
    uint64_t left_ns = 0;

    SAME (alarm_after (probe, 4711, 5000 * (uint64_t)MS, &left_ns), OK);
    SAME (clock_release (probe->subject, &release, &released), OK);
    SAME (alarm_after (probe, 4711, 0, &left_ns), OK);
    SAME (left_ns, 0);
    /* nobody minds one that nobody is there for */
    SAME (alarm_after (probe, 4711, MS, &left_ns), OK);
    SAME (sleep_for (probe, 2 * MS), OK);
    SAME (alarm_after (probe, 4711, 0, &left_ns), OK);
    SAME (left_ns, 0);
}

static void
refuses_alarms_of_nobody (struct probe *probe)
{
    uint64_t left_ns = 77;

    SAME (alarm_after (probe, 0, MS, &left_ns), ERR_NO_PROCESS);
    SAME (left_ns, 77);
}

const struct suite clock_suite = {
    .name = "clock",
    .cases = { { "agrees with its clients", agrees_with_its_clients },
               { "sleeps as long as asked", sleeps_as_long_as_asked },
               { "does not sleep for no time", does_not_sleep_for_no_time },
               { "wakes in order of time", wakes_in_order_of_time },
               { "wakes equals in order of arrival", wakes_equals_in_order_of_arrival },
               { "alarms can be taken back", alarms_can_be_taken_back },
               { "alarms go with their process", alarms_go_with_their_process },
               { "refuses alarms of nobody", refuses_alarms_of_nobody } },
    .timer = clock_timer,
};

const struct component_class probe_clock_class = {
    .name = "probe-clock",
    .summary = "tries out a clock",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (clock) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
