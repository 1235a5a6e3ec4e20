/* names: the handlers that change which name leads where.
 *
 * Each of them holds fs->names, so what it has looked up stays true until it is done; readers
 * may come between its steps, and see both names of what is being moved, never neither.
 */
#include <string.h>

#include "ext2.h"

enum status
ext2_name_check (const char *name, size_t bytes)
{
    if (bytes > FILE_NAME_MAX)
        return ERR_NAME_TOO_LONG;
    if (bytes == 0 || memchr (name, '/', bytes) != NULL || memchr (name, 0, bytes) != NULL)
        return ERR_INVALID;
    if (name[0] == '.' && (bytes == 1 || (bytes == 2 && name[1] == '.')))
        return ERR_INVALID;
    return OK;
}

/* Into the directory `number`, to change the name. OK: inside, *dir pinned, names locked. */
enum status
ext2_names_enter (Component *self, uint64_t number, const char *name, size_t bytes,
                  struct node **dir)
{
    struct ext2 *fs    = component_state (self);
    enum status status = ext2_enter_node (self, number, dir);

    if (status != OK)
        return status;
    if (!ext2_is_directory (*dir))
        status = ERR_NOT_DIRECTORY;
    else
        status = ext2_inode_writable (fs, *dir);
    if (status == OK)
        status = ext2_name_check (name, bytes);
    if (status != OK)
        return ext2_leave (fs, *dir, status);
    component_lock (self, &fs->names);
    return OK;
}

enum status
ext2_names_leave (struct ext2 *fs, struct node *dir, enum status status)
{
    component_unlock (fs->self, &fs->names);
    return ext2_leave (fs, dir, status);
}

/* OK: the name is free in the directory, and may be added. */
static enum status
name_is_free (struct ext2 *fs, struct node *dir, const char *name, uint32_t bytes)
{
    uint32_t number;
    enum status status = ext2_dir_find (fs, dir, name, bytes, &number);

    if (status == OK)
        return ERR_EXISTS;
    if (status == ERR_NOT_FOUND && dir->links > 0)
        return OK;
    return status;
}

/* Gives up a node that has just been made and got no name. */
static void
unmake (struct ext2 *fs, struct node *node)
{
    node->links = 0;
    ext2_inode_put (fs, node);
}

/* ---- create, symlink, link ---- */

static uint16_t
mode_of_type (uint32_t type)
{
    switch (type) {
    case FILE_TYPE_REGULAR:
        return MODE_REGULAR;
    case FILE_TYPE_DIRECTORY:
        return MODE_DIRECTORY;
    case FILE_TYPE_CHARACTER:
        return MODE_CHARACTER;
    case FILE_TYPE_BLOCK:
        return MODE_BLOCK;
    case FILE_TYPE_PIPE:
        return MODE_PIPE;
    case FILE_TYPE_SOCKET:
        return MODE_SOCKET;
    default:
        return 0;
    }
}

/* A new node of a type other than a link, complete but for its name. */
static enum status
make_node (struct ext2 *fs, struct node *dir, const struct fs_create_req *req,
           struct node **made)
{
    uint16_t mode = (uint16_t)(mode_of_type (req->type) | (req->mode & 07777));
    struct node *node;
    enum status status;

    if (req->type == FILE_TYPE_DIRECTORY && dir->links >= LINKS_MAX)
        return ERR_TOO_MANY_LINKS;
    status = ext2_inode_make (fs, dir, mode, req->uid, req->gid, &node);
    if (status != OK)
        return status;
    if (req->type == FILE_TYPE_CHARACTER || req->type == FILE_TYPE_BLOCK) {
        /* numbers of 16 bits where they have always been, larger ones beside it */
        node->block[req->device > UINT16_MAX] = req->device;
    } else if (req->type == FILE_TYPE_DIRECTORY) {
        node->links = 2;
        status      = ext2_dir_init (fs, node, dir);
    }
    if (status == OK)
        status = ext2_inode_update (fs, node);
    if (status != OK)
        unmake (fs, node);
    else
        *made = node;
    return status;
}

enum status
ext2_create (Component *self, struct call *call, const struct fs_create_req *req,
             struct fs_create_rep *rep)
{
    struct ext2 *fs  = component_state (self);
    const char *name = req->from.data;
    struct node *dir;
    struct node *node  = NULL;
    enum status status = ext2_names_enter (self, req->dir, name, req->from.length, &dir);

    (void)call;
    if (status != OK)
        return status;
    status = mode_of_type (req->type) == 0 ? ERR_INVALID
                                           : name_is_free (fs, dir, name, req->from.length);
    if (status == OK)
        status = make_node (fs, dir, req, &node);
    if (status != OK)
        return ext2_names_leave (fs, dir, status);
    status = ext2_dir_add (fs, dir, name, req->from.length, node);
    if (status == OK && req->type == FILE_TYPE_DIRECTORY) {
        dir->links++;
        status = ext2_inode_update (fs, dir);
    }
    if (status == OK) {
        ext2_inode_hold (fs, node);
        ext2_inode_attr (fs, node, &rep->attr);
        ext2_inode_put (fs, node);
    } else {
        unmake (fs, node);
    }
    return ext2_names_leave (fs, dir, status);
}

enum status
ext2_symlink (Component *self, struct call *call, const struct fs_symlink_req *req,
              struct fs_symlink_rep *rep)
{
    struct ext2 *fs  = component_state (self);
    const char *name = req->from.data;
    struct node *dir;
    struct node *node;
    enum status status;

    (void)call;
    (void)rep;
    if (req->name_bytes > req->from.length)
        return ERR_INVALID;
    status = ext2_names_enter (self, req->dir, name, req->name_bytes, &dir);
    if (status != OK)
        return status;
    const char *text = name + req->name_bytes;
    uint32_t bytes   = req->from.length - req->name_bytes;
    if (bytes == 0 || memchr (text, 0, bytes) != NULL)
        status = ERR_INVALID;
    else if (bytes >= fs->block_bytes)
        status = ERR_NAME_TOO_LONG;
    else
        status = name_is_free (fs, dir, name, req->name_bytes);
    if (status == OK)
        status = ext2_inode_make (fs, dir, MODE_LINK | 0777, req->uid, req->gid, &node);
    if (status != OK)
        return ext2_names_leave (fs, dir, status);
    status = ext2_link_write (fs, node, text, bytes);
    if (status == OK)
        status = ext2_dir_add (fs, dir, name, req->name_bytes, node);
    if (status == OK)
        ext2_inode_put (fs, node);
    else
        unmake (fs, node);
    return ext2_names_leave (fs, dir, status);
}

enum status
ext2_link (Component *self, struct call *call, const struct fs_link_req *req,
           struct fs_link_rep *rep)
{
    struct ext2 *fs  = component_state (self);
    const char *name = req->from.data;
    struct node *dir;
    enum status status = ext2_names_enter (self, req->dir, name, req->from.length, &dir);

    (void)call;
    (void)rep;
    if (status != OK)
        return status;
    struct node *node = ext2_inode_held (fs, req->node);
    if (node == NULL)
        return ext2_names_leave (fs, dir, ERR_STALE);
    node->pins++;
    if (ext2_is_directory (node))
        status = ERR_NOT_PERMITTED;
    else if (node->links == 0)
        status = ERR_NOT_FOUND;
    else if (node->links >= LINKS_MAX)
        status = ERR_TOO_MANY_LINKS;
    else
        status = ext2_inode_writable (fs, node);
    if (status == OK)
        status = name_is_free (fs, dir, name, req->from.length);
    if (status == OK) {
        node->links++; /* first, so that a crash between leaves one too many, not too few */
        node->ctime = ext2_now (fs);
        status      = ext2_inode_update (fs, node);
        if (status == OK)
            status = ext2_dir_add (fs, dir, name, req->from.length, node);
        if (status != OK) {
            node->links--;
            ext2_inode_update (fs, node);
        }
    }
    ext2_inode_put (fs, node);
    return ext2_names_leave (fs, dir, status);
}

/* ---- remove ---- */

/* `node` has lost a name in `dir`: its last one, if it is a directory. */
enum status
ext2_name_lost (struct ext2 *fs, struct node *dir, struct node *node)
{
    enum status status = OK;

    if (ext2_is_directory (node)) {
        node->links = 0;
        if (dir->links > 2)
            dir->links--;
        status = ext2_inode_update (fs, dir);
    } else if (node->links > 0) {
        node->links--;
    }
    node->ctime         = ext2_now (fs);
    enum status updated = ext2_inode_update (fs, node);
    return status == OK ? updated : status;
}

enum status
ext2_remove (Component *self, struct call *call, const struct fs_remove_req *req,
             struct fs_remove_rep *rep)
{
    struct ext2 *fs  = component_state (self);
    const char *name = req->from.data;
    struct node *dir;
    struct node *node;
    bool empty;
    enum status status = ext2_names_enter (self, req->dir, name, req->from.length, &dir);

    (void)call;
    (void)rep;
    if (status != OK)
        return status;
    status = ext2_dir_lookup (fs, dir, name, req->from.length, &node);
    if (status != OK)
        return ext2_names_leave (fs, dir, status);
    if (!ext2_is_directory (node) && req->directory)
        status = ERR_NOT_DIRECTORY;
    else if (ext2_is_directory (node) && !req->directory)
        status = ERR_IS_DIRECTORY;
    else if (node->number == INODE_ROOT)
        status = ext2_corrupt (fs, "the root in directory", dir->number);
    else
        status = ext2_inode_writable (fs, node);
    if (status == OK && req->directory) {
        status = ext2_dir_is_empty (fs, node, &empty);
        if (status == OK && !empty)
            status = ERR_NOT_EMPTY;
    }
    if (status == OK)
        status = ext2_dir_remove (fs, dir, name, req->from.length);
    if (status == OK)
        status = ext2_name_lost (fs, dir, node);
    ext2_inode_put (fs, node);
    return ext2_names_leave (fs, dir, status);
}
