/* waits: for a terminal and a pipe at once, by poll and by select. Says what came; a child writes
 * to the pipe while nobody types, and when it is told to. Typing q ends it. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int from_child[2], to_child[2];

/* One byte as an answer to each that it gets; by itself one at its beginning. */
static void
child (void)
{
    const struct timespec while_nobody_types = { 0, 50000000 };
    char c;

    close (to_child[1]);
    nanosleep (&while_nobody_types, NULL);
    write (from_child[1], "!", 1);
    while (read (to_child[0], &c, 1) == 1)
        write (from_child[1], &c, 1);
    _exit (0);
}

/* Which of the two is ready: bit 0 the terminal, bit 1 the pipe. */
static int
wait_by_poll (void)
{
    struct pollfd both[] = { { 0, POLLIN, 0 }, { from_child[0], POLLIN, 0 } };

    if (poll (both, 2, -1) < 1)
        return 0;
    return (both[0].revents != 0) | (both[1].revents != 0) << 1;
}

static int
wait_by_select (void)
{
    fd_set set;

    FD_ZERO (&set);
    FD_SET (0, &set);
    FD_SET (from_child[0], &set);
    if (select (from_child[0] + 1, &set, NULL, NULL, NULL) < 1)
        return 0;
    return (FD_ISSET (0, &set) != 0) | (FD_ISSET (from_child[0], &set) != 0) << 1;
}

int
main (int argc, char **argv)
{
    int (*wait_for) (void) = argc > 1 && strcmp (argv[1], "select") == 0 ? wait_by_select : wait_by_poll;
    struct termios before, raw;
    char c = 0;

    if (pipe (from_child) != 0 || pipe (to_child) != 0 || tcgetattr (0, &before) != 0)
        return 1;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr (0, TCSANOW, &raw);
    setvbuf (stdout, NULL, _IONBF, 0);
    if (fork () == 0)
        child ();
    close (to_child[0]);
    close (from_child[1]);
    while (c != 'q') {
        int ready = wait_for ();

        if (ready == 0)
            return 2;
        if ((ready & 2) != 0 && read (from_child[0], &c, 1) == 1)
            printf ("[pipe %c]\n", c);
        if ((ready & 1) != 0 && read (0, &c, 1) == 1) {
            printf ("[key %c]\n", c);
            write (to_child[1], &c, 1);
        }
    }
    if (read (from_child[0], &c, 1) == 1)
        printf ("[pipe %c]\n", c);
    close (to_child[1]); /* the child ends; nobody types: an end is news as well */
    if (wait_for () == 2 && read (from_child[0], &c, 1) == 0)
        printf ("[pipe ends]\n");
    wait (NULL);
    tcsetattr (0, TCSANOW, &before);
    return 0;
}
