/* terminal: a program on a terminal of its own, which a test looks at and types on.
 *
 * The program's output becomes a screen (libvterm). Nothing sleeps: a test waits for a named
 * text, until a deadline, and fails with the screen if it does not come.
 */
#ifndef TESTS_UI_TERMINAL_H
#define TESTS_UI_TERMINAL_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct terminal;

/* argv[0] is the program; `environment` is "NAME=VALUE" or "NAME" to unset, NULL at the end.
 * With `call` instead of argv, that runs in the child. */
struct terminal *terminal_start (int rows, int columns, const char *const *environment,
                                 const char *const *argv, int (*call) (void *user), void *user);
/* Kills what still runs. */
void terminal_free (struct terminal *terminal);

pid_t terminal_process (const struct terminal *terminal);
/* Its newest child; 0: none yet. */
pid_t terminal_child (const struct terminal *terminal);

void terminal_send (struct terminal *terminal, const char *keys);
/* All of it, reading what comes meanwhile. */
void terminal_send_bytes (struct terminal *terminal, const char *bytes, gsize count);
void terminal_resize (struct terminal *terminal, int rows, int columns);

/* The screen as text; the caller frees it. */
char *terminal_text (struct terminal *terminal);
bool terminal_shows (struct terminal *terminal, const char *text);
void terminal_wait (struct terminal *terminal, const char *text);
void terminal_wait_gone (struct terminal *terminal, const char *text);
/* Until so much has been written at all; until these bytes have, from there on. */
void terminal_wait_bytes (struct terminal *terminal, gsize bytes);
void terminal_wait_written (struct terminal *terminal, gsize from, const char *bytes);
/* Reads what comes, for so long: for measurements, never to wait for something. */
void terminal_watch (struct terminal *terminal, gint64 us);
/* For either; answers which, 0 or 1. */
int terminal_wait_either (struct terminal *terminal, const char *text, const char *other);
/* Until the program has ended; its status as of waitpid. */
int terminal_wait_end (struct terminal *terminal);

/* Everything that was written to the terminal so far. */
const GString *terminal_output (const struct terminal *terminal);
/* Modes, screen and cursor are as they were at the start. */
void terminal_expect_restored (struct terminal *terminal);

#endif
