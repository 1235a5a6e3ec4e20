#define _GNU_SOURCE
#include "guest/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/futex.h"
#include "guest/mailbox.h"
#include "guest/stub.h"
#include "host_time.h"

/* How often it looks after guests that run. */
#define LOOK_NS 10000000u

/* Whom the kernel waits for. */
struct watched {
    uint64_t runs;     /* at the last look */
    uint64_t cpu_ns;   /* that it had used when that run began, or a little later, or at an alarm */
    unsigned unheeded; /* alarms in this run, */
    unsigned asleep;   /* and looks at which it slept */
};

struct nursery {
    const struct region *guests, *ram;
    int cpu;
    pid_t self;
    pid_t process[GUEST_SLOTS_MAX]; /* 0: none */
    struct watched watched;
};

/* ---- a guest's process, until it is the stub's ---- */

/* What glibc's sigaction would not let us say: where the handler returns to. */
struct host_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

static bool
handlers_set (void)
{
    static const int caught[] = { SIGSYS, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP,
                                  GUEST_SIGNAL_ALARM };
    struct host_action action = {
        .handler  = (void *)guest_stub_address (guest_stub_handler),
        .flags    = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | 0x04000000u, /* SA_RESTORER */
        .restorer = (void *)guest_stub_address (guest_stub_restore),
    };
    stack_t stack = { .ss_sp   = (void *)(GUEST_MAILBOX_BASE + GUEST_STACK_OFFSET),
                      .ss_size = GUEST_SLICE_BYTES - GUEST_STACK_OFFSET };

    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        if (syscall (SYS_rt_sigaction, caught[i], &action, NULL, 8) != 0)
            return false;
    return sigaltstack (&stack, NULL) == 0;
}

bool
guest_filter_set (void)
{
#define IS(number, left) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (number), (left), 0)
#define AT(field)        BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, field))
    struct sock_filter filter[] = {
        AT (arch),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 13),
        BPF_STMT (BPF_LD | BPF_W | BPF_ABS,
                  offsetof (struct seccomp_data, instruction_pointer) + 4),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(GUEST_STUB_BASE >> 32), 0, 11),
        AT (nr),
        IS (SYS_sched_yield, 10),
        IS (SYS_futex, 9),
        IS (SYS_rt_sigreturn, 8),
        IS (SYS_munmap, 7),
        IS (SYS_mprotect, 6),
        IS (SYS_arch_prctl, 5),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3),
        AT (args[3]), /* memory of the machine alone, none of the host's: as the kernel orders it */
        BPF_STMT (BPF_ALU | BPF_AND | BPF_K, ~(uint32_t)MAP_POPULATE),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, MAP_SHARED | MAP_FIXED, 1, 0),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

    return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
                       &program)
                  == 0;
#undef IS
#undef AT
}

static _Noreturn void
guest_live (const struct nursery *nursery, uint32_t slot)
{
    struct sandbox_descriptor ram = { nursery->ram->fd, GUEST_RAM_FD };
    struct sandbox_setup setup
        = { .parent = nursery->self, .descriptors = &ram, .descriptor_count = 1 };
    off_t slice = (off_t)(GUEST_HOUSE_BYTES + (uint64_t)slot * GUEST_SLICE_BYTES);
    size_t code = (size_t)(__stop_guest_stub - __start_guest_stub);
    void *stub;

    if (nursery->cpu >= 0) {
        cpu_set_t one;

        CPU_ZERO (&one);
        CPU_SET (nursery->cpu, &one);
        sched_setaffinity (0, sizeof one, &one);
    }
    prctl (PR_SET_NAME, "kh:guest");
    stub = mmap ((void *)GUEST_STUB_BASE, GUEST_STUB_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (stub != (void *)GUEST_STUB_BASE
        || mmap ((void *)GUEST_MAILBOX_BASE, GUEST_SLICE_BYTES, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED_NOREPLACE, nursery->guests->fd, slice)
               != (void *)GUEST_MAILBOX_BASE)
        _exit (1);
    memcpy (stub, __start_guest_stub, code);
    if (mprotect (stub, GUEST_STUB_BYTES, PROT_READ | PROT_EXEC) != 0
        || sandbox_prepare (&setup) != NULL || !handlers_set ()
        || prctl (PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) != 0)
        _exit (1);
    if (!guest_filter_set ())
        _exit (1);
    ((void (*) (void))guest_stub_address (guest_stub_enter)) ();
    _exit (1);
}

/* ---- the nursery ---- */

static void
news_tell (void)
{
    atomic_fetch_add (&GUEST_HOUSE->news, 1);
    futex_wake (&GUEST_HOUSE->news);
}

static bool
slot_fill (struct nursery *nursery, uint32_t slot)
{
    struct mailbox *box = GUEST_MAILBOX (slot);
    pid_t child;

    memset (box, 0, sizeof *box);
    atomic_store (&box->turn, GUEST_TURN_PROGRAM);
    child = (pid_t)syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        guest_live (nursery, slot);
    if (child < 0) {
        atomic_store (&GUEST_HOUSE->failed, (uint32_t)errno);
        return false;
    }
    nursery->process[slot] = child;
    atomic_store (&GUEST_HOUSE->failed, 0);
    atomic_store (&GUEST_HOUSE->state[slot], GUEST_SLOT_IDLE);
    return true;
}

/* Keeps as many idle ones as the kernel wants. */
static void
slots_fill (struct nursery *nursery)
{
    uint32_t wanted = atomic_load (&GUEST_HOUSE->wanted), idle = 0;

    for (uint32_t i = 0; i < GUEST_SLOTS_MAX; i++)
        idle += atomic_load (&GUEST_HOUSE->state[i]) == GUEST_SLOT_IDLE;
    for (uint32_t i = 0; i < GUEST_SLOTS_MAX && idle < wanted; i++) {
        if (atomic_load (&GUEST_HOUSE->state[i]) != GUEST_SLOT_EMPTY)
            continue;
        if (!slot_fill (nursery, i))
            break;
        idle++;
        news_tell ();
    }
    if (idle < wanted)
        news_tell ();
}

/* The doomed end; whoever ended by himself is reported. */
static void
slots_bury (struct nursery *nursery)
{
    pid_t process;

    for (uint32_t i = 0; i < GUEST_SLOTS_MAX; i++) {
        if (atomic_load (&GUEST_HOUSE->state[i]) != GUEST_SLOT_DOOMED)
            continue;
        if (nursery->process[i] != 0) {
            kill (nursery->process[i], SIGKILL);
            waitpid (nursery->process[i], NULL, 0);
            nursery->process[i] = 0;
        }
        atomic_store (&GUEST_HOUSE->state[i], GUEST_SLOT_EMPTY);
    }
    while ((process = waitpid (-1, NULL, WNOHANG)) > 0)
        for (uint32_t i = 0; i < GUEST_SLOTS_MAX; i++)
            if (nursery->process[i] == process) {
                nursery->process[i] = 0;
                atomic_store (&GUEST_MAILBOX (i)->dead, 1);
                futex_wake (&GUEST_MAILBOX (i)->turn);
                if (atomic_load (&GUEST_HOUSE->state[i]) == GUEST_SLOT_IDLE)
                    atomic_store (&GUEST_HOUSE->state[i], GUEST_SLOT_EMPTY);
            }
}

/* Processor time of a child. Time alone would not do: on a busy host it may just wait. */
static uint64_t
cpu_ns (pid_t process)
{
    clockid_t clock;

    return clock_getcpuclockid (process, &clock) == 0 ? host_clock_ns (clock) : 0;
}

/* Does it wait for something? A process that may run is in another state, whether it has a
 * processor or not; so is one that somebody has stopped. */
static bool
sleeps (pid_t process)
{
    char name[32], text[128], *state;
    ssize_t length;
    int fd;

    snprintf (name, sizeof name, "/proc/%d/stat", (int)process);
    fd = open (name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    length = read (fd, text, sizeof text - 1);
    close (fd);
    text[length > 0 ? length : 0] = '\0';
    state                         = strrchr (text, ')');
    return state != NULL && strncmp (state, ") S", 3) == 0;
}

/* Makes whoever has run for long leave its program. One that does not even then, or sleeps in its
 * own turn, has got hold of its stub, and ends. Nothing is believed that it can write: a wrong
 * word about the turn is only its own. */
static void
runner_look (struct nursery *nursery)
{
    struct watched *watched = &nursery->watched;
    uint32_t runner         = atomic_load (&GUEST_HOUSE->runner);
    uint64_t runs           = atomic_load (&GUEST_HOUSE->runs), now;
    pid_t process           = runner - 1 < GUEST_SLOTS_MAX ? nursery->process[runner - 1] : 0;

    if (process == 0)
        return;
    now = cpu_ns (process);
    if (runs != watched->runs) {
        *watched = (struct watched){ .runs = runs, .cpu_ns = now };
    } else if (now - watched->cpu_ns
               >= (watched->unheeded == 0 ? GUEST_ALARM_NS : GUEST_UNHEEDED_NS)) {
        watched->cpu_ns = now;
        kill (process, watched->unheeded++ < GUEST_UNHEEDED_MOST ? GUEST_SIGNAL_ALARM : SIGKILL);
    } else if (atomic_load (&GUEST_MAILBOX (runner - 1)->turn) != GUEST_TURN_KERNEL
               && sleeps (process) && ++watched->asleep > GUEST_ASLEEP_MOST) {
        kill (process, SIGKILL);
    }
}

static volatile sig_atomic_t over;

/* The wait ends, or does not begin; SIGTERM is the board's, and the last. */
static void
woken (int number)
{
    over |= number == SIGTERM;
    atomic_fetch_add (&GUEST_HOUSE->bell, 1);
}

static _Noreturn void
end_all (struct nursery *nursery)
{
    for (uint32_t i = 0; i < GUEST_SLOTS_MAX; i++)
        if (nursery->process[i] != 0)
            kill (nursery->process[i], SIGKILL);
    while (wait (NULL) > 0)
        ;
    _exit (0);
}

static const struct region *
region_of (const Machine *machine, enum region_kind kind)
{
    for (unsigned i = 0; i < machine->regions.count; i++)
        if (machine->regions.table[i].kind == kind)
            return &machine->regions.table[i];
    return NULL;
}

_Noreturn void
nursery_live (const Machine *machine, pid_t board)
{
    static struct nursery nursery;
    struct sigaction action = { .sa_handler = woken }; /* no SA_RESTART */
    sigset_t none;
    cpu_set_t all;

    nursery.guests = region_of (machine, REGION_GUESTS);
    nursery.ram    = region_of (machine, REGION_RAM);
    nursery.cpu    = machine->cpu;
    nursery.self   = getpid ();
    prctl (PR_SET_NAME, "kh:nursery");
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (getppid () != board)
        _exit (1);
    memset (&all, 0xff, sizeof all);
    sched_setaffinity (0, sizeof all, &all); /* beside the machine, not in its way */
    if (mmap ((void *)ADDRESS_GUESTS, GUEST_REGION_BYTES, PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_FIXED_NOREPLACE, nursery.guests->fd, 0)
        != (void *)ADDRESS_GUESTS)
        _exit (1);
    madvise ((void *)ADDRESS_GUESTS, GUEST_REGION_BYTES, MADV_DONTFORK);
    sigaction (SIGCHLD, &action, NULL);
    sigaction (SIGTERM, &action, NULL);
    sigemptyset (&none);
    sigprocmask (SIG_SETMASK, &none, NULL);
    for (;;) {
        uint32_t bell = atomic_load (&GUEST_HOUSE->bell);

        if (over)
            end_all (&nursery);
        slots_bury (&nursery);
        slots_fill (&nursery);
        runner_look (&nursery);
        if (atomic_load (&GUEST_HOUSE->wanted) != 0)
            futex_wait (&GUEST_HOUSE->bell, bell, LOOK_NS);
        else
            futex_wait (&GUEST_HOUSE->bell, bell, 3600000000000u);
    }
}
