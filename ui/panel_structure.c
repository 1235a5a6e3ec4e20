/* panel_structure: the machine drawn as boxes, with what flows between them. */
#include <stdlib.h>
#include <string.h>

#include "ui/mark.h"
#include "ui/structure.h"

#define DETAILS_COLUMNS 42
#define DETAILS_ROWS    24 /* for all of them in one column */

/* The selected component; at the start it is the nucleus. -1: there is none. */
static int
selected_component (struct structure *state, const Snapshot *now)
{
    int count = (int)now->components->len;

    if (count == 0)
        return -1;
    if (!state->started || state->selected >= count) {
        state->started = true;
        state->selected = MAX (snapshot_component (now, "nucleus"), 0);
        state->selected_edge = -1;
    }
    return state->selected;
}

static void
picture_update (struct structure *state, const Snapshot *now, int rows, int columns)
{
    guint signature = picture_signature (now, rows, columns, state->unused);
    Picture *before = state->picture;

    if (before != NULL && before->signature == signature)
        return;
    state->picture = picture_new (now, rows, columns, state->unused);
    if (before == NULL)
        return;
    if (state->selected_edge >= 0) { /* the same edge in the new picture */
        const struct edge *old = EDGE (before, state->selected_edge);
        int from = picture_node (state->picture, NODE (before, old->from)->component);
        int to = picture_node (state->picture, NODE (before, old->to)->component);

        state->selected_edge = -1;
        for (guint i = 0; i < state->picture->edges->len; i++)
            if (EDGE (state->picture, i)->from == from
                && EDGE (state->picture, i)->to == to)
                state->selected_edge = (int)i;
    }
    picture_free (before);
}

/* ---- too little room for boxes ---- */

static Table *
components_table (const Snapshot *now)
{
    Table *table = table_new ();

    table_column (table, "component", 4);
    table_column (table, "domain", 4);
    table_column (table, "state", 1);
    table_column (table, "calls/s", -5);
    table_column (table, "calls", -5);
    table_column (table, "work", -6);
    table_column (table, "memory", -5);
    table_column (table, "restarts", -1);
    for (guint i = 0; i < now->components->len; i++) {
        const struct component_row *row = COMPONENT (now, i);
        const struct domain_row *domain
            = row->domain >= 0 ? DOMAIN (now, row->domain) : NULL;
        const struct mark *mark = mark_of_component (now, (int)i);
        char rate[16], calls[16], work[16], memory[16], restarts[24];

        g_snprintf (restarts, sizeof restarts, "%" G_GUINT64_FORMAT,
                    domain != NULL && domain->processes > 1 ? domain->processes - 1 : 0);
        table_add (table, row->dead ? STYLE_BAD : STYLE_TEXT, row->name,
                   domain != NULL ? domain->name : "?",
                   mark->sign[0] != '\0' ? mark->sign : mark->word,
                   shown_number (rate, row->rate),
                   shown_number (calls, (double)row->calls_in),
                   shown_cycles (work, (double)row->work),
                   shown_bytes (memory, (double)row->arena_used), restarts, NULL);
    }
    return table;
}

static void
draw_list (struct structure *state, struct pane *pane, const struct view *view)
{
    g_autoptr (Table) table = components_table (view->model->now);

    state->list.selected = MAX (selected_component (state, view->model->now), 0);
    table_draw (table, pane, &state->list, view->filter, view->focused);
}

/* ---- the report of a panic covers what died ---- */

static bool
is_covered (const struct view *view)
{
    return view->model->state == MACHINE_DEAD && !view->model->report_seen;
}

static void
draw_report (struct structure *state, struct pane *pane, const Model *model)
{
    report_draw (&state->report, pane, model->reason[0] != '\0' ? model->reason : "dead",
                 model->report[0] != '\0' ? model->report : model->reason);
}

/* ---- */

static void
draw_details (struct structure *state, struct pane *pane, const struct view *view,
              int component)
{
    bool two = pane->columns >= 2 * DETAILS_COLUMNS - 8; /* else one is above the other */
    struct pane left = pane_part (pane, 1, 2, pane->rows - 2,
                                  two ? pane->columns / 2 - 3 : pane->columns - 4);
    struct pane right = pane_part (pane, 1, pane->columns / 2, pane->rows - 2,
                                   pane->columns - pane->columns / 2 - 1);
    struct pane *more = two ? &right : &left;

    pane_fill (pane, STYLE_TEXT, ' ');
    pane_box (pane, STYLE_FRAME, BORDER_LIGHT);
    pane_put (pane, 0, 2, STYLE_TITLE, " details ");
    pane_put_right (pane, pane->rows - 1, pane->columns - 2, STYLE_DIM, " escape closes ");
    if (state->picture != NULL && state->selected_edge >= 0
        && state->selected_edge < (int)state->picture->edges->len)
        details_edge (&left, more, view, state->picture, state->selected_edge);
    else if (component >= 0)
        details_component (&left, more, view, component);
}

/* On the right, if there is room; else over the picture, and if it is low, all over it. */
static int
details_columns (const struct pane *pane)
{
    return pane->rows >= DETAILS_ROWS ? MIN (DETAILS_COLUMNS, pane->columns) : pane->columns;
}

static void
structure_panel_draw (struct pane *pane, void *data, const struct view *view)
{
    struct structure *state = data;
    const Snapshot *now = view->model->now;
    int component = selected_component (state, now);
    int beside = pane->columns - DETAILS_COLUMNS - 1;
    struct pane picture = *pane;

    if (now->components->len == 0) {
        pane_put (pane, 0, 1, STYLE_DIM,
                  view->model->has_snapshot ? "an empty machine"
                                            : "waiting for the machine");
        return;
    }
    if (state->details && beside >= 70)
        picture = pane_part (pane, 0, 0, pane->rows, beside);
    picture_update (state, now, picture.rows, picture.columns);
    if (state->picture->list)
        draw_list (state, &picture, view);
    else
        structure_draw (state->picture, &picture, view, component, state->selected_edge);
    if (state->details) {
        int columns = beside >= 70 ? DETAILS_COLUMNS : details_columns (pane);
        struct pane part
            = pane_part (pane, 0, pane->columns - columns, pane->rows, columns);

        draw_details (state, &part, view, component);
    }
    if (is_covered (view))
        draw_report (state, pane, view->model);
    else
        state->report.top = 0;
}

static void
structure_title (char *text, gsize bytes, void *data, const struct view *view)
{
    const struct structure *state = data;
    const Snapshot *now = view->model->now;
    guint outside = 0;

    for (guint i = 0; i < now->domains->len; i++)
        outside += (int)i != snapshot_kernel (now) && (int)i != snapshot_user (now);
    if (now->domains->len != 0)
        g_snprintf (text, bytes, "%u in the kernel, %u outside%s",
                    domain_components (now, snapshot_kernel (now)), outside,
                    state->unused ? ", unused links too" : "");
}

/* ---- moving about ---- */

/* The nearest node in a direction: straight ahead counts more than to the side. */
static void
select_towards (struct structure *state, int component, enum move move)
{
    const Picture *picture = state->picture;
    int here = picture_node (picture, component), best = -1, least = G_MAXINT;
    int row, column;

    if (here < 0)
        return;
    row = NODE (picture, here)->rect.top * 2 + NODE (picture, here)->rect.rows;
    column = NODE (picture, here)->rect.left * 2 + NODE (picture, here)->rect.columns;
    for (guint i = 0; i < picture->nodes->len; i++) {
        const struct rect *rect = &NODE (picture, i)->rect;
        int down = rect->top * 2 + rect->rows - row;
        int right = rect->left * 2 + rect->columns - column;
        int ahead = move == MOVE_UP     ? -down * 2
                    : move == MOVE_DOWN ? down * 2
                    : move == MOVE_LEFT ? -right
                                        : right;
        int aside = move == MOVE_UP || move == MOVE_DOWN ? abs (right) : abs (down) * 2;

        if ((int)i == here || ahead <= 0)
            continue;
        if (ahead + aside * 2 < least) {
            least = ahead + aside * 2;
            best = (int)i;
        }
    }
    if (best >= 0)
        state->selected = NODE (picture, best)->component;
}

static void
structure_move (void *data, const struct view *view, enum move move)
{
    struct structure *state = data;
    const Snapshot *now = view->model->now;
    int count = (int)now->components->len, component = selected_component (state, now);

    if (is_covered (view)) {
        report_move (&state->report, move);
        return;
    }
    if (count == 0)
        return;
    state->selected_edge = -1;
    if (move <= MOVE_RIGHT && state->picture != NULL && !state->picture->list) {
        select_towards (state, component, move);
        return;
    }
    state->list.selected = component;
    state->list.count = count;
    list_move (&state->list, move);
    state->selected = state->list.selected;
}

static void
select_edge (struct structure *state, const Snapshot *now, int step)
{
    int component = selected_component (state, now), node, count, at;

    if (state->picture == NULL || state->picture->list)
        return;
    node = picture_node (state->picture, component);
    count = (int)state->picture->edges->len;
    at = state->selected_edge;
    for (int i = 0; i <= count; i++) {
        at += step;
        if (at < -1)
            at = count - 1;
        if (at >= count)
            at = -1;
        if (at >= 0
            && (EDGE (state->picture, at)->from == node
                || EDGE (state->picture, at)->to == node))
            break;
    }
    state->selected_edge = at;
    state->details = state->details || at >= 0;
}

static bool
structure_command (void *data, const struct view *view, int argc, char **argv,
                   GString *said)
{
    struct structure *state = data;

    if (selected_component (state, view->model->now) < 0)
        return false;
    if (strcmp (argv[0], "details") == 0) {
        state->details = !state->details;
    } else if (strcmp (argv[0], "unused") == 0) {
        state->unused = !state->unused;
    } else if (strcmp (argv[0], "edge") == 0) {
        select_edge (state, view->model->now,
                     argc > 1 && strcmp (argv[1], "previous") == 0 ? -1 : 1);
    } else if (strcmp (argv[0], "select") == 0 && argc > 1) {
        int component = snapshot_component (view->model->now, argv[1]);

        if (component < 0)
            g_string_printf (said, "there is no component \"%s\"", argv[1]);
        else
            state->selected = component;
        state->selected_edge = -1;
    } else if (strcmp (argv[0], "back") == 0
               && (state->details || state->selected_edge >= 0)) {
        state->details = false;
        state->selected_edge = -1;
    } else {
        return false;
    }
    return true;
}

static void
structure_table (void *data, const struct view *view, Table *table)
{
    Table *made = components_table (view->model->now);
    Table kept = *table;

    (void)data;
    *table = *made;
    *made = kept;
    table_free (made);
}

static int
structure_component (void *data, const struct view *view)
{
    return selected_component (data, view->model->now);
}

/* For the last messages among the details. */
static bool
structure_wants_calls (const void *data)
{
    return ((const struct structure *)data)->details;
}

static void
structure_clear (void *data)
{
    struct structure *state = data;

    if (state->picture != NULL)
        picture_free (state->picture);
}

const struct panel panel_structure = {
    .name = "structure",
    .title = "Structure",
    .key = '1',
    .help
    = "the machine as boxes: double lines are the kernel, heavy lines the busiest link, "
      "\u25cf who executes now, \u21c4 what moves, \u2016 calls for it are held, \u2716 what is dead, "
      "\u21bb what is put back, and how often it was",
    .state_bytes = sizeof (struct structure),
    .draw = structure_panel_draw,
    .title_more = structure_title,
    .move = structure_move,
    .command = structure_command,
    .table = structure_table,
    .clear = structure_clear,
    .wants_calls = structure_wants_calls,
    .component = structure_component,
};
