/* command: the subcommands of khimera, and what each has to say about itself.
 *
 * A subcommand is one file, command_NAME.c, and one line in the table in main.c. From its
 * table of options come the parser, --help, the completion and the manual page.
 */
#ifndef SIM_COMMAND_H
#define SIM_COMMAND_H

#include <glib.h>
#include <stdbool.h>
#include <unistd.h> /* optind */

struct command_option {
    const char *name;     /* "seed": --seed */
    char letter;          /* 's': -s; 0: none */
    const char *argument; /* "N"; NULL: a switch */
    const char *help;     /* one sentence; NULL: not for people */
};

struct command {
    const char *name;
    int (*run) (int argc, char **argv); /* argv[0] is the name; returns the exit status */
    const struct command_option *options; /* ends with name == NULL; NULL: --help alone */
    const char *arguments; /* "MACHINE..." */
    const char *summary;   /* one sentence */
    const char *details;   /* paragraphs, lines of at most 78 columns; may be NULL */
    const char *examples;  /* lines */
};

extern const struct command commands[]; /* main.c; ends with name == NULL */

const struct command *command_find (const char *name);
/* All names; ends with NULL. The caller frees the array. */
const char **command_names (void);

/* What getopt and shells call wrong usage. `run` has its own: 125. */
#define EXIT_USAGE 2

int command_run (int argc, char **argv);
int command_attach (int argc, char **argv);
int command_ctl (int argc, char **argv);
int command_ps (int argc, char **argv);
int command_bench (int argc, char **argv);
int command_check (int argc, char **argv);
int command_show (int argc, char **argv);
int command_diff (int argc, char **argv);
int command_presets (int argc, char **argv);
int command_syscalls (int argc, char **argv);
int command_doctor (int argc, char **argv);
int command_faults (int argc, char **argv);
int command_help (int argc, char **argv);

extern const struct command_option command_run_options[];
extern const struct command_option command_attach_options[];
extern const struct command_option command_ctl_options[];
extern const struct command_option command_ps_options[];
extern const struct command_option command_bench_options[];
extern const struct command_option command_check_options[];
extern const struct command_option command_show_options[];
extern const struct command_option command_diff_options[];
extern const struct command_option command_presets_options[];
extern const struct command_option command_syscalls_options[];
extern const struct command_option command_doctor_options[];
extern const struct command_option command_faults_options[];
extern const struct command_option command_help_options[];

/* ---- options ---- */

#define OPTION_HELP { "help", 'h', NULL, "Print this help and exit." }
#define OPTION_JSON { "json", 0, NULL, "Print JSON instead of text." }
/* Those of every command that reads a machine. */
#define OPTIONS_MACHINE                                                                        \
    { "set", 's', "SECTION.KEY=VALUE",                                                         \
      "Write one key of the machine file over, as in component.ext2.domain=kernel; can be "    \
      "given many times." },                                                                   \
    { "disk", 'd', "IMAGE", "Give the device disk0 this file as its image." },                 \
    { "seed", 0, "N", "Start all chance of the machine from N." }
#define OPTIONS_END { NULL, 0, NULL, NULL }

struct options {
    const struct command *command;
    int argc;
    char **argv;
    void *longs; /* struct option of getopt_long; component.h has another of that name */
    char *letters;
    bool helped;
    bool wrong;
};

void options_start (struct options *options, const char *command, int argc, char **argv);

/* The next option's name and value, from left to right. NULL after the last one, after --help
 * and after a wrong one, whose message is then printed. */
const char *options_next (struct options *options, const char **value);
/* Frees. Returns -1 if all is well: argv[optind] to argv[argc - 1] are then the arguments that
 * are no options. Else the exit status to leave with at once. */
int options_end (struct options *options, int usage_status);

/* Handles --set, --disk and --seed: appends what they mean to assignments (owned strings). */
bool options_machine (const char *option, const char *value, GPtrArray *assignments);

/* "khimera NAME: MESSAGE" on standard error, with how to get help. */
void command_complain (const char *name, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* ---- output ---- */

enum style { STYLE_PLAIN, STYLE_HEAD, STYLE_NAME, STYLE_GOOD, STYLE_BAD, STYLE_DIM };

/* The terminal's codes around text, on standard output: empty if it is no terminal, or
 * NO_COLOR is set. */
const char *style_on (enum style style);
const char *style_off (enum style style);

/* Text broken at blanks, indented, at most `columns` wide; ends with a newline. */
void print_wrapped (const char *text, unsigned indent, unsigned first_indent, unsigned columns);

#endif
