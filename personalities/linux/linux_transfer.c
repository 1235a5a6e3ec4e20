/* linux_transfer: from one descriptor to another, without the program's memory between. */
#include <signal.h>

#include "personalities/descriptor.h"
#include "personalities/linux/linux_vector.h"

#define TRANSFER_MOST 0x7ffff000u /* in one call, as Linux has it */
#define TURN_PARTS    16u         /* GRANT_MAX each: then it is somebody else's turn */

/* One side of a transfer. */
struct side {
    int32_t fd;
    uint64_t address; /* where the program keeps its position; 0: it is the descriptor's own */
    int64_t at;       /* -1: there are no positions */
    uint32_t flags;   /* OPEN_* */
    struct file_attr attr;
};

static int64_t
side_begin (struct task *task, struct side *side, uint64_t fd, uint64_t address, uint32_t access)
{
    struct file_stat_req stat = { .process = task->pid, .fd = (int32_t)fd };
    struct file_stat_rep known;
    struct file_seek_req seek
        = { .process = task->pid, .fd = (int32_t)fd, .whence = SEEK_FROM_CURRENT };
    struct file_seek_rep sought;
    int64_t flags = linux_file_flags (task, fd), bad;

    if (flags < 0)
        return flags;
    if ((flags & access) == 0)
        return -EBADF;
    bad = linux_result (file_stat (FILES, &stat, &known));
    if (bad != 0)
        return bad;
    *side = (struct side){ .fd = (int32_t)fd, .address = address, .at = -1,
                           .flags = (uint32_t)flags, .attr = known.attr };
    if (file_seek (FILES, &seek, &sought) == OK)
        side->at = sought.position;
    if (address == 0)
        return 0;
    if (side->at < 0)
        return -ESPIPE;
    bad = linux_get (task, address, &side->at, sizeof side->at);
    return bad == 0 && side->at < 0 ? -EINVAL : bad;
}

/* Where it goes on from is told. */
static int64_t
side_end (struct task *task, const struct side *side)
{
    struct file_seek_req seek = { .process = task->pid, .fd = side->fd, .offset = side->at,
                                  .whence = SEEK_FROM_START };
    struct file_seek_rep sought;

    if (side->at < 0)
        return 0;
    return side->address != 0 ? linux_put (task, side->address, &side->at, sizeof side->at)
                              : linux_result (file_seek (FILES, &seek, &sought));
}

/* A part: how much of it went, or -errno. What was read and not taken stays where it was. */
static int64_t
transfer_part (struct task *task, struct side *in, struct side *out, uint8_t *data, uint32_t bytes)
{
    struct file_read_req read = { .process = task->pid, .fd = in->fd, .offset = in->at,
                                  .into = { .data = data, .length = bytes } };
    struct file_read_rep got;
    struct file_write_req write
        = { .process = task->pid, .fd = out->fd, .offset = out->at, .from = { .data = data } };
    struct file_write_rep put;
    enum status status;
    int64_t bad = linux_result (file_read (FILES, &read, &got));

    if (bad != 0 || got.done == 0)
        return bad;
    write.from.length = got.done;
    status            = file_write (FILES, &write, &put);
    if (status == ERR_BROKEN_PIPE || status == ERR_FILE_LIMIT)
        linux_signal_self (task, status == ERR_BROKEN_PIPE ? SIGPIPE : SIGXFSZ);
    if (status != OK)
        return linux_result (status);
    in->at += put.done;
    out->at += out->at >= 0 ? put.done : 0;
    return put.done;
}

/* Neither kill nor clock has to wait for a transfer without end. False: there is a signal. */
static bool
others_turn (void)
{
    struct clock_sleep_req sleep = { .duration_ns = 1 };
    struct clock_sleep_rep slept;

    return clock_sleep (nucleus_link (INTERFACE_clock), &sleep, &slept) != ERR_INTERRUPTED;
}

static int64_t
transfer (struct task *task, struct side *in, struct side *out, uint64_t bytes)
{
    uint8_t *data = linux_alloc (GRANT_MAX);
    uint64_t done = 0;
    int64_t part  = 0, bad;

    if (data == NULL)
        return -ENOMEM;
    bytes = bytes < TRANSFER_MOST ? bytes : TRANSFER_MOST;
    for (uint32_t parts = 1; done < bytes; parts++) {
        uint32_t most = bytes - done < GRANT_MAX ? (uint32_t)(bytes - done) : GRANT_MAX;

        part = transfer_part (task, in, out, data, most);
        if (part <= 0)
            break;
        done += (uint64_t)part;
        if (part < (int64_t)most || (parts % TURN_PARTS == 0 && done < bytes && !others_turn ()))
            break;
    }
    linux_free (data);
    if (done == 0 && part < 0)
        return part;
    bad = side_end (task, in);
    if (bad == 0)
        bad = side_end (task, out);
    return bad != 0 ? bad : (int64_t)done;
}

LINUX_FUNCTION (sendfile)
{
    struct side in, out;
    int64_t bad = side_begin (task, &in, a[1], a[2], OPEN_READ);

    if (bad == 0)
        bad = side_begin (task, &out, a[0], 0, OPEN_WRITE);
    if (bad == 0 && (in.at < 0 || in.attr.type == FILE_TYPE_DIRECTORY || (out.flags & OPEN_APPEND)))
        bad = -EINVAL;
    return bad != 0 ? bad : transfer (task, &in, &out, a[3]);
}

/* Are they the same bytes of the same file? */
static bool
overlap (const struct side *in, const struct side *out, uint64_t bytes)
{
    uint64_t apart = (uint64_t)(in->at > out->at ? in->at - out->at : out->at - in->at);

    return in->attr.node == out->attr.node && in->attr.filesystem == out->attr.filesystem
           && apart < bytes;
}

LINUX_FUNCTION (copy_file_range)
{
    struct side in, out;
    uint64_t bytes = a[4];
    int64_t bad    = side_begin (task, &in, a[0], a[1], OPEN_READ);

    if (bad == 0)
        bad = side_begin (task, &out, a[2], a[3], OPEN_WRITE);
    if (bad == 0 && a[5] != 0)
        bad = -EINVAL;
    if (bad != 0)
        return bad;
    if (in.attr.type == FILE_TYPE_DIRECTORY || out.attr.type == FILE_TYPE_DIRECTORY)
        return -EISDIR;
    if (in.attr.type != FILE_TYPE_REGULAR || out.attr.type != FILE_TYPE_REGULAR)
        return -EINVAL;
    if ((out.flags & OPEN_APPEND) != 0)
        return -EBADF;
    if (in.attr.filesystem != out.attr.filesystem)
        return -EXDEV;
    if ((uint64_t)in.at >= in.attr.size)
        return 0;
    bytes = bytes < in.attr.size - (uint64_t)in.at ? bytes : in.attr.size - (uint64_t)in.at;
    return overlap (&in, &out, bytes) ? -EINVAL : transfer (task, &in, &out, bytes);
}
