/* identity: who a process is: its user, its group, and its further groups, as Linux has
 * them.
 *
 * What the file system goes by the file server knows, too, before a change is answered.
 */
#include "pm/pm.h"

#include <string.h>

#define CYCLES_IDENTITY 200u

bool
pm_ids_have (const struct pm_ids *ids, uint32_t id)
{
    return id == ids->real || id == ids->effective || id == ids->saved;
}

bool
pm_identity_inherit (Component *self, struct process *child, const struct process *from)
{
    child->uids = from->uids;
    child->gids = from->gids;
    if (from->group_count == 0)
        return true;
    child->groups = component_alloc (self, from->group_count * sizeof *child->groups);
    if (child->groups == NULL)
        return false;
    child->group_count = from->group_count;
    memcpy (child->groups, from->groups, from->group_count * sizeof *child->groups);
    return true;
}

/* What it is to be. Changes come one after the other: pm->identifying is held. */
struct pm_identity {
    struct pm_ids uids, gids;
    const uint32_t *groups;
    uint32_t group_count;
};

/* The files learn of it; then, if the process is still there, it is so. Blocks. */
static enum status
pm_identity_change (Component *self, struct process *process, const struct pm_identity *wanted)
{
    uint64_t birth = process->birth;
    uint32_t bytes = wanted->group_count * (uint32_t)sizeof (uint32_t);
    uint32_t *groups = bytes != 0 ? component_alloc (self, bytes) : NULL;
    struct file_identify_req req = { .process = process->pid,
                                     .uid = wanted->uids.files,
                                     .gid = wanted->gids.files,
                                     .real_uid = wanted->uids.real,
                                     .real_gid = wanted->gids.real,
                                     .from = { .data = groups, .length = bytes } };
    struct file_identify_rep rep;
    enum status status;

    if (bytes != 0 && groups == NULL)
        return ERR_NO_MEMORY;
    if (bytes != 0)
        memcpy (groups, wanted->groups, bytes);
    status = file_identify (component_link (self, PM_FILES), &req, &rep);
    process = pm_find (component_state (self), req.process);
    if (status == OK && (process == NULL || process->birth != birth))
        status = ERR_NO_PROCESS;
    if (status != OK) {
        component_free (self, groups);
        return status;
    }
    component_free (self, process->groups);
    process->uids = wanted->uids;
    process->gids = wanted->gids;
    process->groups = groups;
    process->group_count = wanted->group_count;
    return OK;
}

static struct pm_identity
pm_identity (const struct process *process)
{
    return (struct pm_identity){ .uids = process->uids,
                                 .gids = process->gids,
                                 .groups = process->groups,
                                 .group_count = process->group_count };
}

void
pm_identity_exec (Component *self, struct process *process, uint32_t become, uint32_t uid,
                  uint32_t gid)
{
    struct pm *pm = component_state (self);
    uint32_t pid = process->pid;
    uint64_t birth = process->birth;
    struct pm_identity wanted;

    component_lock (self, &pm->identifying);
    process = pm_find (pm, pid);
    if (process == NULL || process->birth != birth) {
        component_unlock (self, &pm->identifying);
        return;
    }
    wanted = pm_identity (process);
    if ((become & BECOME_USER) != 0)
        wanted.uids.effective = uid;
    if ((become & BECOME_GROUP) != 0)
        wanted.gids.effective = gid;
    wanted.uids.saved = wanted.uids.files = wanted.uids.effective;
    wanted.gids.saved = wanted.gids.files = wanted.gids.effective;
    if (memcmp (&wanted.uids, &process->uids, sizeof wanted.uids) != 0
        || memcmp (&wanted.gids, &process->gids, sizeof wanted.gids) != 0)
        pm_identity_change (self, process, &wanted);
    component_unlock (self, &pm->identifying);
}

/* ---- setuid and its like ---- */

static bool
pm_is_kept (uint32_t id)
{
    return id == UINT32_MAX;
}

static enum status
pm_set_one (struct pm_ids *ids, const struct process_setids_req *req, bool root)
{
    if (pm_is_kept (req->real))
        return ERR_INVALID;
    if (root)
        ids->real = ids->saved = req->real;
    else if (req->real != ids->real && req->real != ids->saved)
        return ERR_NOT_PERMITTED;
    ids->effective = ids->files = req->real;
    return OK;
}

static enum status
pm_set_two (struct pm_ids *ids, const struct process_setids_req *req, bool root)
{
    const struct pm_ids old = *ids;

    if (!root
        && ((!pm_is_kept (req->real) && req->real != old.real && req->real != old.effective)
            || (!pm_is_kept (req->effective) && !pm_ids_have (&old, req->effective))))
        return ERR_NOT_PERMITTED;
    if (!pm_is_kept (req->real))
        ids->real = req->real;
    if (!pm_is_kept (req->effective))
        ids->effective = req->effective;
    if (!pm_is_kept (req->real)
        || (!pm_is_kept (req->effective) && req->effective != old.real))
        ids->saved = ids->effective;
    ids->files = ids->effective;
    return OK;
}

static enum status
pm_set_three (struct pm_ids *ids, const struct process_setids_req *req, bool root)
{
    const uint32_t wanted[3] = { req->real, req->effective, req->saved };
    uint32_t *const to[3] = { &ids->real, &ids->effective, &ids->saved };
    const struct pm_ids old = *ids;

    for (unsigned i = 0; i < 3; i++)
        if (!root && !pm_is_kept (wanted[i]) && !pm_ids_have (&old, wanted[i]))
            return ERR_NOT_PERMITTED;
    for (unsigned i = 0; i < 3; i++)
        if (!pm_is_kept (wanted[i]))
            *to[i] = wanted[i];
    if (!pm_is_kept (req->effective) || memcmp (ids, &old, sizeof old) != 0)
        ids->files = ids->effective;
    return OK;
}

/* Never fails: who may not keeps what he has. */
static enum status
pm_set_files (struct pm_ids *ids, const struct process_setids_req *req, bool root)
{
    if (!pm_is_kept (req->real)
        && (root || req->real == ids->files || pm_ids_have (ids, req->real)))
        ids->files = req->real;
    return OK;
}

static enum status
pm_setids_one (Component *self, const struct process_setids_req *req, struct process_setids_rep *rep)
{
    static enum status (*const set[]) (struct pm_ids *, const struct process_setids_req *,
                                       bool)
        = { [IDS_ONE] = pm_set_one,
            [IDS_TWO] = pm_set_two,
            [IDS_THREE] = pm_set_three,
            [IDS_FILES] = pm_set_files };
    struct process *process = pm_find (component_state (self), req->process);
    struct pm_identity wanted;
    struct pm_ids *ids;
    uint32_t before;
    enum status status;

    if (process == NULL)
        return ERR_NO_PROCESS;
    wanted = pm_identity (process);
    ids = req->group != 0 ? &wanted.gids : &wanted.uids;
    before = ids->files;
    status = set[req->how](ids, req, pm_is_root (process));
    if (status == OK)
        status = pm_identity_change (self, process, &wanted);
    if (status == OK)
        rep->before = before;
    return status;
}

enum status
pm_setids (Component *self, struct call *call, const struct process_setids_req *req,
           struct process_setids_rep *rep)
{
    struct pm *pm = component_state (self);
    enum status status;

    (void)call;
    component_charge (self, CYCLES_IDENTITY);
    if (req->how > IDS_FILES)
        return ERR_INVALID;
    component_lock (self, &pm->identifying);
    status = pm_setids_one (self, req, rep);
    component_unlock (self, &pm->identifying);
    return status;
}

/* ---- further groups ---- */

static enum status
pm_groups_set (Component *self, uint32_t pid, const grant *from)
{
    struct process *process = pm_find (component_state (self), pid);
    struct pm_identity wanted;

    if (process == NULL)
        return ERR_NO_PROCESS;
    if (!pm_is_root (process))
        return ERR_NOT_PERMITTED;
    wanted = pm_identity (process);
    wanted.group_count = from->length / (uint32_t)sizeof *wanted.groups;
    wanted.groups = from->data;
    return wanted.group_count > GROUPS_MAX ? ERR_INVALID
                                           : pm_identity_change (self, process, &wanted);
}

enum status
pm_groups (Component *self, struct call *call, const struct process_groups_req *req,
           struct process_groups_rep *rep)
{
    struct pm *pm = component_state (self);
    const struct process *process = pm_find (pm, req->process);
    uint32_t room = req->into.length / (uint32_t)sizeof (uint32_t);
    enum status status;

    (void)call;
    component_charge (self, CYCLES_IDENTITY);
    if (req->set != 0) {
        component_lock (self, &pm->identifying);
        status = pm_groups_set (self, req->process, &req->from);
        component_unlock (self, &pm->identifying);
        if (status == OK)
            rep->count = rep->done = 0;
        return status;
    }
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (room > process->group_count)
        room = process->group_count;
    if (room != 0)
        memcpy (req->into.data, process->groups, room * sizeof *process->groups);
    rep->count = process->group_count;
    rep->done = room * (uint32_t)sizeof *process->groups;
    return OK;
}
