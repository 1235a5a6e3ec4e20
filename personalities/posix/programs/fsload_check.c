/* fsload_check: are the files as the model has them? */
#include "fsload.h"

#include <fcntl.h>
#include <string.h>

static bool
check_link (struct fsload *run, int entry)
{
    const struct fsload_node *node = run->entries[entry].node;
    long got = posix_readlink (run->path, (char *)run->buffer, FSLOAD_BUFFER - 1);

    if (got < 0)
        return fsload_wrong (run, "readlink %s: %s", run->path, lib_error_text (got));
    run->buffer[got] = '\0';
    if (strcmp ((char *)run->buffer, node->target) != 0)
        return fsload_wrong (run, "%s leads to '%s', not to '%s'", run->path,
                             (char *)run->buffer, node->target);
    return true;
}

static bool
check_attributes (struct fsload *run, int entry)
{
    const struct fsload_entry *wanted = run->entries + entry;
    struct file_attr attr;
    long failed = posix_lstat (run->path, &attr);

    if (failed < 0)
        return fsload_wrong (run, "lstat %s: %s", run->path, lib_error_text (failed));
    if (attr.type != wanted->type)
        return fsload_wrong (run, "%s is of type %u, not %u", run->path, attr.type,
                             wanted->type);
    if (wanted->node == NULL)
        return true;
    if (attr.links != wanted->node->links)
        return fsload_wrong (run, "%s has %u links, not %u", run->path, attr.links,
                             wanted->node->links);
    if (attr.size != wanted->node->size)
        return fsload_wrong (run, "%s has %llu bytes, not %llu", run->path,
                             (unsigned long long)attr.size,
                             (unsigned long long)wanted->node->size);
    return true;
}

/* All of it; long runs of zeros are looked at only here and there. */
static bool
check_contents (struct fsload *run, int entry)
{
    const struct fsload_node *node = run->entries[entry].node;
    long fd = posix_open (run->path, O_RDONLY, 0);
    bool same = true;

    if (fd < 0)
        return fsload_wrong (run, "open %s: %s", run->path, lib_error_text (fd));
    for (uint64_t page = 0; page * FSLOAD_PAGE < node->size && same; page++) {
        bool held = page < node->page_room && node->pages[page] != NULL;
        if (!held && page % 64 != 0)
            continue;
        uint64_t left = node->size - page * FSLOAD_PAGE;
        uint32_t bytes = left < FSLOAD_PAGE ? (uint32_t)left : FSLOAD_PAGE;
        long got = posix_pread ((int)fd, run->buffer, bytes, (int64_t)(page * FSLOAD_PAGE));
        fsload_node_read (node, page * FSLOAD_PAGE, run->wanted, bytes);
        if (got != (long)bytes)
            same = fsload_wrong (run, "pread %s at %llu: %s", run->path,
                                 (unsigned long long)(page * FSLOAD_PAGE),
                                 got < 0 ? lib_error_text (got) : "too short");
        else if (memcmp (run->buffer, run->wanted, bytes) != 0)
            same = fsload_wrong (run, "%s differs in its bytes %llu to %llu", run->path,
                                 (unsigned long long)(page * FSLOAD_PAGE),
                                 (unsigned long long)(page * FSLOAD_PAGE + bytes - 1));
    }
    posix_close ((int)fd);
    return same;
}

bool
fsload_check_file (struct fsload *run, int entry)
{
    fsload_path (run, entry, run->path);
    if (!check_attributes (run, entry))
        return false;
    return run->entries[entry].type == FILE_TYPE_LINK ? check_link (run, entry)
                                                      : check_contents (run, entry);
}

bool
fsload_check_directory (struct fsload *run, int entry)
{
    struct names names;
    uint32_t wanted = 0;
    bool same = true;

    fsload_path (run, entry, run->path);
    if (!check_attributes (run, entry))
        return false;
    long failed = lib_directory_names (run->path, &names);
    if (failed < 0)
        return fsload_wrong (run, "list %s: %s", run->path, lib_error_text (failed));
    for (int i = 1; i < FSLOAD_ENTRIES; i++)
        wanted += run->entries[i].type != 0 && run->entries[i].parent == entry;
    for (uint32_t i = 0; i < names.count && same; i++) {
        if (i > 0 && strcmp (names.items[i - 1], names.items[i]) == 0)
            same = fsload_wrong (run, "%s holds '%s' twice", run->path, names.items[i]);
        else if (fsload_child (run, entry, names.items[i]) < 0)
            same = fsload_wrong (run, "%s holds '%s', which it should not", run->path,
                                 names.items[i]);
        lib_load_add_bytes (&run->load, names.items[i], strlen (names.items[i]));
    }
    if (same && names.count != wanted)
        same = fsload_wrong (run, "%s holds %u names, not %u", run->path, names.count,
                             wanted);
    lib_names_free (&names);
    return same;
}

bool
fsload_check_all (struct fsload *run)
{
    for (int i = 0; i < FSLOAD_ENTRIES; i++) {
        if (run->entries[i].type == 0)
            continue;
        bool same = run->entries[i].type == FILE_TYPE_DIRECTORY
                        ? fsload_check_directory (run, i)
                        : fsload_check_file (run, i);
        if (!same)
            return false;
    }
    return true;
}
