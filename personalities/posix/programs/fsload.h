/* fsload: the model of what was done to the files, kept in memory. */
#ifndef POSIX_FSLOAD_H
#define POSIX_FSLOAD_H

#include "programs.h"

#define FSLOAD_PAGE       4096u
#define FSLOAD_ENTRIES    96
#define FSLOAD_DEPTH      4    /* directories below the root of the tree */
#define FSLOAD_PAGES_MAX  1024 /* of all files together: what the model holds */
#define FSLOAD_SIZE_SMALL 65536u
#define FSLOAD_SIZE_MAX   (6u << 20) /* into double indirection with any size of block */

/* What a file holds: pages that were never written are zeros. */
struct fsload_node {
    uint64_t size;
    uint8_t **pages;
    uint32_t page_room;
    uint32_t links;
    char *target; /* of a symbolic link */
};

/* A name. Entry 0 is the root of the tree. */
struct fsload_entry {
    uint32_t type; /* enum file_type; 0: not in use */
    int parent;
    struct fsload_node *node; /* NULL: a directory */
    char name[16];
};

struct fsload {
    struct load load;
    const char *root;
    struct fsload_entry entries[FSLOAD_ENTRIES];
    uint32_t names_made;
    uint32_t pages;  /* held by all nodes */
    uint8_t *buffer; /* FSLOAD_PAGE * 4 bytes */
    uint8_t *wanted;
    char *path, *path2; /* FILE_PATH_MAX bytes */
    uint64_t operation; /* the present one, from 1 */
    uint64_t counts[16];
    uint64_t full; /* operations refused because the device was full */
    bool failed;
};

#define FSLOAD_BUFFER (FSLOAD_PAGE * 4)

/* fsload_model.c */
int fsload_entry_new (struct fsload *run, int parent, uint32_t type); /* -1: no room */
void fsload_entry_free (struct fsload *run, int entry);
int fsload_pick (struct fsload *run, uint32_t type); /* at random; 0 type: any; -1: none */
bool fsload_empty (const struct fsload *run, int directory);
int fsload_depth (const struct fsload *run, int entry);
int fsload_height (const struct fsload *run, int entry); /* levels below */
bool fsload_inside (const struct fsload *run, int entry, int directory);
int fsload_child (const struct fsload *run, int directory, const char *name);
void fsload_path (const struct fsload *run, int entry, char *path);
struct fsload_node *fsload_node_new (struct fsload *run);
void fsload_node_drop (struct fsload *run, struct fsload_node *node);
void fsload_node_write (struct fsload *run, struct fsload_node *node, uint64_t offset,
                        const uint8_t *data, uint32_t bytes);
void fsload_node_read (const struct fsload_node *node, uint64_t offset, uint8_t *data,
                       uint32_t bytes);
void fsload_node_resize (struct fsload *run, struct fsload_node *node, uint64_t size);
/* Says what went wrong, with the seed and the operation. Always false. */
bool fsload_wrong (struct fsload *run, const char *format, ...) LIB_PRINTF (2, 3);

/* fsload_check.c: false, and said so, if a file or directory is not as the model has it. */
bool fsload_check_file (struct fsload *run, int entry);
bool fsload_check_directory (struct fsload *run, int entry);
bool fsload_check_all (struct fsload *run);

#endif
