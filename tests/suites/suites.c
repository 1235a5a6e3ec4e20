/* suites: each interface has one suite of tests, which runs over both gates and on every
 * provider.
 *
 * A trial is one suite on one provider. It runs in every structure; a case is passed if it
 * is in each of them, and all of them must have seen the same: what the calls answered,
 * what was written on the terminal. With an argument: only the trials whose names begin
 * with it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "personalities/posix/lib/posix.h"
#include "servers/classes.h"
#include "structures.h"
#include "suites.h"

static const struct suite *const suites[] = {
    &block_suite,  &clock_suite,    &file_suite,      &file_event_suite, &fs_suite,   &fs_dev_suite,
    &fs_proc_suite, &gate_suite,    &gate_lie_suite,  &gate_task_suite,  &kernel_suite, &log_suite,
    &process_suite, &tty_suite,     &umode_suite,     &vm_suite,
};

static const struct component_class *const classes[] = {
    &odd_class,
    &probe_block_class,
    &probe_clock_class,
    &probe_file_class,
    &probe_fs_class,
    &probe_gate_class,
    &probe_gate_task_class,
    &probe_kernel_class,
    &probe_log_class,
    &probe_process_class,
    &probe_tty_class,
    &probe_umode_class,
    &probe_vm_class,
    &relay_class,
    NULL,
};

/* The first program: waits for what never comes, on no timer, so that the machine is idle
 * whenever the probe is. */
static int
program_rest (int argc, char **argv)
{
    int ends[2];
    char byte;

    (void)argc, (void)argv;
    return posix_pipe (ends, 0) == 0 && posix_read (ends[0], &byte, 1) == 0 ? 0 : 1;
}

static const struct program programs[] = {
    { "rest", program_rest, "wait for ever" },
    { NULL, NULL, NULL },
};

const struct suite *
suite_find (const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS (suites); i++)
        if (strcmp (suites[i]->name, name) == 0)
            return suites[i];
    return NULL;
}

/* Who has several to choose from must be told. */
#define CHOICES                                                                            \
    "[component pm]\nlog = log\nclock = clock\nfiles = vfs\n[component proc]\nfiles = "    \
    "vfs\n"
#define ODDS                                                                               \
    "[component odd]\ntag = 1\nback = probe\n"                                             \
    "[component other]\nclass = odd\ntag = 2\nback = none\n"                               \
    "[component relay]\nlog = odd\nclock = odd\nfile = odd\n" CHOICES

static const struct trial trials[] = {
    { .name = "block of blk",
      .probe = &probe_block_class,
      .suite = &block_suite,
      .subject = "disk",
      .machine = "[component disk]\nclass = blk\ndevice = disk1\n"
                 "[device disk1]\nkind = disk\nsize = 1M\nqueue-depth = 4\n",
      .more = "disk" },
    { .name = "block of blk, in order, no cache",
      .probe = &probe_block_class,
      .suite = &block_suite,
      .subject = "disk",
      .machine
      = "[component disk]\nclass = blk\ndevice = disk1\norder = fifo\n"
        "[device disk1]\nkind = disk\nsize = 1M\nqueue-depth = 4\nwrite-cache = off\n",
      .more = "disk" },
    { .name = "clock",
      .probe = &probe_clock_class,
      .suite = &clock_suite,
      .subject = "clock" },
    { .name = "file of vfs",
      .probe = &probe_file_class,
      .suite = &file_suite,
      .subject = "vfs" },
    { .name = "file of vfs: events",
      .probe = &probe_file_class,
      .suite = &file_event_suite,
      .subject = "vfs" },
    { .name = "fs of tmpfs",
      .probe = &probe_fs_class,
      .suite = &fs_suite,
      .subject = "files",
      .machine = "[component files]\nclass = tmpfs\n",
      .more = "files" },
    { .name = "fs of ext2, blocks of 1 KiB",
      .probe = &probe_fs_class,
      .suite = &fs_suite,
      .subject = "files",
      .machine = "[component files]\nclass = ext2\ndisk = disk\n"
                 "[component disk]\nclass = blk\ndevice = disk1\n"
                 "[device disk1]\nkind = disk\nimage = @\n",
      .more = "files disk",
      .image_block = 1024 },
    { .name = "fs of ext2, blocks of 4 KiB",
      .probe = &probe_fs_class,
      .suite = &fs_suite,
      .subject = "files",
      .machine = "[component files]\nclass = ext2\ndisk = disk\n"
                 "[component disk]\nclass = blk\ndevice = disk1\n"
                 "[device disk1]\nkind = disk\nimage = @\n",
      .more = "files disk",
      .image_block = 4096 },
    { .name = "fs of dev",
      .probe = &probe_fs_class,
      .suite = &fs_dev_suite,
      .subject = "devices",
      .machine = "[component devices]\nclass = dev\n",
      .more = "devices" },
    { .name = "fs of proc",
      .probe = &probe_fs_class,
      .suite = &fs_proc_suite,
      .subject = "texts",
      .machine = "[component texts]\nclass = proc\n",
      .more = "texts" },
    { .name = "gate",
      .probe = &probe_gate_class,
      .suite = &gate_suite,
      .subject = "odd",
      .machine = "clock = odd\nfile = odd\nother = other\nodd = odd\n" ODDS,
      .more = "odd other relay" },
    { .name = "gate, forwarded",
      .probe = &probe_gate_class,
      .suite = &gate_suite,
      .subject = "relay",
      .machine = "clock = relay\nfile = relay\nother = other\nodd = odd\n" ODDS,
      .more = "odd other relay" },
    { .name = "gate, given up",
      .probe = &probe_gate_task_class,
      .suite = &gate_task_suite,
      .subject = "odd",
      .machine = "[component odd]\nback = clock\n" CHOICES,
      .more = "odd",
      .clock = "odd",
      .cancels = 7 },
    { .name = "gate, given up, forwarded",
      .probe = &probe_gate_task_class,
      .suite = &gate_task_suite,
      .subject = "odd",
      .machine = "[component odd]\nback = clock\n"
                 "[component relay]\nlog = odd\nclock = odd\nfile = odd\n" CHOICES,
      .more = "odd relay",
      .clock = "relay",
      .cancels = 7 },
    { .name = "kernel of nucleus",
      .probe = &probe_kernel_class,
      .suite = &kernel_suite,
      .subject = "nucleus" },
    { .name = "log", .probe = &probe_log_class, .suite = &log_suite, .subject = "log" },
    { .name = "process of pm",
      .probe = &probe_process_class,
      .suite = &process_suite,
      .subject = "pm" },
    { .name = "tty", .probe = &probe_tty_class, .suite = &tty_suite, .subject = "tty" },
    { .name = "umode of user",
      .probe = &probe_umode_class,
      .suite = &umode_suite,
      .subject = "user" },
    { .name = "vm", .probe = &probe_vm_class, .suite = &vm_suite, .subject = "vm" },
};

/* The trial whose subject breaks an invariant, on purpose. */
static const struct trial lie = {
    .name = "gate, a lie",
    .probe = &probe_gate_class,
    .suite = &gate_lie_suite,
    .subject = "odd",
    .machine = "clock = odd\nfile = odd\nother = other\nodd = odd\n" ODDS,
    .more = "odd other relay",
};

/* ---- TAP ---- */

static unsigned number;
static unsigned failures;

static void
report (const char *trial, const char *name, const GString *wrong)
{
    printf ("%sok %u - %s: %s\n", wrong->len == 0 ? "" : "not ", ++number, trial, name);
    failures += wrong->len != 0;
    if (wrong->len != 0) {
        g_auto (GStrv) lines = g_strsplit (wrong->str, "\n", -1);

        for (char **line = lines; *line != NULL; line++)
            if (**line != '\0')
                printf ("# %s\n", *line);
    }
    fflush (stdout);
}

struct results {
    struct run runs[16];
    const struct structure *where[16];
    unsigned count;
};

static void
report_case (const struct trial *trial, const struct results *results, unsigned index)
{
    g_autoptr (GString) wrong = g_string_new (NULL);

    for (unsigned i = 0; i < results->count; i++) {
        const struct outcome *outcome = &results->runs[i].probe.outcomes[index];

        if (outcome->line != 0)
            g_string_append_printf (wrong, "%s: %s:%u: %s\n", results->where[i]->name,
                                    outcome->file, outcome->line, outcome->why);
        else if (!outcome->ran)
            g_string_append_printf (wrong, "%s: it did not come to its end\n",
                                    results->where[i]->name);
    }
    report (trial->name, trial->suite->cases[index].name, wrong);
}

static void
report_ends (const struct trial *trial, const struct results *results)
{
    g_autoptr (GString) wrong = g_string_new (NULL);

    for (unsigned i = 0; i < results->count; i++)
        if (results->runs[i].wrong->len != 0)
            g_string_append_printf (wrong, "%s: %s\n", results->where[i]->name,
                                    results->runs[i].wrong->str);
    report (trial->name, "the machine ends well", wrong);
}

static void
report_same (const struct trial *trial, const struct results *results)
{
    g_autoptr (GString) wrong = g_string_new (NULL);
    const struct run *first = &results->runs[0];

    for (unsigned i = 1; i < results->count; i++) {
        if (results->runs[i].probe.digest != first->probe.digest)
            g_string_append_printf (wrong, "%s: the calls answered otherwise\n",
                                    results->where[i]->name);
        if (!g_string_equal (results->runs[i].output, first->output))
            g_string_append_printf (
                wrong, "%s: the terminal got %lu bytes, not the same %lu\n",
                results->where[i]->name, (unsigned long)results->runs[i].output->len,
                (unsigned long)first->output->len);
    }
    if (trial->suite == &tty_suite
        && (first->output->len < GRANT_MAX
            || strncmp (first->output->str, "suite of tty\r\n", 14)))
        g_string_append (wrong, "what was written did not come out\n");
    report (trial->name, "every structure has seen the same", wrong);
}

static unsigned
case_count (const struct suite *suite)
{
    unsigned count = 0;

    while (suite->cases[count].name != NULL)
        count++;
    return count;
}

static void
skip (const struct trial *trial)
{
    for (unsigned i = 0; i < case_count (trial->suite) + 2; i++)
        printf ("ok %u - %s # SKIP no mke2fs or e2fsck\n", ++number, trial->name);
}

static void
try (const struct trial *trial)
{
    static struct results results;

    if (!structure_has_tools (trial)) {
        skip (trial);
        return;
    }
    results.count = 0;
    for (const struct structure *at = structures; at->name != NULL; at++)
        if (structure_fits (at, trial)) {
            results.where[results.count] = at;
            structure_run (at, trial, &results.runs[results.count++]);
        }
    for (unsigned i = 0; i < case_count (trial->suite); i++)
        report_case (trial, &results, i);
    report_ends (trial, &results);
    report_same (trial, &results);
    for (unsigned i = 0; i < results.count; i++)
        run_clear (&results.runs[i]);
}

/* In one domain with the kernel it is a panic; with a domain of its own it is that domain's
 * end, and its caller's error. */
static void
try_lie (void)
{
    for (const struct structure *at = structures; at->name != NULL; at++) {
        g_autoptr (GString) wrong = g_string_new (NULL);
        bool panic = strcmp (at->subject, "kernel") == 0;
        struct run run;

        if (strcmp (at->subject, "pair") == 0 || at->replace != 0)
            continue; /* the probe would end with it; nothing new */
        structure_run (at, &lie, &run);
        if (run.end != (panic ? BOARD_PANIC : BOARD_HALTED))
            g_string_append_printf (wrong, "end %d\n", (int)run.end);
        if (strstr (run.report->str, "does not hold") == NULL)
            g_string_append_printf (wrong, "it is not reported: \"%s\"\n", run.report->str);
        if (!panic && (!run.probe.outcomes[0].ran || run.probe.outcomes[0].line != 0))
            g_string_append (wrong, run.probe.outcomes[0].why);
        report (lie.name, at->name, wrong);
        run_clear (&run);
    }
}

int
main (int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "";
    unsigned tests = 0;

    classes_extra = classes;
    programs_extra = programs;
    for (size_t i = 0; i < G_N_ELEMENTS (trials); i++)
        if (g_str_has_prefix (trials[i].name, wanted))
            tests += case_count (trials[i].suite) + 2;
    if (g_str_has_prefix (lie.name, wanted))
        tests += 4;
    printf ("1..%u\n", tests);
    for (size_t i = 0; i < G_N_ELEMENTS (trials); i++)
        if (g_str_has_prefix (trials[i].name, wanted))
            try (&trials[i]);
    if (g_str_has_prefix (lie.name, wanted))
        try_lie ();
    return failures == 0 ? 0 : 1;
}
