/* export: what is seen, as files. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ui/dashboard.h"
#include "ui/picture.h"

/* khimera-calls-1.csv: the first number that is free. */
static int
new_file (const char *stem, const char *suffix, char **path, GError **error)
{
    for (int number = 1; number < 10000; number++) {
        int descriptor;

        *path = g_strdup_printf ("khimera-%s-%d.%s", stem, number, suffix);
        descriptor = open (*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0)
            return descriptor;
        if (errno != EEXIST) {
            g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s",
                         *path, g_strerror (errno));
            break;
        }
        g_clear_pointer (path, g_free);
    }
    g_clear_pointer (path, g_free);
    if (error != NULL && *error == NULL)
        g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                     "khimera-%s-*.%s: too many already", stem, suffix);
    return -1;
}

static char *
save (const char *text, const char *stem, const char *suffix, const char *wanted,
      GError **error)
{
    char *path = g_strdup (wanted);
    int descriptor = -1;
    gsize length = strlen (text), at = 0;

    if (wanted != NULL) {
        descriptor = open (wanted, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (descriptor < 0)
            g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s",
                         wanted, g_strerror (errno));
    } else {
        descriptor = new_file (stem, suffix, &path, error);
    }
    while (descriptor >= 0 && at < length) {
        ssize_t put = write (descriptor, text + at, length - at);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s",
                         path, g_strerror (errno));
            break;
        }
        at += (gsize)put;
    }
    if (descriptor >= 0)
        close (descriptor);
    if (descriptor < 0 || at < length)
        g_clear_pointer (&path, g_free);
    return path;
}

char *
export_panel (Dashboard *dashboard, enum panel_id panel, const char *format,
              const char *path, GError **error)
{
    struct view view = dashboard_view (dashboard, panel);
    const Snapshot *now = dashboard->model->now;
    g_autoptr (Table) table = table_new ();
    g_autofree char *text = NULL;
    const char *suffix = format;

    if (strcmp (format, "svg") == 0) {
        text = picture_svg (now);
    } else if (strcmp (format, "dot") == 0) {
        text = picture_dot (now);
    } else {
        panels[panel]->table (dashboard->states[panel], &view, table);
        if (strcmp (format, "csv") == 0) {
            text = table_csv (table);
        } else if (strcmp (format, "json") == 0) {
            text = table_json (table);
        } else if (strcmp (format, "text") == 0) {
            text = table_text (table);
            suffix = "txt";
        }
    }
    if (text == NULL) {
        g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                     "\"%s\" is no format; write text, csv, json, svg or dot", format);
        return NULL;
    }
    return save (text,
                 strcmp (suffix, "svg") == 0 || strcmp (suffix, "dot") == 0
                     ? "structure"
                     : panels[panel]->name,
                 suffix, path, error);
}

/* Drawn anew, as large as it is on the screen. */
char *
export_pane (Dashboard *dashboard, enum panel_id panel, GError **error)
{
    struct view view = dashboard_view (dashboard, panel);
    int rows = 24, columns = 80;
    g_autoptr (Grid) grid = NULL;
    g_autofree char *text = NULL;
    struct pane pane;

    for (guint i = 0; i < dashboard->placed_count; i++)
        if (dashboard->placed[i].panel == panel) {
            rows = dashboard->placed[i].rect.rows;
            columns = dashboard->placed[i].rect.columns;
        }
    view.focused = false;
    grid = grid_new (rows, columns);
    pane = pane_whole (grid);
    panels[panel]->draw (&pane, dashboard->states[panel], &view);
    text = grid_text (grid);
    return save (text, panels[panel]->name, "txt", NULL, error);
}
