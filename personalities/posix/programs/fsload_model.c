/* fsload_model: the names and contents that the files ought to have. */
#include "fsload.h"

#include <stdio.h>
#include <string.h>

bool
fsload_wrong (struct fsload *run, const char *format, ...)
{
    char text[400];
    va_list arguments;

    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    lib_error ("fsload", "seed %llu, operation %llu: %s",
               (unsigned long long)run->load.seed, (unsigned long long)run->operation,
               text);
    run->failed = true;
    return false;
}

/* ---- names ---- */

int
fsload_entry_new (struct fsload *run, int parent, uint32_t type)
{
    for (int i = 1; i < FSLOAD_ENTRIES; i++) {
        struct fsload_entry *entry = run->entries + i;
        if (entry->type != 0)
            continue;
        *entry = (struct fsload_entry){ .type = type, .parent = parent };
        /* Lengths vary, so that directory entries are split and joined. */
        snprintf (entry->name, sizeof entry->name, "%c%u%.*s",
                  type == FILE_TYPE_DIRECTORY ? 'd' : 'f', run->names_made++,
                  (int)lib_load_below (&run->load, 6), "-----");
        return i;
    }
    return -1;
}

void
fsload_entry_free (struct fsload *run, int entry)
{
    if (run->entries[entry].node != NULL)
        fsload_node_drop (run, run->entries[entry].node);
    run->entries[entry].type = 0;
}

int
fsload_pick (struct fsload *run, uint32_t type)
{
    int count = 0, chosen = -1;

    for (int i = 0; i < FSLOAD_ENTRIES; i++) {
        const struct fsload_entry *entry = run->entries + i;
        if (entry->type == 0 || (type != 0 && entry->type != type) || (type == 0 && i == 0))
            continue;
        if (lib_load_below (&run->load, (uint32_t)++count) == 0)
            chosen = i;
    }
    return chosen;
}

bool
fsload_empty (const struct fsload *run, int directory)
{
    for (int i = 1; i < FSLOAD_ENTRIES; i++)
        if (run->entries[i].type != 0 && run->entries[i].parent == directory)
            return false;
    return true;
}

int
fsload_depth (const struct fsload *run, int entry)
{
    int depth = 0;

    for (; entry != 0; entry = run->entries[entry].parent)
        depth++;
    return depth;
}

int
fsload_height (const struct fsload *run, int entry)
{
    int height = 0, own = fsload_depth (run, entry);

    for (int i = 1; i < FSLOAD_ENTRIES; i++)
        if (run->entries[i].type != 0 && fsload_inside (run, i, entry)
            && fsload_depth (run, i) - own > height)
            height = fsload_depth (run, i) - own;
    return height;
}

bool
fsload_inside (const struct fsload *run, int entry, int directory)
{
    for (; entry != 0; entry = run->entries[entry].parent)
        if (entry == directory)
            return true;
    return directory == 0;
}

int
fsload_child (const struct fsload *run, int directory, const char *name)
{
    for (int i = 1; i < FSLOAD_ENTRIES; i++)
        if (run->entries[i].type != 0 && run->entries[i].parent == directory
            && strcmp (run->entries[i].name, name) == 0)
            return i;
    return -1;
}

void
fsload_path (const struct fsload *run, int entry, char *path)
{
    int chain[FSLOAD_DEPTH + 2];
    int count = 0;

    for (; entry != 0; entry = run->entries[entry].parent)
        chain[count++] = entry;
    size_t used = (size_t)snprintf (path, FILE_PATH_MAX / 2, "%s", run->root);
    while (count-- > 0)
        used += (size_t)snprintf (path + used, FILE_PATH_MAX - used, "/%s",
                                  run->entries[chain[count]].name);
}

/* ---- contents ---- */

struct fsload_node *
fsload_node_new (struct fsload *run)
{
    struct fsload_node *node = lib_alloc (sizeof *node);

    (void)run;
    node->links = 1;
    return node;
}

void
fsload_node_drop (struct fsload *run, struct fsload_node *node)
{
    if (--node->links > 0)
        return;
    fsload_node_resize (run, node, 0);
    program_free (node->pages);
    program_free (node->target);
    program_free (node);
}

void
fsload_node_write (struct fsload *run, struct fsload_node *node, uint64_t offset,
                   const uint8_t *data, uint32_t bytes)
{
    while (bytes > 0) {
        uint32_t page = (uint32_t)(offset / FSLOAD_PAGE);
        uint32_t at = (uint32_t)(offset % FSLOAD_PAGE);
        uint32_t part = FSLOAD_PAGE - at < bytes ? FSLOAD_PAGE - at : bytes;
        if (page >= node->page_room) {
            uint32_t room = (page + 16) & ~15u;
            node->pages = lib_grow (node->pages, node->page_room * sizeof *node->pages,
                                    room * sizeof *node->pages);
            node->page_room = room;
        }
        if (node->pages[page] == NULL) {
            node->pages[page] = lib_alloc (FSLOAD_PAGE);
            run->pages++;
        }
        memcpy (node->pages[page] + at, data, part);
        data += part;
        offset += part;
        bytes -= part;
    }
    if (offset > node->size)
        node->size = offset;
}

void
fsload_node_read (const struct fsload_node *node, uint64_t offset, uint8_t *data,
                  uint32_t bytes)
{
    while (bytes > 0) {
        uint64_t page = offset / FSLOAD_PAGE;
        uint32_t at = (uint32_t)(offset % FSLOAD_PAGE);
        uint32_t part = FSLOAD_PAGE - at < bytes ? FSLOAD_PAGE - at : bytes;
        if (page < node->page_room && node->pages[page] != NULL)
            memcpy (data, node->pages[page] + at, part);
        else
            memset (data, 0, part);
        data += part;
        offset += part;
        bytes -= part;
    }
}

void
fsload_node_resize (struct fsload *run, struct fsload_node *node, uint64_t size)
{
    uint64_t first = (size + FSLOAD_PAGE - 1) / FSLOAD_PAGE;

    for (uint64_t page = first; page < node->page_room; page++)
        if (node->pages[page] != NULL) {
            program_free (node->pages[page]);
            node->pages[page] = NULL;
            run->pages--;
        }
    /* What is cut off must read as zeros if the file grows again. */
    uint32_t at = (uint32_t)(size % FSLOAD_PAGE);
    if (at != 0 && first - 1 < node->page_room && node->pages[first - 1] != NULL)
        memset (node->pages[first - 1] + at, 0, FSLOAD_PAGE - at);
    node->size = size;
}
