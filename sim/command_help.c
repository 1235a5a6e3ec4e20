/* command_help: explains commands, the keys of machine files, the component classes, the kinds of
 * faults and the system calls; also in the forms that the manual pages and the completion are made of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classes.h"
#include "command.h"
#include "command_ctl.h"
#include "personalities/linux/linux.h"
#include "config/report.h"
#include "config/schema.h"
#include "config/value.h"
#include "fault/rule.h"

const struct command_option command_help_options[] = {
    { "man", 0, "PART", NULL },       /* what docs/pages.sh asks for */
    { "complete", 0, "WHAT", NULL },  /* commands, or a command's options: for the completion */
    OPTION_HELP, OPTIONS_END,
};

#define COLUMNS 80

static const struct command_option *
help_options (const struct command *command)
{
    static const struct command_option none[] = { OPTION_HELP, OPTIONS_END };

    return command->options != NULL ? command->options : none;
}

/* ---- commands ---- */

static void
help_all (void)
{
    printf ("%sKhimera%s simulates an operating-system kernel whose parts live where a machine\n"
            "file puts them: in the kernel, alone, or with others.\n\n"
            "khimera COMMAND [OPTIONS] [ARGUMENTS]\n\n", style_on (STYLE_HEAD),
            style_off (STYLE_HEAD));
    for (const struct command *command = commands; command->name != NULL; command++) {
        printf ("  %s%-9s%s ", style_on (STYLE_NAME), command->name, style_off (STYLE_NAME));
        print_wrapped (command->summary, 12, 12, COLUMNS);
    }
    puts ("\n  --help, -h, --version, -V\n\nkhimera run hybrid    boots a machine");
}

static void
help_command (const struct command *command)
{
    printf ("khimera %s%s%s [OPTIONS]%s%s\n\n", style_on (STYLE_HEAD), command->name,
            style_off (STYLE_HEAD), command->arguments != NULL ? " " : "",
            command->arguments != NULL ? command->arguments : "");
    if (command->examples != NULL) {
        g_auto (GStrv) lines = g_strsplit (command->examples, "\n", -1);

        for (char **line = lines; *line != NULL && **line != '\0'; line++)
            printf ("  %s\n", *line);
        putchar ('\n');
    }
    puts (command->summary);
    if (command->details != NULL)
        puts (command->details);
    if (command->run == command_ctl)
        control_help_print (false);
    putchar ('\n');
    for (const struct command_option *option = help_options (command); option->name; option++) {
        if (option->help == NULL)
            continue;
        g_autofree char *letter = option->letter != 0 ? g_strdup_printf ("-%c, ", option->letter)
                                                      : g_strdup ("    ");
        printf ("  %s%s--%s%s%s%s\n      ", style_on (STYLE_NAME), letter, option->name,
                style_off (STYLE_NAME), option->argument != NULL ? "=" : "",
                option->argument != NULL ? option->argument : "");
        print_wrapped (option->help, 6, 6, COLUMNS);
    }
}

/* ---- keys ---- */

/* "1 to 64, default 8" */
static char *
help_value (const struct schema_key *key)
{
    GString *text = g_string_new (NULL);
    char min[32], max[32];

    if (key->words != NULL) {
        g_auto (GStrv) words  = g_strsplit (key->words, " ", -1);
        g_autofree char *list = list_words ((const char *const *)words, "or");
        g_string_append (text, list);
    } else if (key->type == VALUE_SWITCH)
        g_string_append (text, "on or off");
    else if (key->type == VALUE_TIME) {
        value_print_time (key->min, min);
        value_print_time (key->max, max);
        g_string_append_printf (text, "a time, %s to %s", min, max);
    } else if (key->type == VALUE_SIZE) {
        value_print_size (key->min, min);
        value_print_size (key->max, max);
        g_string_append_printf (text, "bytes, %s to %s", min, max);
    } else if (key->type == VALUE_NUMBER && key->max != 0)
        g_string_append_printf (text, "a number, %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                                key->min, key->max);
    else
        g_string_append (text, key->type == VALUE_NUMBER    ? "a number"
                               : key->type == VALUE_DECIMAL ? "a decimal number"
                               : key->type == VALUE_NAME    ? "a name"
                               : key->type == VALUE_NAMES   ? "names, with commas"
                               : key->type == VALUE_RANGE   ? "first-last"
                               : key->type == VALUE_PATH    ? "a path"
                               : key->type == VALUE_MACHINE ? "a preset or a path"
                                                            : "text");
    if (key->value != NULL)
        g_string_append_printf (text, "; default %s", key->value);
    if (key->only != NULL)
        g_string_append_printf (text, "; of a %s", key->only);
    return g_string_free (text, FALSE);
}

static void
help_keys (void)
{
    for (const struct schema_section *section = schema_sections; section->kind; section++) {
        printf ("%s%s[%s%s%s]%s  %s\n", section == schema_sections ? "" : "\n",
                style_on (STYLE_HEAD), section->kind, section->name != NULL ? " " : "",
                section->name != NULL ? section->name : "", style_off (STYLE_HEAD), section->help);
        for (const struct schema_key *key = schema_keys; key->kind != NULL; key++) {
            g_autofree char *value = help_value (key);

            if (strcmp (key->kind, section->kind) != 0)
                continue;
            printf ("  %s%s%s = %s\n      ", style_on (STYLE_NAME), key->key,
                    style_off (STYLE_NAME), value);
            print_wrapped (key->help, 6, 6, COLUMNS);
        }
        if (strcmp (section->kind, "component") == 0)
            puts ("  and the options and needs of its class: khimera help classes");
    }
}

/* ---- classes ---- */

static const char *
help_need_kind (const struct need *need)
{
    return need->kind == NEED_ALL        ? "all that provide it, or names with commas"
           : need->kind == NEED_OPTIONAL ? "one that provides it, or none"
           : need->kind == NEED_NAMED    ? "one that provides it; none if nothing is said"
                                         : "one that provides it";
}

static void
help_classes (void)
{
    for (unsigned i = 0; class_at (i) != NULL; i++) {
        const struct component_class *class_ = class_at (i);

        printf ("%s%s%s%s  %s\n", i > 0 ? "\n" : "", style_on (STYLE_HEAD), class_->name,
                style_off (STYLE_HEAD), class_->summary);
        for (unsigned j = 0; j < 4 && class_->provides[j].operations != NULL; j++)
            printf ("  provides %s\n", interfaces[class_->provides[j].interface].name);
        if (class_->device != NULL)
            printf ("  drives a %s\n", class_->device);
        for (unsigned j = 0; j < 8 && class_->needs[j].name != NULL; j++)
            printf ("  %s%s%s = COMPONENT  needs %s: %s\n", style_on (STYLE_NAME),
                    class_->needs[j].name, style_off (STYLE_NAME),
                    interfaces[class_->needs[j].interface].name,
                    help_need_kind (&class_->needs[j]));
        for (unsigned j = 0; j < 8 && class_->options[j].key != NULL; j++)
            printf ("  %s%s%s = %s  %s\n", style_on (STYLE_NAME), class_->options[j].key,
                    style_off (STYLE_NAME), class_->options[j].value, class_->options[j].help);
    }
}

/* ---- the manual pages' parts ---- */

/* A hyphen that is no hyphen but a minus, a backslash, a leading dot. */
static void
man_text (const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '-')
            fputs ("\\-", stdout);
        else if (*text == '\\')
            fputs ("\\e", stdout);
        else
            putchar (*text);
}

static void
man_line (const char *before, const char *text, const char *after)
{
    fputs (before, stdout);
    man_text (text);
    fputs (after, stdout);
}

static void
man_commands (void)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        man_line (".SS khimera ", command->name, "");
        man_line (" [OPTIONS] ", command->arguments != NULL ? command->arguments : "", "\n");
        man_line ("", command->summary, "\n");
        if (command->details != NULL) {
            g_auto (GStrv) parts = g_strsplit (command->details, "\n\n", -1);

            for (char **part = parts; *part != NULL; part++)
                man_line (part == parts ? "" : ".PP\n", *part, "\n");
        }
        if (command->run == command_ctl)
            control_help_print (true);
        for (const struct command_option *option = help_options (command); option->name; option++) {
            if (option->help == NULL || strcmp (option->name, "help") == 0)
                continue;
            fputs (".TP\n", stdout);
            if (option->letter != 0)
                printf ("\\fB\\-%c\\fR, ", option->letter);
            man_line ("\\fB\\-\\-", option->name, "\\fR");
            if (option->argument != NULL)
                man_line ("=\\fI", option->argument, "\\fR");
            man_line ("\n", option->help, "\n");
        }
    }
}

static void
man_keys (void)
{
    for (const struct schema_section *section = schema_sections; section->kind; section++) {
        man_line (".SS [", section->kind, "");
        man_line (section->name != NULL ? " " : "", section->name != NULL ? section->name : "",
                  "]\n");
        man_line ("", section->help, "\n");
        for (const struct schema_key *key = schema_keys; key->kind != NULL; key++) {
            g_autofree char *value = help_value (key);

            if (strcmp (key->kind, section->kind) != 0)
                continue;
            man_line (".TP\n\\fB", key->key, "\\fR = ");
            man_line ("", value, "\n");
            man_line ("", key->help, "\n");
        }
    }
}

static void
man_classes (void)
{
    for (unsigned i = 0; class_at (i) != NULL; i++) {
        const struct component_class *class_ = class_at (i);

        man_line (".SS ", class_->name, "\n");
        man_line ("", class_->summary, "\n");
        for (unsigned j = 0; j < 8 && class_->needs[j].name != NULL; j++) {
            man_line (".TP\n\\fB", class_->needs[j].name, "\\fR = COMPONENT\n");
            man_line ("Needs ", interfaces[class_->needs[j].interface].name, ": ");
            man_line ("", help_need_kind (&class_->needs[j]), ".\n");
        }
        for (unsigned j = 0; j < 8 && class_->options[j].key != NULL; j++) {
            man_line (".TP\n\\fB", class_->options[j].key, "\\fR = ");
            man_line ("", class_->options[j].value, "\n");
            man_line ("", class_->options[j].help, "\n");
        }
    }
}

/* ---- faults ---- */

/* The command of that name, and what it is about. */
static void
help_faults (const struct command *command)
{
    help_command (command);
    puts ("\nWhat can go wrong, here, in [fault NAME] of a machine file and in \"khimera ctl fault\":");
    for (unsigned i = 0; i < FAULT_KINDS; i++) {
        printf ("  %s%-14s%s", style_on (STYLE_NAME), fault_kinds[i].word, style_off (STYLE_NAME));
        print_wrapped (fault_kinds[i].help, 16, 16, COLUMNS);
    }
}

static void
man_faults (void)
{
    for (unsigned i = 0; i < FAULT_KINDS; i++) {
        man_line (".TP\n\\fB", fault_kinds[i].word, "\\fR\n");
        man_line ("", fault_kinds[i].help, "\n");
    }
}

/* The calls of one kind: those that are there whole in one paragraph, of the others what is missing
 * or why. */
static void
man_syscalls_of (enum linux_support wanted)
{
    bool first = true;

    for (uint32_t number = 0; number < LINUX_CALLS; number++) {
        enum linux_support support;
        const char *name, *text;

        if (!linux_call_describe (number, &name, &support, &text) || support != wanted)
            continue;
        if (text[0] != '\0') {
            man_line (".TP\n\\fB", name, "\\fR\n");
            man_line ("", text, "\n");
        } else {
            man_line (first ? "" : ",\n", name, "");
            first = false;
        }
    }
    if (!first)
        putchar ('\n');
}

static void
man_syscalls (void)
{
    puts (".SS Whole");
    man_syscalls_of (LINUX_FULL);
    puts (".SS In part");
    man_syscalls_of (LINUX_PARTIAL);
    puts (".SS Refused");
    man_syscalls_of (LINUX_REFUSED);
}

static int
help_man (const char *part)
{
    if (strcmp (part, "commands") == 0)
        man_commands ();
    else if (strcmp (part, "keys") == 0)
        man_keys ();
    else if (strcmp (part, "classes") == 0)
        man_classes ();
    else if (strcmp (part, "syscalls") == 0)
        man_syscalls ();
    else if (strcmp (part, "faults") == 0)
        man_faults ();
    else
        return EXIT_USAGE;
    return EXIT_SUCCESS;
}

static int
help_complete (const char *what)
{
    const struct command *command = command_find (what);

    if (strcmp (what, "commands") == 0)
        for (command = commands; command->name != NULL; command++)
            puts (command->name);
    else if (strcmp (what, "faults-kinds") == 0)
        for (unsigned i = 0; i < FAULT_KINDS; i++)
            puts (fault_kinds[i].word);
    else if (strcmp (what, "control") == 0)
        control_complete_print (false);
    else if (strcmp (what, "machines") == 0)
        control_complete_print (true);
    else if (command != NULL)
        for (const struct command_option *option = help_options (command); option->name; option++) {
            if (option->help != NULL)
                printf ("--%s%s\n", option->name, option->argument != NULL ? "=" : "");
        }
    else
        return EXIT_USAGE;
    return EXIT_SUCCESS;
}

static int
help_topic (const char *topic)
{
    const struct command *command = command_find (topic);
    g_autofree const char **names = command_names ();
    const char *nearest           = suggest (topic, names);

    if (strcmp (topic, "keys") == 0)
        help_keys ();
    else if (strcmp (topic, "classes") == 0)
        help_classes ();
    else if (strcmp (topic, "faults") == 0)
        help_faults (command);
    else if (command != NULL)
        help_command (command);
    else {
        if (nearest != NULL)
            command_complain ("help", "nothing is known about \"%s\"; did you mean \"%s\"?", topic,
                              nearest);
        else
            command_complain ("help", "nothing is known about \"%s\"; \"khimera help\" lists the "
                                      "commands", topic);
        return EXIT_USAGE;
    }
    return EXIT_SUCCESS;
}

int
command_help (int argc, char **argv)
{
    struct options options;
    const char *option, *value, *man = NULL, *complete = NULL;

    /* --help of another command comes here in the middle of that command's parsing. */
    if (argc == 2 && argv[1][0] != '-')
        return help_topic (argv[1]);
    options_start (&options, "help", argc, argv);
    while ((option = options_next (&options, &value)) != NULL) {
        man      = strcmp (option, "man") == 0 ? value : man;
        complete = strcmp (option, "complete") == 0 ? value : complete;
    }
    int status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (man != NULL)
        return help_man (man);
    if (complete != NULL)
        return help_complete (complete);
    if (argc - optind > 1) {
        command_complain ("help", "one thing at a time, not also \"%s\"", argv[optind + 1]);
        return EXIT_USAGE;
    }
    if (optind < argc)
        return help_topic (argv[optind]);
    help_all ();
    return EXIT_SUCCESS;
}
