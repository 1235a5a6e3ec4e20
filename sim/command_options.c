/* command_options: the parser of options, driven by a command's table. */
#include "command.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/report.h"
#include "config/value.h"

static const struct command_option no_options[] = { OPTION_HELP, OPTIONS_END };

const struct command *
command_find (const char *name)
{
    for (const struct command *command = commands; command->name != NULL; command++)
        if (strcmp (command->name, name) == 0)
            return command;
    return NULL;
}

const char **
command_names (void)
{
    GPtrArray *names = g_ptr_array_new ();

    for (const struct command *command = commands; command->name != NULL; command++)
        g_ptr_array_add (names, (gpointer)command->name);
    g_ptr_array_add (names, NULL);
    return (const char **)g_ptr_array_free (names, FALSE);
}

void
command_complain (const char *name, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    fprintf (stderr, "khimera %s: %s\n", name, text);
}

/* ---- parsing ---- */

static const struct command_option *
options_table (const struct command *command)
{
    return command->options != NULL ? command->options : no_options;
}

void
options_start (struct options *options, const char *command, int argc, char **argv)
{
    const struct command_option *table;
    GString *letters = g_string_new (":");
    unsigned count   = 0;
    struct option *longs;

    options->command = command_find (command);
    g_assert (options->command != NULL);
    table           = options_table (options->command);
    options->argc   = argc;
    options->argv   = argv;
    options->helped = options->wrong = false;
    while (table[count].name != NULL)
        count++;
    options->longs = longs = g_new0 (struct option, count + 1);
    for (unsigned i = 0; i < count; i++) {
        longs[i].name    = table[i].name;
        longs[i].has_arg = table[i].argument != NULL ? required_argument : no_argument;
        longs[i].val     = 256 + (int)i;
        if (table[i].letter != 0)
            g_string_append_printf (letters, "%c%s", table[i].letter,
                                    table[i].argument != NULL ? ":" : "");
    }
    options->letters = g_string_free (letters, FALSE);
    opterr           = 0;
    optind           = 0; /* glibc: begin anew */
}

/* Names the option that getopt_long refused, and one that may have been meant. */
static void
options_complain (struct options *options, int answer)
{
    const struct command_option *table = options_table (options->command);
    const char *word                   = options->argv[optind - 1];
    const char *name                   = options->command->name;
    const char *names[64];
    unsigned n = 0;

    options->wrong = true;
    if (answer == ':') {
        command_complain (name, "%s wants a value; see \"khimera help %s\"", word, name);
        return;
    }
    if (optopt >= 256) {
        command_complain (name, "--%s takes no value", table[optopt - 256].name);
        return;
    }
    if (optopt != 0) {
        command_complain (name, "unknown option -%c; see \"khimera help %s\"", optopt, name);
        return;
    }
    for (; table[n].name != NULL && n < G_N_ELEMENTS (names) - 1; n++)
        names[n] = table[n].name;
    names[n]               = NULL;
    g_autofree char *clean = g_strdup (g_str_has_prefix (word, "--") ? word + 2 : word);
    clean[strcspn (clean, "=")] = '\0';
    const char *nearest    = suggest (clean, names);
    if (nearest != NULL)
        command_complain (name, "unknown option --%s; did you mean --%s?", clean, nearest);
    else
        command_complain (name, "unknown option --%s; see \"khimera help %s\"", clean, name);
}

/* getopt_long takes `--se` for `--seed`. A script that does so breaks with the next option. */
static bool
options_abbreviated (const struct options *options, const char *name, int before)
{
    for (int i = before; i < optind && i < options->argc; i++) {
        const char *word = options->argv[i];

        if (strncmp (word, "--", 2) == 0 && strncmp (word + 2, name, strcspn (word + 2, "=")) == 0)
            return strcspn (word + 2, "=") != strlen (name);
    }
    return false;
}

const char *
options_next (struct options *options, const char **value)
{
    const struct command_option *table = options_table (options->command);
    int before                         = optind == 0 ? 1 : optind;
    int answer = getopt_long (options->argc, options->argv, options->letters, options->longs, NULL);
    const struct command_option *found = NULL;
    const struct option *longs         = options->longs;

    if (answer == -1)
        return NULL;
    if (answer == '?' || answer == ':') {
        options_complain (options, answer);
        return NULL;
    }
    for (unsigned i = 0; found == NULL && table[i].name != NULL; i++)
        if (answer == table[i].letter || answer == longs[i].val)
            found = &table[i];
    g_assert (found != NULL);
    if (answer >= 256 && options_abbreviated (options, found->name, before)) {
        command_complain (options->command->name, "write the option out: --%s", found->name);
        options->wrong = true;
        return NULL;
    }
    if (strcmp (found->name, "help") == 0) {
        char *argv[] = { (char *)"help", (char *)options->command->name, NULL };

        options->helped = true;
        command_help (2, argv);
        return NULL;
    }
    *value = optarg;
    return found->name;
}

int
options_end (struct options *options, int usage_status)
{
    g_clear_pointer (&options->longs, g_free);
    g_clear_pointer (&options->letters, g_free);
    return options->wrong ? usage_status : options->helped ? EXIT_SUCCESS : -1;
}

bool
options_machine (const char *option, const char *value, GPtrArray *assignments)
{
    if (strcmp (option, "set") == 0)
        g_ptr_array_add (assignments, g_strdup (value));
    else if (strcmp (option, "disk") == 0)
        g_ptr_array_add (assignments, g_strconcat ("device.disk0.image=", value, NULL));
    else if (strcmp (option, "seed") == 0)
        g_ptr_array_add (assignments, g_strconcat ("machine.seed=", value, NULL));
    else
        return false;
    return true;
}

/* ---- output ---- */

static bool
style_wanted (void)
{
    const char *no_color = getenv ("NO_COLOR");
    const char *term     = getenv ("TERM");

    return (no_color == NULL || *no_color == '\0') && isatty (STDOUT_FILENO)
           && g_strcmp0 (term, "dumb") != 0;
}

const char *
style_on (enum style style)
{
    static const char *const codes[]
        = { "", "\033[1m", "\033[36m", "\033[32m", "\033[1;31m", "\033[2m" };

    return style_wanted () ? codes[style] : "";
}

const char *
style_off (enum style style)
{
    return style != STYLE_PLAIN && style_wanted () ? "\033[0m" : "";
}

void
print_wrapped (const char *text, unsigned indent, unsigned first_indent, unsigned columns)
{
    g_auto (GStrv) words = g_strsplit (text, " ", -1);
    unsigned at          = first_indent;
    bool begun           = false;

    for (char **word = words; *word != NULL; word++) {
        glong wide = g_utf8_strlen (*word, -1);

        if (begun && at + 1 + wide > columns) {
            printf ("\n%*s", (int)indent, "");
            at    = indent;
            begun = false;
        }
        printf ("%s%s", begun ? " " : "", *word);
        at += (unsigned)wide + begun;
        begun = true;
    }
    putchar ('\n');
}
