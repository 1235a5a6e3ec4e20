/* lock: locks of files: what nobody else may lock at the same time.
 *
 * An owner is a process (as fcntl has them), or an open file: with ranges, or of the whole
 * file (as flock has them, which know nothing of the others). A process's are gone once it
 * closes any descriptor of that file; an open file's go with it. So a vnode with locks is
 * always open, and who waits has the descriptor that it waits with. */
#include "vfs.h"

#define CHAIN_MAX 16u /* processes that wait for each other, looked at for a ring */

struct file_lock {
    struct file_lock *next; /* of the same vnode */
    uint32_t kind;          /* enum lock_kind */
    uint32_t whose;         /* enum lock_owner */
    uint32_t process;
    const struct open_file *file;
    uint64_t start, end; /* the last byte that is in it */
};

/* A lock that is not answered yet. */
struct lock_waiter {
    struct lock_waiter *next; /* in the order of their coming */
    struct call call;
    struct vnode *vnode; /* kept by the descriptor */
    int32_t fd;
    struct file_lock wanted;
};

static bool
vfs_lock_same_owner (const struct file_lock *a, const struct file_lock *b)
{
    if (a->whose != b->whose)
        return false;
    return a->whose == LOCK_OF_PROCESS ? a->process == b->process : a->file == b->file;
}

/* The first that is in the way; NULL: none is. */
static const struct file_lock *
vfs_lock_in_the_way (const struct vnode *vnode, const struct file_lock *wanted)
{
    for (const struct file_lock *lock = vnode->locks; lock != NULL; lock = lock->next)
        if (!vfs_lock_same_owner (lock, wanted)
            && (lock->whose == LOCK_OF_WHOLE) == (wanted->whose == LOCK_OF_WHOLE)
            && lock->start <= wanted->end && wanted->start <= lock->end
            && (lock->kind == LOCK_EXCLUSIVE || wanted->kind == LOCK_EXCLUSIVE))
            return lock;
    return NULL;
}

static void
vfs_lock_insert (struct vnode *vnode, struct file_lock *lock)
{
    struct file_lock **link = &vnode->locks;

    while (*link != NULL && (*link)->start < lock->start)
        link = &(*link)->next;
    lock->next = *link;
    *link = lock;
}

/* Takes the range from what the owner has. `spare`: for what is left behind it of a lock
 * that it is in the middle of; NULL again if it was used. */
static void
vfs_lock_cut (Component *self, struct vnode *vnode, const struct file_lock *range,
              struct file_lock **spare)
{
    struct file_lock **link = &vnode->locks, *lock;

    while ((lock = *link) != NULL) {
        bool before = lock->start < range->start, behind = lock->end > range->end;

        if (!vfs_lock_same_owner (lock, range) || lock->start > range->end
            || lock->end < range->start) {
            link = &lock->next;
        } else if (before) {
            if (behind) {
                **spare = *lock;
                (*spare)->start = range->end + 1;
                vfs_lock_insert (vnode, *spare);
                *spare = NULL;
            }
            lock->end = range->start - 1;
            link = &lock->next;
        } else if (behind) { /* it comes later in the list now */
            *link = lock->next;
            lock->start = range->end + 1;
            vfs_lock_insert (vnode, lock);
        } else {
            *link = lock->next;
            component_free (self, lock);
        }
    }
}

/* Grows a lock over those of the same owner and kind that it touches. */
static void
vfs_lock_merge (Component *self, struct vnode *vnode, struct file_lock *grown)
{
    struct file_lock **link = &vnode->locks, *lock;

    while ((lock = *link) != NULL)
        if (lock->kind == grown->kind && vfs_lock_same_owner (lock, grown)
            && (lock->end + 1 == grown->start || grown->end + 1 == lock->start)) {
            grown->start = lock->start < grown->start ? lock->start : grown->start;
            grown->end = lock->end > grown->end ? lock->end : grown->end;
            *link = lock->next;
            component_free (self, lock);
        } else {
            link = &lock->next;
        }
}

/* Does its owner have a lock that goes on before and behind it? */
static bool
vfs_lock_is_middle (const struct vnode *vnode, const struct file_lock *range)
{
    for (const struct file_lock *lock = vnode->locks; lock != NULL; lock = lock->next)
        if (vfs_lock_same_owner (lock, range) && lock->start < range->start
            && lock->end > range->end)
            return true;
    return false;
}

/* Nothing is in its way. Giving up all that one has needs no memory. */
static enum status
vfs_lock_grant (Component *self, struct vnode *vnode, const struct file_lock *wanted)
{
    bool locks = wanted->kind != LOCK_NONE, splits = vfs_lock_is_middle (vnode, wanted);
    struct file_lock *lock = locks ? component_alloc (self, sizeof *lock) : NULL;
    struct file_lock *rest = splits ? component_alloc (self, sizeof *rest) : NULL;

    if ((locks && lock == NULL) || (splits && rest == NULL)) {
        if (lock != NULL)
            component_free (self, lock);
        if (rest != NULL)
            component_free (self, rest);
        return ERR_NO_MEMORY;
    }
    vfs_lock_cut (self, vnode, wanted, &rest);
    if (locks) {
        *lock = *wanted;
        vfs_lock_merge (self, vnode, lock);
        vfs_lock_insert (vnode, lock);
    }
    return OK;
}

/* ---- waiting ---- */

static void
vfs_lock_answer (Component *self, struct lock_waiter **link, enum status status)
{
    struct lock_waiter *waiter = *link;
    struct file_lock_rep rep = { 0 };

    *link = waiter->next;
    call_reply (self, &waiter->call, status, status == OK ? &rep : NULL);
    component_free (self, waiter);
}

/* Some lock has gone, or become less. */
static void
vfs_lock_look (Component *self, struct vnode *vnode)
{
    struct vfs *vfs = component_state (self);
    struct lock_waiter **link = &vfs->lockers;

    while (*link != NULL)
        if ((*link)->vnode == vnode
            && vfs_lock_in_the_way (vnode, &(*link)->wanted) == NULL)
            vfs_lock_answer (self, link, vfs_lock_grant (self, vnode, &(*link)->wanted));
        else
            link = &(*link)->next;
}

/* Would the process wait for itself, by way of others? */
static bool
vfs_lock_is_ring (const struct vfs *vfs, const struct vnode *vnode,
                  const struct file_lock *wanted)
{
    const struct file_lock *lock = vfs_lock_in_the_way (vnode, wanted);

    for (unsigned i = 0; i < CHAIN_MAX && lock != NULL && lock->whose == LOCK_OF_PROCESS;
         i++) {
        const struct lock_waiter *waiter = vfs->lockers;

        if (lock->process == wanted->process)
            return true;
        while (waiter != NULL
               && (waiter->wanted.whose != LOCK_OF_PROCESS
                   || waiter->wanted.process != lock->process))
            waiter = waiter->next;
        lock = waiter != NULL ? vfs_lock_in_the_way (waiter->vnode, &waiter->wanted) : NULL;
    }
    return false;
}

static enum status
vfs_lock_wait (Component *self, const struct call *call, int32_t fd, struct vnode *vnode,
               const struct file_lock *wanted)
{
    struct vfs *vfs = component_state (self);
    struct lock_waiter *waiter, **link;

    if (wanted->whose == LOCK_OF_PROCESS && vfs_lock_is_ring (vfs, vnode, wanted))
        return ERR_DEADLOCK;
    waiter = component_alloc (self, sizeof *waiter);
    if (waiter == NULL)
        return ERR_NO_MEMORY;
    *waiter = (struct lock_waiter){
        .call = *call, .vnode = vnode, .fd = fd, .wanted = *wanted
    };
    for (link = &vfs->lockers; *link != NULL;)
        link = &(*link)->next;
    *link = waiter;
    return DEFERRED;
}

bool
vfs_lock_cancel (Component *self, const struct call *call)
{
    struct vfs *vfs = component_state (self);

    for (struct lock_waiter **link = &vfs->lockers; *link != NULL; link = &(*link)->next)
        if ((*link)->call.generation == call->generation
            && (*link)->call.fiber == call->fiber && (*link)->call.domain == call->domain) {
            vfs_lock_answer (self, link, ERR_INTERRUPTED);
            return true;
        }
    return false;
}

/* ---- their end ---- */

void
vfs_lock_close (Component *self, uint32_t pid, int32_t fd, const struct open_file *file)
{
    struct vfs *vfs = component_state (self);
    struct file_lock *spare = NULL; /* the whole is no middle */
    const struct file_lock whole
        = { .process = pid, .whose = LOCK_OF_PROCESS, .end = UINT64_MAX };

    if (file == NULL || file->vnode == NULL)
        return;
    for (struct lock_waiter **link = &vfs->lockers; *link != NULL;)
        if ((*link)->wanted.process == pid && (*link)->fd == fd)
            vfs_lock_answer (self, link, ERR_BAD_DESCRIPTOR);
        else
            link = &(*link)->next;
    if (file->vnode->locks == NULL)
        return;
    vfs_lock_cut (self, file->vnode, &whole, &spare);
    vfs_lock_look (self, file->vnode);
}

void
vfs_lock_end (Component *self, const struct open_file *file)
{
    struct file_lock *spare = NULL;
    struct file_lock whole = { .file = file, .end = UINT64_MAX };

    if (file->vnode == NULL || file->vnode->locks == NULL)
        return;
    whole.whose = LOCK_OF_FILE;
    vfs_lock_cut (self, file->vnode, &whole, &spare);
    whole.whose = LOCK_OF_WHOLE;
    vfs_lock_cut (self, file->vnode, &whole, &spare);
    vfs_lock_look (self, file->vnode);
}

/* ---- the operation ---- */

static void
vfs_lock_tell (const struct file_lock *lock, struct file_lock_rep *rep)
{
    *rep = (struct file_lock_rep){ 0 };
    if (lock == NULL)
        return;
    rep->kind = lock->kind;
    rep->process = lock->whose == LOCK_OF_PROCESS ? lock->process : UINT32_MAX;
    rep->start = lock->start;
    rep->end = lock->end;
}

VFS_HANDLER (lock)
{
    struct process *process = vfs_process_find (self, req->process);
    const struct descriptor *descriptor
        = process != NULL ? vfs_descriptor_find (process, req->fd) : NULL;
    struct file_lock wanted = { .kind = req->kind,
                                .whose = req->whose,
                                .process = req->process,
                                .start = req->start,
                                .end = req->end };
    struct file_lock *none = NULL;
    struct vnode *vnode;
    enum status status;

    component_charge (self, 300);
    if (descriptor == NULL || (descriptor->file->flags & OPEN_PATH))
        return process == NULL ? ERR_NO_PROCESS : ERR_BAD_DESCRIPTOR;
    vnode = descriptor->file->vnode;
    wanted.file = descriptor->file;
    if (req->kind > LOCK_EXCLUSIVE || req->whose > LOCK_OF_WHOLE || req->start > req->end
        || req->end > INT64_MAX
        || (req->whose == LOCK_OF_WHOLE && (req->start != 0 || req->end != INT64_MAX)))
        return ERR_INVALID;
    *rep = (struct file_lock_rep){ 0 };
    if (vnode == NULL)
        return OK; /* a pipe or a socket has nothing that could be kept from anybody */
    if (req->how == LOCK_ASK) {
        vfs_lock_tell (vfs_lock_in_the_way (vnode, &wanted), rep);
        return OK;
    }
    if (req->whose != LOCK_OF_WHOLE
        && ((req->kind == LOCK_SHARED && !(descriptor->file->flags & OPEN_READ))
            || (req->kind == LOCK_EXCLUSIVE && !(descriptor->file->flags & OPEN_WRITE))))
        return ERR_BAD_DESCRIPTOR;
    if (req->kind != LOCK_NONE && vfs_lock_in_the_way (vnode, &wanted) != NULL) {
        if (req->whose
            == LOCK_OF_WHOLE) { /* else two who have it shared would wait for each other */
            vfs_lock_cut (self, vnode, &wanted, &none);
            vfs_lock_look (self, vnode);
        }
        return req->how == LOCK_WAIT ? vfs_lock_wait (self, call, req->fd, vnode, &wanted)
                                     : ERR_AGAIN;
    }
    status = vfs_lock_grant (self, vnode, &wanted);
    if (status == OK)
        vfs_lock_look (self, vnode);
    return status;
}
