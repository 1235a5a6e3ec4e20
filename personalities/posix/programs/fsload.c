/* fsload: random operations on files, checked against a model of what they ought to do.
 *
 *     fsload [-s SEED] [-n OPERATIONS] [-d DIRECTORY] [-r]
 *
 * The files are made in DIRECTORY, by default fsload.SEED, which must not exist or be
 * empty. They stay there, unless -r says to remove them. The checksum depends on the seed
 * and on what the operations did, not on times, node numbers or where anything runs. The
 * first thing that is not as it ought to be ends it, with status 1.
 */
#include "fsload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* An operation that only a full device may refuse. True: it was done. */
static bool
fsload_done (struct fsload *run, const char *what, long result)
{
    if (result >= 0)
        return true;
    if (result == -ENOSPC || result == -EDQUOT)
        run->full++;
    else
        fsload_wrong (run, "%s %s: %s", what, run->path, lib_error_text (result));
    return false;
}

/* An operation that must be refused with `error`. */
static void
fsload_refused (struct fsload *run, const char *what, long result, int error)
{
    if (result == -error)
        lib_load_add (&run->load, (uint64_t)error);
    else
        fsload_wrong (run, "%s %s: %s, instead of %s", what, run->path,
                      result >= 0 ? "done" : lib_error_text (result),
                      lib_error_text (error));
}

/* A directory that may have one more level in it, and a new entry there. -1: no room. */
static int
fsload_place (struct fsload *run, uint32_t type)
{
    int parent = fsload_pick (run, FILE_TYPE_DIRECTORY);

    if (fsload_depth (run, parent) >= FSLOAD_DEPTH)
        parent = 0;
    int entry = fsload_entry_new (run, parent, type);
    if (entry >= 0)
        fsload_path (run, entry, run->path);
    return entry;
}

static void
fsload_create (struct fsload *run)
{
    int entry = fsload_place (run, FILE_TYPE_REGULAR);

    if (entry < 0)
        return;
    long fd = posix_open (run->path, O_RDWR | O_CREAT | O_EXCL, 0644);
    if (!fsload_done (run, "create", fd)) {
        run->entries[entry].type = 0;
        return;
    }
    run->entries[entry].node = fsload_node_new (run);
    posix_close ((int)fd);
    fd = posix_open (run->path, O_RDWR | O_CREAT | O_EXCL, 0644);
    if (fd >= 0)
        posix_close ((int)fd);
    fsload_refused (run, "create again", fd, EEXIST);
}

/* Where and how much: mostly near the start, now and then far out. */
static uint64_t
fsload_offset (struct fsload *run, const struct fsload_node *node)
{
    switch (lib_load_below (&run->load, 32)) {
    case 0:
        return lib_load_below (&run->load, FSLOAD_SIZE_MAX - FSLOAD_BUFFER);
    case 1:
    case 2:
    case 3:
    case 4:
        return node->size; /* append */
    default:
        return lib_load_below (&run->load, FSLOAD_SIZE_SMALL);
    }
}

static uint32_t
fsload_length (struct fsload *run)
{
    return 1
           + lib_load_below (&run->load,
                             lib_load_below (&run->load, 4) == 0 ? FSLOAD_BUFFER : 1500);
}

static void
fsload_write (struct fsload *run)
{
    int entry = fsload_pick (run, FILE_TYPE_REGULAR);

    if (entry < 0)
        return;
    struct fsload_node *node = run->entries[entry].node;
    uint64_t offset = fsload_offset (run, node);
    uint32_t bytes = fsload_length (run);
    bool append = offset == node->size && lib_load_below (&run->load, 2) == 0;
    if (run->pages + bytes / FSLOAD_PAGE + 2 > FSLOAD_PAGES_MAX
        || offset + bytes > FSLOAD_SIZE_MAX)
        return;
    for (uint32_t i = 0; i < bytes; i += 8) {
        uint64_t word = lib_load_next (&run->load);
        memcpy (run->buffer + i, &word, 8);
    }
    fsload_path (run, entry, run->path);
    long fd = posix_open (run->path, append ? O_WRONLY | O_APPEND : O_RDWR, 0);
    if (fd < 0) {
        fsload_wrong (run, "open %s: %s", run->path, lib_error_text (fd));
        return;
    }
    for (uint32_t at = 0; at < bytes && !run->failed;) {
        long done = append ? posix_write ((int)fd, run->buffer + at, bytes - at)
                           : posix_pwrite ((int)fd, run->buffer + at, bytes - at,
                                           (int64_t)(offset + at));
        if (!fsload_done (run, "write", done == 0 ? -EIO : done))
            break;
        fsload_node_write (run, node, offset + at, run->buffer + at, (uint32_t)done);
        at += (uint32_t)done;
    }
    if (lib_load_below (&run->load, 16) == 0)
        fsload_done (run, "fsync", posix_fsync ((int)fd));
    posix_close ((int)fd);
}

static void
fsload_read (struct fsload *run)
{
    int entry = fsload_pick (run, FILE_TYPE_REGULAR);

    if (entry < 0)
        return;
    const struct fsload_node *node = run->entries[entry].node;
    uint64_t offset = lib_load_below (&run->load, (uint32_t)node->size + 512);
    uint32_t bytes = fsload_length (run);
    uint64_t left = offset < node->size ? node->size - offset : 0;
    uint32_t wanted = left < bytes ? (uint32_t)left : bytes;
    fsload_path (run, entry, run->path);
    long fd = posix_open (run->path, O_RDONLY, 0);
    if (fd < 0) {
        fsload_wrong (run, "open %s: %s", run->path, lib_error_text (fd));
        return;
    }
    posix_lseek ((int)fd, (int64_t)offset, SEEK_FROM_START);
    uint32_t at = 0;
    while (at < bytes) {
        long got = posix_read ((int)fd, run->buffer + at, bytes - at);
        if (got < 0)
            fsload_wrong (run, "read %s: %s", run->path, lib_error_text (got));
        if (got <= 0)
            break;
        at += (uint32_t)got;
    }
    posix_close ((int)fd);
    fsload_node_read (node, offset, run->wanted, wanted);
    if (at != wanted)
        fsload_wrong (run, "%s at %llu: %u bytes came, not %u", run->path,
                      (unsigned long long)offset, at, wanted);
    else if (memcmp (run->buffer, run->wanted, at) != 0)
        fsload_wrong (run, "%s differs somewhere in %u bytes from %llu on", run->path, at,
                      (unsigned long long)offset);
    else
        lib_load_add_bytes (&run->load, run->buffer, at);
}

static void
fsload_truncate (struct fsload *run)
{
    int entry = fsload_pick (run, FILE_TYPE_REGULAR);

    if (entry < 0)
        return;
    struct fsload_node *node = run->entries[entry].node;
    uint64_t size = lib_load_below (&run->load, 4) == 0
                        ? lib_load_below (&run->load, FSLOAD_SIZE_SMALL)
                        : lib_load_below (&run->load, (uint32_t)node->size + 1);
    fsload_path (run, entry, run->path);
    if (fsload_done (run, "truncate", posix_truncate (run->path, (int64_t)size)))
        fsload_node_resize (run, node, size);
}

static void
fsload_link (struct fsload *run)
{
    int from = fsload_pick (run, FILE_TYPE_REGULAR);

    if (from < 0)
        return;
    fsload_path (run, from, run->path2);
    int entry = fsload_place (run, FILE_TYPE_REGULAR);
    if (entry < 0)
        return;
    if (!fsload_done (run, "link", posix_link (run->path2, run->path))) {
        run->entries[entry].type = 0;
        return;
    }
    run->entries[entry].node = run->entries[from].node;
    run->entries[entry].node->links++;
}

static void
fsload_symlink (struct fsload *run)
{
    int entry = fsload_place (run, FILE_TYPE_LINK);

    if (entry < 0)
        return;
    struct fsload_node *node = fsload_node_new (run);
    uint32_t length = 1 + lib_load_below (&run->load, 120); /* kept in the node or not */
    node->target = lib_alloc (length + 1);
    memset (node->target, 'a' + (int)lib_load_below (&run->load, 26), length);
    node->size = length;
    run->entries[entry].node = node;
    if (!fsload_done (run, "symlink", posix_symlink (node->target, run->path)))
        fsload_entry_free (run, entry);
}

static void
fsload_unlink (struct fsload *run)
{
    int entry = fsload_pick (run, lib_load_below (&run->load, 8) == 0 ? FILE_TYPE_LINK
                                                                      : FILE_TYPE_REGULAR);

    if (entry < 0)
        return;
    fsload_path (run, entry, run->path);
    if (!fsload_done (run, "unlink", posix_unlink (run->path)))
        return;
    fsload_entry_free (run, entry);
    fsload_refused (run, "unlink again", posix_unlink (run->path), ENOENT);
}

static void
fsload_mkdir (struct fsload *run)
{
    int entry = fsload_place (run, FILE_TYPE_DIRECTORY);

    if (entry < 0)
        return;
    if (!fsload_done (run, "mkdir", posix_mkdir (run->path, 0755))) {
        run->entries[entry].type = 0;
        return;
    }
    fsload_refused (run, "mkdir again", posix_mkdir (run->path, 0755), EEXIST);
}

static void
fsload_rmdir (struct fsload *run)
{
    int entry = fsload_pick (run, FILE_TYPE_DIRECTORY);

    if (entry <= 0)
        return;
    fsload_path (run, entry, run->path);
    long result = posix_rmdir (run->path);
    if (!fsload_empty (run, entry))
        fsload_refused (run, "rmdir", result, ENOTEMPTY);
    else if (fsload_done (run, "rmdir", result))
        fsload_entry_free (run, entry);
}

/* To a new name; sometimes onto an old one of the same kind, which then goes. */
static void
fsload_rename (struct fsload *run)
{
    int from = fsload_pick (run, 0);

    if (from < 0)
        return;
    uint32_t type = run->entries[from].type;
    int onto = lib_load_below (&run->load, 3) == 0 ? fsload_pick (run, type) : -1;
    if (onto > 0 && fsload_depth (run, onto) + fsload_height (run, from) > FSLOAD_DEPTH)
        return;
    fsload_path (run, from, run->path);
    if (onto > 0) {
        fsload_path (run, onto, run->path2);
        long result = posix_rename (run->path, run->path2);
        bool same = run->entries[onto].node != NULL
                    && run->entries[onto].node == run->entries[from].node;
        if (onto == from || same) /* two names of one file: nothing happens */
            fsload_done (run, "rename onto itself", result);
        else if (type == FILE_TYPE_DIRECTORY && fsload_inside (run, onto, from))
            fsload_refused (run, "rename into itself", result, EINVAL);
        else if (type == FILE_TYPE_DIRECTORY && !fsload_empty (run, onto))
            fsload_refused (run, "rename onto a full directory", result, ENOTEMPTY);
        else if (fsload_done (run, "rename", result)) {
            int parent = run->entries[onto].parent;
            memcpy (run->entries[from].name, run->entries[onto].name,
                    sizeof run->entries[from].name);
            fsload_entry_free (run, onto);
            run->entries[from].parent = parent;
        }
        return;
    }
    int parent = fsload_pick (run, FILE_TYPE_DIRECTORY);
    bool into = type == FILE_TYPE_DIRECTORY && fsload_inside (run, parent, from);
    if (!into && fsload_depth (run, parent) + fsload_height (run, from) >= FSLOAD_DEPTH)
        return;
    int entry = fsload_entry_new (run, into ? 0 : parent, type);
    if (entry < 0)
        return;
    if (into) { /* a directory cannot go into itself */
        fsload_path (run, parent, run->path2);
        strcat (run->path2, "/inside");
        run->entries[entry].type = 0;
        fsload_refused (run, "rename into itself", posix_rename (run->path, run->path2),
                        EINVAL);
        return;
    }
    fsload_path (run, entry, run->path2);
    run->entries[entry].type = 0;
    if (fsload_done (run, "rename", posix_rename (run->path, run->path2))) {
        memcpy (run->entries[from].name, run->entries[entry].name,
                sizeof run->entries[from].name);
        run->entries[from].parent = parent;
    }
}

static void
fsload_list (struct fsload *run)
{
    fsload_check_directory (run, fsload_pick (run, FILE_TYPE_DIRECTORY));
}

static void
fsload_verify (struct fsload *run)
{
    int entry = fsload_pick (run, 0);

    if (entry < 0)
        return;
    if (run->entries[entry].type == FILE_TYPE_DIRECTORY)
        fsload_check_directory (run, entry);
    else
        fsload_check_file (run, entry);
}

static const struct {
    const char *name;
    void (*run) (struct fsload *run);
    uint32_t weight;
} fsload_operations[] = {
    { "create", fsload_create, 12 }, { "write", fsload_write, 30 },
    { "read", fsload_read, 20 },     { "truncate", fsload_truncate, 6 },
    { "link", fsload_link, 3 },      { "symlink", fsload_symlink, 3 },
    { "unlink", fsload_unlink, 9 },  { "mkdir", fsload_mkdir, 4 },
    { "rmdir", fsload_rmdir, 3 },    { "rename", fsload_rename, 5 },
    { "list", fsload_list, 3 },      { "verify", fsload_verify, 2 },
};

#define FSLOAD_OPERATIONS (sizeof fsload_operations / sizeof *fsload_operations)

static void
fsload_step (struct fsload *run)
{
    uint32_t total = 0;

    for (size_t i = 0; i < FSLOAD_OPERATIONS; i++)
        total += fsload_operations[i].weight;
    uint32_t chosen = lib_load_below (&run->load, total);
    size_t i = 0;
    for (; chosen >= fsload_operations[i].weight; i++)
        chosen -= fsload_operations[i].weight;
    lib_load_add (&run->load, i);
    run->counts[i]++;
    fsload_operations[i].run (run);
}

/* The directory is there, and nothing is in it. */
static bool
fsload_begin (struct fsload *run)
{
    long failed = posix_mkdir (run->root, 0755);
    struct names names;

    if (failed < 0 && failed != -EEXIST) {
        lib_error ("fsload", "cannot create directory '%s': %s", run->root,
                   lib_error_text (failed));
        return false;
    }
    failed = lib_directory_names (run->root, &names);
    if (failed < 0) {
        lib_error_number ("fsload", run->root, failed);
        return false;
    }
    if (names.count > 0) {
        lib_error ("fsload", "directory '%s' is not empty: it holds '%s'", run->root,
                   names.items[0]);
        return false;
    }
    run->buffer = lib_alloc (FSLOAD_BUFFER + 8);
    run->wanted = lib_alloc (FSLOAD_BUFFER);
    run->path = lib_alloc (FILE_PATH_MAX);
    run->path2 = lib_alloc (FILE_PATH_MAX);
    run->entries[0].type = FILE_TYPE_DIRECTORY;
    run->entries[0].name[0] = '/';
    return true;
}

static void
fsload_summary (const struct fsload *run)
{
    struct output out;

    lib_output_init (&out, 1);
    lib_output_print (
        &out, "fsload: seed %llu: %llu operations:", (unsigned long long)run->load.seed,
        (unsigned long long)run->operation);
    for (size_t i = 0; i < FSLOAD_OPERATIONS; i++)
        lib_output_print (&out, " %s %llu", fsload_operations[i].name,
                          (unsigned long long)run->counts[i]);
    if (run->full > 0)
        lib_output_print (&out, " full %llu", (unsigned long long)run->full);
    lib_output_print (&out, ", checksum %016llx\n", (unsigned long long)run->load.sum);
    lib_output_flush (&out);
}

int
program_fsload (int argc, char **argv)
{
    uint64_t seed = 1, operations = 1000;
    struct options options;
    const char *root = NULL;
    bool remove = false;
    char own_root[40];
    int letter;

    lib_options_init (&options, "fsload", "s:n:d:r", argc, argv);
    while ((letter = lib_options_next (&options)) != -1) {
        uint64_t *value = letter == 's' ? &seed : &operations;
        if (letter == 'd')
            root = options.value;
        else if (letter == 'r')
            remove = true;
        else if (letter == '?'
                 || !lib_load_option ("fsload", options.value, UINT64_MAX, value))
            return 2;
    }
    if (!lib_operands_between (&options, 0, 0))
        return 2;
    snprintf (own_root, sizeof own_root, "fsload.%llu", (unsigned long long)seed);
    struct fsload *run = lib_alloc (sizeof *run);
    run->root = root != NULL ? root : own_root;
    lib_load_init (&run->load, "fsload", seed);
    if (!fsload_begin (run))
        return 1;
    while (run->operation < operations && !run->failed) {
        run->operation++;
        fsload_step (run);
    }
    if (run->failed || !fsload_check_all (run))
        return 1;
    if (remove && lib_tree_remove ("fsload", run->root) != 0)
        return 1;
    fsload_summary (run);
    return 0;
}
