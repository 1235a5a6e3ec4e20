/* mount: file systems at places in the tree. */
#include <string.h>

#include "../text.h"
#include "vfs.h"

static const struct mount *
vfs_mount_of (const struct vfs *vfs, const char *component)
{
    for (const struct mount *mount = vfs->mounts; mount != NULL; mount = mount->next)
        if (strcmp (link_name (mount->link), component) == 0)
            return mount;
    return NULL;
}

static enum status
vfs_mount_unmount (Link *link)
{
    struct fs_unmount_req unmount = {};
    struct fs_unmount_rep unmounted;

    return fs_unmount (link, &unmount, &unmounted);
}

static void
vfs_mount_release (Link *link, uint64_t node, uint32_t holds)
{
    struct fs_release_req release = { .node = node, .holds = holds };
    struct fs_release_rep released;

    fs_release (link, &release, &released);
}

/* Asks for the root; unless its number stays 0 the file system holds it once for us. */
static enum status
vfs_mount_ask (struct mount *mount, bool read_only, struct file_attr *root)
{
    struct fs_describe_req describe = {};
    struct fs_describe_rep described;
    struct fs_mount_req ask = { .read_only = read_only };
    struct fs_mount_rep given;
    struct fs_stat_req stat;
    struct fs_stat_rep known;
    enum status status = fs_describe (mount->link, &describe, &described);

    if (status == OK)
        status = fs_mount (mount->link, &ask, &given);
    if (status != OK)
        return status;
    described.type[sizeof described.type - 1]     = '\0';
    described.source[sizeof described.source - 1] = '\0';
    text_copy (mount->type, sizeof mount->type, described.type);
    text_copy (mount->source, sizeof mount->source,
               described.source[0] != '\0' ? described.source : link_name (mount->link));
    mount->read_only = given.read_only != 0;
    mount->devices   = strcmp (described.type, "devfs") == 0;
    stat.node        = given.root;
    status           = fs_stat (mount->link, &stat, &known);
    if (status != OK)
        memset (&known.attr, 0, sizeof known.attr); /* the root all the same, to be released */
    *root      = known.attr;
    root->node = given.root;
    root->type = FILE_TYPE_DIRECTORY;
    return status;
}

static void
vfs_mount_append (struct vfs *vfs, struct mount *mount)
{
    struct mount **at = &vfs->mounts;

    while (*at != NULL)
        at = &(*at)->next;
    *at = mount;
    if (mount->covers != NULL) {
        mount->covers->mounted = mount;
        vfs_vnode_ref (mount->covers);
    }
}

enum status
vfs_mount_at (Component *self, Link *link, struct vnode *covers, const char *path,
              bool read_only)
{
    struct vfs *vfs     = component_state (self);
    struct mount *mount = component_alloc (self, sizeof *mount + strlen (path) + 1);
    struct file_attr root;
    enum status status;

    if (mount == NULL)
        return ERR_NO_MEMORY;
    memcpy (mount->path, path, strlen (path) + 1);
    mount->link   = link;
    mount->covers = covers;
    root.node     = 0;
    status        = vfs_mount_ask (mount, read_only, &root);
    if (status == OK && (covers != NULL ? covers->mounted != NULL : vfs->mounts != NULL))
        status = ERR_BUSY; /* somebody was faster */
    /* Nothing blocks from here to the end if all goes well, so ids stay in order. */
    mount->id = vfs->last_mount + 1;
    if (status == OK)
        status = vfs_vnode_get (self, mount, &root, &mount->root);
    else if (root.node != 0)
        vfs_mount_release (link, root.node, 1);
    if (status == OK) {
        vfs->last_mount++;
        vfs_mount_append (vfs, mount);
        return OK;
    }
    if (root.node != 0)
        vfs_mount_unmount (link);
    component_free (self, mount);
    return status;
}

/* ---- finding by name ---- */

static bool
vfs_mount_matches (Link *link, const char *source, const char *type, bool by_source)
{
    struct fs_describe_req describe = {};
    struct fs_describe_rep described;

    if (!by_source && strcmp (link_name (link), source) != 0)
        return false;
    if (fs_describe (link, &describe, &described) != OK)
        return false;
    if (by_source && strncmp (described.source, source, sizeof described.source) != 0)
        return false;
    return type[0] == '\0' || strncmp (described.type, type, sizeof described.type) == 0;
}

/* Who is meant by `mount -t type source`: a component's name, a device's, or, when the
 * source says nothing ("none", or the type again), any of that type that is free. */
static Link *
vfs_mount_find (Component *self, const char *source, const char *type)
{
    const struct vfs *vfs = component_state (self);
    unsigned count        = component_links (self, VFS_NEED_FS);

    if (strncmp (source, "/dev/", 5) == 0)
        source += 5;
    for (unsigned by_source = 0; by_source < 2; by_source++)
        for (unsigned i = 0; i < count; i++) {
            Link *link = component_link_at (self, VFS_NEED_FS, i);
            if (vfs_mount_matches (link, source, type, by_source))
                return link;
        }
    if (type[0] == '\0' || (strcmp (source, "none") != 0 && strcmp (source, type) != 0))
        return NULL;
    for (unsigned i = 0; i < count; i++) {
        Link *link = component_link_at (self, VFS_NEED_FS, i);
        if (vfs_mount_of (vfs, link_name (link)) == NULL
            && vfs_mount_matches (link, link_name (link), type, false))
            return link;
    }
    return NULL;
}

/* ---- mounting ---- */

static enum status
vfs_mount_node (Component *self, Link *link, struct vnode *node, bool read_only)
{
    char *buffer, *path;
    uint32_t path_bytes;
    enum status status;

    if (node->type != FILE_TYPE_DIRECTORY)
        return ERR_NOT_DIRECTORY;
    buffer = component_alloc (self, FILE_PATH_MAX);
    if (buffer == NULL)
        return ERR_NO_MEMORY;
    status = vfs_path_of (self, node, buffer, FILE_PATH_MAX - 1, &path, &path_bytes);
    if (status == OK) {
        path[path_bytes] = '\0';
        status           = vfs_mount_at (self, link, node, path, read_only);
    }
    component_free (self, buffer);
    return status;
}

/* A string of `source\0target\0type`; *at moves behind it. */
static enum status
vfs_mount_word (const grant *from, uint32_t *at, char *word, size_t room, grant *window)
{
    const char *start = (const char *)from->data + *at;
    uint32_t left     = from->length - *at;
    const char *zero  = left > 0 ? memchr (start, 0, left) : NULL;
    uint32_t length   = zero != NULL ? (uint32_t)(zero - start) : left;

    if (window != NULL)
        *window = (grant){ .data = (void *)start, .length = length };
    if (word != NULL && length >= room)
        return ERR_NO_DEVICE;
    if (word != NULL) {
        memcpy (word, start, length);
        word[length] = '\0';
    }
    *at += length + (zero != NULL);
    return OK;
}

VFS_HANDLER (mount)
{
    struct actor actor;
    struct vnode *node;
    char source[64], type[16];
    grant target;
    Link *link;
    uint32_t at        = 0;
    enum status status = vfs_mount_word (&req->from, &at, source, sizeof source, NULL);

    (void)call, (void)rep;
    component_charge (self, 1000);
    if (status == OK)
        status = vfs_mount_word (&req->from, &at, NULL, 0, &target);
    if (status == OK)
        status = vfs_mount_word (&req->from, &at, type, sizeof type, NULL);
    if (status == OK)
        status = vfs_actor_begin (self, req->process, &actor);
    if (status != OK)
        return status;
    if (actor.uid != 0)
        status = ERR_NOT_PERMITTED;
    if (status == OK)
        status = vfs_walk_node (self, &actor, &target, WALK_FOLLOW, &node);
    if (status == OK) {
        link   = vfs_mount_find (self, source, type);
        status = link != NULL ? vfs_mount_node (self, link, node, req->read_only != 0)
                              : ERR_NO_DEVICE;
        vfs_vnode_put (self, node);
    }
    vfs_actor_end (self, &actor);
    return status;
}

/* ---- unmounting ---- */

/* Once nobody can enter it, the file system is told; what it answers is the answer, and the
 * place is free in any case. */
static enum status
vfs_mount_remove (Component *self, struct mount *mount)
{
    struct vfs *vfs = component_state (self);
    struct mount **at;
    enum status status;

    if (mount->covers == NULL || mount->vnodes != 1 || mount->root->refs != 1)
        return ERR_BUSY;
    for (at = &vfs->mounts; *at != mount; at = &(*at)->next)
        ;
    *at                    = mount->next;
    mount->covers->mounted = NULL;
    vfs_vnode_put (self, mount->root);
    status = vfs_mount_unmount (mount->link);
    vfs_vnode_put (self, mount->covers);
    component_free (self, mount);
    return status;
}

static struct mount *
vfs_mount_by_source (struct vfs *vfs, const grant *name)
{
    struct mount *found = NULL;
    const char *text    = name->data;
    uint32_t length     = name->length;

    if (length > 5 && memcmp (text, "/dev/", 5) == 0) {
        text += 5;
        length -= 5;
    }
    for (struct mount *mount = vfs->mounts; mount != NULL; mount = mount->next) {
        const char *component = link_name (mount->link);
        if ((strlen (component) == length && memcmp (component, text, length) == 0)
            || (strlen (mount->source) == length && memcmp (mount->source, text, length) == 0))
            found = mount; /* the latest */
    }
    return found;
}

VFS_HANDLER (unmount)
{
    struct vfs *vfs = component_state (self);
    struct actor actor;
    struct vnode *node;
    struct mount *mount = NULL;
    uint32_t id         = 0;
    enum status status  = vfs_actor_begin (self, req->process, &actor);

    (void)call, (void)rep;
    component_charge (self, 1000);
    if (status != OK)
        return status;
    if (actor.uid != 0) {
        vfs_actor_end (self, &actor);
        return ERR_NOT_PERMITTED;
    }
    status = vfs_walk_node (self, &actor, &req->from, WALK_FOLLOW, &node);
    if (status == OK) {
        if (node == node->mount->root)
            id = node->mount->id;
        else
            status = ERR_INVALID;
        vfs_vnode_put (self, node);
    }
    vfs_actor_end (self, &actor);
    for (mount = vfs->mounts; mount != NULL && mount->id != id; mount = mount->next)
        ;
    if (mount == NULL)
        mount = vfs_mount_by_source (vfs, &req->from);
    if (mount == NULL)
        return status != OK ? status : ERR_INVALID;
    return vfs_mount_remove (self, mount);
}

/* ---- all of them ---- */

static void
vfs_mount_line_path (struct text *line, const char *path)
{
    for (; *path != '\0'; path++)
        if (*path == ' ' || *path == '\t' || *path == '\n' || *path == '\\') {
            text_append (line, "\\0");
            text_octal (line, (uint8_t)*path);
        } else {
            text_char (line, *path);
        }
}

VFS_HANDLER (mounts)
{
    const struct vfs *vfs = component_state (self);
    const struct mount *mount;
    struct text lines;
    uint32_t i = 0, whole = 0;

    (void)call;
    component_charge (self, 300);
    text_init (&lines, req->into.data, req->into.length);
    for (mount = vfs->mounts; mount != NULL; mount = mount->next) {
        if (i++ < req->first)
            continue;
        text_append (&lines, mount->source);
        text_char (&lines, ' ');
        vfs_mount_line_path (&lines, mount->path);
        text_char (&lines, ' ');
        text_append (&lines, mount->type);
        text_append (&lines, mount->read_only ? " ro 0 0\n" : " rw 0 0\n");
        if (!text_fits (&lines))
            break;
        whole = (uint32_t)lines.length;
    }
    if (mount != NULL && whole == 0)
        return ERR_RANGE;
    rep->done = whole;
    return OK;
}

enum status
vfs_mount_sync_all (Component *self)
{
    const struct vfs *vfs = component_state (self);
    const struct mount *mount;
    enum status status = OK;
    uint32_t id        = 0;

    for (;;) {
        struct fs_sync_req sync = {};
        struct fs_sync_rep synced;
        /* The list may change at each call: go on behind the last one's id. */
        for (mount = vfs->mounts; mount != NULL && mount->id <= id; mount = mount->next)
            ;
        if (mount == NULL)
            return status;
        id                 = mount->id;
        enum status answer = fs_sync (mount->link, &sync, &synced);
        if (status == OK)
            status = answer;
    }
}

VFS_HANDLER (sync)
{
    struct fs_sync_req sync = {};
    struct fs_sync_rep synced;
    struct open_file *file;
    enum status status;

    (void)call, (void)rep;
    component_charge (self, 300);
    if (req->fd == -1)
        return vfs_mount_sync_all (self);
    status = vfs_file_get (self, req->process, req->fd, &file);
    if (status != OK)
        return status;
    status = file->vnode != NULL ? fs_sync (file->vnode->mount->link, &sync, &synced) : ERR_INVALID;
    vfs_file_put (self, file);
    return status;
}

/* ---- start and stop ---- */

/* The next word of the option's text; *text moves behind it. Words end at spaces and ';'. */
static uint32_t
vfs_mount_option_word (const char **text, const char **word)
{
    while (**text == ' ')
        ++*text;
    *word = *text;
    while (**text != '\0' && **text != ' ' && **text != ';')
        ++*text;
    return (uint32_t)(*text - *word);
}

/* The directory at the path, made if it is missing. */
static enum status
vfs_mount_point (Component *self, const char *path, uint32_t path_bytes, struct vnode **node)
{
    struct actor kernel = { 0 };
    struct walk walk;
    struct file_attr attr;
    enum status status =
        vfs_walk (self, &kernel, path, path_bytes, WALK_PARENT | WALK_FOLLOW, &walk);

    if (status != OK)
        return status;
    if (walk.node != NULL) {
        *node = vfs_vnode_ref (walk.node);
    } else {
        status = vfs_name_create (self, &kernel, &walk, FILE_TYPE_DIRECTORY, 0755, 0, &attr);
        if (status == OK)
            status = vfs_vnode_get (self, walk.parent->mount, &attr, node);
    }
    vfs_walk_end (self, &walk);
    return status;
}

enum status
vfs_mount_option (Component *self)
{
    const struct vfs *vfs = component_state (self);
    const char *text      = component_option (self, "mounts");
    enum status status    = OK;

    while (status == OK && *text != '\0') {
        const char *path, *name, *mode;
        uint32_t path_bytes = vfs_mount_option_word (&text, &path);
        uint32_t name_bytes = vfs_mount_option_word (&text, &name);
        uint32_t mode_bytes = vfs_mount_option_word (&text, &mode);
        bool read_only      = mode_bytes == 2 && memcmp (mode, "ro", 2) == 0;
        char component[32];
        struct vnode *node;
        Link *link = NULL;

        if (*text == ';')
            text++;
        if (path_bytes == 0)
            continue;
        if (name_bytes == 0 || name_bytes >= sizeof component)
            return ERR_INVALID;
        memcpy (component, name, name_bytes);
        component[name_bytes] = '\0';
        for (unsigned i = 0; i < component_links (self, VFS_NEED_FS) && link == NULL; i++) {
            link = component_link_at (self, VFS_NEED_FS, i);
            if (strcmp (link_name (link), component) != 0)
                link = NULL;
        }
        if (link == NULL)
            return ERR_NO_DEVICE;
        if (vfs->mounts == NULL) {
            if (path_bytes != 1 || path[0] != '/')
                return ERR_INVALID;
            status = vfs_mount_at (self, link, NULL, "/", read_only);
            continue;
        }
        status = vfs_mount_point (self, path, path_bytes, &node);
        if (status == OK) {
            status = vfs_mount_node (self, link, node, read_only);
            vfs_vnode_put (self, node);
        }
    }
    return status;
}

/* A root in memory is born empty: the directories of the option `directories` are made. */
enum status
vfs_mount_directories (Component *self)
{
    const struct vfs *vfs = component_state (self);
    const char *text      = component_option (self, "directories");
    enum status status    = OK;

    if (vfs->mounts == NULL || strcmp (vfs->mounts->type, "tmpfs") != 0)
        return OK;
    while (status == OK && *text != '\0') {
        const char *path;
        uint32_t path_bytes = vfs_mount_option_word (&text, &path);
        struct vnode *node;

        if (path_bytes == 0)
            break;
        status = vfs_mount_point (self, path, path_bytes, &node);
        if (status == OK)
            vfs_vnode_put (self, node);
    }
    return status;
}

/* Gives every hold of a mount back. The vnodes stay, for whoever may still refer to them;
 * only their file system no longer knows them. */
static void
vfs_mount_drop (struct vfs *vfs, const struct mount *mount)
{
    for (uint32_t i = 0; i < vfs->vnode_buckets; i++)
        for (;;) {
            struct vnode *vnode = vfs->vnodes[i];
            while (vnode != NULL && (vnode->mount != mount || vnode->holds == 0))
                vnode = vnode->next;
            if (vnode == NULL)
                break;
            uint32_t holds = vnode->holds;
            vnode->holds   = 0;
            vfs_mount_release (mount->link, vnode->number, holds);
        }
}

void
vfs_mount_stop (Component *self)
{
    struct vfs *vfs = component_state (self);

    while (vfs->mounts != NULL) {
        struct mount **last = &vfs->mounts;
        while ((*last)->next != NULL)
            last = &(*last)->next;
        struct mount *mount = *last;
        *last               = NULL;
        vfs_mount_drop (vfs, mount);
        vfs_mount_unmount (mount->link);
    }
}
