/* What a running machine's socket promises: every command answers, nothing that a client does
 * stops the machine or changes its history, and others are kept out. */
#define _GNU_SOURCE
#include "control/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board/control_commands.h"
#include "fault/rule.h"

/* Calls, files, pipes: some hundred thousand events. */
static const char work[] = "seq 1 20000 | sort -rn | head -n 3; seq 1 3000 >/tmp/a; cp /tmp/a /tmp/b; "
                           "cmp /tmp/a /tmp/b && dd if=/dev/zero of=/tmp/c bs=512 count=4000; "
                           "seq 1 30000 | cat | cat | wc -l";

/* ---- every command ---- */

/* In an order in which they make sense; the last ones end the machine. `result`: a member that
 * the result must have; NULL: an array. */
static const struct {
    const char *command, *request, *result;
} asked[] = {
    { "help", "{'command':'help'}", NULL },
    { "hello", "{'command':'hello'}", "protocol" },
    { "status", "{'command':'status'}", "virtual_ns" },
    { "components", "{'command':'components'}", NULL },
    { "domains", "{'command':'domains'}", NULL },
    { "links", "{'command':'links'}", NULL },
    { "tasks", "{'command':'tasks'}", NULL },
    { "log", "{'command':'log'}", "lines" },
    { "snapshot", "{'command':'snapshot'}", "links" },
    { "stats", "{'command':'stats','reset':true,'label':'a'}", "label" },
    { "calls", "{'command':'calls','count':5,'component':'vfs'}", NULL },
    { "pause", "{'command':'pause'}", "reason" },
    { "step", "{'command':'step','unit':'tick'}", "reason" },
    { "resume", "{'command':'resume'}", "events" },
    { "speed", "{'command':'speed','factor':2.5}", "speed" },
    { "break", "{'command':'break','operation':'fs.read','status':'refused'}", "break" },
    { "breaks", "{'command':'breaks'}", NULL },
    { "break", "{'command':'break','delete':1}", NULL },
    { "type", "{'command':'type','text':'echo hello\\n'}", "typed" },
    { "resize", "{'command':'resize','rows':50,'columns':132}", "" },
    { "subscribe", "{'command':'subscribe','stats':100,'calls':true,'filter':{'to':'vfs'},"
                   "'console':true,'log':true,'state':true}", "" },
    { "subscribe", "{'command':'subscribe','stats':0,'calls':false}", "" },
    { "fault", "{'command':'fault','component':'vfs','fault':'slow','amount':'2ms'}", "fired" },
    { "faults", "{'command':'faults'}", NULL },
    { "fault-clear", "{'command':'fault-clear','fault':1}", NULL },
    { "kill", "{'command':'kill','domain':'kernel'}", "" },
    { "reboot", "{'command':'reboot'}", "" },
    { "power-cut", "{'command':'power-cut'}", "" },
    { "reboot", "{'command':'reboot'}", "" },
    { "quit", "{'command':'quit'}", "" },
};

/* Those that another part of the program may not have yet, and then say so. */
static bool
may_be_missing (const char *name)
{
    return strcmp (name, "move") == 0;
}

static void
every_command_answers (void **state)
{
    ControlClient *client = host_start ("hybrid", NULL);

    (void)state;
    for (const struct control_command *command = control_commands; command->name; command++) {
        bool found = may_be_missing (command->name);

        for (unsigned i = 0; i < G_N_ELEMENTS (asked); i++)
            found |= strcmp (asked[i].command, command->name) == 0;
        if (!found)
            fail_msg ("no test of the command %s", command->name);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS (asked); i++) {
        json_t *result = host_ask (client, asked[i].request);

        if (asked[i].result == NULL)
            assert_true (json_is_array (result));
        else if (*asked[i].result != '\0')
            assert_non_null (json_object_get (result, asked[i].result));
        else
            assert_true (json_is_object (result));
        json_decref (result);
    }
    control_disconnect (client);
}

/* Has one of these calls made the file, and said so? */
static bool
is_created (const json_t *event)
{
    json_t *row;
    size_t i;

    json_array_foreach (json_object_get (event, "data"), i, row) {
        const char *said = json_string_value (json_object_get (row, "fields"));

        if (strcmp (json_string_value (json_object_get (row, "op")), "fs.create") == 0)
            return said != NULL && strstr (said, "from=[1] -> attr={node=") != NULL;
    }
    return false;
}

static void
calls_tell_what_was_said (const char *machine)
{
    ControlClient *client = host_start (machine, NULL);
    bool created          = false;
    json_t *rows, *row;
    size_t i;

    json_decref (host_ask (client, "{'command':'subscribe','console':true}"));
    host_console (client, "# ");
    rows = host_ask (client, "{'command':'calls'}");
    assert_true (json_array_size (rows) > 10);
    json_array_foreach (rows, i, row)
        assert_null (json_object_get (row, "fields")); /* nobody was there to look */
    json_decref (rows);
    json_decref (host_ask (client, "{'command':'subscribe','calls':true}"));
    json_decref (host_ask (client, "{'command':'type','text':'echo words >/tmp/x\\n'}"));
    while (!created) {
        json_t *event = host_event (client, "calls");

        created = is_created (event);
        json_decref (event);
    }
    control_disconnect (client);
}

static void
calls_by_the_direct_gate_tell_what_was_said_while_somebody_looks (void **state)
{
    (void)state;
    calls_tell_what_was_said ("monolithic");
}

static void
calls_by_channel_tell_what_was_said_while_somebody_looks (void **state)
{
    (void)state;
    calls_tell_what_was_said ("microkernel");
}

static void
a_snapshot_describes_the_machine (void **state)
{
    ControlClient *client = host_start ("microkernel", NULL);
    json_t *snapshot, *row;
    bool found = false;
    size_t i;

    (void)state;
    json_decref (host_ask (client, "{'command':'subscribe','console':true}"));
    host_console (client, "# ");
    /* From its prompt it goes on to wait for an answer. */
    json_decref (host_ask (client, "{'command':'step','unit':'tick'}"));
    snapshot = host_ask (client, "{'command':'snapshot'}");
    row      = json_object_get (snapshot, "status");
    host_assert_text (row, "machine", "microkernel");
    host_assert_text (row, "structure", "microkernel");
    assert_true (host_number (row, "calls") > 10);
    assert_true (host_number (row, "crossings") > 10);
    row = json_array_get (json_object_get (snapshot, "tasks"), 0);
    host_assert_text (row, "name", "sh");
    host_assert_text (row, "state", "blocked");
    json_array_foreach (json_object_get (snapshot, "components"), i, row)
        if (strcmp (json_string_value (json_object_get (row, "name")), "vfs") == 0) {
            found = true;
            host_assert_text (row, "domain", "vfs");
            host_assert_text (row, "state", "up");
            assert_true (host_number (row, "calls_in") > 0);
            assert_true (host_number (row, "arena_used") > 0);
        }
    assert_true (found);
    json_array_foreach (json_object_get (snapshot, "domains"), i, row) {
        assert_int_equal (kill ((pid_t)host_number (row, "pid"), 0), 0);
        assert_non_null (strstr (json_string_value (json_object_get (row, "privileges")), "futex"));
    }
    json_decref (snapshot);
    control_disconnect (client);
}

static void
refusals_say_what_would_be_right (void **state)
{
    static const struct {
        const char *request, *said;
    } wrong[] = {
        { "{'command':'statu'}", "did you mean \"status\"" },
        { "{'command':'break','component':'vsf'}", "did you mean \"vfs\"" },
        { "{'command':'break','operation':'fs.raed'}", "did you mean \"read\"" },
        { "{'command':'break','operation':'syscall.opne'}", "did you mean \"open\"" },
        { "{'command':'break','status':'ERR_IOO'}", "did you mean \"ERR_IO\"" },
        { "{'command':'break','delete':7}", "there is no breakpoint 7" },
        { "{'command':'break'}", "say where" },
        { "{'command':'step','unit':'cal'}", "did you mean \"call\"" },
        { "{'command':'step','count':0}", "count is a number from 1" },
        { "{'command':'step','cuont':2}", "did you mean \"count\"" },
        { "{'command':'speed'}", "speed wants factor" },
        { "{'command':'speed','factor':'fast'}", "factor is a number" },
        { "{'command':'speed','factor':-1}", "from 0 to" },
        { "{'command':'kill','domain':'driver'}", "did you mean \"drivers\"" },
        { "{'command':'resize','rows':0,'columns':80}", "rows is a number from 1" },
        { "{'command':'type'}", "give text" },
        { "{'command':'fault','component':'vfs','fault':'abort','odds':1.5}",
          "odds is a whole number" },
        { "{'command':'fault','component':'vfs','fault':'abort','call':'3.7'}", "is no number" },
        { "{'command':'fault','component':'vfs','fault':'abort','times':-1}", "is no number" },
        { "{'command':'fault','component':'vfs','fault':'abort','seed':'18446744073709551616'}",
          "below 2^64" },
        { "{'what':1}", "no command" },
    };
    ControlClient *client = host_start ("hybrid", NULL);

    (void)state;
    for (unsigned i = 0; i < G_N_ELEMENTS (wrong); i++) {
        g_autofree char *error = host_refused (client, wrong[i].request);

        if (strstr (error, wrong[i].said) == NULL)
            fail_msg ("%s is refused with: %s", wrong[i].request, error);
    }
    control_disconnect (client);
}

/* Places in the plan are used again, whether what was there was ended or has struck; the names are
 * not. Another thing that is armed for ever stays. */
static void
faults_can_be_armed_as_often_as_one_likes (void **state)
{
    static const char *const often[] = {
        "{'command':'fault','component':'tmpfs','fault':'slow','call':1000000,'skip':7}",
        "{'command':'fault','component':'vfs','fault':'abort','at':'900000s','times':0}",
        "{'command':'fault','component':'clock','fault':'drop','seed':'18446744073709551615',"
        "'odds':4000000000}",
    };
    ControlClient *client = host_start ("hybrid", NULL);
    json_t *result
        = host_ask (client, "{'command':'fault','component':'log','fault':'slow','at':'800000s'}");

    (void)state;
    json_decref (result);
    for (unsigned i = 0; i < 5 * FAULT_RULES_MAX; i++) {
        g_autofree char *name = g_strdup_printf ("ctl%u", i + 2);

        if (i % 100 == 99)
            for (unsigned number = 2; number <= FAULT_RULES_MAX; number++) {
                g_autofree char *clear
                    = g_strdup_printf ("{'command':'fault-clear','fault':%u}", number);

                if (number <= i + 1)
                    json_decref (host_ask (client, clear));
            }
        result = host_ask (client, often[i % G_N_ELEMENTS (often)]);
        assert_string_equal (json_string_value (json_object_get (result, "name")), name);
        json_decref (result);
    }
    result = host_ask (client, "{'command':'faults'}");
    assert_int_equal (json_array_size (result), FAULT_RULES_MAX);
    assert_string_equal (
        json_string_value (json_object_get (json_array_get (result, 0), "component")), "log");
    json_decref (result);
    control_disconnect (client);
}

/* ---- clients that are broken, hostile or slow ---- */

static uint64_t
chance (uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* One line that was right once, with a few bytes changed, taken out or put in. */
static GString *
malformed (uint64_t *seed)
{
    static const char letters[] = "{}[]\":,\\\0\xff\x80 truefalsnl0123456789.-e'\t\x1b";
    GString *line = g_string_new (asked[chance (seed) % (G_N_ELEMENTS (asked) - 5)].request);

    g_strdelimit (line->str, "'", '"');
    for (unsigned changes = 1 + (unsigned)(chance (seed) % 6); changes > 0; changes--) {
        gsize at    = chance (seed) % (line->len + 1);
        char letter = letters[chance (seed) % (sizeof letters - 1)];

        switch (chance (seed) % 4) {
        case 0:
            if (at < line->len)
                line->str[at] = letter;
            break;
        case 1:
            g_string_truncate (line, at);
            break;
        case 2:
            g_string_insert_len (line, (gssize)at, &letter, 1);
            break;
        case 3:
            for (unsigned i = 0; i < chance (seed) % 3000; i++)
                g_string_insert_c (line, (gssize)at, letter);
        }
    }
    for (gsize i = 0; i < line->len; i++)
        if (line->str[i] == '\n')
            line->str[i] = ' ';
    g_string_append_c (line, '\n');
    return line;
}

static void
drain (ControlClient *client)
{
    json_t *line;

    while ((line = control_receive (client, 0, NULL)) != NULL)
        json_decref (line);
}

static json_int_t
events (ControlClient *client)
{
    json_t *status   = host_ask (client, "{'command':'status'}");
    json_int_t count = host_number (status, "events");

    json_decref (status);
    return count;
}

static void
a_thousand_malformed_lines_change_nothing (void **state)
{
    ControlClient *client = host_start ("hybrid", NULL);
    ControlClient *other  = host_client ();
    uint64_t seed         = 20240607;
    json_int_t before;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        GString *line = malformed (&seed);
        gsize at      = 0;

        while (at < line->len) {
            ssize_t sent = send (control_fd (client), line->str + at, line->len - at, MSG_NOSIGNAL);

            assert_true (sent > 0);
            at += (gsize)sent;
        }
        g_string_free (line, TRUE);
        drain (client);
    }
    json_decref (host_ask (client, "{'command':'status'}")); /* all have been heard */
    /* Some of them may have been right after all. */
    json_decref (host_ask (other, "{'command':'break','delete':0}"));
    json_decref (host_ask (other, "{'command':'speed','factor':1}"));
    json_decref (host_ask (other, "{'command':'resume'}"));
    before = events (other);
    json_decref (host_ask (other, "{'command':'type','text':'\\n'}"));
    for (int waited = 0; events (other) == before; waited += 5) {
        assert_true (waited < HOST_PATIENCE_MS);
        usleep (5000);
    }
    control_disconnect (other);
    control_disconnect (client);
}

static void
a_line_that_is_too_long_is_refused_and_the_next_one_heard (void **state)
{
    ControlClient *client   = host_start ("hybrid", NULL);
    g_autofree char *spaces = g_strnfill (300000, 'x');
    json_t *line;

    (void)state;
    spaces[299999] = '\n';
    for (gsize at = 0; at < 300000;)
        at += (gsize)send (control_fd (client), spaces + at, 300000 - at, MSG_NOSIGNAL);
    line = control_receive (client, HOST_PATIENCE_MS, NULL);
    assert_true (json_is_false (json_object_get (line, "ok")));
    json_decref (line);
    json_decref (host_ask (client, "{'command':'status'}"));
    control_disconnect (client);
}

/* Without a word of its own; the digest is the first to notice if anything is different. */
static char *
undisturbed (const char *machine)
{
    g_autofree char *stats = host_path ("undisturbed");

    assert_int_equal (host_wait (host_batch (machine, work, stats)), 0);
    return host_stat (stats, "trace");
}

static void
whoever_subscribes_and_never_reads_changes_nothing (void **state)
{
    g_autofree char *expected = undisturbed ("hybrid");
    g_autofree char *stats    = host_path ("watched");
    GPid process              = host_batch ("hybrid", work, stats);
    ControlClient *clients[3];
    g_autofree char *trace = NULL;

    (void)state;
    for (unsigned i = 0; i < G_N_ELEMENTS (clients); i++) {
        json_t *all = json_pack ("{s:s, s:i, s:b, s:b, s:b, s:b, s:i}", "command", "subscribe",
                                 "stats", 50, "calls", 1, "console", 1, "log", 1, "state", 1,
                                 "limit", 4096);

        clients[i] = host_client ();
        assert_true (control_send (clients[i], all, NULL));
        json_decref (all);
    }
    assert_int_equal (host_wait (process), 0);
    trace = host_stat (stats, "trace");
    assert_string_equal (trace, expected);
    for (unsigned i = 0; i < G_N_ELEMENTS (clients); i++)
        control_disconnect (clients[i]);
}

static void
whoever_asks_without_pause_does_not_stop_the_machine (void **state)
{
    static const char flood[] = "{\"command\":\"snapshot\"}\n";
    ControlClient *client     = host_start ("hybrid", NULL);
    ControlClient *hostile    = host_client ();

    (void)state;
    while (send (control_fd (hostile), flood, strlen (flood), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        continue;
    json_decref (host_ask (client, "{'command':'subscribe','console':true}"));
    for (unsigned i = 0; i < 20; i++) {
        json_decref (host_ask (client, "{'command':'status'}"));
        send (control_fd (hostile), flood, strlen (flood), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    json_decref (host_ask (client, "{'command':'type','text':'seq 1 9\\n'}"));
    host_console (client, "9");
    control_disconnect (hostile);
    control_disconnect (client);
}

static void
what_a_client_does_is_not_in_the_history (void **state)
{
    g_autofree char *expected = undisturbed ("microkernel");
    g_autofree char *stats    = host_path ("steered");
    g_autofree char *trace    = NULL;
    GPid process              = host_batch ("microkernel", work, stats);
    ControlClient *client     = host_client ();

    (void)state;
    json_decref (host_ask (client, "{'command':'subscribe','stats':50,'calls':true,'state':true}"));
    json_decref (host_ask (client, "{'command':'pause'}"));
    for (unsigned i = 0; i < 20; i++)
        json_decref (host_ask (client, "{'command':'step','unit':'event','count':7}"));
    json_decref (host_ask (client, "{'command':'step','unit':'syscall','count':3}"));
    json_decref (host_ask (client, "{'command':'break','operation':'file.write'}"));
    json_decref (host_ask (client, "{'command':'resume'}"));
    host_state (client, "paused");
    json_decref (host_ask (client, "{'command':'break','delete':0}"));
    json_decref (host_ask (client, "{'command':'speed','factor':1}"));
    json_decref (host_ask (client, "{'command':'resume'}"));
    usleep (20000);
    json_decref (host_ask (client, "{'command':'speed','factor':0}"));
    control_disconnect (client);
    assert_int_equal (host_wait (process), 0);
    trace = host_stat (stats, "trace");
    assert_string_equal (trace, expected);
}

/* As a pipe into a tool does. */
static void
whoever_speaks_and_goes_is_heard (void **state)
{
    static const char said[] = "{\"command\":\"pause\"}\n";
    ControlClient *client    = host_start ("hybrid", NULL);

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        ControlClient *brief = host_client ();

        assert_true (send (control_fd (brief), said, strlen (said), MSG_NOSIGNAL) > 0);
        control_disconnect (brief);
        host_state (client, "paused");
        json_decref (host_ask (client, "{'command':'resume'}"));
    }
    control_disconnect (client);
}

/* ---- several clients ---- */

static void
two_clients_see_the_same (void **state)
{
    ControlClient *one = host_start ("hybrid", NULL);
    ControlClient *two = host_client ();
    json_t *event, *first, *second;

    (void)state;
    json_decref (host_ask (one, "{'command':'subscribe','console':true}"));
    host_console (one, "# ");
    json_decref (host_ask (two, "{'command':'subscribe','state':true}"));
    json_decref (host_event (two, "state")); /* as it is */
    json_decref (host_ask (one, "{'command':'pause'}"));
    event = host_event (two, "action");
    host_assert_text (json_object_get (event, "data"), "text", "pause");
    json_decref (event);
    event = host_event (two, "state");
    host_assert_text (json_object_get (event, "data"), "state", "paused");
    json_decref (event);
    first  = host_ask (one, "{'command':'components'}");
    second = host_ask (two, "{'command':'components'}");
    assert_true (json_equal (first, second));
    json_decref (first);
    json_decref (second);
    first  = host_ask (one, "{'command':'calls','count':1000}");
    second = host_ask (two, "{'command':'calls','count':1000}");
    assert_true (json_array_size (first) > 50 && json_equal (first, second));
    json_decref (first);
    json_decref (second);
    json_decref (host_ask (two, "{'command':'resume'}"));
    host_state (one, "running");
    control_disconnect (two);
    control_disconnect (one);
}

static void
a_viewer_that_only_reads_changes_nothing (void **state)
{
    ControlClient *client = host_start ("hybrid", NULL);

    (void)state;
    json_decref (host_ask (client, "{'command':'hello','readonly':true}"));
    for (unsigned i = 0; i < G_N_ELEMENTS (asked); i++) {
        if (control_command_find (asked[i].command)->changes) {
            g_autofree char *error = host_refused (client, asked[i].request);

            assert_non_null (strstr (error, "only reads"));
        } else
            json_decref (host_ask (client, asked[i].request));
    }
    control_disconnect (client);
}

static void
whoever_comes_later_sees_what_the_console_said (void **state)
{
    ControlClient *one = host_start ("hybrid", NULL);
    ControlClient *two;
    json_t *line;

    (void)state;
    json_decref (host_ask (one, "{'command':'subscribe','console':true}"));
    json_decref (host_ask (one, "{'command':'type','text':'echo lat\\\\er\\n'}"));
    host_console (one, "later");
    two = host_client ();
    json_decref (host_ask (two, "{'command':'subscribe','console':true,'log':true}"));
    host_console (two, "later");
    line = host_event (two, "log");
    assert_true (host_number (json_object_get (line, "data"), "at") > 0);
    assert_non_null (json_object_get (json_object_get (line, "data"), "text"));
    json_decref (line);
    control_disconnect (two);
    control_disconnect (one);
}

static void
others_are_turned_away (void **state)
{
    ControlClient *client      = host_start ("hybrid", NULL);
    g_autofree char *path      = control_find (NULL, NULL);
    g_autofree char *directory = g_path_get_dirname (path);
    g_autofree char *above     = host_path ("");
    struct stat status;
    pid_t child;
    int ended;

    (void)state;
    assert_int_equal (stat (path, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
    assert_int_equal (stat (directory, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0700);
    if (getuid () != 0) {
        control_disconnect (client);
        return; /* we cannot be anybody else */
    }
    /* Even if they come through to it. */
    chmod (above, 0755);
    chmod (directory, 0755);
    chmod (path, 0666);
    child = fork ();
    if (child == 0) {
        if (setgid (65534) != 0 || setuid (65534) != 0)
            _exit (2);
        _exit (control_connect (path, NULL) == NULL ? 0 : 1);
    }
    assert_int_equal (waitpid (child, &ended, 0), child);
    chmod (path, 0600);
    chmod (directory, 0700);
    assert_true (WIFEXITED (ended) && WEXITSTATUS (ended) == 0);
    json_decref (host_ask (client, "{'command':'status'}"));
    control_disconnect (client);
}

/* Until the process waits for somebody's lock on a file. */
static void
wait_for_lock (pid_t process)
{
    g_autofree char *waiter = g_strdup_printf (" %d ", (int)process);
    bool waits              = false;

    for (int tries = 0; tries < 3000 && !waits; tries++) {
        g_autofree char *locks = NULL;

        assert_true (g_file_get_contents ("/proc/locks", &locks, NULL, NULL));
        waits = strstr (locks, waiter) != NULL;
        g_usleep (waits ? 0 : 10000);
    }
    assert_true (waits);
}

/* Between the moment when its socket is there and the one when it listens. */
static void
a_machine_that_is_about_to_listen_is_no_leftover (void **state)
{
    g_autofree char *folder    = host_path ("khimera");
    g_autofree char *path      = g_build_filename (folder, "hybrid.1.sock", NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd                     = socket (AF_UNIX, SOCK_STREAM, 0);
    pid_t looks;
    int lock, ended;

    (void)state;
    assert_int_equal (g_mkdir_with_parents (folder, 0700), 0);
    lock = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal (flock (lock, LOCK_EX), 0);
    g_strlcpy (address.sun_path, path, sizeof address.sun_path);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
    looks = fork ();
    if (looks == 0) {
        close (lock);
        g_ptr_array_unref (control_machines ());
        _exit (0);
    }
    wait_for_lock (looks);
    assert_int_equal (listen (fd, 1), 0);
    close (lock);
    assert_int_equal (waitpid (looks, &ended, 0), looks);
    assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    close (fd);
    unlink (path);
}

/* ---- dead machines ---- */

static void
a_dead_machine_can_be_looked_at_and_booted_again (void **state)
{
    ControlClient *client = host_start ("hybrid", NULL);
    g_autofree char *error = NULL;
    json_t *event, *result;

    (void)state;
    json_decref (host_ask (client, "{'command':'subscribe','state':true,'console':true}"));
    host_console (client, "# ");
    json_decref (host_ask (client, "{'command':'kill','domain':'kernel'}"));
    do {
        event = host_event (client, "state");
        result = json_incref (json_object_get (event, "data"));
        json_decref (event);
        if (strcmp (json_string_value (json_object_get (result, "state")), "dead") == 0)
            break;
        json_decref (result);
    } while (true);
    host_assert_text (result, "reason", "panic");
    assert_non_null (strstr (json_string_value (json_object_get (result, "report")), "panic"));
    json_decref (result);
    result = host_ask (client, "{'command':'calls','count':50}");
    assert_int_equal (json_array_size (result), 50);
    json_decref (result);
    json_decref (host_ask (client, "{'command':'snapshot'}"));
    error = host_refused (client, "{'command':'pause'}");
    assert_non_null (strstr (error, "dead"));
    json_decref (host_ask (client, "{'command':'reboot'}"));
    host_state (client, "running");
    json_decref (host_ask (client, "{'command':'type','text':'echo ag\\\\ain\\n'}"));
    host_console (client, "again");
    json_decref (host_ask (client, "{'command':'quit'}"));
    do {
        event = host_event (client, "state");
        result = json_incref (json_object_get (json_object_get (event, "data"), "state"));
        json_decref (event);
        if (strcmp (json_string_value (result), "ended") == 0)
            break;
        json_decref (result);
    } while (true);
    json_decref (result);
    control_disconnect (client);
}

static void
a_domain_that_dies_is_told_of (void **state)
{
    ControlClient *client = host_start ("microkernel", NULL);
    json_t *event;

    (void)state;
    json_decref (host_ask (client, "{'command':'subscribe','state':true,'console':true}"));
    host_console (client, "# ");
    json_decref (host_ask (client, "{'command':'kill','domain':'tmpfs'}"));
    event = host_event (client, "domain");
    host_assert_text (json_object_get (event, "data"), "domain", "tmpfs");
    json_decref (event);
    json_decref (host_ask (client, "{'command':'type','text':'echo still\\\\ here\\n'}"));
    host_console (client, "still here");
    control_disconnect (client);
}

/* The number of sockets in the folder. */
static unsigned
sockets (void)
{
    g_autofree char *path = host_path ("khimera");
    GDir *files           = g_dir_open (path, 0, NULL);
    unsigned count        = 0;

    while (files != NULL && g_dir_read_name (files) != NULL)
        count++;
    if (files != NULL)
        g_dir_close (files);
    return count;
}

static void
no_sockets (void)
{
    for (int waited = 0; sockets () != 0 && waited < HOST_PATIENCE_MS; waited += 10)
        usleep (10000);
    assert_int_equal (sockets (), 0);
}

static void
a_socket_goes_with_its_machine (void **state)
{
    g_autofree char *stats   = host_path ("stats");
    ControlClient *client    = host_start ("hybrid", NULL);
    g_autofree char *path    = NULL;
    g_autofree char *folder  = NULL;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    GPtrArray *machines;
    pid_t board;
    int fd;

    (void)state;
    assert_int_equal (sockets (), 1);
    json_decref (host_ask (client, "{'command':'quit'}"));
    no_sockets ();
    control_disconnect (client);
    assert_int_equal (host_wait (host_batch ("hybrid", "sleep 1; seq 1 20000 | wc", stats)), 0);
    assert_int_equal (sockets (), 0);

    /* Even if it is killed; */
    client = host_start ("hybrid", NULL);
    board  = (pid_t)host_number (control_greeting (client), "pid");
    path   = control_find (NULL, NULL);
    control_disconnect (client);
    kill (board, SIGKILL);
    no_sockets ();
    /* and if nobody was left to do it, whoever lists them does. */
    folder = g_path_get_dirname (path);
    assert_int_equal (g_mkdir_with_parents (folder, 0700), 0);
    g_strlcpy (address.sun_path, path, sizeof address.sun_path);
    fd = socket (AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
    close (fd);
    assert_int_equal (sockets (), 1);
    machines = control_machines ();
    assert_int_equal (machines->len, 0);
    g_ptr_array_unref (machines);
    assert_int_equal (sockets (), 0);
}

int
main (void)
{
#define MACHINE_TEST(name) cmocka_unit_test_setup_teardown (name, host_begin, host_end)
    const struct CMUnitTest tests[] = {
        MACHINE_TEST (every_command_answers),
        MACHINE_TEST (calls_by_the_direct_gate_tell_what_was_said_while_somebody_looks),
        MACHINE_TEST (calls_by_channel_tell_what_was_said_while_somebody_looks),
        MACHINE_TEST (a_snapshot_describes_the_machine),
        MACHINE_TEST (refusals_say_what_would_be_right),
        MACHINE_TEST (faults_can_be_armed_as_often_as_one_likes),
        MACHINE_TEST (a_thousand_malformed_lines_change_nothing),
        MACHINE_TEST (a_line_that_is_too_long_is_refused_and_the_next_one_heard),
        MACHINE_TEST (whoever_subscribes_and_never_reads_changes_nothing),
        MACHINE_TEST (whoever_asks_without_pause_does_not_stop_the_machine),
        MACHINE_TEST (what_a_client_does_is_not_in_the_history),
        MACHINE_TEST (whoever_speaks_and_goes_is_heard),
        MACHINE_TEST (two_clients_see_the_same),
        MACHINE_TEST (a_viewer_that_only_reads_changes_nothing),
        MACHINE_TEST (whoever_comes_later_sees_what_the_console_said),
        MACHINE_TEST (others_are_turned_away),
        MACHINE_TEST (a_machine_that_is_about_to_listen_is_no_leftover),
        MACHINE_TEST (a_dead_machine_can_be_looked_at_and_booted_again),
        MACHINE_TEST (a_domain_that_dies_is_told_of),
        MACHINE_TEST (a_socket_goes_with_its_machine),
    };

    return cmocka_run_group_tests_name ("control", tests, NULL, NULL);
}
