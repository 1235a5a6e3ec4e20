/* structures: see structures.h. */
#define _GNU_SOURCE
#include "structures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gate/gate.h"

#define TIMEOUT_MS 120000u

const struct structure structures[] = {
    { "all in the kernel", "kernel", "kernel", "kernel", true, 0 },
    { "the probe apart", "own", "kernel", "kernel", false, 0 },
    { "the subject apart", "kernel", "own", "kernel", false, 0 },
    { "probe and subject together", "pair", "pair", "own", true, 0 },
    { "each by itself", "own", "own", "own", false, 0 },
    { "each by itself, processes replaced", "own", "own", "own", false, 25 },
    { NULL, NULL, NULL, NULL, false, 0 },
};

/* Those of the machine that all trials start from. */
static const char plain[] = "log clock tty pm vfs tmpfs dev proc vm";

bool
structure_fits (const struct structure *structure, const struct trial *trial)
{
    bool alone = strcmp (structure->subject, "own") == 0;

    if (strcmp (trial->subject, "nucleus") == 0)
        return strcmp (structure->subject, "kernel") == 0
               || (alone && !structure->direct && strcmp (structure->probe, "own") == 0);
    if (strcmp (trial->subject, "user") == 0)
        return strcmp (structure->subject, "pair") != 0;
    return true;
}

/* ---- the machine ---- */

static void
assign (GPtrArray *assignments, const char *components, const char *subject,
        const char *domain)
{
    g_auto (GStrv) names = g_strsplit (components, " ", -1);

    for (char **name = names; *name != NULL; name++)
        if (**name != '\0' && strcmp (*name, subject) != 0)
            g_ptr_array_add (assignments,
                             g_strdup_printf ("component.%s.domain=%s", *name, domain));
}

/* Where everybody lives, as assignments. */
static GPtrArray *
placement (const struct structure *structure, const struct trial *trial)
{
    GPtrArray *assignments = g_ptr_array_new_with_free_func (g_free);
    bool user = strcmp (trial->subject, "user") == 0;
    const char *programs = user ? structure->subject : structure->others;

    assign (assignments, plain, trial->subject, structure->others);
    if (trial->more != NULL)
        assign (assignments, trial->more, trial->subject, structure->others);
    assign (assignments, "probe", "", structure->probe);
    if (!user && strcmp (trial->subject, "nucleus") != 0)
        assign (assignments, trial->subject, "", structure->subject);
    g_ptr_array_add (assignments,
                     g_strdup_printf ("user.domain=%s", strcmp (programs, "kernel") == 0
                                                            ? "kernel"
                                                            : "user"));
    g_ptr_array_add (assignments, NULL);
    return assignments;
}

static MachineConfig *
configure (const struct structure *structure, const struct trial *trial, const char *image,
           GString *wrong)
{
    g_autoptr (GPtrArray) assignments = placement (structure, trial);
    bool named
        = strcmp (trial->subject, "user") != 0 && strcmp (trial->subject, "nucleus") != 0;
    g_auto (GStrv) lines
        = g_strsplit (trial->machine != NULL ? trial->machine : "", "@", -1);
    g_autofree char *parts = g_strjoinv (image, lines);
    g_autofree char *text = g_strdup_printf (
        "[machine]\nextends = monolithic\nseed = 7\n"
        "[user]\nfile = vfs\nlog = log\nclock = %s\n"
        "[component probe]\nclass = %s\nsuite = %s\n%s%s\n%s",
        trial->clock != NULL ? trial->clock : "clock", trial->probe->name,
        trial->suite->name, named ? "subject = " : "", named ? trial->subject : "", parts);
    g_autofree char *path = NULL, *report = NULL;
    g_autoptr (GError) error = NULL;
    int file = g_file_open_tmp ("khimera-suites-XXXXXX.conf", &path, &error);
    MachineConfig *config = NULL;

    if (file < 0) {
        g_string_append (wrong, error->message);
        return NULL;
    }
    close (file);
    if (!g_file_set_contents (path, text, -1, &error))
        g_string_append (wrong, error->message);
    else if ((config = config_read (path, (char **)assignments->pdata, &report)) == NULL)
        g_string_append_printf (wrong, "%s%s", report, text);
    unlink (path);
    return config;
}

/* ---- the image ---- */

static const char *
tool (const char *variable, const char *usual)
{
    const char *path = getenv (variable);

    return path != NULL && *path != '\0' ? path : usual;
}

bool
structure_has_tools (const struct trial *trial)
{
    return trial->image_block == 0
           || (access (tool ("MKE2FS", "/sbin/mke2fs"), X_OK) == 0
               && access (tool ("E2FSCK", "/sbin/e2fsck"), X_OK) == 0);
}

static bool
command (GString *wrong, const char *format, ...)
{
    g_autofree char *line = NULL, *out = NULL, *complaints = NULL;
    g_autoptr (GError) error = NULL;
    va_list arguments;
    int status;

    va_start (arguments, format);
    line = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    if (!g_spawn_command_line_sync (line, &out, &complaints, &status, &error)) {
        g_string_append_printf (wrong, "%s: %s\n", line, error->message);
        return false;
    }
    if (status != 0)
        g_string_append_printf (wrong, "%s: wait status %d\n%s%s", line, status, out,
                                complaints);
    return status == 0;
}

static char *
image_make (unsigned block, GString *wrong)
{
    char *path = NULL;
    g_autoptr (GError) error = NULL;
    int file = g_file_open_tmp ("khimera-suites-XXXXXX.img", &path, &error);

    if (file < 0) {
        g_string_append (wrong, error->message);
        return NULL;
    }
    close (file);
    g_setenv ("E2FSPROGS_FAKE_TIME", "1700000000", TRUE);
    command (wrong,
             "%s -q -F -t ext2 -b %u -U 6b68696d-6572-6120-7465-737400000001 "
             "-E hash_seed=6b68696d-6572-6120-7465-737400000002 %s 8M",
             tool ("MKE2FS", "/sbin/mke2fs"), block, path);
    return path;
}

/* ---- the run ---- */

/* Standard output becomes a file in memory; the board writes there what the machine's
 * terminal gets. Returns the file; *before is what it was. */
static int
output_catch (int *before)
{
    int caught = memfd_create ("terminal", MFD_CLOEXEC);

    fflush (stdout);
    *before = dup (STDOUT_FILENO);
    dup2 (caught, STDOUT_FILENO);
    return caught;
}

static void
output_release (int caught, int before, GString *output)
{
    char bytes[4096];
    ssize_t got;
    off_t at = 0;

    dup2 (before, STDOUT_FILENO);
    close (before);
    while ((got = pread (caught, bytes, sizeof bytes, at)) > 0) {
        g_string_append_len (output, bytes, got);
        at += got;
    }
    close (caught);
}

static uint32_t
component_of (const char *name)
{
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        if (strcmp (PLAN->components[c].name, name) == 0)
            return c;
    return 0;
}

/* Did the calls take the gate they should, and were they all well formed? */
static void
look_at_gates (const struct structure *structure, const struct trial *trial, GString *wrong)
{
    uint32_t id = component_of ("probe");
    const struct link_stats *stats = STATS (id)->links + PLAN->components[id].need_first[0];
    uint64_t calls = 0;

    for (uint32_t i = 0; i < OPERATION_MAX; i++)
        calls += stats->calls[i];
    /* a call that the caller's own gate refuses does not cross */
    if (calls == 0 || (structure->direct ? stats->remote != 0 : stats->remote * 2 < calls))
        g_string_append_printf (wrong, "%lu calls, %lu of them by channel\n",
                                (unsigned long)calls, (unsigned long)stats->remote);
    for (uint32_t d = 0; d < PLAN->domain_count; d++)
        if (RUNTIME (d)->violations != 0)
            g_string_append_printf (wrong, "%s: %lu malformed messages\n",
                                    PLAN->domains[d].name,
                                    (unsigned long)RUNTIME (d)->violations);
    for (uint32_t i = 0; trial->cancels != 0 && i < PLAN->link_count; i++)
        if (PLAN->links[i].owner == COMPONENT_NUCLEUS
            && PLAN->links[i].interface == INTERFACE_clock) {
            stats = STATS (COMPONENT_NUCLEUS)->links
                    + (i - PLAN->components[COMPONENT_NUCLEUS].first_link);
            if (stats->refused != trial->cancels)
                g_string_append_printf (wrong, "%lu calls were interrupted, not %u\n",
                                        (unsigned long)stats->refused, trial->cancels);
        }
}

static void
boot (const struct structure *structure, const struct trial *trial,
      const MachineConfig *config, struct run *run)
{
    static char rest[] = "rest";
    static char *first[] = { rest, NULL };
    struct build_init init = { .arguments = first };
    struct board_options options
        = { .timeout_ms = TIMEOUT_MS, .replace = structure->replace };
    struct board_result result;
    g_autoptr (GError) error = NULL;
    Machine *machine = machine_build (config, &init, &error);
    const struct probe *probe;
    int caught, before;

    if (machine == NULL) {
        g_string_append_printf (run->wrong, "%s\n", error->message);
        return;
    }
    caught = output_catch (&before);
    board_run (machine, &options, &result);
    output_release (caught, before, run->output);
    probe = COMPONENT (component_of ("probe"))->state;
    run->probe = *probe;
    run->end = result.end;
    g_string_append (run->report, result.report->str);
    if (result.end != BOARD_HALTED || result.status != 0 || result.report->len != 0
        || !probe->over)
        g_string_append_printf (run->wrong, "end %d, status %d, cases %s\n%s",
                                (int)result.end, result.status,
                                probe->over ? "over" : "not over", result.report->str);
    else
        look_at_gates (structure, trial, run->wrong);
    g_string_free (result.report, TRUE);
    machine_free (machine);
}

void
structure_run (const struct structure *structure, const struct trial *trial,
               struct run *run)
{
    g_autofree char *image = NULL;
    MachineConfig *config = NULL;

    *run = (struct run){ .end = BOARD_FAILED,
                         .report = g_string_new (NULL),
                         .output = g_string_new (NULL),
                         .wrong = g_string_new (NULL) };
    if (trial->image_block != 0)
        image = image_make (trial->image_block, run->wrong);
    if (run->wrong->len == 0)
        config = configure (structure, trial, image != NULL ? image : "", run->wrong);
    if (config != NULL) {
        boot (structure, trial, config, run);
        config_free (config);
        if (image != NULL)
            command (run->wrong, "%s -fn %s", tool ("E2FSCK", "/sbin/e2fsck"), image);
    }
    if (image != NULL)
        unlink (image);
}

void
run_clear (struct run *run)
{
    g_string_free (run->report, TRUE);
    g_string_free (run->output, TRUE);
    g_string_free (run->wrong, TRUE);
}
