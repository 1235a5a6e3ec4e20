/* linux_bytes: what is behind descriptors, read and written. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "personalities/descriptor.h"
#include "personalities/linux/linux_vector.h"

/* The memory is wrong: but is the descriptor? */
static int64_t
blame (const struct task *task, int32_t fd, uint32_t access, bool seeks, int64_t memory)
{
    struct file_flags_req request = { .process = task->pid, .fd = fd };
    struct file_flags_rep reply;
    int64_t bad = linux_result (file_flags (FILES, &request, &reply));

    if (bad == 0 && (reply.flags & access) == 0)
        bad = -EBADF;
    if (bad == 0 && seeks && !descriptor_is_seekable (task, fd))
        bad = -ESPIPE;
    return bad != 0 ? bad : memory;
}

/* What was read and could not be given is read again, where there are positions. */
static void
step_back (const struct task *task, int32_t fd, int64_t bytes)
{
    struct file_seek_req request
        = { .process = task->pid, .fd = fd, .offset = -bytes, .whence = SEEK_FROM_CURRENT };
    struct file_seek_rep reply;

    file_seek (FILES, &request, &reply);
}

/* So much of what is left as fits into the buffer. */
static uint32_t
next_part (const struct linux_vector *vector, uint64_t at, const struct linux_buffer *buffer)
{
    return vector->bytes - at < buffer->room ? (uint32_t)(vector->bytes - at) : buffer->room;
}

/* A pipe, a socket or a terminal gives one part. */
static int64_t
read_vector (struct task *task, int32_t fd, const struct linux_vector *vector, int64_t offset)
{
    struct linux_buffer buffer;
    int64_t bad = 0;
    uint64_t at = 0;
    bool more   = vector->bytes > GRANT_MAX && descriptor_is_seekable (task, fd);

    if (!linux_buffer_begin (&buffer, vector->bytes))
        return -ENOMEM;
    do {
        struct file_read_req request
            = { .process = task->pid,
                .fd      = fd,
                .offset  = offset < 0 ? -1 : offset + (int64_t)at,
                .into = { .data = buffer.data, .length = next_part (vector, at, &buffer) } };
        struct file_read_rep reply;
        int64_t copied;

        bad = linux_result (file_read (FILES, &request, &reply));
        if (bad != 0)
            break;
        copied = linux_vector_put (task, vector, at, buffer.data, reply.done);
        if (copied < 0)
            bad = copied;
        else
            at += (uint64_t)copied;
        if (offset < 0 && copied < (int64_t)reply.done)
            step_back (task, fd, reply.done - (copied > 0 ? copied : 0));
        if (copied < (int64_t)request.into.length)
            break;
    } while (more && at < vector->bytes);
    linux_buffer_end (&buffer);
    return at != 0 || bad == 0 ? (int64_t)at : bad;
}

static int64_t
write_vector (struct task *task, int32_t fd, const struct linux_vector *vector, int64_t offset)
{
    struct linux_buffer buffer;
    enum status status = OK;
    int64_t bad        = 0;
    uint64_t at        = 0;

    if (!linux_buffer_begin (&buffer, vector->bytes))
        return -ENOMEM;
    do {
        uint32_t part = next_part (vector, at, &buffer);
        struct file_write_req request = { .process = task->pid,
                                          .fd      = fd,
                                          .offset  = offset < 0 ? -1 : offset + (int64_t)at,
                                          .from    = { .data = buffer.data } };
        struct file_write_rep reply;
        int64_t copied = linux_vector_get (task, vector, at, buffer.data, part);

        if (copied < 0) {
            bad = blame (task, fd, OPEN_WRITE, offset >= 0, copied);
            break;
        }
        request.from.length = (uint32_t)copied;
        status              = file_write (FILES, &request, &reply);
        bad                 = linux_result (status);
        if (bad != 0)
            break;
        at += reply.done;
        if (reply.done < part)
            break;
    } while (at < vector->bytes);
    linux_buffer_end (&buffer);
    if (status == ERR_BROKEN_PIPE)
        linux_signal_self (task, SIGPIPE);
    if (status == ERR_FILE_LIMIT && at == 0)
        linux_signal_self (task, SIGXFSZ);
    return at != 0 || bad == 0 ? (int64_t)at : bad;
}

typedef int64_t transfer (struct task *task, int32_t fd, const struct linux_vector *vector,
                          int64_t offset);

static int64_t
one (struct task *task, const uint64_t *a, int64_t offset, transfer *transfer)
{
    struct linux_vector vector;

    linux_vector_one (&vector, a[1], a[2]);
    return transfer (task, (int32_t)a[0], &vector, offset);
}

static int64_t
several (struct task *task, const uint64_t *a, int64_t offset, transfer *transfer)
{
    struct linux_vector vector;
    int64_t result = linux_vector_begin (task, a[1], a[2], &vector);

    if (result != 0)
        return blame (task, (int32_t)a[0], transfer == read_vector ? OPEN_READ : OPEN_WRITE,
                      offset >= 0, result);
    result = transfer (task, (int32_t)a[0], &vector, offset);
    linux_vector_end (&vector);
    return result;
}

LINUX_FUNCTION (read)
{
    return one (task, a, -1, read_vector);
}

LINUX_FUNCTION (write)
{
    return one (task, a, -1, write_vector);
}

/* A place in a file, and so many bytes from there. */
static bool
is_place (uint64_t offset, uint64_t bytes)
{
    return offset <= INT64_MAX && bytes <= INT64_MAX - offset;
}

LINUX_FUNCTION (pread64)
{
    return is_place (a[3], a[2]) ? one (task, a, (int64_t)a[3], read_vector) : -EINVAL;
}

LINUX_FUNCTION (pwrite64)
{
    return is_place (a[3], a[2]) ? one (task, a, (int64_t)a[3], write_vector) : -EINVAL;
}

LINUX_FUNCTION (readv)
{
    return several (task, a, -1, read_vector);
}

LINUX_FUNCTION (writev)
{
    return several (task, a, -1, write_vector);
}

LINUX_FUNCTION (preadv)
{
    return (int64_t)a[3] < 0 ? -EINVAL : several (task, a, (int64_t)a[3], read_vector);
}

LINUX_FUNCTION (pwritev)
{
    return (int64_t)a[3] < 0 ? -EINVAL : several (task, a, (int64_t)a[3], write_vector);
}

/* The same with flags, of which there are none here, and with -1 for the descriptor's own position. */
static int64_t
several_with_flags (struct task *task, const uint64_t *a, transfer *transfer)
{
    if (a[5] != 0)
        return -EOPNOTSUPP;
    return (int64_t)a[3] < -1 ? -EINVAL : several (task, a, (int64_t)a[3], transfer);
}

LINUX_FUNCTION (preadv2)
{
    return several_with_flags (task, a, read_vector);
}

LINUX_FUNCTION (pwritev2)
{
    return several_with_flags (task, a, write_vector);
}

/* No file system here tells of holes: all of a file is data, and behind it is a hole, as Linux has
 * it for such. Sets *offset to where that lies. */
static int64_t
seek_data (struct task *task, int32_t fd, bool hole, int64_t *offset)
{
    struct file_stat_req request = { .process = task->pid, .fd = fd };
    struct file_stat_rep reply;
    int64_t bad = linux_result (file_stat (FILES, &request, &reply));

    if (bad != 0 || reply.attr.type != FILE_TYPE_REGULAR)
        return bad != 0 ? bad : descriptor_is_seekable (task, fd) ? -EINVAL : -ESPIPE;
    if (*offset < 0 || (uint64_t)*offset >= reply.attr.size)
        return -ENXIO;
    if (hole)
        *offset = (int64_t)reply.attr.size;
    return 0;
}

LINUX_FUNCTION (lseek)
{
    struct file_seek_req request = { .process = task->pid,
                                     .fd      = (int32_t)a[0],
                                     .offset  = (int64_t)a[1],
                                     .whence  = (uint32_t)a[2] };
    struct file_seek_rep reply;
    int64_t bad = 0;

    if (request.whence == SEEK_DATA || request.whence == SEEK_HOLE) {
        bad = seek_data (task, request.fd, request.whence == SEEK_HOLE, &request.offset);
        request.whence = SEEK_FROM_START;
    }
    if (bad == 0)
        bad = linux_result (file_seek (FILES, &request, &reply));
    return bad != 0 ? bad : reply.position;
}
