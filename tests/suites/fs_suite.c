/* fs: what every file system promises that can be written. The subject is empty, but for a
 * lost+found, and mounted nowhere; each case mounts it and leaves it empty and unmounted.
 */
#include "fs_calls.h"
#include "suites.h"

static uint64_t
root_of (struct probe *probe)
{
    uint64_t root = 0;

    probe_same (probe, mount (probe, false, &root), OK, "mount", __FILE__, __LINE__);
    return root;
}

static void
leave (struct probe *probe, uint64_t root)
{
    SAME (release (probe, root, 1), OK);
    SAME (unmount (probe), OK);
}

static void
describes_itself (struct probe *probe)
{
    struct fs_describe_req req = {};
    struct fs_describe_rep rep;
    struct fs_statfs_req statfs = {};
    struct fs_statfs_rep known;
    uint64_t root = root_of (probe);

    SAME (fs_describe (probe->subject, &req, &rep), OK);
    CHECK (rep.type[0] != '\0' && rep.source[0] != '\0');
    SAME (fs_statfs (probe->subject, &statfs, &known), OK);
    CHECK (known.blocks >= known.blocks_free && known.blocks_free > 0);
    CHECK (known.nodes >= known.nodes_free && known.nodes_free > 0);
    SAME (known.name_max, FILE_NAME_MAX);
    SAME_TEXT (known.type, strlen (known.type), rep.type);
    probe_note (probe, &known, sizeof known);
    leave (probe, root);
}

static void
is_mounted_once (struct probe *probe)
{
    uint64_t root = root_of (probe), again = 77;

    SAME (mount (probe, false, &again), ERR_BUSY);
    SAME (again, 77);
    SAME (unmount (probe), ERR_BUSY);
    leave (probe, root);
    CHECK (unmount (probe) != OK);
    CHECK (stat_node (probe, root, &(struct file_attr){ 0 }) != OK);
}

static void
keeps_what_it_was_given (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, dir = { 0 }, attr = { 0 };
    char text[64];

    SAME (create (probe, root, FILE_TYPE_REGULAR, "file", &file), OK);
    SAME (file.type, FILE_TYPE_REGULAR);
    SAME (file.mode, 0640);
    SAME (file.uid, 5);
    SAME (file.gid, 6);
    SAME (file.links, 1);
    SAME (file.size, 0);
    SAME (create (probe, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    SAME (dir.links, 2);
    SAME (write_at (probe, file.node, 0, "hello, world", 12), 12);
    memset (text, '#', sizeof text);
    SAME (read_at (probe, file.node, 7, text, sizeof text), 5);
    SAME_TEXT (text, 6, "world#");
    SAME (read_at (probe, file.node, 12, text, sizeof text), 0);
    SAME (read_at (probe, file.node, 1000, text, sizeof text), 0);
    SAME (lookup (probe, root, "file", &attr), OK);
    SAME (attr.node, file.node);
    SAME (attr.size, 12);
    SAME (parent (probe, dir.node, &attr), OK);
    SAME (attr.node, root);
    SAME (release (probe, root, 1), OK);
    SAME (release (probe, file.node, 2), OK);
    SAME (release (probe, dir.node, 1), OK);
    SAME (unlink_name (probe, root, "file", false), OK);
    SAME (unlink_name (probe, root, "dir", true), OK);
    leave (probe, root);
}

static void
counts_holds (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, attr = { .node = 77 };
    char text[8];

    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &file), OK);
    SAME (lookup (probe, root, "f", &attr), OK);
    SAME (write_at (probe, file.node, 0, "abc", 3), 3);
    SAME (unlink_name (probe, root, "f", false), OK);
    attr.node = 77;
    SAME (lookup (probe, root, "f", &attr), ERR_NOT_FOUND);
    SAME (attr.node, 77);
    SAME (release (probe, file.node, 1), OK);
    SAME (read_at (probe, file.node, 1, text, 8), 2);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.links, 0);
    SAME (release (probe, file.node, 1), OK);
    SAME (stat_node (probe, file.node, &attr), ERR_STALE);
    SAME (read_at (probe, file.node, 0, text, 8), -ERR_STALE);
    SAME (write_at (probe, file.node, 0, text, 8), -ERR_STALE);
    SAME (lookup (probe, file.node, "x", &attr), ERR_STALE);
    SAME (lookup (probe, UINT64_MAX, "x", &attr), ERR_STALE);
    SAME (stat_node (probe, UINT64_MAX - 1, &attr), ERR_STALE);
    SAME (release (probe, file.node, 1), ERR_STALE);
    leave (probe, root);
}

static void
reads_holes_as_zeros (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, attr = { 0 };
    char text[32];

    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &file), OK);
    SAME (write_at (probe, file.node, 300000, "end", 3), 3);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.size, 300003);
    CHECK (attr.blocks < 100);
    memset (text, 'x', sizeof text);
    SAME (read_at (probe, file.node, 299998, text, sizeof text), 5);
    CHECK (memcmp (text, "\0\0endx", 6) == 0);
    SAME (write_at (probe, file.node, 0, "0123456789", 10), 10);
    SAME (truncate_to (probe, file.node, 4), OK);
    SAME (truncate_to (probe, file.node, 70000), OK);
    SAME (read_at (probe, file.node, 0, text, 8), 8);
    CHECK (memcmp (text, "0123\0\0\0\0", 8) == 0);
    SAME (truncate_to (probe, file.node, 0), OK);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.size, 0);
    SAME (attr.blocks, 0);
    SAME (release (probe, file.node, 1), OK);
    SAME (unlink_name (probe, root, "f", false), OK);
    leave (probe, root);
}

static void
links_and_renames (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, dir = { 0 }, attr = { 0 };

    SAME (create (probe, root, FILE_TYPE_REGULAR, "a", &file), OK);
    SAME (create (probe, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    SAME (make_link (probe, dir.node, "b", file.node), OK);
    SAME (make_link (probe, dir.node, "b", file.node), ERR_EXISTS);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.links, 2);
    SAME (unlink_name (probe, root, "dir", true), ERR_NOT_EMPTY);
    SAME (rename_to (probe, root, "a", root, "c"), OK);
    SAME (lookup (probe, root, "a", &attr), ERR_NOT_FOUND);
    SAME (unlink_name (probe, dir.node, "b", false), OK);
    SAME (rename_to (probe, root, "c", dir.node, "d"), OK);
    SAME (rename_to (probe, root, "c", root, "e"), ERR_NOT_FOUND);
    SAME (create (probe, root, FILE_TYPE_REGULAR, "over", &attr), OK);
    SAME (release (probe, attr.node, 1), OK);
    SAME (rename_to (probe, dir.node, "d", root, "over"), OK);
    SAME (lookup (probe, root, "over", &attr), OK);
    SAME (attr.node, file.node);
    SAME (attr.links, 1);
    SAME (rename_to (probe, root, "dir", dir.node, "inside"), ERR_INVALID);
    SAME (rename_to (probe, root, "over", root, "dir"), ERR_IS_DIRECTORY);
    SAME (rename_to (probe, root, "dir", root, "over"), ERR_NOT_DIRECTORY);
    SAME (make_link (probe, root, "hard", dir.node), ERR_NOT_PERMITTED);
    SAME (release (probe, file.node, 2), OK);
    SAME (release (probe, dir.node, 1), OK);
    SAME (unlink_name (probe, root, "over", false), OK);
    SAME (unlink_name (probe, root, "dir", true), OK);
    leave (probe, root);
}

static void
trades_names (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, dir = { 0 }, inner = { 0 }, attr = { 0 };

    SAME (create (probe, root, FILE_TYPE_REGULAR, "a", &file), OK);
    SAME (create (probe, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    SAME (create (probe, dir.node, FILE_TYPE_DIRECTORY, "inner", &inner), OK);
    SAME (rename_how (probe, root, "a", root, "dir", RENAME_KEEP), ERR_EXISTS);
    SAME (rename_how (probe, root, "a", root, "b", RENAME_KEEP), OK);
    SAME (rename_how (probe, root, "b", root, "a", RENAME_SWAP), ERR_NOT_FOUND);
    SAME (rename_how (probe, root, "b", dir.node, "inner", RENAME_SWAP + 1), ERR_INVALID);
    SAME (rename_how (probe, root, "dir", dir.node, "inner", RENAME_SWAP), ERR_INVALID);
    SAME (rename_how (probe, dir.node, "inner", root, "dir", RENAME_SWAP), ERR_INVALID);
    SAME (rename_how (probe, root, "b", dir.node, "inner", RENAME_SWAP), OK);
    SAME (lookup (probe, root, "b", &attr), OK);
    SAME (attr.node, inner.node);
    SAME (attr.links, 2);
    SAME (parent (probe, inner.node, &attr), OK);
    SAME (attr.node, root);
    SAME (lookup (probe, dir.node, "inner", &attr), OK);
    SAME (attr.node, file.node);
    SAME (stat_node (probe, dir.node, &attr), OK);
    SAME (attr.links, 2);
    SAME (rename_how (probe, root, "b", root, "dir", RENAME_SWAP), OK);
    SAME (lookup (probe, root, "b", &attr), OK);
    SAME (attr.node, dir.node);
    SAME (release (probe, root, 1), OK);
    SAME (release (probe, file.node, 2), OK);
    SAME (release (probe, dir.node, 2), OK);
    SAME (release (probe, inner.node, 2), OK);
    SAME (unlink_name (probe, dir.node, "inner", false), ERR_STALE);
    SAME (lookup (probe, root, "b", &dir), OK);
    SAME (unlink_name (probe, dir.node, "inner", false), OK);
    SAME (release (probe, dir.node, 1), OK);
    SAME (unlink_name (probe, root, "b", true), OK);
    SAME (unlink_name (probe, root, "dir", true), OK);
    leave (probe, root);
}

static void
keeps_room (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, dir = { 0 }, attr = { 0 };
    enum status behind;
    char text[8];

    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &file), OK);
    SAME (write_at (probe, file.node, 20000, "end", 3), 3);
    SAME (allocate (probe, file.node, 0, 20000, true), OK);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.size, 20003);
    CHECK (attr.blocks * 512 >= 20000);
    SAME (read_at (probe, file.node, 19998, text, 8), 5);
    CHECK (memcmp (text, "\0\0end", 5) == 0);
    SAME (allocate (probe, file.node, 10000, 50000, false), OK);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.size, 60000);
    SAME (read_at (probe, file.node, 59996, text, 8), 4);
    CHECK (memcmp (text, "\0\0\0\0", 4) == 0);
    behind = allocate (probe, file.node, 60000, 100000, true);
    CHECK (behind == OK || behind == ERR_NOT_SUPPORTED);
    SAME (allocate (probe, file.node, 0, (uint64_t)1 << 33, false), ERR_NO_SPACE);
    SAME (allocate (probe, file.node, UINT64_MAX - 5, 100, false), ERR_FILE_TOO_LARGE);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.size, 60000);
    SAME (truncate_to (probe, file.node, 0), OK);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.blocks, 0);
    SAME (create (probe, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    SAME (allocate (probe, dir.node, 0, 1, false), ERR_IS_DIRECTORY);
    SAME (release (probe, file.node, 1), OK);
    SAME (release (probe, dir.node, 1), OK);
    SAME (unlink_name (probe, root, "f", false), OK);
    SAME (unlink_name (probe, root, "dir", true), OK);
    leave (probe, root);
}

static void
keeps_symbolic_links (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr attr = { 0 };
    char longer[201], text[256];

    memset (longer, 'l', 200);
    longer[200] = '\0';
    SAME (make_symlink (probe, root, "short", "target"), OK);
    SAME (make_symlink (probe, root, "long", longer), OK);
    SAME (make_symlink (probe, root, "short", "other"), ERR_EXISTS);
    SAME (lookup (probe, root, "short", &attr), OK);
    SAME (attr.type, FILE_TYPE_LINK);
    SAME (attr.size, 6);
    memset (text, '#', sizeof text);
    SAME (read_link (probe, attr.node, text, 100), 6);
    SAME_TEXT (text, 7, "target#");
    SAME (release (probe, attr.node, 1), OK);
    SAME (lookup (probe, root, "long", &attr), OK);
    SAME (read_link (probe, attr.node, text, 256), 200);
    SAME_TEXT (text, 200, longer);
    SAME (release (probe, attr.node, 1), OK);
    SAME (unlink_name (probe, root, "short", false), OK);
    SAME (unlink_name (probe, root, "long", false), OK);
    leave (probe, root);
}

static void
changes_attributes (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, attr = { 0 };
    struct file_attr wanted
        = { .mode = 06711, .uid = 70000, .gid = 8, .atime = 1, .mtime = (int64_t)1e18 + 123456789 };
    bool fine;

    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &file), OK);
    SAME (setattr (probe, file.node, ATTR_MODE | ATTR_UID, &wanted), OK);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.mode, 06711);
    SAME (attr.uid, 70000);
    SAME (attr.gid, 6);
    SAME (setattr (probe, file.node, ATTR_GID | ATTR_MTIME, &wanted), OK);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.gid, 8);
    probe_note (probe, &attr.mtime, sizeof attr.mtime);
    fine = attr.mtime != (int64_t)1e18; /* or it keeps whole seconds */
    SAME (attr.mtime, (int64_t)1e18 + (fine ? 123456789 : 0));
    wanted.atime = -1;
    wanted.mtime = INT64_MIN; /* as early as there are times */
    SAME (setattr (probe, file.node, ATTR_ATIME | ATTR_MTIME, &wanted), OK);
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.atime, fine ? -1 : -FILE_TIME_SECOND);
    CHECK (attr.mtime < -(int64_t)2e9 * FILE_TIME_SECOND);
    SAME (release (probe, file.node, 1), OK);
    SAME (unlink_name (probe, root, "f", false), OK);
    leave (probe, root);
}

static void
lists_a_directory_in_pieces (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr dir = { 0 }, attr = { 0 };
    char name[] = "name-00";
    unsigned found;

    SAME (create (probe, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    SAME (count_entries (probe, dir.node, 1024, ".", &found), 2);
    SAME (found, 1);
    for (unsigned i = 0; i < 60; i++) {
        name[5] = (char)('0' + i / 10);
        name[6] = (char)('0' + i % 10);
        SAME (create (probe, dir.node, FILE_TYPE_REGULAR, name, &attr), OK);
        SAME (release (probe, attr.node, 1), OK);
    }
    SAME (count_entries (probe, dir.node, 40, "name-31", &found), 62);
    SAME (found, 1);
    SAME (count_entries (probe, dir.node, 1024, "..", &found), 62);
    SAME (found, 1);
    SAME (count_entries (probe, dir.node, 8, "..", &found), -ERR_INVALID);
    for (unsigned i = 0; i < 60; i++) {
        name[5] = (char)('0' + i / 10);
        name[6] = (char)('0' + i % 10);
        SAME (unlink_name (probe, dir.node, name, false), OK);
    }
    SAME (count_entries (probe, dir.node, 1024, "name-31", &found), 2);
    SAME (release (probe, dir.node, 1), OK);
    SAME (unlink_name (probe, root, "dir", true), OK);
    leave (probe, root);
}

static void
refuses_what_is_no_name (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr attr = { .node = 77 };
    char name[300];

    memset (name, 'n', sizeof name);
    name[256] = '\0';
    SAME (create (probe, root, FILE_TYPE_REGULAR, name, &attr), ERR_NAME_TOO_LONG);
    SAME (lookup (probe, root, name, &attr), ERR_NAME_TOO_LONG);
    SAME (create (probe, root, FILE_TYPE_REGULAR, "", &attr), ERR_INVALID);
    SAME (create (probe, root, FILE_TYPE_REGULAR, ".", &attr), ERR_INVALID);
    SAME (create (probe, root, FILE_TYPE_DIRECTORY, "..", &attr), ERR_INVALID);
    SAME (create (probe, root, FILE_TYPE_REGULAR, "a/b", &attr), ERR_INVALID);
    SAME (create (probe, root, 0, "a", &attr), ERR_INVALID);
    SAME (create (probe, root, 99, "a", &attr), ERR_INVALID);
    SAME (unlink_name (probe, root, ".", true), ERR_INVALID);
    SAME (unlink_name (probe, root, "..", true), ERR_INVALID);
    SAME (unlink_name (probe, root, "none", false), ERR_NOT_FOUND);
    SAME (attr.node, 77);
    name[255] = '\0';
    SAME (create (probe, root, FILE_TYPE_REGULAR, name, &attr), OK);
    SAME (release (probe, attr.node, 1), OK);
    SAME (unlink_name (probe, root, name, false), OK);
    leave (probe, root);
}

static void
refuses_what_does_not_fit_the_type (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr dir = { 0 }, file = { 0 }, attr = { .node = 77 };
    char text[8] = "1234567";
    struct fs_tty_get_req get = { 0 };
    struct fs_tty_get_rep got;

    SAME (create (probe, root, FILE_TYPE_DIRECTORY, "dir", &dir), OK);
    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &file), OK);
    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &attr), ERR_EXISTS);
    SAME (create (probe, file.node, FILE_TYPE_REGULAR, "a", &attr), ERR_NOT_DIRECTORY);
    SAME (attr.node, 77);
    SAME (read_at (probe, dir.node, 0, text, 8), -ERR_IS_DIRECTORY);
    SAME (write_at (probe, dir.node, 0, text, 8), -ERR_IS_DIRECTORY);
    SAME (truncate_to (probe, dir.node, 0), ERR_IS_DIRECTORY);
    SAME (read_link (probe, file.node, text, 8), -ERR_INVALID);
    SAME (unlink_name (probe, root, "dir", false), ERR_IS_DIRECTORY);
    SAME (unlink_name (probe, root, "f", true), ERR_NOT_DIRECTORY);
    get.node = file.node;
    SAME (fs_tty_get (probe->subject, &get, &got), ERR_NOT_TERMINAL);
    SAME (read_at (probe, file.node, 0, text, GRANT_MAX + 1), -ERR_INVALID);
    SAME (write_at (probe, file.node, 0, text, GRANT_MAX + 1), -ERR_INVALID);
    SAME_TEXT (text, 7, "1234567");
    SAME (release (probe, dir.node, 1), OK);
    SAME (release (probe, file.node, 1), OK);
    SAME (unlink_name (probe, root, "dir", true), OK);
    SAME (unlink_name (probe, root, "f", false), OK);
    leave (probe, root);
}

static void
changes_nothing_when_read_only (struct probe *probe)
{
    uint64_t root = 0;
    struct file_attr attr = { .node = 77 };

    SAME (mount (probe, true, &root), OK);
    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &attr), ERR_READ_ONLY);
    SAME (make_symlink (probe, root, "s", "t"), ERR_READ_ONLY);
    SAME (attr.node, 77);
    leave (probe, root);
}

/* ---- many changes at random, compared with an array ---- */

#define MODEL_BYTES 150000u

static void
model_step (struct probe *probe, uint64_t node, uint8_t *model, uint32_t *size,
            uint8_t *bytes)
{
    uint64_t chance = component_random (probe->self);
    uint32_t offset = (uint32_t)(chance >> 8) % MODEL_BYTES;
    uint32_t length = (uint32_t)(chance >> 40) % 20000;
    uint32_t wanted;

    if (length > MODEL_BYTES - offset)
        length = MODEL_BYTES - offset;
    switch (chance % 8) {
    case 0:
        SAME (truncate_to (probe, node, offset), OK);
        if (offset < *size)
            memset (model + offset, 0, *size - offset);
        *size = offset;
        break;
    case 1:
    case 2:
    case 3:
        for (uint32_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)(component_random (probe->self) >> 17);
        SAME (write_at (probe, node, offset, bytes, length), length);
        memcpy (model + offset, bytes, length);
        if (length > 0 && offset + length > *size)
            *size = offset + length;
        break;
    default:
        memset (bytes, 0xee, 20000);
        wanted = offset >= *size ? 0 : length > *size - offset ? *size - offset : length;
        SAME (read_at (probe, node, offset, bytes, length), wanted);
        CHECK (memcmp (bytes, model + offset, wanted) == 0);
        CHECK (wanted == 20000 || bytes[wanted] == 0xee);
    }
}

static void
agrees_with_an_array (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr file = { 0 }, attr = { 0 };
    uint8_t *model = component_alloc (probe->self, MODEL_BYTES);
    uint8_t *bytes = component_alloc (probe->self, 20000);
    uint32_t size = 0;

    CHECK (model != NULL && bytes != NULL);
    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &file), OK);
    for (unsigned i = 0; i < 300 && !FAILED (probe); i++) {
        model_step (probe, file.node, model, &size, bytes);
        if (i % 100 == 99) {
            struct fs_sync_req sync = {};
            struct fs_sync_rep done;

            SAME (fs_sync (probe->subject, &sync, &done), OK);
        }
    }
    SAME (stat_node (probe, file.node, &attr), OK);
    SAME (attr.size, size);
    SAME (release (probe, file.node, 1), OK);
    SAME (unlink_name (probe, root, "f", false), OK);
    component_free (probe->self, model);
    component_free (probe->self, bytes);
    leave (probe, root);
}

/* ---- several at a time, each with a file of its own ---- */

static void
serves_many_at_a_time (struct probe *probe)
{
    uint64_t root = root_of (probe);
    unsigned found;

    probe->order[0] = root;
    probe_beside (probe, 1, 8);
    count_entries (probe, root, 1024, "many-1", &found);
    SAME (found, 0);
    leave (probe, root);
}

static void
fs_beside (struct probe *probe, uint64_t cookie)
{
    uint64_t root = probe->order[0];
    struct file_attr file = { 0 };
    char name[] = "many-0";
    char text[600], back[600];

    name[5] = (char)('0' + cookie);
    SAME (create (probe, root, FILE_TYPE_REGULAR, name, &file), OK);
    for (unsigned i = 0; i < 40; i++) {
        memset (text, (int)('a' + (i + cookie) % 26), sizeof text);
        SAME (write_at (probe, file.node, i * 500, text, sizeof text), 600);
        SAME (read_at (probe, file.node, i * 500, back, sizeof back), 600);
        CHECK (memcmp (text, back, sizeof text) == 0);
    }
    SAME (release (probe, file.node, 1), OK);
    SAME (unlink_name (probe, root, name, false), OK);
}

static void
fs_timer (struct probe *probe, uint64_t cookie)
{
    fs_beside (probe, cookie);
    probe_ended (probe);
}

const struct suite fs_suite = {
    .name = "fs",
    .cases = { { "describes itself", describes_itself },
               { "is mounted once", is_mounted_once },
               { "keeps what it was given", keeps_what_it_was_given },
               { "counts holds", counts_holds },
               { "reads holes as zeros", reads_holes_as_zeros },
               { "links and renames", links_and_renames },
               { "trades names", trades_names },
               { "keeps room", keeps_room },
               { "keeps symbolic links", keeps_symbolic_links },
               { "changes attributes", changes_attributes },
               { "lists a directory in pieces", lists_a_directory_in_pieces },
               { "refuses what is no name", refuses_what_is_no_name },
               { "refuses what does not fit the type", refuses_what_does_not_fit_the_type },
               { "changes nothing when read-only", changes_nothing_when_read_only },
               { "agrees with an array", agrees_with_an_array },
               { "serves many at a time", serves_many_at_a_time } },
    .timer = fs_timer,
};

const struct component_class probe_fs_class = {
    .name = "probe-fs",
    .summary = "tries out a file system",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (fs) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
