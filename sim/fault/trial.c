/* trial: see trial.h. */
#define _GNU_SOURCE
#include "fault/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault/rules.h"
#include "gate/gate.h"
#include "watch/digest.h"

#define REPORT_MAX 16384u

/* What the process that runs the machine leaves behind: memory that both map. */
struct left {
    struct trial_result result; /* but for its strings */
    char report[REPORT_MAX];
};

/* ---- the host's tools ---- */

static const char *
tool (const char *variable, const char *usual)
{
    const char *path = g_getenv (variable);

    return path != NULL && *path != '\0' ? path : usual;
}

/* The exit status; -1: it could not be run. */
static int
tool_run (const char *const *words)
{
    int status = -1;

    if (!g_spawn_sync (NULL, (char **)words, NULL,
                       G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                       NULL, &status, NULL))
        return -1;
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

char *
trial_image_make (const char *folder)
{
    char *path                = g_build_filename (folder, "base.img", NULL);
    const char *const words[] = { tool ("MKE2FS", "/sbin/mke2fs"),
                                  "-q", "-F", "-t", "ext2", "-b", "1024", path, "4M", NULL };

    if (tool_run (words) == 0)
        return path;
    g_free (path);
    return NULL;
}

/* Copies the bytes of a file that may have holes. */
static bool
image_copy (const char *from, const char *to)
{
    g_autoptr (GMappedFile) mapped = g_mapped_file_new (from, FALSE, NULL);

    return mapped != NULL
           && g_file_set_contents_full (to, g_mapped_file_get_contents (mapped),
                                        (gssize)g_mapped_file_get_length (mapped),
                                        G_FILE_SET_CONTENTS_NONE, 0600, NULL);
}

static void
image_look (const char *path, struct trial_result *result)
{
    const char *fsck           = tool ("E2FSCK", "/sbin/e2fsck");
    const char *const look[]   = { fsck, "-fn", path, NULL };
    const char *const repair[] = { fsck, "-fy", path, NULL };
    int status                 = tool_run (look);

    result->image_clean = status <= 0;
    if (!result->image_clean)
        status = tool_run (repair);
    result->image_usable = status >= -1 && status <= 2;
}

/* ---- in the process that runs the machine ---- */

static void
samples_look (const struct fault_page *page, struct trial_result *result)
{
    uint32_t count = atomic_load (&page->sample_count);

    for (uint32_t i = 0; i < MIN (count, FAULT_SAMPLES_MAX); i++)
        if (result->sample_count < TRIAL_SAMPLES_MAX)
            result->samples[result->sample_count++] = page->samples[i];
}

static uint64_t
calls_ns (uint32_t component)
{
    const struct plan_component *plan = &PLAN->components[component];
    uint64_t cycles                   = 0;

    for (uint32_t i = 0; i < plan->link_count; i++)
        cycles += STATS (component)->links[i].total;
    return CYCLES_TO_NS (cycles);
}

static void
components_look (struct trial_result *result)
{
    result->component_count = PLAN->component_count;
    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        result->homes[c]    = (uint8_t)PLAN->components[c].domain;
        result->calls_ns[c] = calls_ns (c);
        g_strlcpy (result->components[c], PLAN->components[c].name, sizeof result->components[c]);
        if (c == COMPONENT_NUCLEUS || c == COMPONENT_USER || !digest_of (c, &result->digests[c]))
            result->digests[c] = 0;
    }
}

static void
machine_look (const struct board_result *board, struct left *left)
{
    struct trial_result *result = &left->result;

    result->end          = board->end;
    result->status       = board->status;
    result->host_ns      = board->host_ns;
    result->audits_differ = board->audits_differ;
    result->virtual_ns   = CYCLES_TO_NS (RUNTIME (DOMAIN_KERNEL)->token.now);
    result->trace        = RUNTIME (DOMAIN_KERNEL)->token.trace;
    result->domain_count = PLAN->domain_count;
    g_strlcpy (result->gave_up, RUNTIME (DOMAIN_KERNEL)->halt_reason, sizeof result->gave_up);
    g_strlcpy (left->report, board->report->str, sizeof left->report);
    for (uint32_t i = 0; i < PLAN->fault_count; i++)
        result->fired[i] = fault_fired (i), result->seen[i] = fault_seen (i);
    for (uint32_t c = 0; c < PLAN->component_count; c++)
        samples_look (FAULTS (c), result);
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        const struct plan_domain *domain = &PLAN->domains[d];

        memcpy (result->domains[d], domain->name, sizeof domain->name);
        result->violations += (uint32_t)RUNTIME (d)->violations;
        result->deaths[d] = domain->state == DOMAIN_DEAD ? TRIAL_DIED
                            : domain->generation > 1     ? TRIAL_CAME_BACK
                                                         : TRIAL_LIVED;
    }
    components_look (result);
    if (board->end == BOARD_PANIC)
        result->deaths[DOMAIN_KERNEL] = TRIAL_DIED;
}

static char **
assignments_all (const struct trial_setup *setup, char **faults, const char *image)
{
    GPtrArray *all = g_ptr_array_new ();

    g_ptr_array_add (all, g_strdup ("component.tty.echo=no"));
    g_ptr_array_add (all, g_strdup ("component.tty.nlcr=no"));
    for (char **at = setup->assignments; at != NULL && *at != NULL; at++)
        g_ptr_array_add (all, g_strdup (*at));
    if (image != NULL)
        g_ptr_array_add (all, g_strconcat ("device.disk0.image=", image, NULL));
    for (char **at = faults; at != NULL && *at != NULL; at++)
        g_ptr_array_add (all, g_strdup (*at));
    g_ptr_array_add (all, NULL);
    return (char **)g_ptr_array_free (all, FALSE);
}

static void
machine_run (const struct trial_setup *setup, char **assignments, struct left *left)
{
    static char path[] = "PATH=/bin", home[] = "HOME=/";
    static char *environment[]   = { path, home, NULL };
    char *arguments[]            = { (char *)"sh", (char *)"-c", (char *)setup->commands, NULL };
    struct build_init init       = { .arguments = arguments, .environment = environment };
    struct board_options options = { .patience_ms    = TRIAL_PATIENCE_MS,
                                     .virtual_max_ns = TRIAL_VIRTUAL_MAX_NS };
    g_autofree char *wrong       = NULL;
    g_autoptr (GError) error     = NULL;
    MachineConfig *config        = config_read (setup->machine, assignments, &wrong);
    struct board_result result;
    Machine *machine;

    if (config == NULL) {
        g_strlcpy (left->report, wrong, sizeof left->report);
        return;
    }
    machine = machine_build (config, &init, &error);
    if (machine == NULL) {
        g_strlcpy (left->report, error->message, sizeof left->report);
        return;
    }
    board_run (machine, &options, &result);
    machine_look (&result, left);
    left->result.ran = true;
    machine_free (machine);
}

/* ---- in the one that wants to know ---- */

static GString *
output_read (int file)
{
    GString *text = g_string_new (NULL);
    char bytes[4096];
    ssize_t got;

    for (off_t at = 0; (got = pread (file, bytes, sizeof bytes, at)) > 0; at += got)
        g_string_append_len (text, bytes, got);
    return text;
}

static _Noreturn void
child (const struct trial_setup *setup, char **assignments, struct left *left, int output)
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    dup2 (output, STDOUT_FILENO);
    machine_run (setup, assignments, left);
    fflush (NULL);
    _exit (0);
}

void
trial_run (const struct trial_setup *setup, char **faults, struct trial_result *result)
{
    int output            = memfd_create ("output", MFD_CLOEXEC), status = -1;
    struct left *left     = mmap (NULL, sizeof *left, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_autofree char *name = g_strdup_printf ("disk.%d", (int)getpid ());
    g_autofree char *image
        = setup->image != NULL ? g_build_filename (setup->folder, name, NULL) : NULL;
    g_auto (GStrv) assignments = assignments_all (setup, faults, image);
    bool disk                  = image == NULL || image_copy (setup->image, image);
    pid_t process              = -1;

    *result = (struct trial_result){ .image_clean = true, .image_usable = true };
    fflush (NULL);
    if (output >= 0 && left != MAP_FAILED && disk)
        process = fork ();
    if (process == 0)
        child (setup, assignments, left, output);
    while (process > 0 && waitpid (process, &status, 0) < 0 && errno == EINTR)
        continue;
    if (left != MAP_FAILED) {
        *result          = left->result;
        result->report   = g_string_new (left->report);
        result->finished = process > 0 && WIFEXITED (status) && WEXITSTATUS (status) == 0;
        munmap (left, sizeof *left);
    } else {
        result->report = g_string_new ("no memory");
    }
    result->output      = output_read (output);
    result->image_clean = result->image_usable = true;
    if (image != NULL) {
        image_look (image, result);
        unlink (image);
    }
    close (output);
}

void
trial_result_clear (struct trial_result *result)
{
    g_string_free (result->output, TRUE);
    g_string_free (result->report, TRUE);
}
