/* probe: see probe.h. */
#include "probe.h"

#include <string.h>

#include "suites.h"
#include "text.h"

#define SECOND_NS  1000000000u
#define COOKIE_RUN 0u

void
probe_note (struct probe *probe, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++)
        probe->digest = (probe->digest ^ at[i]) * 0x100000001b3u; /* FNV-1a */
}

static void
probe_fail (struct probe *probe, const char *file, unsigned line)
{
    const char *name = strrchr (file, '/');

    probe->now->line = line;
    text_copy (probe->now->file, sizeof probe->now->file, name != NULL ? name + 1 : file);
}

bool
probe_check (struct probe *probe, bool holds, const char *what, const char *file,
             unsigned line)
{
    uint8_t bit = holds;

    probe_note (probe, &bit, 1);
    if (holds || FAILED (probe))
        return holds;
    probe_fail (probe, file, line);
    text_copy (probe->now->why, sizeof probe->now->why, what);
    return false;
}

bool
probe_same (struct probe *probe, uint64_t is, uint64_t wanted, const char *what,
            const char *file, unsigned line)
{
    struct text text;

    probe_note (probe, &is, sizeof is);
    if (is == wanted || FAILED (probe))
        return is == wanted;
    probe_fail (probe, file, line);
    text_init (&text, probe->now->why, sizeof probe->now->why);
    text_append (&text, what);
    text_append (&text, ": it is ");
    text_signed (&text, (int64_t)is);
    text_append (&text, ", not ");
    text_signed (&text, (int64_t)wanted);
    text_end (&text);
    return false;
}

bool
probe_same_text (struct probe *probe, const void *is, size_t bytes, const char *wanted,
                 const char *file, unsigned line)
{
    struct text text;

    probe_note (probe, is, bytes);
    if (bytes == strlen (wanted) && memcmp (is, wanted, bytes) == 0)
        return true;
    if (FAILED (probe))
        return false;
    probe_fail (probe, file, line);
    text_init (&text, probe->now->why, sizeof probe->now->why);
    text_append (&text, "it is \"");
    for (size_t i = 0; i < bytes; i++) {
        char c = ((const char *)is)[i];

        text_char (&text, c >= ' ' && c < 0x7f ? c : '?');
    }
    text_append (&text, "\", not \"");
    text_append (&text, wanted);
    text_append (&text, "\"");
    text_end (&text);
    return false;
}

/* ---- fibers beside the one of the case ---- */

void
probe_beside (struct probe *probe, uint64_t first, uint32_t count)
{
    probe->running = count;
    for (uint32_t i = 0; i < count; i++)
        SAME (component_timer (probe->self, component_now_ns (probe->self), first + i), OK);
    while (probe->running > 0)
        component_sleep (probe->self, &probe->waiting);
}

void
probe_ended (struct probe *probe)
{
    probe->running--;
    component_wake_all (probe->self, &probe->waiting);
}

#define COOKIE_PAUSE UINT64_MAX

void
probe_pause (struct probe *probe, uint64_t duration_ns)
{
    uint64_t until_ns = component_now_ns (probe->self) + duration_ns;

    SAME (component_timer (probe->self, until_ns, COOKIE_PAUSE), OK);
    while (component_now_ns (probe->self) < until_ns)
        component_sleep (probe->self, &probe->waiting);
}

/* ---- the run ---- */

static void
probe_run (struct probe *probe)
{
    struct kernel_halt_req halt = { .status = 0 };
    struct kernel_halt_rep halting;

    for (unsigned i = 0; probe->suite->cases[i].name != NULL; i++) {
        probe->now = &probe->outcomes[i];
        probe->suite->cases[i].run (probe);
        probe->now->ran = 1;
    }
    probe->over = 1;
    kernel_halt (probe->machine, &halt, &halting);
}

void
probe_timer (Component *self, uint64_t cookie)
{
    struct probe *probe = component_state (self);

    if (cookie == COOKIE_RUN)
        probe_run (probe);
    else if (cookie == COOKIE_PAUSE)
        component_wake_all (self, &probe->waiting);
    else
        probe->suite->timer (probe, cookie);
}

enum status
probe_start (Component *self)
{
    struct probe *probe = component_state (self);

    probe->self = self;
    probe->digest = 0xcbf29ce484222325u;
    probe->subject = component_link (self, PROBE_SUBJECT);
    probe->machine = component_link (self, PROBE_MACHINE);
    probe->suite = suite_find (component_option (self, "suite"));
    if (probe->suite == NULL)
        return ERR_NOT_FOUND;
    return component_timer (self, component_now_ns (self) + SECOND_NS, COOKIE_RUN);
}
