/* move_domain: the domains that a move concerns, and the processes that execute them. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "board/move_inside.h"
#include "board/placement.h"
#include "config/value.h"
#include "gate/adopt.h"
#include "gate/gate.h"

static bool
is_up (uint32_t domain)
{
    return atomic_load (&PLAN->domains[domain].state) == DOMAIN_UP;
}

/* Will it host something after the move? */
static bool
will_host (uint32_t domain)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].next == domain)
            return true;
    return false;
}

bool
move_domain_is_empty (uint32_t domain)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (PLAN->components[c].domain == domain)
            return false;
    return domain != DOMAIN_KERNEL && is_up (domain);
}

bool
move_domain_admits (uint32_t component, uint32_t domain)
{
    if (component != COMPONENT_USER && strcmp (PLAN->domains[domain].name, "user") == 0)
        return false;
    for (uint32_t c = 0; domain != DOMAIN_KERNEL && c < PLAN->component_count; c++)
        if (c != component && PLAN->components[c].domain == domain
            && (c == COMPONENT_USER || component == COMPONENT_USER))
            return false;
    return true;
}

/* ---- which one ---- */

static uint32_t
domain_named (const char *name)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (strcmp (PLAN->domains[d].name, name) == 0)
            return d;
    return DOMAIN_MAX;
}

static uint32_t
domain_spare (void)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (PLAN->domains[d].name[0] == '\0')
            return d;
    return PLAN->domain_count < PLAN->domain_room ? PLAN->domain_count : DOMAIN_MAX;
}

/* What is wrong with the name of a new domain; NULL: nothing. */
static char *
name_wrong (uint32_t component, const char *name)
{
    if (!value_name (name))
        return g_strdup_printf ("\"%s\" cannot be a domain; write kernel, own, or a small letter, "
                                "then small letters, digits, - and _", name);
    return component == COMPONENT_USER && strcmp (name, "user") == 0
               ? NULL
               : g_strdup (value_domain_wrong (name));
}

/* The domain is there: can the component come to it? */
static bool
may_come (uint32_t component, uint32_t domain, char **error)
{
    const char *name = PLAN->domains[domain].name;

    if (!is_up (domain))
        *error = g_strdup_printf ("the domain %s has died; choose another", name);
    else if (move_domain_admits (component, domain))
        return true;
    else if (component == COMPONENT_USER)
        *error = g_strdup_printf ("programs do not live with components outside the kernel; write "
                                  "kernel, own, or another name than %s", name);
    else
        *error = g_strdup_printf ("%s is the programs' domain; write kernel, own, or another name",
                                  name);
    return false;
}

uint32_t
move_domain_find (uint32_t component, const char *name, bool *fresh, char **error)
{
    uint32_t domain;

    *fresh = false;
    if (strcmp (name, "own") == 0)
        name = PLAN->components[component].name;
    domain = domain_named (name);
    if (*name != '\0' && domain != DOMAIN_MAX)
        return may_come (component, domain, error) ? domain : DOMAIN_MAX;
    *error = name_wrong (component, name);
    if (*error != NULL)
        return DOMAIN_MAX;
    domain = domain_spare ();
    if (domain == DOMAIN_MAX) {
        *error = g_strdup_printf ("there are %u domains, and no spare one is left; name one of "
                                  "those that there are", PLAN->domain_count);
        return DOMAIN_MAX;
    }
    *fresh = true;
    g_strlcpy (PLAN->domains[domain].name, name, sizeof PLAN->domains[domain].name);
    PLAN->domain_count = MAX (PLAN->domain_count, domain + 1);
    return domain;
}

/* ---- processes ---- */

/* Does the domain's process lack a part of what it will need, or map what it must not? */
static bool
concerns (const Mover *mover, uint32_t domain)
{
    if (domain == mover->from || domain == mover->to)
        return is_up (domain) || will_host (domain);
    return is_up (domain)
           && memcmp (PLAN->domains[domain].maps, PLAN->domains[domain].reaches,
                      sizeof PLAN->domains[domain].maps)
                  != 0;
}

/* A process that was sent its end executes nothing any more, but is dead only when the host has
 * found time for that: it is buried later. */
static void
child_end (Mover *mover, struct child *child)
{
    if (child->process == 0)
        return;
    child_signal (child, SIGKILL);
    g_array_append_vals (mover->dying, child, 1);
    *child = (struct child){ 0 };
}

void
move_bury (Mover *mover, bool all)
{
    for (guint i = mover->dying->len; i-- > 0;) {
        struct child *child = &g_array_index (mover->dying, struct child, i);

        if (!all && !child_ended (child))
            continue;
        child_bury (child);
        g_array_remove_index_fast (mover->dying, i);
    }
}

static bool
lacks_process (const Mover *mover, uint32_t domain)
{
    const struct prepared *prepared = &mover->prepared[domain];

    return concerns (mover, domain)
           && (prepared->child.process == 0
               || memcmp (prepared->maps, PLAN->domains[domain].maps, sizeof prepared->maps) != 0);
}

bool
move_is_prepared (const Mover *mover)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (lacks_process (mover, d))
            return false;
    return true;
}

/* What the domain will be called. */
static const char *
name_then (const Mover *mover, uint32_t domain)
{
    if (mover->around && domain == mover->from)
        return mover->result.to;
    if (mover->around && domain == mover->to)
        return mover->result.from;
    return PLAN->domains[domain].name;
}

bool
move_prepare (Mover *mover, char **error)
{
    const struct mover_world *world = &mover->world;

    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        struct prepared *prepared  = &mover->prepared[d];
        g_autoptr (GError) problem = NULL;

        if (!lacks_process (mover, d))
            continue;
        child_end (mover, &prepared->child);
        memcpy (prepared->maps, PLAN->domains[d].maps, sizeof prepared->maps);
        prepared->child.process
            = zygote_prepare (world->zygote, d, name_then (mover, d), &prepared->child.pidfd,
                              &prepared->number, &problem);
        if (prepared->child.process > 0)
            continue;
        prepared->child.process = 0;
        *error                  = g_strdup (problem->message);
        return false;
    }
    return true;
}

/* Domains whose journals hold no more once the plan has changed: they call somebody who moves, or
 * are called by him. */
void
move_touch (Mover *mover)
{
    for (uint32_t i = 0; i < PLAN->link_count; i++) {
        const struct plan_component *owner  = &PLAN->components[PLAN->links[i].owner];
        const struct plan_component *target = &PLAN->components[PLAN->links[i].target];

        if (owner->next == owner->domain && target->next == target->domain)
            continue;
        mover->touched[owner->domain] = mover->touched[owner->next]   = true;
        mover->touched[target->domain] = mover->touched[target->next] = true;
    }
}

void
move_rehearse (Mover *mover)
{
    move_touch (mover);
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if ((mover->touched[d] || mover->prepared[d].child.process != 0)
            && (PLAN->domains[d].journal || d == mover->to))
            recovery_rehearse (mover->world.recovery, d);
}

void
move_unprepare (Mover *mover)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        child_end (mover, &mover->prepared[d].child);
    for (uint32_t d = 0; d < PLAN->domain_room; d++)
        memcpy (PLAN->domains[d].maps, PLAN->domains[d].reaches, sizeof PLAN->domains[d].maps);
}

bool
move_prepared_died (const Mover *mover)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (mover->prepared[d].child.process != 0 && child_ended (&mover->prepared[d].child))
            return true;
    return false;
}

static void
domain_empty (uint32_t domain)
{
    atomic_store (&PLAN->domains[domain].state, DOMAIN_DOWN);
    memset (PLAN->domains[domain].name, 0, sizeof PLAN->domains[domain].name);
}

/* Whoever has died before this domain had a process is dead to it. */
static void
domain_begin (uint32_t domain)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        RUNTIME (domain)->gone[d] = atomic_load (&PLAN->domains[d].state) == DOMAIN_DEAD;
}

static void
exchange_one (Mover *mover, uint32_t domain)
{
    struct prepared *prepared = &mover->prepared[domain];
    struct child *child       = &mover->world.children[domain];

    child_end (mover, child);
    if (!will_host (domain) && domain != DOMAIN_KERNEL && adopt_is_drained (domain)) {
        child_end (mover, &prepared->child);
        domain_empty (domain);
        return;
    }
    if (!is_up (domain))
        domain_begin (domain);
    *child          = prepared->child;
    prepared->child = (struct child){ 0 };
    prepared->exchanged    = true;
    mover->touched[domain] = true;
    if (atomic_fetch_add (&PLAN->domains[domain].generation, 1) != 0)
        atomic_fetch_add (&PLAN->domains[domain].exchanged, 1);
    atomic_store (&PLAN->domains[domain].state, DOMAIN_UP);
    mover->result.processes++;
}

static void
admit (Mover *mover, uint32_t domain)
{
    struct prepared *prepared = &mover->prepared[domain];

    if (prepared->exchanged)
        zygote_admit (domain, prepared->number);
    prepared->exchanged = false;
}

/* Who stays has the name of where it was to go, and those who go have the name of where it was. */
static void
exchange_names (Mover *mover)
{
    struct plan_domain *from = &PLAN->domains[mover->from], *to = &PLAN->domains[mover->to];

    g_strlcpy (from->name, mover->result.to, sizeof from->name);
    g_strlcpy (to->name, mover->result.from, sizeof to->name);
    if (!is_up (mover->to) && !will_host (mover->to))
        memset (to->name, 0, sizeof to->name);
}

void
move_exchange (Mover *mover)
{
    if (mover->around)
        exchange_names (mover);
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (mover->prepared[d].child.process != 0)
            exchange_one (mover, d);
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (is_up (d) && mover->touched[d])
            recovery_moved (mover->world.recovery, d);
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        admit (mover, d);
}

void
move_admit_kernel (Mover *mover)
{
    admit (mover, DOMAIN_KERNEL);
}

/* ---- domains that nobody lives in any more ---- */

bool
move_has_empty (void)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++)
        if (move_domain_is_empty (d))
            return true;
    return false;
}

void
move_reap (Mover *mover)
{
    for (uint32_t d = 1; d < PLAN->domain_count; d++) {
        if (!move_domain_is_empty (d) || !adopt_is_drained (d))
            continue;
        child_end (mover, &mover->world.children[d]);
        domain_empty (d);
    }
}
