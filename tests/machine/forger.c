/* forger: a component that lies about the token, about others, and in its messages. Each of its
 * files is a lie, told while the file is read. Most are told after the token was given away in
 * earnest, while others run; the reader's call then ends when the forger's domain does. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "extra.h"
#include "flat.h"
#include "gate/custody.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "gate/journal.h"

/* Lies told by one that nobody stops. */
#define LIES_MAX 200000u

struct forger {
    struct flat flat;
    uint64_t seed;
};

static uint64_t
chance (struct forger *forger)
{
    forger->seed ^= forger->seed << 13;
    forger->seed ^= forger->seed >> 7;
    forger->seed ^= forger->seed << 17;
    return forger->seed;
}

/* As the dispatcher does it: the kernel has the token now. */
static void
give_token_away (void)
{
    struct message message = { .kind = MESSAGE_YIELD, .token = here->token };

    here->holds = false;
    channel_post (DOMAIN_KERNEL, &message, NULL);
    atomic_store (&here->running, 0);
}

static void
wake (uint32_t to)
{
    atomic_fetch_add (&DOOR (to)->bell, 1);
    futex_wake (&DOOR (to)->bell);
}

/* Puts a message where `to` looks, whatever its hop. */
static void
say (uint32_t to, const struct message *message)
{
    struct message *slot = &HALF (here->domain, to)->message;
    uint32_t sequence    = atomic_load (&slot->sequence) + 1;

    memcpy ((uint8_t *)slot + sizeof slot->sequence,
            (const uint8_t *)message + sizeof message->sequence,
            sizeof *slot - sizeof slot->sequence);
    atomic_store (&slot->sequence, sequence);
    wake (to);
}

/* Somebody else that this domain can speak to. */
static uint32_t
victim_of (struct forger *forger)
{
    uint32_t to;

    do
        to = (uint32_t)(chance (forger) % PLAN->domain_count);
    while (to == here->domain || !PLAN->domains[here->domain].reaches[to]);
    return to;
}

/* A message that the plan allows, with a token that might be the next. */
static struct message
lawful (struct forger *forger, uint32_t to)
{
    struct message message = { .token = here->token, .fiber = (uint32_t)(chance (forger) % 8),
                               .generation = chance (forger) % 4096 };

    message.kind = to == DOMAIN_KERNEL ? MESSAGE_YIELD : MESSAGE_CANCEL;
    message.token.hop += chance (forger) % 64;
    message.token.now += chance (forger) % 1000000;
    return message;
}

/* ---- the lies ---- */

static void
forger_speak (Component *self, const char *name, struct text *text)
{
    struct forger *forger = component_state (self);

    (void)name, (void)text;
    give_token_away ();
    for (uint32_t i = 0; i < LIES_MAX; i++) {
        uint32_t to            = victim_of (forger);
        struct message message = lawful (forger, to);

        say (to, &message);
        sched_yield ();
    }
    abort ();
}

/* To the kernel alone: a second token, there and then. */
static void
forger_yield (Component *self, const char *name, struct text *text)
{
    struct forger *forger = component_state (self);

    (void)name, (void)text;
    give_token_away ();
    for (uint32_t i = 0; i < LIES_MAX; i++) {
        struct message message = lawful (forger, DOMAIN_KERNEL);

        say (DOMAIN_KERNEL, &message);
        sched_yield ();
    }
    abort ();
}

static void
give_token_to_all (void)
{
    struct message message = { .kind = MESSAGE_CANCEL, .token = here->token };

    give_token_away ();
    message.token.hop = here->token.hop;
    for (uint32_t to = 1; to < PLAN->domain_count; to++)
        if (PLAN->domains[here->domain].reaches[to] && to != here->domain)
            say (to, &message);
}

/* The token that it really has, to two at once. */
static void
forger_twice (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name, (void)text;
    give_token_to_all ();
    for (;;)
        sched_yield ();
}

/* And it is gone before anybody complains. */
static void
forger_flee (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name, (void)text;
    give_token_to_all ();
    abort ();
}

/* Gives the token back, without the answer that was asked for, and lives on. */
static void
forger_silence (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name, (void)text;
    give_token_away ();
    for (;;)
        sched_yield ();
}

/* What it was given, but not by whom it says, nor when. */
static void
forger_claim (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name, (void)text;
    give_token_away ();
    atomic_store (&CUSTODY (here->domain)->took, CUSTODY_OF (UINT64_C (1) << 40, DOMAIN_KERNEL));
    for (;;)
        sched_yield ();
}

/* That others have broken the rules. It still has the token, and lives on. */
static void
forger_accuse (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name;
    for (uint32_t i = 0; i < 2000; i++) {
        atomic_store (&here->violator, i % PLAN->domain_count + 1);
        sched_yield ();
    }
    text_append (text, "accused\n");
}

/* That it is late; very late. */
static void
forger_leap (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name;
    here->token.now += UINT64_C (1) << 62;
    here->token.event += UINT64_C (1) << 48;
    here->token.ticket += UINT64_C (1) << 48;
    text_append (text, "leapt\n");
}

/* What makes no sense at all, as a reply that somebody waits for. */
static void
forger_nonsense (Component *self, const char *name, struct text *text)
{
    struct forger *forger = component_state (self);
    struct message message;
    uint16_t client = here->fiber->client;

    (void)name, (void)text;
    for (size_t i = 0; i < sizeof message; i++)
        ((uint8_t *)&message)[i] = (uint8_t)chance (forger);
    message.token     = here->token;
    message.token.hop = custody_hand (client);
    say (client, &message);
    atomic_store (&here->running, 0);
    for (;;)
        sched_yield ();
}

/* ---- garbage, into everything that is mapped to be written ---- */

static void
scribble (struct forger *forger, void *at, size_t bytes)
{
    uint64_t r       = chance (forger);
    size_t offset    = r % (bytes - 8) & ~(size_t)7;
    uint64_t garbage = chance (forger);

    /* Often something that is nearly right. */
    if (r >> 60 < 8)
        garbage = *(uint64_t *)((uint8_t *)at + offset) + (r >> 60);
    *(volatile uint64_t *)((uint8_t *)at + offset) = garbage;
}

static void
scribble_somewhere (struct forger *forger)
{
    uint32_t to        = victim_of (forger);
    struct half *half  = HALF (here->domain, to);
    struct door *door  = DOOR (here->domain);

    switch (chance (forger) % 8) {
    case 0: scribble (forger, half, PAGE_BYTES); break;
    case 1: scribble (forger, half->window, sizeof half->window); break;
    case 2: atomic_store (&DOOR (to)->bell, (uint32_t)chance (forger)); break;
    case 3: scribble (forger, (uint8_t *)door + PAGE_BYTES, PAGE_BYTES); break;
    case 4: scribble (forger, WATCH (here->domain)->ring, sizeof WATCH (here->domain)->ring); break;
    case 5: scribble (forger, WATCH (here->domain), PAGE_BYTES); break;
    case 6: scribble (forger, CUSTODY (here->domain), PAGE_BYTES); break;
    default:
        /* A message of which only the end is garbage, to be found in its place. */
        scribble (forger, &half->message.payload, PAYLOAD_MAX);
        break;
    }
}

static void
forger_garbage (Component *self, const char *name, struct text *text)
{
    struct forger *forger = component_state (self);

    (void)text;
    for (const char *c = name; *c != '\0'; c++)
        forger->seed = forger->seed * 31 + (uint8_t)*c;
    forger->seed = forger->seed * 2654435761u + here->token.hop + 1;
    give_token_away ();
    for (uint32_t i = 0; i < 20 * LIES_MAX; i++)
        scribble_somewhere (forger);
    abort ();
}

/* The same without ever being heard: nothing that others wait for changes. */
static void
forger_noise (Component *self, const char *name, struct text *text)
{
    struct forger *forger = component_state (self);

    (void)name, (void)text;
    give_token_away ();
    for (uint32_t i = 0; i < LIES_MAX; i++) {
        uint32_t to       = victim_of (forger);
        struct half *half = HALF (here->domain, to);

        scribble (forger, (uint8_t *)half + 8, PAGE_BYTES - 8);
        scribble (forger, half->window, sizeof half->window);
        atomic_store (&DOOR (to)->bell, (uint32_t)chance (forger));
        scribble (forger, WATCH (here->domain)->ring, sizeof WATCH (here->domain)->ring);
    }
    abort ();
}

static void
forger_peace (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name;
    text_append (text, "peace\n");
}

static const struct flat_file forger_files[] = {
    { "peace", forger_peace },       { "speak", forger_speak },
    { "yield", forger_yield },       { "twice", forger_twice },
    { "claim", forger_claim },       { "accuse", forger_accuse },
    { "leap", forger_leap },         { "nonsense", forger_nonsense },
    { "flee", forger_flee },         { "silence", forger_silence },
    { "garbage-1", forger_garbage }, { "garbage-2", forger_garbage },
    { "garbage-3", forger_garbage }, { "noise", forger_noise },
    { NULL, NULL },
};

static enum status
forger_start (Component *self)
{
    struct forger *forger = component_state (self);

    forger->flat.files = forger_files;
    forger->seed       = component_random (self) | 1;
    return OK;
}

const struct component_class forger_class = {
    .name        = "forger",
    .summary     = "lies when one of its files is read",
    .state_bytes = sizeof (struct forger),
    .provides    = { { INTERFACE_fs, &flat_ops } },
    .needs       = { { "log", INTERFACE_log, NEED_ONE }, { "clock", INTERFACE_clock, NEED_ONE } },
    .start       = forger_start,
};
