/* crowded: `crowded FILE PAGES` writes a file of so many pages through memory, where they may not
 * all have room. What could be written is right, then and later, in memory and in the file; of the
 * rest the program is told by SIGBUS at the first touch. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

static sigjmp_buf refused;

static void
caught (int signal)
{
    siglongjmp (refused, signal);
}

static uint64_t
value (uint64_t page)
{
    return (page + 1) * 0x9e3779b97f4a7c15u;
}

static unsigned
wrong (int fd, const volatile char *pages, uint64_t count)
{
    unsigned bad = 0;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t there = 0;

        bad += *(volatile uint64_t *)(pages + i * PAGE) != value (i);
        bad += pread (fd, &there, sizeof there, (off_t)(i * PAGE)) != sizeof there || there != value (i);
    }
    return bad;
}

int
main (int argc, char **argv)
{
    uint64_t count = argc > 2 ? strtoull (argv[2], NULL, 10) : 0;
    int fd         = open (argv[1], O_CREAT | O_RDWR | O_TRUNC, 0644);
    struct sigaction action = { .sa_handler = caught };
    volatile uint64_t done  = 0;
    volatile char *pages;

    sigaction (SIGBUS, &action, NULL);
    if (ftruncate (fd, (off_t)(count * PAGE)) != 0)
        return 2;
    pages = mmap (NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (pages == MAP_FAILED)
        return 2;
    if (sigsetjmp (refused, 1) == 0)
        for (; done < count; done++)
            *(volatile uint64_t *)(pages + done * PAGE) = value (done);
    printf ("%s, %u wrong", done < count ? "refused" : "all", wrong (fd, pages, done));
    printf (", msync %d", msync ((void *)pages, done * PAGE, MS_SYNC));
    printf (", %u wrong\n", wrong (fd, pages, done));
    fprintf (stderr, "%llu pages\n", (unsigned long long)done);
    return done == 0;
}
