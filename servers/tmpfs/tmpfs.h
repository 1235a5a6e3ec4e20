/* tmpfs: a file system in the component's own memory.
 *
 * tmpfs.c answers the operations, node.c keeps the nodes, dir.c the names, data.c the bytes.
 * Nothing here blocks, so each operation is whole or not at all.
 */
#ifndef SERVERS_TMPFS_H
#define SERVERS_TMPFS_H

#include "interfaces/interfaces.h"

#define TMPFS_PAGE      4096u
#define TMPFS_FANOUT    64u /* children of one inner node of a file's page tree */
#define TMPFS_SIZE_MAX  ((uint64_t)1 << 48)
#define TMPFS_TARGET_MAX (FILE_PATH_MAX - 1) /* bytes of a symbolic link */

struct tmpfs_entry;

struct tmpfs_node {
    uint64_t number; /* never used again: a stale one is recognised */
    uint64_t size;   /* bytes */
    int64_t atime, mtime, ctime; /* as in struct file_attr */
    uint32_t type, mode, uid, gid, device;
    uint32_t links; /* names; a directory also counts "." and its children's ".." */
    uint64_t holds; /* of the client; the node lives while links or holds are not 0 */
    struct tmpfs_node *next; /* of the same bucket */
    /* FILE_TYPE_DIRECTORY */
    struct tmpfs_node *parent; /* NULL once removed */
    struct tmpfs_entry *first, *last; /* in order of serial */
    uint64_t next_serial;
    uint64_t entry_count;
    /* FILE_TYPE_REGULAR: a tree of TMPFS_FANOUT pointers a level over the pages */
    void *tree;
    unsigned height; /* levels above the pages; 0: tree is page 0 itself */
    uint64_t pages;
    /* FILE_TYPE_LINK: `size` bytes */
    char *target;
};

/* One name. Its serial is the cursor of readdir: it never changes, so a reading goes on at
 * the right place whatever was made or removed meanwhile. */
struct tmpfs_entry {
    struct tmpfs_entry *next, *previous; /* of the directory */
    struct tmpfs_entry *bucket_next;
    struct tmpfs_node *dir;
    struct tmpfs_node *node;
    uint64_t serial; /* from 2 on; 0 and 1 are "." and ".." */
    uint32_t hash;
    uint8_t name_bytes;
    char name[];
};

struct tmpfs {
    bool mounted;
    bool read_only;
    uint32_t mode;  /* of the root, from the options */
    uint64_t limit; /* bytes that may be used, from the options */
    uint64_t used;  /* bytes in pages, nodes, names */
    uint64_t holds; /* of all nodes */
    uint64_t node_count;
    uint64_t entry_count;
    uint64_t next_number;
    struct tmpfs_node *root;
    struct tmpfs_node **nodes; /* by number */
    uint32_t node_buckets;     /* a power of two */
    struct tmpfs_entry **entries; /* by directory and name */
    uint32_t entry_buckets;
};

/* ---- tmpfs.c ---- */

/* Memory within the limit; NULL is ERR_NO_SPACE. */
void *tmpfs_alloc (Component *self, size_t bytes);
void tmpfs_free (Component *self, void *memory, size_t bytes);

/* ---- node.c ---- */

struct tmpfs_node *tmpfs_node_new (Component *self, uint32_t type, uint32_t mode, uint32_t uid,
                                   uint32_t gid, uint32_t device);
/* NULL: nobody holds that number. */
struct tmpfs_node *tmpfs_node_find (Component *self, uint64_t number);
void tmpfs_node_hold (Component *self, struct tmpfs_node *node);
/* Frees it if nothing names or holds it any more. */
void tmpfs_node_check (Component *self, struct tmpfs_node *node);
void tmpfs_node_attr (const struct tmpfs_node *node, struct file_attr *attr);
void tmpfs_node_changed (Component *self, struct tmpfs_node *node); /* mtime and ctime */
void tmpfs_node_free_all (Component *self);

/* ---- dir.c ---- */

struct tmpfs_entry *tmpfs_dir_find (Component *self, const struct tmpfs_node *dir,
                                    const char *name, uint32_t name_bytes);
enum status tmpfs_dir_add (Component *self, struct tmpfs_node *dir, const char *name,
                           uint32_t name_bytes, struct tmpfs_node *node);
void tmpfs_dir_drop (Component *self, struct tmpfs_entry *entry);
enum status tmpfs_dir_rename (Component *self, struct tmpfs_entry *from,
                              struct tmpfs_node *new_dir, const char *name,
                              uint32_t name_bytes, enum rename_how how);
enum status tmpfs_dir_list (const struct tmpfs_node *dir, uint64_t cursor, const grant *into,
                            uint32_t *done);

/* ---- data.c ---- */

uint32_t tmpfs_data_read (const struct tmpfs_node *node, uint64_t offset, void *into,
                          uint32_t bytes);
/* How many bytes there was room for. */
uint32_t tmpfs_data_write (Component *self, struct tmpfs_node *node, uint64_t offset,
                           const void *from, uint32_t bytes);
/* Pages for all of these bytes; false: there is no room for them. */
bool tmpfs_data_fill (Component *self, struct tmpfs_node *node, uint64_t offset, uint64_t bytes);
void tmpfs_data_resize (Component *self, struct tmpfs_node *node, uint64_t size);

#endif
