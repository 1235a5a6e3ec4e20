/* command_run_options: the options of `khimera run`, and what they mean together. */
#include "command_run_options.h"

#include <string.h>

#include "board/move_schedule.h"
#include "command.h"
#include "command_run_root.h"
#include "config/value.h"

const struct command_option command_run_options[] = {
    { "commands", 'c', "COMMANDS",
      "Run these commands in the machine's shell; its output is standard output, its exit status "
      "the exit status." },
    { "script", 0, "FILE", "The same with the commands of a file of the host, whose name is their $0." },
    OPTIONS_MACHINE,
    { "add", 0, "HOSTFILE[:PATH]",
      "Put a file of the host into the machine when it boots, at PATH or into /bin; a static "
      "x86-64 executable can be run there. May be given several times." },
    { "root", 0, "WHAT",
      "What the root of the machine's file system holds: a directory or a tar file, copied there "
      "when it boots with owners, modes, times and links, but without devices, sockets and what is "
      "in its /dev and /proc; or an ext2 image, which is then its disk. A root in memory gets the "
      "room for it, if the machine file does not say how large it is. If it has a /bin/sh, that is "
      "the shell." },
    { "shell", 0, "PATH",
      "The machine's shell is this program of its file system. /bin/busybox: the host's static "
      "busybox and its tools are put there. sh: the built-in one. Default: the built-in one for "
      "commands, scripts and input from a pipe; busybox, if this host has one and the root is no "
      "disk, where a person types." },
    { "strict", 0, NULL,
      "A real program that computes for long without a system call or a page fault is ended by "
      "SIGXCPU, with an explanation in the kernel's log, instead of being interrupted by the host's "
      "clock: so nothing in the run depends on the host." },
    { "stats", 0, "FILE", "Write the counters to FILE at the end, as JSON; -: standard output." },
    { "events", 0, "FILE",
      "Write every call to FILE, one JSON object on each line; -: standard output." },
    { "timeout", 't', "SECONDS",
      "Stop the machine after that much time of the host, with status 124." },
    { "replace", 0, "N",
      "While it runs, kill N times the process of a domain that does not hold the token and put a "
      "fresh one in its place; the machine does not notice." },
    { "move", 0, "COMPONENT:DOMAIN@TIME",
      "Move a component to another domain (kernel, own, or a name) at that virtual time. May be "
      "given several times, in the order of the times." },
    { "moves", 0, "N",
      "While it runs, move N times a component chosen by the machine's seed to a domain chosen "
      "likewise; what the machine does is the same." },
    { "dashboard", 0, NULL, "Show the machine in a dashboard, its console in one of the panes: on a terminal the default." },
    { "console", 0, NULL, "Make the terminal the machine's console, and nothing else." },
    { "plain", 0, NULL, "Leave the terminal as it is: no raw mode, no escape codes." },
    { "detach", 0, NULL,
      "Let the machine run on its own; \"khimera attach\" and \"khimera ctl\" find it." },
    { "paused", 0, NULL, "Let the machine stand still from the start, until somebody lets it go on." },
    { "record", 0, "FILE", "Record the dashboard's screen to FILE, as an asciicast." },
    { "no-control", 0, NULL, "Open no socket: nobody can attach or say anything to the machine." },
    { "verbose", 'v', NULL, "Say on standard error where the machine listens, or why it does not." },
    OPTION_HELP,
    OPTIONS_END,
};

/* "2", "0.5" */
static bool
run_timeout_parse (const char *text, uint64_t *ms)
{
    if (!value_decimal (text, ms) || *ms == 0) {
        command_complain ("run", "--timeout %s is no number of seconds; write one above 0, as in "
                                 "10 or 0.5", text);
        return false;
    }
    return true;
}

static bool
run_count_parse (const char *option, const char *text, unsigned *count)
{
    uint64_t number;

    if (!value_number (text, &number) || number > 1000000) {
        command_complain ("run", "--%s %s is no number up to 1000000", option, text);
        return false;
    }
    *count = (unsigned)number;
    return true;
}

static bool
run_move_parse (const char *text, struct run_options *options)
{
    g_autofree char *error       = NULL;
    struct planned_move *planned = planned_move_parse (text, &error);

    if (planned == NULL) {
        command_complain ("run", "--move: %s", error);
        return false;
    }
    g_ptr_array_add (options->moves, planned);
    return true;
}

static bool
run_option_take (struct run_options *options, GPtrArray *assignments, const char *option,
                 const char *value)
{
    uint64_t seed;

    if (strcmp (option, "seed") == 0 && !value_number (value, &seed)) {
        command_complain ("run", "--seed %s is no number below 2^64", value);
        return false;
    }
    if (strcmp (option, "disk") == 0 && *value == '\0') {
        command_complain ("run", "--disk wants the name of a file");
        return false;
    }
    if (options_machine (option, value, assignments))
        return true;
    if (strcmp (option, "shell") == 0)
        options->shell = value;
    else if (strcmp (option, "root") == 0)
        options->root = value;
    else if (strcmp (option, "commands") == 0)
        options->commands = value;
    else if (strcmp (option, "script") == 0)
        options->script = value;
    else if (strcmp (option, "stats") == 0)
        options->stats = value;
    else if (strcmp (option, "events") == 0)
        options->events = value;
    else if (strcmp (option, "strict") == 0)
        options->strict = true;
    else if (strcmp (option, "plain") == 0)
        options->plain = true;
    else if (strcmp (option, "console") == 0)
        options->console = true;
    else if (strcmp (option, "dashboard") == 0)
        options->dashboard = true;
    else if (strcmp (option, "detach") == 0)
        options->detach = true;
    else if (strcmp (option, "paused") == 0)
        options->paused = true;
    else if (strcmp (option, "no-control") == 0)
        options->no_control = true;
    else if (strcmp (option, "verbose") == 0)
        options->verbose = true;
    else if (strcmp (option, "record") == 0)
        options->record = value;
    else if (strcmp (option, "replace") == 0)
        return run_count_parse (option, value, &options->replace);
    else if (strcmp (option, "moves") == 0)
        return run_count_parse (option, value, &options->random_moves);
    else if (strcmp (option, "move") == 0)
        return run_move_parse (value, options);
    else if (strcmp (option, "timeout") == 0)
        return run_timeout_parse (value, &options->timeout_ms);
    return true;
}

/* Do they make sense together? */
static bool
run_options_agree (const struct run_options *options)
{
    bool commands = options->commands != NULL || options->script != NULL;

    if (options->dashboard + options->console + options->plain + options->detach > 1) {
        command_complain ("run", "--dashboard, --console, --plain and --detach exclude each other");
        return false;
    }
    if (commands && (options->dashboard || options->console)) {
        command_complain ("run", "-c and --script run without a dashboard or a console");
        return false;
    }
    if ((options->dashboard || options->detach)
        && (g_strcmp0 (options->stats, "-") == 0 || g_strcmp0 (options->events, "-") == 0)) {
        command_complain ("run", "with --%s standard output is not free for --stats or --events",
                          options->dashboard ? "dashboard" : "detach");
        return false;
    }
    if (options->no_control && (options->dashboard || options->detach || options->paused)) {
        command_complain ("run", "--%s needs the socket that --no-control does without",
                          options->dashboard ? "dashboard"
                          : options->detach  ? "detach"
                                             : "paused");
        return false;
    }
    return true;
}

int
run_options_parse (struct run_options *options, int argc, char **argv)
{
    g_autoptr (GPtrArray) assignments = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GPtrArray) adds        = g_ptr_array_new_with_free_func (g_free);
    struct options parser;
    const char *option, *value;
    bool right = true;
    int status;

    memset (options, 0, sizeof *options);
    options->moves = g_ptr_array_new_with_free_func ((GDestroyNotify)planned_move_free);
    options_start (&parser, "run", argc, argv);
    while (right && (option = options_next (&parser, &value)) != NULL)
        if (strcmp (option, "add") == 0)
            g_ptr_array_add (adds, g_strdup (value));
        else
            right = run_option_take (options, assignments, option, value);
    status = options_end (&parser, RUN_FAILED);
    if (status >= 0)
        return status;
    if (!right)
        return RUN_FAILED;
    if (optind == argc) {
        command_complain ("run", "no machine given; try \"khimera run hybrid\"");
        return RUN_FAILED;
    }
    if (argc - optind > 1) {
        command_complain ("run", "one machine at a time, not also \"%s\"; commands go behind -c, "
                                 "as one word", argv[optind + 1]);
        return RUN_FAILED;
    }
    if (options->commands != NULL && options->script != NULL) {
        command_complain ("run", "-c and --script exclude each other; give one of them");
        return RUN_FAILED;
    }
    if (!run_options_agree (options))
        return RUN_FAILED;
    options->machine = argv[optind];
    if (run_root_image (options) != NULL)
        options_machine ("disk", options->root, assignments);
    g_ptr_array_add (assignments, NULL);
    g_ptr_array_add (adds, NULL);
    options->adds        = g_strdupv ((char **)adds->pdata);
    options->assignments = g_strdupv ((char **)assignments->pdata);
    return -1;
}

void
run_options_clear (struct run_options *options)
{
    g_clear_pointer (&options->assignments, g_strfreev);
    g_clear_pointer (&options->adds, g_strfreev);
    g_clear_pointer (&options->moves, g_ptr_array_unref);
}
