/* A person works with busybox at a machine's console. It is the host's own busybox, the shell that
 * a console has by default. How its editor and its tools for the screen look there is in
 * tests/ui/test_consoles.c. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/person.h"

static char compiled[] = "/tmp/khimera-waits-XXXXXX";
static char *added; /* --add: a program of ours */

/* At the prompt of a machine. */
static struct person *
sit_down (const char *machine)
{
    char *argv[] = { getenv ("KHIMERA"), (char *)"run", (char *)"--console", (char *)machine, NULL,
                     NULL, NULL };
    struct person *person;

    if (added != NULL) {
        argv[4] = (char *)"--add";
        argv[5] = added;
    }

    assert_non_null (argv[0]);
    person = person_new (24, 80, argv);
    assert_true (person_sees (person, "# "));
    return person;
}

/* Types a line, and sees the answer and the prompt again. */
static void
asks (struct person *person, const char *line, const char *answer)
{
    person_types (person, line);
    person_types (person, "\r");
    assert_true (person_sees (person, "\r\n"));
    assert_true (person_sees (person, answer));
    assert_true (person_sees (person, "# "));
}

static void
gets_up (struct person *person)
{
    person_types (person, "exit 3\r");
    assert_int_equal (person_end (person), 3);
    assert_true (person_terminal_is_restored (person));
    person_free (person);
}

static void
the_console_has_busybox (void **state)
{
    struct person *person = sit_down (*state);

    asks (person, "readlink /bin/sh", "busybox\r\n");
    asks (person, "cat /bin/fsload", "#!built-in\r\n");
    asks (person, "cd /tmp && fsload -n 20", "20 operations");
    gets_up (person);
}

/* tests/guests/waits.c, compiled. False: no static C library here. */
static bool
compile_waits (char *option, size_t room)
{
    const char *source = getenv ("srcdir");
    char command[512];

    snprintf (option, room, "%s:/bin/waits", compiled);
    snprintf (command, sizeof command, "${CC:-cc} -O1 -static -w -o %s %s/tests/guests/waits.c 2>/dev/null",
              compiled, source != NULL ? source : ".");
    return system (command) == 0;
}

static void
keys_and_pipes_are_waited_for_together (void **state)
{
    static const char *const ways[] = { "waits poll\r", "waits select\r" };
    struct person *person;
    char option[64];

    if (!compile_waits (option, sizeof option))
        skip ();
    added  = option;
    person = sit_down (*state);
    added  = NULL;
    for (unsigned i = 0; i < 2; i++) {
        person_types (person, ways[i]);
        assert_true (person_sees (person, "[pipe !]")); /* while nobody typed */
        person_types (person, "k");
        assert_true (person_sees (person, "[key k]"));
        assert_true (person_sees (person, "[pipe k]"));
        person_types (person, "q");
        assert_true (person_sees (person, "[key q]"));
        assert_true (person_sees (person, "[pipe q]"));
        assert_true (person_sees (person, "[pipe ends]"));
        assert_true (person_sees (person, "# "));
    }
    gets_up (person);
}

static void
less_goes_through_a_file (void **state)
{
    struct person *person = sit_down (*state);

    asks (person, "seq 1 200 >/tmp/lines", "");
    person_types (person, "less /tmp/lines\r");
    assert_true (person_sees (person, "22"));
    person_types (person, "G");
    assert_true (person_sees (person, "200"));
    person_types (person, "q");
    assert_true (person_sees (person, "# "));
    gets_up (person);
}

static int
before (void **state)
{
    int file = mkstemp (compiled);

    (void)state;
    return file < 0 || close (file) != 0;
}

static int
after (void **state)
{
    (void)state;
    return unlink (compiled);
}

int
main (void)
{
    static char hybrid[] = "hybrid", micro[] = "microkernel", mono[] = "monolithic";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate (the_console_has_busybox, hybrid),
        cmocka_unit_test_prestate (keys_and_pipes_are_waited_for_together, mono),
        cmocka_unit_test_prestate (keys_and_pipes_are_waited_for_together, hybrid),
        cmocka_unit_test_prestate (keys_and_pipes_are_waited_for_together, micro),
        cmocka_unit_test_prestate (less_goes_through_a_file, hybrid),
    };

    if (system ("test \"$(uname -m)\" = x86_64 && busybox true >/dev/null 2>&1"
                " && ! grep -q /lib64/ld- \"$(command -v busybox)\"")
        != 0) {
        puts ("1..0 # SKIP no static busybox for x86-64 here");
        return 0;
    }
    return cmocka_run_group_tests (tests, before, after);
}
