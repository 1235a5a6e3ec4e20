#include "ui/mark.h"

#include <string.h>

/* Snapshots come ten times a second. */
#define SNAPSHOTS_KEPT 10

struct recent {
    char name[32];
    bool domain;
    enum doing doing;
    unsigned left; /* snapshots */
};

static const struct mark marks[] = {
    [DOING_NOTHING] = { "", "up", STYLE_TEXT },
    [DOING_EXECUTING] = { "\u25cf", "executes", STYLE_RUNNING },
    [DOING_MOVING] = { "\u21c4", "moves", STYLE_WARN },
    [DOING_HELD] = { "\u2016", "calls held", STYLE_WARN },
    [DOING_RESTARTING] = { "\u21bb", "restarts", STYLE_WARN },
    [DOING_DEAD] = { "\u2716", "dead", STYLE_DEAD },
};

/* Who is dead does nothing else; who executes may well be moved. */
static const struct mark *
mark_of (enum doing doing, bool dead, bool executes)
{
    if (dead)
        return &marks[DOING_DEAD];
    if (doing == DOING_NOTHING && executes)
        return &marks[DOING_EXECUTING];
    return &marks[doing];
}

const struct mark *
mark_of_component (const Snapshot *now, int component)
{
    const struct component_row *row = COMPONENT (now, component);
    enum doing doing = row->doing;

    if (row->domain >= 0)
        doing = MAX (doing, DOMAIN (now, row->domain)->doing);
    return mark_of (doing, row->dead, now->running_component == component);
}

const struct mark *
mark_of_domain (const Snapshot *now, int domain)
{
    const struct domain_row *row = DOMAIN (now, domain);
    enum doing doing = row->doing;
    unsigned components = 0;
    int only = -1;

    for (guint c = 0; c < now->components->len; c++)
        if (COMPONENT (now, c)->domain == domain) {
            components++;
            only = (int)c;
        }
    if (components == 1)
        doing = MAX (doing, COMPONENT (now, only)->doing);
    return mark_of (doing, row->dead, now->running_domain == domain);
}

GArray *
mark_recent_new (void)
{
    return g_array_new (FALSE, FALSE, sizeof (struct recent));
}

void
mark_keep (Model *model, const char *name, bool domain, enum doing doing)
{
    struct recent recent = { .domain = domain, .doing = doing, .left = SNAPSHOTS_KEPT };

    g_strlcpy (recent.name, name, sizeof recent.name);
    g_array_append_val (model->recent, recent);
}

void
mark_recent (Model *model)
{
    Snapshot *now = model->now;

    for (guint i = model->recent->len; i-- > 0;) {
        struct recent *recent = &g_array_index (model->recent, struct recent, i);

        for (guint d = 0; recent->domain && d < now->domains->len; d++)
            if (strcmp (DOMAIN (now, d)->name, recent->name) == 0)
                DOMAIN (now, d)->doing = MAX (DOMAIN (now, d)->doing, recent->doing);
        for (guint c = 0; !recent->domain && c < now->components->len; c++)
            if (strcmp (COMPONENT (now, c)->name, recent->name) == 0)
                COMPONENT (now, c)->doing = MAX (COMPONENT (now, c)->doing, recent->doing);
        if (--recent->left == 0)
            g_array_remove_index (model->recent, i);
    }
}
