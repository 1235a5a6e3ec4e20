/* set: sets of descriptors in which somebody is interested, each a descriptor itself.
 *
 * A set is ready to be read when one of those in it is ready for what is wanted of it. So who
 * waits for a set waits as for any other descriptor (watch.c), and then takes what there is. An
 * interest belongs to the set and to an open file, and goes with whichever goes first; neither
 * counts it as a reference.
 *
 * An edge is some news since the last time: pipes count theirs, in each direction. A terminal is
 * in another component, which does not; there an edge is as good as being ready. It has to be
 * asked, too, so what is known of one is what it said last: vfs_set_ask.
 */
#include <string.h>

#include "vfs.h"

#define SET_DEPTH 4u /* steps from a set to one in it, to one in that, ... */
#define SET_SETS  8u /* sets in one */
#define SET_MOST  32768u /* in all of them, so that there is memory for other things */
#define SET_WAYS  2048u /* from sets to what is in them, where they are in each other */

struct interest {
    struct interest *next, *previous;           /* of the same set, in the order of their turns */
    struct interest *file_next, *file_previous; /* of the same open file */
    struct open_file *set, *file;
    int32_t fd;                 /* as which it was put in */
    uint32_t events;            /* POLL_*, INTEREST_*; 0: nothing until that is changed */
    uint64_t data;
    uint64_t seen;              /* news when it was told last */
    uint32_t terminal;          /* POLL_READ, as the terminal said, */
    uint64_t look;              /* when it was asked last */
};

static bool
vfs_set_has_terminal (const struct interest *of)
{
    return !vfs_file_is_pipe (of->file);
}

/* ---- who is ready ---- */

static uint64_t
vfs_set_news (const struct open_file *file, uint32_t events)
{
    const struct pipe *out = file->socket != 0 ? file->out : file->pipe;
    uint64_t news          = file->changes;

    if (file->pipe != NULL && (events & ~(uint32_t)POLL_WRITE) != 0)
        news += file->pipe->came;
    if (out != NULL && (events & POLL_WRITE) != 0)
        news += out->went;
    for (const struct interest *of = file->interests; of != NULL; of = of->next)
        news += vfs_set_news (of->file, of->events);
    return news;
}

static uint32_t
vfs_set_ready_for (const struct interest *of)
{
    uint32_t wanted = of->events | POLL_ALWAYS;

    if (of->events == 0)
        return 0;
    if (vfs_set_has_terminal (of))
        return (of->terminal | POLL_WRITE) & wanted;
    if ((of->events & INTEREST_EDGE) && vfs_set_news (of->file, of->events) == of->seen)
        return 0;
    return vfs_pipe_ready (of->file) & wanted;
}

uint32_t
vfs_set_ready (const struct open_file *set)
{
    for (const struct interest *of = set->interests; of != NULL; of = of->next)
        if (vfs_set_ready_for (of) != 0)
            return POLL_READ;
    return 0;
}

/* ---- terminals ---- */

/* One that has not been asked since. */
static struct interest *
vfs_set_terminal (const struct open_file *set, uint64_t look)
{
    struct interest *found = NULL;

    for (struct interest *of = set->interests; of != NULL && found == NULL; of = of->next)
        if (of->file->set)
            found = vfs_set_terminal (of->file, look);
        else if (vfs_set_has_terminal (of) && (of->events & POLL_READ) && of->look < look)
            found = of;
    return found;
}

static void
vfs_set_saw (struct open_file *set, const struct vnode *vnode, uint32_t ready, uint64_t look)
{
    for (struct interest *of = set->interests; of != NULL; of = of->next)
        if (of->file->set) {
            vfs_set_saw (of->file, vnode, ready, look);
        } else if (of->file->vnode == vnode && of->look < look) {
            of->terminal = ready & POLL_READ;
            of->look     = look;
        }
}

uint64_t
vfs_set_look (Component *self)
{
    struct vfs *vfs = component_state (self);

    return ++vfs->last_look;
}

enum status
vfs_set_ask (Component *self, struct open_file *set, uint64_t look, bool *any, Link **link,
             uint64_t *node)
{
    const struct interest *of = vfs_set_terminal (set, look);
    struct vnode *vnode;
    uint32_t ready;
    enum status status;

    *any = of != NULL;
    if (of == NULL)
        return OK;
    vnode  = vfs_vnode_ref (of->file->vnode);
    status = vfs_watch_vnode (self, vnode, POLL_READ, link, node, &ready);
    if (status == OK)
        vfs_set_saw (set, vnode, ready, look);
    vfs_vnode_put (self, vnode);
    return status;
}

enum status
vfs_set_ask_all (Component *self, struct open_file *set)
{
    uint64_t look      = vfs_set_look (self);
    enum status status = OK;
    bool any           = true;
    uint64_t node;
    Link *link;

    while (any && status == OK)
        status = vfs_set_ask (self, set, look, &any, &link, &node);
    return status;
}

/* Its turn comes last. */
static void
vfs_set_append (struct interest *of)
{
    struct open_file *set = of->set;

    of->next     = NULL;
    of->previous = set->last_interest;
    if (of->previous != NULL)
        of->previous->next = of;
    else
        set->interests = of;
    set->last_interest = of;
}

static void
vfs_set_take_out (struct interest *of)
{
    struct open_file *set = of->set;

    if (of->previous != NULL)
        of->previous->next = of->next;
    else
        set->interests = of->next;
    if (of->next != NULL)
        of->next->previous = of->previous;
    else
        set->last_interest = of->previous;
}

static void
vfs_set_link (struct interest *of)
{
    struct open_file *file = of->file;

    of->file_next = file->in_sets;
    if (of->file_next != NULL)
        of->file_next->file_previous = of;
    file->in_sets = of;
    vfs_set_append (of);
}

static void
vfs_set_unlink (struct interest *of)
{
    if (of->file_previous != NULL)
        of->file_previous->file_next = of->file_next;
    else
        of->file->in_sets = of->file_next;
    if (of->file_next != NULL)
        of->file_next->file_previous = of->file_previous;
    vfs_set_take_out (of);
}

static void
vfs_set_remove (Component *self, struct interest *of)
{
    struct vfs *vfs = component_state (self);

    vfs_set_unlink (of);
    vfs->interests--;
    /* News never goes back. */
    of->set->changes += vfs_set_news (of->file, of->events);
    component_free (self, of);
}

void
vfs_set_forget (Component *self, struct open_file *file)
{
    while (file->in_sets != NULL)
        vfs_set_remove (self, file->in_sets);
    while (file->interests != NULL)
        vfs_set_remove (self, file->interests);
}

/* ---- sets in sets ---- */

/* Do all ways down from there end, and soon? */
static enum status
vfs_set_ends (const struct open_file *set, uint32_t depth, uint32_t *ways)
{
    enum status status = depth > SET_DEPTH ? ERR_LOOP : OK;

    for (const struct interest *of = set->interests; of != NULL && status == OK; of = of->next)
        if ((*ways)-- == 0)
            return ERR_INVALID;
        else if (of->file->set)
            status = vfs_set_ends (of->file, depth + 1, ways);
    return status;
}

/* The same from all that are above it. */
static enum status
vfs_set_nests (const struct open_file *set, uint32_t depth, uint32_t *ways)
{
    enum status status = depth > SET_DEPTH ? ERR_LOOP : OK;

    if (set->in_sets == NULL)
        return vfs_set_ends (set, 0, ways);
    for (const struct interest *in = set->in_sets; in != NULL && status == OK; in = in->file_next)
        if ((*ways)-- == 0)
            return ERR_INVALID;
        else
            status = vfs_set_nests (in->set, depth + 1, ways);
    return status;
}

/* May what has just come in stay there? No set is in itself, and whoever looks at one is done
 * soon, and so are we. */
static enum status
vfs_set_bears (const struct open_file *set, const struct open_file *file)
{
    uint32_t ways = SET_WAYS, count = 0;

    if (!file->set && set->in_sets == NULL)
        return OK;
    for (const struct interest *of = set->interests; of != NULL; of = of->next)
        count += of->file->set;
    return count <= SET_SETS ? vfs_set_nests (set, 0, &ways) : ERR_INVALID;
}

/* ---- what is in it ---- */

static enum status
vfs_set_add (Component *self, struct open_file *set, struct open_file *file,
             const struct file_interest_req *req)
{
    struct vfs *vfs = component_state (self);
    struct interest *of;
    enum status status;

    if (vfs->interests >= SET_MOST)
        return ERR_NO_SPACE;
    of = component_alloc (self, sizeof *of);
    if (of == NULL)
        return ERR_NO_MEMORY;
    *of = (struct interest){ .set = set, .file = file, .fd = req->fd, .events = req->events,
                             .data = req->data, .seen = UINT64_MAX };
    vfs_set_link (of);
    status = vfs_set_bears (set, file);
    if (status == OK) {
        vfs->interests++;
    } else {
        vfs_set_unlink (of);
        component_free (self, of);
    }
    return status;
}

/* What cannot make anybody wait is not waited for. */
static enum status
vfs_set_allow (Component *self, const struct open_file *file)
{
    struct fs_tty_get_req get;
    struct fs_tty_get_rep got;
    Link *link;

    if (vfs_file_is_pipe (file))
        return OK;
    if (file->vnode->type == FILE_TYPE_CHARACTER
        && vfs_vnode_device (self, file->vnode, &link, &get.node) == OK
        && fs_tty_get (link, &get, &got) == OK)
        return OK;
    return ERR_NOT_PERMITTED;
}

static enum status
vfs_set_change (Component *self, struct open_file *set, struct open_file *file,
                const struct file_interest_req *req)
{
    struct interest *of = set->interests;

    while (of != NULL && (of->file != file || of->fd != req->fd))
        of = of->next;
    switch (req->how) {
    case INTEREST_ADD:
        return of != NULL ? ERR_EXISTS : vfs_set_add (self, set, file, req);
    case INTEREST_CHANGE:
        if (of == NULL)
            return ERR_NOT_FOUND;
        of->events = req->events;
        of->data   = req->data;
        of->seen   = UINT64_MAX;
        return OK;
    case INTEREST_REMOVE:
        if (of == NULL)
            return ERR_NOT_FOUND;
        vfs_set_remove (self, of);
        return OK;
    default:
        return ERR_INVALID;
    }
}

VFS_HANDLER (interest)
{
    struct open_file *set, *file = NULL;
    enum status status = vfs_file_get (self, req->process, req->set, &set);

    (void)call, (void)rep;
    component_charge (self, 300);
    if (status != OK)
        return status;
    status = vfs_file_get (self, req->process, req->fd, &file);
    if (status == OK)
        status = vfs_set_allow (self, file);
    if (status == OK && (file == set || !set->set))
        status = ERR_INVALID;
    if (status == OK)
        status = vfs_set_change (self, set, file, req);
    if (status == OK) {
        set->changes++;
        vfs_watch_stir (self);
        vfs_watch_tell (self);
    }
    vfs_file_put (self, file);
    vfs_file_put (self, set);
    return status;
}

/* ---- taking what there is ---- */

static uint32_t
vfs_set_take (struct open_file *set, const grant *into)
{
    struct interest *of = set->interests, *next, *told = NULL;
    uint32_t done       = 0;

    for (; of != NULL && of != told && into->length - done >= sizeof (struct file_event); of = next) {
        const struct file_event event = { .data = of->data, .events = vfs_set_ready_for (of) };

        next = of->next;
        if (event.events == 0)
            continue;
        memcpy ((char *)into->data + done, &event, sizeof event);
        done += sizeof event;
        of->seen = vfs_set_news (of->file, of->events);
        if (of->events & INTEREST_ONCE)
            of->events = 0;
        if (told == NULL)
            told = of; /* from here on they have been asked */
        vfs_set_take_out (of); /* it has had its turn: the others come first now */
        vfs_set_append (of);
    }
    return done;
}

VFS_HANDLER (happened)
{
    struct open_file *set;
    enum status status = vfs_file_get (self, req->process, req->set, &set);

    (void)call;
    component_charge (self, 300);
    if (status != OK)
        return status;
    vfs_counter_tick (self);
    status = set->set ? vfs_set_ask_all (self, set) : ERR_INVALID;
    if (status == OK)
        rep->done = vfs_set_take (set, &req->into);
    vfs_file_put (self, set);
    return status;
}
