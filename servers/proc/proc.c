/* proc: processes and the machine as files of text.
 *
 *     PID/status  PID/stat  PID/statm  PID/cmdline  PID/environ  PID/comm  PID/maps
 *     PID/limits  PID/exe  PID/cwd  PID/root  PID/fd/N  self: symbolic links
 *     mounts  uptime  version  stat  loadavg  meminfo
 *     machine/components  machine/domains  machine/counters  machine/tasks
 *     machine/frames
 *
 * Promises: each read makes the whole text anew and answers its window, so one read of
 * enough bytes is one look; sizes are told as 0. Nothing can be written (ERR_READ_ONLY). What
 * belongs to a process that is gone answers ERR_NO_PROCESS.
 *
 * Keeps across a crash: nothing, for it has nothing but the count of holds.
 */
#include "proc.h"

#include <string.h>

#include "../entry.h"

struct proc_file {
    const char *name;
    enum proc_what what;
    enum proc_what directory; /* PROC_ROOT, PROC_MACHINE or PROC_PROCESS */
};

static const struct proc_file proc_files[] = {
    { "mounts", PROC_MOUNTS, PROC_ROOT },
    { "uptime", PROC_UPTIME, PROC_ROOT },
    { "version", PROC_VERSION, PROC_ROOT },
    { "stat", PROC_SYSTEM_STAT, PROC_ROOT },
    { "loadavg", PROC_LOAD, PROC_ROOT },
    { "meminfo", PROC_MEMORY, PROC_ROOT },
    { "machine", PROC_MACHINE, PROC_ROOT },
    { "self", PROC_SELF, PROC_ROOT },
    { "components", PROC_COMPONENTS, PROC_MACHINE },
    { "domains", PROC_DOMAINS, PROC_MACHINE },
    { "counters", PROC_COUNTERS, PROC_MACHINE },
    { "tasks", PROC_TASKS, PROC_MACHINE },
    { "frames", PROC_FRAMES, PROC_MACHINE },
    { "restarts", PROC_RESTARTS, PROC_MACHINE },
    { "status", PROC_STATUS, PROC_PROCESS },
    { "stat", PROC_STAT, PROC_PROCESS },
    { "cmdline", PROC_CMDLINE, PROC_PROCESS },
    { "environ", PROC_ENVIRON, PROC_PROCESS },
    { "comm", PROC_COMM, PROC_PROCESS },
    { "exe", PROC_EXE, PROC_PROCESS },
    { "cwd", PROC_CWD, PROC_PROCESS },
    { "root", PROC_ROOT_OF, PROC_PROCESS },
    { "maps", PROC_MAPS, PROC_PROCESS },
    { "statm", PROC_STATM, PROC_PROCESS },
    { "limits", PROC_LIMITS, PROC_PROCESS },
    { "fd", PROC_FD, PROC_PROCESS },
};
#define PROC_FILES (sizeof proc_files / sizeof *proc_files)

static bool
proc_is_directory (uint64_t node)
{
    uint32_t what = PROC_WHAT (node);

    return what == PROC_ROOT || what == PROC_MACHINE || what == PROC_PROCESS || what == PROC_FD;
}

static bool
proc_is_link (uint64_t node)
{
    uint32_t what = PROC_WHAT (node);

    return what == PROC_SELF || what == PROC_EXE || what == PROC_CWD || what == PROC_ROOT_OF
           || what == PROC_FD_LINK;
}

static uint32_t
proc_type (uint64_t node)
{
    return proc_is_directory (node) ? FILE_TYPE_DIRECTORY
           : proc_is_link (node)    ? FILE_TYPE_LINK
                                    : FILE_TYPE_REGULAR;
}

/* Could there be such a node? Whether its process still lives is another question. */
static bool
proc_is_node (uint64_t node)
{
    uint32_t what = PROC_WHAT (node);

    return (node >> 40 == 0 || what == PROC_FD_LINK) && what >= PROC_ROOT && what < PROC_WHATS
           && (PROC_PID (node) != 0) == (what >= PROC_PROCESS);
}

static enum status
proc_attr (Component *self, uint64_t node, struct file_attr *attr)
{
    struct process_row row;

    memset (attr, 0, sizeof *attr);
    attr->node        = node;
    attr->type        = proc_type (node);
    attr->mode        = 0444;
    attr->links       = 1;
    attr->block_bytes = 1024;
    attr->atime = attr->mtime = attr->ctime =
        (int64_t)component_time_ns (self);
    if (proc_is_directory (node)) {
        attr->mode  = PROC_WHAT (node) == PROC_FD ? 0500 : 0555;
        attr->links = 2;
    }
    if (PROC_WHAT (node) == PROC_ENVIRON)
        attr->mode = 0400;
    if (proc_is_link (node))
        attr->mode = 0777;
    if (PROC_PID (node) != 0) {
        enum status status = proc_row (self, PROC_PID (node), &row);
        if (status != OK)
            return status;
        attr->uid = row.uid;
    }
    return OK;
}

/* ---- the file system ---- */

static enum status
proc_describe (Component *self, struct call *call, const struct fs_describe_req *req,
               struct fs_describe_rep *rep)
{
    (void)call, (void)req;
    text_copy (rep->type, sizeof rep->type, "proc");
    text_copy (rep->source, sizeof rep->source, component_name (self));
    return OK;
}

static enum status
proc_mount (Component *self, struct call *call, const struct fs_mount_req *req,
            struct fs_mount_rep *rep)
{
    struct proc *proc = component_state (self);

    (void)call, (void)req;
    if (proc->mounted)
        return ERR_BUSY;
    proc->mounted  = true;
    proc->holds    = 1;
    rep->root      = PROC_NODE (0, PROC_ROOT);
    rep->read_only = 1;
    return OK;
}

static enum status
proc_unmount (Component *self, struct call *call, const struct fs_unmount_req *req,
              struct fs_unmount_rep *rep)
{
    struct proc *proc = component_state (self);

    (void)call, (void)req, (void)rep;
    if (!proc->mounted)
        return ERR_INVALID;
    if (proc->holds > 0)
        return ERR_BUSY;
    proc->mounted = false;
    return OK;
}

/* A process's number as a name; 0: it is none. */
static uint32_t
proc_number (const grant *name)
{
    const char *digits = name->data;
    uint64_t number    = 0;

    if (name->length == 0 || name->length > 10 || digits[0] == '0')
        return 0;
    for (uint32_t i = 0; i < name->length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return 0;
        number = number * 10 + (uint64_t)(digits[i] - '0');
    }
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* As proc_number, for a descriptor; -1: it is none. */
static int32_t
proc_fd_number (const grant *name)
{
    uint32_t number = proc_number (name);
    bool zero       = name->length == 1 && *(const char *)name->data == '0';

    return zero ? 0 : number == 0 || number > INT32_MAX ? -1 : (int32_t)number;
}

/* A descriptor's link; 0: it is not open. */
static uint64_t
proc_find_fd (Component *self, uint32_t pid, const grant *name)
{
    int32_t fd = proc_fd_number (name), found;

    return fd >= 0 && fd < 1 << 24 && proc_descriptor (self, pid, fd, &found, NULL) == OK
                   && found == fd
               ? PROC_FD_NODE (pid, fd)
               : 0;
}

static uint64_t
proc_find (uint64_t dir, const grant *name)
{
    for (unsigned i = 0; i < PROC_FILES; i++)
        if (proc_files[i].directory == PROC_WHAT (dir)
            && strlen (proc_files[i].name) == name->length
            && memcmp (proc_files[i].name, name->data, name->length) == 0)
            return PROC_NODE (PROC_PID (dir), proc_files[i].what);
    if (PROC_WHAT (dir) == PROC_ROOT && proc_number (name) != 0)
        return PROC_NODE (proc_number (name), PROC_PROCESS);
    return 0;
}

static enum status
proc_lookup (Component *self, struct call *call, const struct fs_lookup_req *req,
             struct fs_lookup_rep *rep)
{
    struct proc *proc = component_state (self);
    struct file_attr attr;
    uint64_t node;
    enum status status;

    (void)call;
    component_charge (self, 300);
    if (!proc_is_node (req->dir))
        return ERR_STALE;
    if (!proc_is_directory (req->dir))
        return ERR_NOT_DIRECTORY;
    node = PROC_WHAT (req->dir) == PROC_FD
               ? proc_find_fd (self, PROC_PID (req->dir), &req->from)
               : proc_find (req->dir, &req->from);
    if (node == 0)
        return ERR_NOT_FOUND;
    status = proc_attr (self, node, &attr);
    if (status != OK)
        return status == ERR_NO_PROCESS ? ERR_NOT_FOUND : status;
    proc->holds++;
    rep->attr = attr;
    return OK;
}

static enum status
proc_parent (Component *self, struct call *call, const struct fs_parent_req *req,
             struct fs_parent_rep *rep)
{
    struct proc *proc = component_state (self);
    enum status status;

    (void)call;
    if (!proc_is_node (req->dir))
        return ERR_STALE;
    if (!proc_is_directory (req->dir))
        return ERR_NOT_DIRECTORY;
    status = proc_attr (self,
                        PROC_WHAT (req->dir) == PROC_FD
                            ? PROC_NODE (PROC_PID (req->dir), PROC_PROCESS)
                            : PROC_NODE (0, PROC_ROOT),
                        &rep->attr);
    if (status == OK)
        proc->holds++;
    return status;
}

static enum status
proc_release (Component *self, struct call *call, const struct fs_release_req *req,
              struct fs_release_rep *rep)
{
    struct proc *proc = component_state (self);

    (void)call, (void)rep;
    if (!proc_is_node (req->node) || req->holds > proc->holds)
        return ERR_STALE;
    proc->holds -= req->holds;
    return OK;
}

static enum status
proc_node_stat (Component *self, struct call *call, const struct fs_stat_req *req,
                struct fs_stat_rep *rep)
{
    struct file_attr attr;
    enum status status;

    (void)call;
    component_charge (self, 200);
    if (!proc_is_node (req->node))
        return ERR_STALE;
    status = proc_attr (self, req->node, &attr);
    if (status == OK)
        rep->attr = attr;
    return status;
}

static enum status
proc_read (Component *self, struct call *call, const struct fs_read_req *req,
           struct fs_read_rep *rep)
{
    struct text text;
    enum status status;

    (void)call;
    if (!proc_is_node (req->node))
        return ERR_STALE;
    if (proc_is_directory (req->node))
        return ERR_IS_DIRECTORY;
    if (proc_is_link (req->node))
        return ERR_INVALID;
    text_window (&text, req->into.data, req->into.length, req->offset);
    status = proc_content (self, req->node, &text);
    component_charge (self, 500 + text.total / 4);
    if (status == OK)
        rep->done = (uint32_t)text.length;
    return status;
}

/* ---- listing: ".", "..", the files, then in the root the processes in order of pid ---- */

static bool
proc_pack_process (const struct process_row *row, const struct fs_entries_req *req,
                   uint32_t *done)
{
    char digits[16];
    struct text name;

    text_init (&name, digits, sizeof digits);
    text_number (&name, row->pid);
    return entry_pack (&req->into, done, PROC_NODE (row->pid, PROC_PROCESS),
                       2 + PROC_FILES + (uint64_t)row->pid + 1, FILE_TYPE_DIRECTORY, digits,
                       name.length);
}

static enum status
proc_entries (Component *self, struct call *call, const struct fs_entries_req *req,
              struct fs_entries_rep *rep)
{
    uint64_t root = PROC_NODE (0, PROC_ROOT);
    uint64_t at   = req->cursor;
    uint32_t done = 0;
    bool fits     = true;
    struct process_row row;
    enum status status = OK;

    (void)call;
    component_charge (self, 500);
    if (!proc_is_node (req->dir))
        return ERR_STALE;
    if (!proc_is_directory (req->dir))
        return ERR_NOT_DIRECTORY;
    if (PROC_PID (req->dir) != 0)
        status = proc_row (self, PROC_PID (req->dir), &row);
    if (status != OK)
        return status;
    for (; at < 2 + PROC_FILES && fits; at++) {
        const struct proc_file *file = at >= 2 ? &proc_files[at - 2] : NULL;
        if (file == NULL) {
            fits = entry_pack (&req->into, &done, at == 0 ? req->dir : root, at + 1,
                               FILE_TYPE_DIRECTORY, "..", (size_t)at + 1);
        } else if (file->directory == PROC_WHAT (req->dir)) {
            uint64_t node = PROC_NODE (PROC_PID (req->dir), file->what);
            fits = entry_pack (&req->into, &done, node, at + 1,
                               proc_type (node), file->name, strlen (file->name));
        }
    }
    while (fits && req->dir == root && at - 2 - PROC_FILES <= UINT32_MAX) {
        status = proc_row_from (self, (uint32_t)(at - 2 - PROC_FILES), &row);
        if (status != OK)
            break;
        fits = proc_pack_process (&row, req, &done);
        at   = 2 + PROC_FILES + (uint64_t)row.pid + 1;
    }
    if (status == OK && fits && PROC_WHAT (req->dir) == PROC_FD)
        status = proc_descriptors (self, PROC_PID (req->dir), req, 2 + PROC_FILES, &done, &fits);
    if (status != OK && status != ERR_NO_PROCESS)
        return status;
    if (!fits && done == 0)
        return ERR_INVALID;
    rep->done = done;
    return OK;
}

static enum status
proc_statfs (Component *self, struct call *call, const struct fs_statfs_req *req,
             struct fs_statfs_rep *rep)
{
    (void)self, (void)call, (void)req;
    memset (rep, 0, sizeof *rep);
    rep->block_bytes = 1024;
    rep->name_max    = FILE_NAME_MAX;
    text_copy (rep->type, sizeof rep->type, "proc");
    return OK;
}

static enum status
proc_sync (Component *self, struct call *call, const struct fs_sync_req *req,
           struct fs_sync_rep *rep)
{
    (void)self, (void)call, (void)req, (void)rep;
    return OK;
}

static enum status
proc_readlink (Component *self, struct call *call, const struct fs_readlink_req *req,
               struct fs_readlink_rep *rep)
{
    struct text text;
    enum status status;

    (void)call;
    if (!proc_is_node (req->node))
        return ERR_STALE;
    if (!proc_is_link (req->node))
        return ERR_INVALID;
    text_window (&text, req->into.data, req->into.length, 0);
    status = proc_link_text (self, req->node, req->process, &text);
    if (status == OK && text.length == 0)
        status = ERR_NOT_FOUND;
    if (status == OK)
        rep->done = (uint32_t)text.length;
    return status;
}

/* ---- nothing here can be changed ---- */

#define PROC_REFUSE(name, answer)                                                         \
    static enum status proc_##name (Component *self, struct call *call,                   \
                                    const struct fs_##name##_req *req,                    \
                                    struct fs_##name##_rep *rep)                          \
    {                                                                                     \
        (void)self, (void)call, (void)req, (void)rep;                                     \
        return answer;                                                                    \
    }

PROC_REFUSE (create, ERR_READ_ONLY)
PROC_REFUSE (symlink, ERR_READ_ONLY)
PROC_REFUSE (link, ERR_READ_ONLY)
PROC_REFUSE (remove, ERR_READ_ONLY)
PROC_REFUSE (rename, ERR_READ_ONLY)
PROC_REFUSE (setattr, ERR_READ_ONLY)
PROC_REFUSE (write, ERR_READ_ONLY)
PROC_REFUSE (tty_get, ERR_NOT_TERMINAL)
PROC_REFUSE (tty_set, ERR_NOT_TERMINAL)
PROC_REFUSE (tty_foreground, ERR_NOT_TERMINAL)

static const struct fs_ops proc_ops = {
    .describe       = proc_describe,
    .mount          = proc_mount,
    .unmount        = proc_unmount,
    .lookup         = proc_lookup,
    .parent         = proc_parent,
    .create         = proc_create,
    .symlink        = proc_symlink,
    .link           = proc_link,
    .remove         = proc_remove,
    .rename         = proc_rename,
    .release        = proc_release,
    .stat           = proc_node_stat,
    .setattr        = proc_setattr,
    .readlink       = proc_readlink,
    .read           = proc_read,
    .write          = proc_write,
    .entries        = proc_entries,
    .statfs         = proc_statfs,
    .sync           = proc_sync,
    .tty_get        = proc_tty_get,
    .tty_set        = proc_tty_set,
    .tty_foreground = proc_tty_foreground,
};

const struct component_class proc_class = {
    .name        = "proc",
    .summary     = "processes and the machine as files of text",
    .state_bytes = sizeof (struct proc),
    .provides    = { { INTERFACE_fs, &proc_ops } },
    .needs       = { { "processes", INTERFACE_process, NEED_ONE },
                     { "files", INTERFACE_file, NEED_OPTIONAL },
                     { "kernel", INTERFACE_kernel, NEED_ONE },
                     { "memory", INTERFACE_vm, NEED_OPTIONAL },
                     { "restarts", INTERFACE_rs, NEED_OPTIONAL } },
};
