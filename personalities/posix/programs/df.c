/* df: how full the file systems are. */
#include "programs.h"

#include <stdio.h>
#include <string.h>

struct df_row {
    char source[64], target[128], size[24], used[24], free[24], percent[8];
};

struct df_run {
    bool human, nodes;
    struct df_row *rows;
    uint32_t count, room;
};

static void
df_number (const struct df_run *run, uint64_t blocks, uint64_t block_bytes, char text[24])
{
    if (run->nodes)
        snprintf (text, 24, "%llu", (unsigned long long)blocks);
    else if (run->human)
        lib_human_size (blocks * block_bytes, text);
    else
        snprintf (text, 24, "%llu",
                  (unsigned long long)((blocks * block_bytes + 1023) / 1024));
}

static int
df_add (struct df_run *run, const char *source, const char *target)
{
    struct posix_statfs info;
    long failed = posix_statfs (target, &info);

    if (failed < 0) {
        lib_error_number ("df", target, failed);
        return 1;
    }
    uint64_t size = run->nodes ? info.nodes : info.blocks;
    uint64_t free = run->nodes ? info.nodes_free : info.blocks_free;
    uint64_t used = size > free ? size - free : 0;
    if (run->count == run->room) {
        uint32_t room = run->room * 2 + 8;
        run->rows
            = lib_grow (run->rows, run->room * sizeof *run->rows, room * sizeof *run->rows);
        run->room = room;
    }
    struct df_row *row = run->rows + run->count++;
    snprintf (row->source, sizeof row->source, "%.63s", source);
    snprintf (row->target, sizeof row->target, "%.127s", target);
    df_number (run, size, info.block_bytes, row->size);
    df_number (run, used, info.block_bytes, row->used);
    df_number (run, free, info.block_bytes, row->free);
    if (used + free == 0)
        snprintf (row->percent, sizeof row->percent, "-");
    else
        snprintf (row->percent, sizeof row->percent, "%u%%",
                  (unsigned)((used * 100 + used + free - 1) / (used + free)));
    return 0;
}

/* Every mount; or, with `path`, the one that holds it. */
static int
df_mounts (struct df_run *run, const char *path)
{
    struct file_attr wanted, attr;
    struct lines lines;
    char *line;
    int status = 0;
    bool found = false;
    uint32_t kept = run->count;
    long fd = posix_open ("/proc/mounts", 0, 0);

    if (path != NULL) {
        long failed = posix_stat (path, &wanted);
        if (failed < 0) {
            lib_error_number ("df", path, failed);
            return 1;
        }
    }
    if (fd < 0)
        return df_add (run, "-", path != NULL ? path : "/");
    lib_lines_init (&lines, (int)fd);
    while (lib_lines_next (&lines, &line) > 0) {
        char *target = line + strcspn (line, " ");
        if (*target == '\0')
            continue;
        *target++ = '\0';
        target[strcspn (target, " \n")] = '\0';
        if (path != NULL
            && (posix_stat (target, &attr) < 0 || attr.filesystem != wanted.filesystem))
            continue;
        if (path != NULL)
            run->count = kept; /* a later mount hides an earlier one */
        status |= df_add (run, line, target);
        found = true;
    }
    lib_lines_free (&lines);
    posix_close ((int)fd);
    return found ? status : df_add (run, "-", path != NULL ? path : "/");
}

static void
df_print (struct df_run *run)
{
    struct df_row head
        = { "Filesystem", "Mounted on", "1K-blocks", "Used", "Available", "Use%" };
    int width[4] = { 14, 0, 0, 0 };
    struct output out;

    if (run->human)
        memcpy (head.size, "Size", 5), memcpy (head.free, "Avail", 6);
    if (run->nodes) {
        memcpy (head.size, "Inodes", 7);
        memcpy (head.used, "IUsed", 6);
        memcpy (head.free, "IFree", 6);
        memcpy (head.percent, "IUse%", 6);
    }
    for (uint32_t i = 0; i <= run->count; i++) {
        const struct df_row *row = i == 0 ? &head : run->rows + i - 1;
        const char *cells[4] = { row->source, row->size, row->used, row->free };
        for (int c = 0; c < 4; c++)
            if ((int)strlen (cells[c]) > width[c])
                width[c] = (int)strlen (cells[c]);
    }
    lib_output_init (&out, 1);
    for (uint32_t i = 0; i <= run->count; i++) {
        const struct df_row *row = i == 0 ? &head : run->rows + i - 1;
        lib_output_print (&out, "%-*s %*s %*s %*s %*s %s\n", width[0], row->source,
                          width[1], row->size, width[2], row->used, width[3], row->free,
                          (int)strlen (head.percent), row->percent, row->target);
    }
    lib_output_end (&out, "df");
}

int
program_df (int argc, char **argv)
{
    struct df_run run = { 0 };
    struct options options;
    int letter, status = 0;

    lib_options_init (&options, "df", "hki", argc, argv);
    while ((letter = lib_options_next (&options)) != -1)
        switch (letter) {
        case 'h':
            run.human = true;
            break;
        case 'k':
            run.human = false;
            break;
        case 'i':
            run.nodes = true;
            break;
        default:
            return 1;
        }
    for (int i = 0; i < options.operands || i == 0; i++)
        status |= df_mounts (&run, lib_operand (&options, i));
    if (run.count > 0)
        df_print (&run);
    return status;
}
