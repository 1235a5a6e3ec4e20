/* damaged: starts programs whose files are damaged: damaged RUNS SEED. Each of them ends somehow,
 * or is refused with an error; neither is told, for that depends on nothing but the damage. The
 * last line is the number of those that did what the whole one does. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BASE 0x400000u

/* exit_group (42), by the smallest file that is a program; a second segment has only zeroes. */
struct small {
    Elf64_Ehdr elf;
    Elf64_Phdr headers[3];
    unsigned char code[16];
    char interpreter[16];
};

static const struct small whole = {
    .elf     = { .e_ident     = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                 .e_type      = ET_EXEC,
                 .e_machine   = EM_X86_64,
                 .e_version   = EV_CURRENT,
                 .e_entry     = BASE + offsetof (struct small, code),
                 .e_phoff     = offsetof (struct small, headers),
                 .e_ehsize    = sizeof (Elf64_Ehdr),
                 .e_phentsize = sizeof (Elf64_Phdr),
                 .e_phnum     = 3 },
    .headers = { { .p_type   = PT_LOAD,
                   .p_flags  = PF_R | PF_X,
                   .p_vaddr  = BASE,
                   .p_filesz = sizeof (struct small),
                   .p_memsz  = sizeof (struct small),
                   .p_align  = 4096 },
                 { .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = BASE + 0x10000, .p_memsz = 0x3000,
                   .p_align = 4096 },
                 { .p_type = PT_NOTE, .p_offset = offsetof (struct small, interpreter), .p_filesz = 16 } },
    .code    = { 0xb8, 0xe7, 0, 0, 0, 0xbf, 42, 0, 0, 0, 0x0f, 0x05 }, /* mov $231,%eax; mov $42,%edi; syscall */
    .interpreter = "/bin/none",
};

static uint64_t seed;

static uint64_t
chance (void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 33;
}

static void
damage (unsigned char *bytes, size_t count)
{
    static const uint64_t numbers[] = { 0, 1, 3, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, INT64_MAX,
                                        UINT64_MAX, 0x700000000000, 0x6ffffffff000, 0xfff };
    size_t at = chance () % count;

    switch (chance () % 3) {
    case 0:
        bytes[at] ^= (unsigned char)(1u << chance () % 8);
        return;
    case 1:
        bytes[at] = (unsigned char)chance ();
        return;
    default:
        at = at / 8 * 8;
        memcpy (bytes + at, &numbers[chance () % (sizeof numbers / sizeof *numbers)], 8);
    }
}

/* Its exit status, -1 if it is refused or ends otherwise. */
static int
start (const void *bytes, size_t count)
{
    char *arguments[] = { (char *)"damaged", NULL };
    int file = open ("damaged.file", O_CREAT | O_WRONLY | O_TRUNC, 0755), status;
    pid_t child;

    if (file < 0 || write (file, bytes, count) != (ssize_t)count || close (file) != 0)
        exit (3);
    child = fork ();
    if (child == 0) {
        alarm (2); /* damaged code may run in a circle */
        execve ("damaged.file", arguments, arguments + 1);
        _exit (43);
    }
    if (child < 0 || waitpid (child, &status, 0) != child)
        exit (4);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

int
main (int argc, char **argv)
{
    unsigned runs = argc > 1 ? (unsigned)atoi (argv[1]) : 100, same = 0;

    seed = argc > 2 ? (uint64_t)atoi (argv[2]) : 1;
    if (start (&whole, sizeof whole) != 42)
        return 5;
    for (unsigned i = 0; i < runs; i++) {
        struct small copy = whole;
        size_t count      = sizeof copy;

        /* Only the headers, but for a few: what damaged code does is another test's business. */
        for (uint64_t times = 1 + chance () % 3; times > 0; times--)
            damage ((unsigned char *)&copy, offsetof (struct small, code));
        if (chance () % 8 == 0)
            count = chance () % sizeof copy;
        same += start (&copy, count) == 42;
    }
    printf ("%u of %u as the whole one\n", same, runs);
    return start (&whole, sizeof whole) != 42;
}
