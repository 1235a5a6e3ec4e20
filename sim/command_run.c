/* command_run: `khimera run`: boots a machine and stays until it ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "board/board.h"
#include "board/control.h"
#include "board/move_schedule.h"
#include "command.h"
#include "command_run_away.h"
#include "command_run_options.h"
#include "command_run_room.h"
#include "command_run_root.h"
#include "config/report.h"
#include "ui/ui.h"
#include "watch/export.h"

static int
complain (const char *message)
{
    fprintf (stderr, "khimera: %s\n", message);
    return RUN_FAILED;
}

/* Opens a file to write; "-" is standard output. NULL, with a message, if it cannot be. */
static FILE *
output_open (const char *path)
{
    FILE *file = strcmp (path, "-") == 0 ? fdopen (dup (STDOUT_FILENO), "w") : fopen (path, "we");

    if (file == NULL)
        fprintf (stderr, "khimera: %s: %s\n", path, g_strerror (errno));
    return file;
}

/* Does the machine run away from the terminal, with a viewer in the foreground? By default it
 * does where a person sits at a terminal that can show one. */
static bool
dashboard_wanted (const struct run_options *options)
{
    bool otherwise = options->commands != NULL || options->script != NULL || options->console
                     || options->plain || options->detach || options->no_control
                     || g_strcmp0 (options->stats, "-") == 0
                     || g_strcmp0 (options->events, "-") == 0;

    return options->dashboard || (!otherwise && ui_possible ());
}

static enum board_input
input_choose (const struct run_options *options)
{
    if (options->commands != NULL || options->script != NULL)
        return BOARD_INPUT_NONE;
    if (options->detach || dashboard_wanted (options))
        return BOARD_INPUT_BOARD;
    return !options->plain && isatty (STDIN_FILENO) && isatty (STDOUT_FILENO)
               ? BOARD_INPUT_TERMINAL
               : BOARD_INPUT_PIPE;
}

/* When no terminal is there, the machine's own neither echoes nor adds carriage returns. */
static char **
assignments_with (const struct run_options *options, enum board_input input)
{
    static const char *const plain[] = { "component.tty.echo=no", "component.tty.nlcr=no",
                                         "component.tty.crnl=no" };
    g_autoptr (GPtrArray) all = g_ptr_array_new ();

    if (input == BOARD_INPUT_NONE || input == BOARD_INPUT_PIPE)
        for (size_t i = 0; i < G_N_ELEMENTS (plain); i++)
            g_ptr_array_add (all, g_strdup (plain[i]));
    for (char **at = options->assignments; at != NULL && *at != NULL; at++)
        g_ptr_array_add (all, g_strdup (*at));
    g_ptr_array_add (all, NULL);
    return (char **)g_ptr_array_free (g_steal_pointer (&all), FALSE);
}

/* What the first program is started with; false, with a message, if the script is not
 * there. */
static bool
init_choose (const struct run_options *options, const struct run_root *root,
             enum board_input input, GPtrArray *arguments)
{
    static const char poor[] = "this host has no static busybox (Debian: busybox-static), so the "
                               "shell is the built-in one";
    g_autoptr (GError) error = NULL;
    g_autofree char *script  = NULL;
    gsize bytes;

    g_ptr_array_add (arguments, g_strdup (root->shell));
    if (root->poor && input != BOARD_INPUT_BOARD)
        fprintf (stderr, "khimera: %s\n", poor);
    if (root->is_box)
        g_ptr_array_add (arguments, g_strdup ("sh"));
    if (options->commands != NULL) {
        g_ptr_array_add (arguments, g_strdup ("-c"));
        g_ptr_array_add (arguments, g_strdup (options->commands));
    } else if (options->script != NULL) {
        if (!g_file_get_contents (options->script, &script, &bytes, &error)) {
            fprintf (stderr, "khimera: %s\n", error->message);
            return false;
        }
        if (strlen (script) != bytes) {
            fprintf (stderr, "khimera: %s: not a text: it has zero bytes\n", options->script);
            return false;
        }
        g_ptr_array_add (arguments, g_strdup ("-c"));
        g_ptr_array_add (arguments, g_steal_pointer (&script));
        /* Its $0: there is no such file in the machine, and no path of the host. */
        g_ptr_array_add (arguments, g_path_get_basename (options->script));
    } else if (input == BOARD_INPUT_PIPE) {
        g_ptr_array_add (arguments, g_strdup ("-s"));
    } else if (root->poor && input == BOARD_INPUT_BOARD) {
        /* A dashboard shows nothing but what the machine says. */
        g_ptr_array_add (arguments, g_strdup ("-c"));
        g_ptr_array_add (arguments, g_strdup_printf ("echo '%s'; exec sh -i", poor));
    }
    g_ptr_array_add (arguments, NULL);
    return true;
}

/* Where a person types no run is like another anyway. */
static void
clock_stops_tell (enum board_input input, bool strict)
{
    uint64_t stops = stats_clock_stops ();

    if (stops == 0 || input == BOARD_INPUT_TERMINAL || input == BOARD_INPUT_BOARD)
        return;
    if (strict)
        fprintf (stderr, "khimera: --strict has ended a program that computed for long without a "
                         "call, by SIGXCPU\n");
    else
        fprintf (stderr, "khimera: the host's clock has interrupted programs %" G_GUINT64_FORMAT
                         " time%s: another run may differ; with --strict none is interrupted\n",
                 stops, stops == 1 ? "" : "s");
}

/* What the user sees of the end. */
static int
verdict (const struct board_result *result, enum board_input input)
{
    if (result->quit && input == BOARD_INPUT_BOARD && result->end == BOARD_SIGNAL)
        return EXIT_SUCCESS; /* as somebody wished */
    if (result->report->len != 0)
        fputs (result->report->str, stderr);
    if (result->events_lost)
        return complain ("the events could not all be written");
    if (result->output_lost)
        return complain ("standard output could not take everything");
    switch (result->end) {
    case BOARD_HALTED:
        return result->status;
    case BOARD_PANIC:
        return RUN_PANIC;
    case BOARD_TIMEOUT:
        fprintf (stderr, "khimera: the time given with --timeout has run out\n");
        return RUN_TIMEOUT;
    case BOARD_SIGNAL:
        return 128 + result->status;
    case BOARD_FAILED:
    case BOARD_POWER_CUT:
        break;
    }
    return RUN_FAILED;
}

/* A machine can do without a socket, if nobody needs it. False: somebody does. */
static bool
control_open (const MachineConfig *config, const struct run_options *options, bool needed,
              Control **control)
{
    g_autoptr (GError) error = NULL;

    *control = options->no_control ? NULL : control_new (config, &error);
    if (*control != NULL && options->verbose)
        fprintf (stderr, "khimera: listening on %s\n", control_path (*control));
    if (error != NULL && (needed || options->verbose))
        fprintf (stderr, "khimera: %s\n", error->message);
    return *control != NULL || !needed;
}

struct run_files {
    FILE *events, *stats;
};

/* Boots the machine, and again if somebody wishes. */
static int
machine_boot (const MachineConfig *config, const struct run_options *options,
              const struct run_files *files, struct board_options *board)
{
    static char path[] = "PATH=/bin", home[] = "HOME=/", term[] = "TERM=xterm";
    static char *environment[] = { path, home, term, NULL };
    struct build_init init = { .environment = environment };
    int status             = RUN_FAILED;
    struct run_root root;
    bool again;

    if (!run_root_make (&root, options, config,
                        board->input == BOARD_INPUT_TERMINAL || board->input == BOARD_INPUT_BOARD)
        || !run_room_make (root.archive, config)) {
        run_root_clear (&root);
        return RUN_FAILED;
    }
    init.archive = root.archive->bytes;
    init.strict  = options->strict;
    do {
        g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
        g_autoptr (GError) error        = NULL;
        struct board_result result;
        Machine *machine;

        if (!init_choose (options, &root, board->input, arguments)) {
            status = RUN_FAILED;
            break;
        }
        init.arguments = (char **)arguments->pdata;
        machine        = machine_build (config, &init, &error);
        if (machine == NULL) {
            status = complain (error->message);
            break;
        }
        board_run (machine, board, &result);
        again  = result.reboot;
        clock_stops_tell (board->input, options->strict);
        status = verdict (&result, board->input);
        if (!again && files->stats != NULL && !stats_write (files->stats, config, &result))
            status = complain ("the statistics could not be written");
        if (options->replace != 0)
            fprintf (stderr, "khimera: %u processes replaced\n", result.replaced);
        g_string_free (result.report, TRUE);
        machine_free (machine);
    } while (again);
    run_root_clear (&root);
    return status;
}

struct ready {
    struct run_away *away;
    Control *control;
};

static void
ready (void *data)
{
    const struct ready *to = data;

    run_away_ready (to->away, control_path (to->control));
}

/* Do the components that are to move exist? */
static bool
moves_agree (const MachineConfig *config, const GPtrArray *moves)
{
    for (guint i = 0; i < moves->len; i++) {
        const struct planned_move *move = moves->pdata[i];
        g_autofree const char **names   = g_new0 (const char *, config->components->len + 2);
        g_autofree char *remedy         = NULL;

        if (strcmp (move->component, "user") == 0
            || config_component (config, move->component) != NULL)
            continue;
        for (guint c = 0; c < config->components->len; c++)
            names[c] = ((struct component_config *)config->components->pdata[c])->name;
        names[config->components->len] = "user";
        remedy                         = suggest_remedy (move->component, names);
        command_complain ("run", "--move: there is no component \"%s\"%s", move->component,
                          remedy);
        return false;
    }
    return true;
}

/* `away`: NULL if the machine runs in the foreground. */
static int
machine_run (const MachineConfig *config, const struct run_options *options,
             enum board_input input, const struct run_files *files, struct run_away *away)
{
    struct ready whom          = { .away = away };
    struct board_options board = { .input      = input,
                                   .timeout_ms = options->timeout_ms,
                                   .events     = files->events,
                                   .replace    = options->replace,
                                   .moves      = options->moves,
                                   .random_moves = options->random_moves,
                                   .rules      = config->rules,
                                   .paused     = options->paused,
                                   .linger     = away != NULL,
                                   .ready      = away != NULL ? ready : NULL,
                                   .ready_data = &whom };
    int status;

    if (!control_open (config, options, away != NULL || options->paused, &board.control))
        return RUN_FAILED;
    whom.control = board.control;
    status       = machine_boot (config, options, files, &board);
    control_free (board.control);
    return status;
}

/* The machine in a process of its own; here the viewer, or nobody. */
static int
machine_run_away (const MachineConfig *config, const struct run_options *options,
                  enum board_input input, const struct run_files *files)
{
    g_autofree char *socket_path = NULL;
    struct run_away away;
    int status = RUN_FAILED;

    if (!run_away_begin (&away))
        return complain (g_strerror (errno));
    if (away.child)
        return machine_run (config, options, input, files, &away);
    socket_path = run_away_wait (&away, &status);
    if (socket_path == NULL)
        return status;
    if (options->detach) {
        printf ("%s %d\n", config->name, away.process);
        return EXIT_SUCCESS;
    }
    ui_attach (socket_path, false, options->record);
    return run_away_leave (&away, socket_path);
}

int
command_run (int argc, char **argv)
{
    struct run_options options;
    int status = run_options_parse (&options, argc, argv);
    g_auto (GStrv) assignments = NULL;
    g_autofree char *report    = NULL;
    MachineConfig *config;
    struct run_files files = { 0 };
    enum board_input input;

    if (status >= 0)
        return status;
    input       = input_choose (&options);
    assignments = assignments_with (&options, input);
    config      = config_read (options.machine, assignments, &report);
    if (config == NULL) {
        fputs (report, stderr);
        run_options_clear (&options);
        return RUN_FAILED;
    }
    status = RUN_FAILED;
    if (moves_agree (config, options.moves)
        && (options.events == NULL || (files.events = output_open (options.events)) != NULL)
        && (options.stats == NULL || (files.stats = output_open (options.stats)) != NULL))
        status = options.detach || dashboard_wanted (&options)
                     ? machine_run_away (config, &options, input, &files)
                     : machine_run (config, &options, input, &files, NULL);
    if (files.events != NULL && fclose (files.events) != 0 && status == 0)
        status = complain ("the events could not all be written");
    if (files.stats != NULL && fclose (files.stats) != 0 && status == 0)
        status = complain ("the statistics could not be written");
    config_free (config);
    run_options_clear (&options);
    return status;
}
