/* person: somebody at a terminal, who types, waits for what he wants to see, and looks at what
 * state his terminal is in afterwards. */
#ifndef TESTS_MACHINE_PERSON_H
#define TESTS_MACHINE_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

#define PERSON_SEES_MAX 262144u

struct person {
    int master;
    int slave; /* kept open, so that the terminal outlives the program */
    pid_t process;
    struct termios before;
    char seen[PERSON_SEES_MAX]; /* all of it; ends with a zero */
    size_t length;
    size_t looked; /* up to here it has been waited for */
};

/* Opens a terminal of that size and starts the program there, its session's leader. */
struct person *person_new (unsigned short rows, unsigned short columns, char *const argv[]);
/* Kills the program if it still runs. */
void person_free (struct person *person);

void person_types (struct person *person, const char *text);
void person_resizes (struct person *person, unsigned short rows, unsigned short columns);

/* Waits until `text` is on the screen, behind what was waited for before. False, with the
 * screen on standard error, if that does not come. */
bool person_sees (struct person *person, const char *text);
/* Reads what comes within so many milliseconds: was `text` anywhere in it? */
bool person_saw_within (struct person *person, const char *text, int milliseconds);

/* Waits for the program's end: its exit status, 128 + the signal that killed it, or -1. */
int person_end (struct person *person);

/* Is the terminal as it was before the program? Waits a moment for it. */
bool person_terminal_is_restored (struct person *person);
/* Does it still echo and take whole lines? */
bool person_terminal_is_raw (struct person *person);

#endif
