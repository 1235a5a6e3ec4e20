#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/session.h"

#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *folder;

const char *
session_folder (void)
{
    return folder;
}

const char *
session_program (void)
{
    const char *path = getenv ("KHIMERA");

    return path != NULL ? path : "./khimera";
}

int
session_begin (void **state)
{
    (void)state;
    folder = g_dir_make_tmp ("khimera-screen-XXXXXX", NULL);
    if (folder == NULL)
        return -1;
    if (session_program ()[0] != '/') {
        g_autofree char *here = g_get_current_dir (),
                        *path = g_build_filename (here, session_program (), NULL);

        setenv ("KHIMERA", path, 1);
    }
    setenv ("XDG_RUNTIME_DIR", folder, 1);
    return chdir (folder);
}

int
session_end (void **state)
{
    g_autofree char *remove = g_strdup_printf ("rm -r '%s'", folder);

    (void)state;
    g_free (folder);
    return chdir ("/") != 0 || system (remove) != 0;
}

int
session_clear (void **state)
{
    g_autofree char *line = g_strdup_printf ("%s ps --json", session_program ());
    g_autofree char *output = NULL;
    json_t *machines, *machine;
    size_t i;

    (void)state;
    g_spawn_command_line_sync (line, &output, NULL, NULL, NULL);
    machines = json_loads (output != NULL ? output : "", 0, NULL);
    json_array_foreach (machines, i, machine)
        kill ((pid_t)json_integer_value (json_object_get (machine, "pid")), SIGKILL);
    json_decref (machines);
    return 0;
}

struct terminal *
session_start (int rows, int columns, const char *const *argv)
{
    static const char *const environment[]
        = { "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR", "COLORFGBG", "COLUMNS", "LINES", NULL };

    return terminal_start (rows, columns, environment, argv, NULL, NULL);
}

struct terminal *
session_run (const char *machine, int rows, int columns)
{
    return session_start (
        rows, columns,
        (const char *const[]){ session_program (), "run", machine, "--dashboard", "--shell", "sh",
                              NULL });
}

struct terminal *
session_attach (int rows, int columns)
{
    return session_start (rows, columns,
                          (const char *const[]){ session_program (), "attach", NULL });
}

char *
session_ctl (const char *words)
{
    g_autofree char *line = g_strdup_printf ("%s ctl %s", session_program (), words);
    char *output = NULL;

    g_spawn_command_line_sync (line, &output, NULL, NULL, NULL);
    return output;
}

pid_t
session_board (void)
{
    g_autofree char *text = session_ctl ("status");
    const char *at = text != NULL ? strstr (text, "\npid ") : NULL;

    assert_non_null (at);
    return (pid_t)g_ascii_strtoll (at + 5, NULL, 10);
}

int
session_bury (struct terminal *terminal)
{
    int status = terminal_wait_end (terminal);

    terminal_expect_restored (terminal);
    terminal_free (terminal);
    return status;
}

void
session_leave (struct terminal *terminal)
{
    terminal_send (terminal, "q");
    terminal_wait (terminal, "q ends it");
    terminal_send (terminal, "q");
    assert_int_equal (session_bury (terminal), 0);
}
