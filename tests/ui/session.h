/* session: a real machine with its dashboard on a terminal, for tests. */
#ifndef TESTS_UI_SESSION_H
#define TESTS_UI_SESSION_H

#include "ui/terminal.h"

/* A test that leaves no machine behind, also when it fails. */
#define session_test(test) cmocka_unit_test_teardown (test, session_clear)
int session_clear (void **state);
/* For cmocka_run_group_tests: a folder of its own for sockets and files, which is also the
 * working directory, and its removal. */
int session_begin (void **state);
int session_end (void **state);
const char *session_folder (void);
/* The real program. */
const char *session_program (void);

/* On an xterm-256color in UTF-8. */
struct terminal *session_start (int rows, int columns, const char *const *argv);
/* With the shell that every host has. */
struct terminal *session_run (const char *machine, int rows, int columns);
struct terminal *session_attach (int rows, int columns);
/* Standard output of `khimera ctl ...`; the caller frees it. */
char *session_ctl (const char *words);
/* Of the board of the one machine that runs. */
pid_t session_board (void);
/* Ends the machine with the keys for it, and looks whether the terminal is as it was. */
void session_leave (struct terminal *terminal);
/* The same for a viewer that has ended, or is about to. Answers its status. */
int session_bury (struct terminal *terminal);

#endif
