/* mount: puts a file system into the tree, or says which ones are there. */
#include "programs.h"

#include <string.h>

/* "source target type options 0 0" becomes "source on target type type (options)". */
static int
mount_list (void)
{
    struct output out;
    struct lines lines;
    char *line;
    size_t length;
    long fd = posix_open ("/proc/mounts", 0, 0);

    if (fd < 0) {
        lib_error_number ("mount", "/proc/mounts", fd);
        return 1;
    }
    lib_output_init (&out, 1);
    lib_lines_init (&lines, (int)fd);
    while ((length = lib_lines_next (&lines, &line)) > 0) {
        char *words[4] = { line };
        int count = 1;
        line[length - (line[length - 1] == '\n')] = '\0';
        for (char *at = line; *at != '\0' && count < 5; at++)
            if (*at == ' ') {
                *at = '\0';
                if (count < 4)
                    words[count] = at + 1;
                count++;
            }
        if (count >= 4)
            lib_output_print (&out, "%s on %s type %s (%s)\n", words[0], words[1], words[2],
                              words[3]);
    }
    return lib_output_end (&out, "mount");
}

/* -o: ro and rw are all there is. */
static bool
mount_options (char *list, bool *read_only)
{
    for (char *word = list; word != NULL;) {
        char *comma = strchr (word, ',');
        if (comma != NULL)
            *comma++ = '\0';
        if (strcmp (word, "ro") == 0 || strcmp (word, "rw") == 0)
            *read_only = word[1] == 'o';
        else if (strcmp (word, "defaults") != 0) {
            lib_error ("mount", "option '%s' is not supported", word);
            return false;
        }
        word = comma;
    }
    return true;
}

int
program_mount (int argc, char **argv)
{
    struct options options;
    const char *type = "";
    bool read_only = false;
    int letter;

    lib_options_init (&options, "mount", "t:ro:", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 't':
            type = options.value;
            break;
        case 'r':
            read_only = true;
            break;
        case 'o':
            if (!mount_options (options.value, &read_only))
                return 1;
            break;
        default:
            return 1;
        }
    if (options.operands == 0)
        return mount_list ();
    if (!lib_operands_between (&options, 2, 2))
        return 1;
    const char *target = lib_operand (&options, 1);
    long failed = posix_mount (lib_operand (&options, 0), target, type, read_only);
    if (failed < 0) {
        lib_error ("mount", "%s: %s", target, lib_error_text (failed));
        return 32;
    }
    return 0;
}
