/* attach: from a socket to a viewer. The terminal decides which: a dashboard, or lines. */
#include <stdio.h>
#include <stdlib.h>

#include "ui/guard.h"
#include "ui/screen.h"
#include "ui/term.h"
#include "ui/ui.h"
#include "ui/viewer.h"
#include "watch_lines.h"

struct attaching {
    Wire *wire;
    bool readonly;
    const char *record_file;
};

static int
dashboard_live (void *user)
{
    const struct attaching *attaching = user;

    return viewer_run (attaching->wire, attaching->readonly, attaching->record_file);
}

bool
ui_possible (void)
{
    return screen_available () && term_available () && screen_possible ();
}

int
ui_attach (const char *socket_path, bool readonly, const char *record_file)
{
    struct attaching attaching = { .readonly = readonly, .record_file = record_file };
    g_autoptr (GError) error = NULL;
    int status;

    if (!screen_available () || !term_available ()) {
        fprintf (stderr,
                 "khimera: this build has no dashboard: it was made without %s; here are "
                 "lines\n",
                 screen_available () ? "libvterm" : "ncurses");
        return watch_lines (socket_path, readonly);
    }
    if (!screen_possible ())
        return watch_lines (socket_path, readonly);
    attaching.wire = wire_connect (socket_path, &error);
    if (attaching.wire == NULL) {
        fprintf (stderr, "khimera: %s\n", error->message);
        return EXIT_FAILURE;
    }
    status = guard_run (dashboard_live, &attaching);
    wire_free (attaching.wire);
    return status;
}
