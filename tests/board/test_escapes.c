/* The lock from inside: every number of a system call by every way to ask, and what somebody who
 * means it would try; and the table itself: no row too many, none too few, none too wide. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device/device.h"
#include "escapes.h"

static const int disks[] = { 16, 17, 23 };
#define CANARY_TEXT "a canary sings\n"

/* The calls that the host's kernel makes without asking any filter: its own probes jump there
 * (Linux 6.14 and later). From anywhere else uretprobe kills and uprobe fails. */
static const long exempt[] = { 335, 336 };

static struct canary canary;
static struct sandbox_descriptor descriptors[4];

/* ---- profiles: every union of privileges that the table knows ---- */

static unsigned
all_privileges (void)
{
    const struct sandbox_rule *rule;
    unsigned all = 0;

    for (unsigned i = 0; (rule = sandbox_rule_at (i)) != NULL; i++)
        if (rule->privilege != SANDBOX_DEBUG)
            all |= rule->privilege;
    return all;
}

/* The subset of `all` after this one; 0 after the last. */
static unsigned
next_profile (unsigned profile)
{
    return (profile - all_privileges ()) & all_privileges ();
}

/* Sanitizers make calls of their own; what they need cannot be refused. */
static bool
is_for_debugging (long number)
{
    const struct sandbox_rule *rule;

    for (unsigned i = 0; (rule = sandbox_rule_at (i)) != NULL; i++)
        if (rule->privilege == SANDBOX_DEBUG && rule->number == number)
            return true;
    return false;
}

static bool
table_names (unsigned profile, long number)
{
    const struct sandbox_rule *rule;

    for (unsigned i = 0; (rule = sandbox_rule_at (i)) != NULL; i++)
        if (rule->number == number && sandbox_rule_applies (rule, profile))
            return true;
    return false;
}

/* ---- running ---- */

static struct lab
lab_of (unsigned profile, const struct sandbox_filter *filter)
{
    return (struct lab){ .privileges       = profile,
                         .disks            = disks,
                         .disk_count       = G_N_ELEMENTS (disks),
                         .descriptors      = descriptors,
                         .descriptor_count = G_N_ELEMENTS (descriptors),
                         .filter           = filter };
}

static void
compile (unsigned profile, struct sandbox_filter *filter)
{
    char error[200] = "";

    if (!sandbox_compile (profile, disks, G_N_ELEMENTS (disks), filter, error, sizeof error))
        fail_msg ("%s", error);
}

static struct outcome *
make_all (unsigned profile, const GArray *attempts)
{
    struct outcome *outcomes = g_new0 (struct outcome, attempts->len);
    struct sandbox_filter filter;
    struct lab lab = lab_of (profile, &filter);

    compile (profile, &filter);
    attempts_make (&lab, (const struct attempt *)attempts->data, attempts->len, outcomes);
    sandbox_filter_clear (&filter);
    return outcomes;
}

static void
wrong (unsigned profile, const struct attempt *attempt, const struct outcome *outcome)
{
    g_autofree char *text = outcome_text (outcome);

    fail_msg ("profile %u: %s: %s (%ld): %s", profile, attempt->group,
              attempt->name != NULL ? attempt->name : "number", attempt->number, text);
}

static bool
is_refused (const struct attempt *attempt, const struct outcome *outcome)
{
    return outcome->end == ATTEMPT_REFUSED && outcome->named == (int32_t)attempt->number;
}

static bool
is_killed (const struct outcome *outcome, int number)
{
    return outcome->end == ATTEMPT_DIED && outcome->result == number;
}

/* ---- canaries ---- */

static void
canary_file (void)
{
    assert_true (g_file_set_contents (canary.path, CANARY_TEXT, -1, NULL));
    assert_int_equal (chmod (canary.path, 0666), 0);
}

static void
the_canaries_sing (void)
{
    g_autofree char *text = NULL;
    g_autoptr (GDir) folder = g_dir_open (canary.folder, 0, NULL);
    struct stat status;

    assert_true (g_file_get_contents (canary.path, &text, NULL, NULL));
    assert_string_equal (text, CANARY_TEXT);
    assert_int_equal (stat (canary.path, &status), 0);
    assert_int_equal (status.st_mode & 07777, 0666);
    assert_int_equal (status.st_nlink, 1);
    assert_string_equal (g_dir_read_name (folder), "canary");
    assert_null (g_dir_read_name (folder));
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal (canary.memory[i], 0x55);
    assert_int_equal (waitpid (canary.sibling, NULL, WNOHANG), 0);
}

/* ---- every number ---- */

static GArray *
native_numbers (void)
{
    static const long far[] = { 0x3fffffff, -1 };
    GArray *list            = g_array_new (FALSE, TRUE, sizeof (struct attempt));

    for (long number = 0; number < 1024; number++) {
        struct attempt attempt = { .group = "native", .number = number };
        g_array_append_val (list, attempt);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS (far); i++) {
        struct attempt attempt = { .group = "native", .number = far[i] };
        g_array_append_val (list, attempt);
    }
    return list;
}

static bool
is_exempt (long number)
{
    for (unsigned i = 0; i < G_N_ELEMENTS (exempt); i++)
        if (exempt[i] == number)
            return true;
    return false;
}

static void
every_number_that_the_table_does_not_have_is_refused (void **state)
{
    unsigned profile = 0, profiles = 0, tried = 0, unasked = 0;

    (void)state;
    do {
        g_autoptr (GArray) list = native_numbers ();

        for (guint i = list->len; i-- > 0;)
            if (table_names (profile, g_array_index (list, struct attempt, i).number))
                g_array_remove_index (list, i);
        g_autofree struct outcome *outcomes = make_all (profile, list);
        for (guint i = 0; i < list->len; i++) {
            const struct attempt *attempt = &g_array_index (list, struct attempt, i);

            tried++;
            if (is_refused (attempt, &outcomes[i]))
                continue;
            if (!is_exempt (attempt->number)
                || (outcomes[i].end == ATTEMPT_MADE && outcomes[i].result >= 0))
                wrong (profile, attempt, &outcomes[i]);
            unasked++;
        }
        profiles++;
        profile = next_profile (profile);
    } while (profile != 0);
    print_message ("# %u attempts in %u profiles; exempt by this host's kernel: %u of the numbers "
                   "335 (uretprobe), 336 (uprobe)\n",
                   tried, profiles, unasked / profiles);
    assert_in_range (profiles, 4, 64);
    the_canaries_sing ();
}

static void
no_other_way_to_ask_is_answered (void **state)
{
    unsigned profile = 0, tried = 0;

    (void)state;
    do {
        g_autoptr (GArray) list = escapes_gates_new ();
#ifdef KHIMERA_SANITIZERS /* where a fork takes long */
        for (guint i = list->len - 2; i-- > 0;)
            if (i % 16 != 0)
                g_array_remove_index (list, i);
#endif
        g_autofree struct outcome *outcomes = make_all (profile, list);

        for (guint i = 0; i < list->len; i++) {
            const struct attempt *attempt = &g_array_index (list, struct attempt, i);
            bool there = attempt->gate == ATTEMPT_VSYSCALL
                             ? outcomes[i].end == ATTEMPT_REFUSED
                             : is_killed (&outcomes[i], SIGSYS);
            /* Where the kernel has no such gate or page at all. */
            bool none = attempt->gate != ATTEMPT_NATIVE && is_killed (&outcomes[i], SIGSEGV);

            tried++;
            if (!there && !none)
                wrong (profile, attempt, &outcomes[i]);
        }
        profile = next_profile (profile);
    } while (profile != 0);
    print_message ("# %u attempts by the 32-bit gate, x32 numbers and the vsyscall page\n", tried);
    the_canaries_sing ();
}

/* ---- what somebody who means it would try ---- */

static GArray *
escapes_here (void)
{
    GArray *list = escapes_new (&canary);

    for (guint i = list->len; i-- > 0;)
        if (is_for_debugging (g_array_index (list, struct attempt, i).number))
            g_array_remove_index (list, i);
    return list;
}

static void
no_escape_succeeds_in_any_profile (void **state)
{
    unsigned profile = 0, tried = 0;

    (void)state;
    do {
        g_autoptr (GArray) list             = escapes_here ();
        g_autofree struct outcome *outcomes = make_all (profile, list);

        for (guint i = 0; i < list->len; i++, tried++)
            if (!is_refused (&g_array_index (list, struct attempt, i), &outcomes[i]))
                wrong (profile, &g_array_index (list, struct attempt, i), &outcomes[i]);
#ifndef KHIMERA_SANITIZERS
        assert_in_range (list->len, 150, 1000);
#endif
        profile = next_profile (profile);
    } while (profile != 0);
    print_message ("# %u escapes tried\n", tried);
    the_canaries_sing ();
}

/* Were there no lock, they would get somewhere: it is the lock that holds them, not a bad
 * argument. Those that the host's own rights would stop, or that would harm the host, are not
 * tried. */
static void
without_the_lock_they_would_succeed (void **state)
{
    g_autoptr (GArray) list = escapes_here ();
    struct lab lab          = lab_of (all_privileges (), NULL);
    unsigned worked         = 0, tried;

    (void)state;
    for (guint i = list->len; i-- > 0;)
        if ((g_array_index (list, struct attempt, i).flags & ATTEMPT_WORKS) == 0)
            g_array_remove_index (list, i);
    tried                               = list->len;
    g_autofree struct outcome *outcomes = g_new0 (struct outcome, tried);
    for (guint i = 0; i < tried; i++) {
        const struct attempt *attempt = &g_array_index (list, struct attempt, i);
        g_autofree char *text         = NULL;

        canary_file ();
        attempts_make (&lab, attempt, 1, &outcomes[i]);
        worked += outcomes[i].end == ATTEMPT_MADE && outcomes[i].result >= 0;
        text = outcome_text (&outcomes[i]);
        if (outcomes[i].end != ATTEMPT_MADE || outcomes[i].result < 0)
            print_message ("# not here: %s: %s\n", attempt->name, text);
        g_autofree char *other = g_strdup_printf ("%s/new", canary.folder);
        unlink (other), rmdir (other);
        memset (canary.memory, 0x55, 256);
    }
    canary_file ();
    print_message ("# %u of %u get through without the lock\n", worked, tried);
    assert_true (worked * 10 >= tried * 8);
}

/* ---- instructions instead of calls ---- */

#define CODE static int64_t __attribute__ ((no_sanitize ("address", "undefined")))

CODE
write_view (uint64_t ignored)
{
    (void)ignored;
    *(volatile uint8_t *)(uintptr_t)canary.view = 1;
    return 0;
}

CODE
run_memory (uint64_t ignored)
{
    (void)ignored;
    canary.memory[1024] = 0xc3; /* ret */
    return ((int64_t (*) (void))(uintptr_t)&canary.memory[1024]) ();
}

CODE
run_stack (uint64_t ignored)
{
    volatile uint8_t code[16] = { 0xc3 };

    (void)ignored;
    return ((int64_t (*) (void))(uintptr_t)code) ();
}

CODE
change_code (uint64_t ignored)
{
    (void)ignored;
    *(volatile uint8_t *)(uintptr_t)change_code = 0xc3;
    return 0;
}

CODE
read_kernel (uint64_t ignored)
{
    (void)ignored;
    return *(volatile int64_t *)UINT64_C (0xffffffff81000000);
}

CODE
read_nowhere (uint64_t ignored)
{
    (void)ignored;
    volatile int64_t *volatile nowhere = (volatile int64_t *)16;

    return *nowhere;
}

#define INSTRUCTION(name, text)                                              \
    CODE                                                                     \
    name (uint64_t ignored)                                                  \
    {                                                                        \
        (void)ignored;                                                       \
        __asm__ volatile (text : : : "rax", "rcx", "rdx", "rbx", "memory"); \
        return 0;                                                            \
    }

INSTRUCTION (stop_interrupts, "cli")
INSTRUCTION (halt, "hlt")
INSTRUCTION (input, "inb $0x80, %%al")
INSTRUCTION (output, "outb %%al, $0x80")
INSTRUCTION (read_register, "mov %%cr0, %%rax")
INSTRUCTION (write_msr, "xor %%ecx, %%ecx\n\twrmsr")
INSTRUCTION (read_msr, "mov $0xc0000082, %%ecx\n\trdmsr")
INSTRUCTION (count, "xor %%ecx, %%ecx\n\trdpmc")
INSTRUCTION (undefined, "ud2")
INSTRUCTION (breakpoint, "int3")
INSTRUCTION (other_gate, "int $0x81")

static void
instructions_meet_the_processor (void **state)
{
    static const struct {
        const char *name;
        int64_t (*code) (uint64_t);
        int death;
    } cases[] = {
        { "a write to a page that is only shown", write_view, SIGSEGV },
        { "code in memory that is shared", run_memory, SIGSEGV },
        { "code on the stack", run_stack, SIGSEGV },
        { "a change of its own code", change_code, SIGSEGV },
        { "the kernel's memory", read_kernel, SIGSEGV },
        { "a bad pointer", read_nowhere, SIGSEGV },
        { "cli", stop_interrupts, SIGSEGV },
        { "hlt", halt, SIGSEGV },
        { "in", input, SIGSEGV },
        { "out", output, SIGSEGV },
        { "mov from cr0", read_register, SIGSEGV },
        { "wrmsr", write_msr, SIGSEGV },
        { "rdmsr", read_msr, SIGSEGV },
        { "rdpmc", count, SIGSEGV },
        { "ud2", undefined, SIGILL },
        { "int3", breakpoint, SIGTRAP },
        { "int 0x81", other_gate, SIGSEGV },
    };
    struct attempt attempts[G_N_ELEMENTS (cases)];
    struct outcome outcomes[G_N_ELEMENTS (cases)];
    unsigned profile = 0;

    (void)state;
    for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
        attempts[i] = (struct attempt){ .group  = "instructions",
                                        .name   = cases[i].name,
                                        .gate   = ATTEMPT_CODE,
                                        .number = (long)(uintptr_t)cases[i].code };
    do {
        struct sandbox_filter filter;
        struct lab lab = lab_of (profile, &filter);

        compile (profile, &filter);
        attempts_make (&lab, attempts, G_N_ELEMENTS (cases), outcomes);
        sandbox_filter_clear (&filter);
        for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
            if (!is_killed (&outcomes[i], cases[i].death))
                wrong (profile, &attempts[i], &outcomes[i]);
        profile = next_profile (profile);
    } while (profile != 0);
    the_canaries_sing ();
}

/* ---- the table, row by row ---- */

/* All that is tried under a table: what must be refused, then what must go. */
struct examination {
    GArray *attempts; /* struct attempt */
    GArray *duties;   /* struct duty, of the last ones */
    unsigned first_duty;
};

static struct examination
examination_of (unsigned profile)
{
    g_autoptr (GArray) near = escapes_near_new (&canary, disks, G_N_ELEMENTS (disks), profile);
    struct examination all  = { .attempts = escapes_here (),
                                .duties   = duties_new (&canary, profile) };

    for (guint i = 0; i < near->len; i++)
        if (!is_for_debugging (g_array_index (near, struct attempt, i).number))
            g_array_append_val (all.attempts, g_array_index (near, struct attempt, i));
    all.first_duty = all.attempts->len;
    for (guint i = 0; i < all.duties->len; i++)
        g_array_append_val (all.attempts, g_array_index (all.duties, struct duty, i).attempt);
    return all;
}

static void
examination_clear (struct examination *all)
{
    g_array_unref (all->attempts);
    g_array_unref (all->duties);
}

static bool
is_as_it_must (const struct outcome *outcome, const struct outcome *expected)
{
    return outcome->end == expected->end
           && (expected->result == RESULT_POSITIVE ? outcome->result > 0
                                                   : outcome->result == expected->result);
}

/* The first attempt that does not end as it should; NULL: all do. */
static const struct attempt *
surprise (const struct examination *all, const struct lab *lab, struct outcome *what)
{
    g_autofree struct outcome *outcomes = g_new0 (struct outcome, all->attempts->len);

    attempts_make (lab, (const struct attempt *)all->attempts->data, all->attempts->len, outcomes);
    for (guint i = 0; i < all->attempts->len; i++) {
        const struct attempt *attempt = &g_array_index (all->attempts, struct attempt, i);
        bool good = i < all->first_duty
                        ? is_refused (attempt, &outcomes[i])
                        : is_as_it_must (&outcomes[i],
                                         &g_array_index (all->duties, struct duty, i - all->first_duty).expected);
        *what = outcomes[i];
        if (!good)
            return attempt;
    }
    return NULL;
}

static void
every_profile_does_its_duty_and_no_more (void **state)
{
    unsigned profile = 0;

    (void)state;
    do {
        struct examination all = examination_of (profile);
        struct sandbox_filter filter;
        struct lab lab = lab_of (profile, &filter);
        struct outcome what;
        const struct attempt *attempt;

        compile (profile, &filter);
        attempt = surprise (&all, &lab, &what);
        if (attempt != NULL)
            wrong (profile, attempt, &what);
        sandbox_filter_clear (&filter);
        examination_clear (&all);
        profile = next_profile (profile);
    } while (profile != 0);
}

#ifndef KHIMERA_SANITIZERS
/* A table with one mistake. */
struct mutant {
    struct sandbox_rule rules[64];
    unsigned count;
    char *mistake;
};

static struct mutant
mutant_new (const char *mistake, const struct sandbox_rule *rule)
{
    struct mutant mutant = { .mistake = g_strdup_printf ("%s: %s", rule->call, mistake) };
    const struct sandbox_rule *from;

    while ((from = sandbox_rule_at (mutant.count)) != NULL) {
        g_assert (mutant.count < G_N_ELEMENTS (mutant.rules));
        mutant.rules[mutant.count++] = *from;
    }
    return mutant;
}

static bool
is_noticed (const struct mutant *mutant, const struct examination *examinations)
{
    unsigned profile = 0, i = 0;
    bool noticed     = false;

    do {
        struct sandbox_filter filter;
        struct lab lab = lab_of (profile, &filter);
        struct outcome what;
        char error[200] = "";

        if (!sandbox_compile_rules (mutant->rules, mutant->count, profile, disks,
                                    G_N_ELEMENTS (disks), &filter, error, sizeof error))
            fail_msg ("%s: %s", mutant->mistake, error);
        noticed = surprise (&examinations[i++], &lab, &what) != NULL;
        sandbox_filter_clear (&filter);
        profile = next_profile (profile);
    } while (!noticed && profile != 0);
    return noticed;
}

static unsigned mutants;

static void
expect_notice (struct mutant *mutant, const struct examination *examinations)
{
    mutants++;
    if (!is_noticed (mutant, examinations))
        fail_msg ("nobody notices this: %s", mutant->mistake);
    g_free (mutant->mistake);
}

static void
mutate_rule (unsigned i, const struct examination *examinations)
{
    const struct sandbox_rule *rule = sandbox_rule_at (i);
    struct mutant gone              = mutant_new ("the row is missing", rule);
    struct sandbox_condition *condition;

    memmove (&gone.rules[i], &gone.rules[i + 1], (--gone.count - i) * sizeof *gone.rules);
    expect_notice (&gone, examinations);
    if (rule->privilege != PRIVILEGE_NONE) {
        struct mutant shared = mutant_new ("everybody has it", rule);

        shared.rules[i].privilege = PRIVILEGE_NONE;
        expect_notice (&shared, examinations);
        struct mutant moved       = mutant_new ("somebody else has it", rule);
        moved.rules[i].privilege  = all_privileges () & ~rule->privilege;
        expect_notice (&moved, examinations);
    }
    if (rule->condition.test == SANDBOX_ANY)
        return;
    struct mutant wide             = mutant_new ("the condition is missing", rule);
    wide.rules[i].condition.test   = SANDBOX_ANY;
    expect_notice (&wide, examinations);
    struct mutant other            = mutant_new ("the condition is on another argument", rule);
    other.rules[i].condition.argument++;
    expect_notice (&other, examinations);
    if (rule->condition.test == SANDBOX_DISK) {
        struct mutant any              = mutant_new ("any descriptor below 64", rule);
        any.rules[i].condition         = (struct sandbox_condition){ SANDBOX_AT_MOST, 0, UINT64_MAX, 63 };
        expect_notice (&any, examinations);
        return;
    }
    struct mutant more           = mutant_new ("anything up to a little above its value", rule);
    more.rules[i].condition.test = SANDBOX_AT_MOST;
    more.rules[i].condition.value += 2;
    expect_notice (&more, examinations);
    for (unsigned bit = 0; bit < 64; bit++) {
        g_autofree char *text = g_strdup_printf ("bit %u is not looked at", bit);
        struct mutant loose   = mutant_new (text, rule);

        condition = &loose.rules[i].condition;
        condition->mask &= ~(UINT64_C (1) << bit);
        condition->value &= condition->mask;
        /* To wait and to wake are neighbours: either may be either. */
        if (rule->number == SYS_futex && bit == 0)
            g_free (loose.mistake);
        else
            expect_notice (&loose, examinations);
    }
}

static void
every_mistake_in_the_table_is_noticed (void **state)
{
    struct examination examinations[64];
    unsigned profile = 0, count = 0;

    (void)state;
    do
        examinations[count++] = examination_of (profile);
    while ((profile = next_profile (profile)) != 0);
    for (unsigned i = 0; sandbox_rule_at (i) != NULL; i++)
        mutate_rule (i, examinations);
    while (count > 0)
        examination_clear (&examinations[--count]);
    print_message ("# %u wrong tables, all noticed\n", mutants);
    assert_in_range (mutants, 200, 10000);
    the_canaries_sing ();
}
#endif

/* ---- setting up ---- */

static int
set_up (void **state)
{
    int fd = memfd_create ("canary", 0);

    (void)state;
    g_strlcpy (canary.folder, "/tmp/khimera-canary-XXXXXX", sizeof canary.folder);
    if (mkdtemp (canary.folder) == NULL || chmod (canary.folder, 0777) != 0)
        return -1;
    g_snprintf (canary.path, sizeof canary.path, "%s/canary", canary.folder);
    canary_file ();
    if (fd < 0 || ftruncate (fd, 4096) != 0)
        return -1;
    canary.memory = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    canary.view   = mmap (NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (canary.memory == MAP_FAILED || canary.view == MAP_FAILED)
        return -1;
    memset (canary.memory, 0x55, 256);
    canary.sibling = fork ();
    if (canary.sibling == 0)
        for (;;)
            pause ();
    descriptors[0] = (struct sandbox_descriptor){ memfd_create ("terminal", 0), DEVICE_TERMINAL_FD };
    for (unsigned i = 0; i < G_N_ELEMENTS (disks); i++) {
        descriptors[i + 1] = (struct sandbox_descriptor){ memfd_create ("disk", 0), disks[i] };
        if (ftruncate (descriptors[i + 1].from, 8192) != 0)
            return -1;
    }
    /* Under their numbers here too, for those who are not locked. */
    for (unsigned i = 0; i < G_N_ELEMENTS (descriptors); i++) {
        int far = fcntl (descriptors[i].from, F_DUPFD, 64);

        close (descriptors[i].from);
        descriptors[i].from = far;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS (descriptors); i++)
        dup2 (descriptors[i].from, descriptors[i].to);
    return canary.sibling > 0 ? 0 : -1;
}

static int
tear_down (void **state)
{
    (void)state;
    kill (canary.sibling, SIGKILL);
    waitpid (canary.sibling, NULL, 0);
    unlink (canary.path);
    return rmdir (canary.folder);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_number_that_the_table_does_not_have_is_refused),
        cmocka_unit_test (no_other_way_to_ask_is_answered),
        cmocka_unit_test (no_escape_succeeds_in_any_profile),
        cmocka_unit_test (without_the_lock_they_would_succeed),
        cmocka_unit_test (instructions_meet_the_processor),
        cmocka_unit_test (every_profile_does_its_duty_and_no_more),
#ifndef KHIMERA_SANITIZERS
        cmocka_unit_test (every_mistake_in_the_table_is_noticed),
#endif
    };

    return cmocka_run_group_tests_name ("escapes", tests, set_up, tear_down);
}
