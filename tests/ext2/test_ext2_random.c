/* Random work on ext2 beside a model of what must come of it, on all kinds of images.
 *
 * The model is a table of nodes in memory with their bytes, and a table of names. After each
 * run everything is compared, `e2fsck -fn` must find nothing, and the host's debugfs must
 * read the same bytes. EXT2_SEEDS=N runs N seeds (12 if it is not set).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

#define NODES_MAX  300u
#define NAMES_MAX  400u
#define BYTES_MAX  400000u /* of a file of the model */
#define OPERATIONS 700u

struct model_node {
    bool used;
    uint32_t type;
    uint32_t links;     /* names; a directory has one */
    uint64_t number;    /* on the disk */
    unsigned held;      /* times, by us */
    uint32_t size;
    unsigned char *bytes;
    unsigned parent;    /* of a directory */
    char text[256];     /* of a symbolic link */
};

struct model_name {
    bool used;
    unsigned dir, node;
    char name[32];
};

struct model {
    struct image image;
    uint64_t random;
    struct model_node nodes[NODES_MAX]; /* 0 is the root */
    struct model_name names[NAMES_MAX];
    bool full; /* the disk ran out of room: the model keeps small from here on */
};

static uint32_t
roll (struct model *model, uint32_t below)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (uint32_t)(model->random >> 20) % below;
}

/* ---- picking ---- */

static struct model_name *
name_find (struct model *model, unsigned dir, const char *name)
{
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (model->names[i].used && model->names[i].dir == dir
            && strcmp (model->names[i].name, name) == 0)
            return &model->names[i];
    return NULL;
}

static struct model_name *
name_pick (struct model *model)
{
    unsigned start = roll (model, NAMES_MAX);

    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (model->names[(start + i) % NAMES_MAX].used)
            return &model->names[(start + i) % NAMES_MAX];
    return NULL;
}

static struct model_name *
name_free (struct model *model)
{
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (!model->names[i].used)
            return &model->names[i];
    return NULL;
}

static unsigned
node_free (struct model *model)
{
    for (unsigned i = 1; i < NODES_MAX; i++)
        if (!model->nodes[i].used)
            return i;
    return 0;
}

static unsigned
directory_pick (struct model *model)
{
    unsigned start = roll (model, NODES_MAX);

    for (unsigned i = 0; i < NODES_MAX; i++) {
        struct model_node *node = &model->nodes[(start + i) % NODES_MAX];
        if (node->used && node->type == FILE_TYPE_DIRECTORY && node->links > 0)
            return (start + i) % NODES_MAX;
    }
    return 0;
}

static void
name_invent (struct model *model, char name[32])
{
    unsigned length = 1 + roll (model, roll (model, 4) == 0 ? 30 : 3);

    for (unsigned i = 0; i < length; i++)
        name[i] = (char)('a' + roll (model, 6));
    name[length] = '\0';
}

static bool
directory_is_empty (struct model *model, unsigned dir)
{
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (model->names[i].used && model->names[i].dir == dir)
            return false;
    return true;
}

static bool
is_above (struct model *model, unsigned node, unsigned dir)
{
    for (;; dir = model->nodes[dir].parent) {
        if (dir == node)
            return true;
        if (dir == 0)
            return false;
    }
}

/* ---- the model's nodes ---- */

static void
node_forget (struct model *model, unsigned index)
{
    struct model_node *node = &model->nodes[index];

    if (node->links > 0 || node->held > 0)
        return;
    free (node->bytes);
    memset (node, 0, sizeof *node);
}

static void
name_drop (struct model *model, struct model_name *name)
{
    name->used = false;
    model->nodes[name->node].links--;
    node_forget (model, name->node);
}

static void
name_set (struct model_name *slot, unsigned dir, const char *name, unsigned node)
{
    slot->used = true;
    slot->dir  = dir;
    slot->node = node;
    snprintf (slot->name, sizeof slot->name, "%s", name);
}

/* Held for the time of the operation; every directory in the model is held as long. */
static uint64_t
hold (struct model *model, unsigned index)
{
    struct model_node *node = &model->nodes[index];
    char path[16][32];
    unsigned depth = 0;
    uint64_t at    = model->image.root;
    struct file_attr attr;

    if (node->held > 0)
        return node->number;
    for (unsigned i = index; i != 0; depth++) {
        unsigned j = 0;
        while (!model->names[j].used || model->names[j].node != i)
            j++;
        assert_true (j < NAMES_MAX && depth < 16);
        strcpy (path[depth], model->names[j].name);
        i = model->names[j].dir;
    }
    assert_int_equal (image_lookup (&model->image, at, ".", NULL), OK);
    while (depth-- > 0) {
        assert_int_equal (image_lookup (&model->image, at, path[depth], &attr), OK);
        image_release (&model->image, at);
        at = attr.node;
    }
    assert_int_equal (at, node->number);
    return at;
}

static void
unhold (struct model *model, unsigned index)
{
    if (model->nodes[index].held == 0)
        image_release (&model->image, model->nodes[index].number);
}

static bool
no_space (struct model *model, enum status status)
{
    if (status != ERR_NO_SPACE)
        return false;
    model->full = true;
    return true;
}

/* ---- operations ---- */

static unsigned
depth_of (struct model *model, unsigned dir)
{
    unsigned depth = 0;

    for (; dir != 0; dir = model->nodes[dir].parent)
        depth++;
    return depth;
}

static void
do_create (struct model *model)
{
    unsigned dir            = directory_pick (model);
    unsigned index          = node_free (model);
    struct model_name *slot = name_free (model);
    uint32_t type = roll (model, 3) == 0 ? FILE_TYPE_DIRECTORY : FILE_TYPE_REGULAR;
    struct file_attr attr;
    char name[32];

    if (index == 0 || slot == NULL || depth_of (model, dir) > 8)
        return;
    name_invent (model, name);
    bool exists        = name_find (model, dir, name) != NULL;
    uint64_t number    = hold (model, dir);
    enum status status = image_create (&model->image, number, name, type, &attr);
    unhold (model, dir);
    if (exists)
        assert_int_equal (status, ERR_EXISTS);
    if (exists || no_space (model, status))
        return;
    assert_int_equal (status, OK);
    image_release (&model->image, attr.node);
    model->nodes[index] = (struct model_node) {
        .used = true, .type = type, .links = 1, .number = attr.node, .parent = dir,
    };
    name_set (slot, dir, name, index);
}

static void
do_symlink (struct model *model)
{
    unsigned dir            = directory_pick (model);
    unsigned index          = node_free (model);
    struct model_name *slot = name_free (model);
    struct file_attr attr;
    char name[32], text[256];
    unsigned length = 1 + roll (model, roll (model, 2) ? 250 : 62);

    if (index == 0 || slot == NULL)
        return;
    name_invent (model, name);
    for (unsigned i = 0; i < length; i++)
        text[i] = (char)('0' + roll (model, 60));
    text[length]       = '\0';
    bool exists        = name_find (model, dir, name) != NULL;
    uint64_t number    = hold (model, dir);
    enum status status = image_symlink (&model->image, number, name, text);
    if (status == OK)
        assert_int_equal (image_lookup (&model->image, number, name, &attr), OK);
    unhold (model, dir);
    if (exists)
        assert_int_equal (status, ERR_EXISTS);
    if (exists || no_space (model, status))
        return;
    assert_int_equal (status, OK);
    image_release (&model->image, attr.node);
    model->nodes[index] = (struct model_node) {
        .used = true, .type = FILE_TYPE_LINK, .links = 1, .number = attr.node,
    };
    strcpy (model->nodes[index].text, text);
    name_set (slot, dir, name, index);
}

static void
do_link (struct model *model)
{
    struct model_name *from = name_pick (model);
    struct model_name *slot = name_free (model);
    unsigned dir            = directory_pick (model);
    char name[32];

    if (from == NULL || slot == NULL)
        return;
    unsigned node = from->node;
    name_invent (model, name);
    bool exists          = name_find (model, dir, name) != NULL;
    uint64_t dir_number  = hold (model, dir);
    uint64_t node_number = hold (model, node);
    enum status status   = image_link (&model->image, dir_number, node_number, name);
    unhold (model, node);
    unhold (model, dir);
    if (model->nodes[node].type == FILE_TYPE_DIRECTORY) {
        assert_int_equal (status, ERR_NOT_PERMITTED);
    } else if (exists) {
        assert_int_equal (status, ERR_EXISTS);
    } else if (!no_space (model, status)) {
        assert_int_equal (status, OK);
        model->nodes[node].links++;
        name_set (slot, dir, name, node);
    }
}

static void
do_remove (struct model *model)
{
    struct model_name *name = name_pick (model);

    if (name == NULL)
        return;
    bool directory     = roll (model, 10) == 0; /* mostly right */
    bool is_directory  = model->nodes[name->node].type == FILE_TYPE_DIRECTORY;
    bool empty         = directory_is_empty (model, name->node);
    unsigned dir       = name->dir;
    directory          = directory ? !is_directory : is_directory;
    uint64_t number    = hold (model, dir);
    enum status status = image_remove (&model->image, number, name->name, directory);
    unhold (model, dir);
    if (directory && !is_directory) {
        assert_int_equal (status, ERR_NOT_DIRECTORY);
    } else if (!directory && is_directory) {
        assert_int_equal (status, ERR_IS_DIRECTORY);
    } else if (is_directory && !empty) {
        assert_int_equal (status, ERR_NOT_EMPTY);
    } else {
        assert_int_equal (status, OK);
        name_drop (model, name);
    }
}

/* What rename(2) says of it. */
static enum status
rename_expected (struct model *model, const struct model_name *from, unsigned new_dir,
                 const struct model_name *to)
{
    bool directory = model->nodes[from->node].type == FILE_TYPE_DIRECTORY;

    if (to != NULL && to->node == from->node)
        return OK;
    if (directory && is_above (model, from->node, new_dir))
        return ERR_INVALID;
    if (to == NULL)
        return OK;
    bool to_directory = model->nodes[to->node].type == FILE_TYPE_DIRECTORY;
    if (directory && !to_directory)
        return ERR_NOT_DIRECTORY;
    if (!directory && to_directory)
        return ERR_IS_DIRECTORY;
    return to_directory && !directory_is_empty (model, to->node) ? ERR_NOT_EMPTY : OK;
}

static void
do_rename (struct model *model)
{
    struct model_name *from = name_pick (model);
    struct model_name *to   = roll (model, 2) ? name_pick (model) : NULL;
    unsigned new_dir        = to != NULL ? to->dir : directory_pick (model);
    char name[32];

    if (from == NULL || depth_of (model, new_dir) > 8)
        return;
    name_invent (model, name);
    if (to != NULL)
        strcpy (name, to->name);
    to                    = name_find (model, new_dir, name);
    enum status expected  = rename_expected (model, from, new_dir, to);
    unsigned dir          = from->dir;
    uint64_t dir_number   = hold (model, dir);
    uint64_t other_number = hold (model, new_dir);
    enum status status =
        image_rename (&model->image, dir_number, from->name, other_number, name);
    unhold (model, new_dir);
    unhold (model, dir);
    if (no_space (model, status))
        return;
    assert_int_equal (status, expected);
    if (status != OK || (to != NULL && to->node == from->node))
        return;
    unsigned node = from->node;
    if (to != NULL)
        name_drop (model, to);
    from->used = false;
    name_set (from, new_dir, name, node);
    if (model->nodes[node].type == FILE_TYPE_DIRECTORY)
        model->nodes[node].parent = new_dir;
}

/* A regular file that has a name, or is only held; 0: there is none. */
static unsigned
file_pick (struct model *model)
{
    unsigned start = roll (model, NODES_MAX);

    for (unsigned i = 0; i < NODES_MAX; i++) {
        struct model_node *node = &model->nodes[(start + i) % NODES_MAX];
        if (node->used && node->type == FILE_TYPE_REGULAR)
            return (start + i) % NODES_MAX;
    }
    return 0;
}

static void
model_resize (struct model_node *node, uint32_t size)
{
    if (node->bytes == NULL) {
        node->bytes = calloc (1, BYTES_MAX);
        assert_non_null (node->bytes);
    }
    if (size < node->size)
        memset (node->bytes + size, 0, node->size - size);
    node->size = size;
}

static void
do_write (struct model *model)
{
    static unsigned char bytes[65536];
    unsigned index  = file_pick (model);
    uint32_t length = 1 + roll (model, roll (model, 3) ? 5000 : 65536);
    uint32_t offset = roll (model, roll (model, 3) ? 30000 : BYTES_MAX - 65536);
    uint32_t done;

    if (index == 0)
        return;
    struct model_node *node = &model->nodes[index];
    if (roll (model, 3) == 0 && node->size < BYTES_MAX - 65536)
        offset = node->size;
    if (model->full)
        length = 1 + length % 100;
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)roll (model, 256);
    uint64_t number = hold (model, index);
    enum status status =
        image_write (&model->image, number, offset, bytes, length, &done);
    unhold (model, index);
    if (no_space (model, status))
        return;
    assert_int_equal (status, OK);
    if (done < length)
        model->full = true;
    if (node->bytes == NULL || offset + done > node->size)
        model_resize (node, node->size > offset + done ? node->size : offset + done);
    memcpy (node->bytes + offset, bytes, done);
}

static void
check_bytes (struct model *model, unsigned index)
{
    static unsigned char bytes[65536];
    struct model_node *node = &model->nodes[index];
    uint64_t number         = hold (model, index);
    struct file_attr attr;
    uint32_t done;

    assert_int_equal (image_stat (&model->image, number, &attr), OK);
    assert_int_equal (attr.size, node->size);
    assert_int_equal (attr.links, node->links);
    for (uint32_t at = 0; at < node->size; at += done) {
        uint32_t length = 1 + roll (model, sizeof bytes);
        assert_int_equal (image_read (&model->image, number, at, bytes, length, &done), OK);
        assert_true (done > 0 && done <= node->size - at);
        assert_memory_equal (bytes, node->bytes + at, done);
    }
    assert_int_equal (
        image_read (&model->image, number, node->size, bytes, sizeof bytes, &done), OK);
    assert_int_equal (done, 0);
    unhold (model, index);
}

static void
do_read (struct model *model)
{
    unsigned index = file_pick (model);

    if (index != 0)
        check_bytes (model, index);
}

static void
do_resize (struct model *model)
{
    unsigned index = file_pick (model);
    uint32_t size  = roll (model, roll (model, 2) ? 20000 : BYTES_MAX);

    if (index == 0)
        return;
    if (roll (model, 3) == 0)
        size = 0;
    uint64_t number = hold (model, index);
    assert_int_equal (image_resize (&model->image, number, size), OK);
    unhold (model, index);
    model_resize (&model->nodes[index], size);
}

/* Holds a file, or gives one back: it may have lost its names meanwhile. */
static void
do_hold (struct model *model)
{
    unsigned index = file_pick (model);

    if (index == 0)
        return;
    struct model_node *node = &model->nodes[index];
    if (node->held == 0) {
        hold (model, index);
        node->held = 1;
    } else {
        image_release (&model->image, node->number);
        node->held = 0;
        node_forget (model, index);
    }
}

static void
do_sync (struct model *model)
{
    if (roll (model, 3) == 0)
        assert_int_equal (image_sync (&model->image), OK);
    else
        solo_advance (1000000000ull * roll (model, 8));
}

/* ---- comparing all of it ---- */

static void
check_directory (struct model *model, unsigned index)
{
    static char window[1000];
    uint64_t number  = hold (model, index);
    uint64_t cursor  = 0;
    unsigned entries = 0, expected = 2, subdirectories = 0;
    struct file_attr attr;
    uint32_t done;

    do {
        assert_int_equal (
            image_entries (&model->image, number, cursor, window, sizeof window, &done), OK);
        for (uint32_t at = 0; at < done; entries++) {
            struct file_entry entry;
            char name[256];
            memcpy (&entry, window + at, sizeof entry);
            memcpy (name, window + at + sizeof entry, entry.name_bytes);
            name[entry.name_bytes] = '\0';
            at += entry.entry_bytes;
            cursor = entry.next;
            if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0
                || (index == 0 && strcmp (name, "lost+found") == 0))
                continue;
            struct model_name *found = name_find (model, index, name);
            assert_non_null (found);
            assert_int_equal (entry.node, model->nodes[found->node].number);
            if (entry.type != 0)
                assert_int_equal (entry.type, model->nodes[found->node].type);
        }
    } while (done > 0);
    for (unsigned i = 0; i < NAMES_MAX; i++)
        if (model->names[i].used && model->names[i].dir == index) {
            expected++;
            subdirectories +=
                model->nodes[model->names[i].node].type == FILE_TYPE_DIRECTORY;
        }
    assert_int_equal (entries, expected + (index == 0));
    assert_int_equal (image_stat (&model->image, number, &attr), OK);
    assert_int_equal (attr.links, 2 + subdirectories + (index == 0));
    unhold (model, index);
}

static void
check_all (struct model *model)
{
    char text[300];
    uint32_t done;

    for (unsigned i = 0; i < NODES_MAX; i++) {
        struct model_node *node = &model->nodes[i];
        if (!node->used)
            continue;
        if (node->type == FILE_TYPE_DIRECTORY) {
            check_directory (model, i);
        } else if (node->type == FILE_TYPE_REGULAR) {
            check_bytes (model, i);
        } else {
            uint64_t number = hold (model, i);
            assert_int_equal (
                image_readlink (&model->image, number, text, sizeof text, &done), OK);
            assert_int_equal (done, strlen (node->text));
            assert_memory_equal (text, node->text, done);
            unhold (model, i);
        }
    }
}

/* A few files, as the host's debugfs reads them. */
static void
check_with_host (struct model *model)
{
    for (unsigned n = 0; n < 3; n++) {
        struct model_name *name = name_pick (model);
        if (name == NULL || model->nodes[name->node].type != FILE_TYPE_REGULAR)
            continue;
        struct model_node *node = &model->nodes[name->node];
        char into[64];
        snprintf (into, sizeof into, "%.40s.out", model->image.path);
        free (image_debugfs (&model->image, "dump <%u> %s", (unsigned)node->number, into));
        FILE *file           = fopen (into, "r");
        unsigned char *bytes = malloc (BYTES_MAX + 1);
        assert_non_null (file);
        assert_int_equal (fread (bytes, 1, BYTES_MAX + 1, file), node->size);
        if (node->size > 0)
            assert_memory_equal (bytes, node->bytes, node->size);
        fclose (file);
        free (bytes);
        remove (into);
    }
}

/* ---- a run ---- */

static void (*const operations[]) (struct model *model) = {
    do_create, do_create, do_create, do_symlink, do_link,   do_remove, do_remove, do_rename,
    do_rename, do_write,  do_write,  do_write,   do_resize, do_read,   do_hold,   do_sync,
};

static const struct kind {
    const char *arguments;
    unsigned kib;
    const char *cache;
} kinds[] = {
    { "-t ext2 -b 1024 -I 128", 4096, "32" },
    { "-t ext2 -b 2048 -I 256", 16384, "48" },
    { "-t ext2 -b 4096 -I 256", 16384, "512" },
    { "-t ext2 -b 1024 -r 0 -O none", 4096, "32" },
    { "-t ext2 -b 1024 -O none -I 128 -g 512 -N 256", 4096, "64" },
    { "-t ext2 -b 4096 -O ^filetype -g 512", 16384, "32" },
    { "-t ext2 -b 1024 -O ^dir_index -m 0 -N 128", 1024, "32" },
    { "-t ext2 -b 2048 -O ^sparse_super,^resize_inode -g 1024", 8192, "100" },
};

static void
run_seed (unsigned seed)
{
    const struct kind *kind = &kinds[seed % (sizeof kinds / sizeof *kinds)];
    struct model *model     = calloc (1, sizeof *model);

    model->random = (seed + 1) * 0x9e3779b97f4a7c15u;
    image_make (&model->image, kind->kib, kind->arguments);
    image_boot (&model->image, kind->cache);
    assert_int_equal (image_mount (&model->image, false), OK);
    model->nodes[0] = (struct model_node) {
        .used = true, .type = FILE_TYPE_DIRECTORY, .links = 1, .number = model->image.root,
        .held = 1,
    };
    for (unsigned i = 0; i < OPERATIONS; i++) {
        operations[roll (model, sizeof operations / sizeof *operations)](model);
        if (i == OPERATIONS / 2) {
            check_all (model);
            /* everything is on the disk after a sync, but for the mark and for what is held
             * and has no name: those e2fsck would find */
            for (unsigned j = 1; j < NODES_MAX; j++)
                if (model->nodes[j].used && model->nodes[j].held > 0) {
                    image_release (&model->image, model->nodes[j].number);
                    model->nodes[j].held = 0;
                    node_forget (model, j);
                }
            assert_int_equal (image_sync (&model->image), OK);
            image_check (&model->image);
        }
    }
    check_all (model);
    if (seed % 2 == 0)
        assert_int_equal (image_sync (&model->image), OK);
    image_stop (&model->image); /* with nodes held, some of them without a name */
    for (unsigned i = 1; i < NODES_MAX; i++) {
        model->nodes[i].held = 0;
        if (model->nodes[i].used)
            node_forget (model, i);
    }
    image_check (&model->image);
    check_with_host (model);

    image_boot (&model->image, "64");
    assert_int_equal (image_mount (&model->image, seed % 3 == 0), OK);
    check_all (model);
    image_unmount (&model->image);
    image_check (&model->image);
    for (unsigned i = 0; i < NODES_MAX; i++)
        free (model->nodes[i].bytes);
    image_free (&model->image);
    free (model);
}

static void
random_work_agrees_with_the_model_and_with_e2fsck (void **state)
{
    const char *seeds = getenv ("EXT2_SEEDS");
    const char *first = getenv ("EXT2_FIRST");
    unsigned from     = first != NULL ? (unsigned)atoi (first) : 0;
    unsigned count    = seeds != NULL ? (unsigned)atoi (seeds) : 12;

    (void)state;
    for (unsigned seed = from; seed < from + count; seed++) {
        if (seeds != NULL)
            fprintf (stderr, "seed %u\n", seed);
        run_seed (seed);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (random_work_agrees_with_the_model_and_with_e2fsck),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
