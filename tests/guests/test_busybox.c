/* A person works with busybox at a machine's console: its shell, its editor, its tools for the
 * screen. It is the host's own busybox, the shell that a console has by default. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/person.h"

#define UP     "\033[A"
#define LEFT   "\033[D"
#define ESCAPE "\033"
#define CTRL_A "\001"
#define CTRL_C "\003"
#define CTRL_Z "\032"

static char image[] = "/tmp/khimera-busybox-XXXXXX";
static char *added; /* --add: a program of ours */

/* At the prompt of a machine; `disk`: its root is an ext2 image. */
static struct person *
sit_down (const char *machine, bool disk)
{
    char *argv[] = { getenv ("KHIMERA"), (char *)"run", (char *)"--console", (char *)machine, NULL,
                     NULL, NULL, NULL, NULL };
    struct person *person;

    if (added != NULL) {
        argv[4] = (char *)"--add";
        argv[5] = added;
    }

    if (disk) {
        argv[4] = (char *)"--disk";
        argv[5] = image;
        argv[6] = (char *)"--shell";
        argv[7] = (char *)"/bin/busybox";
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

/* Types it again and again: what it is meant for may not be there yet. */
static void
until_seen (struct person *person, const char *keys, const char *text)
{
    for (int times = 0; times < 60; times++) {
        person_types (person, keys);
        if (person_saw_within (person, text, 300))
            return;
    }
    fail_msg ("no \"%s\" behind: %s", text, person->seen);
}

static void
the_console_has_busybox (void **state)
{
    struct person *person = sit_down (*state, false);

    asks (person, "readlink /bin/sh", "busybox\r\n");
    asks (person, "cat /bin/fsload", "#!built-in\r\n");
    asks (person, "cd /tmp && fsload -n 20", "20 operations");
    gets_up (person);
}

static void
lines_can_be_edited (void **state)
{
    struct person *person = sit_down (*state, false);

    person_types (person, "ech abc" LEFT LEFT LEFT LEFT "o" CTRL_A);
    asks (person, "busybox ", "abc\r\n"); /* "busybox echo abc" */
    asks (person, "echo wrong\177\177\177\177\177r''ight", "right\r\n");
    person_types (person, UP UP);
    assert_true (person_sees (person, "busybox echo abc"));
    asks (person, " def", "abc def\r\n");
    person_types (person, "cat /proc/vers\t");
    asks (person, "", "Khimera");
    gets_up (person);
}

static void
jobs_are_controlled (void **state)
{
    struct person *person = sit_down (*state, false);

    person_types (person, "sleep 1000\r");
    assert_true (person_sees (person, "\r\n"));
    until_seen (person, CTRL_Z, "Stopped");
    asks (person, "jobs", "Stopped");
    asks (person, "bg", "sleep 1000");
    asks (person, "jobs", "Running");
    asks (person, "kill %1; wait; echo g''one", "gone\r\n");
    gets_up (person);
}

/* tests/guests/waits.c, in place of the image's file. False: no static C library here. */
static bool
compile_waits (char *option, size_t room)
{
    const char *source = getenv ("srcdir");
    char command[512];

    snprintf (option, room, "%s:/bin/waits", image);
    snprintf (command, sizeof command, "${CC:-cc} -O1 -static -w -o %s %s/tests/guests/waits.c 2>/dev/null",
              image, source != NULL ? source : ".");
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
    person = sit_down (*state, false);
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
control_c_ends_a_program (void **state)
{
    struct person *person = sit_down (*state, false);

    person_types (person, "while :; do sleep 1; done\r");
    assert_true (person_sees (person, "\r\n"));
    until_seen (person, CTRL_C, "# ");
    asks (person, "echo $?", "130\r\n");
    gets_up (person);
}

static void
the_window_changes_its_size (void **state)
{
    struct person *person = sit_down (*state, false);

    asks (person, "stty size", "24 80\r\n");
    person_resizes (person, 40, 100);
    until_seen (person, "stty size\r", "40 100\r\n");
    assert_true (person_sees (person, "# "));
    gets_up (person);
}

static void
top_and_less_take_the_screen (void **state)
{
    struct person *person = sit_down (*state, false);

    person_types (person, "top\r");
    assert_true (person_sees (person, "Mem:"));
    assert_true (person_sees (person, "COMMAND"));
    person_types (person, "q");
    assert_true (person_sees (person, "# "));
    asks (person, "seq 1 200 >/tmp/lines", "");
    person_types (person, "less /tmp/lines\r");
    assert_true (person_sees (person, "22"));
    person_types (person, "G");
    assert_true (person_sees (person, "200"));
    person_types (person, "q");
    assert_true (person_sees (person, "# "));
    gets_up (person);
}

/* What debugfs finds in the image. */
static void
assert_image_has (const char *path, const char *text)
{
    char command[512], found[256] = { 0 };
    FILE *pipe;

    snprintf (command, sizeof command, "%s -R 'cat %s' %s 2>/dev/null",
              getenv ("DEBUGFS") != NULL ? getenv ("DEBUGFS") : "/sbin/debugfs", path, image);
    pipe = popen (command, "r");
    assert_non_null (pipe);
    fread (found, 1, sizeof found - 1, pipe);
    pclose (pipe);
    assert_string_equal (found, text);
}

static void
vi_edits_a_file_on_an_image (void **state)
{
    struct person *person;
    char command[512];

    snprintf (command, sizeof command, "/sbin/mke2fs -q -F -t ext2 %s 12M >/dev/null 2>&1", image);
    if (system (command) != 0)
        skip ();
    person = sit_down (*state, true);
    person_types (person, "vi /notes\r");
    assert_true (person_sees (person, "/notes"));
    person_types (person, "ifirst line\rsecnd line" ESCAPE);
    assert_true (person_sees (person, "secnd"));
    person_types (person, "0lllio" ESCAPE);
    assert_true (person_sees (person, "ond line"));
    person_types (person, ":wq\r");
    assert_true (person_sees (person, "# "));
    asks (person, "wc -l /notes; sync", "2 /notes\r\n");
    gets_up (person);
    assert_image_has ("/notes", "first line\nsecond line\n");
}

static int
before (void **state)
{
    int file = mkstemp (image);

    (void)state;
    return file < 0 || close (file) != 0;
}

static int
after (void **state)
{
    (void)state;
    return unlink (image);
}

int
main (void)
{
    static char hybrid[] = "hybrid", micro[] = "microkernel", mono[] = "monolithic";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate (the_console_has_busybox, hybrid),
        cmocka_unit_test_prestate (lines_can_be_edited, micro),
        cmocka_unit_test_prestate (jobs_are_controlled, mono),
        cmocka_unit_test_prestate (jobs_are_controlled, micro),
        cmocka_unit_test_prestate (control_c_ends_a_program, hybrid),
        cmocka_unit_test_prestate (keys_and_pipes_are_waited_for_together, mono),
        cmocka_unit_test_prestate (keys_and_pipes_are_waited_for_together, hybrid),
        cmocka_unit_test_prestate (keys_and_pipes_are_waited_for_together, micro),
        cmocka_unit_test_prestate (the_window_changes_its_size, micro),
        cmocka_unit_test_prestate (top_and_less_take_the_screen, hybrid),
        cmocka_unit_test_prestate (vi_edits_a_file_on_an_image, hybrid),
        cmocka_unit_test_prestate (vi_edits_a_file_on_an_image, micro),
    };

    if (system ("test \"$(uname -m)\" = x86_64 && busybox true >/dev/null 2>&1"
                " && ! grep -q /lib64/ld- \"$(command -v busybox)\"")
        != 0) {
        puts ("1..0 # SKIP no static busybox for x86-64 here");
        return 0;
    }
    return cmocka_run_group_tests (tests, before, after);
}
