/* file: files as processes see them. The subject serves a tree with a memory file system at
 * /; each case makes a process of its own by clone, and lets it go. */
#include "file_calls.h"
#include "suites.h"

/* ---- */

static void
gives_the_lowest_descriptor (struct probe *probe)
{
    int32_t first, second;

    SAME (begin (probe), OK);
    first = open_path (probe, "/new", OPEN_READ | OPEN_WRITE | OPEN_CREATE);
    CHECK (first >= 0);
    second = open_path (probe, "/new", OPEN_READ);
    SAME (second, first + 1);
    SAME (close_fd (probe, first), OK);
    SAME (close_fd (probe, first), ERR_BAD_DESCRIPTOR);
    SAME (open_path (probe, "/new", OPEN_READ), first);
    SAME (remove_path (probe, "/new", false), OK);
    SAME (end (probe), OK);
    SAME (close_fd (probe, first), ERR_NO_PROCESS);
}

static void
moves_its_position (struct probe *probe)
{
    struct file_seek_req seek = { .process = PID };
    struct file_seek_rep sought;
    char text[16];
    int32_t fd;

    SAME (begin (probe), OK);
    fd = open_path (probe, "/new", OPEN_READ | OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE);
    CHECK (fd >= 0);
    SAME (write_fd (probe, fd, -1, "0123"), 4);
    SAME (write_fd (probe, fd, -1, "456789"), 6);
    SAME (read_fd (probe, fd, -1, text, 16), 0);
    seek.fd = fd;
    seek.offset = -7;
    seek.whence = SEEK_FROM_END;
    SAME (file_seek (probe->subject, &seek, &sought), OK);
    SAME (sought.position, 3);
    memset (text, '#', sizeof text);
    SAME (read_fd (probe, fd, -1, text, 3), 3);
    SAME_TEXT (text, 4, "345#");
    SAME (read_fd (probe, fd, 8, text, 16), 2);
    SAME_TEXT (text, 2, "89");
    SAME (read_fd (probe, fd, -1, text, 1), 1);
    SAME (text[0], '6');
    sought.position = 77;
    seek.offset = -1;
    seek.whence = SEEK_FROM_START;
    SAME (file_seek (probe->subject, &seek, &sought), ERR_INVALID);
    seek.whence = 9;
    SAME (file_seek (probe->subject, &seek, &sought), ERR_INVALID);
    SAME (sought.position, 77);
    SAME (read_fd (probe, fd, -2, text, 1), -ERR_INVALID);
    SAME (remove_path (probe, "/new", false), OK);
    SAME (end (probe), OK);
}

static void
shares_what_was_duplicated (struct probe *probe)
{
    struct file_dup_req dup = { .process = PID, .to = -1, .least = 10 };
    struct file_dup_rep dupped;
    char text[4];
    int32_t fd;

    SAME (begin (probe), OK);
    fd = open_path (probe, "/new", OPEN_READ | OPEN_WRITE | OPEN_CREATE);
    SAME (write_fd (probe, fd, -1, "abcd"), 4);
    dup.fd = fd;
    SAME (file_dup (probe->subject, &dup, &dupped), OK);
    SAME (dupped.fd, 10);
    SAME (read_fd (probe, fd, 0, text, 4), 4);
    SAME (write_fd (probe, 10, -1, "e"), 1);
    SAME (read_fd (probe, fd, 4, text, 4), 1);
    SAME (text[0], 'e');
    dup.fd = 99;
    dupped.fd = 77;
    SAME (file_dup (probe->subject, &dup, &dupped), ERR_BAD_DESCRIPTOR);
    SAME (dupped.fd, 77);
    SAME (remove_path (probe, "/new", false), OK);
    SAME (end (probe), OK);
}

static void
walks_paths (struct probe *probe)
{
    struct file_attr attr = { .node = 77 };
    struct file_chdir_req chdir = { .process = PID, .fd = -1, .from = TEXT ("/dir/sub") };
    struct file_chdir_rep changed;
    struct file_symlink_req symlink
        = { .process = PID, .from = STRINGS ("../file\0/dir/sub/link") };
    struct file_symlink_rep made;
    struct file_getcwd_req getcwd;
    struct file_getcwd_rep got;
    char text[32];

    SAME (begin (probe), OK);
    SAME (make_directory (probe, "/dir"), OK);
    SAME (make_directory (probe, "/dir/sub"), OK);
    SAME (make_directory (probe, "/dir"), ERR_EXISTS);
    SAME (make_directory (probe, "/none/sub"), ERR_NOT_FOUND);
    SAME (file_symlink (probe->subject, &symlink, &made), OK);
    CHECK (open_path (probe, "/dir/file", OPEN_WRITE | OPEN_CREATE) >= 0);
    SAME (file_chdir (probe->subject, &chdir, &changed), OK);
    CHECK (open_path (probe, "link", OPEN_READ) >= 0);
    CHECK (open_path (probe, "./.././../dir//sub/link", OPEN_READ) >= 0);
    SAME (open_path (probe, "link", OPEN_READ | OPEN_NO_FOLLOW), -ERR_LOOP);
    SAME (open_path (probe, "link/x", OPEN_READ), -ERR_NOT_DIRECTORY);
    SAME (open_path (probe, "", OPEN_READ), -ERR_NOT_FOUND);
    getcwd = (struct file_getcwd_req){ .process = PID, .into = WINDOW (text, sizeof text) };
    memset (text, '#', sizeof text);
    SAME (file_getcwd (probe->subject, &getcwd, &got), OK);
    SAME (got.done, 8);
    SAME_TEXT (text, 9, "/dir/sub#");
    getcwd.into.length = 4;
    got.done = 77;
    SAME (file_getcwd (probe->subject, &getcwd, &got), ERR_RANGE);
    SAME (got.done, 77);
    SAME_TEXT (text, 9, "/dir/sub#");
    SAME (stat_path (probe, "none", &attr), ERR_NOT_FOUND);
    SAME (attr.node, 77);
    SAME (remove_path (probe, "link", false), OK);
    SAME (remove_path (probe, "/dir/file", false), OK);
    SAME (remove_path (probe, "/dir/sub", true), OK);
    SAME (remove_path (probe, "/dir", true), OK);
    SAME (end (probe), OK);
}

static void
refuses_flags_that_do_not_fit (struct probe *probe)
{
    char text[8];
    int32_t fd;

    SAME (begin (probe), OK);
    fd = open_path (probe, "/new", OPEN_WRITE | OPEN_CREATE);
    SAME (open_path (probe, "/new", OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE),
          -ERR_EXISTS);
    SAME (open_path (probe, "/new", OPEN_READ | OPEN_DIRECTORY), -ERR_NOT_DIRECTORY);
    SAME (open_path (probe, "/", OPEN_WRITE), -ERR_IS_DIRECTORY);
    SAME (open_path (probe, "/new", 0), -ERR_INVALID);
    SAME (read_fd (probe, fd, -1, text, 8), -ERR_BAD_DESCRIPTOR);
    SAME (write_fd (probe, open_path (probe, "/new", OPEN_READ), -1, "x"),
          -ERR_BAD_DESCRIPTOR);
    SAME (read_fd (probe, -5, -1, text, 8), -ERR_BAD_DESCRIPTOR);
    SAME (read_fd (probe, 100000, -1, text, 8), -ERR_BAD_DESCRIPTOR);
    SAME (read_fd (probe, fd, -1, text, GRANT_MAX + 1), -ERR_INVALID);
    SAME (remove_path (probe, "/new", false), OK);
    SAME (end (probe), OK);
}

static void
renames_and_links (struct probe *probe)
{
    struct file_rename_req rename = { .process = PID, .from = STRINGS ("/a\0/b") };
    struct file_rename_rep renamed;
    struct file_link_req link = { .process = PID, .from = STRINGS ("/b\0/c") };
    struct file_link_rep linked;
    struct file_attr attr = { 0 };

    SAME (begin (probe), OK);
    CHECK (open_path (probe, "/a", OPEN_WRITE | OPEN_CREATE) >= 0);
    SAME (file_rename (probe->subject, &rename, &renamed), OK);
    SAME (file_rename (probe->subject, &rename, &renamed), ERR_NOT_FOUND);
    SAME (file_link (probe->subject, &link, &linked), OK);
    SAME (stat_path (probe, "/c", &attr), OK);
    SAME (attr.links, 2);
    link.from = STRINGS ("/b\0/dev/b");
    SAME (file_link (probe->subject, &link, &linked), ERR_CROSS_DEVICE);
    link.from.length = 2; /* no second path */
    SAME (file_link (probe->subject, &link, &linked), ERR_INVALID);
    SAME (remove_path (probe, "/b", false), OK);
    SAME (remove_path (probe, "/c", false), OK);
    SAME (end (probe), OK);
}

static enum status
make_pipe (struct probe *probe, uint32_t flags, int32_t ends[2])
{
    struct file_pipe_req pipe = { .process = PID, .flags = flags };
    struct file_pipe_rep piped;
    enum status status = file_pipe (probe->subject, &pipe, &piped);

    ends[0] = status == OK ? piped.read_fd : -1;
    ends[1] = status == OK ? piped.write_fd : -1;
    return status;
}

static void
carries_bytes_through_a_pipe (struct probe *probe)
{
    int32_t ends[2];
    char text[8];

    SAME (begin (probe), OK);
    SAME (make_pipe (probe, OPEN_NONBLOCK, ends), OK);
    memset (text, '#', sizeof text);
    SAME (read_fd (probe, ends[0], -1, text, 8), -ERR_AGAIN);
    SAME (write_fd (probe, ends[1], -1, "pipe"), 4);
    SAME (read_fd (probe, ends[0], -1, text, 8), 4);
    SAME_TEXT (text, 5, "pipe#");
    SAME (read_fd (probe, ends[0], 0, text, 8), -ERR_NOT_SEEKABLE);
    SAME (close_fd (probe, ends[1]), OK);
    SAME (read_fd (probe, ends[0], -1, text, 8), 0);
    SAME (make_pipe (probe, 0, ends), OK);
    SAME (close_fd (probe, ends[0]), OK);
    SAME (write_fd (probe, ends[1], -1, "x"), -ERR_BROKEN_PIPE);
    SAME (end (probe), OK);
}

/* A read that must wait is answered when there is something, or nobody who could write. */
enum { WAIT_FOR_BYTES = 1, SEND_BYTES, WAIT_FOR_THE_END, SEND_THE_END };

static void
answers_a_reader_later (struct probe *probe)
{
    int32_t ends[2];

    SAME (begin (probe), OK);
    SAME (make_pipe (probe, 0, ends), OK);
    probe->order[0] = (uint64_t)ends[0];
    probe->order[1] = (uint64_t)ends[1];
    probe->count = 0;
    probe_beside (probe, WAIT_FOR_BYTES, 2);
    SAME (probe->count, 3);
    probe_beside (probe, WAIT_FOR_THE_END, 2);
    SAME (probe->count, 15);
    SAME (end (probe), OK);
}

/* A write of more than a pipe holds waits for its reader. */
enum { WRITE_MUCH = 10, READ_MUCH };
#define MUCH GRANT_MAX

static void
answers_a_writer_later (struct probe *probe)
{
    int32_t ends[2];

    SAME (begin (probe), OK);
    SAME (make_pipe (probe, 0, ends), OK);
    probe->order[0] = (uint64_t)ends[0];
    probe->order[1] = (uint64_t)ends[1];
    probe->memory = component_alloc (probe->self, MUCH);
    CHECK (probe->memory != NULL);
    for (uint32_t i = 0; i < MUCH; i++)
        ((uint8_t *)probe->memory)[i] = (uint8_t)(i * 7 >> 3);
    probe_beside (probe, WRITE_MUCH, 2);
    component_free (probe->self, probe->memory);
    SAME (end (probe), OK);
}

static void
write_much (struct probe *probe)
{
    int32_t to = (int32_t)probe->order[1];

    for (unsigned i = 0; i < 3; i++) {
        struct file_write_req req = {
            .process = PID, .fd = to, .offset = -1, .from = WINDOW (probe->memory, MUCH)
        };
        struct file_write_rep rep;

        SAME (file_write (probe->subject, &req, &rep), OK);
        SAME (rep.done, MUCH);
    }
    SAME (close_fd (probe, to), OK);
}

static void
read_much (struct probe *probe)
{
    uint8_t *bytes = component_alloc (probe->self, 5000);
    uint64_t at = 0;
    int64_t got;

    CHECK (bytes != NULL);
    while ((got = read_fd (probe, (int32_t)probe->order[0], -1, bytes, 5000)) > 0)
        for (int64_t i = 0; i < got; i++, at++)
            CHECK (bytes[i] == (uint8_t)(at % MUCH * 7 >> 3));
    SAME (got, 0);
    SAME (at, 3 * MUCH);
    component_free (probe->self, bytes);
}

static void
file_beside (struct probe *probe, uint64_t cookie)
{
    char text[8];

    memset (text, '#', sizeof text);
    switch (cookie) {
    case WAIT_FOR_BYTES:
        SAME (read_fd (probe, (int32_t)probe->order[0], -1, text, 8), 5);
        SAME_TEXT (text, 6, "later#");
        probe->count |= 1;
        break;
    case SEND_BYTES:
        probe_pause (probe, 1000000);
        SAME (write_fd (probe, (int32_t)probe->order[1], -1, "later"), 5);
        probe->count |= 2;
        break;
    case WAIT_FOR_THE_END:
        SAME (read_fd (probe, (int32_t)probe->order[0], -1, text, 8), 0);
        SAME (text[0], '#');
        probe->count |= 4;
        break;
    case SEND_THE_END:
        probe_pause (probe, 1000000);
        SAME (close_fd (probe, (int32_t)probe->order[1]), OK);
        probe->count |= 8;
        break;
    case WRITE_MUCH:
        write_much (probe);
        break;
    case READ_MUCH:
        read_much (probe);
        break;
    }
}

static void
file_suite_timer (struct probe *probe, uint64_t cookie)
{
    file_beside (probe, cookie);
    probe_ended (probe);
}

static enum status
stat_fd (struct probe *probe, int32_t fd, struct file_attr *attr)
{
    struct file_stat_req req = { .process = PID, .fd = fd };
    struct file_stat_rep rep = { .attr = *attr };
    enum status status       = file_stat (probe->subject, &req, &rep);

    *attr = rep.attr;
    return status;
}

static enum status
allocate (struct probe *probe, int32_t fd, uint64_t offset, uint64_t bytes)
{
    struct file_allocate_req req
        = { .process = PID, .fd = fd, .offset = offset, .bytes = bytes };
    struct file_allocate_rep rep;

    return file_allocate (probe->subject, &req, &rep);
}

static void
makes_files_without_a_name (struct probe *probe)
{
    struct file_temporary_req make = { .process = PID };
    struct file_temporary_rep made = { 0 };
    struct file_attr attr          = { 0 };
    char text[8]                   = "x";

    SAME (begin (probe), OK);
    SAME (file_temporary (probe->subject, &make, &made), OK);
    SAME (write_fd (probe, made.fd, -1, "text"), 4);
    SAME (read_fd (probe, made.fd, 0, text, 8), 4);
    SAME_TEXT (text, 4, "text");
    SAME (stat_fd (probe, made.fd, &attr), OK);
    SAME (attr.type, FILE_TYPE_REGULAR);
    SAME (attr.links, 0);
    SAME (allocate (probe, made.fd, 2, 5000), OK);
    SAME (stat_fd (probe, made.fd, &attr), OK);
    SAME (attr.size, 5002);
    SAME (allocate (probe, made.fd, INT64_MAX, 1), ERR_FILE_TOO_LARGE);
    SAME (allocate (probe, open_path (probe, "/dev/null", OPEN_WRITE), 0, 1), ERR_NO_DEVICE);
    SAME (allocate (probe, 99, 0, 1), ERR_BAD_DESCRIPTOR);
    SAME (end (probe), OK);
    SAME (file_temporary (probe->subject, &make, &made), ERR_NO_PROCESS);
}

static void
opens_a_path_alone (struct probe *probe)
{
    struct file_flags_req flags = { .process = PID };
    struct file_flags_rep are;
    struct file_attr attr = { 0 };
    char text[8];
    int32_t fd;

    SAME (begin (probe), OK);
    SAME (close_fd (probe, open_path (probe, "/f", OPEN_WRITE | OPEN_CREATE)), OK);
    fd = open_path (probe, "/f", OPEN_PATH);
    CHECK (fd >= 0);
    SAME (stat_fd (probe, fd, &attr), OK);
    SAME (attr.type, FILE_TYPE_REGULAR);
    SAME (read_fd (probe, fd, -1, text, 1), -(int64_t)ERR_BAD_DESCRIPTOR);
    SAME (write_fd (probe, fd, -1, "x"), -(int64_t)ERR_BAD_DESCRIPTOR);
    SAME (allocate (probe, fd, 0, 1), ERR_BAD_DESCRIPTOR);
    flags.fd = fd;
    SAME (file_flags (probe->subject, &flags, &are), OK);
    SAME (are.flags, OPEN_PATH);
    flags.set = OPEN_NONBLOCK;
    SAME (file_flags (probe->subject, &flags, &are), ERR_BAD_DESCRIPTOR);
    SAME (remove_path (probe, "/f", false), OK);
    SAME (open_path (probe, "/f", OPEN_PATH | OPEN_CREATE), -(int32_t)ERR_NOT_FOUND);
    SAME (end (probe), OK);
}

static void
reaches_devices (struct probe *probe)
{
    struct file_tty_get_req get = { .process = PID };
    struct file_tty_get_rep got;
    char text[8] = "x";
    int32_t zero, tty;

    SAME (begin (probe), OK);
    zero = open_path (probe, "/dev/zero", OPEN_READ);
    tty = open_path (probe, "/dev/tty", OPEN_READ | OPEN_WRITE);
    SAME (read_fd (probe, zero, -1, text, 4), 4);
    CHECK (memcmp (text, "\0\0\0", 4) == 0);
    SAME (write_fd (probe, tty, -1, "through the file server\n"), 24);
    SAME (read_fd (probe, tty, -1, text, 8), 0);
    get.fd = tty;
    SAME (file_tty_get (probe->subject, &get, &got), OK);
    get.fd = zero;
    SAME (file_tty_get (probe->subject, &get, &got), ERR_NOT_TERMINAL);
    SAME (end (probe), OK);
}

static void
keeps_users_apart (struct probe *probe)
{
    struct file_identify_req identify = { .process  = PID,
                                          .uid      = 1000,
                                          .gid      = 1000,
                                          .real_uid = 1000,
                                          .real_gid = 1000 };
    struct file_identify_rep identified;
    struct file_umask_req umask = { .process = PID, .mask = 077 };
    struct file_umask_rep old;
    struct file_attr attr = { 0 };

    SAME (begin (probe), OK);
    SAME (file_umask (probe->subject, &umask, &old), OK);
    SAME (old.mask, 022);
    CHECK (open_path (probe, "/secret", OPEN_WRITE | OPEN_CREATE) >= 0);
    SAME (stat_path (probe, "/secret", &attr), OK);
    SAME (attr.mode, 0600);
    SAME (file_identify (probe->subject, &identify, &identified), OK);
    SAME (open_path (probe, "/secret", OPEN_READ), -ERR_ACCESS);
    SAME (remove_path (probe, "/secret", false), ERR_ACCESS);
    identify.uid = identify.gid = identify.real_uid = identify.real_gid = 0;
    SAME (file_identify (probe->subject, &identify, &identified), OK);
    SAME (remove_path (probe, "/secret", false), OK);
    SAME (end (probe), OK);
}

static void
refuses_processes_that_are_not_there (struct probe *probe)
{
    struct file_clone_req clone = { .parent = 4711, .child = PID };
    struct file_clone_rep cloned;

    SAME (file_clone (probe->subject, &clone, &cloned), ERR_NO_PROCESS);
    SAME (open_path (probe, "/", OPEN_READ), -ERR_NO_PROCESS);
    SAME (end (probe), ERR_NO_PROCESS);
    SAME (begin (probe), OK);
    SAME (begin (probe), ERR_EXISTS);
    SAME (end (probe), OK);
}

const struct suite file_suite = {
    .name = "file",
    .cases
    = { { "gives the lowest descriptor", gives_the_lowest_descriptor },
        { "moves its position", moves_its_position },
        { "shares what was duplicated", shares_what_was_duplicated },
        { "walks paths", walks_paths },
        { "refuses flags that do not fit", refuses_flags_that_do_not_fit },
        { "renames and links", renames_and_links },
        { "carries bytes through a pipe", carries_bytes_through_a_pipe },
        { "answers a reader later", answers_a_reader_later },
        { "answers a writer later", answers_a_writer_later },
        { "makes files without a name", makes_files_without_a_name },
        { "opens a path alone", opens_a_path_alone },
        { "reaches devices", reaches_devices },
        { "keeps users apart", keeps_users_apart },
        { "refuses processes that are not there", refuses_processes_that_are_not_there } },
    .timer = file_suite_timer,
};

const struct component_class probe_file_class = {
    .name = "probe-file",
    .summary = "tries out a file server",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (file) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
