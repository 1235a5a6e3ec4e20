/* paths: what is open as a path alone. */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "guests/case.h"

static struct stat st, other;

static void
does_little (int fd)
{
    struct pollfd one = { fd, POLLIN, 0 };
    struct epoll_event event = { .events = EPOLLIN };
    struct flock lock         = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    int bytes, e = epoll_create1 (0);
    char c;

    FAILS (read (fd, &c, 1), EBADF);
    FAILS (write (fd, "x", 1), EBADF);
    FAILS (pread (fd, &c, 1, 0), EBADF);
    FAILS (lseek (fd, 0, SEEK_SET), EBADF);
    FAILS (ftruncate (fd, 0), EBADF);
    FAILS (fchmod (fd, 0600), EBADF);
    FAILS (fchown (fd, -1, -1), EBADF);
    FAILS (futimens (fd, NULL), EBADF);
    FAILS (fsync (fd), EBADF);
    FAILS (ioctl (fd, FIONREAD, &bytes), EBADF);
    FAILS (fcntl (fd, F_SETFL, O_NONBLOCK), EBADF);
    FAILS (fcntl (fd, F_SETLK, &lock), EBADF);
    FAILS (flock (fd, LOCK_SH), EBADF);
    FAILS (syscall (SYS_getdents64, fd, &st, sizeof st), EBADF);
    FAILS (fallocate (fd, 0, 0, 1), EBADF);
    FAILS (epoll_ctl (e, EPOLL_CTL_ADD, fd, &event), EBADF);
    YES (mmap (NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EBADF);
    YES (poll (&one, 1, 0) == 1 && one.revents == POLLNVAL);
    close (e);
}

int
main (void)
{
    struct statfs fs;
    int fd, dir, copy, status;

    make ("f", "text");
    YES ((fd = open ("f", O_PATH)) >= 0 && fstat (fd, &st) == 0 && stat ("f", &other) == 0 && st.st_ino == other.st_ino);
    YES ((fcntl (fd, F_GETFL) & (O_PATH | O_ACCMODE)) == O_PATH && fcntl (fd, F_GETFD) == 0 && fstatfs (fd, &fs) == 0);
    does_little (fd);
    YES ((copy = dup (fd)) >= 0 && fstat (copy, &st) == 0 && st.st_ino == other.st_ino && fcntl (copy, F_SETFD, FD_CLOEXEC) == 0 && fcntl (copy, F_GETFD) == FD_CLOEXEC);
    FAILS (read (copy, &st, 1), EBADF);
    close (copy);
    FAILS (fchdir (fd), ENOTDIR);
    YES (unlink ("f") == 0 && fstat (fd, &st) == 0 && st.st_nlink == 0 && close (fd) == 0);
    FAILS (open ("f", O_PATH | O_CREAT, 0600), ENOENT);
    YES (mkdir ("d", 0755) == 0 && (dir = open ("d", O_PATH | O_DIRECTORY | O_CLOEXEC)) >= 0 && fcntl (dir, F_GETFD) == FD_CLOEXEC);
    YES ((fd = openat (dir, "g", O_CREAT | O_RDWR, 0600)) >= 0 && write (fd, "x", 1) == 1 && close (fd) == 0);
    YES (fstatat (dir, "g", &st, 0) == 0 && st.st_size == 1 && stat ("d/g", &other) == 0 && st.st_ino == other.st_ino);
    YES (fstatat (dir, "", &st, AT_EMPTY_PATH) == 0 && S_ISDIR (st.st_mode));
    FAILS (syscall (SYS_getdents64, dir, &st, sizeof st), EBADF);
    YES (fchdir (dir) == 0 && access ("g", F_OK) == 0 && chdir ("..") == 0);
    FAILS (open ("d/g", O_PATH | O_DIRECTORY), ENOTDIR);
    FAILS (open ("d/g/", O_PATH), ENOTDIR);
    FAILS (open ("none", O_PATH), ENOENT);
    YES (symlink ("d/g", "s") == 0 && (fd = open ("s", O_PATH | O_NOFOLLOW)) >= 0 && fstat (fd, &st) == 0 && S_ISLNK (st.st_mode) && close (fd) == 0);
    YES ((fd = open ("s", O_PATH)) >= 0 && fstat (fd, &st) == 0 && st.st_ino == other.st_ino && close (fd) == 0);
    FAILS (open ("s", O_PATH | O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
    is ("a pipe is not waited for", mkfifo ("p", 0600) == 0 && (fd = open ("p", O_PATH)) >= 0 && fstat (fd, &st) == 0 && S_ISFIFO (st.st_mode));
    does_little (fd);
    close (fd);
    is ("what may not be read may be pointed at", chmod ("d/g", 0) == 0 && chmod (".", 0755) == 0);
    fflush (stdout);
    if (fork () == 0) {
        if (getuid () == 0 && setuid (1000) != 0)
            _exit (99);
        fd = open ("d/g", O_PATH);
        _exit (fd < 0 || fstat (fd, &st) != 0 || open ("d/g", O_RDONLY) >= 0 || errno != EACCES);
    }
    YES (wait (&status) > 0 && status == 0);
    return done ();
}
