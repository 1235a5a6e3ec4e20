/* hostile: programs that do what they should not, one for each word. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int sink;

static int
deep (int n)
{
    volatile char frame[4096];

    frame[0] = (char)n;
    return deep (n + 1) + frame[0];
}

static void
hog (void)
{
    for (;;) {
        char *memory = malloc (1 << 20);

        if (memory == NULL)
            _exit (1);
        memset (memory, 1, 1 << 20);
    }
}

/* As many children as there can be; they end when we do. */
static void
bomb (void)
{
    int p[2], count = 0;
    pid_t child;
    char c;

    if (pipe (p) != 0)
        _exit (9);
    while ((child = fork ()) > 0)
        count++;
    if (child == 0) {
        close (p[1]);
        _exit (read (p[0], &c, 1) != 0);
    }
    printf ("%s after %s\n", strerror (errno), count > 100 ? "many" : "few");
    close (p[1]);
    while (wait (NULL) > 0)
        count--;
    printf ("%d left\n", count);
}

static void
rewrite_itself (void)
{
    unsigned char *code = mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int sum = 0;

    for (int i = 0; i < 100; i++) {
        const unsigned char fresh[] = { 0xb8, (unsigned char)i, 0, 0, 0, 0xc3 };

        memcpy (code, fresh, sizeof fresh);
        sum += ((int (*) (void))code) ();
    }
    printf ("sum %d\n", sum);
}

/* A page of its own text, from when it was loaded. */
__asm__ (".text; .balign 4096; own_text: mov $1, %eax; ret; .balign 4096");
extern unsigned char own_text[];

static void
rewrite_text (void)
{
    int sum = ((int (*) (void))own_text) ();

    if (mprotect (own_text, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        _exit (9);
    for (int i = 2; i < 100; i++) {
        own_text[1] = (unsigned char)i; /* the number that it moves */
        sum += ((int (*) (void))own_text) ();
    }
    printf ("sum %d\n", sum);
}

/* Far more open files than there may be; then one is given back, and work goes on. */
static void
open_many (void)
{
    int count = 0, fd, last = -1;

    while (count < 10000 && (fd = open ("/tmp", O_RDONLY)) >= 0) {
        last = fd;
        count++;
    }
    printf ("%s after %s, ", strerror (errno), count > 100 ? "many" : "few");
    close (last);
    printf ("%s\n", open ("/tmp", O_RDONLY) == last ? "and one again" : "and no more");
}

/* To the first instruction of the stub, which ends its handler: it believes what it finds on the
 * stack. */
static void
return_to (ucontext_t *forged)
{
    __asm__ volatile ("mov %0, %%rsp; jmp *%1" : : "r"(forged), "r"(0x700000000000) : "memory");
}

static void
forge (const char *what)
{
    static ucontext_t forged;

    forged.uc_mcontext.gregs[REG_CSGSFS] = 0x002b000000000033;
    if (strcmp (what, "forge-mode") == 0)
        forged.uc_mcontext.gregs[REG_CSGSFS] = 0x002b000000000023; /* that of 32-bit programs */
    if (strcmp (what, "forge-mask") == 0)
        sigaddset (&forged.uc_sigmask, SIGILL);
    if (strcmp (what, "forge-stack") == 0)
        forged.uc_stack = (stack_t){ .ss_sp = &forged, .ss_size = 65536 };
    return_to (&forged);
}

static void
spin (void)
{
    for (;;)
        sink++;
}

/* Hears no signal of the host any more. */
static void
go_deaf (void)
{
    static ucontext_t forged;
    static char stack[65536];

    forged.uc_mcontext.gregs[REG_CSGSFS] = 0x002b000000000033;
    forged.uc_mcontext.gregs[REG_RIP]    = (greg_t)spin;
    forged.uc_mcontext.gregs[REG_RSP]    = (greg_t)(stack + sizeof stack - 8);
    sigfillset (&forged.uc_sigmask);
    return_to (&forged);
}

/* Waits in the host, by the stub's own call, for what does not come. */
static void
sleep_in_stub (void)
{
    static int word = 5;

    __asm__ volatile ("xor %%esi, %%esi; mov $5, %%edx; xor %%r10d, %%r10d; mov $202, %%eax; jmp *%1"
                      :
                      : "D"(&word), "r"(0x700000000005)
                      : "rax", "rdx", "rsi", "r10", "memory");
}

int
main (int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp (what, "deep") == 0)
        return deep (0);
    if (strcmp (what, "hog") == 0)
        hog ();
    if (strcmp (what, "bomb") == 0)
        bomb ();
    if (strcmp (what, "code") == 0)
        rewrite_itself ();
    if (strcmp (what, "text") == 0)
        rewrite_text ();
    if (strcmp (what, "files") == 0)
        open_many ();
    if (strcmp (what, "zero") == 0)
        ((void (*) (void))0) ();
    if (strcmp (what, "data") == 0)
        ((void (*) (void))what) ();
    if (strcmp (what, "nothing") == 0)
        __asm__ volatile ("xor %esp, %esp; hlt");
    if (strcmp (what, "stub-write") == 0)
        *(volatile long *)0x700000000000 = 1;
    if (strcmp (what, "stub-call") == 0)
        ((void (*) (void))0x700000000007) ();
    if (strcmp (what, "stub-inside") == 0)
        ((void (*) (void))0x700000000050) ();
    if (strncmp (what, "forge-", 6) == 0)
        forge (what);
    if (strcmp (what, "mailbox") == 0)
        for (long i = 0; i < 0x8000; i += 8)
            *(volatile long *)(0x700000010000 + i) = -1;
    if (strcmp (what, "old-calls") == 0) {
        int result = 1;

        __asm__ volatile ("int $0x80" : "+a"(result) : "b"(0), "c"(0), "d"(0) : "memory");
        return result >= 0;
    }
    if (strcmp (what, "turn") == 0) /* says that it is nobody's, and keeps it */
        *(volatile int *)0x700000010000 = 7;
    if (strcmp (what, "deaf") == 0)
        go_deaf ();
    if (strcmp (what, "stub-sleep") == 0)
        sleep_in_stub ();
    if (strcmp (what, "spin") == 0 || strcmp (what, "turn") == 0)
        spin ();
    return 0;
}
