/* filelocks: locks of files: of a process (fcntl), of an open file (fcntl OFD, flock). What is
 * asked from elsewhere is asked by a child, for a process is never in its own way. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "guests/case.h"

static int fd;

static int
lock (int file, int command, short type, off_t start, off_t bytes)
{
    struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = bytes };

    return fcntl (file, command, &range);
}

static int
set (short type, off_t start, off_t bytes)
{
    return lock (fd, F_SETLK, type, start, bytes);
}

/* What a child says: 1 yes. */
#define CHILD(expression)                                     \
    ({                                                        \
        int status_;                                          \
        pid_t child_ = fork ();                               \
        if (child_ == 0)                                      \
            _exit ((expression) ? 1 : 0);                     \
        while (waitpid (child_, &status_, 0) == -1) {         \
        }                                                     \
        WIFEXITED (status_) && WEXITSTATUS (status_) == 1;    \
    })
#define CHILD_YES(expression) is ("elsewhere: " #expression, CHILD (expression))

/* Could another process have it? */
static int
is_free (short type, off_t start, off_t bytes)
{
    return CHILD (set (type, start, bytes) == 0);
}

static int
found (short type, off_t start, off_t bytes, short found_type, off_t found_start, off_t found_bytes)
{
    struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = bytes };

    return fcntl (fd, F_GETLK, &range) == 0 && range.l_type == found_type
           && (found_type == F_UNLCK
               || (range.l_start == found_start && range.l_len == found_bytes
                   && range.l_whence == SEEK_SET && range.l_pid == getppid ()));
}

static void
ranges (void)
{
    struct flock range = { .l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -4, .l_len = 2 };

    YES (set (F_WRLCK, 10, 10) == 0);
    YES (!is_free (F_WRLCK, 19, 1) && !is_free (F_RDLCK, 0, 11));
    YES (is_free (F_WRLCK, 20, 0) && is_free (F_WRLCK, 0, 10));
    CHILD_YES (set (F_WRLCK, 0, 0) == -1 && errno == EAGAIN);
    CHILD_YES (found (F_RDLCK, 0, 0, F_WRLCK, 10, 10));
    CHILD_YES (found (F_RDLCK, 20, 0, F_UNLCK, 0, 0));
    YES (found (F_WRLCK, 10, 10, F_UNLCK, 0, 0));
    YES (set (F_UNLCK, 13, 2) == 0);
    is ("a hole in the middle", is_free (F_WRLCK, 13, 2) && !is_free (F_WRLCK, 12, 1) && !is_free (F_WRLCK, 15, 1));
    YES (set (F_RDLCK, 11, 1) == 0);
    is ("another kind in the middle", is_free (F_RDLCK, 11, 1) && !is_free (F_WRLCK, 11, 1) && !is_free (F_RDLCK, 10, 1));
    YES (set (F_WRLCK, 11, 4) == 0);
    CHILD_YES (found (F_RDLCK, 0, 0, F_WRLCK, 10, 10));
    YES (set (F_WRLCK, 20, 0) == 0);
    CHILD_YES (found (F_RDLCK, 0, 0, F_WRLCK, 10, 0));
    YES (set (F_UNLCK, 0, 0) == 0 && is_free (F_WRLCK, 0, 0));
    YES (set (F_RDLCK, 0, 5) == 0 && is_free (F_RDLCK, 0, 5) && !is_free (F_WRLCK, 4, 1));
    YES (set (F_UNLCK, 0, 5) == 0);
    YES (fcntl (fd, F_SETLK, &range) == 0 && !is_free (F_WRLCK, 6, 2) && is_free (F_WRLCK, 8, 0) && is_free (F_WRLCK, 0, 6));
    YES (set (F_UNLCK, 0, 0) == 0);
    YES (set (F_WRLCK, 8, -3) == 0 && !is_free (F_WRLCK, 5, 1) && is_free (F_WRLCK, 8, 1) && is_free (F_WRLCK, 4, 1));
    YES (set (F_UNLCK, 0, 0) == 0);
}

static void
refusals (void)
{
    int reader = open ("locked", O_RDONLY), writer = open ("locked", O_WRONLY), p[2];

    FAILS (lock (reader, F_SETLK, F_WRLCK, 0, 1), EBADF);
    FAILS (lock (writer, F_SETLK, F_RDLCK, 0, 1), EBADF);
    FAILS (lock (99, F_SETLK, F_RDLCK, 0, 1), EBADF);
    FAILS (lock (fd, F_SETLK, 9, 0, 1), EINVAL);
    FAILS (lock (fd, F_GETLK, F_UNLCK, 0, 1), EINVAL);
    FAILS (lock (fd, F_SETLK, F_RDLCK, -1, 1), EINVAL);
    FAILS (lock (fd, F_SETLK, F_RDLCK, 2, -3), EINVAL);
    FAILS (fcntl (fd, F_SETLK, (void *)8), EFAULT);
    FAILS (flock (fd, 0), EINVAL);
    FAILS (flock (99, LOCK_SH), EBADF);
    YES (pipe (p) == 0 && flock (p[0], LOCK_EX | LOCK_NB) == 0 && flock (p[1], LOCK_UN) == 0);
    YES (lock (p[1], F_SETLK, F_WRLCK, 0, 0) == 0 && close (p[0]) == 0 && close (p[1]) == 0);
    close (reader);
    close (writer);
}

static void
ends (void)
{
    int other;

    YES (set (F_WRLCK, 0, 0) == 0 && (other = open ("locked", O_RDONLY)) >= 0 && close (other) == 0);
    is ("closing any descriptor of the file gives it up", is_free (F_WRLCK, 0, 0));
    YES (set (F_WRLCK, 0, 0) == 0 && (other = dup (fd)) >= 0 && close (other) == 0);
    is ("a copy of the descriptor, too", is_free (F_WRLCK, 0, 0));
    YES (set (F_WRLCK, 0, 0) == 0 && (other = open ("other", O_RDWR | O_CREAT, 0600)) >= 0 && close (other) == 0);
    is ("but no other file's", !is_free (F_WRLCK, 0, 0));
    CHILD_YES (set (F_UNLCK, 0, 0) == 0);
    is ("who has it is not moved by others", !is_free (F_WRLCK, 0, 0));
    YES (set (F_UNLCK, 0, 0) == 0);
    CHILD_YES (set (F_WRLCK, 0, 0) == 0);
    is ("the end of a process gives its locks up", is_free (F_WRLCK, 0, 0));
}

static void
nothing (int signal)
{
    (void)signal;
}

/* The parent has locked; the child waits until it has given up. */
static void
waits (void)
{
    struct sigaction action = { .sa_handler = nothing };
    int p[2], back[2], status, refused;
    pid_t child;
    char c;

    YES (pipe (p) == 0 && pipe (back) == 0 && set (F_WRLCK, 0, 1) == 0 && set (F_WRLCK, 5, 1) == 0);
    child = fork ();
    if (child == 0) {
        write (p[1], "x", 1);
        if (lock (fd, F_SETLKW, F_WRLCK, 0, 1) != 0)
            _exit (1);
        write (p[1], "y", 1);
        read (back[0], &c, 1);
        _exit (0);
    }
    YES (read (p[0], &c, 1) == 1 && c == 'x' && set (F_UNLCK, 0, 1) == 0);
    is ("who waits gets it", read (p[0], &c, 1) == 1 && c == 'y' && set (F_WRLCK, 0, 1) == -1 && errno == EAGAIN);
    child = fork ();
    if (child == 0) { /* has 7, and waits for 5 */
        set (F_WRLCK, 7, 1);
        write (p[1], "z", 1);
        if (lock (fd, F_SETLKW, F_WRLCK, 5, 1) == 0)
            _exit (0);
        _exit (errno == EDEADLK ? 1 : 2);
    }
    YES (read (p[0], &c, 1) == 1 && c == 'z');
    refused = lock (fd, F_SETLKW, F_WRLCK, 7, 1) == -1 && errno == EDEADLK;
    YES (set (F_UNLCK, 5, 3) == 0 && waitpid (child, &status, 0) == child && WIFEXITED (status));
    is ("of two who wait for each other the second is refused", refused + WEXITSTATUS (status) == 1);
    sigaction (SIGALRM, &action, NULL);
    alarm (1);
    FAILS (lock (fd, F_SETLKW, F_WRLCK, 0, 1), EINTR);
    write (back[1], "x", 1);
    wait (&status);
    YES (lock (fd, F_SETLKW, F_WRLCK, 0, 1) == 0 && set (F_UNLCK, 0, 0) == 0);
    close (p[0]);
    close (p[1]);
    close (back[0]);
    close (back[1]);
}

/* Locks of open files: another opening in the same process is another owner. */
static void
of_files (void)
{
    int other = open ("locked", O_RDWR), copy = dup (fd);

    YES (flock (fd, LOCK_EX) == 0);
    FAILS (flock (other, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    YES (flock (copy, LOCK_EX | LOCK_NB) == 0);
    is ("records know nothing of it", is_free (F_WRLCK, 0, 0));
    YES (flock (fd, LOCK_SH) == 0 && flock (other, LOCK_SH) == 0);
    FAILS (flock (other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    YES (flock (fd, LOCK_UN) == 0 && flock (other, LOCK_EX | LOCK_NB) == 0);
    CHILD_YES (flock (other, LOCK_UN) == 0);
    is ("a child shares it", flock (fd, LOCK_EX | LOCK_NB) == 0);
    close (fd);
    FAILS (flock (other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    close (copy);
    is ("it ends with the last descriptor", flock (other, LOCK_EX | LOCK_NB) == 0);
    fd = open ("locked", O_RDWR);
    YES (lock (fd, F_OFD_SETLK, F_WRLCK, 0, 10) == 0);
    FAILS (lock (other, F_OFD_SETLK, F_RDLCK, 9, 1), EAGAIN);
    YES (lock (other, F_OFD_SETLK, F_RDLCK, 10, 1) == 0);
    FAILS (set (F_WRLCK, 0, 1), EAGAIN);
    struct flock range = { .l_type = F_WRLCK };
    YES (fcntl (other, F_OFD_GETLK, &range) == 0 && range.l_type == F_WRLCK && range.l_len == 10 && range.l_pid == -1);
    close (other);
    YES (lock (fd, F_OFD_SETLK, F_WRLCK, 0, 0) == 0);
}

int
main (void)
{
    make ("locked", "0123456789");
    fd = open ("locked", O_RDWR);
    ranges ();
    refusals ();
    ends ();
    waits ();
    of_files ();
    return done ();
}
