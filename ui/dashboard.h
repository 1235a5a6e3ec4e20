/* dashboard: everything on the screen and what keys do to it, without a terminal and without a
 * socket: keys and lines go in, grids and requests come out.
 */
#ifndef UI_DASHBOARD_H
#define UI_DASHBOARD_H

#include "ui/edit.h"
#include "ui/layout.h"
#include "ui/model.h"
#include "ui/panel.h"
#include "ui/screen.h"

/* What an answer of the socket is for. */
enum request_kind {
    REQUEST_SILENT,
    REQUEST_ACTION,
    REQUEST_HELP,
    REQUEST_CALLS,
    REQUEST_HOPS,
    REQUEST_TYPE,
    REQUEST_END /* the viewer leaves once it is answered */
};

struct dashboard_host {
    /* Sends a request (taken over) and answers its id. */
    json_int_t (*send) (json_t *request, gpointer user);
    gpointer user;
};

enum prompt { PROMPT_NONE, PROMPT_COMMAND, PROMPT_FILTER };

typedef struct Dashboard {
    Model *model; /* borrowed */
    struct dashboard_host host;
    bool readonly;

    enum layout layout;
    enum panel_id focus, before_help;
    enum panel_id guest; /* of the layout; PANEL_COUNT: none */
    int columns;         /* of the screen, when it was drawn last */
    bool zoomed, typing;
    void *states[PANEL_COUNT];
    Filter *filters[PANEL_COUNT];

    enum prompt prompt;
    struct edit command_edit, filter_edit;
    char *filter_before; /* what it was when the prompt was opened */
    char *question;      /* asked in the last line; NULL: none */
    char *question_command; /* done for "y" */
    bool question_quit;     /* "d" is an answer too */
    char *message;          /* NULL: none */
    bool message_bad;
    gint64 message_until;

    enum symbols symbols, symbols_most;
    enum theme theme;
    bool look_changed, redraw, suspend;
    bool leave; /* the viewer is to end */
    gint64 leave_at_us; /* at the latest; 0: not asked to */

    GByteArray *typed; /* for the guest, not sent yet */
    bool typing_sent;  /* an answer is awaited */
    guint typing_taken;
    double speed_wished; /* newer than the snapshot's, */
    gint64 speed_until;  /* until then */
    int told_rows, told_columns; /* of the console's pane */
    int console_rows, console_columns;
    bool calls_wanted;

    GHashTable *requests; /* id: struct request */
    struct placed placed[PANEL_COUNT];
    guint placed_count, hidden;
    gint64 now_us;
    bool changed; /* something is to be drawn */
} Dashboard;

Dashboard *dashboard_new (Model *model, bool readonly, struct dashboard_host host);
void dashboard_free (Dashboard *dashboard);

void dashboard_key (Dashboard *dashboard, ui_key key);
/* A whole line of the socket. */
void dashboard_line (Dashboard *dashboard, const json_t *line);
/* Time passes: sends what was typed, forgets old messages, asks for what is seen. */
void dashboard_tick (Dashboard *dashboard, gint64 now_us);
/* Something moves on its own: draw again soon. */
bool dashboard_moving (const Dashboard *dashboard);
void dashboard_draw (Dashboard *dashboard, Grid *grid);

/* ---- for commands.c ---- */

/* Does what the line says: a command of the viewer, or one of the machine. */
void dashboard_run (Dashboard *dashboard, const char *line);
GPtrArray *dashboard_complete (const char *line, gpointer dashboard);
void dashboard_say (Dashboard *dashboard, bool bad, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Takes the request over. `shown`: as it stands in the action log; NULL: it does not. */
json_int_t dashboard_send (Dashboard *dashboard, json_t *request, enum request_kind kind,
                           const char *shown);
/* As it was wished last; the snapshot that says so may not be here yet. */
double dashboard_speed (const Dashboard *dashboard);
void dashboard_wish_speed (Dashboard *dashboard, double speed);
struct view dashboard_view (const Dashboard *dashboard, enum panel_id panel);
void dashboard_focus (Dashboard *dashboard, enum panel_id panel);
void dashboard_ask (Dashboard *dashboard, const char *command, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* Does the report of a machine that died cover what it was? */
bool dashboard_covered (const Dashboard *dashboard);
/* The panel that is there in any case, and that arrows move in. */
enum panel_id dashboard_front (const Dashboard *dashboard);
/* The context whose keys are looked up first. */
const char *dashboard_context (const Dashboard *dashboard);

/* ---- files: export.c ---- */

/* Writes what a panel shows. format: text, csv, json; svg and dot for the structure. NULL:
 * text. path NULL: a new name here. Answers the name; NULL with *error. */
char *export_panel (Dashboard *dashboard, enum panel_id panel, const char *format,
                    const char *path, GError **error);
/* The pane as it is on the screen. */
char *export_pane (Dashboard *dashboard, enum panel_id panel, GError **error);

#endif
