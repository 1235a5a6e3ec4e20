#define _GNU_SOURCE
#include "machine/person.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A loaded host is slow; who waits this long waits for something that does not come. */
#define PATIENCE_MS 20000

static long
now_ms (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static _Noreturn void
program_live (int slave, char *const argv[])
{
    setsid ();
    ioctl (slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2 (slave, fd);
    if (slave > 2)
        close (slave);
    execv (argv[0], argv);
    _exit (127);
}

struct person *
person_new (unsigned short rows, unsigned short columns, char *const argv[])
{
    struct person *person = calloc (1, sizeof *person);
    char name[64];

    if (person == NULL)
        abort ();
    person->master = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (person->master < 0 || grantpt (person->master) != 0 || unlockpt (person->master) != 0
        || ptsname_r (person->master, name, sizeof name) != 0)
        abort ();
    person->slave = open (name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (person->slave < 0)
        abort ();
    person_resizes (person, rows, columns);
    tcgetattr (person->slave, &person->before);
    person->process = fork ();
    if (person->process == 0)
        program_live (person->slave, argv);
    return person;
}

void
person_free (struct person *person)
{
    if (person->process > 0) {
        kill (person->process, SIGKILL);
        waitpid (person->process, NULL, 0);
    }
    if (person->slave >= 0)
        close (person->slave);
    close (person->master);
    free (person);
}

void
person_types (struct person *person, const char *text)
{
    size_t left = strlen (text);

    while (left != 0) {
        ssize_t put = write (person->master, text, left);

        if (put < 0 && errno != EINTR)
            return;
        if (put > 0) {
            text += put;
            left -= (size_t)put;
        }
    }
}

void
person_resizes (struct person *person, unsigned short rows, unsigned short columns)
{
    struct winsize size = { .ws_row = rows, .ws_col = columns };

    ioctl (person->master, TIOCSWINSZ, &size);
}

/* Takes in what is on the way, for at most so long. False: nothing came. */
static bool
look (struct person *person, int milliseconds)
{
    struct pollfd poll_for = { .fd = person->master, .events = POLLIN };
    ssize_t got;

    if (poll (&poll_for, 1, milliseconds) <= 0)
        return false;
    if (person->length + 1 >= sizeof person->seen)
        abort ();
    got = read (person->master, person->seen + person->length,
                sizeof person->seen - 1 - person->length);
    if (got <= 0)
        return false;
    for (ssize_t i = 0; i < got; i++)
        if (person->seen[person->length + (size_t)i] == '\0')
            person->seen[person->length + (size_t)i] = '?';
    person->length += (size_t)got;
    person->seen[person->length] = '\0';
    return true;
}

static bool
find (struct person *person, const char *text)
{
    const char *at = strstr (person->seen + person->looked, text);

    if (at == NULL)
        return false;
    person->looked = (size_t)(at - person->seen) + strlen (text);
    return true;
}

bool
person_saw_within (struct person *person, const char *text, int milliseconds)
{
    long until = now_ms () + milliseconds;

    for (;;) {
        long left = until - now_ms ();

        if (find (person, text))
            return true;
        if (left <= 0)
            return false;
        look (person, (int)left);
    }
}

bool
person_sees (struct person *person, const char *text)
{
    if (person_saw_within (person, text, PATIENCE_MS))
        return true;
    fprintf (stderr, "# waited for \"%s\" behind:\n# %s\n", text, person->seen);
    return false;
}

int
person_end (struct person *person)
{
    long until = now_ms () + PATIENCE_MS;
    int status;

    while (now_ms () < until) {
        pid_t ended;

        while (look (person, 0))
            continue;
        ended = waitpid (person->process, &status, WNOHANG);
        if (ended == person->process) {
            person->process = 0;
            return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
        }
        look (person, 20);
    }
    fprintf (stderr, "# it does not end; the screen:\n# %s\n", person->seen);
    return -1;
}

static bool
same_modes (const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag
           && a->c_lflag == b->c_lflag && memcmp (a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

bool
person_terminal_is_restored (struct person *person)
{
    struct termios now;

    for (int tries = 0; tries < 100; tries++) {
        if (tcgetattr (person->slave, &now) == 0 && same_modes (&now, &person->before))
            return true;
        usleep (20000);
    }
    return false;
}

bool
person_terminal_is_raw (struct person *person)
{
    struct termios now;

    return tcgetattr (person->slave, &now) == 0 && (now.c_lflag & (ICANON | ECHO | ISIG)) == 0;
}
