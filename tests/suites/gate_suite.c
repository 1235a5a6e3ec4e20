/* The gates themselves: what component.h promises to callers and to those who answer. The
 * subject is an odd, or a relay before one: who answers in the end makes no difference. */
#include <string.h>

#include "odd.h"
#include "suites.h"

enum { GATE_CLOCK = PROBE_OWN, GATE_FILE, GATE_OTHER, GATE_ODD };

/* Through any link to a log. */
static enum status
ask_at (Link *link, uint64_t what, void *into, uint32_t length, struct log_read_rep *rep)
{
    struct log_read_req req = { .cursor = what, .into = WINDOW (into, length) };

    return log_read (link, &req, rep);
}

static enum status
ask (struct probe *probe, uint64_t what, void *into, uint32_t length,
     struct log_read_rep *rep)
{
    return ask_at (probe->subject, what, into, length, rep);
}

/* The number that a question answers. */
static uint64_t
number (Link *link, uint64_t what)
{
    struct log_read_rep rep = { 0 };
    enum status status = ask_at (link, what, NULL, 0, &rep);

    return status == OK ? rep.next : UINT64_MAX - status;
}

static enum status
tell (struct probe *probe, uint32_t what, grant from)
{
    struct log_write_req req = { .level = what, .from = from };
    struct log_write_rep rep;

    return log_write (probe->subject, &req, &rep);
}

static void
calls_answer (struct probe *probe)
{
    char text[16];
    struct log_read_rep rep = { .next = 77 };

    memset (text, '#', sizeof text);
    SAME (ask (probe, ODD_FILLS_TEN, text, 16, &rep), OK);
    SAME (rep.done, 10);
    SAME (rep.next, 42);
    SAME_TEXT (text, 16, "BBBBBBBBBB######");
}

static void
windows_may_be_empty_or_odd (struct probe *probe)
{
    char text[16];
    struct log_read_rep rep;

    SAME (ask (probe, ODD_FILLS, NULL, 0, &rep), OK);
    SAME (rep.done, 0);
    memset (text, '#', sizeof text);
    SAME (ask (probe, ODD_FILLS, text + 3, 7, &rep), OK);
    SAME (rep.done, 7);
    SAME_TEXT (text, 16, "###AAAAAAA######");
}

static void
windows_may_be_long (struct probe *probe)
{
    uint8_t *bytes = component_alloc (probe->self, GRANT_MAX + 16);
    struct log_read_rep rep;

    CHECK (bytes != NULL);
    SAME (ask (probe, ODD_FILLS, bytes, GRANT_MAX, &rep), OK);
    SAME (rep.done, GRANT_MAX);
    for (uint32_t i = 0; i < GRANT_MAX; i++)
        CHECK (bytes[i] == 'A');
    SAME (bytes[GRANT_MAX], 0);
    component_free (probe->self, bytes);
}

static void
longer_windows_are_refused (struct probe *probe)
{
    char text[8] = "1234567";
    struct log_read_rep rep = { .done = 77, .next = 78 };
    uint64_t calls = number (probe->subject, ODD_CALLS);

    SAME (ask (probe, ODD_FILLS, text, GRANT_MAX + 1, &rep), ERR_INVALID);
    SAME (ask (probe, ODD_FILLS, text, UINT32_MAX, &rep), ERR_INVALID);
    SAME (tell (probe, 0, WINDOW (text, GRANT_MAX + 1)), ERR_INVALID);
    SAME (rep.done, 77);
    SAME (rep.next, 78);
    SAME_TEXT (text, 7, "1234567");
    SAME (number (probe->subject, ODD_CALLS), calls + 1); /* nobody saw them */
}

static void
a_refusal_leaves_the_reply_alone (struct probe *probe)
{
    char text[8] = "1234567";
    struct log_read_rep rep = { .done = 77, .next = 78 };

    SAME (ask (probe, ODD_REFUSES, text, 8, &rep), ERR_BUSY);
    SAME (ask (probe, 999, text, 8, &rep), ERR_INVALID);
    SAME (rep.done, 77);
    SAME (rep.next, 78);
    SAME_TEXT (text, 7, "1234567");
}

static void
what_is_missing_is_not_implemented (struct probe *probe)
{
    struct log_clear_req clear = {};
    struct log_clear_rep cleared;
    struct file_pipe_req pipe = { 0 };
    struct file_pipe_rep ends = { .read_fd = 77 };

    SAME (log_clear (probe->subject, &clear, &cleared), ERR_NOT_IMPLEMENTED);
    SAME (file_pipe (component_link (probe->self, GATE_FILE), &pipe, &ends),
          ERR_NOT_IMPLEMENTED);
    SAME (ends.read_fd, 77);
}

static void
one_window_goes_in_and_one_out (struct probe *probe)
{
    char text[16];
    struct file_load_req load
        = { .from = TEXT ("desrever"), .into = WINDOW (text, sizeof text) };
    struct file_load_rep rep;

    memset (text, '#', sizeof text);
    SAME (file_load (component_link (probe->self, GATE_FILE), &load, &rep), OK);
    SAME (rep.done, 8);
    SAME_TEXT (text, 9, "reversed#");
}

static void
instances_keep_apart (struct probe *probe)
{
    Link *odd = component_link (probe->self, GATE_ODD),
         *other = component_link (probe->self, GATE_OTHER);
    uint64_t calls = number (other, ODD_CALLS);

    SAME (number (probe->subject, ODD_TAG), 1);
    SAME (number (odd, ODD_TAG), 1);
    SAME (number (other, ODD_TAG), 2);
    number (odd, ODD_FILLS);
    SAME (number (other, ODD_CALLS), calls + 2);
}

static void
answers_may_come_at_once (struct probe *probe)
{
    char text[8];
    struct log_read_rep rep = { 0 };

    memset (text, '#', sizeof text);
    SAME (ask (probe, ODD_AT_ONCE, text, 8, &rep), OK);
    SAME (rep.done, 3);
    SAME (rep.next, 33);
    SAME_TEXT (text, 4, "ccc#");
    SAME (ask (probe, ODD_TWICE, text, 8, &rep), OK); /* the first answer counts */
    SAME (rep.next, 33);
}

static void
a_circle_of_calls_comes_back (struct probe *probe)
{
    probe->count = 0;
    SAME (tell (probe, ODD_CIRCLE, TEXT ("")), OK);
    SAME (tell (probe, ODD_CIRCLE, TEXT ("a")), OK);
    SAME (probe->count, 1);
    SAME (tell (probe, ODD_CIRCLE, TEXT ("twelve times")), OK);
    SAME (probe->count, 13);
}

/* The probe's side of the circle: one byte less each time. */
static enum status
gate_clock_sleep (Component *self, struct call *call, const struct clock_sleep_req *req,
                  struct clock_sleep_rep *rep)
{
    struct probe *probe = component_state (self);
    char bytes[64] = "";

    (void)call, (void)rep;
    probe->count++;
    if (req->duration_ns > sizeof bytes)
        return ERR_INVALID;
    return tell (probe, ODD_CIRCLE, WINDOW (bytes, (uint32_t)req->duration_ns - 1));
}

/* ---- several calls at a time: by cookie ---- */

enum {
    BESIDE_LATER = 1,    /* to 10 */
    BESIDE_REFUSED = 21, /* to 23 */
    BESIDE_SLEEPER = 31, /* to 38 */
    BESIDE_TURN = 51,    /* to 60 */
    BESIDE_KEEPS = 71,
    BESIDE_CHECKS = 72,
    BESIDE_RELEASE = 100,
    BESIDE_WAKE = 101,
    BESIDE_STALE = 102,
};

/* To each its own, also when they are answered in another order. */
static void
answers_may_come_later (struct probe *probe)
{
    SAME (component_timer (probe->self, component_now_ns (probe->self) + 5000000,
                           BESIDE_RELEASE),
          OK);
    probe_beside (probe, BESIDE_LATER, 10);
}

/* The same fibers as before wait again, when a call of theirs is answered that is long
 * over. */
static void
late_answers_hit_nobody (struct probe *probe)
{
    SAME (component_timer (probe->self, component_now_ns (probe->self) + 5000000,
                           BESIDE_STALE),
          OK);
    probe_beside (probe, BESIDE_LATER, 10);
}

static void
later_refusals_leave_the_reply_alone (struct probe *probe)
{
    SAME (component_timer (probe->self, component_now_ns (probe->self) + 5000000,
                           BESIDE_RELEASE),
          OK);
    probe_beside (probe, BESIDE_REFUSED, 3);
}

static void
windows_stay_until_the_answer (struct probe *probe)
{
    probe->memory = component_alloc (probe->self, GRANT_MAX);
    CHECK (probe->memory != NULL);
    memset (probe->memory, 3, GRANT_MAX);
    probe_beside (probe, BESIDE_KEEPS, 2);
    component_free (probe->self, probe->memory);
}

static void
sleepers_wake_in_order (struct probe *probe)
{
    probe->count = 0;
    SAME (component_timer (probe->self, component_now_ns (probe->self) + 5000000,
                           BESIDE_WAKE),
          OK);
    probe_beside (probe, BESIDE_SLEEPER, 8);
    SAME (probe->count, 8);
    for (unsigned i = 0; i < 8; i++)
        SAME (probe->order[i], BESIDE_SLEEPER + i);
}

static void
a_lock_is_first_come_first_served (struct probe *probe)
{
    char order[16];
    struct log_read_rep rep;

    memset (order, 0, sizeof order);
    probe_beside (probe, BESIDE_TURN, 10);
    SAME (ask (probe, ODD_ORDER, order, sizeof order, &rep), OK);
    SAME (rep.done, 10);
    for (unsigned i = 0; i < 10; i++)
        SAME (order[i], BESIDE_TURN + i);
}

static void
wait_for_answer (struct probe *probe, uint64_t cookie)
{
    uint32_t place = (uint32_t)(cookie - BESIDE_LATER + 1);
    struct log_read_rep rep = { 0 };
    char text[16];

    memset (text, '#', sizeof text);
    SAME (ask (probe, ODD_LATER, text, sizeof text, &rep), OK);
    SAME (rep.done, place);
    SAME (rep.next, 1000 + place);
    for (uint32_t i = 0; i < sizeof text; i++)
        SAME (text[i], i < place ? (char)place : '#');
}

static void
wait_for_refusal (struct probe *probe)
{
    struct log_read_rep rep = { .done = 77, .next = 78 };
    char text[4] = "123";

    SAME (ask (probe, ODD_LATER_REFUSES, text, 4, &rep), ERR_BUSY);
    SAME (rep.done, 77);
    SAME (rep.next, 78);
    SAME_TEXT (text, 3, "123");
}

static void
wait_for_waking (struct probe *probe, uint64_t cookie)
{
    struct log_read_rep rep;

    SAME (ask (probe, ODD_SLEEPS, NULL, 0, &rep), OK);
    SAME (rep.next, cookie - BESIDE_SLEEPER + 1);
    probe->order[probe->count++] = cookie;
}

/* Three of them by themselves, the others together. */
static void
wake (struct probe *probe)
{
    for (unsigned i = 0; i < 3; i++) {
        SAME (number (probe->subject, ODD_WAKE_ONE), 0);
        probe_pause (probe, 1000000);
        SAME (probe->count, i + 1);
    }
    SAME (number (probe->subject, ODD_WAKE_ALL), 0);
}

static void
check_kept (struct probe *probe)
{
    char *bytes = component_alloc (probe->self, GRANT_MAX);

    CHECK (bytes != NULL);
    memset (bytes, 200, GRANT_MAX);
    /* the same way, while the other window is still lent */
    for (unsigned i = 0; i < 4; i++)
        SAME (tell (probe, 0, WINDOW (bytes, GRANT_MAX)), OK);
    SAME (number (probe->subject, ODD_CHECKS_KEPT), 3ull * GRANT_MAX);
    component_free (probe->self, bytes);
}

static void
gate_beside (struct probe *probe, uint64_t cookie)
{
    char first = (char)cookie;

    if (cookie < BESIDE_REFUSED)
        wait_for_answer (probe, cookie);
    else if (cookie < BESIDE_SLEEPER)
        wait_for_refusal (probe);
    else if (cookie < BESIDE_TURN)
        wait_for_waking (probe, cookie);
    else if (cookie < BESIDE_KEEPS)
        SAME (tell (probe, ODD_IN_TURN, WINDOW (&first, 1)), OK);
    else if (cookie == BESIDE_KEEPS)
        SAME (tell (probe, ODD_KEEPS, WINDOW (probe->memory, GRANT_MAX)), OK);
    else
        check_kept (probe);
}

static void
gate_timer (struct probe *probe, uint64_t cookie)
{
    if (cookie == BESIDE_RELEASE || cookie == BESIDE_STALE) {
        if (cookie == BESIDE_STALE)
            probe_same (probe, number (probe->subject, ODD_STALE), 55, "late answer",
                        __FILE__, __LINE__);
        number (probe->subject, ODD_RELEASE);
    } else if (cookie == BESIDE_WAKE) {
        wake (probe);
    } else {
        gate_beside (probe, cookie);
        probe_ended (probe);
    }
}

/* ---- only behind a relay ---- */

static void
a_call_may_become_another (struct probe *probe)
{
    struct clock_now_req now = {};
    struct clock_now_rep rep = { 0 };
    enum status status = clock_now (component_link (probe->self, GATE_CLOCK), &now, &rep);

    /* a relay answers by a log.read that says 10 bytes and 42; an odd has no such operation
     */
    if (strcmp (link_name (probe->subject), "relay") == 0) {
        SAME (status, OK);
        SAME (rep.time_ns, 42);
    } else {
        SAME (status, ERR_NOT_IMPLEMENTED);
        SAME (rep.time_ns, 0);
    }
}

const struct suite gate_suite = {
    .name = "gate",
    .cases
    = { { "calls answer", calls_answer },
        { "windows may be empty or odd", windows_may_be_empty_or_odd },
        { "windows may be long", windows_may_be_long },
        { "longer windows are refused", longer_windows_are_refused },
        { "a refusal leaves the reply alone", a_refusal_leaves_the_reply_alone },
        { "what is missing is not implemented", what_is_missing_is_not_implemented },
        { "one window goes in and one out", one_window_goes_in_and_one_out },
        { "instances keep apart", instances_keep_apart },
        { "answers may come at once", answers_may_come_at_once },
        { "a circle of calls comes back", a_circle_of_calls_comes_back },
        { "answers may come later", answers_may_come_later },
        { "late answers hit nobody", late_answers_hit_nobody },
        { "later refusals leave the reply alone", later_refusals_leave_the_reply_alone },
        { "windows stay until the answer", windows_stay_until_the_answer },
        { "sleepers wake in order", sleepers_wake_in_order },
        { "a lock is first come, first served", a_lock_is_first_come_first_served },
        { "a call may become another", a_call_may_become_another } },
    .timer = gate_timer,
};

/* ---- the one that the machine may not survive: by itself ---- */

static void
no_more_comes_back_than_was_lent (struct probe *probe)
{
    char text[16];
    struct log_read_rep rep = { .done = 77, .next = 78 };
    enum status status;

    memset (text, '#', sizeof text);
    status = ask (probe, ODD_SAYS_TOO_MUCH, text, 10, &rep);
    CHECK (status == ERR_GONE || status == ERR_CRASHED);
    SAME (rep.done, 77);
    SAME (rep.next, 78);
    SAME_TEXT (text, 16, "################");
}

const struct suite gate_lie_suite = {
    .name = "gate-lie",
    .cases = { { "no more comes back than was lent", no_more_comes_back_than_was_lent } },
};

static const struct clock_ops gate_clock = { .sleep = gate_clock_sleep };

const struct component_class probe_gate_class = {
    .name = "probe-gate",
    .summary = "tries out the gates",
    .state_bytes = sizeof (struct probe),
    .provides = { { INTERFACE_clock, &gate_clock } },
    .needs = { PROBE_NEEDS (log),
               { "clock", INTERFACE_clock, NEED_ONE },
               { "file", INTERFACE_file, NEED_ONE },
               { "other", INTERFACE_log, NEED_ONE },
               { "odd", INTERFACE_log, NEED_ONE } },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
