/* model: a file system as plain C data, and random operations on both it and a real one.
 *
 * Every answer is compared: status, attributes, bytes, listings. What the model holds stays
 * held in the file system, so nodes without a name and removed directories are met as well.
 */
#include <stdio.h>
#include <stdlib.h>

#include "calls.h"

#define NAMES     10u
#define HELD_MAX  24u
#define SIZE_MAX_ 300000u

struct model_node {
    uint32_t type;
    unsigned links;
    unsigned holds;       /* of ours */
    uint64_t number;      /* 0: not known yet */
    unsigned char *bytes; /* SIZE_MAX_ of them; zeros behind the size */
    uint32_t size;
    char target[128];
    struct model_node *parent;         /* NULL: removed */
    struct model_node *entries[NAMES]; /* by number of the name */
};

struct model {
    Link *fs;
    uint64_t random;
    struct model_node *root;
    struct model_node *held[HELD_MAX]; /* NULL: free place */
};

static uint32_t
model_random (struct model *model, uint32_t limit)
{
    model->random = model->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(model->random >> 33) % limit;
}

/* Names of different lengths, so that entries do not just replace each other. */
static const char *
model_name (unsigned i)
{
    static const char *const names[NAMES] = {
        "a", "bb", "ccc", "dddd", "a-name-of-some-length", "f", "g.txt", "hh",
        "another-name-that-is-quite-a-bit-longer-than-the-others-are", "z",
    };

    return names[i];
}

static struct model_node *
model_node_new (uint32_t type, uint64_t number)
{
    struct model_node *node = calloc (1, sizeof *node);

    assert_non_null (node);
    node->type   = type;
    node->number = number;
    node->links  = type == FILE_TYPE_DIRECTORY ? 2 : 1;
    node->bytes  = type == FILE_TYPE_REGULAR ? calloc (1, SIZE_MAX_) : NULL;
    return node;
}

static void
model_node_check (struct model_node *node)
{
    if (node->links == 0 && node->holds == 0) {
        free (node->bytes);
        free (node);
    }
}

static bool
model_is_empty (const struct model_node *dir)
{
    for (unsigned i = 0; i < NAMES; i++)
        if (dir->entries[i] != NULL)
            return false;
    return true;
}

static void
model_unlink (struct model_node *dir, unsigned name)
{
    struct model_node *node = dir->entries[name];

    dir->entries[name] = NULL;
    if (node->type == FILE_TYPE_DIRECTORY) {
        node->links  = 0;
        node->parent = NULL;
        dir->links--;
    } else {
        node->links--;
    }
    model_node_check (node);
}

/* ---- held nodes ---- */

static void
model_let_go (struct model *model, unsigned place)
{
    struct model_node *node = model->held[place];

    if (node == NULL)
        return;
    model->held[place] = NULL;
    assert_int_equal (suite_release (model->fs, node->number, 1), OK);
    node->holds--;
    model_node_check (node);
}

static void
model_hold (struct model *model, struct model_node *node)
{
    unsigned place = model_random (model, HELD_MAX);

    node->holds++;
    model_let_go (model, place);
    model->held[place] = node;
}

static struct model_node *
model_pick (struct model *model, uint32_t type)
{
    for (unsigned try = 0; try < 50; try++) {
        struct model_node *node = model->held[model_random (model, HELD_MAX)];
        if (node != NULL && (type == 0 || node->type == type))
            return node;
    }
    return type == FILE_TYPE_DIRECTORY || type == 0 ? model->root : NULL;
}

static void
model_compare_attr (const struct model_node *node, const struct file_attr *attr)
{
    assert_int_equal (attr->node, node->number);
    assert_int_equal (attr->type, node->type);
    assert_int_equal (attr->links, node->links);
    if (node->type != FILE_TYPE_DIRECTORY)
        assert_int_equal (attr->size, node->size);
}

/* ---- operations ---- */

static void
model_do_create (struct model *model, struct model_node *dir, unsigned name)
{
    uint32_t type = model_random (model, 3) ? FILE_TYPE_REGULAR : FILE_TYPE_DIRECTORY;
    struct file_attr attr;
    enum status status = suite_create (model->fs, dir->number, type, model_name (name), &attr);

    if (dir->parent == NULL) {
        assert_int_not_equal (status, OK);
        return;
    }
    assert_int_equal (status, dir->entries[name] != NULL ? ERR_EXISTS : OK);
    if (status != OK)
        return;
    struct model_node *node = model_node_new (type, attr.node);
    dir->entries[name]      = node;
    if (type == FILE_TYPE_DIRECTORY) {
        node->parent = dir;
        dir->links++;
    }
    assert_int_equal (attr.uid, 5);
    assert_int_equal (attr.gid, 6);
    assert_int_equal (attr.mode, 0644);
    model_compare_attr (node, &attr);
    model_hold (model, node);
}

static void
model_do_symlink (struct model *model, struct model_node *dir, unsigned name)
{
    char target[128];
    uint32_t size = 1 + model_random (model, sizeof target - 1);

    memset (target, 'a' + (int)(size % 26), size);
    target[size == sizeof target ? size - 1 : size] = '\0';
    enum status status = suite_symlink (model->fs, dir->number, model_name (name), target);
    if (dir->parent == NULL) {
        assert_int_not_equal (status, OK);
        return;
    }
    assert_int_equal (status, dir->entries[name] != NULL ? ERR_EXISTS : OK);
    if (status != OK)
        return;
    struct model_node *node = model_node_new (FILE_TYPE_LINK, 0);
    node->size              = (uint32_t)strlen (target);
    strcpy (node->target, target);
    dir->entries[name] = node;
}

static void
model_do_lookup (struct model *model, struct model_node *dir, unsigned name)
{
    struct model_node *node = dir->entries[name];
    struct file_attr attr;
    enum status status = suite_lookup (model->fs, dir->number, model_name (name), &attr);

    assert_int_equal (status, node == NULL ? ERR_NOT_FOUND : OK);
    if (node == NULL)
        return;
    if (node->number == 0)
        node->number = attr.node;
    model_compare_attr (node, &attr);
    if (node->type == FILE_TYPE_LINK) {
        char target[128];
        int64_t done = suite_readlink (model->fs, node->number, target, sizeof target);
        assert_int_equal (done, node->size);
        assert_memory_equal (target, node->target, node->size);
    }
    model_hold (model, node);
}

static void
model_do_parent (struct model *model, struct model_node *dir)
{
    struct file_attr attr;

    if (dir->parent == NULL)
        return;
    assert_int_equal (suite_parent (model->fs, dir->number, &attr), OK);
    model_compare_attr (dir->parent, &attr);
    assert_int_equal (suite_release (model->fs, attr.node, 1), OK);
}

static void
model_do_remove (struct model *model, struct model_node *dir, unsigned name)
{
    struct model_node *node = dir->entries[name];
    bool directory          = model_random (model, 2);
    enum status expected    = OK;

    if (node == NULL)
        expected = ERR_NOT_FOUND;
    else if (node->type == FILE_TYPE_DIRECTORY)
        expected = !directory               ? ERR_IS_DIRECTORY
                   : !model_is_empty (node) ? ERR_NOT_EMPTY
                                            : OK;
    else if (directory)
        expected = ERR_NOT_DIRECTORY;
    assert_int_equal (suite_remove (model->fs, dir->number, model_name (name), directory),
                      expected);
    if (expected == OK)
        model_unlink (dir, name);
}

static void
model_do_link (struct model *model, struct model_node *dir, unsigned name)
{
    struct model_node *node = model_pick (model, FILE_TYPE_REGULAR);
    if (node == NULL)
        return;
    enum status status = suite_link (model->fs, dir->number, model_name (name), node->number);

    if (dir->parent == NULL || node->links == 0) {
        assert_int_not_equal (status, OK);
        return;
    }
    assert_int_equal (status, dir->entries[name] != NULL ? ERR_EXISTS : OK);
    if (status == OK) {
        dir->entries[name] = node;
        node->links++;
    }
}

static enum status
model_rename_answer (const struct model_node *dir, unsigned name,
                     const struct model_node *new_dir, unsigned new_name)
{
    const struct model_node *node = dir->entries[name], *old = new_dir->entries[new_name];

    if (node == NULL)
        return ERR_NOT_FOUND;
    if (node == old)
        return OK;
    for (const struct model_node *at = new_dir;; at = at->parent) {
        if (at == node)
            return ERR_INVALID;
        if (at == at->parent)
            break;
    }
    if (old == NULL)
        return OK;
    if (node->type == FILE_TYPE_DIRECTORY && old->type != FILE_TYPE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    if (node->type != FILE_TYPE_DIRECTORY && old->type == FILE_TYPE_DIRECTORY)
        return ERR_IS_DIRECTORY;
    return old->type == FILE_TYPE_DIRECTORY && !model_is_empty (old) ? ERR_NOT_EMPTY : OK;
}

static void
model_do_rename (struct model *model, struct model_node *dir, unsigned name)
{
    struct model_node *new_dir = model_pick (model, FILE_TYPE_DIRECTORY);
    unsigned new_name          = model_random (model, NAMES);
    enum status status = suite_rename (model->fs, dir->number, model_name (name),
                                       new_dir->number, model_name (new_name));

    if (new_dir->parent == NULL) {
        assert_int_not_equal (status, OK);
        return;
    }
    assert_int_equal (status, model_rename_answer (dir, name, new_dir, new_name));
    struct model_node *node = dir->entries[name];
    if (status != OK || node == new_dir->entries[new_name])
        return;
    if (new_dir->entries[new_name] != NULL)
        model_unlink (new_dir, new_name);
    dir->entries[name]         = NULL;
    new_dir->entries[new_name] = node;
    if (node->type == FILE_TYPE_DIRECTORY) {
        dir->links--;
        new_dir->links++;
        node->parent = new_dir;
    }
}

static void
model_do_list (struct model *model, struct model_node *dir)
{
    char window[4096];
    unsigned seen = 0, dots = 0;
    struct fs_entries_req req = { .dir = dir->number,
                                  .into = { .data = window,
                                            .length = 100 + model_random (model, 3900) } };
    struct fs_entries_rep rep;

    do {
        assert_int_equal (fs_entries (model->fs, &req, &rep), OK);
        for (uint32_t at = 0; at < rep.done;) {
            struct file_entry entry;
            memcpy (&entry, window + at, sizeof entry);
            const char *text = window + at + sizeof entry;
            if (text[0] == '.') {
                dots++;
            } else if (entry.name_bytes != 10 || memcmp (text, "lost+found", 10) != 0) {
                unsigned i = 0;
                while (strlen (model_name (i)) != entry.name_bytes
                       || memcmp (model_name (i), text, entry.name_bytes) != 0)
                    assert_true (++i < NAMES);
                assert_non_null (dir->entries[i]);
                if (dir->entries[i]->number != 0)
                    assert_int_equal (entry.node, dir->entries[i]->number);
                if (entry.type != 0)
                    assert_int_equal (entry.type, dir->entries[i]->type);
                assert_false (seen & 1u << i);
                seen |= 1u << i;
            }
            req.cursor = entry.next;
            at += entry.entry_bytes;
        }
    } while (rep.done > 0);
    for (unsigned i = 0; i < NAMES; i++)
        assert_int_equal (dir->entries[i] != NULL, (seen & 1u << i) != 0);
    if (dir->parent != NULL)
        assert_int_equal (dots, 2);
}

static void
model_do_write (struct model *model, struct model_node *node)
{
    static unsigned char bytes[20000];
    uint32_t count  = model_random (model, sizeof bytes);
    uint32_t offset = model_random (model, 4) ? model_random (model, node->size + 1)
                                              : model_random (model, SIZE_MAX_);

    if (count > SIZE_MAX_ - offset)
        count = SIZE_MAX_ - offset;
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = (unsigned char)model_random (model, 256);
    int64_t done = suite_write (model->fs, node->number, offset, bytes, count);
    assert_int_equal (done, count);
    memcpy (node->bytes + offset, bytes, count);
    if (count > 0 && offset + count > node->size)
        node->size = offset + count;
}

static void
model_do_read (struct model *model, struct model_node *node)
{
    static unsigned char bytes[65536];
    uint32_t offset = model_random (model, node->size + 100);
    uint32_t count  = model_random (model, sizeof bytes + 1);
    uint32_t there  = offset < node->size ? node->size - offset : 0;
    int64_t done    = suite_read (model->fs, node->number, offset, bytes, count);

    assert_int_equal (done, count < there ? count : there);
    assert_memory_equal (bytes, node->bytes + offset * (done > 0), (size_t)done);
}

static void
model_do_file (struct model *model)
{
    struct model_node *node = model_pick (model, FILE_TYPE_REGULAR);
    struct file_attr attr;

    if (node == NULL)
        return;
    switch (model_random (model, 5)) {
    case 0:
    case 1:
        model_do_write (model, node);
        break;
    case 2:
        model_do_read (model, node);
        break;
    case 3: {
        uint32_t size = model_random (model, model_random (model, 2) ? SIZE_MAX_ : 3000);
        assert_int_equal (suite_truncate (model->fs, node->number, size), OK);
        if (size < node->size)
            memset (node->bytes + size, 0, node->size - size);
        node->size = size;
        break;
    }
    default:
        assert_int_equal (suite_stat (model->fs, node->number, &attr), OK);
        model_compare_attr (node, &attr);
    }
}

static void
model_step (struct model *model)
{
    struct model_node *dir = model_pick (model, FILE_TYPE_DIRECTORY);
    unsigned name          = model_random (model, NAMES);

    switch (model_random (model, 14)) {
    case 0:
    case 1:
        model_do_create (model, dir, name);
        break;
    case 2:
        model_do_symlink (model, dir, name);
        break;
    case 3:
    case 4:
        model_do_lookup (model, dir, name);
        break;
    case 5:
        model_do_parent (model, dir);
        break;
    case 6:
        model_do_remove (model, dir, name);
        break;
    case 7:
        model_do_link (model, dir, name);
        break;
    case 8:
    case 9:
        model_do_rename (model, dir, name);
        break;
    case 10:
        model_do_list (model, dir);
        break;
    default:
        model_do_file (model);
    }
}

/* Removes all that is left, deepest first. */
static void
model_clear (struct model *model, struct model_node *dir)
{
    for (unsigned i = 0; i < NAMES; i++) {
        struct model_node *node = dir->entries[i];
        struct file_attr attr;
        if (node == NULL)
            continue;
        bool directory = node->type == FILE_TYPE_DIRECTORY;
        if (directory) {
            assert_int_equal (suite_lookup (model->fs, dir->number, model_name (i), &attr), OK);
            model_clear (model, node);
            assert_int_equal (suite_release (model->fs, attr.node, 1), OK);
        }
        assert_int_equal (suite_remove (model->fs, dir->number, model_name (i), directory), OK);
        model_unlink (dir, i);
    }
}

void
fs_suite_model (Link *fs, unsigned seed, unsigned steps)
{
    struct model model      = { .fs = fs, .random = seed };
    struct model_node *root = model_node_new (FILE_TYPE_DIRECTORY, suite_mount (fs));
    struct file_attr attr;

    assert_int_equal (suite_stat (fs, root->number, &attr), OK);
    root->links  = attr.links; /* lost+found counts */
    root->holds  = 1;
    root->parent = root;
    model.root   = root;
    for (unsigned i = 0; i < steps; i++)
        model_step (&model);
    for (unsigned i = 0; i < HELD_MAX; i++)
        model_let_go (&model, i);
    model_clear (&model, root);
    assert_int_equal (suite_release (fs, root->number, 1), OK);
    assert_int_equal (suite_unmount (fs), OK);
    free (root);
}
