/* vnode: the nodes that this component refers to, each known once, and their holds. */
#include "vfs.h"

static struct vnode **
vfs_vnode_bucket (struct vfs *vfs, const struct mount *mount, uint64_t number)
{
    uint64_t hash = (number ^ (uint64_t)mount->id << 40) * 0x9e3779b97f4a7c15u;

    return &vfs->vnodes[hash >> 32 & (vfs->vnode_buckets - 1)];
}

/* Twice the buckets, if there is memory; without, the chains grow longer. */
static void
vfs_vnode_grow (Component *self)
{
    struct vfs *vfs      = component_state (self);
    struct vnode **old   = vfs->vnodes;
    uint32_t count       = vfs->vnode_buckets;
    uint32_t more        = count != 0 ? count * 2 : 64;
    struct vnode **table = component_alloc (self, more * sizeof *table);

    if (table == NULL)
        return;
    vfs->vnodes        = table;
    vfs->vnode_buckets = more;
    for (uint32_t i = 0; i < count; i++)
        for (struct vnode *vnode = old[i], *next; vnode != NULL; vnode = next) {
            struct vnode **at = vfs_vnode_bucket (vfs, vnode->mount, vnode->number);
            next              = vnode->next;
            vnode->next       = *at;
            *at               = vnode;
        }
    if (old != NULL)
        component_free (self, old);
}

static void
vfs_vnode_release (Link *link, uint64_t number, uint32_t holds)
{
    struct fs_release_req release = { .node = number, .holds = holds };
    struct fs_release_rep released;

    fs_release (link, &release, &released);
}

enum status
vfs_vnode_get (Component *self, struct mount *mount, const struct file_attr *attr,
               struct vnode **out)
{
    struct vfs *vfs = component_state (self);
    struct vnode **at, *vnode;

    if (vfs->vnode_count >= vfs->vnode_buckets)
        vfs_vnode_grow (self);
    if (vfs->vnode_buckets != 0) {
        at = vfs_vnode_bucket (vfs, mount, attr->node);
        for (vnode = *at; vnode != NULL; vnode = vnode->next)
            if (vnode->mount == mount && vnode->number == attr->node) {
                vnode->holds++;
                *out = vfs_vnode_ref (vnode);
                return OK;
            }
        vnode = component_alloc (self, sizeof *vnode);
        if (vnode != NULL) {
            vnode->mount  = mount;
            vnode->number = attr->node;
            vnode->refs   = 1;
            vnode->holds  = 1;
            vnode->type   = attr->type;
            vnode->mode   = attr->mode;
            vnode->uid    = attr->uid;
            vnode->gid    = attr->gid;
            vnode->device = attr->device;
            vnode->next   = *at;
            *at           = vnode;
            mount->vnodes++;
            vfs->vnode_count++;
            *out = vnode;
            return OK;
        }
    }
    vfs_vnode_release (mount->link, attr->node, 1);
    return ERR_NO_MEMORY;
}

struct vnode *
vfs_vnode_ref (struct vnode *vnode)
{
    if (vnode != NULL)
        vnode->refs++;
    return vnode;
}

void
vfs_vnode_put (Component *self, struct vnode *vnode)
{
    struct vfs *vfs = component_state (self);
    struct vnode **at, *above;

    for (; vnode != NULL && --vnode->refs == 0; vnode = above) {
        for (at = vfs_vnode_bucket (vfs, vnode->mount, vnode->number); *at != vnode;
             at = &(*at)->next)
            ;
        *at = vnode->next;
        vfs->vnode_count--;
        /* The mount counts it until the file system has it back: unmount must not overtake. */
        vfs_vnode_release (vnode->mount->link, vnode->number, vnode->holds);
        vnode->mount->vnodes--;
        above = vnode->was_in;
        component_free (self, vnode);
    }
}

void
vfs_vnode_left (struct vnode *dir, struct vnode *parent)
{
    struct fs_stat_req stat = { .node = dir->number };
    struct fs_stat_rep known;

    if (dir->refs > 1 && fs_stat (dir->mount->link, &stat, &known) == OK && known.attr.links == 0
        && dir->was_in == NULL)
        dir->was_in = vfs_vnode_ref (parent);
}

enum status
vfs_vnode_child (Component *self, struct vnode *dir, const char *name, uint32_t name_bytes,
                 struct vnode **child)
{
    struct fs_lookup_req lookup = {
        .dir  = dir->number,
        .from = { .data = (void *)name, .length = name_bytes },
    };
    struct fs_lookup_rep found;
    enum status status = fs_lookup (dir->mount->link, &lookup, &found);

    return status == OK ? vfs_vnode_get (self, dir->mount, &found.attr, child) : status;
}

enum status
vfs_vnode_above (Component *self, struct vnode *dir, struct vnode **above)
{
    struct vnode *at = dir;
    struct fs_parent_req parent;
    struct fs_parent_rep found;
    enum status status;

    while (at == at->mount->root && at->mount->covers != NULL)
        at = at->mount->covers;
    if (at == at->mount->root) {
        *above = vfs_vnode_cross (self, vfs_vnode_ref (at));
        return OK;
    }
    if (at->was_in != NULL) {
        *above = vfs_vnode_ref (at->was_in);
        return OK;
    }
    /* `dir` is referenced by the caller and keeps every mount on the way. */
    parent.dir = at->number;
    status     = fs_parent (at->mount->link, &parent, &found);
    if (status == OK)
        status = vfs_vnode_get (self, at->mount, &found.attr, above);
    if (status == OK)
        *above = vfs_vnode_cross (self, *above);
    return status;
}

struct vnode *
vfs_vnode_cross (Component *self, struct vnode *vnode)
{
    while (vnode->mounted != NULL) {
        struct vnode *root = vfs_vnode_ref (vnode->mounted->root);
        vfs_vnode_put (self, vnode); /* not the last: the mount refers to it */
        vnode = root;
    }
    return vnode;
}

enum status
vfs_vnode_device (Component *self, const struct vnode *vnode, Link **link, uint64_t *number)
{
    struct vfs *vfs = component_state (self);

    *link   = vnode->mount->devices ? vnode->mount->link : vfs->devices;
    *number = vnode->mount->devices ? vnode->number : vnode->device;
    return *link != NULL ? OK : ERR_NO_DEVICE;
}

enum status
vfs_vnode_allow (const struct actor *actor, const struct vnode *vnode, uint32_t mask)
{
    uint32_t mode = vnode->mode;

    if (actor->uid == 0) {
        bool executable = vnode->type == FILE_TYPE_DIRECTORY || (mode & 0111) != 0;
        return (mask & 1) && !executable ? ERR_ACCESS : OK;
    }
    if (actor->uid == vnode->uid)
        mode >>= 6;
    else if (vfs_actor_is_of (actor, vnode->gid))
        mode >>= 3;
    return (mask & ~mode & 7) == 0 ? OK : ERR_ACCESS;
}

bool
vfs_vnode_is_device (const struct vnode *vnode)
{
    return vnode->type == FILE_TYPE_CHARACTER || vnode->type == FILE_TYPE_BLOCK;
}
