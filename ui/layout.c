#include "ui/layout.h"

const char *const layout_names[] = { "lecture", "debug", "performance", "console" };

/* A pane, or two parts that share the room: one above the other, or side by side. */
struct part {
    enum { PANE, STACKED, BESIDE } kind;
    enum panel_id panel;
    int first_percent;
    const struct part *first, *second;
};

#define ROWS_LEAST    5
#define COLUMNS_LEAST 30

#define PART(name, id) static const struct part name = { .kind = PANE, .panel = PANEL_##id }
#define SPLIT(name, how, percent, one, two)                                                \
    static const struct part name                                                          \
        = { .kind = how, .first_percent = percent, .first = &one, .second = &two }

PART (structure, structure);
PART (console, console);
PART (calls, calls);
PART (tasks, tasks);
PART (memory, memory);
PART (costs, costs);
PART (log, log);
PART (actions, actions);

SPLIT (lecture, STACKED, 69, structure, console);

SPLIT (debug_left, STACKED, 50, calls, console);
SPLIT (debug_right, STACKED, 60, log, actions);
SPLIT (debug_wide, BESIDE, 58, debug_left, debug_right);
SPLIT (debug_lower, STACKED, 50, console, log);
SPLIT (debug_narrow, STACKED, 45, calls, debug_lower);

SPLIT (performance_lower_wide, BESIDE, 50, tasks, memory);
SPLIT (performance_wide, STACKED, 58, costs, performance_lower_wide);
SPLIT (performance_narrow, STACKED, 62, costs, tasks);

#define WIDE 110

static const struct part *
part_of (enum layout layout, int columns)
{
    switch (layout) {
    case LAYOUT_DEBUG:
        return columns >= WIDE ? &debug_wide : &debug_narrow;
    case LAYOUT_PERFORMANCE:
        return columns >= WIDE ? &performance_wide : &performance_narrow;
    case LAYOUT_CONSOLE:
        return &console;
    case LAYOUT_LECTURE:
    case LAYOUT_COUNT:
        break;
    }
    return &lecture;
}

static bool
has (const struct part *part, enum panel_id panel)
{
    if (part->kind == PANE)
        return part->panel == panel;
    return has (part->first, panel) || has (part->second, panel);
}

static guint
panes (const struct part *part)
{
    return part->kind == PANE ? 1 : panes (part->first) + panes (part->second);
}

static int
least (const struct part *part, bool rows)
{
    int first, second;

    if (part->kind == PANE)
        return rows ? ROWS_LEAST : COLUMNS_LEAST;
    first = least (part->first, rows);
    second = least (part->second, rows);
    return (part->kind == STACKED) == rows ? first + second : MAX (first, second);
}

struct placing {
    struct placed *placed;
    guint count, hidden;
    enum panel_id focus;
    enum panel_id guest;    /* PANEL_COUNT: none */
    enum panel_id replaced; /* whose place the guest has */
};

static void
place (struct placing *placing, const struct part *part, struct rect room)
{
    struct rect first = room, second = room;
    bool stacked = part->kind == STACKED;
    int whole = stacked ? room.rows : room.columns, share;
    enum panel_id wanted
        = placing->focus == placing->guest ? placing->replaced : placing->focus;

    if (part->kind == PANE) {
        placing->placed[placing->count++]
            = (struct placed){ .panel = placing->guest != PANEL_COUNT
                                                && part->panel == placing->replaced
                                            ? placing->guest
                                            : part->panel,
                               .rect = room };
        return;
    }
    if (least (part->first, stacked) + (stacked ? ROWS_LEAST : COLUMNS_LEAST) > whole) {
        const struct part *kept = has (part->second, wanted) ? part->second : part->first;

        placing->hidden += panes (kept == part->first ? part->second : part->first);
        place (placing, kept, room);
        return;
    }
    share = CLAMP (whole * part->first_percent / 100, least (part->first, stacked),
                   whole - (stacked ? ROWS_LEAST : COLUMNS_LEAST));
    if (whole - share < least (part->second, stacked)
        && whole - least (part->second, stacked) >= least (part->first, stacked))
        share = whole - least (part->second, stacked);
    if (stacked) {
        first.rows = share;
        second.top = room.top + share;
        second.rows = whole - share;
    } else {
        first.columns = share;
        second.left = room.left + share;
        second.columns = whole - share;
    }
    place (placing, part->first, first);
    place (placing, part->second, second);
}

/* The pane whose place a guest has. */
static enum panel_id
first_of (const struct part *part)
{
    while (part->kind != PANE)
        part = part->first;
    return part->panel;
}

enum panel_id
layout_guest (enum layout layout, int columns, enum panel_id focus, enum panel_id guest)
{
    const struct part *part = part_of (layout, columns);

    if (!has (part, focus))
        return focus;
    if (focus == first_of (part) || (guest != PANEL_COUNT && has (part, guest)))
        return PANEL_COUNT;
    return guest;
}

guint
layout_place (enum layout layout, enum panel_id focus, enum panel_id guest,
              struct rect room, struct placed placed[PANEL_COUNT], guint *hidden)
{
    const struct part *part = part_of (layout, room.columns);
    struct placing placing = { .placed = placed,
                               .focus = focus,
                               .guest = layout_guest (layout, room.columns, focus, guest),
                               .replaced = first_of (part) };

    place (&placing, part, room);
    *hidden = placing.hidden;
    return placing.count;
}
