/* memfd: memory that is a file. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "guests/case.h"

int
main (void)
{
    char text[16] = { 0 }, name[300];
    struct stat st;
    char *shared;
    int fd, status;

    YES ((fd = memfd_create ("some name", MFD_CLOEXEC)) >= 0 && fcntl (fd, F_GETFD) == FD_CLOEXEC && (fcntl (fd, F_GETFL) & O_ACCMODE) == O_RDWR);
    YES (fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size == 0 && st.st_nlink == 0 && st.st_uid == getuid ());
    YES (write (fd, "hello", 5) == 5 && lseek (fd, 0, SEEK_SET) == 0 && read (fd, text, 9) == 5 && memcmp (text, "hello", 5) == 0);
    YES (ftruncate (fd, 8192) == 0 && (shared = mmap (NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) != MAP_FAILED);
    YES (shared[0] == 'h' && shared[8191] == 0);
    fflush (stdout);
    if (fork () == 0) {
        shared[5000] = 'x';
        _exit (0);
    }
    YES (wait (&status) > 0 && shared[5000] == 'x' && pread (fd, text, 1, 5000) == 1 && text[0] == 'x');
    YES (fallocate (fd, 0, 0, 10000) == 0 && fstat (fd, &st) == 0 && st.st_size == 10000);
    close (fd);
    YES (shared[0] == 'h' && munmap (shared, 8192) == 0);
    YES ((fd = memfd_create ("", 0)) >= 0 && fcntl (fd, F_GETFD) == 0 && close (fd) == 0);
    FAILS (memfd_create ((char *)8, 0), EFAULT);
    FAILS (memfd_create ("x", 0x1000), EINVAL);
    memset (name, 'n', sizeof name);
    name[250] = '\0';
    FAILS (memfd_create (name, 0), EINVAL);
    name[249] = '\0';
    YES ((fd = memfd_create (name, 0)) >= 0);
    return done ();
}
