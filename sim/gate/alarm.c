/* alarm: many deadlines, few timers.
 *
 * A timer cannot be taken back, so who set one for each deadline of a hostile program would fill
 * the machine's queue of events. Only what comes before all that is set needs a new one; where
 * deadlines come ever earlier, from some number on it comes no later than half-way to the next. So
 * there are never more than that number and the bits of a time, and such an alarm comes too early.
 */
#include <assert.h>

#include "component.h"

enum status
component_alarm (Component *self, struct alarms *alarms, uint64_t at_ns)
{
    uint64_t now_ns = component_now_ns (self);
    enum status status;

    while (alarms->count > 0 && alarms->at_ns[alarms->count - 1] <= now_ns)
        alarms->count--;
    if (alarms->count > 0) {
        uint64_t first    = alarms->at_ns[alarms->count - 1];
        uint64_t half_way = now_ns + (first - now_ns) / 2;

        if (first <= at_ns)
            return OK;
        if (alarms->count >= ALARMS_EXACT && at_ns > half_way)
            at_ns = half_way;
    }
    assert (alarms->count < ALARMS_MAX);
    status = component_timer (self, at_ns, 0);
    if (status == OK)
        alarms->at_ns[alarms->count++] = at_ns;
    return status;
}
