/* screens: prints what the dashboard shows, for pages. Not a test.
 *
 *     screens ROWS COLUMNS TEXT KEYS PROGRAM [ARGUMENT...]
 *
 * Starts the program on a terminal of that size, waits for TEXT, types KEYS (\r, \001 and
 * the like as in C; between two of them a | waits for the text that follows it up to the
 * next |), and prints the screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "ui/terminal.h"

int
main (int argc, char **argv)
{
    static const char *const environment[]
        = { "TERM=xterm", "LC_ALL=C.UTF-8", "NO_COLOR=1", "COLUMNS", "LINES", NULL };
    struct terminal *terminal;
    g_auto (GStrv) parts = NULL;
    g_autofree char *text = NULL;

    if (argc < 6) {
        fprintf (stderr, "usage: screens ROWS COLUMNS TEXT KEYS PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    terminal = terminal_start (atoi (argv[1]), atoi (argv[2]), environment,
                               (const char *const *)argv + 5, NULL, NULL);
    terminal_wait (terminal, argv[3]);
    parts = g_strsplit (argv[4], "|", -1);
    for (guint i = 0; parts[i] != NULL; i++) {
        g_autofree char *plain = g_strcompress (parts[i]);

        if (i % 2 == 0)
            terminal_send (terminal, plain);
        else
            terminal_wait (terminal, plain);
    }
    terminal_watch (terminal, 60000); /* to the end of what is being drawn */
    text = terminal_text (terminal);
    fputs (text, stdout);
    terminal_free (terminal);
    return EXIT_SUCCESS;
}
