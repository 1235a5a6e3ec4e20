/* command_faults: `khimera faults`: the blast-radius matrix. Every component has every fault, in
 * real runs; what came of it is compared with what the structure says should. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "command_faults_cell.h"
#include "config/report.h"
#include "config/value.h"
#include "fault/chances.h"

/* Everybody is called; but rs only by who reads what became of whom, which is never twice the
 * same. */
#define LOAD    "onceload -n 120 /load /tmp/load; e=$?; memload -n 200 -p 64 || e=$?; "
#define HISTORY "cat /proc/machine/restarts >/tmp/r || e=3; "
static const char *const loads[]
    = { LOAD "exit $e", LOAD HISTORY HISTORY HISTORY HISTORY "exit $e" };

const struct command_option command_faults_options[] = {
    OPTIONS_MACHINE,
    { "component", 'c', "NAME",
      "Only this component; can be given many times. nucleus: the kernel's own, only if named." },
    { "fault", 'f', "KIND", "Only this fault, as in \"khimera help faults\"; likewise." },
    { "call", 0, "N", "The fault strikes at the N-th opportunity after the boot (3)." },
    { "predict", 'p', NULL, "Compare with what the structure says should happen." },
    { "verbose", 'v', NULL,
      "Say for each fault who died, what was lost, whose calls took longer and how much." },
    OPTION_JSON, OPTION_HELP, OPTIONS_END,
};

/* A load, and how it goes when nothing goes wrong. */
struct reference {
    const char *commands;
    struct trial_result calm;
    struct chances chances;
};

struct faults {
    char **assignments;
    GPtrArray *components; /* chosen names; empty: all */
    GPtrArray *kinds;
    uint64_t call;
    uint64_t at_ns; /* when the machine has booted */
    bool predict, verbose, json;
    char *folder;
    unsigned runs, failures, surprises;
    json_t *root;
};

/* ---- one cell ---- */

static char *
deaths_text (const struct trial_result *result)
{
    GString *text = g_string_new (NULL);

    for (uint32_t d = 0; d < result->domain_count; d++)
        if (result->deaths[d] != TRIAL_LIVED)
            g_string_append_printf (text, "%s%.15s%s", text->len != 0 ? " " : "",
                                    result->domains[d],
                                    result->deaths[d] == TRIAL_CAME_BACK ? " (put back)" : "");
    return g_string_free (text, FALSE);
}

static void
cell_run (struct faults *faults, const struct trial_setup *setup, const MachineConfig *config,
          const struct reference *reference, const char *component, enum fault_kind kind,
          struct cell *cell)
{
    const struct trial_result *calm = &reference->calm;
    char *fault[5] = { NULL };
    struct trial_result result;

    fault[0] = g_strdup_printf ("fault.trial.component=%s", component);
    fault[1] = g_strdup_printf ("fault.trial.kind=%s", fault_kinds[kind].word);
    fault[2] = g_strdup_printf ("fault.trial.call=%" G_GUINT64_FORMAT, faults->call);
    fault[3] = g_strdup_printf ("fault.trial.at=%" G_GUINT64_FORMAT "ns", faults->at_ns);
    trial_run (setup, fault, &result);
    cell->outcome   = outcome_of (&result, calm, kind, &cell->why);
    cell->predicted = outcome_predict (
        config, component, kind, chances_reach (&reference->chances, component, kind, faults->call));
    cell->died      = deaths_text (&result);
    cell->delay_ns  = (int64_t)(result.virtual_ns - calm->virtual_ns);
    memcpy (cell->names, result.components, sizeof cell->names);
    g_strlcpy (cell->names[COMPONENT_NUCLEUS], "programs", sizeof cell->names[0]);
    for (unsigned c = 0; c < result.component_count; c++)
        cell->delays_ns[c] = (int64_t)(result.calls_ns[c] - calm->calls_ns[c]);
    cell->host_ns   = result.host_ns;
    cell->report    = g_strdup (result.report->str);
    trial_result_clear (&result);
    for (unsigned i = 0; i < 4; i++)
        g_free (fault[i]);
    faults->runs++;
    faults->failures += cell->outcome == OUTCOME_FAIL;
    faults->surprises += (cell->predicted >> cell->outcome & 1) == 0;
    cell->surprise = faults->predict && (cell->predicted >> cell->outcome & 1) == 0;
}

static bool
chosen (const GPtrArray *names, const char *name)
{
    return names->len == 0
           || g_ptr_array_find_with_equal_func ((GPtrArray *)names, name, g_str_equal, NULL);
}

static bool
has_disk (const struct component_config *component)
{
    return component->device != NULL && strcmp (component->class_name, "blk") == 0;
}

static bool
has_files (const struct component_config *component)
{
    return strcmp (component->class_name, "vfs") == 0;
}

/* Does it make any sense to let this go wrong there? */
static bool
kind_fits (const struct faults *faults, const struct component_config *component,
           enum fault_kind kind)
{
    bool disk = fault_kinds[kind].place == FAULT_AT_DISK;

    return chosen (faults->kinds, fault_kinds[kind].word)
           && (!disk || has_disk (component)) && (kind != FAULT_FILES || has_files (component));
}

static void
head_print (const struct faults *faults)
{
    unsigned number = 0;

    if (faults->json || faults->verbose)
        return;
    for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
        if (chosen (faults->kinds, fault_kinds[kind].word))
            printf ("%32s%-*s%s\n", "", (int)number, "", fault_kinds[kind].word), number++;
}

/* ---- a machine ---- */

/* It is no component of a machine file, but a rule can name it. */
static struct component_config nucleus
    = { .name = (char *)"nucleus", .class_name = (char *)"nucleus", .domain = (char *)"kernel" };

static void
component_run (struct faults *faults, const struct trial_setup *setup,
               const MachineConfig *config, const struct reference *references,
               const struct component_config *component, json_t *rows)
{
    const struct reference *reference = &references[strcmp (component->class_name, "rs") == 0];
    struct trial_setup own            = *setup;

    own.commands = reference->commands;
    if (!faults->json && !faults->verbose)
        printf ("  %s%-14s%s %-15s", style_on (STYLE_NAME), component->name,
                style_off (STYLE_NAME), component->domain);
    for (unsigned kind = 0; kind < FAULT_KINDS; kind++) {
        struct cell cell = { 0 };

        if (!kind_fits (faults, component, kind)) {
            if (!faults->json && !faults->verbose && chosen (faults->kinds, fault_kinds[kind].word))
                putchar (' ');
            continue;
        }
        cell_run (faults, &own, config, reference, component->name, kind, &cell);
        if (faults->json)
            json_array_append_new (rows, cell_json (&cell, component->name, kind));
        else if (faults->verbose)
            cell_line_print (&cell, component->name, kind);
        else
            cell_letter_print (&cell);
        g_free (cell.died);
        g_free (cell.report);
    }
    if (!faults->json && !faults->verbose)
        putchar ('\n');
}

/* In a few words, owned by the caller. */
static char *
calm_why (const struct trial_result *calm)
{
    static const char *const ends[] = { [BOARD_HALTED] = "it halted by itself",
                                        [BOARD_PANIC] = "the kernel panicked",
                                        [BOARD_TIMEOUT] = "it hangs",
                                        [BOARD_SIGNAL] = "it was stopped",
                                        [BOARD_FAILED] = "its processes could not go on",
                                        [BOARD_POWER_CUT] = "its power was cut" };

    if (!calm->finished)
        return g_strdup ("its supervisor died");
    if (!calm->ran)
        return g_strdup ("it could not be built");
    if (calm->end != BOARD_HALTED || calm->gave_up[0] != '\0')
        return g_strdup_printf ("%s%s%s", ends[calm->end], calm->gave_up[0] != '\0' ? ": " : "",
                                calm->gave_up);
    return g_strdup_printf ("the load that checks itself ended with status %d", calm->status);
}

/* The run in which nothing goes wrong must be right, or nothing can be said. */
static bool
calm_run (const struct trial_setup *setup, struct trial_result *calm)
{
    g_autofree char *why = NULL;

    trial_run (setup, NULL, calm);
    if (calm->finished && calm->ran && calm->end == BOARD_HALTED && calm->status == 0)
        return true;
    why = calm_why (calm);
    command_complain ("faults", "%s does not even run without faults: %s\n%s%s", setup->machine,
                      why, calm->output->str, calm->report->str);
    trial_result_clear (calm);
    return false;
}

static void
references_clear (struct reference *references, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        trial_result_clear (&references[i].calm);
}

static bool
chances_find (const struct faults *faults, const struct trial_setup *setup,
              const MachineConfig *config, struct reference *reference)
{
    struct chances *chances = &reference->chances;

    *chances = (struct chances){ .count = 1, .components = { { .name = nucleus.name } } };
    for (guint i = 0; i < config->components->len; i++, chances->count++) {
        const struct component_config *component = config->components->pdata[i];

        chances->components[chances->count].name  = component->name;
        chances->components[chances->count].disk  = has_disk (component);
        chances->components[chances->count].files = has_files (component);
    }
    if (chances_count (chances, setup, faults->at_ns, &reference->calm))
        return true;
    command_complain ("faults", "%s does something else when its calls are counted",
                      setup->machine);
    return false;
}

/* What goes wrong later does so when a machine that has nothing to do would have halted: all have
 * booted. */
static bool
references_make (struct faults *faults, const struct trial_setup *setup,
                 const MachineConfig *config, struct reference *references)
{
    struct trial_setup own = *setup;
    struct trial_result idle;

    own.commands = ":";
    if (!calm_run (&own, &idle))
        return false;
    faults->at_ns = idle.virtual_ns;
    trial_result_clear (&idle);
    for (unsigned i = 0; i < G_N_ELEMENTS (loads); i++) {
        own.commands = references[i].commands = loads[i];
        if (!calm_run (&own, &references[i].calm)) {
            references_clear (references, i);
            return false;
        }
        if (!chances_find (faults, &own, config, &references[i])) {
            references_clear (references, i + 1);
            return false;
        }
    }
    return true;
}

static bool
names_known (const struct faults *faults, const MachineConfig *config)
{
    for (guint i = 0; i < faults->components->len; i++)
        if (strcmp (faults->components->pdata[i], nucleus.name) != 0
            && config_component (config, faults->components->pdata[i]) == NULL) {
            command_complain ("faults", "%s has no component \"%s\"", config->name,
                              (const char *)faults->components->pdata[i]);
            return false;
        }
    return true;
}

/* What disk0 holds: the machine's own image, or a fresh file system where the machine could have
 * a disk and was given none. NULL: nothing. */
static char *
image_choose (const struct faults *faults, const MachineConfig *config)
{
    const struct device_config *disk = config_device (config, "disk0");
    const char *image                = disk != NULL ? config_device_option (disk, "image") : "";

    if (*image != '\0')
        return g_strdup (image);
    if (disk == NULL && g_hash_table_contains (config->settings, "device disk0/kind"))
        return trial_image_make (faults->folder);
    return NULL;
}

static void
components_run (struct faults *faults, const struct trial_setup *setup,
                const MachineConfig *config, const struct reference *references)
{
    json_t *rows = json_array ();

    if (!faults->json)
        printf ("%s%s%s\n", style_on (STYLE_HEAD), config->name, style_off (STYLE_HEAD));
    if (faults->components->len != 0 && chosen (faults->components, nucleus.name))
        component_run (faults, setup, config, references, &nucleus, rows);
    for (guint i = 0; i < config->components->len; i++) {
        const struct component_config *component = config->components->pdata[i];

        if (chosen (faults->components, component->name))
            component_run (faults, setup, config, references, component, rows);
    }
    json_object_set_new (faults->root, config->name, rows);
}

/* The machine as it is described, with a disk if it can have one. */
static MachineConfig *
machine_read (const struct faults *faults, const char *machine, char **image)
{
    g_autofree char *wrong    = NULL, *option = NULL;
    MachineConfig *config     = config_read (machine, faults->assignments, &wrong);
    g_autoptr (GPtrArray) all = g_ptr_array_new ();

    if (config != NULL && (*image = image_choose (faults, config)) != NULL) {
        option = g_strconcat ("device.disk0.image=", *image, NULL);
        for (char **at = faults->assignments; *at != NULL; at++)
            g_ptr_array_add (all, *at);
        g_ptr_array_add (all, option);
        g_ptr_array_add (all, NULL);
        config_free (config);
        config = config_read (machine, (char **)all->pdata, &wrong);
    }
    if (config == NULL)
        fputs (wrong, stderr);
    return config;
}

static bool
machine_try (struct faults *faults, const char *machine)
{
    g_autofree char *image   = NULL;
    MachineConfig *config    = machine_read (faults, machine, &image);
    struct trial_setup setup = { .machine     = machine,
                                 .assignments = faults->assignments,
                                 .folder      = faults->folder,
                                 .image       = image };
    struct reference references[G_N_ELEMENTS (loads)];
    bool fine = config != NULL && names_known (faults, config)
                && references_make (faults, &setup, config, references);

    if (fine) {
        components_run (faults, &setup, config, references);
        references_clear (references, G_N_ELEMENTS (loads));
    }
    config_free (config);
    return fine;
}

/* ---- the command ---- */

static bool
option_take (struct faults *faults, const char *option, const char *value)
{
    if (strcmp (option, "component") == 0)
        g_ptr_array_add (faults->components, g_strdup (value));
    else if (strcmp (option, "predict") == 0)
        faults->predict = true;
    else if (strcmp (option, "verbose") == 0)
        faults->verbose = true;
    else if (strcmp (option, "json") == 0)
        faults->json = true;
    else if (strcmp (option, "call") == 0) {
        if (value_number (value, &faults->call) && faults->call != 0 && faults->call <= UINT32_MAX)
            return true;
        command_complain ("faults", "--call %s is no number from 1 on", value);
        return false;
    } else if (strcmp (option, "fault") == 0) {
        g_autoptr (GPtrArray) words = g_ptr_array_new ();
        g_autofree char *remedy     = NULL;

        for (unsigned i = 0; i < FAULT_KINDS; i++)
            g_ptr_array_add (words, (gpointer)fault_kinds[i].word);
        g_ptr_array_add (faults->kinds, g_strdup (value));
        if (g_ptr_array_find_with_equal_func (words, value, g_str_equal, NULL))
            return true;
        g_ptr_array_add (words, NULL);
        remedy = suggest_remedy (value, (const char *const *)words->pdata);
        command_complain ("faults", "there is no fault \"%s\"%s", value, remedy);
        return false;
    }
    return true;
}

static int
machines_try (struct faults *faults, char **machines, int count)
{
    g_autoptr (GError) error = NULL;
    bool fine                = true;

    faults->folder = g_dir_make_tmp ("khimera-faults-XXXXXX", &error);
    if (faults->folder == NULL) {
        command_complain ("faults", "%s", error->message);
        return EXIT_FAILURE;
    }
    head_print (faults);
    for (int i = 0; fine && i < count; i++)
        fine = machine_try (faults, machines[i]);
    if (fine && !faults->json && !faults->verbose)
        cell_legend_print ();
    if (faults->json)
        json_dumpf (faults->root, stdout, JSON_INDENT (2)), putchar ('\n');
    else if (fine)
        printf ("%u runs, %u failed%s", faults->runs, faults->failures,
                faults->predict ? "" : "\n");
    if (faults->predict && fine && !faults->json)
        printf (", %u not as predicted\n", faults->surprises);
    g_autofree char *base = g_build_filename (faults->folder, "base.img", NULL);
    unlink (base);
    rmdir (faults->folder);
    return fine && faults->failures == 0 && (!faults->predict || faults->surprises == 0)
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}

int
command_faults (int argc, char **argv)
{
    g_autoptr (GPtrArray) assignments = g_ptr_array_new_with_free_func (g_free);
    struct faults faults = { .components = g_ptr_array_new_with_free_func (g_free),
                             .kinds      = g_ptr_array_new_with_free_func (g_free),
                             .call       = 3,
                             .root       = json_object () };
    struct options options;
    const char *option, *value;
    bool right = true;
    int status;

    options_start (&options, "faults", argc, argv);
    while (right && (option = options_next (&options, &value)) != NULL)
        right = options_machine (option, value, assignments)
                || option_take (&faults, option, value);
    status = options_end (&options, EXIT_USAGE);
    if (status < 0 && right && optind == argc) {
        command_complain ("faults", "no machine given; try \"khimera faults hybrid\"");
        right = false;
    }
    if (status < 0 && !right)
        status = EXIT_USAGE;
    g_ptr_array_add (assignments, NULL);
    faults.assignments = (char **)assignments->pdata;
    if (status < 0)
        status = machines_try (&faults, argv + optind, argc - optind);
    g_ptr_array_unref (faults.components);
    g_ptr_array_unref (faults.kinds);
    g_free (faults.folder);
    json_decref (faults.root);
    return status;
}
