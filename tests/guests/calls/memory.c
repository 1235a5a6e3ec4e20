/* memory: a program's memory. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "guests/case.h"

static void
memory (void)
{
    char *p, *q;
    int fd, status;
    void *heap = sbrk (0);

    YES (sbrk (100000) == heap && (memset (heap, 1, 100000), sbrk (-100000)) != (void *)-1);
    p = mmap (NULL, 100000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    YES (p != MAP_FAILED && p[0] == 0 && p[99999] == 0);
    p[5000] = 'x';
    YES ((q = mremap (p, 100000, 1000000, MREMAP_MAYMOVE)) != MAP_FAILED && q[5000] == 'x' && q[999999] == 0);
    YES (mprotect (q, 4096, PROT_READ) == 0 && q[0] == 0);
    if (fork () == 0) {
        q[0] = 1;
        _exit (0);
    }
    YES (wait (&status) > 0 && WTERMSIG (status) == SIGSEGV);
    YES (mprotect (q, 4096, PROT_READ | PROT_WRITE) == 0 && (q[0] = 5) == 5);
    YES (madvise (q, 8192, MADV_DONTNEED) == 0 && q[0] == 0);
    YES (munmap (q, 1000000) == 0);
    FAILS (munmap ((void *)1, 4096), EINVAL);
    FAILS (mprotect ((void *)1, 4096, PROT_READ), EINVAL);
    FAILS (mprotect ((void *)0x10000000000, 4096, PROT_READ), ENOMEM);
    is ("mmap of nothing EINVAL", mmap (NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL);
    is ("mmap EBADF", mmap (NULL, 4096, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
    make ("mapped", "contents");
    fd = open ("mapped", O_RDONLY);
    p = mmap (NULL, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    YES (p != MAP_FAILED && memcmp (p, "contents", 8) == 0 && p[8] == 0 && (p[0] = 'C') == 'C');
    p = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork () == 0) {
        p[0] = 9;
        _exit (0);
    }
    YES (wait (NULL) > 0 && p[0] == 9);
    p = mmap ((void *)0x200000000, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    YES (p == (void *)0x200000000 && munmap (p, 8192) == 0);
    p = malloc (3000000);
    memset (p, 7, 3000000);
    p = realloc (p, 9000000);
    YES (p != NULL && p[2999999] == 7);
    free (p);
}

static void
zeroes (void)
{
    int fd = open ("/dev/zero", O_RDWR), reading = open ("/dev/zero", O_RDONLY);
    char *p, *q;

    YES ((p = mmap (NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096)) != MAP_FAILED && p[0] == 0 && (p[8191] = 1) == 1);
    YES ((q = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) != MAP_FAILED && q[0] == 0);
    if (fork () == 0) {
        p[8191] = 2;
        q[0]    = 3;
        _exit (0);
    }
    wait (NULL);
    is ("/dev/zero, mapped, is shared or is not", p[8191] == 1 && q[0] == 3);
    YES (mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, reading, 0) != MAP_FAILED);
    is ("/dev/null cannot be mapped ENODEV", mmap (NULL, 4096, PROT_READ, MAP_PRIVATE, open ("/dev/null", O_RDWR), 0) == MAP_FAILED && errno == ENODEV);
    close (fd);
    YES (p[8191] == 1 && munmap (p, 8192) == 0 && munmap (q, 4096) == 0);
}

/* The pages go, the mapping stays. */
static void
kept (void)
{
    const int flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
    char *p = mmap (NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *q;
    char *there = (char *)0x300000000;

    strcpy (p + 4096, "moved");
    YES ((q = mremap (p, 8192, 8192, flags, NULL)) != MAP_FAILED && q != p && strcmp (q + 4096, "moved") == 0);
    YES (p[4096] == 0 && (p[4096] = 'n') == 'n' && q[4096] == 'm');
    YES (mremap (q, 8192, 8192, flags | MREMAP_FIXED, there) == there && strcmp (there + 4096, "moved") == 0 && q[4096] == 0);
    is ("mremap DONTUNMAP, another length EINVAL", mremap (p, 8192, 4096, flags, NULL) == MAP_FAILED && errno == EINVAL);
    is ("mremap DONTUNMAP, not moved EINVAL", mremap (p, 8192, 8192, MREMAP_DONTUNMAP, NULL) == MAP_FAILED && errno == EINVAL);
    YES (munmap (p, 8192) == 0 && munmap (q, 8192) == 0 && munmap (there, 8192) == 0);
}

/* How a child ends that reads this. */
static int
touch (const volatile char *p)
{
    int status;

    if (fork () == 0)
        _exit (*p);
    wait (&status);
    return status;
}

static char *
pages (int count)
{
    return mmap (NULL, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* A range with a hole: what comes before it is done. */
static void
holes (void)
{
    char *p = pages (4);
    unsigned char vec[4];

    p[0] = p[4096] = p[3 * 4096] = 1;
    munmap (p + 2 * 4096, 4096);
    FAILS (mprotect (p, 4 * 4096, PROT_NONE), ENOMEM);
    is ("mprotect before the hole is done", WTERMSIG (touch (p)) == SIGSEGV && WTERMSIG (touch (p + 4096)) == SIGSEGV);
    is ("mprotect behind the hole is not", touch (p + 3 * 4096) == 1 << 8);
    YES (mprotect (p, 8192, PROT_READ | PROT_WRITE) == 0 && p[0] == 1);
    FAILS (mprotect (p, 4096, 0x10), EINVAL);
    FAILS (mprotect (p, 4096, 0xff00), EINVAL);
    YES (mprotect (p, 0, PROT_READ) == 0 && mprotect (p + 2 * 4096, 0, PROT_READ) == 0);
    FAILS (madvise (p, 4 * 4096, MADV_DONTNEED), ENOMEM);
    is ("madvise before and behind the hole is done", p[0] == 0 && p[4096] == 0 && p[3 * 4096] == 0);
    FAILS (madvise (p, 4096, 1000), EINVAL);
    FAILS (madvise (p, 4096, -1), EINVAL);
    FAILS (madvise (p, 4 * 4096, MADV_WILLNEED), ENOMEM);
    YES (madvise (p, 8192, MADV_RANDOM) == 0 && madvise (p, 0, MADV_NORMAL) == 0);
    FAILS (mlock (p, 4 * 4096), ENOMEM);
    FAILS (munlock (p, 4 * 4096), ENOMEM);
    YES (mlock (p + 100, 8000) == 0 && munlock (p + 100, 8000) == 0 && mlock (p + 2 * 4096, 0) == 0);
    FAILS (mlockall (0), EINVAL);
    FAILS (mlockall (64), EINVAL);
    YES (munlockall () == 0);
    p[0] = 1;
    YES (mincore (p, 4096, vec) == 0 && (vec[0] & 1) == 1);
    FAILS (mincore (p, 4 * 4096, vec), ENOMEM);
    FAILS (mincore (p + 1, 4096, vec), EINVAL);
    FAILS (mincore (p, 8192, NULL), EFAULT);
    munmap (p, 4 * 4096);
    p = pages (4);
    p[4096] = p[3 * 4096] = 1;
    YES (mincore (p, 4 * 4096, vec) == 0 && (vec[1] & 1) == 1 && (vec[3] & 1) == 1);
    YES (munmap (p, 4 * 4096) == 0);
}

enum { MANY = 7000, THREADS = 600 };

static void *
waits (void *barrier)
{
    pthread_barrier_wait (barrier);
    return barrier;
}

/* As many mappings and threads as a program may like. */
static void
many (void)
{
    char *p = pages (MANY);
    pthread_barrier_t barrier;
    pthread_t thread[THREADS];
    int made = 0, done = 0, status;

    for (int i = 0; i < MANY; i += 2)
        done += mprotect (p + i * 4096, 4096, PROT_READ) == 0 && (p[(i + 1) * 4096] = 'm') == 'm';
    is ("thousands of mappings", done == MANY / 2);
    if (fork () == 0) {
        for (int i = 1; i < MANY; i += 2)
            done -= p[i * 4096] == 'm' && (p[i * 4096] = 'c') == 'c';
        _exit (done);
    }
    YES (wait (&status) > 0 && status == 0);
    is ("a child's pages are its own", p[4096] == 'm' && p[(MANY - 1) * 4096] == 'm');
    YES (munmap (p, MANY * 4096) == 0);
    pthread_barrier_init (&barrier, NULL, THREADS + 1);
    while (made < THREADS && pthread_create (&thread[made], NULL, waits, &barrier) == 0)
        made++;
    is ("hundreds of threads", made == THREADS);
    if (made == THREADS)
        pthread_barrier_wait (&barrier);
    while (made > 0)
        done += pthread_join (thread[--made], NULL) == 0;
    is ("all of them end", done == MANY / 2 + THREADS);
    YES ((p = malloc (100 << 20)) != NULL);
    free (p);
}

/* One after the other is shared with a child and is not. */
static void
alternating (void)
{
    enum { PAIRS = 1000 };
    char *p = pages (2 * PAIRS);
    int made = 0, own = 0, shared = 0;

    for (int i = 0; i < PAIRS; i++) {
        made += mmap (p + 2 * i * 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + 2 * i * 4096;
        p[2 * i * 4096] = p[(2 * i + 1) * 4096] = 'p';
    }
    is ("shared and private by turns", made == PAIRS);
    if (fork () == 0) {
        for (int i = 0; i < 2 * PAIRS; i++)
            p[i * 4096] = 'c';
        _exit (0);
    }
    wait (NULL);
    for (int i = 0; i < PAIRS; i++) {
        shared += p[2 * i * 4096] == 'c' && (p[2 * i * 4096] = 's') == 's';
        own += p[(2 * i + 1) * 4096] == 'p';
    }
    is ("a child's writes are seen where they shall be", shared == PAIRS && own == PAIRS);
    YES (munmap (p, 2 * PAIRS * 4096) == 0);
}

/* What a mapping puts behind the end of a file never becomes its contents. */
static void
behind_end (const char *name, off_t now, off_t later, int by_writing)
{
    int fd = open (name, O_CREAT | O_RDWR | O_TRUNC, 0644), wrong = 0;
    char *m, back[8192] = { 0 };

    ftruncate (fd, now);
    m = mmap (NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memset (m + now, 'w', 8192 - now);
    m[now - 1] = 'e';
    if (by_writing)
        pwrite (fd, "l", 1, later - 1);
    else
        ftruncate (fd, later);
    pread (fd, back, later, 0);
    for (off_t at = now; at < later - by_writing; at++)
        wrong += back[at] != 0 || m[at] != 0;
    is (name, wrong == 0 && back[now - 1] == 'e' && (!by_writing || m[later - 1] == 'l'));
    munmap (m, 8192);
    close (fd);
}

int
main (void)
{
    memory ();
    holes ();
    many ();
    alternating ();
    behind_end ("behind-by-truncation", 4196, 8192, 0);
    behind_end ("behind-by-a-little", 4196, 4400, 0);
    behind_end ("behind-by-a-write", 4196, 8192, 1);
    behind_end ("behind-by-a-near-write", 4196, 4300, 1);
    zeroes ();
    kept ();
    return done ();
}
