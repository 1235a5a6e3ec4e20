/* mapped: files that are mapped into memory.
 *
 * vm has such a file open as the kernel does, by `lend`, and the vnode counts that. What
 * programs write through memory is in vm's frames until it is saved, and what they read there
 * must follow what is written here: so reads and writes of a vnode that is mapped are told to
 * vm. The kernel's own, which come from vm, are not.
 */
#include "vfs.h"

static Link *
vfs_mapped_manager (Component *self)
{
    return component_link (self, VFS_NEED_VM);
}

void
vfs_mapped_reading (Component *self, const struct vnode *vnode, uint64_t offset, uint64_t bytes)
{
    struct vm_reading_req reading = { .filesystem = vnode->mount->id,
                                      .node       = vnode->number,
                                      .offset     = offset,
                                      .bytes      = bytes };
    struct vm_reading_rep done;

    if (vnode->shared != 0)
        vm_reading (vfs_mapped_manager (self), &reading, &done);
}

uint32_t
vfs_mapped_begin (Component *self, const struct vnode *vnode)
{
    struct vm_writing_req writing = { .filesystem = vnode->mount->id, .node = vnode->number };
    struct vm_writing_rep held;

    if (vnode->mapped == 0
        || vm_writing (vfs_mapped_manager (self), &writing, &held) != OK)
        return 0;
    return held.held;
}

void
vfs_mapped_end (Component *self, const struct vnode *vnode, uint32_t held, uint64_t offset,
                uint64_t bytes, uint64_t size)
{
    struct vm_written_req written = { .filesystem = vnode->mount->id,
                                      .held       = held,
                                      .node       = vnode->number,
                                      .offset     = offset,
                                      .bytes      = bytes,
                                      .size       = size };
    struct vm_written_rep done;

    if (vnode->mapped != 0 || held != 0)
        vm_written (vfs_mapped_manager (self), &written, &done);
}

VFS_HANDLER (lend)
{
    struct process *kernel;
    struct open_file *file, *lent;
    struct fs_stat_req stat;
    struct fs_stat_rep known;
    struct vnode *vnode;
    enum status status = vfs_file_get (self, req->process, req->fd, &file);

    (void)call;
    component_charge (self, 300);
    if (status != OK)
        return status;
    vnode = file->vnode;
    lent  = NULL;
    if (vnode == NULL || vnode->type != FILE_TYPE_REGULAR || vfs_mapped_manager (self) == NULL)
        status = ERR_NO_DEVICE;
    if (status == OK)
        lent = vfs_file_new (self, OPEN_READ
                                       | (req->shared && !vnode->mount->read_only ? OPEN_WRITE
                                                                                  : 0));
    if (status == OK && lent == NULL)
        status = ERR_FILE_TABLE;
    if (lent != NULL) {
        lent->vnode  = vfs_vnode_ref (vnode);
        lent->mapped = true;
        lent->program = file->program;
        vnode->programs += file->program;
        vnode->mapped++;
        vnode->shared += (lent->flags & OPEN_WRITE) != 0;
        stat.node = vnode->number;
        status    = fs_stat (vnode->mount->link, &stat, &known);
        kernel    = vfs_process_find (self, 0);
        if (status == OK)
            status = kernel == NULL
                         ? ERR_NO_PROCESS
                         : vfs_descriptor_add (self, kernel, 0, lent, true, &rep->fd);
    }
    if (status == OK) {
        rep->flags           = file->flags;
        rep->writable        = (lent->flags & OPEN_WRITE) != 0;
        rep->attr            = known.attr;
        rep->attr.filesystem = vnode->mount->id;
    } else {
        vfs_file_put (self, lent);
    }
    vfs_file_put (self, file);
    return status;
}
