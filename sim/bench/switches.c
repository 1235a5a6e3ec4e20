/* switches: from one flow of control to another and back, by the C library and by ours. */
#include <stdlib.h>
#include <ucontext.h>

#include "bench/bench.h"
#include "nucleus/context.h"

#define STACK_BYTES 65536u

/* One turn is one switch; two are a way there and back. */
#define TURNS 2000u

struct swapped {
    ucontext_t here, there;
};

static struct swapped swapped;

static void
swapped_main (void)
{
    for (;;)
        swapcontext (&swapped.there, &swapped.here);
}

static void
swap (void *argument, uint64_t turns)
{
    (void)argument;
    for (uint64_t i = 0; i < turns; i += 2)
        swapcontext (&swapped.here, &swapped.there);
}

bool
bench_swapcontext (const struct bench *bench, double *ns, GError **error)
{
    g_autofree char *stack = g_malloc (STACK_BYTES);

    (void)error;
    getcontext (&swapped.there);
    swapped.there.uc_stack.ss_sp   = stack;
    swapped.there.uc_stack.ss_size = STACK_BYTES;
    swapped.there.uc_link          = NULL;
    makecontext (&swapped.there, swapped_main, 0);
    *ns = bench_slices (bench->slices, swap, NULL, TURNS / 4);
    return true;
}

struct switched {
    struct context here, there;
};

static void
switched_main (void *argument)
{
    struct switched *switched = argument;

    for (;;)
        context_switch (&switched->there, &switched->here);
}

static void
turn_around (void *argument, uint64_t turns)
{
    struct switched *switched = argument;

    for (uint64_t i = 0; i < turns; i += 2)
        context_switch (&switched->here, &switched->there);
}

bool
bench_fiber_switch (const struct bench *bench, double *ns, GError **error)
{
    g_autofree char *stack   = g_malloc (STACK_BYTES);
    struct switched switched = { 0 };

    (void)error;
    context_init ();
    context_make (&switched.there, stack, STACK_BYTES, switched_main, &switched);
    *ns = bench_slices (bench->slices, turn_around, &switched, TURNS);
    return true;
}
