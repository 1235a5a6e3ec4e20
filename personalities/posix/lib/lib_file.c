/* lib_file: lines, directories and paths for the built-in programs. */
#include "lib.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define LINES_STEP      4096u
#define DIRECTORY_BYTES 4096u
#define COPY_BYTES      32768u

/* ---- lists of names ---- */

void
lib_names_add (struct names *names, char *owned)
{
    if (names->count == names->room) {
        uint32_t room = names->room > 0 ? names->room * 2 : 16;
        names->items = lib_grow (names->items, names->room * sizeof (char *),
                                 room * sizeof (char *));
        names->room = room;
    }
    names->items[names->count++] = owned;
}

/* Puts items[root] where it belongs in the heap below it. */
static void
names_sift (char **items, uint32_t root, uint32_t count)
{
    for (;;) {
        uint32_t child = root * 2 + 1;
        if (child >= count)
            return;
        if (child + 1 < count && strcmp (items[child], items[child + 1]) < 0)
            child++;
        if (strcmp (items[root], items[child]) >= 0)
            return;
        char *swap = items[root];
        items[root] = items[child];
        items[child] = swap;
        root = child;
    }
}

void
lib_names_sort (struct names *names)
{
    for (uint32_t i = names->count / 2; i-- > 0;)
        names_sift (names->items, i, names->count);
    for (uint32_t end = names->count; end-- > 1;) {
        char *swap = names->items[0];
        names->items[0] = names->items[end];
        names->items[end] = swap;
        names_sift (names->items, 0, end);
    }
}

void
lib_names_free (struct names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        program_free (names->items[i]);
    program_free (names->items);
    *names = (struct names){ 0 };
}

/* ---- lines ---- */

void
lib_lines_init (struct lines *lines, int fd)
{
    *lines = (struct lines){ .fd = fd };
}

static void
lines_fill (struct lines *lines)
{
    if (lines->start > 0) {
        memmove (lines->data, lines->data + lines->start, lines->used - lines->start);
        lines->used -= lines->start;
        lines->start = 0;
    }
    if (lines->room - lines->used < LINES_STEP) {
        size_t room = lines->room * 2 + LINES_STEP;
        lines->data = lib_grow (lines->data, lines->room, room);
        lines->room = room;
    }
    /* One byte stays free behind the last line. */
    long got
        = posix_read (lines->fd, lines->data + lines->used, lines->room - lines->used - 1);
    if (got == -EINTR)
        return;
    if (got <= 0) {
        lines->ended = true;
        lines->failed = (int)-got;
    } else
        lines->used += (size_t)got;
}

size_t
lib_lines_next (struct lines *lines, char **line)
{
    size_t looked = 0;

    for (;;) {
        size_t held = lines->used - lines->start;
        char *newline = held > looked ? memchr (lines->data + lines->start + looked, '\n',
                                                held - looked)
                                      : NULL;
        if (newline != NULL || (lines->ended && held > 0)) {
            *line = lines->data + lines->start;
            size_t length = newline != NULL ? (size_t)(newline - *line) + 1 : held;
            lines->start += length;
            return length;
        }
        if (lines->ended)
            return 0;
        looked = held;
        lines_fill (lines);
    }
}

void
lib_lines_free (struct lines *lines)
{
    program_free (lines->data);
    lines->data = NULL;
}

int
lib_open_input (const char *program, const char *path)
{
    if (strcmp (path, "-") == 0)
        return 0;
    long fd = posix_open (path, O_RDONLY, 0);
    if (fd < 0)
        lib_error_number (program, path, fd);
    return (int)fd;
}

void
lib_close_input (int fd)
{
    if (fd > 0)
        posix_close (fd);
}

/* ---- directories ---- */

long
lib_directory_open (struct directory *directory, const char *path)
{
    long fd = posix_open (path, O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0)
        return fd;
    *directory = (struct directory){ .fd = (int)fd, .buffer = lib_alloc (DIRECTORY_BYTES) };
    return 0;
}

long
lib_directory_next (struct directory *directory, struct directory_entry *entry)
{
    for (;;) {
        if (directory->at >= directory->used) {
            long got = posix_getdents (directory->fd, directory->buffer, DIRECTORY_BYTES);
            if (got <= 0)
                return got;
            directory->at = 0;
            directory->used = (uint32_t)got;
        }
        struct file_entry packed;
        uint32_t left = directory->used - directory->at;
        if (left < sizeof packed)
            return -EIO;
        memcpy (&packed, directory->buffer + directory->at, sizeof packed);
        if (packed.entry_bytes < sizeof packed || packed.entry_bytes > left
            || packed.name_bytes > packed.entry_bytes - sizeof packed)
            return -EIO;
        const char *name = directory->buffer + directory->at + sizeof packed;
        directory->at += packed.entry_bytes;
        memcpy (entry->name, name, packed.name_bytes);
        entry->name[packed.name_bytes] = '\0';
        entry->node = packed.node;
        entry->type = packed.type;
        if (strcmp (entry->name, ".") != 0 && strcmp (entry->name, "..") != 0)
            return 1;
    }
}

void
lib_directory_close (struct directory *directory)
{
    posix_close (directory->fd);
    program_free (directory->buffer);
}

long
lib_directory_names (const char *path, struct names *names)
{
    struct directory directory;
    struct directory_entry entry;
    long status = lib_directory_open (&directory, path);

    *names = (struct names){ 0 };
    if (status < 0)
        return status;
    while ((status = lib_directory_next (&directory, &entry)) > 0)
        lib_names_add (names, lib_copy (entry.name));
    lib_directory_close (&directory);
    if (status < 0)
        lib_names_free (names);
    lib_names_sort (names);
    return status;
}

/* ---- paths ---- */

char *
lib_path_join (const char *directory, const char *name)
{
    size_t first = strlen (directory);
    size_t second = strlen (name);
    char *path = lib_alloc (first + second + 2);

    memcpy (path, directory, first);
    if (first > 0 && path[first - 1] != '/')
        path[first++] = '/';
    memcpy (path + first, name, second + 1);
    return path;
}

const char *
lib_path_base (const char *path)
{
    const char *base = path;

    for (const char *at = path; *at != '\0'; at++)
        if (*at == '/' && at[1] != '\0' && at[1] != '/')
            base = at + 1;
    return base;
}

bool
lib_is_directory (const char *path)
{
    struct file_attr attr;

    return posix_stat (path, &attr) >= 0 && attr.type == FILE_TYPE_DIRECTORY;
}

char *
lib_path_into (const char *to, const char *path)
{
    if (!lib_is_directory (to))
        return lib_copy (to);
    char *base = lib_copy (lib_path_base (path));
    size_t end = strlen (base);
    while (end > 1 && base[end - 1] == '/')
        base[--end] = '\0';
    char *whole = lib_path_join (to, base);
    program_free (base);
    return whole;
}

long
lib_copy_data (int from, int to, bool *writing)
{
    char *buffer = lib_alloc (COPY_BYTES);
    long status;

    *writing = false;
    while ((status = posix_read (from, buffer, COPY_BYTES)) != 0) {
        if (status == -EINTR)
            continue;
        if (status < 0)
            break;
        status = lib_write (to, buffer, (size_t)status);
        if (status < 0) {
            *writing = true;
            break;
        }
    }
    program_free (buffer);
    return status;
}

/* ---- what stat tells, as text ---- */

void
lib_mode_text (const struct file_attr *attr, char text[11])
{
    static const char types[] = "?-dlcbps";
    static const char bits[] = "rwxrwxrwx";

    text[0] = attr->type < sizeof types - 1 ? types[attr->type] : '?';
    for (int i = 0; i < 9; i++)
        text[1 + i] = attr->mode >> (8 - i) & 1 ? bits[i] : '-';
    if (attr->mode & 04000)
        text[3] = text[3] == 'x' ? 's' : 'S';
    if (attr->mode & 02000)
        text[6] = text[6] == 'x' ? 's' : 'S';
    if (attr->mode & 01000)
        text[9] = text[9] == 'x' ? 't' : 'T';
    text[10] = '\0';
}

const char *
lib_type_text (const struct file_attr *attr)
{
    switch (attr->type) {
    case FILE_TYPE_REGULAR:
        return attr->size == 0 ? "regular empty file" : "regular file";
    case FILE_TYPE_DIRECTORY:
        return "directory";
    case FILE_TYPE_LINK:
        return "symbolic link";
    case FILE_TYPE_CHARACTER:
        return "character special file";
    case FILE_TYPE_BLOCK:
        return "block special file";
    case FILE_TYPE_PIPE:
        return "fifo";
    case FILE_TYPE_SOCKET:
        return "socket";
    }
    return "weird file";
}

void
lib_human_size (uint64_t bytes, char text[16])
{
    static const char letters[] = " KMGTPE";
    uint64_t unit = 1;
    int power = 0;

    while (bytes / unit >= 1024 || (unit > 1 && (bytes + unit - 1) / unit >= 1024)) {
        unit *= 1024;
        power++;
    }
    if (power == 0)
        snprintf (text, 16, "%u", (unsigned)bytes);
    else if (bytes <= unit * 99 / 10) {
        uint64_t tenths = (bytes * 10 + unit - 1) / unit;
        snprintf (text, 16, "%u.%u%c", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
                  letters[power]);
    } else
        snprintf (text, 16, "%u%c", (unsigned)((bytes + unit - 1) / unit), letters[power]);
}
