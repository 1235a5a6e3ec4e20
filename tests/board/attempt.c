#define _GNU_SOURCE
#include "attempt.h"

#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "board/crash.h"

#define DESCRIPTORS_MAX 8
/* No attempt takes so long; one that blocks is an outcome as well. */
#define PATIENCE_S 20

/* What a process that makes attempts and its parent share. */
struct desk {
    volatile uint32_t at; /* the attempt that is being made */
    volatile uint32_t refusals;
    volatile int32_t named;
    struct outcome outcomes[];
};

static struct desk *desk;

/* The call was not made; it answers as one that does not exist. */
static void
note_refusal (int number, siginfo_t *info, void *context)
{
    ucontext_t *state = context;

    (void)number;
    desk->refusals++;
    desk->named                          = info->si_syscall;
    state->uc_mcontext.gregs[REG_RAX] = -ENOSYS;
}

static int64_t
native_call (long number, const uint64_t arguments[6])
{
    int64_t result              = number;
    register uint64_t a3 __asm__ ("r10") = arguments[3];
    register uint64_t a4 __asm__ ("r8")  = arguments[4];
    register uint64_t a5 __asm__ ("r9")  = arguments[5];

    __asm__ volatile ("syscall"
                      : "+a"(result)
                      : "D"(arguments[0]), "S"(arguments[1]), "d"(arguments[2]), "r"(a3), "r"(a4),
                        "r"(a5)
                      : "rcx", "r11", "memory");
    return result;
}

static int64_t
old_call (long number, const uint64_t arguments[6])
{
    int64_t result = number;
    uint64_t first = arguments[0]; /* goes where the compiler keeps what is its own */

    __asm__ volatile ("xchg %1, %%rbx\n\tint $0x80\n\txchg %1, %%rbx"
                      : "+a"(result), "+r"(first)
                      : "c"(arguments[1]), "d"(arguments[2]), "S"(arguments[3]), "D"(arguments[4])
                      : "r8", "r9", "r10", "r11", "memory");
    return result;
}

static int64_t
make (const struct attempt *attempt)
{
    switch (attempt->gate) {
    case ATTEMPT_NATIVE: return native_call (attempt->number, attempt->arguments);
    case ATTEMPT_OLD: return old_call (attempt->number, attempt->arguments);
    case ATTEMPT_VSYSCALL:
    case ATTEMPT_CODE:
        return ((int64_t (*) (uint64_t))(uintptr_t)attempt->number) (attempt->arguments[0]);
    }
    return 0;
}

static _Noreturn void
live (const struct lab *lab, const struct attempt *attempts, uint32_t first, uint32_t count)
{
    struct sandbox_descriptor descriptors[DESCRIPTORS_MAX];
    struct sandbox_setup setup
        = { .privileges = lab->privileges, .descriptors = descriptors,
            .descriptor_count = lab->descriptor_count };
    struct sigaction action = { .sa_sigaction = note_refusal, .sa_flags = SA_SIGINFO };

    memcpy (descriptors, lab->descriptors, lab->descriptor_count * sizeof *descriptors);
    alarm (PATIENCE_S);
    if (lab->filter != NULL && sandbox_prepare (&setup) != NULL)
        _exit (101);
    sigaction (SIGSYS, &action, NULL);
    if (lab->filter != NULL && sandbox_lock (lab->filter) != 0)
        _exit (102);
    for (uint32_t i = first; i < count; i++) {
        struct outcome *outcome = &desk->outcomes[i];

        desk->at       = i;
        desk->refusals = 0;
        outcome->result = make (&attempts[i]);
        outcome->named  = desk->named;
        outcome->end    = desk->refusals != 0 ? ATTEMPT_REFUSED : ATTEMPT_MADE;
    }
    desk->at = count;
    native_call (SYS_exit_group, (uint64_t[6]){ 0 });
    __builtin_trap (); /* that was not let through either */
}

void
attempts_make (const struct lab *lab, const struct attempt *attempts, unsigned count,
               struct outcome *outcomes)
{
    size_t bytes = sizeof *desk + count * sizeof *outcomes;

    g_assert (lab->descriptor_count <= DESCRIPTORS_MAX);
    desk = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert (desk != MAP_FAILED);
    for (uint32_t first = 0; first < count; first = desk->at + 1) {
        int status    = 0;
        pid_t process = fork ();

        if (process == 0)
            live (lab, attempts, first, lab->filter != NULL ? count : first + 1);
        while (waitpid (process, &status, 0) < 0 && errno == EINTR)
            continue;
        g_assert (!WIFEXITED (status) || (WEXITSTATUS (status) != 101 && WEXITSTATUS (status) != 102));
        if (lab->filter == NULL)
            desk->at = first;
        if (desk->at >= count || desk->outcomes[desk->at].end != ATTEMPT_NOT_MADE)
            continue;
        desk->outcomes[desk->at].end = ATTEMPT_DIED;
        desk->outcomes[desk->at].result
            = WIFSIGNALED (status) ? WTERMSIG (status) : -WEXITSTATUS (status);
    }
    memcpy (outcomes, desk->outcomes, count * sizeof *outcomes);
    munmap (desk, bytes);
}

char *
outcome_text (const struct outcome *outcome)
{
    g_autofree char *name = NULL;

    switch (outcome->end) {
    case ATTEMPT_REFUSED:
        name = crash_call_name (AUDIT_ARCH_X86_64, outcome->named);
        return g_strdup_printf ("refused as %s (%d)", name, outcome->named);
    case ATTEMPT_MADE: return g_strdup_printf ("made: %" G_GINT64_FORMAT, outcome->result);
    case ATTEMPT_DIED:
        return outcome->result > 0
                   ? g_strdup_printf ("died of %s", crash_signal_name ((int)outcome->result))
                   : g_strdup_printf ("ended with status %d", (int)-outcome->result);
    default: return g_strdup ("not made");
    }
}
