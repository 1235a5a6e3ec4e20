/* stat: what is known of a file. */
#include "programs.h"

#include <string.h>

static void
stat_time (struct output *out, int64_t time)
{
    struct calendar c;

    lib_calendar (file_time_seconds (time), &c);
    lib_output_print (out, "%lld-%02d-%02d %02d:%02d:%02d.%09d +0000", (long long)c.year, c.month,
                      c.day, c.hour, c.minute, c.second, (int)file_time_rest (time));
}

static void
stat_owner (struct output *out, uint32_t id)
{
    if (id == 0)
        lib_output_text (out, "root");
    else
        lib_output_print (out, "%u", id);
}

/* 'name' or 'link' -> 'what it says' */
static void
stat_quoted (struct output *out, const char *path, const struct file_attr *attr)
{
    char *contents;
    long got;

    lib_output_print (out, "'%s'", path);
    if (attr->type != FILE_TYPE_LINK)
        return;
    contents = lib_alloc (FILE_PATH_MAX);
    got = posix_readlink (path, contents, FILE_PATH_MAX);
    if (got >= 0)
        lib_output_print (out, " -> '%.*s'", (int)got, contents);
    program_free (contents);
}

static uint32_t
stat_raw_mode (const struct file_attr *attr)
{
    static const uint16_t types[]
        = { 0, 0100000, 0040000, 0120000, 0020000, 0060000, 0010000, 0140000 };

    return attr->mode | (attr->type < 8 ? types[attr->type] : 0u);
}

static bool
stat_field (struct output *out, char field, const char *path, const struct file_attr *attr)
{
    char mode[11];

    switch (field) {
    case 'n':
        lib_output_text (out, path);
        break;
    case 'N':
        stat_quoted (out, path, attr);
        break;
    case 's':
        lib_output_print (out, "%llu", (unsigned long long)attr->size);
        break;
    case 'b':
        lib_output_print (out, "%llu", (unsigned long long)attr->blocks);
        break;
    case 'B':
        lib_output_text (out, "512");
        break;
    case 'o':
        lib_output_print (out, "%u", attr->block_bytes);
        break;
    case 'a':
        lib_output_print (out, "%o", attr->mode);
        break;
    case 'f':
        lib_output_print (out, "%x", stat_raw_mode (attr));
        break;
    case 'A':
        lib_mode_text (attr, mode);
        lib_output_text (out, mode);
        break;
    case 'F':
        lib_output_text (out, lib_type_text (attr));
        break;
    case 'd':
        lib_output_print (out, "%u", attr->filesystem);
        break;
    case 'i':
        lib_output_print (out, "%llu", (unsigned long long)attr->node);
        break;
    case 'h':
        lib_output_print (out, "%u", attr->links);
        break;
    case 'u':
        lib_output_print (out, "%u", attr->uid);
        break;
    case 'g':
        lib_output_print (out, "%u", attr->gid);
        break;
    case 'U':
        stat_owner (out, attr->uid);
        break;
    case 'G':
        stat_owner (out, attr->gid);
        break;
    case 'X':
        lib_output_print (out, "%lld", (long long)file_time_seconds (attr->atime));
        break;
    case 'Y':
        lib_output_print (out, "%lld", (long long)file_time_seconds (attr->mtime));
        break;
    case 'Z':
        lib_output_print (out, "%lld", (long long)file_time_seconds (attr->ctime));
        break;
    case 'x':
        stat_time (out, attr->atime);
        break;
    case 'y':
        stat_time (out, attr->mtime);
        break;
    case 'z':
        stat_time (out, attr->ctime);
        break;
    case '%':
        lib_output_char (out, '%');
        break;
    default:
        return false;
    }
    return true;
}

static bool
stat_format (struct output *out, const char *format, const char *path,
             const struct file_attr *attr)
{
    for (; *format != '\0'; format++) {
        if (*format != '%' || format[1] == '\0')
            lib_output_char (out, *format);
        else if (!stat_field (out, *++format, path, attr)) {
            lib_output_flush (out);
            lib_error ("stat", "%%%c is not supported", *format);
            return false;
        }
    }
    lib_output_char (out, '\n');
    return true;
}

static void
stat_default (struct output *out, const char *path, const struct file_attr *attr)
{
    char mode[11];
    static const char fields[] = "xyz";
    static const char *const names[] = { "Access", "Modify", "Change" };

    lib_output_text (out, "  File: ");
    if (attr->type == FILE_TYPE_LINK) {
        char *contents = lib_alloc (FILE_PATH_MAX);
        long got = posix_readlink (path, contents, FILE_PATH_MAX);
        lib_output_print (out, "%s -> %.*s\n", path, got > 0 ? (int)got : 0, contents);
        program_free (contents);
    } else
        lib_output_print (out, "%s\n", path);
    lib_output_print (out, "  Size: %-15llu\tBlocks: %-10llu IO Block: %-6u %s\n",
                      (unsigned long long)attr->size, (unsigned long long)attr->blocks,
                      attr->block_bytes, lib_type_text (attr));
    lib_output_print (out, "Device: %u\tInode: %-11llu Links: %u\n", attr->filesystem,
                      (unsigned long long)attr->node, attr->links);
    lib_mode_text (attr, mode);
    lib_output_print (out, "Access: (%04o/%s)  Uid: (%5u/%8s)   Gid: (%5u/%8s)\n",
                      attr->mode, mode, attr->uid, attr->uid == 0 ? "root" : "UNKNOWN",
                      attr->gid, attr->gid == 0 ? "root" : "UNKNOWN");
    for (int i = 0; i < 3; i++) {
        lib_output_print (out, "%s: ", names[i]);
        stat_field (out, fields[i], path, attr);
        lib_output_char (out, '\n');
    }
}

int
program_stat (int argc, char **argv)
{
    struct options options;
    const char *format = NULL;
    bool follow = false;
    struct output out;
    int letter, status = 0;

    lib_options_init (&options, "stat", "c:L", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        if (letter == '?')
            return 1;
        if (letter == 'c')
            format = options.value;
        else
            follow = true;
    }
    if (!lib_operands_between (&options, 1, argc))
        return 1;
    lib_output_init (&out, 1);
    for (int i = 0; i < options.operands; i++) {
        const char *path = lib_operand (&options, i);
        struct file_attr attr;
        long failed = follow ? posix_stat (path, &attr) : posix_lstat (path, &attr);
        if (failed < 0) {
            lib_output_flush (&out);
            lib_error ("stat", "cannot statx '%s': %s", path, lib_error_text (failed));
            status = 1;
        } else if (format == NULL)
            stat_default (&out, path, &attr);
        else if (!stat_format (&out, format, path, &attr))
            return 1;
    }
    return lib_output_end (&out, "stat") | status;
}
