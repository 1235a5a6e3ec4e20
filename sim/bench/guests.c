/* guests: what a real program's calls and page faults cost.
 *
 * The program is a few instructions written here: some memory is asked for, then one thing is
 * done so many times, then it ends. It cannot see the host's clock, so what is measured is the
 * processor time of the whole machine, from boot to end, with many turns and with none; the
 * difference is theirs. All of it runs on one CPU, one process at a time.
 */
#include <elf.h>
#include <string.h>

#include "bench/bench.h"
#include "guest/archive.h"

#define PROGRAM   "/bin/turns"
#define DATA      "/bin/page" /* a file of one page */
#define LOAD_AT   0x400000u
#define PAGE      4096u
#define TURNS     12000u /* pages of 64M, so that there is room for all */
#define BYTES_MAX 512u

struct program_text {
    uint8_t bytes[BYTES_MAX];
    unsigned count;
};

static void
put (struct program_text *text, const void *bytes, unsigned count)
{
    memcpy (text->bytes + text->count, bytes, count);
    text->count += count;
}

#define PUT(text, ...)                                        \
    do {                                                      \
        static const uint8_t bytes_[] = { __VA_ARGS__ };      \
        put (text, bytes_, sizeof bytes_);                    \
    } while (0)

static void
put_number (struct program_text *text, uint64_t number)
{
    put (text, &number, sizeof number);
}

/* What is done `turns` times: %rdi is the address of a page, which `step` moves on. AGAIN: when
 * all of those pages were touched and given back before, and touched once more. */
enum turn { TURN_CALL, TURN_READ, TURN_TOUCH, TURN_TOUCH_AGAIN };

static void
put_turn (struct program_text *text, enum turn turn)
{
    switch (turn) {
    case TURN_CALL:
        PUT (text, 0xb8, 110, 0, 0, 0, 0x0f, 0x05); /* getppid () */
        break;
    case TURN_READ:
        PUT (text, 0x48, 0x89, 0xfe, 0x48, 0x89, 0xfd);  /* mov %rdi, %rsi; mov %rdi, %rbp */
        PUT (text, 0x44, 0x89, 0xe7, 0xba, 0, 16, 0, 0); /* pread (%r12, %rsi, PAGE, 0) */
        PUT (text, 0x45, 0x31, 0xd2, 0xb8, 17, 0, 0, 0, 0x0f, 0x05);
        PUT (text, 0x48, 0x89, 0xef); /* mov %rbp, %rdi */
        break;
    case TURN_TOUCH:
    case TURN_TOUCH_AGAIN:
        PUT (text, 0xc6, 0x07, 0x01); /* movb $1, (%rdi) */
        break;
    }
}

static void
put_loop (struct program_text *text, enum turn turn, int32_t step)
{
    unsigned loop = text->count;

    PUT (text, 0x48, 0x85, 0xdb);       /* test %rbx, %rbx */
    PUT (text, 0x74, 0);                /* jz end */
    put_turn (text, turn);
    PUT (text, 0x48, 0x81, 0xc7);       /* add step, %rdi */
    put (text, &step, sizeof step);
    PUT (text, 0x48, 0xff, 0xcb);       /* dec %rbx */
    PUT (text, 0xeb, 0);                /* jmp loop */
    text->bytes[text->count - 1] = (uint8_t)(loop - text->count);
    text->bytes[loop + 4]        = (uint8_t)(text->count - (loop + 5));
}

/* %r12 = open (DATA, O_RDONLY); the name lies among the instructions. */
static void
put_open (struct program_text *text)
{
    PUT (text, 0xe8, sizeof DATA, 0, 0, 0); /* call past the name */
    put (text, DATA, sizeof DATA);
    PUT (text, 0x5f, 0x31, 0xf6, 0x31, 0xd2); /* pop %rdi; no flags, no mode */
    PUT (text, 0xb8, 2, 0, 0, 0, 0x0f, 0x05, 0x49, 0x89, 0xc4);
}

/* Touches all of the memory at %r13 in order, and gives it back: the frames have been in use. */
static void
put_use (struct program_text *text)
{
    PUT (text, 0x4c, 0x89, 0xef, 0x48, 0xbb); /* mov %r13, %rdi; mov pages, %rbx */
    put_number (text, TURNS + 1);
    put_loop (text, TURN_TOUCH, PAGE);
    PUT (text, 0x4c, 0x89, 0xef, 0x48, 0xbe); /* madvise (%r13, all, MADV_DONTNEED) */
    put_number (text, (uint64_t)(TURNS + 1) * PAGE);
    PUT (text, 0xba, 4, 0, 0, 0, 0xb8, 28, 0, 0, 0, 0x0f, 0x05);
}

static void
put_program (struct program_text *text, enum turn turn, uint64_t turns, int32_t step)
{
    put_open (text);
    PUT (text, 0xb8, 9, 0, 0, 0, 0x31, 0xff, 0x48, 0xbe); /* mmap (NULL, */
    put_number (text, (uint64_t)(TURNS + 1) * PAGE);
    PUT (text, 0xba, 3, 0, 0, 0, 0x41, 0xba, 0x22, 0, 0, 0); /* read write, private anonymous, */
    PUT (text, 0x49, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff, 0x45, 0x31, 0xc9, 0x0f, 0x05);
    PUT (text, 0x49, 0x89, 0xc5); /* mov %rax, %r13 */
    for (unsigned i = 0; i < 2 && turn == TURN_TOUCH_AGAIN; i++)
        put_use (text);
    PUT (text, 0x4c, 0x89, 0xef, 0x48, 0xbb); /* mov %r13, %rdi; mov turns, %rbx */
    put_number (text, turns);
    PUT (text, 0x48, 0xba); /* mov first, %rdx; add %rdx, %rdi */
    put_number (text, step < 0 ? (uint64_t)TURNS * PAGE : 0);
    PUT (text, 0x48, 0x01, 0xd7);
    put_loop (text, turn, step);
    PUT (text, 0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0); /* write (1, LOAD_AT + 1, 1): an E */
    PUT (text, 0xbe, 1, 0, LOAD_AT >> 16, 0, 0xba, 1, 0, 0, 0, 0x0f, 0x05);
    PUT (text, 0xb8, 0xe7, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05); /* exit_group (0) */
}

static void
archive_program (Archive *archive, const struct program_text *text)
{
    struct {
        Elf64_Ehdr elf;
        Elf64_Phdr segment;
        uint8_t text[BYTES_MAX];
    } file = {
        .elf = { .e_ident     = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                 .e_type      = ET_EXEC,
                 .e_machine   = EM_X86_64,
                 .e_version   = EV_CURRENT,
                 .e_entry     = LOAD_AT + sizeof (Elf64_Ehdr) + sizeof (Elf64_Phdr),
                 .e_phoff     = sizeof (Elf64_Ehdr),
                 .e_ehsize    = sizeof (Elf64_Ehdr),
                 .e_phentsize = sizeof (Elf64_Phdr),
                 .e_phnum     = 1 },
        .segment = { .p_type   = PT_LOAD,
                     .p_flags  = PF_R | PF_X,
                     .p_vaddr  = LOAD_AT,
                     .p_filesz = sizeof file,
                     .p_memsz  = sizeof file,
                     .p_align  = PAGE },
    };

    memcpy (file.text, text->bytes, text->count);
    archive_add_bytes (archive, &file, sizeof file, 0755, PROGRAM, NULL);
}

/* Processor time until the program has done its turns, and from then on. */
struct span {
    double turns, rest;
};

static void
turns_done (void *used)
{
    *(double *)used = bench_used_ns ();
}

static bool
run (const char *machine, enum turn turn, uint64_t turns, int32_t step, struct span *span,
     GError **error)
{
    static const char *const arguments[] = { PROGRAM, NULL };
    g_autoptr (Archive) archive          = archive_new ();
    struct program_text text             = { .count = 0 };
    static const uint8_t page[PAGE];
    double begin, done = 0;
    bool ok;

    put_program (&text, turn, turns, step);
    archive_program (archive, &text);
    archive_add_bytes (archive, page, sizeof page, 0644, DATA, NULL);
    begin = bench_used_ns ();
    ok    = bench_machine_speak (machine, arguments, archive->bytes, turns_done, &done, error);
    *span = (struct span){ done - begin, bench_used_ns () - done };
    return ok;
}

/* Of one turn. */
static bool
measure_span (const struct bench *bench, const char *machine, enum turn turn, int32_t step,
              struct span *span, GError **error)
{
    struct span with, without;
    bool ok;

    bench_pin (bench, -1);
    ok = run (machine, turn, 0, step, &without, error)
         && run (machine, turn, TURNS, step, &with, error);
    bench_pin (bench, bench->cpu);
    if (ok)
        *span = (struct span){ MAX (with.turns - without.turns, 0) / TURNS,
                               MAX (with.rest - without.rest, 0) / TURNS };
    return ok;
}

static bool
measure (const struct bench *bench, const char *machine, enum turn turn, int32_t step,
         double *ns, GError **error)
{
    struct span span = { 0, 0 };
    bool ok          = measure_span (bench, machine, turn, step, &span, error);

    *ns = span.turns;
    return ok;
}

bool
bench_guest_call (const struct bench *bench, double *ns, GError **error)
{
    return measure (bench, "monolithic", TURN_CALL, 0, ns, error);
}

bool
bench_guest_read (const struct bench *bench, double *ns, GError **error)
{
    return measure (bench, "monolithic", TURN_READ, 0, ns, error);
}

/* Downwards: no two pages are asked for in order, each is one fault. */
bool
bench_guest_fault (const struct bench *bench, double *ns, GError **error)
{
    return measure (bench, "monolithic", TURN_TOUCH, -(int32_t)PAGE, ns, error);
}

/* What each of those pages takes once more when the program ends, and the RAM with the machine. */
bool
bench_guest_page_back (const struct bench *bench, double *ns, GError **error)
{
    struct span span = { 0, 0 };
    bool ok = measure_span (bench, "monolithic", TURN_TOUCH, -(int32_t)PAGE, &span, error);

    *ns = span.rest;
    return ok;
}

/* The same in frames that were in use before: neither has the host to find a page, nor is it
 * new to the kernel. */
bool
bench_guest_fault_again (const struct bench *bench, double *ns, GError **error)
{
    return measure (bench, "monolithic", TURN_TOUCH_AGAIN, -(int32_t)PAGE, ns, error);
}

/* Upwards: pages come in runs. */
bool
bench_guest_pages (const struct bench *bench, double *ns, GError **error)
{
    return measure (bench, "monolithic", TURN_TOUCH, (int32_t)PAGE, ns, error);
}

bool
bench_guest_fault_microkernel (const struct bench *bench, double *ns, GError **error)
{
    return measure (bench, "microkernel", TURN_TOUCH, -(int32_t)PAGE, ns, error);
}
