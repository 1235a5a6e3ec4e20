/* files: bytes of files. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "guests/case.h"

/* Of the buffer five bytes are there. */
static void
partly (int fd)
{
    char *edge            = (char *)mmap (NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4091;
    struct iovec none[2] = { { edge + 3, 2 }, { edge + 5, 3 } };

    YES (munmap (edge + 5, 4096) == 0);
    YES (pwrite (fd, "0123456789", 10, 0) == 10);
    YES (pread (fd, edge, 10, 0) == 5 && memcmp (edge, "01234", 5) == 0);
    YES (lseek (fd, 2, SEEK_SET) == 2 && read (fd, edge, 10) == 5 && lseek (fd, 0, SEEK_CUR) == 7);
    FAILS (read (fd, edge + 5, 10), EFAULT);
    YES (lseek (fd, 0, SEEK_CUR) == 7);
    YES (pwrite (fd, edge, 10, 20) == 5 && preadv (fd, none, 2, 20) == 2 && pwritev (fd, none, 2, 0) == 2);
    munmap (edge - 4091, 4096);
}

static void
files (void)
{
    char buffer[64] = { 0 };
    struct stat st;
    struct iovec v[2] = { { buffer, 2 }, { buffer + 10, 3 } };
    int fd;

    make ("f", "hello world");
    YES ((fd = open ("f", O_RDWR)) >= 0);
    YES (read (fd, buffer, 5) == 5 && memcmp (buffer, "hello", 5) == 0);
    YES (lseek (fd, 0, SEEK_CUR) == 5);
    YES (lseek (fd, -5, SEEK_END) == 6);
    FAILS (lseek (fd, -50, SEEK_CUR), EINVAL);
    FAILS (lseek (fd, 0, 99), EINVAL);
    YES (pread (fd, buffer, 5, 6) == 5 && memcmp (buffer, "world", 5) == 0);
    YES (pwrite (fd, "W", 1, 6) == 1);
    FAILS (pread (fd, buffer, 5, -1), EINVAL);
    YES (lseek (fd, 0, SEEK_SET) == 0 && readv (fd, v, 2) == 5 && memcmp (buffer + 10, "llo", 3) == 0);
    YES (writev (fd, v, 2) == 5);
    YES (ftruncate (fd, 4) == 0 && fstat (fd, &st) == 0 && st.st_size == 4);
    YES (lseek (fd, 10000, SEEK_SET) == 10000 && write (fd, "x", 1) == 1);
    YES (fstat (fd, &st) == 0 && st.st_size == 10001);
    YES (pread (fd, buffer, 1, 5000) == 1 && buffer[0] == 0);
    FAILS (read (fd, (void *)8, 5 + 0 * pwrite (fd, "12345678", 8, 0) + 0 * lseek (fd, 0, SEEK_SET)), EFAULT);
    FAILS (write (fd, (void *)8, 5), EFAULT);
    partly (fd);
    YES (fsync (fd) == 0 && fdatasync (fd) == 0);
    YES (close (fd) == 0);
    FAILS (close (fd), EBADF);
    FAILS (read (fd, buffer, 1), EBADF);
    FAILS (write (fd, buffer, 1), EBADF);
    FAILS (open ("none", O_RDONLY), ENOENT);
    FAILS (open ("f/g", O_RDONLY), ENOTDIR);
    FAILS (open ("f", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
    FAILS (open (".", O_WRONLY), EISDIR);
    FAILS (open ("f", O_DIRECTORY | O_RDONLY), ENOTDIR);
    FAILS (open ("", O_RDONLY), ENOENT);
    FAILS (open ((char *)8, O_RDONLY), EFAULT);
    fd = open ("f", O_RDONLY);
    FAILS (write (fd, "x", 1), EBADF);
    FAILS (ftruncate (fd, 1), EINVAL);
    close (fd);
    fd = open ("f", O_WRONLY);
    FAILS (read (fd, buffer, 1), EBADF);
    close (fd);
    fd = open (".", O_RDONLY);
    FAILS (read (fd, buffer, 1), EISDIR);
    close (fd);
    fd = open ("f", O_WRONLY | O_APPEND | O_TRUNC);
    YES (write (fd, "ab", 2) == 2 && lseek (fd, 0, SEEK_SET) == 0 && write (fd, "cd", 2) == 2);
    YES (stat ("f", &st) == 0 && st.st_size == 4);
    close (fd);
    YES (truncate ("f", 100) == 0 && stat ("f", &st) == 0 && st.st_size == 100);
    FAILS (truncate ("f", -1), EINVAL);
    FAILS (truncate (".", 1), EISDIR);
}

int
main (void)
{
    files ();
    return done ();
}
