/* file_calls: the calls of a file server as its suites make them: by one process, begun for a case. */
#ifndef TESTS_SUITES_FILE_CALLS_H
#define TESTS_SUITES_FILE_CALLS_H

#include <string.h>

#include "probe.h"

#define PARENT 1u
#define PID    500u

static inline enum status
begin (struct probe *probe)
{
    struct file_clone_req clone = { .parent = PARENT, .child = PID };
    struct file_clone_rep cloned;

    return file_clone (probe->subject, &clone, &cloned);
}

static inline enum status
end (struct probe *probe)
{
    struct file_release_req release = { .process = PID };
    struct file_release_rep released;

    return file_release (probe->subject, &release, &released);
}

static inline int32_t
open_path (struct probe *probe, const char *path, uint32_t flags)
{
    struct file_open_req req
        = { .process = PID, .flags = flags, .mode = 0666, .from = TEXT (path) };
    struct file_open_rep rep = { .fd = 0 };
    enum status status = file_open (probe->subject, &req, &rep);

    return status == OK ? rep.fd : -(int32_t)status;
}

static inline enum status
close_fd (struct probe *probe, int32_t fd)
{
    struct file_close_req req = { .process = PID, .fd = fd };
    struct file_close_rep rep;

    return file_close (probe->subject, &req, &rep);
}

static inline int64_t
read_fd (struct probe *probe, int32_t fd, int64_t offset, void *into, uint32_t length)
{
    struct file_read_req req
        = { .process = PID, .fd = fd, .offset = offset, .into = WINDOW (into, length) };
    struct file_read_rep rep = { .done = 0 };
    enum status status = file_read (probe->subject, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

static inline int64_t
write_fd (struct probe *probe, int32_t fd, int64_t offset, const char *text)
{
    struct file_write_req req
        = { .process = PID, .fd = fd, .offset = offset, .from = TEXT (text) };
    struct file_write_rep rep = { .done = 0 };
    enum status status = file_write (probe->subject, &req, &rep);

    return status == OK ? (int64_t)rep.done : -(int64_t)status;
}

static inline enum status
stat_path (struct probe *probe, const char *path, struct file_attr *attr)
{
    struct file_stat_req req
        = { .process = PID, .fd = -1, .no_follow = 1, .from = TEXT (path) };
    struct file_stat_rep rep = { .attr = *attr };
    enum status status = file_stat (probe->subject, &req, &rep);

    *attr = rep.attr;
    return status;
}

static inline enum status
remove_path (struct probe *probe, const char *path, bool directory)
{
    struct file_remove_req req
        = { .process = PID, .directory = directory, .from = TEXT (path) };
    struct file_remove_rep rep;

    return file_remove (probe->subject, &req, &rep);
}

static inline enum status
make_directory (struct probe *probe, const char *path)
{
    struct file_make_req req = {
        .process = PID, .type = FILE_TYPE_DIRECTORY, .mode = 0777, .from = TEXT (path)
    };
    struct file_make_rep rep;

    return file_make (probe->subject, &req, &rep);
}

#endif
