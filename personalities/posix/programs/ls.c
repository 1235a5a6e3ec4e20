/* ls: what is in directories, one name a line, or in columns on a terminal. */
#include "programs.h"

#include <stdio.h>
#include <string.h>

#define LS_HALF_YEAR ((int64_t)15778476 * FILE_TIME_SECOND) /* older files show their year */

struct ls_entry {
    char *name;
    struct file_attr attr; /* filled in if `looked` */
    bool looked;
    char *target; /* of a symbolic link, with -l */
};

struct ls_run {
    struct output out;
    bool all, almost_all, one, long_format, directory, recursive, classify, slash, node,
        human, numeric, reverse, by_time, by_size;
    int columns; /* of the terminal; 0: one name a line */
    int64_t now; /* as times of files are */
    int status;
    bool printed;         /* something, so that a blank line is due */
    struct names pending; /* directories, the next one last */
    bool headings;
};

struct ls_list {
    struct ls_entry *entries;
    uint32_t count, room;
};

static bool
ls_must_look (const struct ls_run *run)
{
    return run->long_format || run->classify || run->slash || run->by_time || run->by_size
           || run->recursive || run->node;
}

/* `shown` is the name that is printed, `path` where the file is. */
static bool
ls_add (struct ls_run *run, struct ls_list *list, const char *shown, const char *path,
        bool follow)
{
    struct ls_entry entry = { .name = NULL };

    if (follow || ls_must_look (run)) {
        long failed
            = follow ? posix_stat (path, &entry.attr) : posix_lstat (path, &entry.attr);
        if (failed < 0 && follow)
            failed = posix_lstat (path, &entry.attr);
        if (failed < 0) {
            lib_output_flush (&run->out);
            lib_error ("ls", "cannot access '%s': %s", path, lib_error_text (failed));
            run->status = run->status > 1 || follow ? 2 : 1;
            return false;
        }
        entry.looked = true;
    }
    if (run->long_format && entry.attr.type == FILE_TYPE_LINK) {
        entry.target = lib_alloc (FILE_PATH_MAX);
        long got = posix_readlink (path, entry.target, FILE_PATH_MAX - 1);
        entry.target[got > 0 ? got : 0] = '\0';
    }
    if (list->count == list->room) {
        uint32_t room = list->room * 2 + 16;
        list->entries
            = lib_grow (list->entries, list->room * sizeof entry, room * sizeof entry);
        list->room = room;
    }
    entry.name = lib_copy (shown);
    list->entries[list->count++] = entry;
    return true;
}

static void
ls_free (struct ls_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        program_free (list->entries[i].name);
        program_free (list->entries[i].target);
    }
    program_free (list->entries);
}

/* ---- order ---- */

static int
ls_compare (const struct ls_run *run, const struct ls_entry *a, const struct ls_entry *b)
{
    int order = 0;

    if (run->by_time && a->attr.mtime != b->attr.mtime)
        order = a->attr.mtime > b->attr.mtime ? -1 : 1;
    else if (run->by_size && a->attr.size != b->attr.size)
        order = a->attr.size > b->attr.size ? -1 : 1;
    else
        order = strcmp (a->name, b->name);
    return run->reverse ? -order : order;
}

static void
ls_sift (const struct ls_run *run, struct ls_entry *entries, uint32_t root, uint32_t count)
{
    for (;;) {
        uint32_t child = root * 2 + 1;
        if (child >= count)
            return;
        if (child + 1 < count && ls_compare (run, entries + child, entries + child + 1) < 0)
            child++;
        if (ls_compare (run, entries + root, entries + child) >= 0)
            return;
        struct ls_entry swap = entries[root];
        entries[root] = entries[child];
        entries[child] = swap;
        root = child;
    }
}

static void
ls_sort (const struct ls_run *run, struct ls_list *list)
{
    for (uint32_t i = list->count / 2; i-- > 0;)
        ls_sift (run, list->entries, i, list->count);
    for (uint32_t end = list->count; end-- > 1;) {
        struct ls_entry swap = list->entries[0];
        list->entries[0] = list->entries[end];
        list->entries[end] = swap;
        ls_sift (run, list->entries, 0, end);
    }
}

/* ---- printing ---- */

static char
ls_mark (const struct ls_run *run, const struct file_attr *attr)
{
    if ((run->classify || run->slash) && attr->type == FILE_TYPE_DIRECTORY)
        return '/';
    if (!run->classify)
        return '\0';
    switch (attr->type) {
    case FILE_TYPE_LINK:
        return run->long_format ? '\0' : '@';
    case FILE_TYPE_PIPE:
        return '|';
    case FILE_TYPE_SOCKET:
        return '=';
    case FILE_TYPE_REGULAR:
        return attr->mode & 0111 ? '*' : '\0';
    }
    return '\0';
}

static void
ls_owner (const struct ls_run *run, uint32_t id, char text[16])
{
    if (id == 0 && !run->numeric)
        snprintf (text, 16, "root");
    else
        snprintf (text, 16, "%u", id);
}

static void
ls_size (const struct ls_run *run, const struct file_attr *attr, char text[24])
{
    if (attr->type == FILE_TYPE_CHARACTER || attr->type == FILE_TYPE_BLOCK)
        snprintf (text, 24, "%u, %3u", attr->device >> 8, attr->device & 0xff);
    else if (run->human)
        lib_human_size (attr->size, text);
    else
        snprintf (text, 24, "%llu", (unsigned long long)attr->size);
}

static void
ls_widest (int *width, const char *text)
{
    int length = (int)strlen (text);

    if (length > *width)
        *width = length;
}

static void
ls_print_long (struct ls_run *run, const struct ls_list *list, int node_width)
{
    int links = 0, owner = 0, group = 0, size = 0;
    char mode[11], text[24], who[16], whose[16];

    for (uint32_t i = 0; i < list->count; i++) {
        const struct file_attr *attr = &list->entries[i].attr;
        snprintf (text, sizeof text, "%u", attr->links);
        ls_widest (&links, text);
        ls_owner (run, attr->uid, who);
        ls_widest (&owner, who);
        ls_owner (run, attr->gid, whose);
        ls_widest (&group, whose);
        ls_size (run, attr, text);
        ls_widest (&size, text);
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const struct ls_entry *entry = list->entries + i;
        const struct file_attr *attr = &entry->attr;
        struct calendar c;
        char mark = ls_mark (run, attr);
        lib_mode_text (attr, mode);
        ls_owner (run, attr->uid, who);
        ls_owner (run, attr->gid, whose);
        ls_size (run, attr, text);
        lib_calendar (file_time_seconds (attr->mtime), &c);
        if (run->node)
            lib_output_print (&run->out, "%*llu ", node_width,
                              (unsigned long long)attr->node);
        lib_output_print (&run->out, "%s %*u %-*s %-*s %*s %.3s %2d ", mode, links,
                          attr->links, owner, who, group, whose, size, text,
                          lib_month_names[c.month - 1], c.day);
        if (attr->mtime > run->now - LS_HALF_YEAR && attr->mtime <= run->now)
            lib_output_print (&run->out, "%02d:%02d ", c.hour, c.minute);
        else
            lib_output_print (&run->out, "%5lld ", (long long)c.year);
        lib_output_text (&run->out, entry->name);
        if (entry->target != NULL)
            lib_output_print (&run->out, " -> %s", entry->target);
        if (mark != '\0')
            lib_output_char (&run->out, mark);
        lib_output_char (&run->out, '\n');
    }
}

/* How wide the name with its mark and number is. */
static int
ls_name_width (const struct ls_run *run, const struct ls_entry *entry, int node_width)
{
    int width = (int)strlen (entry->name) + (run->node ? node_width + 1 : 0);

    return width + (ls_mark (run, &entry->attr) != '\0');
}

static void
ls_print_short (struct ls_run *run, const struct ls_list *list, int node_width)
{
    int widest = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        int width = ls_name_width (run, list->entries + i, node_width);
        widest = width > widest ? width : widest;
    }
    uint32_t columns
        = run->columns > 0 ? (uint32_t)run->columns / ((uint32_t)widest + 2) : 1;
    if (columns == 0)
        columns = 1;
    uint32_t rows = (list->count + columns - 1) / columns;
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t i = row; i < list->count; i += rows) {
            const struct ls_entry *entry = list->entries + i;
            char mark = ls_mark (run, &entry->attr);
            if (run->node)
                lib_output_print (&run->out, "%*llu ", node_width,
                                  (unsigned long long)entry->attr.node);
            lib_output_text (&run->out, entry->name);
            if (mark != '\0')
                lib_output_char (&run->out, mark);
            if (i + rows >= list->count)
                lib_output_char (&run->out, '\n');
            else
                lib_output_print (&run->out, "%*s",
                                  widest + 2 - ls_name_width (run, entry, node_width), "");
        }
}

static void
ls_print (struct ls_run *run, struct ls_list *list)
{
    int node_width = 0;
    char text[24];

    ls_sort (run, list);
    for (uint32_t i = 0; run->node && i < list->count; i++) {
        snprintf (text, sizeof text, "%llu",
                  (unsigned long long)list->entries[i].attr.node);
        ls_widest (&node_width, text);
    }
    if (run->long_format)
        ls_print_long (run, list, node_width);
    else
        ls_print_short (run, list, node_width);
    if (list->count > 0)
        run->printed = true;
}

/* ---- directories ---- */

static void
ls_directory (struct ls_run *run, const char *path)
{
    struct ls_list list = { 0 };
    struct names names;
    long failed = lib_directory_names (path, &names);

    if (failed < 0) {
        lib_output_flush (&run->out);
        lib_error ("ls", "cannot open directory '%s': %s", path, lib_error_text (failed));
        run->status = 2;
        return;
    }
    if (run->all) {
        lib_names_add (&names, lib_copy ("."));
        lib_names_add (&names, lib_copy (".."));
    }
    for (uint32_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        if (name[0] == '.' && !run->all && !run->almost_all)
            continue;
        char *whole = lib_path_join (path, name);
        ls_add (run, &list, name, whole, false);
        program_free (whole);
    }
    lib_names_free (&names);
    if (run->headings) {
        lib_output_print (&run->out, "%s%s:\n", run->printed ? "\n" : "", path);
        run->printed = true;
    }
    if (run->long_format) {
        uint64_t blocks = 0;
        char text[24];
        for (uint32_t i = 0; i < list.count; i++)
            blocks += list.entries[i].attr.blocks;
        lib_human_size (blocks * 512, text);
        if (!run->human)
            snprintf (text, sizeof text, "%llu", (unsigned long long)(blocks / 2));
        lib_output_print (&run->out, "total %s\n", text);
    }
    ls_print (run, &list);
    for (uint32_t i = list.count; run->recursive && i-- > 0;) {
        const struct ls_entry *entry = list.entries + i;
        if (entry->attr.type == FILE_TYPE_DIRECTORY && strcmp (entry->name, ".") != 0
            && strcmp (entry->name, "..") != 0)
            lib_names_add (&run->pending, lib_path_join (path, entry->name));
    }
    ls_free (&list);
}

/* ---- the command line ---- */

static bool
ls_options (struct ls_run *run, struct options *options)
{
    int letter;

    while ((letter = lib_options_next (options)) != -1)
        switch (letter) {
        case 'a':
            run->all = true;
            break;
        case 'A':
            run->almost_all = true;
            break;
        case '1':
            run->one = true;
            break;
        case 'l':
            run->long_format = true;
            break;
        case 'n':
            run->long_format = run->numeric = true;
            break;
        case 'd':
            run->directory = true;
            break;
        case 'R':
            run->recursive = true;
            break;
        case 'i':
            run->node = true;
            break;
        case 'F':
            run->classify = true;
            break;
        case 'p':
            run->slash = true;
            break;
        case 'h':
            run->human = true;
            break;
        case 'r':
            run->reverse = true;
            break;
        case 't':
            run->by_time = true;
            break;
        case 'S':
            run->by_size = true;
            break;
        default:
            return false;
        }
    return true;
}

/* Operands that are no directories come first; the directories wait in `pending`. */
static void
ls_operands (struct ls_run *run, const struct options *options)
{
    struct ls_list files = { 0 }, directories = { 0 };
    bool follow = !run->directory && !run->long_format && !run->classify;

    for (int i = 0; i < options->operands; i++) {
        const char *path = lib_operand (options, i);
        struct file_attr attr;
        long failed = posix_lstat (path, &attr);
        bool inside = failed >= 0 && !run->directory && attr.type == FILE_TYPE_DIRECTORY;
        if (failed >= 0 && attr.type == FILE_TYPE_LINK && follow)
            inside = lib_is_directory (path);
        if (failed < 0) {
            lib_error ("ls", "cannot access '%s': %s", path, lib_error_text (failed));
            run->status = 2;
        } else
            ls_add (run, inside ? &directories : &files, path, path, inside);
    }
    if (files.count > 0)
        ls_print (run, &files);
    ls_sort (run, &directories);
    for (uint32_t i = directories.count; i-- > 0;)
        lib_names_add (&run->pending, lib_copy (directories.entries[i].name));
    run->headings = run->recursive || options->operands > 1;
    ls_free (&files);
    ls_free (&directories);
}

int
program_ls (int argc, char **argv)
{
    struct ls_run run = { 0 };
    struct options options;
    struct tty_attr tty;
    uint64_t uptime_ns, time_ns;

    lib_output_init (&run.out, 1);
    lib_options_init (&options, "ls", "aA1lndRiFphrtS", argc, argv);
    if (!ls_options (&run, &options))
        return 2;
    posix_clock (&uptime_ns, &time_ns);
    run.now = (int64_t)time_ns;
    if (!run.one && !run.long_format && posix_tcgetattr (1, &tty) >= 0)
        run.columns = tty.columns > 0 ? tty.columns : 80;
    run.headings = run.recursive;
    if (options.operands > 0)
        ls_operands (&run, &options);
    else if (run.directory) {
        options.argv[1] = lib_copy (".");
        options.operands = 1;
        ls_operands (&run, &options);
    } else
        lib_names_add (&run.pending, lib_copy ("."));
    while (run.pending.count > 0 && run.out.failed == 0) {
        char *path = run.pending.items[--run.pending.count];
        ls_directory (&run, path);
        program_free (path);
    }
    return lib_output_end (&run.out, "ls") != 0 ? 2 : run.status;
}
