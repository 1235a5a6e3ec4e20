/* vfs: files as processes see them.
 *
 *     process --- descriptors --- open file --- vnode --- mount --- a file system's link
 *                                          \--- pipe
 *
 * process.c  identity, current directory, descriptors of each process
 * open.c     open files, shared after dup and clone, with their position
 * vnode.c    nodes in use, each once, with the holds that their file systems count
 * mount.c    where file systems are in the tree
 * path.c     from a path to a vnode, and from a directory to its path
 * name.c, attr.c, io.c, pipe.c, fifo.c, socket.c, watch.c, set.c, counter.c, lock.c, spawn.c,
 * opened.c   the operations of file.def
 *
 * Promises: POSIX's meaning of paths, permission bits, positions and pipes. All tables grow
 * on demand; what limits them is the arena (ERR_FILE_TABLE, ERR_NO_MEMORY), for the
 * descriptors of one process the option `descriptors` (ERR_TOO_MANY_FILES), and for paths
 * FILE_PATH_MAX bytes and VFS_LINKS_MAX symbolic links (ERR_NAME_TOO_LONG, ERR_LOOP). A name
 * for a socket can be made in a file system, and opening it is ERR_NO_DEVICE.
 * A character or block node of any file system means the device of that number in dev.
 *
 * A handler's frame waits only for file systems. Reads and writes of pipes are answered
 * later (pipe.c, watch.c), those of character devices are handed on to whoever has the device.
 *
 * Keeps across a crash: what its arena keeps. File systems count the holds of lost vnodes
 * until they are unmounted.
 */
#include "vfs.h"

#include <string.h>

static enum status
vfs_start (Component *self)
{
    struct vfs *vfs = component_state (self);
    struct process *kernel;
    uint64_t most = component_option_number (self, "descriptors");
    enum status status;

    if (most < 3 || most > INT32_MAX / 2)
        return ERR_INVALID;
    vfs->descriptors_max = (uint32_t)most;
    for (unsigned i = 0; i < component_links (self, VFS_NEED_FS) && !vfs->devices; i++) {
        Link *link                      = component_link_at (self, VFS_NEED_FS, i);
        struct fs_describe_req describe = {};
        struct fs_describe_rep described;
        if (fs_describe (link, &describe, &described) == OK
            && strncmp (described.type, "devfs", sizeof described.type) == 0)
            vfs->devices = link;
    }
    status = vfs_process_new (self, 0, &kernel);
    if (status == OK)
        status = vfs_mount_option (self);
    if (status == OK)
        status = vfs_mount_directories (self);
    if (status == OK && vfs->mounts != NULL)
        kernel->cwd = vfs_vnode_cross (self, vfs_vnode_ref (vfs->mounts->root));
    return status;
}

static enum status
vfs_stop (Component *self)
{
    struct vfs *vfs    = component_state (self);
    enum status status = vfs_mount_sync_all (self);

    vfs->stopped = true;
    vfs_mount_stop (self);
    return status;
}

static void
vfs_alarm (Component *self, uint64_t cookie)
{
    struct vfs *vfs = component_state (self);
    uint64_t watch_ns, counter_ns, next_ns;

    (void)cookie;
    vfs_counter_tick (self);
    vfs_watch_timer (self);
    watch_ns   = vfs_watch_next (vfs);
    counter_ns = vfs_counter_next (vfs);
    next_ns    = watch_ns < counter_ns ? watch_ns : counter_ns;
    if (next_ns != UINT64_MAX) /* there is room: one has just come */
        component_alarm (self, &vfs->alarms, next_ns);
    vfs_watch_tell (self);
    vfs_parcel_sweep (self);
}

static void
vfs_cancel (Component *self, const struct call *call)
{
    if (!vfs_pipe_cancel (self, call) && !vfs_lock_cancel (self, call))
        vfs_watch_cancel (self, call);
}

static const struct file_ops vfs_ops = {
    .open           = vfs_open,
    .close          = vfs_close,
    .read           = vfs_read,
    .write          = vfs_write,
    .seek           = vfs_seek,
    .dup            = vfs_dup,
    .pipe           = vfs_pipe,
    .stat           = vfs_stat,
    .access         = vfs_access,
    .entries        = vfs_entries,
    .make           = vfs_make,
    .link           = vfs_link,
    .symlink        = vfs_symlink,
    .rename         = vfs_rename,
    .remove         = vfs_remove,
    .readlink       = vfs_readlink,
    .setattr        = vfs_setattr,
    .chdir          = vfs_chdir,
    .getcwd         = vfs_getcwd,
    .umask          = vfs_umask,
    .flags          = vfs_flags,
    .statfs         = vfs_statfs,
    .mount          = vfs_mount,
    .unmount        = vfs_unmount,
    .mounts         = vfs_mounts,
    .sync           = vfs_sync,
    .tty_get        = vfs_tty_get,
    .poll           = vfs_poll,
    .watch          = vfs_watch,
    .tty_set        = vfs_tty_set,
    .tty_foreground = vfs_tty_foreground,
    .clone          = vfs_clone,
    .exec           = vfs_exec,
    .opened         = vfs_opened,
    .identify       = vfs_identify,
    .limit          = vfs_limit,
    .release        = vfs_release,
    .load           = vfs_load,
    .lend           = vfs_lend,
    .pair           = vfs_pair,
    .send           = vfs_send,
    .receive        = vfs_receive,
    .peer           = vfs_peer,
    .shutdown       = vfs_shutdown,
    .lock           = vfs_lock,
    .event          = vfs_event,
    .timer          = vfs_timer,
    .interest       = vfs_interest,
    .happened       = vfs_happened,
    .allocate       = vfs_allocate,
    .temporary      = vfs_temporary,
};

const struct component_class vfs_class = {
    .name        = "vfs",
    .summary     = "files, descriptors, paths, mounts and pipes",
    .state_bytes = sizeof (struct vfs),
    .provides    = { { INTERFACE_file, &vfs_ops } },
    .needs       = { { "fs", INTERFACE_fs, NEED_ALL }, { "vm", INTERFACE_vm, NEED_OPTIONAL } },
    .options     = { { "mounts", "", "file systems at boot: path component[ ro];..." },
                     { "descriptors", "1024", "most open files of one process" },
                     { "directories", "/tmp /home /mnt", "made in a root that is in memory" } },
    .start       = vfs_start,
    .stop        = vfs_stop,
    .timer       = vfs_alarm,
    .cancel      = vfs_cancel,
};
