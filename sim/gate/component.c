/* component: the runtime behind component.h: memory, options, time, chance, waiting. */
#include "component.h"

#include <assert.h>
#include <string.h>

#include "fault/fault.h"
#include "gate/gate.h"
#include "interfaces/interfaces.h"

/* ---- self ---- */

void *
component_state (Component *self)
{
    return self->state;
}

const char *
component_name (const Component *self)
{
    return PLAN->components[self->id].name;
}

const char *
component_option (Component *self, const char *key)
{
    const char *at = PLAN->text + PLAN->components[self->id].options;

    while (*at != '\0') {
        const char *value = at + strlen (at) + 1;

        if (strcmp (at, key) == 0)
            return value;
        at = value + strlen (value) + 1;
    }
    for (const struct option *option = self->class_->options; option->key != NULL; option++)
        if (strcmp (option->key, key) == 0)
            return option->value;
    return "";
}

uint64_t
component_option_number (Component *self, const char *key)
{
    const char *text = component_option (self, key);
    uint64_t number  = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (uint64_t)(*text - '0');
    switch (*text) {
    case 'G':
        number *= 1024;
        /* fall through */
    case 'M':
        number *= 1024;
        /* fall through */
    case 'K':
        number *= 1024;
    }
    return number;
}

static void *
alloc (Component *self, size_t bytes)
{
    void *memory = arena_alloc (&self->arena, bytes);

    self->stats->arena_used = self->arena.used;
    self->stats->arena_peak = self->arena.peak;
    return memory;
}

void *
component_alloc (Component *self, size_t bytes)
{
    return faults_on () && fault_alloc (self) ? NULL : alloc (self, bytes);
}

void
component_free (Component *self, void *memory)
{
    arena_free (&self->arena, memory);
    self->stats->arena_used = self->arena.used;
}

/* ---- time and chance ---- */

uint64_t
component_now_ns (Component *self)
{
    (void)self;
    return CYCLES_TO_NS (here->token.now);
}

uint64_t
component_time_ns (Component *self)
{
    (void)self;
    return PLAN->epoch_s * 1000000000u + CYCLES_TO_NS (here->token.now);
}

/* xoshiro256** (Blackman and Vigna, 2018), one state for each component so that what one
 * draws does not depend on what others do. */
uint64_t
component_random (Component *self)
{
    uint64_t *s     = self->random;
    uint64_t times5 = s[1] * 5;
    uint64_t result = (times5 << 7 | times5 >> 57) * 9;
    uint64_t shift  = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shift;
    s[3] = s[3] << 45 | s[3] >> 19;
    return result;
}

void
component_charge (Component *self, uint64_t cycles)
{
    here->token.now += cycles;
    self->stats->work += cycles;
}

enum status
component_timer (Component *self, uint64_t at_ns, uint64_t cookie)
{
    struct kernel_timer_req request = { .at_ns = at_ns, .cookie = cookie };
    struct kernel_timer_rep reply;

    return kernel_timer (&PLAN->links[PLAN->components[self->id].first_link], &request, &reply);
}

/* ---- links ---- */

Link *
component_link_at (Component *self, unsigned need, unsigned i)
{
    const struct plan_component *plan = &PLAN->components[self->id];

    return i < plan->need_count[need]
               ? &PLAN->links[plan->first_link + plan->need_first[need] + i]
               : NULL;
}

Link *
component_link (Component *self, unsigned need)
{
    return component_link_at (self, need, 0);
}

unsigned
component_links (Component *self, unsigned need)
{
    return PLAN->components[self->id].need_count[need];
}

const char *
link_name (const Link *link)
{
    return PLAN->components[link->target].name;
}

/* ---- waiting ---- */

void
component_sleep (Component *self, struct waitlist *list)
{
    struct fiber *fiber = here->fiber;

    (void)self;
    fiber->next = 0;
    if (list->last != 0)
        here->fibers[list->last - 1].next = fiber->index + 1;
    else
        list->first = fiber->index + 1;
    list->last = fiber->index + 1;
    fiber_block ();
}

void
component_wake_one (Component *self, struct waitlist *list)
{
    struct fiber *fiber;

    (void)self;
    if (list->first == 0)
        return;
    assert (list->first <= here->fiber_count);
    fiber       = &here->fibers[list->first - 1];
    list->first = fiber->next;
    if (list->first == 0)
        list->last = 0;
    fiber_ready (fiber);
}

void
component_wake_all (Component *self, struct waitlist *list)
{
    while (list->first != 0)
        component_wake_one (self, list);
}

/* Unlocking hands the lock to the first who waits: nobody can slip in between. */
void
component_lock (Component *self, struct mutex *mutex)
{
    if (mutex->held)
        component_sleep (self, &mutex->waiting);
    mutex->held = 1;
}

void
component_unlock (Component *self, struct mutex *mutex)
{
    assert (mutex->held);
    if (mutex->waiting.first != 0)
        component_wake_one (self, &mutex->waiting);
    else
        mutex->held = 0;
}

void *
component_device (Component *self)
{
    int32_t device = PLAN->components[self->id].device;

    return device >= 0 ? (void *)ADDRESS_DEVICE (device) : NULL;
}

const char *
component_device_name (Component *self)
{
    int32_t device = PLAN->components[self->id].device;

    return device >= 0 ? PLAN->devices[device].name : "";
}

/* ---- making one: the board ---- */

/* splitmix64 (Steele, Lea, Flood 2014): spreads one seed over many states. */
static uint64_t
spread (uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void
component_make (uint32_t id)
{
    const struct plan_component *plan = &PLAN->components[id];
    Component *self                   = COMPONENT (id);
    uint64_t state                    = PLAN->seed;

    /* The name, not the number: adding a component does not change what others draw. */
    for (const char *at = plan->name; *at != '\0'; at++)
        state = state * 31 + (uint8_t)*at;
    self->id     = id;
    self->class_ = plan->class_;
    self->stats  = STATS (id);
    for (unsigned i = 0; i < 4; i++)
        self->random[i] = spread (&state);
    arena_init (&self->arena, (uint8_t *)self + COMPONENT_HEADER_BYTES, plan->arena_bytes);
    self->state = alloc (self, plan->class_->state_bytes);
}
