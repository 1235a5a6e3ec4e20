/* busy: files that run are not written, what is written does not run; and pipes with names. */
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "guests/case.h"

static char buffer[1 << 16];

static void
copy (const char *from, const char *to)
{
    int in = open (from, O_RDONLY), out = open (to, O_CREAT | O_TRUNC | O_WRONLY, 0755);
    ssize_t bytes;

    while ((bytes = read (in, buffer, sizeof buffer)) > 0)
        if (write (out, buffer, (size_t)bytes) != bytes)
            abort ();
    close (in);
    close (out);
}

/* Runs it; what became of it. */
static int
run (const char *path, const char *argument)
{
    int status = -1;
    pid_t child = fork ();

    if (child == 0) {
        execl (path, path, argument, (char *)NULL);
        _exit (errno == ETXTBSY ? 98 : 99);
    }
    waitpid (child, &status, 0);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
text_busy (void)
{
    int fd, go[2], ready[2];
    pid_t child;

    copy ("/proc/self/exe", "program");
    YES (run ("./program", "exit") == 7);
    fd = open ("program", O_WRONLY);
    YES (fd >= 0 && run ("./program", "exit") == 98);
    YES (close (fd) == 0 && run ("./program", "exit") == 7);
    fd = open ("program", O_RDONLY);
    YES (fd >= 0 && run ("./program", "exit") == 7);
    close (fd);

    YES (pipe (go) == 0 && pipe (ready) == 0);
    child = fork ();
    if (child == 0) {
        dup2 (go[0], 0);
        dup2 (ready[1], 1);
        close (go[1]);
        execl ("./program", "program", "wait", (char *)NULL);
        _exit (99);
    }
    close (go[0]);
    YES (read (ready[0], buffer, 1) == 1);
    FAILS (open ("program", O_WRONLY), ETXTBSY);
    FAILS (open ("program", O_RDWR), ETXTBSY);
    FAILS (open ("program", O_WRONLY | O_TRUNC), ETXTBSY);
    FAILS (truncate ("program", 0), ETXTBSY);
    YES ((fd = open ("program", O_RDONLY)) >= 0 && close (fd) == 0);
    YES (run ("./program", "exit") == 7);
    FAILS (open ("program", O_WRONLY), ETXTBSY);
    YES (rename ("program", "moved") == 0 && unlink ("moved") == 0);
    YES (close (go[1]) == 0 && waitpid (child, NULL, 0) == child);
    close (ready[0]);
    close (ready[1]);

    /* Free again as soon as its end is known. */
    for (int i = 0; i < 5; i++) {
        copy ("/proc/self/exe", "again");
        if (run ("./again", "exit") != 7)
            abort ();
    }
    YES ((fd = open ("again", O_WRONLY)) >= 0 && close (fd) == 0);
    make ("script", "#!./again exit\n");
    chmod ("script", 0755);
    YES (run ("./script", "x") == 7);
    fd = open ("script", O_WRONLY);
    YES (fd >= 0 && run ("./script", "x") == 98);
    close (fd);
}

static int
ready_for (int fd, int events)
{
    struct pollfd one = { fd, (short)events, 0 };

    return poll (&one, 1, 0) < 0 ? -1 : one.revents;
}

static void
on_alarm (int signal)
{
    (void)signal;
}

static void
named_pipes (void)
{
    int in, out, status;
    struct stat st;
    struct sigaction action = { .sa_handler = on_alarm };

    YES (mkfifo ("fifo", 0600) == 0 && stat ("fifo", &st) == 0 && S_ISFIFO (st.st_mode));
    FAILS (mkfifo ("fifo", 0600), EEXIST);
    FAILS (open ("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    in = open ("fifo", O_RDONLY | O_NONBLOCK);
    YES (in >= 0 && read (in, buffer, 1) == 0);
    out = open ("fifo", O_WRONLY | O_NONBLOCK);
    YES (out >= 0 && fstat (out, &st) == 0 && S_ISFIFO (st.st_mode));
    FAILS (read (in, buffer, 1), EAGAIN);
    YES (ready_for (in, POLLIN) == 0 && ready_for (out, POLLOUT) == POLLOUT);
    YES (write (out, "named", 5) == 5 && ready_for (in, POLLIN) == POLLIN);
    YES (read (in, buffer, 9) == 5 && memcmp (buffer, "named", 5) == 0);
    FAILS (lseek (in, 0, SEEK_SET), ESPIPE);
    FAILS (pread (in, buffer, 1, 0), ESPIPE);
    FAILS (ftruncate (out, 0), EINVAL);
    YES (close (out) == 0 && read (in, buffer, 1) == 0 && ready_for (in, POLLIN) == POLLHUP);
    close (in);
    in = open ("fifo", O_RDWR);
    YES (in >= 0 && write (in, "self", 4) == 4 && read (in, buffer, 9) == 4);
    close (in);

    /* Each side waits for the other. */
    for (int turn = 0; turn < 2; turn++) {
        if (fork () == 0) {
            out = open ("fifo", turn == 0 ? O_WRONLY : O_RDONLY);
            if (turn == 0)
                _exit (write (out, "through", 7) != 7);
            _exit (read (out, buffer, 9) != 7);
        }
        if (turn == 0)
            usleep (20000);
        in = open ("fifo", turn == 0 ? O_RDONLY : O_WRONLY);
        if (turn == 0)
            YES (in >= 0 && read (in, buffer, 9) == 7 && read (in, buffer, 9) == 0);
        else
            YES (in >= 0 && write (in, "through", 7) == 7);
        YES (wait (&status) > 0 && status == 0);
        close (in);
    }
    sigaction (SIGALRM, &action, NULL);
    alarm (1);
    FAILS (open ("fifo", O_RDONLY), EINTR);
    FAILS (open ("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    signal (SIGPIPE, SIG_IGN);
    in  = open ("fifo", O_RDONLY | O_NONBLOCK);
    out = open ("fifo", O_WRONLY);
    close (in);
    FAILS (write (out, "x", 1), EPIPE);
    close (out);
    YES (unlink ("fifo") == 0);
}

int
main (int count, char **arguments)
{
    if (count > 1 && strcmp (arguments[1], "wait") == 0)
        return write (1, "r", 1) != 1 || read (0, buffer, 1) != 0;
    if (count > 1)
        return 7;
    text_busy ();
    named_pipes ();
    return done ();
}
