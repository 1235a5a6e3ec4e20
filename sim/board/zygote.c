#define _GNU_SOURCE
#include "board/zygote.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board/crash.h"
#include "device/device.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "guest/nursery.h"

/* How long a fresh domain may take to get ready; on a host that is very busy a new process has
 * been seen to wait for its first time slice for seconds. */
#define READY_MS 20000
/* And how often it is looked at whether it has died meanwhile. */
#define READY_LOOK_MS 1u

/* What the board asks for. */
struct order {
    uint32_t domain; /* or WANT_NURSERY */
    bool scratch;    /* on memory of its own */
    uint32_t number; /* the process may execute the domain once this number is admitted */
    char name[16];   /* of the domain by then */
};

#define WANT_NURSERY UINT32_MAX

struct Zygote {
    Machine *machine;
    int socket;
    pid_t process;
    uint32_t orders;
};

/* ---- a domain's process ---- */

static _Noreturn void
give_up (uint32_t domain, const char *step)
{
    struct runtime *runtime = RUNTIME (domain);

    snprintf (runtime->halt_reason, sizeof runtime->halt_reason, "%s: %s", step,
              strerror (errno));
    atomic_store (&runtime->stage, STAGE_FAILED);
    futex_wake (&runtime->stage);
    _exit (1);
}

static unsigned
descriptors_of (const Machine *machine, uint32_t domain, struct sandbox_descriptor *descriptors)
{
    unsigned count = 0;
    bool terminal  = false;

#ifdef KHIMERA_SANITIZERS
    descriptors[count++] = (struct sandbox_descriptor){ 2, 2 }; /* their reports */
#endif
    for (uint32_t i = 0; i < PLAN->device_count; i++)
        terminal |= machine->disk_number[i] < 0
                    && PLAN->components[PLAN->devices[i].driver].next == domain;
    if (terminal)
        descriptors[count++]
            = (struct sandbox_descriptor){ machine->terminal_out, DEVICE_TERMINAL_FD };
    for (uint32_t i = 0; i < PLAN->device_count; i++)
        if (machine->disk_number[i] >= 0 && machine->files[i].fd >= 0
            && PLAN->components[PLAN->devices[i].driver].next == domain)
            descriptors[count++] = (struct sandbox_descriptor){
                machine->files[i].fd, DEVICE_DISK_FD + machine->disk_number[i]
            };
    return count;
}

/* Ends with the board, from here on; one that is gone already tells nobody. */
static void
die_with (pid_t board)
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (getppid () != board)
        _exit (1);
}

/* -1: wherever the host likes. */
static void
stay_on (int cpu)
{
    cpu_set_t one;

    if (cpu < 0)
        return;
    CPU_ZERO (&one);
    CPU_SET (cpu, &one);
    sched_setaffinity (0, sizeof one, &one);
}

/* `filter`: NULL if there could be none. */
static _Noreturn void
domain_live (Machine *machine, const struct sandbox_filter *filter, const struct order *order,
             pid_t board)
{
    uint32_t domain = order->domain;
    struct sandbox_descriptor descriptors[DEVICE_MAX + 2];
    struct sandbox_setup setup = { .privileges  = machine_privileges (domain),
                                   .parent      = board,
                                   .descriptors = descriptors };
    const char *failed;
    char name[16];

    die_with (board); /* and again once it has changed its user, which undoes it */
    if (order->scratch)
        regions_use_scratch (&machine->regions);
    failed = regions_map (&machine->regions, domain);
    if (failed != NULL)
        _exit (1); /* nowhere to say why: the board sees a process that is gone */
    if (domain != DOMAIN_KERNEL)
        stay_on (machine->other_cpu);
    here = RUNTIME (domain);
    snprintf (name, sizeof name, "kh:%.12s", order->name);
    prctl (PR_SET_NAME, name);
    context_init ();
    setup.descriptor_count = descriptors_of (machine, domain, descriptors);
    failed                 = sandbox_prepare (&setup);
    if (failed != NULL)
        give_up (domain, failed);
    if (!crash_handlers_install (&here->crash))
        give_up (domain, "signal handlers");
    if (filter == NULL)
        give_up (domain, "seccomp filter");
    if (machine->sandbox && (errno = sandbox_lock (filter)) != 0)
        give_up (domain, "seccomp");
    atomic_store (&here->stage, STAGE_LOCKED);
    futex_wake (&here->stage);
    if (!order->scratch)
        channel_begin (order->number);
    dispatch_loop ();
}

/* ---- the zygote ---- */

/* The C library has asked the host's kernel to write into this thread's memory whenever it is
 * moved. Domains have no use for that and change places with every hop; and of a guest's
 * process that memory goes. */
extern const ptrdiff_t __rseq_offset __attribute__ ((weak));
extern const unsigned int __rseq_size __attribute__ ((weak));

#define RSEQ_BYTES      32u /* what it registers, whatever it says it uses */
#define RSEQ_UNREGISTER 1
#define RSEQ_SIGNATURE  0x53053053u

static bool
sequences_end (void)
{
    char *area;

    if (&__rseq_offset == NULL || __rseq_size == 0)
        return true;
    area = (char *)__builtin_thread_pointer () + __rseq_offset;
    return syscall (SYS_rseq, area, RSEQ_BYTES, RSEQ_UNREGISTER, RSEQ_SIGNATURE) == 0
           || syscall (SYS_rseq, area, __rseq_size, RSEQ_UNREGISTER, RSEQ_SIGNATURE) == 0;
}

static _Noreturn void
zygote_live (Machine *machine, int socket, pid_t board)
{
    struct order order;
    char why[128];

    /* The end of the line would tell as well, but others that the board has forked hold it too. */
    die_with (board);
    setsid (); /* the terminal's signals are for the board alone */
    prctl (PR_SET_NAME, "kh:zygote");
    stay_on (machine->cpu);
    if (!regions_map_plan (&machine->regions) || !sequences_end ())
        _exit (1);
    crash_load (); /* here, once, and not in each that is forked */
    while (read (socket, &order, sizeof order) == sizeof order) {
        const struct sandbox_filter *filter
            = order.domain != WANT_NURSERY
                  ? machine_filter (machine, order.domain, why, sizeof why)
                  : NULL;
        /* The child is the board's. fork's own handlers are not run: there are no threads. */
        pid_t child = (pid_t)syscall (SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

        if (child == 0 && order.domain == WANT_NURSERY)
            nursery_live (machine, board);
        if (child == 0)
            domain_live (machine, filter, &order, board);
        if (child < 0)
            child = -errno;
        if (write (socket, &child, sizeof child) != sizeof child)
            break;
    }
    _exit (0);
}

Zygote *
zygote_new (Machine *machine, GError **error)
{
    Zygote *zygote = g_new0 (Zygote, 1);
    pid_t board    = getpid ();
    int pair[2];

    zygote->machine = machine;
    if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        build_error_set (error, "socketpair");
        g_free (zygote);
        return NULL;
    }
    fflush (NULL);
    zygote->process = fork ();
    if (zygote->process == 0) {
        close (pair[0]);
        zygote_live (machine, pair[1], board);
    }
    close (pair[1]);
    zygote->socket = pair[0];
    if (zygote->process < 0) {
        build_error_set (error, "fork");
        zygote_free (zygote);
        return NULL;
    }
    return zygote;
}

/* Waits until the process says that it is locked; NULL, or what it did instead. */
static const char *
wait_ready (struct runtime *runtime, int pidfd)
{
    for (unsigned waited_ms = 0; waited_ms < READY_MS; waited_ms += READY_LOOK_MS) {
        uint32_t stage = atomic_load (&runtime->stage);
        siginfo_t info = { 0 };

        if (stage == STAGE_LOCKED)
            return NULL;
        if (stage == STAGE_FAILED)
            return runtime->halt_reason;
        if (waitid (P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0
            && info.si_pid != 0)
            return "it died before its sandbox was on";
        futex_wait (&runtime->stage, stage, READY_LOOK_MS * 1000000u);
    }
    return "the host does not let it run: its sandbox is not on yet";
}

static pid_t
ask (Zygote *zygote, uint32_t domain, bool scratch, const char *name, int *pidfd, GError **error)
{
    struct order order = { .domain = domain, .scratch = scratch, .number = ++zygote->orders };
    pid_t process      = -1;

    g_strlcpy (order.name, name, sizeof order.name);
    if (send (zygote->socket, &order, sizeof order, MSG_NOSIGNAL) != sizeof order
        || recv (zygote->socket, &process, sizeof process, 0) != sizeof process || process < 0) {
        errno = process < -1 ? -process : errno;
        build_error_set (error, name);
        return -1;
    }
    *pidfd = (int)syscall (SYS_pidfd_open, process, 0);
    if (*pidfd < 0) {
        build_error_set (error, "pidfd_open");
        kill (process, SIGKILL);
        waitpid (process, NULL, 0);
        return -1;
    }
    return process;
}

pid_t
zygote_fork_nursery (Zygote *zygote, int *pidfd, GError **error)
{
    return ask (zygote, WANT_NURSERY, false, "nursery", pidfd, error);
}

pid_t
zygote_fork_scratch (Zygote *zygote, uint32_t domain, int *pidfd, GError **error)
{
    return ask (zygote, domain, true, PLAN->domains[domain].name, pidfd, error);
}

pid_t
zygote_fork (Zygote *zygote, uint32_t domain, int *pidfd, GError **error)
{
    uint32_t number;
    pid_t process = zygote_prepare (zygote, domain, PLAN->domains[domain].name, pidfd, &number,
                                    error);

    if (process > 0)
        zygote_admit (domain, number);
    return process;
}

void
zygote_admit (uint32_t domain, uint32_t number)
{
    atomic_store (&RUNTIME (domain)->admitted, number);
    futex_wake (&RUNTIME (domain)->admitted);
}

/* Ends a process that did not come up; answers what had ended it already, if that was a signal. */
static int
end (pid_t process, int pidfd)
{
    siginfo_t before = { 0 };
    int signal       = 0;

    if (waitid (P_PIDFD, (id_t)pidfd, &before, WEXITED | WNOHANG | WNOWAIT) == 0
        && before.si_pid != 0 && before.si_code == CLD_KILLED)
        signal = before.si_status;
    syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    waitpid (process, NULL, 0);
    close (pidfd);
    return signal;
}

pid_t
zygote_prepare (Zygote *zygote, uint32_t domain, const char *name, int *pidfd, uint32_t *number,
                GError **error)
{
    struct runtime *runtime = RUNTIME (domain);
    pid_t process           = -1;
    const char *failed;
    char why[160];
    int signal;

    atomic_store (&runtime->stage, STAGE_NONE);
    process = ask (zygote, domain, false, name, pidfd, error);
    if (process < 0)
        return -1;
    *number = zygote->orders;
    failed  = wait_ready (runtime, *pidfd);
    if (failed == NULL
        && (!zygote->machine->sandbox || sandbox_verify (process, why, sizeof why)))
        return process;
    if (failed != NULL)
        g_strlcpy (why, failed, sizeof why);
    signal = end (process, *pidfd);
    g_set_error (error, BUILD_ERROR, signal == SIGKILL ? ZYGOTE_KILLED : 0,
                 "%s: no sandbox, so no domain: %s", name, why);
    return -1;
}

void
zygote_free (Zygote *zygote)
{
    if (zygote->process > 0) {
        kill (zygote->process, SIGKILL);
        waitpid (zygote->process, NULL, 0);
    }
    close (zygote->socket);
    g_free (zygote);
}
