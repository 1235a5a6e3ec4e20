#include "ui/commands.h"

#include <string.h>

/* How long the machine may take to say that it will end. */
#define END_US 5000000

static const char *const pane_words[]
    = { "structure", "console", "calls", "tasks", "memory",   "costs",
        "log",       "actions", "help",  "next",  "previous", NULL };
static const char *const layout_words[]
    = { "lecture", "debug", "performance", "console", "next", NULL };
static const char *const theme_words[]
    = { "default", "light", "mono", "colour-blind", "contrast", "next", NULL };
static const char *const symbols_words[] = { "unicode", "lines", "ascii", "next", NULL };
static const char *const go_words[]
    = { "up", "down", "left", "right", "home", "end", "pageup", "pagedown", NULL };
static const char *const format_words[] = { "text", "csv", "json", "svg", "dot", NULL };

/* ---- panes ---- */

static void
run_pane (Dashboard *dashboard, int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "next";
    bool next = strcmp (word, "next") == 0;
    guint at = 0, count = dashboard->placed_count;
    enum panel_id panel;

    if (next || strcmp (word, "previous") == 0) {
        for (guint i = 0; i < count; i++)
            if (dashboard->placed[i].panel == dashboard->focus)
                at = i;
        if (count > 1 && !dashboard->zoomed)
            dashboard_focus (
                dashboard, dashboard->placed[(at + (next ? 1 : count - 1)) % count].panel);
        else
            dashboard_focus (dashboard, (enum panel_id) ((dashboard->focus
                                                          + (next ? 1 : PANEL_COUNT - 1))
                                                         % PANEL_COUNT));
        return;
    }
    panel = panel_find (word);
    if (panel == PANEL_COUNT) {
        dashboard_say (dashboard, true, "there is no pane \"%s\"; 9 lists them", word);
        return;
    }
    dashboard_focus (dashboard, panel);
    dashboard->typing
        = panel == PANEL_console && !dashboard->readonly && dashboard->model->connected;
}

static void
run_zoom (Dashboard *dashboard)
{
    dashboard->zoomed = !dashboard->zoomed;
}

static void
run_help (Dashboard *dashboard)
{
    dashboard_focus (dashboard,
                     dashboard->focus == PANEL_help ? dashboard->before_help : PANEL_help);
}

/* The index of a word; `now` + 1 for "next"; -1, with a message. */
static int
choose (Dashboard *dashboard, int argc, char **argv, const char *const names[], int count,
        int now)
{
    if (argc < 2 || strcmp (argv[1], "next") == 0)
        return (now + 1) % count;
    for (int i = 0; i < count; i++)
        if (strcmp (argv[1], names[i]) == 0)
            return i;
    dashboard_say (dashboard, true, "there is no %s \"%s\"", argv[0], argv[1]);
    return -1;
}

static void
run_layout (Dashboard *dashboard, int argc, char **argv)
{
    int chosen = choose (dashboard, argc, argv, layout_names, LAYOUT_COUNT,
                         (int)dashboard->layout);
    static const enum panel_id first[]
        = { PANEL_structure, PANEL_calls, PANEL_costs, PANEL_console };

    if (chosen < 0)
        return;
    dashboard->layout = (enum layout)chosen;
    dashboard->zoomed = false;
    dashboard_focus (dashboard, first[chosen]);
    dashboard_say (dashboard, false, "layout %s", layout_names[chosen]);
}

static void
run_theme (Dashboard *dashboard, int argc, char **argv)
{
    int chosen
        = choose (dashboard, argc, argv, theme_names, THEME_COUNT, (int)dashboard->theme);

    if (chosen < 0)
        return;
    dashboard->theme = (enum theme)chosen;
    dashboard->look_changed = true;
    dashboard_say (dashboard, false, "theme %s", theme_names[chosen]);
}

static void
run_symbols (Dashboard *dashboard, int argc, char **argv)
{
    int chosen = choose (dashboard, argc, argv, symbols_names, SYMBOLS_COUNT,
                         (int)dashboard->symbols);

    if (chosen < 0)
        return;
    if (chosen < (int)dashboard->symbols_most) /* what the terminal has not */
        chosen = (int)dashboard->symbols_most;
    dashboard->symbols = (enum symbols)chosen;
    dashboard->look_changed = true;
    dashboard_say (dashboard, false, "symbols %s", symbols_names[chosen]);
}

static void
run_go (Dashboard *dashboard, int argc, char **argv)
{
    enum panel_id id = dashboard_front (dashboard);
    const struct panel *panel = panels[id];
    struct view view = dashboard_view (dashboard, id);

    if (argc < 2 || panel->move == NULL)
        return;
    for (int i = 0; go_words[i] != NULL; i++)
        if (strcmp (argv[1], go_words[i]) == 0)
            panel->move (dashboard->states[id], &view, (enum move)i);
}

/* ---- the focused panel's own ---- */

bool
panel_command (Dashboard *dashboard, enum panel_id panel, int argc, char **argv)
{
    struct view view = dashboard_view (dashboard, panel);
    GString *said = g_string_new (NULL);
    bool known
        = panels[panel]->command != NULL
          && panels[panel]->command (dashboard->states[panel], &view, argc, argv, said);

    if (known && strcmp (argv[0], "anatomy") == 0
        && g_str_has_prefix (said->str, "calls call=")) {
        guint64 call = g_ascii_strtoull (said->str + strlen ("calls call="), NULL, 10);

        g_array_set_size (dashboard->model->hops, 0);
        g_strlcpy (dashboard->model->hops_problem, "asking the machine",
                   sizeof dashboard->model->hops_problem);
        dashboard_send (dashboard,
                        json_pack ("{s:s, s:I, s:i}", "command", "calls", "call",
                                   (json_int_t)call, "count", 4096),
                        REQUEST_HOPS, NULL);
    } else if (known && said->len != 0) {
        dashboard_say (dashboard, true, "%s", said->str);
    }
    g_string_free (said, TRUE);
    return known;
}

static void
run_back (Dashboard *dashboard, int argc, char **argv)
{
    if (panel_command (dashboard, dashboard->focus, argc, argv))
        return;
    if (dashboard->filters[dashboard->focus] != NULL) {
        filter_free (dashboard->filters[dashboard->focus]);
        dashboard->filters[dashboard->focus] = NULL;
    } else if (dashboard->focus == PANEL_help) {
        dashboard_focus (dashboard, dashboard->before_help);
    } else {
        dashboard->zoomed = false;
    }
}

/* ---- the console ---- */

static bool
may_change (Dashboard *dashboard)
{
    if (dashboard->readonly)
        dashboard_say (dashboard, true, "this viewer is read-only");
    return !dashboard->readonly;
}

static void
run_type (Dashboard *dashboard)
{
    if (!may_change (dashboard))
        return;
    dashboard_focus (dashboard, PANEL_console);
    dashboard->typing = true;
}

static void
run_prefix (Dashboard *dashboard)
{
    const guint8 prefix = UI_KEY_CONTROL ('A');

    if (dashboard->readonly)
        return;
    run_type (dashboard);
    g_byte_array_append (dashboard->typed, &prefix, 1);
}

/* ---- prompts and questions ---- */

static void
open_prompt (Dashboard *dashboard, const char *text)
{
    dashboard->prompt = PROMPT_COMMAND;
    edit_set (&dashboard->command_edit, text);
}

static void
run_prompt (Dashboard *dashboard)
{
    open_prompt (dashboard, "");
}

static void
run_filter (Dashboard *dashboard, int argc, char **argv)
{
    enum panel_id panel = dashboard->focus;

    if (argc > 1) {
        g_autofree char *text = g_strjoinv (" ", argv + 1);

        filter_free (dashboard->filters[panel]);
        dashboard->filters[panel] = filter_new (text);
        return;
    }
    g_free (dashboard->filter_before);
    dashboard->filter_before = g_strdup (filter_text (dashboard->filters[panel]));
    dashboard->prompt = PROMPT_FILTER;
    edit_set (&dashboard->filter_edit, dashboard->filter_before);
}

static const char *
selected_domain (Dashboard *dashboard, const char **component)
{
    struct view view = dashboard_view (dashboard, PANEL_structure);
    const struct panel *panel = panels[PANEL_structure];
    const Snapshot *now = dashboard->model->now;
    int selected = panel->component (dashboard->states[PANEL_structure], &view);

    if (selected < 0 || COMPONENT (now, selected)->domain < 0)
        return NULL;
    *component = COMPONENT (now, selected)->name;
    return DOMAIN (now, COMPONENT (now, selected)->domain)->name;
}

static void
run_kill (Dashboard *dashboard)
{
    const char *component, *domain = selected_domain (dashboard, &component);
    g_autofree char *command = NULL;
    int index;

    if (domain == NULL || !may_change (dashboard))
        return;
    index = snapshot_domain (dashboard->model->now, domain);
    command = g_strdup_printf ("kill domain=%s", domain);
    if (index == snapshot_kernel (dashboard->model->now))
        dashboard_ask (dashboard, command,
                       " Kill the kernel? That is a panic.  y yes   n no ");
    else
        dashboard_ask (dashboard, command,
                       " Kill the process of domain %s (%u components)?  y yes   n no ",
                       domain, domain_components (dashboard->model->now, index));
}

static void
run_move (Dashboard *dashboard)
{
    const char *component = NULL;
    g_autofree char *command = NULL;

    if (selected_domain (dashboard, &component) == NULL || !may_change (dashboard))
        return;
    command = g_strdup_printf ("move component=%s domain=", component);
    open_prompt (dashboard, command);
}

static void
run_fault (Dashboard *dashboard)
{
    const char *component = NULL;
    g_autofree char *command = NULL;

    if (selected_domain (dashboard, &component) == NULL || !may_change (dashboard))
        return;
    command = g_strdup_printf ("fault component=%s fault=", component);
    open_prompt (dashboard, command);
}

static void
run_break (Dashboard *dashboard)
{
    const char *component = NULL;
    g_autofree char *command = NULL;

    if (selected_domain (dashboard, &component) == NULL || !may_change (dashboard))
        return;
    command = g_strdup_printf ("break component=%s ", component);
    open_prompt (dashboard, command);
}

static void
run_quit (Dashboard *dashboard)
{
    enum machine_state state = dashboard->model->state;

    if (dashboard->readonly || !dashboard->model->connected || state == MACHINE_ENDED) {
        dashboard->leave = true;
        return;
    }
    dashboard_ask (
        dashboard, "end", " The machine %s: q ends it, d leaves it alone, escape stays ",
        state == MACHINE_DEAD ? "is dead but can be looked at" : "is still there");
    dashboard->question_quit = true;
}

static void
run_end (Dashboard *dashboard)
{
    dashboard_send (dashboard, json_pack ("{s:s}", "command", "quit"), REQUEST_END, "quit");
    dashboard->leave_at_us = dashboard->now_us + END_US;
}

static void
run_detach (Dashboard *dashboard)
{
    dashboard->leave = true;
}

static void
run_look (Dashboard *dashboard)
{
    dashboard->model->report_seen = true;
}

static void
run_redraw (Dashboard *dashboard)
{
    dashboard->redraw = true;
}

static void
run_suspend (Dashboard *dashboard)
{
    dashboard->suspend = true;
}

/* ---- time ---- */

static void
run_toggle (Dashboard *dashboard)
{
    dashboard_run (dashboard, dashboard->model->state == MACHINE_PAUSED ? "resume" : "pause");
}

static void
change_speed (Dashboard *dashboard, int step)
{
    static const double speeds[]
        = { 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.5, 1, 2, 5, 10, 100, 1000, 0 };
    const int count = (int)G_N_ELEMENTS (speeds);
    double now = dashboard_speed (dashboard);
    g_autofree char *command = NULL;
    int at = count - 1;

    if (now > 0)
        for (at = 0; at < count - 2 && speeds[at] < now * 0.999; at++)
            continue;
    if (step < 0 || now <= 0 || speeds[at] < now * 1.001) /* else it is the next one */
        at = CLAMP (at + step, 0, count - 1);
    command = g_strdup_printf ("speed factor=%g", speeds[at]);
    dashboard_run (dashboard, command);
}

static void
run_slower (Dashboard *dashboard)
{
    if (may_change (dashboard))
        change_speed (dashboard, -1);
}

static void
run_faster (Dashboard *dashboard)
{
    if (may_change (dashboard))
        change_speed (dashboard, 1);
}

/* ---- files ---- */

static void
wrote (Dashboard *dashboard, char *path, GError *error)
{
    if (path != NULL)
        dashboard_say (dashboard, false, "written: %s", path);
    else
        dashboard_say (dashboard, true, "%s", error->message);
    g_free (path);
    g_clear_error (&error);
}

static void
run_copy (Dashboard *dashboard)
{
    GError *error = NULL;
    char *path = export_pane (dashboard, dashboard->focus, &error);

    wrote (dashboard, path, error);
}

static void
run_export (Dashboard *dashboard, int argc, char **argv)
{
    GError *error = NULL;
    char *path;

    if (argc < 2) {
        open_prompt (dashboard, "export ");
        return;
    }
    path = export_panel (dashboard, dashboard->focus, argv[1], argc > 2 ? argv[2] : NULL,
                         &error);
    wrote (dashboard, path, error);
}

const struct own_command own_commands[] = {
    { "pane", .run = run_pane, .choices = pane_words },
    { "zoom", .act = run_zoom },
    { "help", .act = run_help },
    { "layout", .run = run_layout, .choices = layout_words },
    { "theme", .run = run_theme, .choices = theme_words },
    { "symbols", .run = run_symbols, .choices = symbols_words },
    { "go", .run = run_go, .choices = go_words },
    { "back", .run = run_back },
    { "type", .act = run_type, .alone = true },
    { "prefix", .act = run_prefix },
    { "prompt", .act = run_prompt },
    { "filter", .run = run_filter },
    { "kill", .act = run_kill, .alone = true },
    { "move", .act = run_move, .alone = true },
    { "break", .act = run_break, .alone = true },
    { "fault", .act = run_fault, .alone = true },
    { "quit", .act = run_quit },
    { "end", .act = run_end },
    { "detach", .act = run_detach },
    { "look", .act = run_look },
    { "redraw", .act = run_redraw },
    { "suspend", .act = run_suspend },
    { "toggle", .act = run_toggle },
    { "slower", .act = run_slower },
    { "faster", .act = run_faster },
    { "copy", .act = run_copy },
    { "export", .run = run_export, .choices = format_words },
    { .name = NULL },
};
