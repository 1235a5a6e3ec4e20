/* command_syscalls: `khimera syscalls`: which system calls real programs may make. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "personalities/linux/linux.h"

const struct command_option command_syscalls_options[] = {
    { "json", 0, NULL, "Print JSON." },
    OPTION_HELP,
    OPTIONS_END,
};

int
command_syscalls (int argc, char **argv)
{
    static const char *const levels[] = { "?", "full", "partial", "refused" };
    struct options options;
    const char *option, *value;
    bool json = false;
    unsigned counts[4] = { 0 };
    json_t *list;
    int status;

    options_start (&options, "syscalls", argc, argv);
    while ((option = options_next (&options, &value)) != NULL)
        json = json || strcmp (option, "json") == 0;
    status = options_end (&options, EXIT_USAGE);
    if (status >= 0)
        return status;
    if (optind != argc) {
        command_complain ("syscalls", "unexpected \"%s\"", argv[optind]);
        return EXIT_USAGE;
    }
    list = json ? json_array () : NULL;
    for (uint32_t number = 0; number < LINUX_CALLS; number++) {
        enum linux_support support;
        const char *name, *text;

        if (!linux_call_describe (number, &name, &support, &text))
            continue;
        counts[support]++;
        if (json)
            json_array_append_new (list, json_pack ("{s:i, s:s, s:s, s:s}", "number",
                                                    (int)number, "name", name, "support",
                                                    levels[support], "text", text));
        else
            printf ("%3u  %-18s %-8s%s%s\n", number, name, levels[support],
                    text[0] != '\0' ? " " : "", text);
    }
    if (json) {
        json_dumpf (list, stdout, JSON_INDENT (2));
        putchar ('\n');
        json_decref (list);
    } else {
        printf ("%u full, %u partial, %u refused; all others answer ENOSYS\n",
                counts[LINUX_FULL], counts[LINUX_PARTIAL], counts[LINUX_REFUSED]);
    }
    return EXIT_SUCCESS;
}
