/* crash: the handlers of a dying domain. Only what is safe in a signal handler, and only what
 * the filter lets through: nothing here allocates, locks or makes a call but those to die. */
#define _GNU_SOURCE
#include "board/crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* Enough for the unwinder; the fiber's own stack may be what has run out. */
#define STACK_BYTES 65536

/* Of this process alone: each fork installs its own. */
static struct crash_record *record;
static _Alignas (16) char stack[STACK_BYTES];

static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };

/* ---- reading the machine's state ---- */

struct state {
    uint64_t instruction;
    uint64_t stack;
    uint64_t arguments[6];
};

static void
read_state (const ucontext_t *context, struct state *state)
{
    *state = (struct state){ 0 };
#if defined __x86_64__
    static const int arguments[6] = { REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9 };
    const greg_t *registers       = context->uc_mcontext.gregs;

    state->instruction = (uint64_t) registers[REG_RIP];
    state->stack       = (uint64_t) registers[REG_RSP];
    for (int i = 0; i < 6; i++)
        state->arguments[i] = (uint64_t) registers[arguments[i]];
#elif defined __aarch64__
    state->instruction = context->uc_mcontext.pc;
    state->stack       = context->uc_mcontext.sp;
    for (int i = 0; i < 6; i++)
        state->arguments[i] = context->uc_mcontext.regs[i];
#else
    (void) context;
#endif
}

/* The frames below the handler's own. A jump to nowhere leaves an instruction pointer that no
 * frame has: then only that one is known, and the word on the stack, where a call would have
 * left the address it came from. That read comes last: it may be fatal itself. */
static void
walk (struct crash_record *to, const struct state *state)
{
    void *found[CRASH_FRAMES + 8];
    int count = 0;
    int first = 0;

    to->frames[0]   = state->instruction;
    to->frame_count = 1;
    /* The unwinder reads the code it stands on: not where there is none. */
    if (to->address != state->instruction)
        count = backtrace (found, CRASH_FRAMES + 8);
    while (first < count && (uint64_t) (uintptr_t) found[first] != state->instruction)
        first++;
    for (int i = first + 1; i < count && to->frame_count < CRASH_FRAMES; i++)
        to->frames[to->frame_count++] = (uint64_t) (uintptr_t) found[i];
    if (first < count || state->stack == 0 || state->stack % sizeof (uint64_t) != 0)
        return;
    to->complete = 1;
    memcpy (&to->frames[1], (const void *) (uintptr_t) state->stack, sizeof (uint64_t));
    to->frame_count = 2;
}

/* ---- dying ---- */

/* Ends the process by the signal, whose default action is back. Under the filter the request
 * to send a signal is refused like any other call, and a second SIGSYS kills; the record tells
 * what came first. */
static _Noreturn void
die (int number)
{
    sigset_t only;

    sigemptyset (&only);
    sigaddset (&only, number);
    sigprocmask (SIG_UNBLOCK, &only, NULL);
    syscall (SYS_tgkill, getpid (), syscall (SYS_gettid), number);
    for (;;)
        syscall (SYS_exit_group, 128 + number);
}

/* abort sends itself its signal by a call that the filter refuses. */
static bool
is_abort (const struct crash_record *crash)
{
    return crash->signal == SIGSYS && crash->call == SYS_tgkill
           && crash->arguments[0] == (uint64_t) getpid () && crash->arguments[2] == SIGABRT;
}

static void
handle (int number, siginfo_t *info, void *context)
{
    struct crash_record *to = record;

    /* A second crash, in this handler: what the first one wrote is what counts. */
    if (to->signal == 0) {
        struct state state;

        read_state (context, &state);
        to->code        = info->si_code;
        to->instruction = state.instruction;
        to->stack       = state.stack;
        if (number == SIGSEGV || number == SIGBUS)
            to->address = (uint64_t) (uintptr_t) info->si_addr;
        to->signal = number;
        if (number == SIGSYS) {
            to->call         = info->si_syscall;
            to->architecture = info->si_arch;
            memcpy (to->arguments, state.arguments, sizeof to->arguments);
            if (is_abort (to))
                to->signal = SIGABRT;
        }
        walk (to, &state);
        to->complete = 1;
    }

    /* The processor's own signals come again when the instruction is run again, and then kill.
     * It is not run again if the signal was sent by somebody, or stands for a refused call. */
    if (number == SIGSYS || number == SIGABRT || info->si_code <= 0)
        die (number);
}

void
crash_load (void)
{
    void *first[4];

    backtrace (first, 4);
}

bool
crash_handlers_install (struct crash_record *where)
{
    stack_t alternate       = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction action = { .sa_sigaction = handle,
                                .sa_flags     = SA_ONSTACK | SA_RESETHAND | SA_SIGINFO };

    record = where;
    crash_load ();
    if (sigaltstack (&alternate, NULL) != 0)
        return false;
    sigemptyset (&action.sa_mask);
    for (unsigned i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction (fatal[i], &action, NULL) != 0)
            return false;
    return true;
}
