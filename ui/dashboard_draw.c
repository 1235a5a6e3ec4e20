/* dashboard_draw: header, panes, and the last line. */
#include <string.h>

#include "ui/dashboard.h"

bool
dashboard_moving (const Dashboard *dashboard)
{
    return model_moving (dashboard->model, dashboard->now_us);
}

/* ---- the first line ---- */

static const char *
state_sign (const Model *model)
{
    if (!model->connected && model->state != MACHINE_ENDED)
        return "\u2716 gone";
    switch (model->state) {
    case MACHINE_PAUSED:
        return "\u2016 paused";
    case MACHINE_DEAD:
        return "\u2716 dead";
    case MACHINE_ENDED:
        return "\u25a0 ended";
    case MACHINE_RUNNING:
        break;
    }
    return "\u25b6";
}

static int
speed_draw (struct pane *pane, int column, const Snapshot *now)
{
    char text[16];

    if (now->speed > 0 && now->speed < 0.01) /* slow motion */
        return pane_print (pane, 0, column, STYLE_HEADER, "%s/s ",
                           shown_time (text, now->speed * 1e9));
    if (now->speed <= 0)
        return pane_print (pane, 0, column, STYLE_HEADER, "max %.2gx ", now->pace);
    if (now->state == MACHINE_RUNNING && now->pace > 0 && now->pace < now->speed * 0.7)
        return pane_print (pane, 0, column, STYLE_HEADER, "%.2g of %gx ", now->pace,
                           now->speed);
    return pane_print (pane, 0, column, STYLE_HEADER, "%gx ", now->speed);
}

static void
draw_header (const Dashboard *dashboard, struct pane *pane)
{
    const Model *model = dashboard->model;
    const Snapshot *now = model->now;
    char calls[16], crossings[16], bytes[16];
    g_autofree char *right = NULL;
    int column, end;

    pane_fill (pane, STYLE_HEADER, ' ');
    column = pane_print (pane, 0, 1, STYLE_HEADER, "%-12s ", now->machine);
    column = pane_print (pane, 0, column, STYLE_HEADER, "%9.3f s  ",
                         (double)now->virtual_ns / 1e9);
    column = speed_draw (pane, column, now);
    column = pane_put (pane, 0, column,
                       model->state == MACHINE_RUNNING && model->connected ? STYLE_HEADER
                                                                           : STYLE_ASK,
                       state_sign (model));
    if (model->state == MACHINE_PAUSED && model->reason[0] != '\0'
        && strcmp (model->reason, "pause") != 0)
        column = pane_print (pane, 0, column, STYLE_HEADER, " %.48s", model->reason);
    end = pane_print (
        pane, 0, column, STYLE_HEADER, "  %s calls/s  %s crossings/s  %s%s/s",
        shown_number (calls, now->call_rate), shown_number (crossings, now->crossing_rate),
        shown_bytes (bytes, now->byte_rate), now->byte_rate < 1023.5 ? "" : "B");
    right = g_strdup_printf (
        "%s%s%s", dashboard->readonly || now->readonly ? " read-only" : "",
        dashboard->hidden != 0 ? " +panes hidden" : "", now->viewers > 1 ? " shared" : "");
    if (right[0] != '\0' && end + text_columns (right) + 1 < pane->columns)
        pane_put_right (pane, 0, pane->columns - 1, STYLE_HEADER, right);
    else if (end + 16 < pane->columns)
        pane_print (pane, 0, pane->columns - 14, STYLE_HEADER, "viewer %4.1f %%",
                    model->own_load * 100);
}

/* ---- the last line ---- */

/* The panel's own keys first, then those for everywhere. */
static void
draw_keys (const Dashboard *dashboard, struct pane *pane)
{
    const char *context = dashboard_context (dashboard);
    int column = 0;

    if (dashboard->typing && !dashboard_covered (dashboard)) {
        column = pane_put (pane, 0, column, STYLE_KEY, "^A");
        pane_put (pane, 0, column + 1, STYLE_TEXT,
                  "leaves the console; everything else goes to the machine");
        return;
    }
    for (int turn = 0; turn < 2; turn++)
        for (const struct key_row *row = key_table; row->context != NULL; row++) {
            const char *wanted = turn == 0 ? context : "any", *label = row->footer,
                       *key = row->key;
            char first[12] = "";
            int width;

            if (label == NULL || strcmp (row->context, wanted) != 0)
                continue;
            if (turn == 1 && strcmp (context, "panic") == 0 && strcmp (row->key, "q") != 0)
                continue;
            if (strchr (label, ' ') != NULL && turn == 1) { /* it brings its keys along */
                g_strlcpy (first, label,
                           MIN (sizeof first, (gsize)(strchr (label, ' ') - label) + 1));
                key = first;
                label = strchr (label, ' ') + 1;
            }
            width = text_columns (key) + 1 + text_columns (label);
            if (column + width > pane->columns)
                continue;
            column = pane_put (pane, 0, column, STYLE_KEY, key);
            column = pane_put (pane, 0, column + 1, STYLE_TEXT, label) + 2;
        }
}

static void
draw_choices (const Dashboard *dashboard, struct pane *pane, int column)
{
    const GPtrArray *choices = dashboard->command_edit.choices;

    for (guint i = 0; choices != NULL && i < choices->len && column < pane->columns; i++)
        column = pane_print (pane, 0, column, STYLE_DIM, "  %s",
                             (const char *)g_ptr_array_index (choices, i));
}

static void
draw_footer (const Dashboard *dashboard, struct pane *pane)
{
    pane_fill (pane, STYLE_TEXT, ' ');
    if (dashboard->question != NULL) {
        pane_put (pane, 0, 0, STYLE_ASK, dashboard->question);
    } else if (dashboard->prompt == PROMPT_COMMAND) {
        pane_put (pane, 0, 0, STYLE_KEY, ":");
        edit_draw (&dashboard->command_edit, pane, 0, 1);
        draw_choices (dashboard, pane,
                      1 + text_columns (dashboard->command_edit.line->str));
    } else if (dashboard->prompt == PROMPT_FILTER) {
        const char *problem = filter_problem (dashboard->filters[dashboard->focus]);

        pane_put (pane, 0, 0, STYLE_KEY, "filter:");
        edit_draw (&dashboard->filter_edit, pane, 0, 8);
        if (problem != NULL)
            pane_print (pane, 0, 10 + text_columns (dashboard->filter_edit.line->str),
                        STYLE_BAD, "wrong: %s", problem);
    } else if (dashboard->message != NULL) {
        enum style_id style = dashboard->message_bad ? STYLE_BAD : STYLE_STRONG;

        if (pane_put (pane, 0, 1, style, dashboard->message) > pane->columns)
            pane_char (pane, 0, pane->columns - 1, style, 0x2026); /* the rest is in the actions */
    } else {
        draw_keys (dashboard, pane);
    }
}

/* ---- panes ---- */

static void
draw_frame (const Dashboard *dashboard, struct pane *pane, enum panel_id panel)
{
    const struct panel *of = panels[panel];
    bool focused = dashboard->focus == panel;
    struct view view = dashboard_view (dashboard, panel);
    char more[256] = "";
    int column;

    pane_box (pane, focused ? STYLE_FOCUS : STYLE_FRAME,
              focused && dashboard->typing ? BORDER_HEAVY : BORDER_LIGHT);
    if (of->title_more != NULL)
        of->title_more (more, sizeof more, dashboard->states[panel], &view);
    column = pane_print (pane, 0, 2, focused ? STYLE_FOCUS : STYLE_TITLE, " %c %s ",
                         of->key, of->title);
    if (more[0] != '\0' && column + text_columns (more) + 3 <= pane->columns)
        column = pane_print (pane, 0, column, STYLE_TEXT, " %s ", more);
    if (view.filter != NULL) {
        g_autofree char *text = g_strdup_printf (" /%s ", filter_text (view.filter));

        pane_put_right (pane, 0, MAX (pane->columns - 2, column),
                        filter_problem (view.filter) != NULL ? STYLE_BAD : STYLE_WARN,
                        text);
    }
}

static void
draw_pane (Dashboard *dashboard, Grid *grid, const struct placed *placed)
{
    const struct rect *rect = &placed->rect;
    struct pane whole = pane_whole (grid);
    struct pane pane = pane_part (&whole, rect->top, rect->left, rect->rows, rect->columns);
    struct view view = dashboard_view (dashboard, placed->panel);
    struct pane inner = pane;

    if (pane.rows >= 4 && pane.columns >= 12) {
        draw_frame (dashboard, &pane, placed->panel);
        inner = pane_part (&pane, 1, 1, pane.rows - 2, pane.columns - 2);
    }
    if (placed->panel == PANEL_console) {
        dashboard->console_rows = inner.rows;
        dashboard->console_columns = inner.columns;
    }
    if (inner.rows > 0 && inner.columns > 0)
        panels[placed->panel]->draw (&inner, dashboard->states[placed->panel], &view);
}

void
dashboard_draw (Dashboard *dashboard, Grid *grid)
{
    struct pane whole = pane_whole (grid), line;
    int top = grid->rows >= 3 ? 1 : 0;
    int bottom = grid->rows >= 2 ? 1 : 0;
    enum panel_id front = dashboard_front (dashboard);
    struct rect room
        = { .top = top, .rows = grid->rows - top - bottom, .columns = grid->columns };

    grid_clear (grid);
    dashboard->changed = false;
    dashboard->columns = grid->columns;
    if (dashboard->zoomed || front == PANEL_help) {
        dashboard->placed[0] = (struct placed){ .panel = front, .rect = room };
        dashboard->placed_count = 1;
        dashboard->hidden = 0;
    } else {
        dashboard->placed_count
            = layout_place (dashboard->layout, front, dashboard->guest, room,
                            dashboard->placed, &dashboard->hidden);
    }
    for (guint i = 0; i < dashboard->placed_count; i++)
        draw_pane (dashboard, grid, &dashboard->placed[i]);
    if (top != 0) {
        line = pane_part (&whole, 0, 0, 1, grid->columns);
        draw_header (dashboard, &line);
    }
    if (bottom != 0) {
        line = pane_part (&whole, grid->rows - 1, 0, 1, grid->columns);
        draw_footer (dashboard, &line);
    }
}
