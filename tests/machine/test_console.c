/* A machine's console on a terminal, as a person sees it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/person.h"

#define PROMPT "# "

static struct person *
sit_down (unsigned short rows, unsigned short columns, const char *machine)
{
    char *program = getenv ("KHIMERA_TESTS");
    char *argv[]  = { program, (char *)"run", (char *)"--console", (char *)machine,
                      (char *)"--shell", (char *)"sh", NULL };

    assert_non_null (program);
    return person_new (rows, columns, argv);
}

/* Types a command, and sees what it prints and the prompt again. */
static void
asks (struct person *person, const char *command, const char *answer)
{
    person_types (person, command);
    person_types (person, "\r");
    assert_true (person_sees (person, "\r\n"));
    assert_true (person_sees (person, answer));
    assert_true (person_sees (person, PROMPT));
}

/* Presses a key until the prompt comes. Who is quick may press it before the machine has come
 * to wait for it, and then it is only a line forgotten. */
static void
presses (struct person *person, const char *key)
{
    for (int times = 0; times < 40; times++) {
        person_types (person, key);
        if (person_saw_within (person, PROMPT, 500))
            return;
    }
    fail_msg ("no prompt behind: %s", person->seen);
}

/* Leaves by the shell's exit. */
static void
gets_up (struct person *person, const char *command, int status)
{
    person_types (person, command);
    assert_int_equal (person_end (person), status);
    assert_true (person_terminal_is_restored (person));
    person_free (person);
}

/* The process of a domain of the running machine; 0: there is none. */
static pid_t
process_of (const struct person *person, const char *name)
{
    char path[300], text[64];
    FILE *file;
    long child;

    snprintf (path, sizeof path, "/proc/%d/task/%d/children", (int)person->process,
              (int)person->process);
    FILE *children = fopen (path, "r");
    assert_non_null (children);
    while (fscanf (children, "%ld", &child) == 1) {
        snprintf (path, sizeof path, "/proc/%ld/comm", child);
        file = fopen (path, "r");
        if (file == NULL)
            continue;
        bool found = fgets (text, sizeof text, file) != NULL && strncmp (text, "kh:", 3) == 0
                     && strncmp (text + 3, name, strlen (name)) == 0
                     && text[3 + strlen (name)] == '\n';
        fclose (file);
        if (found) {
            fclose (children);
            return (pid_t)child;
        }
    }
    fclose (children);
    return 0;
}

/* ---- tests ---- */

static void
a_prompt_appears_and_commands_are_answered (void **state)
{
    static const char *const machines[] = { "monolithic", "hybrid", "microkernel" };

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct person *person = sit_down (24, 80, machines[i]);

        assert_true (person_sees (person, PROMPT));
        assert_true (person_terminal_is_raw (person));
        asks (person, "echo hello | tr a-z A-Z", "HELLO\r\n");
        asks (person, "ls /dev | grep null", "null\r\n");
        gets_up (person, "exit 7\r", 7);
    }
}

static void
the_interrupt_character_ends_what_runs_and_the_prompt_comes_back (void **state)
{
    struct person *person = sit_down (24, 80, "hybrid");

    (void)state;
    assert_true (person_sees (person, PROMPT));
    person_types (person, "sleep 1000\r");
    assert_true (person_sees (person, "\r\n"));
    assert_false (person_saw_within (person, PROMPT, 300));
    presses (person, "\003");
    asks (person, "echo status $?", "status 130\r\n");

    person_types (person, "cat | cat\r");
    assert_true (person_sees (person, "\r\n"));
    person_types (person, "copied\r");
    assert_true (person_sees (person, "copied\r\ncopied\r\n"));
    presses (person, "\003");

    /* Who never lets go of the CPU is reached as well. */
    person_types (person, "cpuload -n 1000000000000000\r");
    assert_true (person_sees (person, "\r\n"));
    usleep (100000);
    presses (person, "\003");

    /* And at the prompt it forgets the line. */
    person_types (person, "echo not this");
    presses (person, "\003");
    asks (person, "echo but this", "but this\r\n");
    gets_up (person, "exit\r", 0);
}

static void
the_end_of_file_character_ends_the_shell_with_its_status (void **state)
{
    struct person *person = sit_down (24, 80, "microkernel");

    (void)state;
    assert_true (person_sees (person, PROMPT));
    person_types (person, "cat >/tmp/typed\rline\r\004");
    assert_true (person_sees (person, PROMPT));
    asks (person, "cat /tmp/typed", "line\r\n");
    asks (person, "false", "");
    gets_up (person, "\004", 1);
}

static void
a_line_can_be_edited (void **state)
{
    struct person *person = sit_down (24, 80, "hybrid");

    (void)state;
    assert_true (person_sees (person, PROMPT));
    asks (person, "echo ab\177c", "ac\r\n");
    asks (person, "echo all of this\025echo this", "this\r\n");
    gets_up (person, "exit\r", 0);
}

static void
a_job_is_stopped_and_goes_on (void **state)
{
    struct person *person = sit_down (24, 80, "hybrid");

    (void)state;
    assert_true (person_sees (person, PROMPT));
    person_types (person, "cat\r");
    assert_true (person_sees (person, "\r\n"));
    person_types (person, "first\r");
    assert_true (person_sees (person, "first\r\nfirst\r\n"));
    presses (person, "\032");
    asks (person, "jobs", "Stopped");
    person_types (person, "fg\r");
    assert_true (person_sees (person, "cat\r\n"));
    person_types (person, "copied\r");
    assert_true (person_sees (person, "copied\r\ncopied\r\n"));
    person_types (person, "\004");
    assert_true (person_sees (person, PROMPT));
    gets_up (person, "exit\r", 0);
}

static void
a_program_sees_the_size_of_the_window (void **state)
{
    struct person *person = sit_down (30, 90, "hybrid");

    (void)state;
    assert_true (person_sees (person, PROMPT));
    asks (person, "window", "30 rows 90 columns\r\n");
    person_resizes (person, 50, 132);
    for (int tries = 0; tries < 50; tries++) {
        person_types (person, "window\r");
        if (person_saw_within (person, "50 rows 132 columns", 200))
            break;
        assert_int_not_equal (tries, 49);
    }
    gets_up (person, "exit\r", 0);
}

static void
a_terminal_of_one_by_one_will_do (void **state)
{
    struct person *person = sit_down (1, 1, "hybrid");

    (void)state;
    assert_true (person_sees (person, PROMPT));
    asks (person, "window; ls /dev", "1 rows 1 columns\r\n");
    person_resizes (person, 0, 0);
    asks (person, "echo still here", "still here\r\n");
    person_resizes (person, 65535, 65535);
    asks (person, "ls -l /dev | wc -l", "");
    gets_up (person, "exit\r", 0);
}

static void
what_is_typed_early_is_not_lost (void **state)
{
    char *argv[]          = { getenv ("KHIMERA_TESTS"), (char *)"run", (char *)"--console",
                              (char *)"hybrid", (char *)"--shell", (char *)"sh", NULL };
    struct person *person = person_new (24, 80, argv);

    (void)state;
    person_types (person, "echo early\recho still early\r");
    assert_true (person_sees (person, "# early\r\n"));
    assert_true (person_sees (person, "# still early\r\n"));
    gets_up (person, "exit\r", 0);
}

static void
much_can_be_typed_and_printed (void **state)
{
    struct person *person = sit_down (24, 80, "microkernel");

    (void)state;
    assert_true (person_sees (person, PROMPT));
    person_types (person, "wc -l\r");
    assert_true (person_sees (person, "\r\n"));
    for (unsigned i = 0; i < 500; i++) {
        person_types (person, "a line of some length, to fill buffers\r");
        if (i % 20 == 0)
            assert_true (person_sees (person, "buffers\r\n"));
    }
    person_types (person, "\004");
    assert_true (person_sees (person, "500\r\n"));
    asks (person, "seq 1 20000", "\n20000\r\n");
    gets_up (person, "exit\r", 0);
}

static void
the_terminal_is_restored_whoever_dies (void **state)
{
    static const struct {
        const char *who; /* a domain; NULL: the board */
        int signal;
        int status;
    } deaths[] = {
        { NULL, SIGKILL, 128 + SIGKILL }, { NULL, SIGTERM, 128 + SIGTERM },
        { NULL, SIGHUP, 128 + SIGHUP },   { NULL, SIGABRT, 128 + SIGABRT },
        { "kernel", SIGKILL, 126 },       { "user", SIGKILL, 126 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        struct person *person = sit_down (24, 80, "microkernel");
        pid_t who;

        assert_true (person_sees (person, PROMPT));
        asks (person, "echo here", "here\r\n");
        assert_true (person_terminal_is_raw (person));
        who = deaths[i].who != NULL ? process_of (person, deaths[i].who) : person->process;
        assert_int_not_equal (who, 0);
        assert_int_equal (kill (who, deaths[i].signal), 0);
        assert_int_equal (person_end (person), deaths[i].status);
        assert_true (person_terminal_is_restored (person));
        person_free (person);
    }
}

static void
the_terminal_is_restored_when_time_is_up (void **state)
{
    char *argv[] = { getenv ("KHIMERA_TESTS"), (char *)"run", (char *)"--console", (char *)"hybrid",
                     (char *)"--timeout", (char *)"0.5", NULL };
    struct person *person = person_new (24, 80, argv);

    (void)state;
    gets_up (person, "", 124);
}

static void
a_plain_console_leaves_the_terminal_alone (void **state)
{
    char *argv[]          = { getenv ("KHIMERA_TESTS"), (char *)"run", (char *)"hybrid",
                              (char *)"--plain", (char *)"--shell", (char *)"sh", NULL };
    struct person *person = person_new (24, 80, argv);

    (void)state;
    person_types (person, "echo hello | tr a-z A-Z\r");
    assert_true (person_sees (person, "HELLO\r\n"));
    assert_true (person_terminal_is_restored (person));
    gets_up (person, "exit 3\r", 3);
}

static void
a_hang_up_ends_the_machine (void **state)
{
    struct person *person = sit_down (24, 80, "microkernel");
    pid_t kernel;

    (void)state;
    assert_true (person_sees (person, PROMPT));
    kernel = process_of (person, "kernel");
    assert_int_not_equal (kernel, 0);
    close (person->slave);
    person->slave = -1;
    close (person->master);
    person->master = open ("/dev/null", O_RDWR);
    assert_int_not_equal (person_end (person), -1);
    for (int tries = 0; kill (kernel, 0) == 0 && tries < 100; tries++)
        usleep (20000);
    assert_int_not_equal (kill (kernel, 0), 0);
    person_free (person);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_prompt_appears_and_commands_are_answered),
        cmocka_unit_test (the_interrupt_character_ends_what_runs_and_the_prompt_comes_back),
        cmocka_unit_test (the_end_of_file_character_ends_the_shell_with_its_status),
        cmocka_unit_test (a_line_can_be_edited),
        cmocka_unit_test (a_job_is_stopped_and_goes_on),
        cmocka_unit_test (a_program_sees_the_size_of_the_window),
        cmocka_unit_test (a_terminal_of_one_by_one_will_do),
        cmocka_unit_test (what_is_typed_early_is_not_lost),
        cmocka_unit_test (much_can_be_typed_and_printed),
        cmocka_unit_test (the_terminal_is_restored_whoever_dies),
        cmocka_unit_test (the_terminal_is_restored_when_time_is_up),
        cmocka_unit_test (a_plain_console_leaves_the_terminal_alone),
        cmocka_unit_test (a_hang_up_ends_the_machine),
    };

    return cmocka_run_group_tests_name ("console", tests, NULL, NULL);
}
