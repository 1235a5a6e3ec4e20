/* space: fallocate. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "guests/case.h"

static struct stat st;

static long
size (int fd)
{
    return fstat (fd, &st) == 0 ? (long)st.st_size : -1;
}

int
main (void)
{
    struct rlimit limit = { 100000, RLIM_INFINITY };
    char text[64] = { 1 };
    int fd, p[2];

    make ("f", "0123456789");
    YES ((fd = open ("f", O_RDWR)) >= 0 && fallocate (fd, 0, 0, 5) == 0 && size (fd) == 10);
    YES (fallocate (fd, 0, 8, 8192) == 0 && size (fd) == 8200 && st.st_blocks * 512 >= 8192);
    YES (pread (fd, text, 20, 0) == 20 && memcmp (text, "0123456789\0\0\0\0\0\0\0\0\0", 20) == 0);
    YES (fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, 100) == 0 && size (fd) == 8200);
    YES (ftruncate (fd, 0) == 0 && size (fd) == 0 && st.st_blocks == 0 && ftruncate (fd, 100000) == 0 && size (fd) == 100000);
    YES (fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, 50000) == 0 && size (fd) == 100000 && st.st_blocks * 512 >= 50000);
    YES (posix_fallocate (fd, 0, 200000) == 0 && size (fd) == 200000);
    YES (lseek (fd, 0, SEEK_CUR) == 0);
    FAILS (fallocate (fd, 0, -1, 5), EINVAL);
    FAILS (fallocate (fd, 0, 0, 0), EINVAL);
    FAILS (fallocate (fd, 0, 0, -5), EINVAL);
    FAILS (fallocate (fd, 0x100, 0, 5), EOPNOTSUPP);
    FAILS (fallocate (fd, FALLOC_FL_PUNCH_HOLE, 0, 5), EOPNOTSUPP);
    FAILS (fallocate (fd, 0, 0x7fffffffffffffff, 0x7fffffffffffffff), EFBIG);
    FAILS (fallocate (99, 0, 0, 5), EBADF);
    signal (SIGXFSZ, SIG_IGN);
    YES (setrlimit (RLIMIT_FSIZE, &limit) == 0 && ftruncate (fd, 50) == 0);
    FAILS (fallocate (fd, 0, 0, 100001), EFBIG);
    YES (fallocate (fd, 0, 0, 100000) == 0 && size (fd) == 100000);
    close (fd);
    YES ((fd = open ("f", O_RDONLY)) >= 0);
    FAILS (fallocate (fd, 0, 0, 5), EBADF);
    close (fd);
    YES (pipe (p) == 0);
    FAILS (fallocate (p[1], 0, 0, 5), ESPIPE);
    YES ((fd = open ("/dev/null", O_WRONLY)) >= 0);
    FAILS (fallocate (fd, 0, 0, 5), ENODEV);
    return done ();
}
