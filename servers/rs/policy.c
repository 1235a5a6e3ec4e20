#include "rs/policy.h"

/* Crashes in the window that are put up with before each takes its time. */
#define BACKOFF_FREE 2u
/* Longest delay: so many times the first one, as a power of two. */
#define BACKOFF_DOUBLINGS 10u

const char *
rs_cause_name (enum rs_cause cause)
{
    static const char *const names[RS_CAUSES] = {
        [RS_CRASH]     = "crash",
        [RS_KILLED]    = "killed from outside",
        [RS_SPUN]      = "hang: CPU time without progress",
        [RS_STUCK]     = "hang: no answer",
        [RS_VIOLATION] = "malformed message",
        [RS_MISMATCH]  = "memory does not agree with its journal",
    };

    return cause < RS_CAUSES ? names[cause] : "";
}

const char *
rs_action_name (enum rs_action action)
{
    static const char *const names[RS_ACTIONS] = {
        [RS_AGAIN]      = "replay",
        [RS_REFUSE]     = "replay, input refused",
        [RS_OLDER]      = "replay from the older snapshot",
        [RS_COLD]       = "cold start",
        [RS_DEPENDENTS] = "cold start with dependents",
        [RS_OFF]        = "off",
        [RS_PANIC]      = "panic",
    };

    return action < RS_ACTIONS ? names[action] : "";
}

/* Notes this crash; answers how many there were in the window, with this one. */
static uint32_t
remember (struct rs_memory *memory, const struct rs_report_req *report)
{
    uint32_t known = memory->crashes < RS_TIMES_MAX ? memory->crashes : RS_TIMES_MAX;
    uint32_t recent = 1;

    for (uint32_t i = 1; i <= known; i++) {
        uint64_t at = memory->times_ns[(memory->crashes - i) % RS_TIMES_MAX];

        if (report->now_ns >= at && report->now_ns - at >= report->window_ns)
            break;
        recent++;
    }
    memory->times_ns[memory->crashes++ % RS_TIMES_MAX] = report->now_ns;
    return recent;
}

static enum rs_action
give_up (const struct rs_report_req *report)
{
    return report->essential ? RS_PANIC : RS_OFF;
}

/* The first possible rung from `action` on. */
static enum rs_action
rung (enum rs_action action, const struct rs_report_req *report)
{
    while (action < RS_OFF && (report->possible & RS_POSSIBLE (action)) == 0)
        action++;
    return action < RS_OFF ? action : give_up (report);
}

static uint64_t
backoff (uint32_t recent, const struct rs_report_req *report)
{
    uint32_t doublings;

    if (recent <= BACKOFF_FREE)
        return 0;
    doublings = recent - BACKOFF_FREE - 1;
    return report->backoff_ns << (doublings < BACKOFF_DOUBLINGS ? doublings : BACKOFF_DOUBLINGS);
}

/* Beginning anew is nothing unusual for those who have no journal. For others it is a rung, which
 * is not stood upon twice. */
static void
climb_from_anew (struct rs_memory *memory, const struct rs_report_req *report,
                 struct rs_report_rep *decision)
{
    bool before = memory->anew_ns != 0 && report->now_ns - memory->anew_ns < report->window_ns;

    if (decision->action != RS_COLD || (report->possible & RS_POSSIBLE (RS_AGAIN)) == 0)
        return;
    memory->anew_ns = report->now_ns;
    if (before)
        decision->action = rung (RS_DEPENDENTS, report);
}

void
rs_ladder (struct rs_memory *memory, const struct rs_report_req *report,
           struct rs_report_rep *decision)
{
    uint32_t recent;
    uint32_t same = report->same < RS_OFF ? report->same : RS_OFF;

    *decision = (struct rs_report_rep){ .action = rung (RS_AGAIN, report) };
    if (report->cause == RS_KILLED)
        return; /* its code has done nothing wrong */
    recent = remember (memory, report);
    if (recent > report->intensity) {
        decision->action = give_up (report);
        return;
    }
    if (same > 1)
        decision->action = rung (RS_AGAIN + same - 1, report);
    climb_from_anew (memory, report, decision);
    /* A replay that nobody notices takes no time either. */
    if (decision->action != RS_AGAIN)
        decision->delay_ns = backoff (recent, report);
}

void
rs_driver_host (struct rs_memory *memory, const struct rs_report_req *report,
                struct rs_report_rep *decision)
{
    uint64_t last = memory->crashes != 0
                        ? memory->times_ns[(memory->crashes - 1) % RS_TIMES_MAX]
                        : 0;
    enum rs_action again = rung (report->same > 1 ? RS_REFUSE : RS_AGAIN, report);

    *decision = (struct rs_report_rep){ .action = again };
    if (report->cause == RS_KILLED)
        return;
    if (report->now_ns - last >= report->window_ns)
        memory->crashes = 0;
    memory->times_ns[memory->crashes++ % RS_TIMES_MAX] = report->now_ns;
    if (memory->crashes > report->intensity)
        decision->action = give_up (report);
    else
        decision->own = report->components > 1 && (report->possible & RS_POSSIBLE_OWN) != 0;
    if (decision->action != RS_AGAIN)
        decision->delay_ns = backoff (memory->crashes, report);
}
