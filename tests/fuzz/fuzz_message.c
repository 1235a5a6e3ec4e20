/* messages: what comes over a channel, and all that follows from it.
 *
 * The servers of a microkernel live here in one process, each with its own memory, and each runs
 * its real dispatcher when a message is there for it. The input is a list of messages as a peer
 * could write them: from a domain that has a link, with any of its bytes changed. While they are
 * taken, every load from the peer's memory can give another value than the one before (all loads
 * go through CHANNEL_COPY, which is ours here): who looks twice sees two things. And half of the
 * inputs are taken while another thread scribbles on the sender's half.
 *
 * Nobody may die of it, and nothing may be touched that is not theirs: to be run with sanitizers.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board/build.h"
#include "fuzz/fuzz.h"

static void fuzz_copy (void *to, const void *from, size_t bytes);
#define CHANNEL_COPY(to, from, bytes) fuzz_copy (to, from, bytes)
#include "../../sim/gate/channel.c"

#include "gate/dispatch.h"

const char fuzz_name[]   = "message";
const unsigned fuzz_runs = 200000;

/* A machine is used for so many messages: calls that wait for something add up. */
#define MESSAGES_MAX 100000u
/* What one message may lead to. */
#define HOPS_MAX 200u

static MachineConfig *config;
static Machine *machine;
static uint64_t hop;
static uint32_t messages;
static uint64_t messages_all, refused_all;
static uint64_t seed = 1;
static bool started[COMPONENT_MAX]; /* only those are called in a machine */

static uint64_t
chance (void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* ---- a peer that changes what is read ---- */

static bool flips;

static void
fuzz_copy (void *to, const void *from, size_t bytes)
{
    memcpy (to, from, bytes);
    if (flips && bytes != 0 && chance () % 4 == 0)
        ((uint8_t *)to)[chance () % bytes] ^= (uint8_t)chance ();
}

static _Atomic (struct half *) scribbled;
static _Atomic uint32_t scribbles, rests;

__attribute__ ((no_sanitize ("address", "thread"))) static void *
scribbler (void *argument)
{
    uint64_t r = 88172645463325252u;

    (void)argument;
    for (;;) {
        struct half *half = atomic_load (&scribbled);

        if (half == NULL) {
            atomic_fetch_add (&rests, 1);
            sched_yield ();
            continue;
        }
        for (unsigned i = 0; i < 64; i++) {
            r ^= r << 13, r ^= r >> 7, r ^= r << 17;
            /* Behind the sequence number: it is to be read. */
            ((volatile uint8_t *)half)[4 + r % (PAGE_BYTES + 256)] ^= (uint8_t)(r >> 32);
        }
        atomic_fetch_add (&scribbles, 1);
    }
    return NULL;
}

/* Until it has seen that there is nothing to scribble on any more. */
static void
scribbler_rests (void)
{
    uint32_t before = atomic_load (&rests);

    while (atomic_load (&rests) == before)
        sched_yield ();
}

/* ---- the machine ---- */

/* Gives the token to `from`, as if by the kernel, to be sent on to `to`. */
static void
hand_over (uint32_t from, uint32_t to)
{
    hop += 2;
    atomic_store (&CUSTODY (DOMAIN_KERNEL)->sent, CUSTODY_OF (hop - 1, from));
    atomic_store (&CUSTODY (from)->sent, CUSTODY_OF (hop, to));
    if (from == DOMAIN_KERNEL)
        atomic_store (&PLAN->granted, hop - 1);
}

static void
put (uint32_t from, uint32_t to, struct message *message)
{
    struct half *half = HALF (from, to);

    hand_over (from, to);
    message->token.hop = hop;
    message->token.now = RUNTIME (to)->token.now;
    message->sequence  = half->message.sequence + 1;
    memcpy (&half->message, message, sizeof *message);
}

/* The nucleus does not live here: it says yes to everything, and no more. */
static void
kernel_answers (uint32_t to)
{
    const struct message *call = &here->staged_message;
    const Link *link           = &PLAN->links[call->link];
    struct message reply       = { .kind       = MESSAGE_REPLY,
                                   .fiber      = call->fiber,
                                   .generation = call->generation,
                                   .status     = OK };

    reply.into   = interfaces[link->interface].operations[call->operation].reply_bytes;
    here->staged = false;
    put (DOMAIN_KERNEL, to, &reply);
}

/* The message is there: lets `to` take it, and whoever it leads to, until the token is back with
 * the kernel or with the client that we are ourselves. */
static void
deliver (uint32_t from, uint32_t to)
{
    const struct message *ours = &HALF (from, to)->message;
    uint32_t client = from, fiber = ours->fiber;
    uint64_t generation = ours->generation;

    for (unsigned hops = 0; hops < HOPS_MAX; hops++) {
        const struct message *staged;

        here           = RUNTIME (to);
        here->expected = from;
        if (channel_wait (1) != from) {
            here->consumed[from] = HALF (from, to)->message.sequence;
            return;
        }
        messages++;
        messages_all++;
        if (!dispatch_message (from)) {
            refused_all++;
            return;
        }
        if (!here->staged)
            return;
        staged = &here->staged_message;
        if (staged->kind == MESSAGE_CALL && here->staged_to == DOMAIN_KERNEL) {
            kernel_answers (to);
            from = DOMAIN_KERNEL;
            continue;
        }
        if (here->staged_to == DOMAIN_KERNEL
            || (staged->kind == MESSAGE_REPLY && here->staged_to == client
                && staged->fiber == fiber && staged->generation == generation)) {
            here->staged = false;
            return;
        }
        from = to;
        to   = here->staged_to;
        dispatch_send (false);
        hop = here->token.hop;
    }
}

/* Fibers that can go on do, as the nucleus would have them. */
static void
run_ready (void)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        for (unsigned times = 0; RUNTIME (d)->ready_first != 0 && times < 64; times++) {
            struct message message = { .kind = MESSAGE_RUN };

            put (DOMAIN_KERNEL, d, &message);
            deliver (DOMAIN_KERNEL, d);
        }
}

static void
start (uint32_t component)
{
    uint32_t domain        = PLAN->components[component].domain;
    struct message message = { .kind = MESSAGE_UPCALL, .link = (uint16_t)component,
                               .status = UPCALL_START };

    if (domain == DOMAIN_KERNEL)
        return;
    put (DOMAIN_KERNEL, domain, &message);
    deliver (DOMAIN_KERNEL, domain);
    started[component] = here == RUNTIME (domain) && here->staged_message.kind == MESSAGE_REPLY
                         && here->staged_message.status == OK;
}

static void
machine_new (void)
{
    struct build_init init = { .arguments = NULL };

    if (machine != NULL) {
        scribbler_rests ();
        machine_free (machine);
    }
    here = NULL;
    machine = machine_build (config, &init, NULL);
    g_assert (machine != NULL);
    hop = 0, messages = 0;
    flips = false;
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        atomic_store (&PLAN->domains[d].state, DOMAIN_UP);
    for (uint32_t c = COMPONENT_USER + 1; c < PLAN->component_count; c++)
        start (c);
    if (getenv ("FUZZ_VERBOSE") != NULL)
        for (uint32_t c = 0; c < PLAN->component_count; c++)
            fprintf (stderr, "%s: %s\n", PLAN->components[c].name, started[c] ? "up" : "down");
}

/* ---- inputs ---- */

/* One message: which link, which operation, then what is written over it and its window. */
struct recipe {
    uint8_t link, operation, kind, flips;
    uint32_t bulk, into;
    uint8_t payload[32];
};

/* What the plan would let the owner of this link send. */
static void
cook (const struct recipe *recipe)
{
    const Link *link       = &PLAN->links[recipe->link % PLAN->link_count];
    uint32_t from          = PLAN->components[link->owner].domain;
    uint32_t to            = PLAN->components[link->target].domain;
    const uint8_t count    = (uint8_t)interfaces[link->interface].operation_count;
    struct message message = { .kind      = MESSAGE_CALL,
                               .link      = link->index,
                               .operation = (uint8_t)(recipe->operation % count),
                               .fiber     = recipe->payload[31],
                               .bulk      = recipe->bulk % (GRANT_MAX + 8),
                               .into      = recipe->into % (GRANT_MAX + 8) };
    const struct operation *operation = &interfaces[link->interface].operations[message.operation];

    if (to == DOMAIN_KERNEL || from == to || !started[link->target])
        return;
    if (operation->from < 0)
        message.bulk = 0;
    if (operation->into < 0)
        message.into = 0;
    memcpy (message.payload, recipe->payload, sizeof recipe->payload);
    if (recipe->kind % 8 == 7) { /* anything at all */
        message.kind = recipe->kind / 8;
        message.bulk = recipe->bulk;
        message.into = recipe->into;
        message.link = (uint16_t)(recipe->payload[0] | recipe->payload[1] << 8);
    }
    memset (HALF (from, to)->window, recipe->payload[2], 4096);
    put (from, to, &message);
    flips = recipe->flips & 1;
    atomic_store (&scribbled, recipe->flips & 2 ? HALF (from, to) : NULL);
    deliver (from, to);
    atomic_store (&scribbled, NULL);
    flips = false;
    run_ready ();
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
    g_autofree char *report = NULL;

    (void)argc, (void)argv;
    config = config_read ("microkernel", NULL, &report);
    g_assert (config != NULL);
    return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes)
{
    static pthread_t thread;

    /* Here, so that it lives in the process that runs, whoever forked it. */
    if (machine == NULL) {
        context_init ();
        pthread_create (&thread, NULL, scribbler, NULL);
    }
    if (machine == NULL || messages > MESSAGES_MAX)
        machine_new ();
    seed = 1;
    for (size_t i = 0; i < bytes; i++)
        seed = seed * 31 + data[i] + 1;
    for (size_t at = 0; at + sizeof (struct recipe) <= bytes; at += sizeof (struct recipe)) {
        struct recipe recipe;

        memcpy (&recipe, data + at, sizeof recipe);
        cook (&recipe);
    }
    return 0;
}

void
fuzz_tell (void)
{
    printf ("# %llu messages taken, %llu of them refused; %llu bytes changed under the reader\n",
            (unsigned long long)messages_all, (unsigned long long)refused_all,
            (unsigned long long)atomic_load (&scribbles) * 64);
}
