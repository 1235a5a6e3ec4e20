/* main: one table of subcommands. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "command_run_options.h"
#include "config/report.h"

const struct command commands[] = {
    { "run", command_run, command_run_options, "MACHINE", "Boots a machine.",
      "MACHINE is a preset's name or a machine file. On a terminal, without -c and --script, a\n"
      "dashboard shows the machine and its console, until its shell exits; --console gives the\n"
      "console the whole terminal. What comes from a pipe is typed into the console.\n"
      "\n"
      "While it runs \"khimera ctl\" can steer it, and \"khimera attach\" looks at it. A machine\n"
      "whose dashboard was killed goes on, and can be attached to again.\n"
      "\n"
      "The exit status is that of the machine's shell, or 124 when --timeout has run out,\n"
      "125 when Khimera could not run the machine, 126 when the simulated kernel panicked.",
      "khimera run hybrid\n"
      "khimera run microkernel -c 'ls /proc/machine | wc -l'\n"
      "khimera run hybrid --disk root.img --set component.ext2.domain=kernel\n" },
    { "attach", command_attach, command_attach_options, "[NAME | PID]",
      "Opens a viewer for a machine that runs already.",
      "Any number of them may look at one machine; \"khimera ps\" lists the machines. Without a\n"
      "terminal, or with --plain, the viewer prints lines.",
      "khimera attach\n"
      "khimera attach hybrid --read-only\n" },
    { "ctl", command_ctl, command_ctl_options, "[NAME | PID] COMMAND [ARGUMENT=VALUE...]",
      "Says one thing to a running machine, and prints the answer.",
      "The machine need not be named if only one runs. In a text, \\n, \\t and \\003 are what they\n"
      "are in C. The exit status is 1 if the machine refuses. Commands:",
      "khimera ctl status\n"
      "khimera ctl hybrid type text='ls /proc\\n'\n"
      "khimera ctl step unit=syscall count=10\n" },
    { "ps", command_ps, command_ps_options, NULL, "Lists the machines that run.",
      "One that was started far from this terminal and died of itself is there too, with what it\n"
      "left to say, until \"khimera ctl quit\" lets it go.", NULL },
    { "check", command_check, command_check_options, "MACHINE...",
      "Says what is wrong with machine files.",
      "All mistakes of a file are printed, each with its place and what to write instead. The\n"
      "exit status is 0 if there are none, else 1.",
      "khimera check my.conf\n" },
    { "show", command_show, command_show_options, "MACHINE",
      "Prints what a machine is: every value and where it comes from.",
      "After the values come the domains with what each may ask of the host, who may call\n"
      "whom, and the circles in that.",
      "khimera show microkernel\n"
      "khimera show minix3 --disk root.img --json\n" },
    { "diff", command_diff, command_diff_options, "MACHINE MACHINE",
      "Says what moved between two machines.",
      "The exit status is 0 if nothing differs, 1 if something does, 2 if one of them is wrong.",
      "khimera diff nt-3.51 nt-4.0\n" },
    { "presets", command_presets, command_presets_options, NULL,
      "Lists the machines that are always there.", NULL, "khimera presets --print hybrid\n" },
    { "syscalls", command_syscalls, command_syscalls_options, NULL,
      "Lists the system calls of Linux that real programs may make in a machine.",
      "Real programs are x86-64 executables, static or with their libraries; \"khimera run --add\" brings\nthem in.",
      "khimera syscalls\n"
      "khimera run hybrid --shell /bin/busybox\n" },
    { "doctor", command_doctor, command_doctor_options, NULL,
      "Says what this host lacks, and what that costs.",
      "The exit status is 0 if machines can run here, else 1.", NULL },
    { "faults", command_faults, command_faults_options, "MACHINE...",
      "Lets everything go wrong everywhere, and says how far it reached.",
      "Every component of each machine has every fault, one after the other, each in a run of the\n"
      "real machine under a load that checks itself. The table has a letter for each:\n"
      "\n"
      ".  it never came to it         d  programs were told, by a documented status\n"
      "m  nobody noticed anything     x  what it alone answers for is damaged\n"
      "t  programs saw latency only   s  a component is off, or the machine came to a stop\n"
      "P  a clean kernel panic        F  wrong data, a hang, a double effect, a dead board\n"
      "\n"
      "The exit status is 0 if nothing failed and, with --predict, nothing surprised; else 1.",
      "khimera faults monolithic microkernel --set machine.restart=replay --predict\n"
      "khimera faults hybrid --component ext2 --fault abort --verbose\n" },
    { "bench", command_bench, command_bench_options, NULL,
      "Measures gates, fibers and boots here, beside what the host itself needs.",
      "Rows with a letter are anchors: what the host takes for the simplest thing of its kind.\n"
      "The others are divided by them, round by round, and held against their targets. Ratios\n"
      "are left out if the host was too unsteady to compare. A target that is missed is no\n"
      "failure: the exit status is 0.",
      "khimera bench\n"
      "khimera bench --json >bench.json\n" },
    { "help", command_help, command_help_options, "[COMMAND | keys | classes | faults]",
      "Explains a command, the keys of machine files, the component classes or the faults.", NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

static int
main_version (void)
{
    printf ("khimera %s\n", PACKAGE_VERSION);
    return EXIT_SUCCESS;
}

static int
main_unknown (const char *word)
{
    g_autofree const char **names = command_names ();
    const char *nearest           = suggest (word, names);

    if (nearest != NULL)
        fprintf (stderr, "khimera: there is no command \"%s\"; did you mean \"%s\"?\n", word, nearest);
    else
        fprintf (stderr, "khimera: there is no command \"%s\"; \"khimera help\" lists them\n", word);
    return EXIT_USAGE;
}

/* What was printed must have arrived: a full disk is no success. */
static int
main_finish (int status, int failed)
{
    if (fflush (stdout) == 0 && !ferror (stdout))
        return status;
    if (errno != EPIPE)
        fprintf (stderr, "khimera: cannot write standard output: %s\n", strerror (errno));
    return status == EXIT_SUCCESS ? failed : status;
}

/* A standard descriptor that came closed would become the number of the next file opened, and
 * messages would go into that. This one refuses them, as a closed one does. */
static void
main_descriptors (void)
{
    int fd;

    do
        fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close (fd);
}

int
main (int argc, char **argv)
{
    char *help[] = { (char *)"help", NULL };
    const struct command *command;

    main_descriptors ();
    signal (SIGXFSZ, SIG_IGN); /* a file that may not grow is an error, not a death */
    if (argc < 2) {
        command_help (1, help);
        main_finish (EXIT_SUCCESS, EXIT_FAILURE);
        return EXIT_USAGE;
    }
    if (strcmp (argv[1], "--version") == 0 || strcmp (argv[1], "-V") == 0)
        return main_finish (main_version (), EXIT_FAILURE);
    if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
        return main_finish (command_help (1, help), EXIT_FAILURE);
    command = command_find (argv[1]);
    if (command == NULL)
        return main_unknown (argv[1]);
    return main_finish (command->run (argc - 1, argv + 1),
                        command->run == command_run ? RUN_FAILED : EXIT_FAILURE);
}
