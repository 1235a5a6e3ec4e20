#include "board/move_schedule.h"

#include <string.h>

#include "config/value.h"
#include "gate/runtime.h"

/* Random moves are that far from each other in virtual time, on average. */
#define GAP_NS 100000u

struct MoveSchedule {
    GPtrArray *planned; /* struct planned_move, borrowed */
    unsigned next;      /* of these */
    unsigned random;    /* still to be made */
    unsigned random_all;
    uint64_t chance;
    uint64_t at;        /* of the next random one, cycles */
    bool is_random;     /* the one under way */
    GArray *pauses;     /* uint64_t, of those that were made */
    unsigned failed, quiet;
    uint64_t held, deferred, bytes, processes;
};

/* xorshift (Marsaglia, 2003) */
static uint64_t
chance (MoveSchedule *schedule, uint64_t below)
{
    schedule->chance ^= schedule->chance << 13;
    schedule->chance ^= schedule->chance >> 7;
    schedule->chance ^= schedule->chance << 17;
    return (schedule->chance >> 16) % below;
}

/* Is the next move one of the single ones? */
static bool
planned_is_next (const MoveSchedule *schedule)
{
    const struct planned_move *planned;

    if (schedule->next == schedule->planned->len)
        return false;
    planned = schedule->planned->pdata[schedule->next];
    return schedule->random == 0 || NS_TO_CYCLES (planned->at_ns) <= schedule->at;
}

/* Says when the next one will be, so that the machine does not run on beyond that. */
static void
announce (MoveSchedule *schedule, Mover *mover)
{
    schedule->at += 1 + chance (schedule, 2 * NS_TO_CYCLES (GAP_NS));
    if (planned_is_next (schedule)) {
        const struct planned_move *planned = schedule->planned->pdata[schedule->next];

        mover_announce (mover, NS_TO_CYCLES (planned->at_ns) + 1);
    } else {
        mover_announce (mover, schedule->random != 0 ? schedule->at : 0);
    }
}

MoveSchedule *
move_schedule_new (const GPtrArray *planned, unsigned random, Mover *mover)
{
    MoveSchedule *schedule = g_new0 (MoveSchedule, 1);

    schedule->planned = g_ptr_array_new ();
    for (guint i = 0; planned != NULL && i < planned->len; i++)
        g_ptr_array_add (schedule->planned, planned->pdata[i]);
    schedule->random     = random;
    schedule->random_all = random;
    schedule->chance     = PLAN->seed * 0x9e3779b97f4a7c15u + 1;
    schedule->pauses     = g_array_new (FALSE, FALSE, sizeof (uint64_t));
    announce (schedule, mover);
    return schedule;
}

void
move_schedule_free (MoveSchedule *schedule)
{
    if (schedule == NULL)
        return;
    g_ptr_array_unref (schedule->planned);
    g_array_unref (schedule->pauses);
    g_free (schedule);
}

static bool
spare_is_left (void)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (PLAN->domains[d].name[0] == '\0')
            return true;
    return PLAN->domain_count < PLAN->domain_room;
}

/* Can it go there? PLAN->domain_count is a new one. */
static bool
random_fits (uint32_t component, uint32_t to)
{
    if (to == PLAN->domain_count)
        return spare_is_left ();
    return to != PLAN->components[component].domain && PLAN->domains[to].state == DOMAIN_UP
           && move_domain_admits (component, to);
}

/* Where the component goes; DOMAIN_MAX: nowhere. */
static uint32_t
random_domain (MoveSchedule *schedule, uint32_t component)
{
    uint32_t count = PLAN->domain_count + 1;
    uint32_t first = (uint32_t)chance (schedule, count);

    for (uint32_t i = 0; i < count; i++)
        if (random_fits (component, (first + i) % count))
            return (first + i) % count;
    return DOMAIN_MAX;
}

/* Any component but the nucleus to any domain but its own, or to a new one. All but the programs
 * can always go somewhere. */
static void
random_ask (MoveSchedule *schedule, Mover *mover)
{
    uint32_t component, to;
    char name[16];
    char *error = NULL;

    do {
        component = 1 + (uint32_t)chance (schedule, PLAN->component_count - 1);
        to        = random_domain (schedule, component);
    } while (to == DOMAIN_MAX);
    if (to == PLAN->domain_count)
        g_snprintf (name, sizeof name, "new%u", schedule->random);
    else
        g_strlcpy (name, PLAN->domains[to].name, sizeof name);
    schedule->random--;
    schedule->is_random = true;
    if (mover_ask (mover, component, name, schedule->at, "", &error))
        return;
    schedule->failed++;
    g_free (error);
    announce (schedule, mover);
}

static void
planned_ask (MoveSchedule *schedule, Mover *mover)
{
    const struct planned_move *planned = schedule->planned->pdata[schedule->next++];
    struct move_result failed          = { .component = move_component (planned->component),
                                           .reason    = "" };
    char *error = NULL;

    schedule->is_random = false;
    g_return_if_fail (failed.component != UINT32_MAX); /* that was seen to before the boot */
    if (mover_ask (mover, failed.component, planned->domain, NS_TO_CYCLES (planned->at_ns) + 1, "",
                   &error))
        return;
    failed.failed = error;
    failed.at     = NS_TO_CYCLES (planned->at_ns);
    g_strlcpy (failed.to, planned->domain, sizeof failed.to);
    mover_tell (mover, &failed);
    g_free (error);
}

void
move_schedule_look (MoveSchedule *schedule, Mover *mover)
{
    if (mover_is_busy (mover))
        return;
    if (planned_is_next (schedule))
        planned_ask (schedule, mover);
    else if (schedule->random != 0)
        random_ask (schedule, mover);
}

void
move_schedule_told (MoveSchedule *schedule, Mover *mover, const struct move_result *result)
{
    schedule->at = MAX (schedule->at, result->at);
    announce (schedule, mover);
    if (result->failed != NULL) {
        schedule->failed += !atomic_load (&RUNTIME (DOMAIN_KERNEL)->halted); /* else it is over */
        return;
    }
    schedule->quiet += result->looks == 0 && result->held == 0;
    schedule->held += result->held;
    schedule->deferred += result->deferred;
    schedule->bytes += result->bytes;
    schedule->processes += result->processes;
    g_array_append_val (schedule->pauses, result->pause_ns);
}

bool
move_schedule_hurries (const MoveSchedule *schedule)
{
    return schedule->random != 0 || schedule->is_random;
}

static int
pause_compare (gconstpointer a, gconstpointer b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

static double
pause_ms (const GArray *sorted, unsigned percent)
{
    guint at = (guint)((uint64_t)sorted->len * percent / 100);

    return (double)g_array_index (sorted, uint64_t, MIN (at, sorted->len - 1)) / 1e6;
}

void
move_schedule_report (const MoveSchedule *schedule, GString *report)
{
    GArray *pauses = schedule->pauses;

    if (schedule->random_all == 0)
        return;
    g_string_append_printf (report, "khimera: %u of %u moves made, %u refused", pauses->len,
                            schedule->random_all + schedule->planned->len, schedule->failed);
    if (pauses->len != 0) {
        g_array_sort (pauses, pause_compare);
        g_string_append_printf (
            report,
            "; %u at once; %" G_GUINT64_FORMAT " calls held, %" G_GUINT64_FORMAT
            " deferred calls went along, %" G_GUINT64_FORMAT " KiB, %" G_GUINT64_FORMAT
            " processes; pause p50 %.2f ms, p99 %.2f ms, at most %.2f ms",
            schedule->quiet, schedule->held, schedule->deferred, schedule->bytes / 1024,
            schedule->processes, pause_ms (pauses, 50), pause_ms (pauses, 99),
            pause_ms (pauses, 100));
    }
    g_string_append_c (report, '\n');
}

/* ---- as they are written ---- */

struct planned_move *
planned_move_parse (const char *text, char **error)
{
    const char *colon            = strchr (text, ':');
    const char *at               = colon != NULL ? strchr (colon, '@') : NULL;
    struct planned_move *planned = g_new0 (struct planned_move, 1);

    *error = NULL;
    if (colon == NULL || colon == text || colon[1] == '\0' || at == colon + 1)
        *error = g_strdup_printf ("\"%s\" is no move; write COMPONENT:DOMAIN@TIME, as in "
                                  "ext2:kernel@20ms", text);
    else if (at != NULL && !value_time (at + 1, &planned->at_ns))
        *error = g_strdup_printf ("\"%s\" is no time; write a number with ns, us, ms or s, as in "
                                  "20ms", at + 1);
    if (*error != NULL) {
        planned_move_free (planned);
        return NULL;
    }
    planned->component = g_strndup (text, (gsize)(colon - text));
    planned->domain    = at != NULL ? g_strndup (colon + 1, (gsize)(at - colon - 1))
                                    : g_strdup (colon + 1);
    return planned;
}

void
planned_move_free (struct planned_move *planned)
{
    g_free (planned->component);
    g_free (planned->domain);
    g_free (planned);
}
