/* solo: the machine, its fibers and its clock, and what component.h promises; see solo.h. */
#define _GNU_SOURCE
#include "inside.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined __SANITIZE_ADDRESS__
#define SOLO_ASAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define SOLO_ASAN 1
#endif
#endif
#ifdef SOLO_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

struct solo solo;

/* ---- fibers ---- */

void
fiber_ready (struct fiber *fiber)
{
    assert (fiber->busy && !fiber->ready);
    fiber->ready      = true;
    fiber->next_ready = NULL;
    if (solo.ready_last != NULL)
        solo.ready_last->next_ready = fiber;
    else
        solo.ready_first = fiber;
    solo.ready_last = fiber;
}

/* Back to the loop in solo_run; returns when the fiber is resumed. */
void
fiber_leave (void)
{
    struct fiber *self = solo.current;

    solo.current = NULL;
#ifdef SOLO_ASAN
    __sanitizer_start_switch_fiber (&self->fake_stack, solo.main_stack,
                                    solo.main_stack_bytes);
#endif
    swapcontext (&self->context, &solo.main);
#ifdef SOLO_ASAN
    __sanitizer_finish_switch_fiber (self->fake_stack, &solo.main_stack,
                                     &solo.main_stack_bytes);
#endif
}

/* A fiber's life: bodies one after another, for it is used again. */
static void
fiber_main (void)
{
#ifdef SOLO_ASAN
    __sanitizer_finish_switch_fiber (NULL, &solo.main_stack, &solo.main_stack_bytes);
#endif
    for (;;) {
        struct fiber *self = solo.current;
        self->body (self->argument);
        self->busy = false;
        fiber_leave ();
    }
}

/* The context is made apart from its caller: getcontext returns twice, says the compiler. */
static struct fiber *
fiber_make (void)
{
    struct fiber *fiber = calloc (1, sizeof *fiber);

    solo.fibers = realloc (solo.fibers, (solo.fiber_count + 1) * sizeof *solo.fibers);
    assert (solo.fibers != NULL && fiber != NULL);
    solo.fibers[solo.fiber_count++] = fiber;
    fiber->number                   = solo.fiber_count;
    fiber->stack                    = malloc (STACK_BYTES);
    assert (fiber->stack != NULL);
    getcontext (&fiber->context);
    fiber->context.uc_stack.ss_sp   = fiber->stack;
    fiber->context.uc_stack.ss_size = STACK_BYTES;
    makecontext (&fiber->context, fiber_main, 0);
    return fiber;
}

static struct fiber *
fiber_new (void (*body) (void *), void *argument)
{
    struct fiber *fiber = NULL;

    for (unsigned i = 0; i < solo.fiber_count && fiber == NULL; i++)
        if (!solo.fibers[i]->busy)
            fiber = solo.fibers[i];
    if (fiber == NULL)
        fiber = fiber_make ();
    fiber->busy     = true;
    fiber->body     = body;
    fiber->argument = argument;
    fiber_ready (fiber);
    return fiber;
}

static void
fiber_run (struct fiber *fiber)
{
    solo.current = fiber;
    fiber->ready = false;
#ifdef SOLO_ASAN
    __sanitizer_start_switch_fiber (&solo.main_fake_stack, fiber->stack, STACK_BYTES);
#endif
    swapcontext (&solo.main, &fiber->context);
#ifdef SOLO_ASAN
    __sanitizer_finish_switch_fiber (solo.main_fake_stack, NULL, NULL);
#endif
}

void
solo_go (void (*body) (void *), void *argument)
{
    fiber_new (body, argument);
}

void
solo_pass (void)
{
    fiber_ready (solo.current);
    fiber_leave ();
}

static void
timer_body (void *argument)
{
    struct fiber *fiber = argument;

    fiber->self->class->timer (fiber->self, fiber->cookie);
}

static void
timers_run_due (void)
{
    while (solo.timers != NULL && solo.timers->at_ns <= solo.now_ns) {
        struct timer *timer = solo.timers;
        solo.timers         = timer->next;
        struct fiber *fiber = fiber_new (timer_body, NULL);
        fiber->argument     = fiber;
        fiber->self         = timer->self;
        fiber->cookie       = timer->cookie;
        free (timer);
    }
}

void
solo_run (void)
{
    assert (solo.current == NULL && "solo_run from a fiber");
    timers_run_due ();
    while (solo.ready_first != NULL) {
        struct fiber *fiber = solo.ready_first;
        solo.ready_first    = fiber->next_ready;
        if (solo.ready_first == NULL)
            solo.ready_last = NULL;
        fiber_run (fiber);
        timers_run_due ();
    }
}

void
solo_advance (uint64_t ns)
{
    uint64_t end = solo.now_ns + ns;

    solo_run ();
    while (solo.timers != NULL && solo.timers->at_ns <= end) {
        if (solo.timers->at_ns > solo.now_ns)
            solo.now_ns = solo.timers->at_ns;
        solo_run ();
    }
    if (end > solo.now_ns)
        solo.now_ns = end;
}

unsigned
solo_timers (void)
{
    unsigned count = 0;

    for (struct timer *timer = solo.timers; timer != NULL; timer = timer->next)
        count++;
    return count;
}

/* ---- the machine ---- */

void
solo_init (void)
{
    memset (&solo, 0, sizeof solo);
    solo.random = 0x9e3779b97f4a7c15u;
    interfaces_init ();
}

void
solo_fini (void)
{
    while (solo.calls != NULL) {
        SoloCall *call = solo.calls;
        solo.calls     = call->next;
        call_free (call);
    }
    while (solo.timers != NULL) {
        struct timer *timer = solo.timers;
        solo.timers         = timer->next;
        free (timer);
    }
    for (unsigned i = 0; i < solo.fiber_count; i++) {
        free (solo.fibers[i]->stack);
        free (solo.fibers[i]);
    }
    free (solo.fibers);
    for (unsigned i = 0; i < solo.link_count; i++)
        free (solo.links[i]);
    while (solo.components != NULL) {
        Component *component = solo.components;
        solo.components      = component->next;
        for (unsigned i = 0; i < component->bound_count; i++)
            free (component->bound[i]);
        for (unsigned i = 0; i < OPTION_MAX; i++)
            free (component->option[i]);
        free (component->state);
        free (component);
    }
    memset (&solo, 0, sizeof solo);
}

static unsigned
option_find (const Component *self, const char *key)
{
    for (unsigned i = 0; i < OPTION_MAX && self->class->options[i].key != NULL; i++)
        if (strcmp (self->class->options[i].key, key) == 0)
            return i;
    return OPTION_MAX;
}

Component *
solo_add (const struct component_class *class, const char *name, ...)
{
    Component *self = calloc (1, sizeof *self);
    va_list arguments;
    const char *key;

    assert (self != NULL);
    self->class = class;
    self->limit = (size_t)64 << 20;
    self->state = calloc (1, class->state_bytes > 0 ? class->state_bytes : 1);
    snprintf (self->name, sizeof self->name, "%s", name);
    va_start (arguments, name);
    while ((key = va_arg (arguments, const char *)) != NULL) {
        unsigned i = option_find (self, key);
        assert (i < OPTION_MAX && "no such option");
        free (self->option[i]);
        self->option[i] = strdup (va_arg (arguments, const char *));
    }
    va_end (arguments);
    self->next      = solo.components;
    solo.components = self;
    return self;
}

static void
link_init (Link *link, Component *provider, enum interface_id interface)
{
    link->provider  = provider;
    link->interface = interface;
    for (unsigned i = 0; i < 4 && provider->class->provides[i].operations != NULL; i++)
        if (provider->class->provides[i].interface == interface)
            link->operations = provider->class->provides[i].operations;
    assert (link->operations != NULL && "does not provide that interface");
}

void
solo_bind (Component *self, const char *need, Component *provider)
{
    unsigned i = 0;

    while (i < 8 && self->class->needs[i].name != NULL
           && strcmp (self->class->needs[i].name, need) != 0)
        i++;
    assert (i < 8 && self->class->needs[i].name != NULL && "no such need");
    assert (self->bound_count < LINK_MAX);
    struct bound *bound = calloc (1, sizeof *bound);
    bound->need         = i;
    link_init (&bound->link, provider, self->class->needs[i].interface);
    self->bound[self->bound_count++] = bound;
}

Link *
solo_link (Component *provider, enum interface_id interface)
{
    for (unsigned i = 0; i < solo.link_count; i++)
        if (solo.links[i]->provider == provider && solo.links[i]->interface == interface)
            return solo.links[i];
    assert (solo.link_count < sizeof solo.links / sizeof *solo.links);
    Link *link = calloc (1, sizeof *link);
    link_init (link, provider, interface);
    return solo.links[solo.link_count++] = link;
}

struct hook {
    enum status (*body) (Component *self);
    Component *self;
    enum status status;
};

static void
hook_body (void *argument)
{
    struct hook *hook = argument;

    hook->status = hook->body (hook->self);
}

static enum status
hook_run (Component *self, enum status (*body) (Component *self))
{
    /* not on the stack: a hook that sleeps for good would answer into a dead frame */
    static struct hook hooks[64];
    static unsigned next;
    struct hook *hook = &hooks[next++ % 64];

    if (body == NULL)
        return OK;
    hook->body   = body;
    hook->self   = self;
    hook->status = DEFERRED;
    solo_go (hook_body, hook);
    solo_run ();
    return hook->status;
}

enum status
solo_start (Component *self)
{
    return hook_run (self, self->class->start);
}

enum status
solo_stop (Component *self)
{
    return hook_run (self, self->class->stop);
}

static void
interrupt_body (void *argument)
{
    Component *self = argument;

    self->class->interrupt (self);
}

void
solo_interrupt (Component *self)
{
    solo_go (interrupt_body, self);
    solo_run ();
}

/* ---- component.h: self, time, memory ---- */

void *
component_state (Component *self)
{
    return self->state;
}

const char *
component_name (const Component *self)
{
    return self->name;
}

const char *
component_option (Component *self, const char *key)
{
    unsigned i = option_find (self, key);

    if (i == OPTION_MAX)
        return "";
    return self->option[i] != NULL ? self->option[i] : self->class->options[i].value;
}

uint64_t
component_option_number (Component *self, const char *key)
{
    char *end;
    uint64_t number = strtoull (component_option (self, key), &end, 10);

    switch (*end) {
    case 'K':
        return number << 10;
    case 'M':
        return number << 20;
    case 'G':
        return number << 30;
    default:
        return number;
    }
}

void *
component_alloc (Component *self, size_t bytes)
{
    struct memory *memory;

    if (bytes > self->limit || self->used + bytes > self->limit)
        return NULL;
    memory = calloc (1, sizeof *memory + bytes);
    assert (memory != NULL);
    memory->bytes = bytes;
    memory->owner = self;
    self->used += bytes;
    return memory + 1;
}

void
component_free (Component *self, void *address)
{
    if (address == NULL)
        return;
    struct memory *memory = (struct memory *)address - 1;
    assert (memory->owner == self && "freed by another than its owner");
    self->used -= memory->bytes;
    memset (address, 0xdd, memory->bytes);
    free (memory);
}

void
solo_memory_limit (Component *self, size_t bytes)
{
    self->limit = bytes;
}

size_t
solo_memory_used (const Component *self)
{
    return self->used;
}

uint64_t
component_now_ns (Component *self)
{
    (void)self;
    return solo.now_ns;
}

uint64_t
component_time_ns (Component *self)
{
    (void)self;
    return 1700000000u * 1000000000ull + solo.now_ns;
}

uint64_t
component_random (Component *self)
{
    (void)self;
    solo.random ^= solo.random << 13;
    solo.random ^= solo.random >> 7;
    solo.random ^= solo.random << 17;
    return solo.random;
}

void
component_charge (Component *self, uint64_t cycles)
{
    (void)self;
    solo.charge_rest += cycles;
    solo.now_ns += solo.charge_rest / 3;
    solo.charge_rest %= 3;
}

enum status
component_timer (Component *self, uint64_t at_ns, uint64_t cookie)
{
    struct timer *timer = calloc (1, sizeof *timer);
    struct timer **at   = &solo.timers;

    assert (self->class->timer != NULL && "a timer without class->timer");
    timer->at_ns  = at_ns;
    timer->cookie = cookie;
    timer->self   = self;
    while (*at != NULL && (*at)->at_ns <= at_ns)
        at = &(*at)->next;
    timer->next = *at;
    *at         = timer;
    return OK;
}

void *
component_device (Component *self)
{
    return self->device;
}

const char *
component_device_name (Component *self)
{
    return component_name (self);
}

void
solo_device (Component *self, void *device)
{
    self->device = device;
}

/* ---- component.h: links ---- */

Link *
component_link_at (Component *self, unsigned need, unsigned i)
{
    for (unsigned j = 0; j < self->bound_count; j++)
        if (self->bound[j]->need == need && i-- == 0)
            return &self->bound[j]->link;
    return NULL;
}

Link *
component_link (Component *self, unsigned need)
{
    return component_link_at (self, need, 0);
}

unsigned
component_links (Component *self, unsigned need)
{
    unsigned count = 0;

    for (unsigned j = 0; j < self->bound_count; j++)
        count += self->bound[j]->need == need;
    return count;
}

const char *
link_name (const Link *link)
{
    return link->provider->name;
}

/* ---- component.h: waiting ---- */

void
component_sleep (Component *self, struct waitlist *list)
{
    struct fiber *fiber = solo.current;

    (void)self;
    assert (fiber != NULL && "sleeping outside of a fiber");
    fiber->next_waiting = 0;
    if (list->last != 0)
        solo.fibers[list->last - 1]->next_waiting = fiber->number;
    else
        list->first = fiber->number;
    list->last = fiber->number;
    fiber_leave ();
}

void
component_wake_one (Component *self, struct waitlist *list)
{
    (void)self;
    if (list->first == 0)
        return;
    struct fiber *fiber = solo.fibers[list->first - 1];
    list->first         = fiber->next_waiting;
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

/* Handed over to the first that waits: held stays set. */
void
component_lock (Component *self, struct mutex *mutex)
{
    if (!mutex->held) {
        mutex->held = 1;
        return;
    }
    component_sleep (self, &mutex->waiting);
    assert (mutex->held);
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
