#include "user/user.h"

#include <string.h>

#include "gate/gate.h"
#include "nucleus/task.h"
#include "personalities/posix/lib/posix.h"

/* A block of a process's memory, in a list so that all can be given back at its end. */
struct block {
    struct block *next, **prev;
    size_t pad[2];
};

struct slot {
    struct user_flow flow; /* first: who has one has the other */
    bool made;
    bool used;
    const struct program *program;
    int argc;
    char **argv;
    char **environment;
    struct block *blocks;
    int64_t result; /* of the last trap */
    uint64_t until; /* it has the CPU no longer than that, in virtual time */
    uint32_t trap, number;
    uint64_t argument[6];
};

struct user {
    struct slot *slots; /* by task id */
    uint32_t slot_count;
    struct slot *running; /* whose program has the CPU */
};

uint64_t
user_stacks_bytes (uint32_t tasks_max)
{
    return (uint64_t)(tasks_max + 1) * USER_SLOT_BYTES;
}

uint8_t *
user_stacks (void)
{
    return (uint8_t *)ADDRESS_COMPONENT (COMPONENT_USER) + COMPONENT_HEADER_BYTES
           + PLAN->components[COMPONENT_USER].arena_bytes;
}

static struct user *
user (void)
{
    return COMPONENT (COMPONENT_USER)->state;
}

/* ---- the program's side ---- */

static void
leave (struct slot *slot, enum trap trap)
{
    slot->trap = trap;
    context_switch (&slot->flow.program, &slot->flow.kernel);
}

int64_t
user_trap (uint32_t number, const uint64_t argument[6])
{
    struct slot *slot = user ()->running;

    slot->number = number;
    memcpy (slot->argument, argument, sizeof slot->argument);
    leave (slot, TRAP_CALL);
    return slot->result;
}

/* The flow of a slot: one program after the other, for as long as the machine lives. */
static void
slot_main (void *argument)
{
    struct slot *slot = argument;

    for (;;) {
        int status = slot->program->main (slot->argc, slot->argv);

        posix_exit (status);
    }
}

void
program_compute (uint64_t cycles)
{
    struct slot *slot = user ()->running;

    while (cycles > 0) {
        uint64_t left = slot->until > here->token.now ? slot->until - here->token.now : 0;
        uint64_t now  = cycles < left ? cycles : left;

        component_charge (COMPONENT (COMPONENT_USER), now);
        cycles -= now;
        if (here->token.now >= slot->until)
            leave (slot, TRAP_SLICE);
    }
}

uint64_t
program_random (void)
{
    return component_random (COMPONENT (COMPONENT_USER));
}

static void *
block_alloc (struct slot *slot, size_t bytes)
{
    struct block *block = NULL;

    if (bytes <= SIZE_MAX - sizeof *block)
        block = component_alloc (COMPONENT (COMPONENT_USER), sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->next = slot->blocks;
    block->prev = &slot->blocks;
    if (block->next != NULL)
        block->next->prev = &block->next;
    slot->blocks = block;
    return block + 1;
}

void *
program_alloc (size_t bytes)
{
    return block_alloc (user ()->running, bytes);
}

void
program_free (void *memory)
{
    struct block *block;

    if (memory == NULL)
        return;
    block        = (struct block *)memory - 1;
    *block->prev = block->next;
    if (block->next != NULL)
        block->next->prev = block->prev;
    component_free (COMPONENT (COMPONENT_USER), block);
}

void *
program_grow (void *memory, size_t old_bytes, size_t new_bytes)
{
    void *grown = program_alloc (new_bytes);

    if (grown == NULL)
        return NULL;
    if (memory != NULL)
        memcpy (grown, memory, old_bytes < new_bytes ? old_bytes : new_bytes);
    program_free (memory);
    return grown;
}

char **
program_environment (void)
{
    return user ()->running->environment;
}

/* ---- the kernel's side: umode ---- */

static enum status
user_start (Component *self)
{
    struct user *u = component_state (self);

    u->slot_count = PLAN->tasks_max + 1;
    u->slots      = component_alloc (self, u->slot_count * sizeof *u->slots);
    return u->slots != NULL ? OK : ERR_NO_MEMORY;
}

/* "/bin/ls" and "ls" are the same program. */
static const struct program *
find (const char *path)
{
    return program_find (strncmp (path, "/bin/", 5) == 0 ? path + 5 : path);
}

static struct slot *
slot_of (uint32_t task)
{
    struct user *u = user ();

    return task < u->slot_count ? &u->slots[task] : NULL;
}

static void
slot_clear (Component *self, struct slot *slot)
{
    while (slot->blocks != NULL) {
        struct block *block = slot->blocks;

        slot->blocks = block->next;
        component_free (self, block);
    }
    slot->used = false;
}

/* Splits the strings of a grant into the process's own argv and environment. */
static enum status
slot_arguments (struct slot *slot, const char *from, uint32_t bytes, uint32_t arguments,
                uint32_t environment)
{
    uint64_t pointers = (uint64_t)arguments + environment + 2;
    char **table, *text;
    uint32_t at = 0;

    if (pointers * sizeof *table > GRANT_MAX * 8u)
        return ERR_TOO_BIG;
    text = block_alloc (slot, bytes + 1);
    table = block_alloc (slot, pointers * sizeof *table);
    if (text == NULL || table == NULL)
        return ERR_NO_MEMORY;
    memcpy (text, from, bytes);
    slot->argc        = (int)arguments;
    slot->argv        = table;
    slot->environment = table + arguments + 1;
    for (uint32_t i = 0; i < arguments + environment; i++) {
        if (at >= bytes)
            return ERR_INVALID;
        (i < arguments ? slot->argv : slot->environment - arguments)[i] = text + at;
        at += (uint32_t)strlen (text + at) + 1;
    }
    return OK;
}

static enum status
user_make (Component *self, struct call *call, const struct umode_make_req *req,
           struct umode_make_rep *rep)
{
    struct slot *slot = slot_of (req->task);
    const char *path  = req->from.data;
    size_t length     = strnlen (path, req->from.length);
    enum status status;

    (void)call;
    (void)rep;
    if (slot == NULL || slot->used || length == req->from.length)
        return ERR_INVALID;
    slot->program = find (path);
    if (slot->program == NULL)
        return ERR_NOT_FOUND;
    slot->used = true;
    status     = slot_arguments (slot, path + length + 1, req->from.length - (uint32_t)length - 1,
                                 req->argument_count, req->environment_count);
    if (status != OK) {
        slot_clear (self, slot);
        return status;
    }
    /* What the last program left on the stack goes with it: a flow starts afresh. */
    context_make (&slot->flow.program,
                  user_stacks () + (uint64_t)req->task * USER_SLOT_BYTES + USER_GUARD_BYTES,
                  USER_STACK_BYTES, slot_main, slot);
    return OK;
}

struct user_flow *
user_resume_begin (const struct umode_resume_req *req)
{
    struct slot *slot = slot_of (req->task);

    if (slot == NULL || !slot->used)
        return NULL;
    slot->result                  = req->result;
    slot->until                   = req->until;
    slot->flow.kernel.stack       = FIBER_STACK (here, here->fiber->index);
    slot->flow.kernel.stack_bytes = FIBER_STACK_BYTES;
    user ()->running              = slot;
    return &slot->flow;
}

void
user_resume_end (struct user_flow *flow, struct umode_resume_rep *rep)
{
    const struct slot *slot = (const struct slot *)flow;

    user ()->running = NULL;
    rep->trap        = slot->trap;
    rep->number      = slot->number;
    memcpy (rep->argument, slot->argument, sizeof rep->argument);
}

static enum status
user_resume (Component *self, struct call *call, const struct umode_resume_req *req,
             struct umode_resume_rep *rep)
{
    struct user_flow *flow = user_resume_begin (req);

    (void)self;
    (void)call;
    if (flow == NULL)
        return ERR_INVALID;
    context_switch (&flow->kernel, &flow->program);
    user_resume_end (flow, rep);
    return OK;
}

static enum status
user_free (Component *self, struct call *call, const struct umode_free_req *req,
           struct umode_free_rep *rep)
{
    struct slot *slot = slot_of (req->task);

    (void)call;
    (void)rep;
    if (slot == NULL)
        return ERR_INVALID;
    slot_clear (self, slot);
    return OK;
}

static enum status
user_find (Component *self, struct call *call, const struct umode_find_req *req,
           struct umode_find_rep *rep)
{
    char path[64];

    (void)self;
    (void)call;
    (void)rep;
    if (req->from.length >= sizeof path)
        return ERR_NOT_FOUND;
    memcpy (path, req->from.data, req->from.length);
    path[req->from.length] = '\0';
    return find (path) != NULL ? OK : ERR_NOT_FOUND;
}

static enum status
user_name (Component *self, struct call *call, const struct umode_name_req *req,
           struct umode_name_rep *rep)
{
    const struct program *program = program_at (req->index);

    (void)self;
    (void)call;
    if (program == NULL)
        return ERR_NOT_FOUND;
    strncpy (rep->name, program->name, sizeof rep->name - 1);
    return OK;
}

static const struct umode_ops user_ops = {
    .make   = user_make,
    .resume = user_resume,
    .free   = user_free,
    .find   = user_find,
    .name   = user_name,
};

const struct component_class user_class = {
    .name        = "user",
    .summary     = "the built-in programs, one flow of control each",
    .state_bytes = sizeof (struct user),
    .provides    = { { INTERFACE_umode, &user_ops } },
    .start       = user_start,
};
