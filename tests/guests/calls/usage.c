/* usage: what is told of what processes and threads have used. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

#include "guests/case.h"

#define PAGES 700

static long
ns_of (struct timeval user, struct timeval system)
{
    return (user.tv_sec + system.tv_sec) * 1000000000l + (user.tv_usec + system.tv_usec) * 1000l;
}

static struct rusage
used (int who)
{
    struct rusage usage;

    memset (&usage, 0xff, sizeof usage);
    getrusage (who, &usage);
    return usage;
}

static long
time_of (int who)
{
    struct rusage usage = used (who);

    return ns_of (usage.ru_utime, usage.ru_stime);
}

/* Uses so much of its processor time. */
static void
spend (long ms)
{
    struct timespec start, now;

    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &start);
    do {
        for (int i = 0; i < 100; i++)
            getppid ();
        clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
    } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < ms);
}

/* Page by page. */
static void
touch (void)
{
    char *memory = mmap (NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    madvise (memory, PAGES * 4096, MADV_NOHUGEPAGE);
    for (int i = PAGES; i-- > 0;)
        memory[i * 4096] = 1;
    munmap (memory, PAGES * 4096);
}

static void
self (void)
{
    struct rusage before = used (RUSAGE_SELF), after;
    long time = time_of (RUSAGE_SELF);

    YES (before.ru_maxrss > 0 && before.ru_minflt > 0 && before.ru_majflt >= 0);
    touch ();
    after = used (RUSAGE_SELF);
    YES (after.ru_minflt - before.ru_minflt >= PAGES / 2 && after.ru_minflt - before.ru_minflt < PAGES + 100);
    YES (after.ru_maxrss >= before.ru_maxrss && after.ru_maxrss >= PAGES * 4);
    YES (used (RUSAGE_SELF).ru_maxrss >= after.ru_maxrss);
    spend (20);
    YES (time_of (RUSAGE_SELF) - time >= 19000000l);
    FAILS (syscall (SYS_getrusage, 7, &after), EINVAL);
    FAILS (syscall (SYS_getrusage, -2, &after), EINVAL);
    FAILS (syscall (SYS_getrusage, RUSAGE_SELF, 8), EFAULT);
}

static void *
other (void *mine)
{
    spend (30);
    touch ();
    *(struct rusage *)mine = used (RUSAGE_THREAD);
    return NULL;
}

static void
threads (void)
{
    struct rusage own = used (RUSAGE_THREAD), theirs = { 0 }, all = used (RUSAGE_SELF);
    struct timespec cpu;
    pthread_t thread;
    long time, whole = time_of (RUSAGE_SELF);

    YES (pthread_create (&thread, NULL, other, &theirs) == 0 && pthread_join (thread, NULL) == 0);
    time = ns_of (theirs.ru_utime, theirs.ru_stime);
    YES (time >= 25000000l && time <= time_of (RUSAGE_SELF) - whole + 10000000l);
    YES (time_of (RUSAGE_THREAD) - ns_of (own.ru_utime, own.ru_stime) < 20000000l);
    YES (theirs.ru_minflt >= PAGES / 2 && used (RUSAGE_THREAD).ru_minflt - own.ru_minflt < PAGES / 2);
    YES (used (RUSAGE_SELF).ru_minflt - all.ru_minflt >= PAGES / 2);
    YES (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu) == 0);
    YES (cpu.tv_sec * 1000000000l + cpu.tv_nsec <= time_of (RUSAGE_SELF) - 25000000l);
}

/* What has ended and was waited for counts, with what that waited for. */
static void
children (void)
{
    struct rusage usage, none = used (RUSAGE_CHILDREN);
    struct tms before, after;
    siginfo_t info;
    int status;
    pid_t child;

    YES (time_of (RUSAGE_CHILDREN) == 0 && none.ru_maxrss == 0 && none.ru_minflt == 0);
    times (&before);
    child = fork ();
    if (child == 0) {
        child = fork ();
        if (child == 0) {
            touch ();
            spend (40);
            _exit (0);
        }
        waitpid (child, NULL, 0);
        spend (30);
        _exit (time_of (RUSAGE_CHILDREN) < 38000000l);
    }
    YES (waitid (P_PID, child, &info, WEXITED | WNOWAIT) == 0 && time_of (RUSAGE_CHILDREN) == 0);
    YES (wait4 (child, &status, 0, &usage) == child && status == 0);
    YES (ns_of (usage.ru_utime, usage.ru_stime) >= 65000000l && usage.ru_minflt >= PAGES / 2 && usage.ru_maxrss >= PAGES * 4);
    YES (time_of (RUSAGE_CHILDREN) >= 65000000l && time_of (RUSAGE_CHILDREN) == ns_of (usage.ru_utime, usage.ru_stime));
    YES (used (RUSAGE_CHILDREN).ru_minflt == usage.ru_minflt && used (RUSAGE_CHILDREN).ru_maxrss == usage.ru_maxrss);
    YES (times (&after) != -1 && after.tms_cutime + after.tms_cstime - before.tms_cutime - before.tms_cstime >= 5);
    FAILS (syscall (SYS_wait4, -1, NULL, 0, &usage), ECHILD);
    child = fork ();
    if (child == 0)
        _exit (3);
    YES (syscall (SYS_waitid, P_PID, child, NULL, WEXITED, &usage) == 0 && usage.ru_maxrss > 0);
}

/* Over another program of the same process; a vfork's child has none of its parent's. */
static void
kept (const char *program)
{
    int status;
    pid_t child = fork ();

    if (child == 0) {
        touch ();
        execl (program, program, "tell", NULL);
        _exit (1);
    }
    YES (waitpid (child, &status, 0) == child && status == 0);
}

int
main (int argc, char **argv)
{
    if (argc == 2)
        return used (RUSAGE_SELF).ru_minflt < PAGES / 2 || used (RUSAGE_SELF).ru_maxrss < PAGES * 4;
    apart (children); /* whoever started this may have had some already */
    self ();
    threads ();
    kept ("/proc/self/exe");
    return done ();
}
