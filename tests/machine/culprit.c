/* culprit: a component that misbehaves on demand. Each of its files is a crime, committed
 * while the file is read; a crime that is survived says so in the file's text. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "extra.h"
#include "flat.h"
#include "gate/runtime.h"
#include "interfaces/interfaces.h"
#include "machine/machine.h"

/* What sanitizers would see first is to be seen by the machine. */
#define CRIME __attribute__ ((no_sanitize ("address", "undefined"))) static void

/* ---- calls that no domain may make ---- */

static const struct {
    const char *file;
    long number;
    uint64_t arguments[4];
} forbidden[] = {
    { "call-openat", SYS_openat, { (uint64_t)AT_FDCWD, (uint64_t)(uintptr_t) "/etc/passwd", 0, 0 } },
    { "call-socket", SYS_socket, { 1, 1, 0, 0 } },
    { "call-execve", SYS_execve, { (uint64_t)(uintptr_t) "/bin/sh", 0, 0, 0 } },
    { "call-clone", SYS_clone, { SIGCHLD, 0, 0, 0 } },
    { "call-kill", SYS_kill, { (uint64_t)-1, SIGKILL, 0, 0 } },
    { "call-mmap", SYS_mmap, { 0, 4096, 7, 0x22 } },
    { "call-ptrace", SYS_ptrace, { 16, 1, 0, 0 } },
    { "call-write", SYS_write, { 2, (uint64_t)(uintptr_t) "escaped\n", 8, 0 } },
    { "call-memfd_create", SYS_memfd_create, { (uint64_t)(uintptr_t) "x", 0, 0, 0 } },
    { "call-pwrite64", SYS_pwrite64, { 16, (uint64_t)(uintptr_t) "x", 1, 0 } },
};

static void
culprit_call (Component *self, const char *name, struct text *text)
{
    (void)self;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (strcmp (forbidden[i].file, name) == 0) {
            const uint64_t *argument = forbidden[i].arguments;

            syscall (forbidden[i].number, argument[0], argument[1], argument[2], argument[3]);
        }
    text_append (text, "the call was made\n");
}

/* ---- memory of others ---- */

/* In the middle of what the component of that name keeps; found without touching it. */
static volatile uint8_t *
memory_of (const char *name)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (strcmp (PLAN->components[c].name, name) == 0)
            return (volatile uint8_t *)(ADDRESS_COMPONENT (c) + VICTIM_WOUND);
    return NULL;
}

CRIME
culprit_wild_write (Component *self, const char *name, struct text *text)
{
    volatile uint8_t *wound = memory_of ("victim");

    (void)self, (void)name;
    *wound = 0;
    text_append (text, "wrote\n");
}

CRIME
culprit_wild_read (Component *self, const char *name, struct text *text)
{
    volatile uint8_t *wound = memory_of ("victim");

    (void)self, (void)name;
    text_append (text, *wound == VICTIM_BYTE ? "read it\n" : "read something\n");
}

/* What every domain sees, but none may change. */
CRIME
culprit_plan (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name;
    *(volatile uint64_t *)&PLAN->seed = 0;
    text_append (text, "wrote\n");
}

/* ---- all the other ways to die ---- */

/* Volatile, so that no compiler can know what is about to happen. */
CRIME
culprit_null (Component *self, const char *name, struct text *text)
{
    volatile uint32_t *volatile nothing = NULL;

    (void)self, (void)name;
    *nothing = 1;
    text_append (text, "wrote\n");
}

CRIME
culprit_divide (Component *self, const char *name, struct text *text)
{
#if defined __x86_64__
    uint32_t low = 1, high = 0;

    __asm__ volatile ("divl %2" : "+a"(low), "+d"(high) : "r"(0));
#endif
    (void)self, (void)name;
    text_append (text, "divided\n");
}

CRIME
culprit_illegal (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name;
#if defined __x86_64__
    __asm__ volatile ("ud2");
#endif
    text_append (text, "survived\n");
}

CRIME
culprit_abort (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name, (void)text;
    abort ();
}

CRIME
culprit_jump (Component *self, const char *name, struct text *text)
{
    flat_read *volatile nowhere = (flat_read *)(uintptr_t)16;

    nowhere (self, name, text);
}

/* No depth at all; volatile, so that no compiler knows. */
static const volatile uint32_t forever = UINT32_MAX;

__attribute__ ((no_sanitize ("address", "undefined"))) static uint32_t
deeper (volatile uint8_t *above, uint32_t depth)
{
    volatile uint8_t room[1024];

    room[depth % sizeof room] = above[0];
    return depth == forever ? 0 : deeper (room, depth + 1) + room[1];
}

CRIME
culprit_overflow (Component *self, const char *name, struct text *text)
{
    volatile uint8_t start = 1;

    (void)self, (void)name;
    text_number (text, deeper (&start, 0));
}

CRIME
culprit_spin (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name, (void)text;
    while (forever != 0)
        continue;
}

/* ---- damage that shows later ---- */

struct culprit {
    struct flat flat;
    bool hit;
};

/* Comes from outside, so a replay does not bring it back. */
static void
culprit_ray (Component *self, const char *name, struct text *text)
{
    struct culprit *culprit = component_state (self);

    (void)name;
    if (RUNTIME (PLAN->components[self->id].domain)->replaying != REPLAY_ALL)
        culprit->hit = true;
    text_append (text, "hit\n");
}

/* Comes from a caller, so a replay brings it back. */
static void
culprit_poison (Component *self, const char *name, struct text *text)
{
    struct culprit *culprit = component_state (self);

    (void)name;
    culprit->hit = true;
    text_append (text, "swallowed\n");
}

/* Dies of it whatever the clock answers, so a refusal of that is of no use. */
static void
culprit_fragile (Component *self, const char *name, struct text *text)
{
    const struct culprit *culprit = component_state (self);
    struct clock_now_req request  = {};
    struct clock_now_rep reply;

    (void)name;
    clock_now (component_link (self, 0), &request, &reply);
    if (culprit->hit)
        abort ();
    text_append (text, "whole\n");
}

static void
culprit_peace (Component *self, const char *name, struct text *text)
{
    (void)self, (void)name;
    text_append (text, "peace\n");
}

static const struct flat_file culprit_files[] = {
    { "peace", culprit_peace },
    { "call-openat", culprit_call },
    { "call-socket", culprit_call },
    { "call-execve", culprit_call },
    { "call-clone", culprit_call },
    { "call-kill", culprit_call },
    { "call-mmap", culprit_call },
    { "call-ptrace", culprit_call },
    { "call-write", culprit_call },
    { "call-memfd_create", culprit_call },
    { "call-pwrite64", culprit_call },
    { "wild-write", culprit_wild_write },
    { "wild-read", culprit_wild_read },
    { "plan", culprit_plan },
    { "null", culprit_null },
    { "divide", culprit_divide },
    { "illegal", culprit_illegal },
    { "abort", culprit_abort },
    { "jump", culprit_jump },
    { "overflow", culprit_overflow },
    { "spin", culprit_spin },
    { "ray", culprit_ray },
    { "poison", culprit_poison },
    { "fragile", culprit_fragile },
    { NULL, NULL },
};

static enum status
culprit_start (Component *self)
{
    struct flat *flat = component_state (self);

    flat->files = culprit_files;
    return OK;
}

const struct component_class culprit_class = {
    .name        = "culprit",
    .summary     = "misbehaves when one of its files is read",
    .state_bytes = sizeof (struct culprit),
    .provides    = { { INTERFACE_fs, &flat_ops } },
    .needs       = { { "clock", INTERFACE_clock, NEED_OPTIONAL } },
    .start       = culprit_start,
};
