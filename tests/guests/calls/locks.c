/* locks: of a thread or a process that ends while it has them: the list that it keeps for this
 * in its own memory (set_robust_list) says which. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "guests/case.h"

struct element {
    struct element *next;
    uint32_t lock;
};

struct head {
    struct element *first;
    long offset;
    struct element *pending;
};

static pthread_mutex_t *shared;

static void
robust_mutex (pthread_mutex_t *mutex, int pshared)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init (&attributes);
    pthread_mutexattr_setrobust (&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared (&attributes, pshared);
    pthread_mutex_init (mutex, &attributes);
}

static void *
lock_and_go (void *mutex)
{
    return (void *)(long)pthread_mutex_lock (mutex);
}

/* One who waits for the lock of a process that ends. */
static void *
lock_of_dead (void *argument)
{
    long result = pthread_mutex_lock (shared);

    (void)argument;
    pthread_mutex_consistent (shared);
    pthread_mutex_unlock (shared);
    return (void *)result;
}

static void
by_the_library (void)
{
    pthread_mutex_t mutex;
    pthread_t thread;
    void *result;
    int p[2];
    char c;

    robust_mutex (&mutex, PTHREAD_PROCESS_PRIVATE);
    pthread_create (&thread, NULL, lock_and_go, &mutex);
    pthread_join (thread, &result);
    YES ((long)result == 0 && pthread_mutex_lock (&mutex) == EOWNERDEAD);
    YES (pthread_mutex_consistent (&mutex) == 0 && pthread_mutex_unlock (&mutex) == 0);
    YES (pthread_mutex_lock (&mutex) == 0 && pthread_mutex_unlock (&mutex) == 0);

    shared = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    robust_mutex (shared, PTHREAD_PROCESS_SHARED);
    YES (pipe (p) == 0);
    if (fork () == 0) {
        pthread_mutex_lock (shared);
        write (p[1], "x", 1);
        for (int i = 0; i < 20; i++)
            sched_yield ();
        _exit (0); /* with the lock */
    }
    YES (read (p[0], &c, 1) == 1);
    pthread_create (&thread, NULL, lock_of_dead, NULL);
    pthread_join (thread, &result);
    is ("who waits for a process that ends gets its lock", (long)result == EOWNERDEAD);
    wait (NULL);
    if (fork () == 0) {
        pthread_mutex_lock (shared);
        execl ("/proc/self/exe", "locks", "true", NULL);
        _exit (9);
    }
    wait (NULL);
    is ("another program has none of the old one's locks", pthread_mutex_lock (shared) == EOWNERDEAD);
    YES (pthread_mutex_unlock (shared) == 0);
    is ("a lock that nobody put right is lost", pthread_mutex_lock (shared) == ENOTRECOVERABLE);
}

static struct head *head;
static struct element *elements;

/* A list of our own making: the memory is shared with who looks at it afterwards. */
static void
end_with (long offset, unsigned count, int ring)
{
    uint32_t tid = (uint32_t)syscall (SYS_gettid);

    head->offset = offset;
    for (unsigned i = 0; i < count; i++) {
        elements[i].next = i + 1 < count ? &elements[i + 1]
                           : ring        ? &elements[0]
                                         : (struct element *)(void *)head;
        elements[i].lock = tid | (i == 1 ? FUTEX_WAITERS : 0);
    }
    head->first = count != 0 ? &elements[0] : (struct element *)(void *)head;
    syscall (SYS_set_robust_list, head, sizeof *head);
    _exit (0);
}

/* In a child that ends with such a list. */
#define ENDS(...)                                                             \
    do {                                                                      \
        if (fork () == 0)                                                     \
            end_with (__VA_ARGS__);                                           \
        wait (NULL);                                                          \
    } while (0)

static void
by_hand (void)
{
    const long offset = (long)offsetof (struct element, lock);
    struct head *had;
    size_t bytes = 0;

    head     = mmap (NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    elements = (struct element *)(head + 1);
    FAILS (syscall (SYS_set_robust_list, head, 23), EINVAL);
    YES (syscall (SYS_get_robust_list, 0, &had, &bytes) == 0 && bytes == 24 && had != NULL);
    FAILS (syscall (SYS_get_robust_list, 0, (void *)8, &bytes), EFAULT);
    FAILS (syscall (SYS_get_robust_list, 999999, &had, &bytes), ESRCH);
    ENDS (offset, 3, 0);
    YES (elements[0].lock == FUTEX_OWNER_DIED && elements[2].lock == FUTEX_OWNER_DIED);
    is ("that others wait is not forgotten", elements[1].lock == (FUTEX_OWNER_DIED | FUTEX_WAITERS));
    ENDS (offset, 0, 0);
    is ("an empty list", elements[0].lock == FUTEX_OWNER_DIED);
    ENDS (offset, 3, 1);
    is ("a list without an end comes to one", elements[2].lock == FUTEX_OWNER_DIED);
    ENDS (offset + 2, 2, 0);
    is ("a lock at an odd address is left alone", (elements[0].lock & FUTEX_OWNER_DIED) == 0);
    head->pending = &elements[5];
    if (fork () == 0) {
        elements[5].lock = (uint32_t)getpid ();
        end_with (offset, 1, 0);
    }
    wait (NULL);
    is ("one that was just being taken counts", elements[5].lock == FUTEX_OWNER_DIED);
    head->pending    = NULL;
    elements[0].lock = 12345;
    if (fork () == 0) {
        head->first = (struct element *)8;
        syscall (SYS_set_robust_list, head, sizeof *head);
        _exit (0);
    }
    wait (NULL);
    if (fork () == 0) {
        syscall (SYS_set_robust_list, (void *)8, sizeof *head);
        _exit (0);
    }
    wait (NULL);
    is ("a list that is nowhere harms nobody", elements[0].lock == 12345);
}

int
main (int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 0;
    by_the_library ();
    by_hand ();
    return done ();
}
