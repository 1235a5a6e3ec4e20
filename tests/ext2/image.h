/* image: file system images by the host's mke2fs, and what e2fsck and debugfs say of them. */
#ifndef TESTS_EXT2_IMAGE_H
#define TESTS_EXT2_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "../solo/solo.h"

/* An image, and the machine that has it as its disk. */
struct image {
    uint8_t *bytes;
    uint64_t byte_count;
    char path[64];    /* of the file that the host's tools see */
    Component *disk, *ext2, *log;
    Link *fs;
    uint64_t root;    /* held since image_mount */
    bool read_only;   /* as mount answered */
};

/* Runs a command of the host; answers its exit status. Its output goes to *output (the
 * caller's to free) if that is not NULL. */
int image_command (char **output, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* An image of that many KiB, made by `mke2fs ARGUMENTS`. */
void image_make (struct image *image, unsigned kib, const char *arguments);
void image_free (struct image *image); /* the machine as well, if there is one */

/* The bytes in memory to the file that the tools see. */
void image_store (struct image *image);
/* Stores it, then asserts that `e2fsck -fn` finds nothing. */
void image_check (struct image *image);
/* Stores it, then `debugfs -R COMMAND`; the output is the caller's to free. */
char *image_debugfs (struct image *image, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

/* A machine of disk, log and ext2 with a cache of that many blocks. */
void image_boot (struct image *image, const char *cache_blocks);
enum status image_mount (struct image *image, bool read_only);
/* Gives the root back, unmounts, ends the machine. */
void image_unmount (struct image *image);
/* Stops the component as the end of a machine does, whatever is held; ends the machine. */
void image_stop (struct image *image);

/* ---- the calls, with the arguments that tests have ---- */

enum status image_lookup (struct image *image, uint64_t dir, const char *name,
                          struct file_attr *attr);
enum status image_create (struct image *image, uint64_t dir, const char *name, uint32_t type,
                          struct file_attr *attr);
enum status image_symlink (struct image *image, uint64_t dir, const char *name,
                           const char *text);
enum status image_link (struct image *image, uint64_t dir, uint64_t node, const char *name);
enum status image_remove (struct image *image, uint64_t dir, const char *name,
                          bool directory);
enum status image_rename (struct image *image, uint64_t dir, const char *name,
                          uint64_t new_dir, const char *new_name);
void image_release (struct image *image, uint64_t node);
enum status image_stat (struct image *image, uint64_t node, struct file_attr *attr);
enum status image_resize (struct image *image, uint64_t node, uint64_t size);
enum status image_read (struct image *image, uint64_t node, uint64_t offset, void *into,
                        uint32_t length, uint32_t *done);
enum status image_write (struct image *image, uint64_t node, uint64_t offset,
                         const void *from, uint32_t length, uint32_t *done);
enum status image_readlink (struct image *image, uint64_t node, char *into, uint32_t length,
                            uint32_t *done);
enum status image_entries (struct image *image, uint64_t dir, uint64_t cursor, void *into,
                           uint32_t length, uint32_t *done);
enum status image_sync (struct image *image);
enum status image_statfs (struct image *image, struct fs_statfs_rep *rep);

/* The node at a path from the root, held; 0: there is none. */
uint64_t image_walk (struct image *image, const char *path);

#endif
