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

/* The files learn of it. Blocks. */
static enum status
pm_identity_tell (Component *self, const struct process *process)
{
    struct file_identify_req req
        = { .process = process->pid,
            .uid = process->uids.files,
            .gid = process->gids.files,
            .real_uid = process->uids.real,
            .real_gid = process->gids.real,
            .from = { .data = process->groups,
                      .length = process->group_count * (uint32_t)sizeof (uint32_t) } };
    struct file_identify_rep rep;

    return file_identify (component_link (self, PM_FILES), &req, &rep);
}

void
pm_identity_exec (Component *self, struct process *process, uint32_t become, uint32_t uid,
                  uint32_t gid)
{
    struct pm_ids uids = process->uids, gids = process->gids;

    if ((become & BECOME_USER) != 0)
        uids.effective = uid;
    if ((become & BECOME_GROUP) != 0)
        gids.effective = gid;
    uids.saved = uids.files = uids.effective;
    gids.saved = gids.files = gids.effective;
    if (memcmp (&uids, &process->uids, sizeof uids) == 0
        && memcmp (&gids, &process->gids, sizeof gids) == 0)
        return;
    process->uids = uids;
    process->gids = gids;
    pm_identity_tell (self, process);
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

enum status
pm_setids (Component *self, struct call *call, const struct process_setids_req *req,
           struct process_setids_rep *rep)
{
    static enum status (*const set[]) (struct pm_ids *, const struct process_setids_req *,
                                       bool)
        = { [IDS_ONE] = pm_set_one,
            [IDS_TWO] = pm_set_two,
            [IDS_THREE] = pm_set_three,
            [IDS_FILES] = pm_set_files };
    struct process *process = pm_find (component_state (self), req->process);
    struct pm_ids *ids, wanted;
    uint32_t before;
    enum status status;

    (void)call;
    component_charge (self, CYCLES_IDENTITY);
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (req->how > IDS_FILES)
        return ERR_INVALID;
    ids = req->group != 0 ? &process->gids : &process->uids;
    wanted = *ids;
    before = ids->files;
    status = set[req->how](&wanted, req, pm_is_root (process));
    if (status != OK)
        return status;
    *ids = wanted;
    status = pm_identity_tell (self, process);
    if (status == OK)
        rep->before = before;
    return status;
}

/* ---- further groups ---- */

static enum status
pm_groups_set (Component *self, struct process *process, const grant *from)
{
    uint32_t count = from->length / (uint32_t)sizeof (uint32_t);
    uint32_t *groups = NULL;

    if (!pm_is_root (process))
        return ERR_NOT_PERMITTED;
    if (count > GROUPS_MAX)
        return ERR_INVALID;
    if (count != 0) {
        groups = component_alloc (self, count * sizeof *groups);
        if (groups == NULL)
            return ERR_NO_MEMORY;
        memcpy (groups, from->data, count * sizeof *groups);
    }
    component_free (self, process->groups);
    process->groups = groups;
    process->group_count = count;
    return pm_identity_tell (self, process);
}

enum status
pm_groups (Component *self, struct call *call, const struct process_groups_req *req,
           struct process_groups_rep *rep)
{
    struct process *process = pm_find (component_state (self), req->process);
    uint32_t room = req->into.length / (uint32_t)sizeof (uint32_t);
    enum status status = OK;

    (void)call;
    component_charge (self, CYCLES_IDENTITY);
    if (process == NULL)
        return ERR_NO_PROCESS;
    if (req->set != 0)
        status = pm_groups_set (self, process, &req->from);
    if (status != OK)
        return status;
    if (req->set != 0 || room > process->group_count)
        room = req->set != 0 ? 0 : process->group_count;
    if (room != 0)
        memcpy (req->into.data, process->groups, room * sizeof *process->groups);
    rep->count = process->group_count;
    rep->done = room * (uint32_t)sizeof *process->groups;
    return OK;
}
