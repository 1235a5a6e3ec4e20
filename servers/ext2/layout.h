/* layout: the second extended file system as it lies on the disk.
 *
 * All numbers are little-endian, and naturally aligned; so is every host that Khimera runs
 * on, which the assertion below keeps true. Only fields that are used have names.
 */
#ifndef EXT2_LAYOUT_H
#define EXT2_LAYOUT_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "ext2 reads its structures as they lie on the disk, on little-endian hosts"
#endif

#define EXT2_MAGIC        0xef53u
#define EXT2_SUPER_OFFSET 1024u /* bytes from the start of the disk */
#define EXT2_SUPER_BYTES  1024u

/* The superblock. */
struct disk_super {
    uint32_t inodes_count;
    uint32_t blocks_count;
    uint32_t reserved_blocks;
    uint32_t free_blocks;
    uint32_t free_inodes;
    uint32_t first_data_block;
    uint32_t log_block_size; /* block bytes are 1024 << this */
    uint32_t log_fragment_size;
    uint32_t blocks_per_group;
    uint32_t fragments_per_group;
    uint32_t inodes_per_group;
    uint32_t mount_time;
    uint32_t write_time;
    uint16_t mount_count;
    uint16_t max_mount_count;
    uint16_t magic;
    uint16_t state; /* STATE_* */
    uint16_t errors;
    uint16_t minor_revision;
    uint32_t last_check;
    uint32_t check_interval;
    uint32_t creator_os;
    uint32_t revision;
    uint16_t reserved_uid;
    uint16_t reserved_gid;
    /* from here on only revision 1 */
    uint32_t first_inode;
    uint16_t inode_size;
    uint16_t group_number;
    uint32_t compatible;
    uint32_t incompatible;
    uint32_t read_only_compatible;
    uint8_t uuid[16];
    char label[16];
    char last_mounted[64];
    uint8_t unused[0x24c - 0xc8];
    uint32_t backup_groups[2]; /* COMPATIBLE_SPARSE_SUPER2: who has a backup */
    uint8_t rest[EXT2_SUPER_BYTES - 0x254];
};
_Static_assert (sizeof (struct disk_super) == EXT2_SUPER_BYTES, "superblock");

enum {
    STATE_CLEAN  = 1, /* was unmounted */
    STATE_ERRORS = 2, /* something did not fit together */
};

enum {
    COMPATIBLE_SPARSE_SUPER2 = 0x200,

    INCOMPATIBLE_FILETYPE  = 0x2, /* directory entries know the type */
    INCOMPATIBLE_SUPPORTED = INCOMPATIBLE_FILETYPE,

    READ_ONLY_SPARSE_SUPER = 0x1, /* backups only in groups 0, 1 and powers of 3, 5, 7 */
    READ_ONLY_LARGE_FILE   = 0x2, /* there may be files of 2 GiB and more */
    READ_ONLY_SUPPORTED    = READ_ONLY_SPARSE_SUPER | READ_ONLY_LARGE_FILE,
};

/* What there is to know of a group of blocks. */
struct disk_group {
    uint32_t block_bitmap; /* a block's number */
    uint32_t inode_bitmap; /* a block's number */
    uint32_t inode_table;  /* the first block's number */
    uint16_t free_blocks;
    uint16_t free_inodes;
    uint16_t directories;
    uint16_t flags;
    uint8_t unused[12];
};
_Static_assert (sizeof (struct disk_group) == 32, "group descriptor");

#define EXT2_DIRECT 12u /* block numbers in the inode itself; then one of each depth */
#define EXT2_INODE_BYTES 128u /* of the part that every revision has */

struct disk_inode {
    uint16_t mode; /* type and permission bits, as S_IF* */
    uint16_t uid_low;
    uint32_t size_low;
    uint32_t atime;
    uint32_t ctime;
    uint32_t mtime;
    uint32_t dtime; /* when it was freed; 0 while it is used */
    uint16_t gid_low;
    uint16_t links;
    uint32_t sectors; /* of 512 bytes, the map's own blocks included */
    uint32_t flags;   /* INODE_* */
    uint32_t os1;
    uint32_t block[EXT2_DIRECT + 3];
    uint32_t generation;
    uint32_t attribute_block; /* of extended attributes, shared by counting; 0: none */
    uint32_t size_high;       /* regular files */
    uint32_t fragment;
    uint16_t os2[2];
    uint16_t uid_high;
    uint16_t gid_high;
    uint32_t os3;
};
_Static_assert (sizeof (struct disk_inode) == EXT2_INODE_BYTES, "inode");

/* What follows it where inodes are larger: fractions of seconds, as newer systems write them
 * there. */
struct disk_extra {
    uint16_t bytes; /* of the larger part that mean something */
    uint16_t checksum;
    uint32_t ctime; /* EXTRA_* */
    uint32_t mtime;
    uint32_t atime;
};
#define EXT2_EXTRA_BYTES 32u /* that others claim, and so do we: when it was made, too */

enum {
    EXTRA_EPOCH      = 3, /* how often 2^32 seconds are to be added */
    EXTRA_NANOSECOND = 2, /* the shift of nanoseconds */
};

enum {
    INODE_ROOT = 2,
    INODE_FIRST_OLD = 11, /* revision 0: the first that is not reserved */

    INODE_IMMUTABLE = 0x10,
    INODE_INDEX     = 0x1000, /* the directory has a hash tree, which changes here break */
    /* content that is not where ext2 keeps it, though no feature says so: damage */
    INODE_FOREIGN = 0x80000 | 0x10000000 | 0x800, /* extents, inline data, encryption */

    MODE_TYPE      = 0170000,
    MODE_PIPE      = 0010000,
    MODE_CHARACTER = 0020000,
    MODE_DIRECTORY = 0040000,
    MODE_BLOCK     = 0060000,
    MODE_REGULAR   = 0100000,
    MODE_LINK      = 0120000,
    MODE_SOCKET    = 0140000,

    LINKS_MAX = 32000,
};

/* A directory is a chain of these, which fills each of its blocks. */
struct disk_entry {
    uint32_t inode;      /* 0: free room */
    uint16_t entry_bytes;
    uint8_t name_bytes;
    uint8_t type;        /* 0 without INCOMPATIBLE_FILETYPE */
    /* then the name, and room up to entry_bytes */
};
_Static_assert (sizeof (struct disk_entry) == 8, "directory entry");

/* The start of a block of extended attributes. */
struct disk_attributes {
    uint32_t magic;
    uint32_t references; /* inodes that share the block */
};

#define EXT2_ATTRIBUTES_MAGIC 0xea020000u

#endif
