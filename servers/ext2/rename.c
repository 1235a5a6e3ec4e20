/* rename: a name moves, or two trade what they name. As for all that changes names: names.c. */
#include "ext2.h"

/* One rename under way. */
struct move {
    struct node *dir, *new_dir; /* pinned */
    struct node *node;          /* what is moved; pinned */
    struct node *old;           /* what is there now; pinned, or NULL */
    const char *name, *new_name;
    uint32_t name_bytes, new_name_bytes;
    enum rename_how how;
};

/* OK: `node` is not `at`, and not above it. A walk longer than there are inodes is a circle. */
static enum status
check_not_above (struct ext2 *fs, const struct node *node, struct node *at)
{
    enum status status = OK;

    at->pins++;
    for (uint32_t steps = 0; status == OK; steps++) {
        struct node *parent;
        if (at == node)
            status = ERR_INVALID;
        else if (at->number == INODE_ROOT)
            break;
        else if (!ext2_is_directory (at) || steps > fs->inodes_count)
            status = ext2_corrupt (fs, "no way to the root from directory", at->number);
        else
            status = ext2_dir_lookup (fs, at, "..", 2, &parent);
        if (status == OK) {
            ext2_inode_put (fs, at);
            at = parent;
        }
    }
    ext2_inode_put (fs, at);
    return status;
}

/* Whether what is there now may be replaced, as rename(2) has it. */
static enum status
check_replaceable (struct ext2 *fs, const struct move *move)
{
    bool empty = true;
    enum status status;

    if (ext2_is_directory (move->node) && !ext2_is_directory (move->old))
        return ERR_NOT_DIRECTORY;
    if (!ext2_is_directory (move->node) && ext2_is_directory (move->old))
        return ERR_IS_DIRECTORY;
    if (move->old->number == INODE_ROOT)
        return ext2_corrupt (fs, "the root in directory", move->new_dir->number);
    status = ext2_inode_writable (fs, move->old);
    if (status == OK && ext2_is_directory (move->old))
        status = ext2_dir_is_empty (fs, move->old, &empty);
    return status == OK && !empty ? ERR_NOT_EMPTY : status;
}

static enum status
move_check (struct ext2 *fs, struct move *move)
{
    bool across        = move->dir != move->new_dir;
    bool directory     = ext2_is_directory (move->node);
    enum status status = ext2_inode_writable (fs, move->node);

    if (status == OK && move->new_dir->links == 0)
        status = ERR_NOT_FOUND;
    if (status == OK && directory)
        status = check_not_above (fs, move->node, move->new_dir);
    if (status == OK && move->old != NULL)
        status = check_replaceable (fs, move);
    if (status == OK && directory && across && move->old == NULL
        && move->new_dir->links >= LINKS_MAX)
        status = ERR_TOO_MANY_LINKS;
    return status;
}

/* The new name comes first, then the old one goes: a crash between leaves two names. */
static enum status
move_do (struct ext2 *fs, struct move *move)
{
    bool across = move->dir != move->new_dir;
    enum status status;

    if (move->old != NULL)
        status = ext2_dir_replace (fs, move->new_dir, move->new_name, move->new_name_bytes,
                                   move->node);
    else
        status = ext2_dir_add (fs, move->new_dir, move->new_name, move->new_name_bytes,
                               move->node);
    if (status == OK && move->old != NULL)
        status = ext2_name_lost (fs, move->new_dir, move->old);
    if (status == OK)
        status = ext2_dir_remove (fs, move->dir, move->name, move->name_bytes);
    if (status == OK && ext2_is_directory (move->node) && across) {
        status = ext2_dir_replace (fs, move->node, "..", 2, move->new_dir);
        move->new_dir->links++;
        if (move->dir->links > 2)
            move->dir->links--;
        if (status == OK)
            status = ext2_inode_update (fs, move->new_dir);
        if (status == OK)
            status = ext2_inode_update (fs, move->dir);
    }
    if (status == OK) {
        move->node->ctime = ext2_now (fs);
        status            = ext2_inode_update (fs, move->node);
    }
    return status;
}

/* ---- two names trade what they name ---- */

static enum status
swap_check (struct ext2 *fs, struct move *move)
{
    bool from = ext2_is_directory (move->node), to = ext2_is_directory (move->old);
    enum status status = ext2_inode_writable (fs, move->node);

    if (status == OK)
        status = ext2_inode_writable (fs, move->old);
    if (status == OK && from)
        status = check_not_above (fs, move->node, move->new_dir);
    if (status == OK && to)
        status = check_not_above (fs, move->old, move->dir);
    if (status == OK && move->dir != move->new_dir && from != to
        && (from ? move->new_dir : move->dir)->links >= LINKS_MAX)
        status = ERR_TOO_MANY_LINKS;
    return status;
}

/* A directory that has come from another one. */
static enum status
swap_parent (struct ext2 *fs, struct node *node, struct node *from, struct node *to)
{
    enum status status = OK;

    if (ext2_is_directory (node) && from != to) {
        status = ext2_dir_replace (fs, node, "..", 2, to);
        to->links++;
        if (from->links > 2)
            from->links--;
    }
    node->ctime         = ext2_now (fs);
    enum status updated = ext2_inode_update (fs, node);
    return status == OK ? updated : status;
}

/* A crash between leaves one of them with two names, the other with none. */
static enum status
swap_do (struct ext2 *fs, struct move *move)
{
    enum status status = ext2_dir_replace (fs, move->new_dir, move->new_name,
                                           move->new_name_bytes, move->node);

    if (status == OK)
        status = ext2_dir_replace (fs, move->dir, move->name, move->name_bytes, move->old);
    if (status == OK)
        status = swap_parent (fs, move->node, move->dir, move->new_dir);
    if (status == OK)
        status = swap_parent (fs, move->old, move->new_dir, move->dir);
    if (status == OK)
        status = ext2_inode_update (fs, move->dir);
    return status == OK ? ext2_inode_update (fs, move->new_dir) : status;
}

static enum status
move_or_swap (struct ext2 *fs, struct move *move)
{
    bool swap = move->how == RENAME_SWAP;
    enum status status;

    if (swap && move->old == NULL)
        return ERR_NOT_FOUND;
    if (move->how == RENAME_KEEP && move->old != NULL)
        return ERR_EXISTS;
    if (move->old == move->node)
        return OK;
    status = swap ? swap_check (fs, move) : move_check (fs, move);
    if (status != OK)
        return status;
    return swap ? swap_do (fs, move) : move_do (fs, move);
}

/* Both names looked up and the move made; the directories are pinned, names are locked. */
static enum status
move_names (struct ext2 *fs, struct move *move)
{
    enum status status =
        ext2_dir_lookup (fs, move->dir, move->name, move->name_bytes, &move->node);

    if (status != OK)
        return status;
    status = ext2_dir_lookup (fs, move->new_dir, move->new_name, move->new_name_bytes,
                              &move->old);
    if (status == ERR_NOT_FOUND) {
        move->old = NULL;
        status    = OK;
    }
    if (status == OK)
        status = move_or_swap (fs, move);
    if (move->old != NULL)
        ext2_inode_put (fs, move->old);
    ext2_inode_put (fs, move->node);
    return status;
}

enum status
ext2_rename (Component *self, struct call *call, const struct fs_rename_req *req,
             struct fs_rename_rep *rep)
{
    struct ext2 *fs  = component_state (self);
    struct move move
        = { .name = req->from.data, .name_bytes = req->name_bytes, .how = req->how };
    enum status status;

    (void)call;
    (void)rep;
    if (req->name_bytes > req->from.length || req->how > RENAME_SWAP)
        return ERR_INVALID;
    move.new_name       = move.name + req->name_bytes;
    move.new_name_bytes = req->from.length - req->name_bytes;
    status = ext2_names_enter (self, req->dir, move.name, move.name_bytes, &move.dir);
    if (status != OK)
        return status;
    move.new_dir = ext2_inode_held (fs, req->new_dir);
    if (move.new_dir == NULL)
        return ext2_names_leave (fs, move.dir, ERR_STALE);
    move.new_dir->pins++;
    if (!ext2_is_directory (move.new_dir))
        status = ERR_NOT_DIRECTORY;
    else
        status = ext2_inode_writable (fs, move.new_dir);
    if (status == OK)
        status = ext2_name_check (move.new_name, move.new_name_bytes);
    if (status == OK)
        status = move_names (fs, &move);
    ext2_inode_put (fs, move.new_dir);
    return ext2_names_leave (fs, move.dir, status);
}
