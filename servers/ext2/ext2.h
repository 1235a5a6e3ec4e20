/* ext2: what the files of this component share.
 *
 * Who holds what, across a point where a handler may block:
 *   node->content   the block map, size and bytes of one inode; a handler holds at most one
 *                   of these at a time, unless it also holds
 *   fs->names       taken first by whatever changes which name leads where, so that several
 *                   directories and inodes change as one
 *   fs->alloc       the bitmaps and their counts; taken last, and held for little
 * Between blocking points a handler is alone, so links, times, modes and the lists have no
 * lock. A buffer in use is pinned; a handler pins at most EXT2_PINS_MAX at once, and fs->active
 * keeps the number of handlers such that the cache always has one more.
 */
#ifndef EXT2_H
#define EXT2_H

#include "interfaces/interfaces.h"
#include "layout.h"

#define EXT2_SECTOR     512u
#define EXT2_RUN_BYTES  GRANT_MAX /* longest single transfer */
#define EXT2_PINS_MAX   6u
#define EXT2_STAGES     4u
#define EXT2_BUCKETS    1024u     /* of the table of inodes in memory */

enum { EXT2_NEED_DISK, EXT2_NEED_LOG };

/* ---- cache: cache.c, flush.c ---- */

/* One block in memory. */
struct buffer {
    uint32_t block;
    uint32_t pins;      /* handlers that use it now */
    bool hashed;        /* can be found; else it holds nothing */
    bool reading;       /* data is on its way; `changed` wakes who waits */
    bool failed;        /* the read failed; goes when the last pin does */
    bool dirty;
    bool writing;       /* a copy is on its way to the disk */
    struct waitlist changed;
    struct buffer *hash_next;
    struct buffer *older, *newer; /* in order of use */
    uint8_t *data;
};

/* 64 KiB to gather a run of blocks in. */
struct stage {
    uint8_t *data; /* NULL: this one does not exist */
    bool busy;
};

struct cache {
    struct buffer *buffers;
    struct buffer **hash;
    uint8_t *data;
    uint32_t count;
    uint32_t buckets;   /* a power of two */
    uint32_t dirty;     /* buffers that are */
    uint32_t writing;
    struct buffer *oldest, *newest;
    struct waitlist freed; /* a buffer may have become free, or written */
    struct stage stages[EXT2_STAGES];
    struct waitlist stage_freed;
};

/* ---- inodes: inode.c ---- */

/* An inode in memory: held by the client, or used by a handler. Its numbers are copied to
 * the buffer of its table block by each ext2_inode_update, so it can go at any time. */
struct node {
    uint32_t number;
    uint32_t pins;  /* handlers that use it now */
    uint64_t holds; /* that the client has not given back */
    struct node *hash_next;
    bool loading;   /* `loaded` wakes who waits */
    bool failed;    /* to load */
    bool dying;     /* no name, no user: being freed */
    struct waitlist loaded;
    struct mutex content;

    uint16_t mode;
    uint32_t links;
    uint32_t uid, gid;
    uint64_t size;
    int64_t atime, mtime, ctime; /* as in struct file_attr, and as the disk can keep them */
    bool fine; /* it has room for fractions of seconds */
    uint32_t dtime;
    uint32_t sectors;
    uint32_t flags;
    uint32_t generation;
    uint32_t attribute_block;
    uint32_t block[EXT2_DIRECT + 3];

    uint32_t last_index, last_block; /* allocated last: where to look for the next */
    uint32_t next_read;              /* the index that would make a read sequential */
};

/* ---- the file system ---- */

struct group {
    uint32_t block_bitmap;
    uint32_t inode_bitmap;
    uint32_t inode_table;
    uint16_t free_blocks;
    uint16_t free_inodes;
    uint16_t directories;
    bool dirty; /* differs from its descriptor's buffer */
};

struct ext2 {
    Component *self;
    bool mounted;
    bool read_only;
    bool closing;  /* no new calls: it is being unmounted */
    bool stopped;
    bool super_dirty;
    bool timer_set;
    bool flush_failed; /* the last one did: no timer before one succeeds */
    uint32_t mounts; /* so far: a timer of an earlier one means nothing */

    uint32_t active, active_max; /* handlers inside */
    struct waitlist admission;   /* waiting to get in */
    struct waitlist idle;        /* waiting for the others to leave */

    uint32_t block_bytes;
    uint32_t block_sectors;
    uint32_t inode_bytes;
    uint32_t inodes_count;
    uint32_t blocks_count;
    uint32_t first_block;
    uint32_t blocks_per_group;
    uint32_t inodes_per_group;
    uint32_t first_inode;
    uint32_t group_count;
    uint32_t table_blocks;      /* of inodes, in one group */
    uint32_t descriptor_blocks;
    uint32_t pointers;          /* block numbers in one block */
    uint64_t file_bytes_max;
    bool entry_types;           /* INCOMPATIBLE_FILETYPE */
    struct disk_super super;    /* as it was read, then as it shall be written */
    uint16_t state_found;       /* super.state before we came */
    struct group *groups;
    uint64_t free_blocks;       /* sums over the groups */
    uint64_t free_inodes;

    struct mutex names, alloc, syncing;
    struct cache cache;
    struct node *nodes[EXT2_BUCKETS];
    uint64_t holds;             /* of all nodes */

    char report[96];            /* damage found and not yet said: ext2_corrupt */
    uint32_t reports;           /* said, this mount */
};

/* super.c: finding out what is on the disk, and being there or not. */
enum status ext2_super_mount (struct ext2 *fs, bool read_only);
enum status ext2_super_flush (struct ext2 *fs); /* everything, to the disk; syncing is held */
enum status ext2_sync_all (struct ext2 *fs);    /* everything, to the disk, safely */
/* Writes everything, marks the disk clean, forgets it. Nobody else may be inside. */
enum status ext2_super_unmount (struct ext2 *fs);
bool ext2_super_in_group (const struct ext2 *fs, uint32_t group); /* has it a backup? */
bool ext2_block_valid (const struct ext2 *fs, uint32_t block); /* may it belong to a file? */

/* report.c: damage and refusals, for a person to read. */
void ext2_log (struct ext2 *fs, unsigned level, const char *text, const char *more);
/* Notes damage; said when the handler leaves. Answers ERR_IO, to be passed on. */
enum status ext2_corrupt (struct ext2 *fs, const char *what, uint64_t number);
void ext2_report (struct ext2 *fs);
void ext2_report_features (struct ext2 *fs, const char *what, bool incompatible,
                           uint32_t unknown);

/* cache.c. A buffer from get or zeroed is pinned until put. */
enum status ext2_cache_init (struct ext2 *fs, uint32_t blocks);
void ext2_cache_fini (struct ext2 *fs);
enum status ext2_cache_get (struct ext2 *fs, uint32_t block, struct buffer **found);
enum status ext2_cache_zeroed (struct ext2 *fs, uint32_t block, struct buffer **found);
void ext2_cache_put (struct ext2 *fs, struct buffer *buffer);
void ext2_cache_dirty (struct ext2 *fs, struct buffer *buffer);
void ext2_cache_forget (struct ext2 *fs, uint32_t block); /* it is free: do not write it */
bool ext2_cache_has (struct ext2 *fs, uint32_t block);
struct buffer *ext2_cache_dirty_at (struct ext2 *fs, uint32_t block); /* to be written, or NULL */
/* Reads up to `count` blocks from `first` on in one transfer, as far as there is room. A
 * hint: what it does not read, get will. */
void ext2_cache_fetch (struct ext2 *fs, uint32_t first, uint32_t count);
void ext2_cache_arm (struct ext2 *fs); /* if anything is dirty: write it in a while */

/* flush.c. */
struct stage *ext2_stage_get (struct ext2 *fs);
void ext2_stage_put (struct ext2 *fs, struct stage *stage);
/* Writes the run of dirty blocks that begins with the first one at or after *from, and moves
 * *from past it. *wrote is false if there is none. */
enum status ext2_flush_run (struct ext2 *fs, uint32_t *from, bool *wrote);
enum status ext2_flush_all (struct ext2 *fs); /* in order of block; waits for all */

/* alloc.c: bits, and the counts that go with them. */
enum status ext2_block_alloc (struct ext2 *fs, uint32_t goal, uint32_t *block);
enum status ext2_block_free (struct ext2 *fs, uint32_t block);
enum status ext2_inode_alloc (struct ext2 *fs, uint32_t near, bool directory,
                              uint32_t *number);
enum status ext2_inode_release (struct ext2 *fs, uint32_t number, bool directory);

/* inode.c. A node from get or make is pinned until put. */
enum status ext2_inode_get (struct ext2 *fs, uint32_t number, struct node **found);
enum status ext2_inode_make (struct ext2 *fs, const struct node *dir, uint16_t mode,
                             uint32_t uid, uint32_t gid, struct node **made);
void ext2_inode_put (struct ext2 *fs, struct node *node); /* frees it if it was the last */
enum status ext2_inode_update (struct ext2 *fs, struct node *node); /* to its buffer */
struct node *ext2_inode_held (struct ext2 *fs, uint64_t number); /* NULL: the client has none */
void ext2_inode_hold (struct ext2 *fs, struct node *node);
void ext2_inode_drop_all (struct ext2 *fs); /* holds are void: the machine halts */
void ext2_inode_attr (const struct ext2 *fs, const struct node *node, struct file_attr *attr);
enum status ext2_inode_writable (const struct ext2 *fs, const struct node *node);
uint32_t ext2_type_of_mode (uint16_t mode); /* enum file_type; 0: none */
bool ext2_inode_has_map (const struct ext2 *fs, const struct node *node); /* in node->block */

static inline bool
ext2_is_directory (const struct node *node)
{
    return (node->mode & MODE_TYPE) == MODE_DIRECTORY;
}

/* times.c. `slot`: where the inode is in its table's buffer. */
void ext2_times_load (const struct ext2 *fs, struct node *node, const uint8_t *slot);
/* Makes them what can be kept. */
void ext2_times_store (const struct ext2 *fs, struct node *node, uint8_t *slot);
int64_t ext2_now (struct ext2 *fs);                         /* as in struct file_attr */
void ext2_times_touch (struct ext2 *fs, struct node *node); /* mtime and ctime are now */
void ext2_times_read (struct ext2 *fs, struct node *node);  /* atime is, if it matters */

/* map.c: which block of the disk is the n-th of the file. node->content is held. */
enum status ext2_map (struct ext2 *fs, struct node *node, uint32_t index, uint32_t *block);
/* As ext2_map, filling a hole; *fresh: the block's bytes are still somebody else's. */
enum status ext2_map_make (struct ext2 *fs, struct node *node, uint32_t index, uint32_t *block,
                           bool *fresh);
/* Frees all from the `keep`-th block on. */
enum status ext2_map_trim (struct ext2 *fs, struct node *node, uint64_t keep);

/* dir.c: one directory's entries. Each call locks dir->content by itself. */
enum status ext2_dir_find (struct ext2 *fs, struct node *dir, const char *name,
                           uint32_t name_bytes, uint32_t *number);
/* As ext2_dir_find, then ext2_inode_get, with no gap between them. */
enum status ext2_dir_lookup (struct ext2 *fs, struct node *dir, const char *name,
                             uint32_t name_bytes, struct node **node);
enum status ext2_dir_add (struct ext2 *fs, struct node *dir, const char *name,
                          uint32_t name_bytes, const struct node *node);
enum status ext2_dir_remove (struct ext2 *fs, struct node *dir, const char *name,
                             uint32_t name_bytes);
enum status ext2_dir_replace (struct ext2 *fs, struct node *dir, const char *name,
                              uint32_t name_bytes, const struct node *node);
enum status ext2_dir_is_empty (struct ext2 *fs, struct node *dir, bool *empty);
enum status ext2_dir_init (struct ext2 *fs, struct node *dir, const struct node *parent);
enum status ext2_dir_list (struct ext2 *fs, struct node *dir, uint64_t cursor,
                           const grant *into, uint32_t *done);

/* file.c: the bytes of files and of symbolic links. */
enum status ext2_file_read (struct ext2 *fs, struct node *node, uint64_t offset,
                            const grant *into, uint32_t *done);
enum status ext2_file_write (struct ext2 *fs, struct node *node, uint64_t offset,
                             const grant *from, uint32_t *done);
enum status ext2_file_allocate (struct ext2 *fs, struct node *node, uint64_t offset,
                                uint64_t bytes, bool keep_size);
enum status ext2_file_resize (struct ext2 *fs, struct node *node, uint64_t size);
enum status ext2_link_read (struct ext2 *fs, struct node *node, const grant *into,
                            uint32_t *done);
enum status ext2_link_write (struct ext2 *fs, struct node *node, const char *text,
                             uint32_t bytes);

/* gate.c: the way in and out of each handler. Enter waits until there is room; leave answers
 * `status`. The node of a held number comes pinned, and leave unpins it (NULL: nothing). */
enum status ext2_enter (Component *self);
enum status ext2_enter_node (Component *self, uint64_t number, struct node **node);
enum status ext2_leave (struct ext2 *fs, struct node *node, enum status status);
bool ext2_close (struct ext2 *fs); /* waits until the caller is alone inside, and keeps it so */
void ext2_open (struct ext2 *fs);

/* names.c: the handlers that change which name leads where. */
enum status ext2_create (Component *self, struct call *call, const struct fs_create_req *req,
                         struct fs_create_rep *rep);
enum status ext2_symlink (Component *self, struct call *call,
                          const struct fs_symlink_req *req, struct fs_symlink_rep *rep);
enum status ext2_link (Component *self, struct call *call, const struct fs_link_req *req,
                       struct fs_link_rep *rep);
enum status ext2_remove (Component *self, struct call *call, const struct fs_remove_req *req,
                         struct fs_remove_rep *rep);
/* names.c, for those handlers. Into the directory `number`, to change the name. OK: inside, *dir
 * pinned, names locked. */
enum status ext2_names_enter (Component *self, uint64_t number, const char *name, size_t bytes,
                              struct node **dir);
enum status ext2_names_leave (struct ext2 *fs, struct node *dir, enum status status);
enum status ext2_name_check (const char *name, size_t bytes);
/* The node has lost its name in the directory. */
enum status ext2_name_lost (struct ext2 *fs, struct node *dir, struct node *node);
enum status ext2_rename (Component *self, struct call *call, const struct fs_rename_req *req,
                         struct fs_rename_rep *rep);

#endif
