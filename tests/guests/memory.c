/* memory: what a program may expect of its memory. `memory WHAT...` prints a line for each that
 * holds; it does the same on the host. Files are made in the current folder. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static const char *now;

#define HOLDS(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            printf ("%s: line %d: " #condition " (errno %d)\n", now, __LINE__, errno); \
            fflush (stdout);                                                          \
            exit (1);                                                                 \
        }                                                                             \
    } while (0)

static char *
map (size_t bytes, int access, int flags, int fd, off_t offset)
{
    char *at = mmap (NULL, bytes, access, flags, fd, offset);

    return at == MAP_FAILED ? NULL : at;
}

static int
child_of (void (*body) (char *), char *argument)
{
    int status;
    pid_t pid = fork ();

    HOLDS (pid >= 0);
    if (pid == 0) {
        body (argument);
        fflush (stdout);
        _exit (0);
    }
    HOLDS (waitpid (pid, &status, 0) == pid);
    return status;
}

static sigjmp_buf back;

static void
caught (int signal)
{
    siglongjmp (back, signal);
}

/* The signal that a touch brings; 0: none. */
static int
touch (volatile char *at, int write)
{
    static int signal;

    signal = sigsetjmp (back, 1);
    if (signal == 0) {
        if (write)
            *at = 1;
        else
            (void)*at;
    }
    return signal;
}

static int
file (const char *name, size_t bytes, char fill)
{
    int fd = open (name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    char page[PAGE];

    HOLDS (fd >= 0);
    memset (page, fill, sizeof page);
    for (size_t at = 0; at < bytes; at += sizeof page)
        HOLDS (write (fd, page, bytes - at < PAGE ? bytes - at : PAGE) > 0);
    return fd;
}

/* ---- fork ---- */

static char *pages;

static void
writes (char *mark)
{
    for (int i = 0; i < 64; i++) {
        HOLDS (pages[i * PAGE] == (char)i);
        pages[i * PAGE] = *mark;
    }
}

static void
fork_copies (void)
{
    char mark[] = { 'a', 'b', 'c' };

    pages = map (64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    HOLDS (pages != NULL);
    for (int i = 0; i < 64; i++)
        pages[i * PAGE] = (char)i;
    for (int i = 0; i < 3; i++)
        HOLDS (child_of (writes, &mark[i]) == 0);
    for (int i = 0; i < 64; i++)
        HOLDS (pages[i * PAGE] == (char)i);
    munmap (pages, 64 * PAGE);
}

static void
raises (char *shared)
{
    for (int i = 0; i < 8; i++)
        shared[i * PAGE]++;
}

static void
fork_shares (void)
{
    char *shared = map (8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    HOLDS (shared != NULL);
    shared[0] = 5;
    for (int i = 0; i < 3; i++)
        HOLDS (child_of (raises, shared) == 0);
    HOLDS (shared[0] == 8);
    for (int i = 1; i < 8; i++)
        HOLDS (shared[i * PAGE] == 3);
    munmap (shared, 8 * PAGE);
}

/* ---- files ---- */

static void
coherence (void)
{
    int fd = file ("coherence", 3 * PAGE + 100, 'x'), other = open ("coherence", O_RDWR);
    char *a = map (4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *b = map (2 * PAGE, PROT_READ, MAP_SHARED, other, PAGE);
    char *c = map (PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
    char byte[4];

    HOLDS (a != NULL && b != NULL && c != NULL);
    HOLDS (a[0] == 'x' && b[0] == 'x' && c[0] == 'x');
    HOLDS (a[3 * PAGE + 99] == 'x' && a[3 * PAGE + 100] == 0 && a[4 * PAGE - 1] == 0);
    a[PAGE] = 'm'; /* a write through memory is seen by read, and by the other mapping */
    HOLDS (pread (other, byte, 1, PAGE) == 1 && byte[0] == 'm' && b[0] == 'm');
    HOLDS (pwrite (other, "w", 1, PAGE + 1) == 1); /* and the other way round */
    HOLDS (a[PAGE] == 'm' && a[PAGE + 1] == 'w' && b[1] == 'w');
    a[PAGE + 2] = 'n'; /* what is written here does not spoil what is written there */
    HOLDS (pwrite (fd, "v", 1, PAGE + 3) == 1);
    HOLDS (pread (fd, byte, 4, PAGE) == 4 && memcmp (byte, "mwnv", 4) == 0);
    HOLDS (memcmp (b, "mwnv", 4) == 0);
    c[5] = 'p'; /* a private mapping keeps its own to itself */
    HOLDS (pread (fd, byte, 1, PAGE + 5) == 1 && byte[0] == 'x' && a[PAGE + 5] == 'x');
    a[2 * PAGE + 7] = 'l';
    HOLDS (munmap (a, 4 * PAGE) == 0 && munmap (b, 2 * PAGE) == 0);
    HOLDS (munmap (c, PAGE) == 0 && close (fd) == 0);
    HOLDS (pread (other, byte, 1, 2 * PAGE + 7) == 1 && byte[0] == 'l');
    HOLDS (lseek (other, 0, SEEK_END) == 3 * PAGE + 100);
    close (other);
}

static void
write_one (char *shared)
{
    shared[10] = 'k';
}

static void
file_shared_by_fork (void)
{
    int fd = file ("forked", PAGE, '.');
    char *a = map (PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char byte;

    HOLDS (a != NULL && child_of (write_one, a) == 0);
    HOLDS (a[10] == 'k' && pread (fd, &byte, 1, 10) == 1 && byte == 'k');
    munmap (a, PAGE);
    close (fd);
}

static void
truncated (void)
{
    int fd = file ("truncated", 3 * PAGE, 't');
    char *a = map (3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char byte;

    HOLDS (a != NULL && a[0] == 't' && a[PAGE + 60] == 't' && a[2 * PAGE] == 't');
    a[PAGE + 10] = 'k';
    HOLDS (ftruncate (fd, PAGE + 50) == 0);
    HOLDS (touch (a + 2 * PAGE, 0) == SIGBUS && touch (a + 2 * PAGE, 1) == SIGBUS);
    HOLDS (a[PAGE + 49] == 't' && a[PAGE + 10] == 'k' && a[PAGE + 60] == 0);
    HOLDS (ftruncate (fd, 3 * PAGE) == 0);
    HOLDS (a[PAGE + 60] == 0 && a[2 * PAGE] == 0);
    HOLDS (pread (fd, &byte, 1, PAGE + 10) == 1 && byte == 'k');
    munmap (a, 3 * PAGE);
    close (fd);
}

static void
truncated_privately (void)
{
    int fd  = file ("cut", 3 * PAGE, 'p');
    char *a = map (3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *b = map (PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 2 * PAGE);

    HOLDS (a != NULL && b != NULL);
    a[10] = a[PAGE + 10] = a[2 * PAGE + 10] = b[10] = 'q';
    HOLDS (ftruncate (fd, PAGE + 50) == 0);
    HOLDS (a[10] == 'q' && a[PAGE + 10] == 'q');
    HOLDS (touch (a + 2 * PAGE + 10, 0) == SIGBUS && touch (b + 10, 1) == SIGBUS);
    HOLDS (ftruncate (fd, 3 * PAGE) == 0);
    HOLDS (a[2 * PAGE + 10] == 0 && b[10] == 0 && a[PAGE + 10] == 'q');
    munmap (a, 3 * PAGE);
    munmap (b, PAGE);
    close (fd);
}

static void
access_to_files (void)
{
    int fd = file ("rights", PAGE, 'r'), reads = open ("rights", O_RDONLY);
    int writes_only = open ("rights", O_WRONLY), ends[2];
    char *a;

    HOLDS (map (PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reads, 0) == NULL && errno == EACCES);
    HOLDS (map (PAGE, PROT_READ, MAP_PRIVATE, writes_only, 0) == NULL && errno == EACCES);
    HOLDS (map (PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == NULL && errno == EBADF);
    HOLDS (pipe (ends) == 0);
    HOLDS (map (PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0) == NULL && errno == ENODEV);
    HOLDS (map (PAGE, PROT_READ, MAP_PRIVATE, fd, 100) == NULL && errno == EINVAL);
    HOLDS (map (0, PROT_READ, MAP_PRIVATE, fd, 0) == NULL && errno == EINVAL);
    a = map (PAGE, PROT_READ, MAP_SHARED, reads, 0);
    HOLDS (a != NULL && a[0] == 'r' && touch (a, 1) == SIGSEGV);
    HOLDS (mprotect (a, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
    munmap (a, PAGE);
    a = map (PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reads, 0);
    HOLDS (a != NULL && touch (a, 1) == 0 && a[0] == 1);
    munmap (a, PAGE);
    HOLDS (unlink ("rights") == 0);
    a = map (PAGE, PROT_READ, MAP_SHARED, reads, 0);
    close (fd), close (reads), close (writes_only), close (ends[0]), close (ends[1]);
    HOLDS (a != NULL && a[0] == 'r' && touch (a + PAGE - 1, 0) == 0);
    munmap (a, PAGE);
}

static void
synced (void)
{
    int fd = file ("synced", 2 * PAGE, 's');
    char *a = map (2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), byte;

    HOLDS (a != NULL);
    a[PAGE] = 'y';
    HOLDS (msync (a, 2 * PAGE, MS_SYNC) == 0 && msync (a, PAGE, MS_ASYNC) == 0);
    HOLDS (msync (a, PAGE, MS_SYNC | MS_ASYNC) == -1 && errno == EINVAL);
    HOLDS (msync (a + 1, PAGE, MS_SYNC) == -1 && errno == EINVAL);
    HOLDS (pread (fd, &byte, 1, PAGE) == 1 && byte == 'y');
    a[PAGE] = 'z';
    HOLDS (pread (fd, &byte, 1, PAGE) == 1 && byte == 'z');
    munmap (a, 2 * PAGE);
    HOLDS (msync (a, PAGE, MS_SYNC) == -1 && errno == ENOMEM);
    close (fd);
}

/* ---- changing mappings ---- */

static void
moved (void)
{
    char *a = map (4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *b;
    int fd  = file ("moved", 4 * PAGE, 'f');
    char *hole;

    HOLDS (a != NULL);
    for (int i = 0; i < 4; i++)
        a[i * PAGE] = (char)('0' + i);
    b = mremap (a, 4 * PAGE, 40 * PAGE, MREMAP_MAYMOVE);
    HOLDS (b != MAP_FAILED);
    for (int i = 0; i < 4; i++)
        HOLDS (b[i * PAGE] == '0' + i);
    HOLDS (b[39 * PAGE] == 0);
    b[39 * PAGE] = 'e';
    HOLDS (mremap (b, 40 * PAGE, 2 * PAGE, 0) == b && b[PAGE] == '1');
    HOLDS (touch (b + 2 * PAGE, 0) == SIGSEGV);
    hole = map (8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    HOLDS (mremap (b, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, hole) == hole);
    HOLDS (hole[0] == '0' && hole[PAGE] == '1' && touch (b, 0) == SIGSEGV);
    HOLDS (touch (hole + 3 * PAGE, 0) == SIGSEGV);
    HOLDS (mremap (hole, PAGE, PAGE, MREMAP_FIXED, a) == MAP_FAILED && errno == EINVAL);
    HOLDS (mremap (hole, 0, PAGE, 0) == MAP_FAILED);
    munmap (hole, 8 * PAGE);
    HOLDS (mremap (hole, PAGE, PAGE, 0) == MAP_FAILED && errno == EFAULT);
    a = map (2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
    HOLDS (a != NULL && a[0] == 'f');
    a[5] = 'g';
    hole = map (PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    b = mremap (a, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    HOLDS (b != MAP_FAILED && b[5] == 'g' && b[2 * PAGE] == 'f');
    HOLDS (pwrite (fd, "h", 1, PAGE + 6) == 1 && b[6] == 'h');
    munmap (b, 3 * PAGE);
    munmap (hole, PAGE);
    close (fd);
}

static void
moved_after_fork (char *a)
{
    char *b = mremap (a, 4 * PAGE, 400 * PAGE, MREMAP_MAYMOVE);

    HOLDS (b != MAP_FAILED && b[0] == 'o' && b[3 * PAGE] == 'q');
    b[0] = 'c';
    HOLDS (b[0] == 'c');
}

static void
moves_of_copies (void)
{
    char *a = map (4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    a[0] = 'o';
    a[3 * PAGE] = 'q';
    HOLDS (child_of (moved_after_fork, a) == 0);
    HOLDS (a[0] == 'o' && a[3 * PAGE] == 'q');
    munmap (a, 4 * PAGE);
}

static void
forgotten (void)
{
    int fd = file ("forgotten", PAGE, 'n');
    char *a = map (3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *b = map (PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

    memset (a, 'a', 3 * PAGE);
    HOLDS (madvise (a + PAGE, PAGE, MADV_DONTNEED) == 0);
    HOLDS (a[0] == 'a' && a[PAGE] == 0 && a[2 * PAGE] == 'a');
    b[0] = 'b';
    HOLDS (madvise (b, PAGE, MADV_DONTNEED) == 0 && b[0] == 'n');
    munmap (a + PAGE, PAGE);
    HOLDS (touch (a + PAGE, 0) == SIGSEGV && a[0] == 'a' && a[2 * PAGE] == 'a');
    HOLDS (madvise (a, 3 * PAGE, MADV_DONTNEED) == -1 && errno == ENOMEM);
    munmap (a, 3 * PAGE);
    munmap (b, PAGE);
    close (fd);
}

static void
protected_pages (void)
{
    char *a = map (3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memset (a, 'a', 3 * PAGE);
    HOLDS (mprotect (a + PAGE, PAGE, PROT_READ) == 0);
    HOLDS (touch (a + PAGE, 1) == SIGSEGV && a[PAGE] == 'a' && touch (a, 1) == 0);
    HOLDS (mprotect (a + PAGE, PAGE, PROT_NONE) == 0 && touch (a + PAGE, 0) == SIGSEGV);
    HOLDS (mprotect (a + PAGE, PAGE, PROT_READ | PROT_WRITE) == 0 && a[PAGE] == 'a');
    munmap (a + PAGE, PAGE);
    HOLDS (mprotect (a, 3 * PAGE, PROT_READ) == -1 && errno == ENOMEM);
    munmap (a, 3 * PAGE);
}

static void
heap (void)
{
    char *first = sbrk (0), *at = sbrk (10 * PAGE);

    HOLDS (at == first && at[0] == 0);
    memset (at, 'h', 10 * PAGE);
    HOLDS (sbrk (-9 * PAGE) == first + 10 * PAGE && at[0] == 'h');
    HOLDS (sbrk (9 * PAGE) == first + PAGE && at[0] == 'h' && at[9 * PAGE] == 0);
    HOLDS (brk (first) == 0);
}

/* ---- more than there is ---- */

/* Values that nobody could guess, in so many pages; some of them change, children too. */
static uint64_t
value (uint64_t page, uint64_t round)
{
    uint64_t x = (page << 20 ^ round) * 0x9e3779b97f4a7c15u;

    return x ^ x >> 29;
}

static void
reads_all (char *argument)
{
    uint64_t *words = (uint64_t *)(void *)pages;
    uint64_t count  = strtoull (argument, NULL, 10);

    for (uint64_t i = 0; i < count; i += 3) {
        HOLDS (words[i * PAGE / 8] == value (i, i % 7 == 0 ? 2 : 1));
        words[i * PAGE / 8] = 7;
    }
}

static void
hold (const char *argument)
{
    uint64_t count = strtoull (argument, NULL, 10);
    int fd         = file ("held", 64 * PAGE, 'h');
    uint64_t *words, sum = 0;
    char *shared, byte;

    words  = (void *)(pages = map (count * PAGE, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    shared = map (64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    HOLDS (words != NULL && shared != NULL);
    for (uint64_t i = 0; i < count; i++) {
        words[i * PAGE / 8]     = value (i, 1);
        shared[i % 64 * PAGE]++;
    }
    for (uint64_t i = 0; i < count; i += 7)
        words[i * PAGE / 8] = value (i, 2);
    HOLDS (child_of (reads_all, (char *)(uintptr_t)argument) == 0);
    for (uint64_t i = 0; i < count; i++) {
        HOLDS (words[i * PAGE / 8] == value (i, i % 7 == 0 ? 2 : 1));
        HOLDS (words[i * PAGE / 8 + 1] == 0);
        sum ^= words[i * PAGE / 8] + i;
    }
    for (uint64_t i = 0; i < 64; i++) {
        uint64_t times = count / 64 + (i < count % 64);

        HOLDS (pread (fd, &byte, 1, (off_t)i * PAGE) == 1);
        HOLDS (byte == (char)('h' + times) && shared[i * PAGE] == byte);
    }
    printf ("held %llu pages, %016llx\n", (unsigned long long)count, (unsigned long long)sum);
    munmap (pages, count * PAGE);
    munmap (shared, 64 * PAGE);
    close (fd);
}

/* ---- what a child leaves behind is nothing to the next ---- */

enum { WRITTEN, FRESH, LOCKED, GONE, HELD_PAGES, BESIDE = HELD_PAGES };

static void
leaves_much (char *pages)
{
    for (int i = 0; i < HELD_PAGES; i++)
        pages[i * PAGE] = 'x';
    HOLDS (mmap (pages + BESIDE * PAGE, PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
           == pages + BESIDE * PAGE);
    pages[BESIDE * PAGE] = 'x';
    HOLDS (mprotect (pages + WRITTEN * PAGE, PAGE, PROT_READ) == 0);
}

static void
finds_its_parents (char *pages)
{
    HOLDS (pages[WRITTEN * PAGE] == 'p' && pages[FRESH * PAGE] == 0);
    HOLDS (touch (pages + WRITTEN * PAGE, 1) == 0);
    HOLDS (pages[LOCKED * PAGE] == 'p' && touch (pages + LOCKED * PAGE, 1) == SIGSEGV);
    HOLDS (touch (pages + GONE * PAGE, 0) == SIGSEGV);
    HOLDS (touch (pages + BESIDE * PAGE, 0) == SIGSEGV);
}

static void
one_after_another (void)
{
    char *much = map (64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    for (int round = 0; round < 6; round++) {
        char *pages = map ((HELD_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        HOLDS (munmap (pages + BESIDE * PAGE, PAGE) == 0);
        if (round % 3 == 2) /* much that both may write */
            memset (much, round, 64 * PAGE);
        pages[WRITTEN * PAGE] = pages[LOCKED * PAGE] = pages[GONE * PAGE] = 'o';
        HOLDS (child_of (leaves_much, pages) == 0);
        pages[WRITTEN * PAGE] = pages[LOCKED * PAGE] = 'p';
        HOLDS (mprotect (pages + LOCKED * PAGE, PAGE, PROT_READ) == 0);
        HOLDS (munmap (pages + GONE * PAGE, PAGE) == 0);
        HOLDS (child_of (finds_its_parents, pages) == 0);
        HOLDS (pages[WRITTEN * PAGE] == 'p' && pages[FRESH * PAGE] == 0);
        munmap (pages, HELD_PAGES * PAGE);
    }
    munmap (much, 64 * PAGE);
}

static const struct {
    const char *name;
    void (*run) (void);
} cases[] = {
    { "fork-copies", fork_copies },   { "fork-shares", fork_shares },
    { "coherence", coherence },       { "file-shared-by-fork", file_shared_by_fork },
    { "truncated", truncated },       { "truncated-privately", truncated_privately },
    { "access-to-files", access_to_files },
    { "synced", synced },             { "moved", moved },
    { "moves-of-copies", moves_of_copies }, { "forgotten", forgotten },
    { "protected-pages", protected_pages }, { "heap", heap },
    { "one-after-another", one_after_another },
};

int
main (int argc, char **argv)
{
    struct sigaction action = { .sa_handler = caught };

    sigaction (SIGSEGV, &action, NULL);
    sigaction (SIGBUS, &action, NULL);
    now = argc > 1 ? argv[1] : "all";
    if (argc > 2 && strcmp (argv[1], "hold") == 0) {
        hold (argv[2]);
        return 0;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (argc < 2 || strcmp (argv[1], cases[i].name) == 0) {
            now = cases[i].name;
            cases[i].run ();
            printf ("%s\n", now);
            fflush (stdout);
        }
    return 0;
}
