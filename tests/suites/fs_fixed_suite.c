/* fs, of those that make up their files: dev and proc. Nobody can change their directories.
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

/* ---- both ---- */

static void
is_mounted_once (struct probe *probe)
{
    uint64_t root = root_of (probe), again = 77;

    SAME (mount (probe, true, &again), ERR_BUSY);
    SAME (again, 77);
    SAME (unmount (probe), ERR_BUSY);
    leave (probe, root);
    CHECK (unmount (probe) != OK);
}

static void
cannot_be_changed (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr attr = { .node = 77 };
    bool proc = strcmp (probe->suite->name, "fs-proc") == 0;
    enum status refused = proc ? ERR_READ_ONLY : ERR_NOT_PERMITTED;
    const char *name = proc ? "uptime" : "null";

    SAME (create (probe, root, FILE_TYPE_REGULAR, "f", &attr), refused);
    SAME (make_symlink (probe, root, "s", "t"), refused);
    SAME (make_link (probe, root, "l", root), refused);
    SAME (unlink_name (probe, root, name, false), refused);
    SAME (rename_to (probe, root, name, root, "other"), refused);
    attr.mode = 0777;
    SAME (setattr (probe, root, ATTR_MODE, &attr), refused);
    SAME (attr.node, 77);
    leave (probe, root);
}

static void
refuses_what_is_not_there (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr attr = { .node = 77 };
    unsigned found;
    char text[8];

    SAME (lookup (probe, root, "nothing", &attr), ERR_NOT_FOUND);
    SAME (lookup (probe, root, "", &attr), ERR_NOT_FOUND);
    SAME (lookup (probe, UINT64_MAX, "null", &attr), ERR_STALE);
    SAME (attr.node, 77);
    CHECK (stat_node (probe, UINT64_MAX, &attr) != OK);
    CHECK (read_at (probe, UINT64_MAX, 0, text, 8) < 0);
    SAME (read_at (probe, root, 0, text, 8), -ERR_IS_DIRECTORY);
    SAME (release (probe, UINT64_MAX, 1), ERR_STALE);
    SAME (release (probe, root, 1000), ERR_STALE);
    SAME (count_entries (probe, root, 8, ".", &found), -ERR_INVALID);
    leave (probe, root);
}

static void
is_listed_in_pieces (struct probe *probe)
{
    uint64_t root = root_of (probe);
    unsigned found;
    int64_t all = count_entries (probe, root, 1024, ".", &found);

    CHECK (all > 4 && found == 1);
    SAME (count_entries (probe, root, 48, "..", &found), all);
    SAME (found, 1);
    leave (probe, root);
}

/* ---- dev ---- */

static uint64_t
device (struct probe *probe, uint64_t root, const char *name)
{
    struct file_attr attr = { 0 };

    probe_same (probe, lookup (probe, root, name, &attr), OK, name, __FILE__, __LINE__);
    probe_same (probe, release (probe, attr.node, 1), OK, "release", __FILE__, __LINE__);
    return attr.node;
}

static void
has_the_usual_devices (struct probe *probe)
{
    uint64_t root = root_of (probe);
    uint64_t null = device (probe, root, "null"), zero = device (probe, root, "zero");
    uint64_t full = device (probe, root, "full");
    char text[16];

    memset (text, '#', sizeof text);
    SAME (read_at (probe, null, 0, text, 16), 0);
    SAME (text[0], '#');
    SAME (write_at (probe, null, 0, text, 16), 16);
    SAME (read_at (probe, zero, 0, text, 4), 4);
    CHECK (memcmp (text, "\0\0\0\0#", 5) == 0);
    SAME (read_at (probe, full, 0, text, 4), 4);
    SAME (write_at (probe, full, 0, text, 4), -ERR_NO_SPACE);
    SAME (write_at (probe, full, 0, text, 0), 0);
    leave (probe, root);
}

static void
has_random_bytes (struct probe *probe)
{
    uint64_t root = root_of (probe);
    uint64_t random = device (probe, root, "random");
    uint8_t one[256], other[256];
    unsigned bits = 0;

    SAME (read_at (probe, random, 0, one, 256), 256);
    SAME (read_at (probe, random, 0, other, 256), 256);
    CHECK (memcmp (one, other, 256) != 0);
    for (unsigned i = 0; i < 256; i++)
        bits += (unsigned)__builtin_popcount (one[i]);
    CHECK (bits > 900 && bits < 1150);
    probe_note (probe, one, 256); /* seeded: the same in every placement */
    leave (probe, root);
}

static void
has_the_terminal (struct probe *probe)
{
    uint64_t root = root_of (probe);
    uint64_t tty = device (probe, root, "tty");
    struct fs_tty_get_req get = { .node = tty };
    struct fs_tty_get_rep got;
    char text[16] = "x";

    SAME (fs_tty_get (probe->subject, &get, &got), OK);
    probe_note (probe, &got, sizeof got);
    SAME (write_at (probe, tty, 0, "through dev\n", 12), 12);
    SAME (read_at (probe, tty, 0, text, 16), 0); /* nobody types */
    SAME (text[0], 'x');
    get.node = device (probe, root, "null");
    SAME (fs_tty_get (probe->subject, &get, &got), ERR_NOT_TERMINAL);
    leave (probe, root);
}

const struct suite fs_dev_suite = {
    .name = "fs-dev",
    .cases = { { "is mounted once", is_mounted_once },
               { "cannot be changed", cannot_be_changed },
               { "refuses what is not there", refuses_what_is_not_there },
               { "is listed in pieces", is_listed_in_pieces },
               { "has the usual devices", has_the_usual_devices },
               { "has random bytes", has_random_bytes },
               { "has the terminal", has_the_terminal } },
};

/* ---- proc ---- */

/* Finds a file below a directory; it must be a regular one, and is not held. */
static uint64_t
text_file (struct probe *probe, uint64_t dir, const char *name)
{
    struct file_attr attr = { 0 };

    probe_same (probe, lookup (probe, dir, name, &attr), OK, name, __FILE__, __LINE__);
    probe_same (probe, attr.type, FILE_TYPE_REGULAR, "type", __FILE__, __LINE__);
    release (probe, attr.node, 1);
    return attr.node;
}

static void
tells_of_the_machine (struct probe *probe)
{
    static const char *const files[] = { "components", "domains", "counters", "tasks" };
    uint64_t root = root_of (probe);
    struct file_attr dir = { 0 };
    char *text = component_alloc (probe->self, 8192);

    CHECK (text != NULL);
    SAME (lookup (probe, root, "machine", &dir), OK);
    SAME (dir.type, FILE_TYPE_DIRECTORY);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t node = text_file (probe, dir.node, files[i]);
        int64_t length = read_at (probe, node, 0, text, 8191);

        CHECK (length > 0 && text[length - 1] == '\n');
        if (i == 0) {
            text[length] = '\0';
            CHECK (strstr (text, "probe") != NULL && strstr (text, "nucleus") != NULL);
        }
        SAME (read_at (probe, node, 1u << 20, text, 100), 0);
    }
    SAME (release (probe, dir.node, 1), OK);
    component_free (probe->self, text);
    leave (probe, root);
}

static void
tells_of_processes (struct probe *probe)
{
    uint64_t root = root_of (probe);
    struct file_attr dir = { 0 };
    char text[512];
    int64_t length;

    SAME (lookup (probe, root, "1", &dir), OK);
    SAME (dir.type, FILE_TYPE_DIRECTORY);
    memset (text, '#', sizeof text);
    length = read_at (probe, text_file (probe, dir.node, "status"), 0, text, 500);
    CHECK (length > 0 && length < 500 && text[length - 1] == '\n' && text[length] == '#');
    text[length] = '\0';
    CHECK (strstr (text, "rest") != NULL);
    SAME (release (probe, dir.node, 1), OK);
    SAME (lookup (probe, root, "4711", &dir), ERR_NOT_FOUND);
    SAME (lookup (probe, root, "0", &dir), ERR_NOT_FOUND);
    SAME (lookup (probe, root, "01", &dir), ERR_NOT_FOUND);
    leave (probe, root);
}

static void
is_read_in_windows (struct probe *probe)
{
    uint64_t root = root_of (probe);
    uint64_t node = text_file (probe, root, "mounts");
    char whole[1024], piece[1024];
    int64_t length = read_at (probe, node, 0, whole, sizeof whole), at = 0, got;

    CHECK (length > 20);
    probe_note (probe, whole, (size_t)length);
    while ((got = read_at (probe, node, (uint64_t)at, piece + at, 7)) > 0)
        at += got;
    SAME (at, length);
    CHECK (memcmp (whole, piece, (size_t)length) == 0);
    SAME (write_at (probe, node, 0, "x", 1), -ERR_READ_ONLY);
    leave (probe, root);
}

const struct suite fs_proc_suite = {
    .name = "fs-proc",
    .cases = { { "is mounted once", is_mounted_once },
               { "cannot be changed", cannot_be_changed },
               { "refuses what is not there", refuses_what_is_not_there },
               { "is listed in pieces", is_listed_in_pieces },
               { "tells of the machine", tells_of_the_machine },
               { "tells of processes", tells_of_processes },
               { "is read in windows", is_read_in_windows } },
};
