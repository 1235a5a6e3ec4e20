/* descriptors: descriptors: pipes, copies, flags, waiting for them. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/time.h>
#include <termios.h>

#include "guests/case.h"

static void
descriptors (void)
{
    int p[2], fd;
    char buffer[100];
    struct pollfd poll_one;
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    fd_set set;
    struct timeval none = { 0, 0 };

    YES (pipe (p) == 0);
    YES (write (p[1], "abc", 3) == 3 && read (p[0], buffer, 99) == 3);
    FAILS (lseek (p[0], 0, SEEK_SET), ESPIPE);
    FAILS (pread (p[0], buffer, 1, 0), ESPIPE);
    YES (fcntl (p[0], F_SETFL, O_NONBLOCK) == 0 && (fcntl (p[0], F_GETFL) & O_NONBLOCK) != 0);
    FAILS (read (p[0], buffer, 1), EAGAIN);
    poll_one = (struct pollfd){ p[0], POLLIN, 0 };
    YES (poll (&poll_one, 1, 0) == 0 && poll (&poll_one, 1, 20) == 0);
    YES (write (p[1], "x", 1) == 1 && poll (&poll_one, 1, -1) == 1 && poll_one.revents == POLLIN);
    FD_ZERO (&set);
    FD_SET (p[0], &set);
    YES (select (p[0] + 1, &set, NULL, NULL, &none) == 1 && FD_ISSET (p[0], &set));
    YES (read (p[0], buffer, 9) == 1 && select (p[0] + 1, &set, NULL, NULL, &none) == 0 && !FD_ISSET (p[0], &set));
    YES (close (p[1]) == 0 && poll (&poll_one, 1, -1) == 1 && (poll_one.revents & POLLHUP) != 0);
    YES (read (p[0], buffer, 1) == 0);
    close (p[0]);
    signal (SIGPIPE, SIG_IGN);
    YES (pipe (p) == 0 && close (p[0]) == 0);
    FAILS (write (p[1], "x", 1), EPIPE);
    signal (SIGPIPE, SIG_DFL);
    close (p[1]);
    poll_one.fd = 99;
    YES (poll (&poll_one, 1, 0) == 1 && poll_one.revents == POLLNVAL);
    FAILS (pipe2 (p, 0x77777), EINVAL);
    YES (pipe2 (p, O_CLOEXEC) == 0 && fcntl (p[0], F_GETFD) == FD_CLOEXEC);
    YES (fcntl (p[0], F_SETFD, 0) == 0 && fcntl (p[0], F_GETFD) == 0);
    close (p[0]);
    close (p[1]);
    make ("f", "0123456789");
    fd = open ("f", O_RDONLY);
    YES (dup (fd) == fd + 1 && read (fd + 1, buffer, 4) == 4 && lseek (fd, 0, SEEK_CUR) == 4);
    YES (dup2 (fd, 50) == 50 && dup2 (fd, fd) == fd && close (50) == 0);
    YES (dup3 (fd, 51, O_CLOEXEC) == 51 && fcntl (51, F_GETFD) == FD_CLOEXEC && close (51) == 0);
    FAILS (dup3 (fd, fd, 0), EINVAL);
    FAILS (dup (99), EBADF);
    FAILS (dup2 (99, 5), EBADF);
    FAILS (dup2 (fd, -1), EBADF);
    YES (fcntl (fd, F_DUPFD, 70) == 70 && close (70) == 0);
    FAILS (fcntl (99, F_GETFD), EBADF);
    YES ((fcntl (fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
    YES (fcntl (fd, F_SETLK, &lock) == 0 && fcntl (fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
    FAILS (fcntl (fd, F_GETLK, &lock), EINVAL);
    FAILS (fcntl (fd, F_GETLK, NULL), EFAULT);
    close (fd);
    close (fd + 1);
    FAILS (tcgetpgrp (open ("f", O_RDONLY)), ENOTTY);
    YES ((fd = open ("/dev/null", O_RDWR)) >= 0 && write (fd, "x", 1) == 1 && read (fd, buffer, 1) == 0);
    YES ((fd = open ("/dev/zero", O_RDONLY)) >= 0 && read (fd, buffer, 100) == 100 && buffer[99] == 0);
    fd = open ("/dev/full", O_WRONLY);
    FAILS (write (fd, "x", 1), ENOSPC);
}

int
main (void)
{
    descriptors ();
    return done ();
}
