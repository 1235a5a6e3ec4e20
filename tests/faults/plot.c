/* plot: see plot.h. */
#include "faults/plot.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX  60

const struct victim victims[VICTIMS] = {
    { "log", 3, 4 },     { "clock", 3, 4 }, { "tty", 4, 6 },   { "pm", 8, 12 },
    { "vfs", 120, 150 }, { "tmpfs", 50, 70 }, { "dev", 5, 8 }, { "proc", 6, 9 },
    { "blk", 10, 15 },   { "ext2", 100, 150 }, { "vm", 12, 9 }, { "rs", 40, 2 },
};

struct ground ground;

bool
victim_is (unsigned victim, const char *name)
{
    return strcmp (victims[victim].name, name) == 0;
}

/* ---- what all runs have in common ---- */

bool
ground_make (void)
{
    struct trial_result idle;

    ground.folder = g_dir_make_tmp ("khimera-campaign-XXXXXX", NULL);
    ground.image  = ground.folder != NULL ? trial_image_make (ground.folder) : NULL;
    if (ground.image == NULL)
        return false;
    calm_run (APART, ":", &idle);
    ground.booted_ns = idle.virtual_ns;
    trial_result_clear (&idle);
    return true;
}

bool
ground_clear (void)
{
    unlink (ground.image);
    return rmdir (ground.folder) == 0;
}

/* All drivers but the disk's, and what is theirs to serve, in one process. */
#define DRIVERS "component.log.domain=drivers", "component.clock.domain=drivers", \
                "component.tty.domain=drivers", "component.dev.domain=drivers"

const struct structure structures[STRUCTURES] = {
    [APART]  = { "microkernel", { NULL }, { NULL } },
    [HYBRID] = { "hybrid", { NULL }, { NULL } },
    [SHARED] = { "microkernel",
                 { DRIVERS, "component.vfs.domain=files", "component.tmpfs.domain=files",
                   "component.ext2.domain=files", "component.proc.domain=people",
                   "component.pm.domain=people", NULL },
                 { "tmpfs", "ext2", "pm", "log", "clock", "dev", NULL } },
    [DRIVER_HOST] = { "microkernel", { DRIVERS, "component.rs.policy=driver-host", NULL }, { NULL } },
    [MONOLITHIC]  = { "monolithic", { NULL }, { NULL } },
};

static void
homes_find (unsigned structure, bool *apart)
{
    g_auto (GStrv) common  = ground_assignments (structure, "replay");
    g_autofree char *wrong = NULL;
    MachineConfig *config  = config_read (structures[structure].machine, common, &wrong);

    for (unsigned v = 0; config != NULL && v < VICTIMS; v++) {
        const struct config_absence *absence = config_absence (config, victims[v].name);
        const struct component_config *component
            = absence != NULL ? absence->component : config_component (config, victims[v].name);

        apart[v] = component != NULL && strcmp (component->domain, "kernel") != 0;
    }
    config_free (config);
}

bool
structure_has_apart (unsigned structure, unsigned victim)
{
    static bool known[STRUCTURES], apart[STRUCTURES][VICTIMS];

    if (!known[structure])
        homes_find (structure, apart[structure]);
    known[structure] = true;
    return apart[structure][victim];
}

bool
structure_spares (unsigned structure, unsigned victim)
{
    return g_strv_contains (structures[structure].spared, victims[victim].name);
}

char **
ground_assignments (unsigned structure, const char *restart)
{
    GPtrArray *all = g_ptr_array_new ();

    for (const char *const *at = structures[structure].settings; *at != NULL; at++)
        g_ptr_array_add (all, g_strdup (*at));

    g_ptr_array_add (all, g_strdup ("machine.tasks=64"));
    g_ptr_array_add (all, g_strconcat ("machine.restart=", restart, NULL));
    for (unsigned i = 0; i < VICTIMS; i++) {
        g_ptr_array_add (all, g_strdup_printf ("component.%s.restart-intensity=1000000",
                                               victims[i].name));
        g_ptr_array_add (all, g_strdup_printf ("component.%s.heartbeat=100ms", victims[i].name));
        g_ptr_array_add (all, g_strdup_printf ("component.%s.restart-backoff=0s", victims[i].name));
    }
    g_ptr_array_add (all, NULL);
    return (char **)g_ptr_array_free (all, FALSE);
}

/* ---- a run ---- */

void
plot_begin (struct plot *plot, unsigned structure, const char *restart, const char *commands)
{
    *plot = (struct plot){ .structure   = structure,
                           .restart     = restart,
                           .commands    = commands,
                           .assignments = g_ptr_array_new_with_free_func (g_free) };
}

void
plot_clear (struct plot *plot)
{
    g_ptr_array_unref (plot->assignments);
}

void
plot_rule (struct plot *plot, unsigned victim, enum fault_kind kind)
{
    plot->rules[plot->count].victim = (uint8_t)victim;
    plot->rules[plot->count].kind   = (uint8_t)kind;
    plot->count++;
    plot_more (plot, "component", "%s", victims[victim].name);
    plot_more (plot, "kind", "%s", fault_kinds[kind].word);
}

void
plot_more (struct plot *plot, const char *key, const char *format, ...)
{
    g_autofree char *value = NULL;
    va_list arguments;

    va_start (arguments, format);
    value = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    g_ptr_array_add (plot->assignments,
                     g_strdup_printf ("fault.f%u.%s=%s", plot->count, key, value));
}

void
plot_set (struct plot *plot, const char *assignment)
{
    g_ptr_array_add (plot->assignments, g_strdup (assignment));
}

struct trial_setup
ground_setup (unsigned structure, const char *commands, char **assignments)
{
    return (struct trial_setup){ .machine     = structures[structure].machine,
                                 .assignments = assignments,
                                 .commands    = commands,
                                 .folder      = ground.folder,
                                 .image       = ground.image };
}

void
plot_run (struct plot *plot, struct trial_result *result)
{
    g_auto (GStrv) common    = ground_assignments (plot->structure, plot->restart);
    struct trial_setup setup = ground_setup (plot->structure, plot->commands, common);

    g_ptr_array_add (plot->assignments, NULL);
    trial_run (&setup, (char **)plot->assignments->pdata, result);
    g_ptr_array_set_size (plot->assignments, (gint)plot->assignments->len - 1);
}

unsigned
plot_fired (const struct plot *plot, const struct trial_result *result)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < plot->count; i++)
        sum += result->fired[i];
    return sum;
}

static void
plot_print (const struct plot *plot)
{
    g_auto (GStrv) common = ground_assignments (plot->structure, plot->restart);

    printf ("# mke2fs -q -t ext2 -b 1024 IMAGE 4M; khimera run %s --disk IMAGE "
            "--set component.tty.echo=no --set component.tty.nlcr=no",
            structures[plot->structure].machine);
    for (char **at = common; *at != NULL; at++)
        printf (" --set %s", *at);
    for (guint i = 0; i < plot->assignments->len; i++)
        printf (" --set %s", (const char *)plot->assignments->pdata[i]);
    printf (" -c '%s'\n", plot->commands);
}

static void
text_print (const char *text)
{
    g_auto (GStrv) lines = g_strsplit (text, "\n", LINES_MAX);

    for (char **line = lines; *line != NULL; line++)
        printf ("#    %s\n", *line);
}

bool
plot_expected (const struct plot *plot, const struct trial_result *result, enum outcome outcome,
               unsigned predicted, const char *why)
{
    if (predicted >> outcome & 1)
        return true;
    printf ("# %s: %s\n", outcome_names[outcome], why);
    plot_print (plot);
    text_print (result->report->str);
    text_print (result->output->str);
    return false;
}

void
calm_run (unsigned structure, const char *commands, struct trial_result *calm)
{
    struct plot none;

    plot_begin (&none, structure, "replay", commands);
    plot_run (&none, calm);
    if (!calm->finished || calm->end != BOARD_HALTED || calm->status != 0 || !calm->image_clean) {
        printf ("Bail out! the machine does not run without faults: %s%s\n", calm->output->str,
                calm->report->str);
        exit (1);
    }
    plot_clear (&none);
}
