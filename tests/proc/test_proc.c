/* proc: files of text about processes and the machine, from components made up here. */
#include <stdio.h>

#include "../fs/calls.h"
#include "../solo/solo.h"

extern const struct component_class proc_class;

/* ---- told: a process manager, a file server and a kernel that say what they are told ---- */

#define TOLD_PROCESSES  500u
#define TOLD_COMPONENTS 130u

static bool gone[TOLD_PROCESSES + 1]; /* by pid */

static enum status
told_list (Component *self, struct call *call, const struct process_list_req *req,
           struct process_list_rep *rep)
{
    (void)self, (void)call;
    for (uint32_t pid = req->first ? req->first : 1; pid <= TOLD_PROCESSES; pid++) {
        struct process_row row = { .pid = pid, .parent = pid / 2, .group = 1, .uid = pid % 3,
                                   .state = pid % 3 + 1, .task = pid + 7,
                                   .cpu_ns = pid * 10000000u, .name = "program-name-15" };
        if (gone[pid])
            continue;
        if (sizeof row > req->into.length - rep->done)
            break;
        memcpy ((char *)req->into.data + rep->done, &row, sizeof row);
        rep->done += sizeof row;
    }
    return OK;
}

static enum status
told_info (Component *self, struct call *call, const struct process_info_req *req,
           struct process_info_rep *rep)
{
    (void)self, (void)call;
    if (gone[req->process])
        return ERR_NO_PROCESS;
    *rep = (struct process_info_rep){ .pid           = req->process,
                                      .session       = 1,
                                      .uid           = 2,
                                      .effective_uid = 3,
                                      .saved_uid     = 4,
                                      .files_uid     = 5,
                                      .gid           = 9,
                                      .effective_gid = 10,
                                      .saved_gid     = 11,
                                      .files_gid     = 12 };
    return OK;
}

static enum status
told_times (Component *self, struct call *call, const struct process_times_req *req,
            struct process_times_rep *rep)
{
    (void)self, (void)call;
    *rep = (struct process_times_rep){ .cpu_ns      = req->process * 20000000u,
                                       .children_ns = 50000000u };
    return OK;
}

static enum status
told_mounts (Component *self, struct call *call, const struct file_mounts_req *req,
             struct file_mounts_rep *rep)
{
    (void)self, (void)call;
    for (uint32_t i = req->first; i < 300 && req->into.length - rep->done > 40; i++) {
        char line[40];
        int bytes = snprintf (line, sizeof line, "s%u /m%u tmpfs rw 0 0\n", i, i);
        memcpy ((char *)req->into.data + rep->done, line, (size_t)bytes);
        rep->done += (uint32_t)bytes;
    }
    return OK;
}

static enum status
told_components (Component *self, struct call *call, const struct kernel_components_req *req,
                 struct kernel_components_rep *rep)
{
    (void)self, (void)call;
    for (uint32_t i = req->first; i < TOLD_COMPONENTS; i++) {
        struct component_row row = { .id = i, .class_name = "class" };
        if (sizeof row > req->into.length - rep->done)
            break;
        snprintf (row.name, sizeof row.name, "c%u", i);
        snprintf (row.domain, sizeof row.domain, "d%u", i % 3);
        memcpy ((char *)req->into.data + rep->done, &row, sizeof row);
        rep->done += sizeof row;
    }
    return OK;
}

static enum status
told_counters (Component *self, struct call *call, const struct kernel_counters_req *req,
               struct kernel_counters_rep *rep)
{
    (void)self, (void)call;
    for (; req->offset + rep->done < 10000 && rep->done < req->into.length; rep->done++)
        ((char *)req->into.data)[rep->done] = (char)('a' + (req->offset + rep->done) % 26);
    return OK;
}

static enum status
told_tasks (Component *self, struct call *call, const struct kernel_tasks_req *req,
            struct kernel_tasks_rep *rep)
{
    (void)self, (void)call;
    for (uint32_t task = req->first | 1; task <= 400; task += 2) {
        struct task_row row = { .task = task, .pid = task };
        if (sizeof row > req->into.length - rep->done)
            break;
        memcpy ((char *)req->into.data + rep->done, &row, sizeof row);
        rep->done += sizeof row;
    }
    return OK;
}

static const struct process_ops told_processes = { .list = told_list, .info = told_info,
                                                   .times = told_times };
static const struct file_ops told_files        = { .mounts = told_mounts };
static const struct kernel_ops told_kernel     = { .components = told_components,
                                                   .counters   = told_counters,
                                                   .tasks      = told_tasks };
static const struct component_class told_class = {
    .name     = "told",
    .provides = { { INTERFACE_process, &told_processes },
                  { INTERFACE_file, &told_files },
                  { INTERFACE_kernel, &told_kernel } },
};

static Link *fs;
static uint64_t root;

static int
setup (void **state)
{
    Component *told, *proc;

    (void)state;
    solo_init ();
    memset (gone, 0, sizeof gone);
    told = solo_add (&told_class, "told", NULL);
    proc = solo_add (&proc_class, "proc", NULL);
    solo_bind (proc, "processes", told);
    solo_bind (proc, "files", told);
    solo_bind (proc, "kernel", told);
    assert_int_equal (solo_start (proc), OK);
    fs   = solo_link (proc, INTERFACE_fs);
    root = suite_mount (fs);
    return 0;
}

static int
teardown (void **state)
{
    (void)state;
    assert_int_equal (suite_unmount (fs), ERR_BUSY);
    assert_int_equal (suite_release (fs, root, 1), OK);
    assert_int_equal (suite_unmount (fs), OK);
    solo_fini ();
    return 0;
}

/* The whole text of a path of at most two names, read in pieces of `piece` bytes. */
static const char *
text_of (const char *dir, const char *name, uint32_t piece)
{
    static char text[65536];
    struct file_attr at = { .node = root }, file;
    uint32_t total = 0;
    int64_t done;

    if (dir != NULL)
        assert_int_equal (suite_lookup (fs, root, dir, &at), OK);
    assert_int_equal (suite_lookup (fs, at.node, name, &file), OK);
    assert_int_equal (file.type, FILE_TYPE_REGULAR);
    do {
        done = suite_read (fs, file.node, total, text + total, piece);
        assert_true (done >= 0);
        total += (uint32_t)done;
    } while (done > 0);
    text[total] = '\0';
    assert_int_equal (suite_release (fs, file.node, 1), OK);
    if (dir != NULL)
        assert_int_equal (suite_release (fs, at.node, 1), OK);
    return text;
}

static unsigned
lines_of (const char *text)
{
    unsigned lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void
a_process_tells_of_itself (void **state)
{
    const char *stat;

    (void)state;
    stat = text_of ("10", "stat", 4096);
    assert_memory_equal (stat, "10 (program-name-15) T 5 1 1 0 0 0 0 0 0 0 20 0 5 0 20 0 1 0 ", 61);
    assert_string_equal (text_of ("11", "status", 4096),
                         "Name:\tprogram-name-15\nState:\tZ (zombie)\nPid:\t11\nPPid:\t5\n"
                         "NSpgid:\t1\nUid:\t2\t3\t4\t5\nGid:\t9\t10\t11\t12\nTask:\t18\n"
                         "Time:\t0.11 s\n");
    assert_string_equal (text_of ("499", "cmdline", 4096), "program-name-15");
    assert_string_equal (text_of ("500", "cmdline", 4096), ""); /* a zombie */
    assert_string_equal (text_of ("499", "comm", 4096), "program-name-15\n");
}

static void
the_machine_is_told_whole_in_pieces_of_any_size (void **state)
{
    (void)state;
    for (uint32_t piece = 1; piece <= 65535; piece = piece * 9 + 4) {
        const char *text = text_of ("machine", "components", piece);
        assert_int_equal (lines_of (text), TOLD_COMPONENTS + 1);
        assert_non_null (strstr (text, "\nc129 "));
        text = text_of (NULL, "mounts", piece);
        assert_int_equal (lines_of (text), 300);
        assert_non_null (strstr (text, "\ns299 /m299 tmpfs"));
        text = text_of ("machine", "counters", piece);
        assert_int_equal (strlen (text), 10000);
        assert_int_equal (text[9999], 'a' + 9999 % 26);
        assert_int_equal (lines_of (text_of ("machine", "tasks", piece)), 201);
        assert_int_equal (lines_of (text_of ("machine", "domains", piece + 100)), 3);
    }
    assert_memory_equal (text_of ("machine", "domains", 65535), "d0: c0 c3 c6 ", 13);
    assert_int_equal (lines_of (text_of (NULL, "uptime", 100)), 1);
    assert_int_equal (lines_of (text_of (NULL, "version", 100)), 1);
}

static void
processes_come_and_go_in_the_listing (void **state)
{
    char window[100];
    unsigned seen = 0, last = 0;
    struct fs_entries_req req = { .dir = root,
                                  .into = { .data = window, .length = sizeof window } };
    struct fs_entries_rep rep;
    struct file_attr attr, file;
    char byte;

    (void)state;
    gone[3] = gone[500] = true;
    do {
        assert_int_equal (fs_entries (fs, &req, &rep), OK);
        for (uint32_t at = 0; at < rep.done;) {
            struct file_entry entry;
            unsigned pid = 0;
            memcpy (&entry, window + at, sizeof entry);
            const char *name = window + at + sizeof entry;
            for (unsigned i = 0; i < entry.name_bytes && name[i] >= '0' && name[i] <= '9'; i++)
                pid = pid * 10 + (unsigned)(name[i] - '0');
            if (pid > 0) {
                assert_true (pid > last && !gone[pid]);
                last = pid;
                seen++;
            }
            at += entry.entry_bytes;
            req.cursor = entry.next;
        }
    } while (rep.done > 0);
    assert_int_equal (seen, TOLD_PROCESSES - 2);

    assert_int_equal (suite_lookup (fs, root, "3", &attr), ERR_NOT_FOUND);
    assert_int_equal (suite_lookup (fs, root, "04", &attr), ERR_NOT_FOUND);
    assert_int_equal (suite_lookup (fs, root, "4294967296", &attr), ERR_NOT_FOUND);
    assert_int_equal (suite_lookup (fs, root, "4", &attr), OK);
    assert_int_equal (suite_lookup (fs, attr.node, "stat", &file), OK);
    gone[4] = true;
    assert_int_equal (suite_read (fs, file.node, 0, &byte, 1), -ERR_NO_PROCESS);
    req.dir    = attr.node;
    req.cursor = 0;
    assert_int_equal (fs_entries (fs, &req, &rep), ERR_NO_PROCESS);
    assert_int_equal (suite_release (fs, file.node, 1), OK);
    assert_int_equal (suite_release (fs, attr.node, 1), OK);
}

static void
nothing_can_be_changed (void **state)
{
    struct file_attr attr;

    (void)state;
    assert_int_equal (suite_create (fs, root, FILE_TYPE_REGULAR, "x", &attr), ERR_READ_ONLY);
    assert_int_equal (suite_remove (fs, root, "uptime", false), ERR_READ_ONLY);
    assert_int_equal (suite_lookup (fs, root, "uptime", &attr), OK);
    assert_int_equal (suite_write (fs, attr.node, 0, "x", 1), -ERR_READ_ONLY);
    assert_int_equal (suite_truncate (fs, attr.node, 0), ERR_READ_ONLY);
    assert_int_equal (suite_release (fs, attr.node, 1), OK);
    assert_int_equal (suite_stat (fs, 0, &attr), ERR_STALE);
    assert_int_equal (suite_stat (fs, UINT64_MAX, &attr), ERR_STALE);
    assert_int_equal (suite_stat (fs, 0xff, &attr), ERR_STALE);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST (a_process_tells_of_itself),
        TEST (the_machine_is_told_whole_in_pieces_of_any_size),
        TEST (processes_come_and_go_in_the_listing),
        TEST (nothing_can_be_changed),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
