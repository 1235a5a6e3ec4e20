/* Many processes at once, over file systems that take their time at every call: nothing is
 * lost, freed too early or held for ever, whatever overtakes what.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "vfs/vfs.h"

/* ---- slow: a file system that lets others run before and after asking the one below ---- */

struct slow {
    struct waitlist waiting;
};

static void
slow_pause (Component *self)
{
    struct slow *slow = component_state (self);
    uint64_t after    = component_random (self) % 2000;

    assert_int_equal (component_timer (self, component_now_ns (self) + after, 0), OK);
    component_sleep (self, &slow->waiting);
}

static void
slow_timer (Component *self, uint64_t cookie)
{
    struct slow *slow = component_state (self);

    (void)cookie;
    component_wake_one (self, &slow->waiting);
}

#define OP(name, request, reply)                                                          \
    static enum status slow_##name (Component *self, struct call *call,                   \
                                    const struct fs_##name##_req *req,                    \
                                    struct fs_##name##_rep *rep)                          \
    {                                                                                     \
        (void)call;                                                                       \
        slow_pause (self);                                                                \
        enum status status = fs_##name (component_link (self, 0), req, rep);              \
        slow_pause (self);                                                                \
        return status;                                                                    \
    }
#include "interfaces/fs.def"
#undef OP

static const struct fs_ops slow_ops = {
#define OP(name, request, reply) .name = slow_##name,
#include "interfaces/fs.def"
#undef OP
};

static const struct component_class slow_class = {
    .name        = "slow",
    .state_bytes = sizeof (struct slow),
    .provides    = { { INTERFACE_fs, &slow_ops } },
    .needs       = { { "below", INTERFACE_fs, NEED_ONE } },
    .timer       = slow_timer,
};

/* ---- the machine ---- */

static Component *root, *other, *vfs;
static Link *files;

static enum status
settled (enum status status)
{
    while (status == DEFERRED) { /* of a call that pauses: time must pass */
        solo_advance (10000);
        status = solo_status (solo_last ());
    }
    return status;
}

static void
machine_start (void)
{
    Component *slow_root, *slow_other;

    solo_init ();
    root       = solo_add (&tmpfs_class, "root-below", NULL);
    other      = solo_add (&tmpfs_class, "other-below", NULL);
    slow_root  = solo_add (&slow_class, "root", NULL);
    slow_other = solo_add (&slow_class, "other", NULL);
    vfs        = solo_add (&vfs_class, "vfs", "mounts", "/ root;/mnt other", NULL);
    solo_bind (slow_root, "below", root);
    solo_bind (slow_other, "below", other);
    solo_bind (vfs, "fs", slow_root);
    solo_bind (vfs, "fs", slow_other);
    assert_int_equal (solo_start (root), OK);
    assert_int_equal (solo_start (other), OK);
    solo_start (vfs);
    solo_advance (1000000);
    files = solo_link (vfs, INTERFACE_file);
}

/* ---- processes that each have one call under way ---- */

#define PROCESSES 24u
#define SLOTS     (PROCESSES + 1)

static struct slot {
    SoloCall *call;
    unsigned operation;
    _Alignas (16) char request[PAYLOAD_MAX];
    _Alignas (16) char reply[PAYLOAD_MAX];
    char text[256], bytes[8192];
} slots[SLOTS];

static unsigned counts[STATUS_COUNT];
static uint64_t random_state;

static unsigned
chance (unsigned limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % limit;
}

static const char *
some_path (void)
{
    static const char *const paths[] = {
        "/a",     "/a/b",   "/a/b/c", "/f",        "/g",      "/mnt",       "/mnt/a",
        "/mnt/a/b", "/mnt/f", "/l",   "/l/f",      "..",      "f",          "a",
        "../f",   "/a/..",  "/mnt/../f", "/mnt/a/../../a/b", "/loop",   "b",
    };

    return paths[chance (sizeof paths / sizeof *paths)];
}

static void
send (struct slot *slot, unsigned operation)
{
    slot->operation = operation;
    slot->call      = solo_send (files, operation, slot->request, slot->reply);
}

#define SEND(name, ...)                                                                   \
    do {                                                                                  \
        *(struct file_##name##_req *)slot->request = (struct file_##name##_req){ __VA_ARGS__ }; \
        send (slot, file_OP_##name);                                                      \
    } while (0)

static grant
path_grant (struct slot *slot, bool two)
{
    strcpy (slot->text, some_path ());
    size_t bytes = strlen (slot->text);
    if (two) {
        strcpy (slot->text + bytes + 1, some_path ());
        bytes += 1 + strlen (slot->text + bytes + 1);
    }
    return (grant){ .data = slot->text, .length = (uint32_t)bytes };
}

static void
send_about_path (struct slot *slot, uint32_t pid)
{
    grant one = path_grant (slot, false);

    switch (chance (11)) {
    case 0:
    case 1:
        SEND (open, .process = pid, .flags = OPEN_READ | OPEN_WRITE | (chance (2) ? OPEN_CREATE : 0)
                                             | (chance (4) ? 0 : OPEN_TRUNCATE)
                                             | (chance (4) ? 0 : OPEN_EXCLUSIVE),
              .mode = 0666, .from = one);
        break;
    case 2:
        SEND (open, .process = pid, .flags = OPEN_READ, .from = one);
        break;
    case 3:
        SEND (make, .process = pid, .type = FILE_TYPE_DIRECTORY, .mode = 0777, .from = one);
        break;
    case 4:
        SEND (remove, .process = pid, .directory = chance (2), .from = one);
        break;
    case 5:
        SEND (rename, .process = pid, .from = path_grant (slot, true));
        break;
    case 6:
        SEND (link, .process = pid, .from = path_grant (slot, true));
        break;
    case 7:
        SEND (symlink, .process = pid, .from = path_grant (slot, true));
        break;
    case 8:
        SEND (chdir, .process = pid, .fd = -1, .from = one);
        break;
    case 9:
        SEND (setattr, .process = pid, .fd = -1, .mask = ATTR_SIZE | ATTR_MODE,
              .attr = { .size = chance (9000), .mode = 0777 }, .from = one);
        break;
    default:
        SEND (stat, .process = pid, .fd = -1, .from = one);
    }
}

static void
send_about_descriptor (struct slot *slot, uint32_t pid)
{
    int32_t fd = (int32_t)chance (6);
    grant all  = { .data = slot->bytes, .length = chance (sizeof slot->bytes) };

    switch (chance (8)) {
    case 0:
        SEND (read, .process = pid, .fd = fd, .offset = -1, .into = all);
        break;
    case 1:
        SEND (write, .process = pid, .fd = fd, .offset = -1, .from = all);
        break;
    case 2:
        SEND (close, .process = pid, .fd = fd);
        break;
    case 3:
        SEND (dup, .process = pid, .fd = fd, .to = (int32_t)chance (6));
        break;
    case 4:
        SEND (entries, .process = pid, .fd = fd, .into = all);
        break;
    case 5:
        SEND (pipe, .process = pid, .flags = OPEN_NONBLOCK);
        break;
    case 6:
        SEND (getcwd, .process = pid, .into = { .data = slot->bytes, .length = 4096 });
        break;
    default:
        SEND (seek, .process = pid, .fd = fd, .whence = SEEK_FROM_END);
    }
}

/* Process 1 mounts, unmounts, has children and lets them go. */
static void
send_of_init (struct slot *slot)
{
    uint32_t child = 100 + chance (3);

    switch (chance (6)) {
    case 0:
        memcpy (slot->text, "other\0/mnt\0tmpfs", 16);
        SEND (mount, .process = 1, .from = { .data = slot->text, .length = 16 });
        break;
    case 1:
        SEND (unmount, .process = 1, .from = { .data = (void *)"other", .length = 5 });
        break;
    case 2:
        SEND (clone, .parent = 2 + chance (PROCESSES), .child = child);
        break;
    case 3:
        SEND (release, .process = child);
        break;
    case 4:
        SEND (sync, .process = 1, .fd = -1);
        break;
    default:
        SEND (mounts, .into = { .data = slot->bytes, .length = 4096 });
    }
}

static void
finish (struct slot *slot)
{
    enum status status = solo_status (slot->call);

    if (status == DEFERRED)
        return;
    slot->call = NULL;
    counts[status]++;
    /* A node that is in use is known; nothing may be found to be broken. */
    assert_int_not_equal (status, ERR_STALE);
    assert_int_not_equal (status, ERR_IO);
    assert_int_not_equal (status, ERR_NO_MEMORY);
}

static void
wait_for_all (void)
{
    for (unsigned i = 0; i < 10000 && solo_waiting () > 0; i++)
        solo_advance (1000);
    assert_int_equal (solo_waiting (), 0);
    for (unsigned i = 0; i < SLOTS; i++)
        if (slots[i].call != NULL)
            finish (&slots[i]);
}

static void
one_run (uint64_t seed)
{
    const struct vfs *state;
    struct slot *slot = &slots[0];

    machine_start ();
    state        = component_state (vfs);
    random_state = seed;
    memset (slots, 0, sizeof slots);
    for (uint32_t pid = 1; pid <= SLOTS; pid++) {
        SEND (clone, .parent = 0, .child = pid);
        wait_for_all ();
    }
    for (unsigned step = 0; step < 6000; step++) {
        unsigned i = chance (SLOTS);
        slot       = &slots[i];
        if (slot->call != NULL)
            finish (slot);
        if (slot->call == NULL) {
            if (i == 0)
                send_of_init (slot);
            else if (chance (2))
                send_about_path (slot, i + 1);
            else
                send_about_descriptor (slot, i + 1);
        }
        solo_advance (chance (500));
    }
    wait_for_all ();
    slot = &slots[0];
    for (uint32_t pid = 1; pid < 103; pid++) {
        SEND (release, .process = pid);
        wait_for_all ();
    }
    /* What is left: process 0, and the roots with what they cover. */
    unsigned mounts = 0, vnodes = 0;
    for (const struct mount *mount = state->mounts; mount != NULL; mount = mount->next) {
        mounts++;
        vnodes += 1 + (mount->covers != NULL);
        assert_int_equal (mount->root->refs, mount->covers == NULL ? 2 : 1);
    }
    assert_int_equal (state->process_count, 1);
    assert_int_equal (state->vnode_count, vnodes);
    assert_null (state->waiters);
    assert_true (mounts >= 1);
    solo_stop (vfs);
    solo_advance (1000000);
    struct fs_mount_req ask = { 0 };
    struct fs_mount_rep given;
    assert_int_equal (settled (fs_mount (solo_link (root, INTERFACE_fs), &ask, &given)), OK);
    assert_int_equal (settled (fs_mount (solo_link (other, INTERFACE_fs), &ask, &given)), OK);
    solo_fini ();
}

static void
nothing_is_lost_whatever_overtakes_what (void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 12; seed++)
        one_run (seed);
    /* It was worth something: all kinds of answers came. */
    assert_true (counts[OK] > 5000);
    assert_true (counts[ERR_NOT_FOUND] > 1000);
    assert_true (counts[ERR_EXISTS] > 100);
    assert_true (counts[ERR_BUSY] > 10);
    assert_true (counts[ERR_NOT_EMPTY] > 10);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_lost_whatever_overtakes_what),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
