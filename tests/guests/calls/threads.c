/* threads: of one process: what they share and what each has, how they wait for each other,
 * and how they end. Nothing here depends on who runs first. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guests/case.h"

#define THREADS 8

static const char *program;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static long counter;
static int turn;
static __thread int own = 7;

static void *
count (void *argument)
{
    own = (int)(long)argument;
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock (&lock);
        counter++;
        if (i % 100 == 0)
            sched_yield ();
        pthread_mutex_unlock (&lock);
    }
    return (void *)(long)own;
}

static void *
ping (void *argument)
{
    int mine = (int)(long)argument;

    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock (&lock);
        while (turn % 2 != mine)
            pthread_cond_wait (&turned, &lock);
        turn++;
        pthread_cond_broadcast (&turned);
        pthread_mutex_unlock (&lock);
    }
    return NULL;
}

/* Registers of the floating point are each thread's own. */
static void *
add_up (void *argument)
{
    volatile double step = (double)(long)argument;
    double sum           = 0;

    for (int i = 0; i < 2000; i++) {
        sum += step;
        if (i % 50 == 0)
            sched_yield ();
    }
    return (void *)(long)sum;
}

static void *
meet (void *argument)
{
    (void)argument;
    for (int i = 0; i < 20; i++)
        pthread_barrier_wait (&barrier);
    return NULL;
}

static void *
tid_of (void *argument)
{
    (void)argument;
    return (void *)syscall (SYS_gettid);
}

static void
sharing (void)
{
    pthread_t threads[THREADS];
    void *result;
    long sum = 0;

    for (long i = 0; i < THREADS; i++)
        pthread_create (&threads[i], NULL, count, (void *)i);
    for (int i = 0; i < THREADS; i++) {
        pthread_join (threads[i], &result);
        sum += (long)result;
    }
    is ("a mutex lets one in", counter == 1000 * THREADS);
    is ("each has its own thread-local variables", sum == 28 && own == 7);
    pthread_create (&threads[0], NULL, ping, (void *)0);
    pthread_create (&threads[1], NULL, ping, (void *)1);
    is ("join", pthread_join (threads[0], NULL) == 0 && pthread_join (threads[1], NULL) == 0);
    is ("they take turns by a condition variable", turn == 400);
    for (long i = 0; i < THREADS; i++)
        pthread_create (&threads[i], NULL, add_up, (void *)(i + 1));
    sum = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join (threads[i], &result);
        sum += (long)result;
    }
    is ("each has its own floating-point registers", sum == 2000 * 36);
    pthread_barrier_init (&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        pthread_create (&threads[i], NULL, meet, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join (threads[i], NULL);
    is ("they meet at a barrier", 1);
    pthread_create (&threads[0], NULL, tid_of, NULL);
    pthread_join (threads[0], &result);
    is ("a thread's number is its own", (long)result > 0 && (long)result != getpid ());
    is ("the first one's is the process's", syscall (SYS_gettid) == getpid ());
}

static void *
open_file (void *argument)
{
    return (void *)(long)open (argument, O_RDONLY);
}

static void *
change_folder (void *argument)
{
    return (void *)(long)chdir (argument);
}

static void *
walk (void *argument)
{
    int dir = open ("t", O_RDONLY | O_DIRECTORY), bad = 0;

    (void)argument;
    for (int i = 0; i < 50; i++) {
        struct stat st;

        bad += fstatat (dir, "inside", &st, 0) != 0;
        bad += stat ("t/inside", &st) != 0;
    }
    close (dir);
    return (void *)(long)bad;
}

static void
files (void)
{
    pthread_t threads[4];
    char where[256];
    void *result;
    long bad = 0;

    mkdir ("t", 0755);
    make ("t/inside", "x");
    pthread_create (&threads[0], NULL, open_file, "t/inside");
    pthread_join (threads[0], &result);
    is ("descriptors are shared", (long)result >= 0 && close ((int)(long)result) == 0);
    for (int i = 0; i < 4; i++)
        pthread_create (&threads[i], NULL, walk, NULL);
    for (int i = 0; i < 4; i++) {
        pthread_join (threads[i], &result);
        bad += (long)result;
    }
    is ("paths of several at once do not mix", bad == 0);
    pthread_create (&threads[0], NULL, change_folder, "t");
    pthread_join (threads[0], &result);
    is ("the working directory is shared",
        getcwd (where, sizeof where) != NULL && strcmp (where + strlen (where) - 2, "/t") == 0);
    chdir ("..");
}

static volatile sig_atomic_t handled_by;

static void
note (int signal)
{
    (void)signal;
    handled_by = (sig_atomic_t)syscall (SYS_gettid);
}

static sem_t begun, go_on;

static void *
wait_for_signal (void *argument)
{
    (void)argument;
    sem_post (&begun);
    while (sem_wait (&go_on) != 0)
        ;
    return (void *)syscall (SYS_gettid);
}

static void
signals (void)
{
    struct sigaction action = { .sa_handler = note };
    pthread_t thread;
    sigset_t set, old;
    void *tid;

    sigaction (SIGUSR1, &action, NULL);
    sem_init (&begun, 0, 0);
    sem_init (&go_on, 0, 0);
    pthread_create (&thread, NULL, wait_for_signal, NULL);
    sem_wait (&begun);
    is ("pthread_kill", pthread_kill (thread, SIGUSR1) == 0);
    while (handled_by == 0)
        sched_yield ();
    sem_post (&go_on);
    pthread_join (thread, &tid);
    is ("a signal to one is handled by that one", handled_by == (long)tid);
    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    handled_by = 0;
    pthread_create (&thread, NULL, wait_for_signal, NULL);
    sem_wait (&begun);
    pthread_sigmask (SIG_BLOCK, &set, &old);
    kill (getpid (), SIGUSR1);
    while (handled_by == 0)
        sched_yield ();
    pthread_sigmask (SIG_SETMASK, &old, NULL);
    sem_post (&go_on);
    pthread_join (thread, &tid);
    is ("one to the process by a thread that does not block it", handled_by == (long)tid);
    is ("tgkill ESRCH", syscall (SYS_tgkill, getpid (), 999999, SIGUSR1) == -1 && errno == ESRCH);
    is ("tgkill EINVAL", syscall (SYS_tgkill, getpid (), -1, SIGUSR1) == -1 && errno == EINVAL);
}

static void
futexes (void)
{
    struct timespec short_while = { 0, 1000000 };
    int word = 5;

    is ("futex EAGAIN", syscall (SYS_futex, &word, 0, 4, NULL) == -1 && errno == EAGAIN);
    is ("futex ETIMEDOUT",
        syscall (SYS_futex, &word, 0, 5, &short_while) == -1 && errno == ETIMEDOUT);
    is ("futex wakes nobody", syscall (SYS_futex, &word, 1, 1) == 0);
    is ("futex EINVAL", syscall (SYS_futex, (char *)&word + 1, 1, 1) == -1 && errno == EINVAL);
    is ("futex EFAULT", syscall (SYS_futex, 4096, 0, 5, NULL) == -1 && errno == EFAULT);
    is ("futex ENOSYS", syscall (SYS_futex, &word, 99, 1) == -1 && errno == ENOSYS);
    int *shared = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork () == 0) {
        while (*shared == 0)
            syscall (SYS_futex, shared, 0, 0, NULL);
        *shared = 2;
        syscall (SYS_futex, shared, 1, 1);
        _exit (0);
    }
    *shared = 1;
    syscall (SYS_futex, shared, 1, 1);
    while (*shared == 1)
        syscall (SYS_futex, shared, 0, 1, NULL);
    wait (NULL);
    is ("a futex of two processes", *shared == 2);
}

static void *
end_process (void *argument)
{
    _exit ((int)(long)argument);
}

static void *
crash (void *argument)
{
    *(volatile int *)argument = 1;
    return NULL;
}

static void *
wait_for_ever (void *argument)
{
    for (;;)
        pause ();
    return argument;
}

static void *
write_later (void *argument)
{
    sched_yield ();
    make (argument, "written");
    return NULL;
}

static void *
fork_one (void *argument)
{
    pid_t child = fork ();
    int status;

    if (child == 0)
        _exit (syscall (SYS_gettid) == getpid () ? (int)(long)argument : 99);
    waitpid (child, &status, 0);
    return (void *)(long)WEXITSTATUS (status);
}

/* A child with threads, made by `how`: the status that wait tells. */
static int
in_child (void *(*first) (void *), void *argument, void (*then) (void))
{
    pthread_t thread;
    int status;

    if (fork () == 0) {
        pthread_create (&thread, NULL, wait_for_ever, NULL);
        pthread_create (&thread, NULL, first, argument);
        then ();
    }
    wait (&status);
    return status;
}

static void
wait_here (void)
{
    for (;;)
        pause ();
}

static void
exec_true (void)
{
    execl ("/proc/self/exe", "threads", "true", NULL);
    _exit (9);
}

/* As the thread that it is: its program shall be the process's first and only thread. */
static void *
exec_as (void *argument)
{
    char pid[16];

    snprintf (pid, sizeof pid, "%d", getpid ());
    execl (program, "threads", argument, pid, NULL);
    _exit (9);
}

static void
exec_alone (void)
{
    exec_as ("alone");
}

static void *
exec_nothing (void *argument)
{
    (void)argument;
    _exit (execl ("/no/such/program", "none", NULL) == -1 && errno == ENOENT ? 0 : 9);
}

static void
leave (void)
{
    pthread_exit (NULL);
}

/* Without the library, which counts threads and ends the process with the last one. */
static void
leave_bare (void)
{
    for (;;)
        syscall (SYS_exit, 3);
}

static void *
leave_bare_later (void *argument)
{
    for (int i = 0; i < 20; i++)
        sched_yield ();
    syscall (SYS_exit, 4);
    return argument;
}

static void
ends (void)
{
    pthread_t thread;
    void *result;
    pid_t child;
    int status;

    status = in_child (end_process, (void *)5, wait_here);
    is ("any of them ends the process", WIFEXITED (status) && WEXITSTATUS (status) == 5);
    status = in_child (crash, (void *)16, wait_here);
    is ("a fault of one kills all", WIFSIGNALED (status) && WTERMSIG (status) == SIGSEGV);
    status = in_child (wait_for_ever, NULL, exec_true);
    is ("exec of the first ends the others", WIFEXITED (status) && WEXITSTATUS (status) == 0);
    status = in_child (exec_as, "alone", wait_here);
    is ("exec of another one ends the first, whose number it gets", WIFEXITED (status) && WEXITSTATUS (status) == 0);
    status = 0;
    for (int i = 0; i < 20 && status == 0; i++)
        status = in_child (exec_as, "alone", exec_alone);
    is ("of two that do it at once one does", WIFEXITED (status) && WEXITSTATUS (status) == 0);
    status = in_child (exec_as, "alone", leave);
    is ("even when the first has gone before", WIFEXITED (status) && WEXITSTATUS (status) == 0);
    status = in_child (exec_nothing, NULL, wait_here);
    is ("exec of what is not there ends nobody", WIFEXITED (status) && WEXITSTATUS (status) == 0);
    unlink ("ready");
    child = fork ();
    if (child == 0) {
        pthread_create (&thread, NULL, exec_as, "wait");
        wait_here ();
    }
    while (access ("ready", F_OK) != 0)
        sched_yield ();
    kill (child, SIGUSR2);
    wait (&status);
    is ("the signals of others still reach it", WIFSIGNALED (status) && WTERMSIG (status) == SIGUSR2);
    if (fork () == 0) {
        pthread_create (&thread, NULL, leave_bare_later, NULL);
        leave_bare ();
    }
    wait (&status);
    is ("the last one's end is the process's", WIFEXITED (status));
    unlink ("later");
    if (fork () == 0) {
        pthread_create (&thread, NULL, write_later, "later");
        leave ();
    }
    wait (&status);
    is ("the first may go before the others", status == 0 && access ("later", F_OK) == 0);
    pthread_create (&thread, NULL, fork_one, (void *)6);
    pthread_join (thread, &result);
    is ("a thread makes a process, which is one alone", (long)result == 6);
}

static void *
timed (void *argument)
{
    struct timespec when;

    clock_gettime (CLOCK_REALTIME, &when);
    when.tv_nsec += 2000000;
    if (when.tv_nsec >= 1000000000) {
        when.tv_sec++;
        when.tv_nsec -= 1000000000;
    }
    (void)argument;
    return (void *)(long)(sem_timedwait (&go_on, &when) == -1 && errno == ETIMEDOUT);
}

/* What comes in place of this program; argv[2]: the number that it must have. */
static int
other_program (int argc, char **argv)
{
    if (argc < 3)
        return strcmp (argv[1], "true") != 0;
    if (getpid () != atoi (argv[2]) || syscall (SYS_gettid) != getpid ())
        return 1;
    if (strcmp (argv[1], "wait") != 0)
        return 0;
    make ("ready", "");
    for (;;)
        pause ();
}

int
main (int argc, char **argv)
{
    pthread_t thread;
    void *result;

    program = argv[0];
    if (argc > 1)
        return other_program (argc, argv);
    sharing ();
    files ();
    signals ();
    futexes ();
    pthread_create (&thread, NULL, timed, NULL);
    pthread_join (thread, &result);
    is ("a timed wait ends", (long)result == 1);
    ends ();
    return done ();
}
