#define _GNU_SOURCE
#include "control/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/kh-control-XXXXXX";

static const char *
khimera (void)
{
    const char *path = getenv ("KHIMERA");

    return path != NULL ? path : "./khimera";
}

int
host_begin (void **state)
{
    (void)state;
    strcpy (folder + strlen (folder) - 6, "XXXXXX");
    assert_non_null (mkdtemp (folder));
    setenv ("XDG_RUNTIME_DIR", folder, 1);
    return 0;
}

int
host_end (void **state)
{
    g_autoptr (GPtrArray) machines = control_machines ();
    g_autofree char *remove        = g_strdup_printf ("rm -rf '%s'", folder);

    (void)state;
    for (guint i = 0; i < machines->len; i++)
        kill (((struct control_machine *)machines->pdata[i])->process, SIGKILL);
    return system (remove);
}

char *
host_path (const char *name)
{
    return g_build_filename (folder, name, NULL);
}

ControlClient *
host_client (void)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *path    = control_find (NULL, &error);
    ControlClient *client;

    if (path == NULL)
        fail_msg ("%s", error->message);
    client = control_connect (path, &error);
    if (client == NULL)
        fail_msg ("%s", error->message);
    return client;
}

ControlClient *
host_start (const char *machine, ...)
{
    g_autoptr (GPtrArray) argv = g_ptr_array_new ();
    g_autoptr (GError) error   = NULL;
    g_autofree char *said      = NULL;
    const char *word;
    va_list more;
    int status;

    g_ptr_array_add (argv, (gpointer)khimera ());
    g_ptr_array_add (argv, (gpointer) "run");
    g_ptr_array_add (argv, (gpointer) "--detach");
    g_ptr_array_add (argv, (gpointer)machine);
    g_ptr_array_add (argv, (gpointer) "--shell");
    g_ptr_array_add (argv, (gpointer) "sh");
    va_start (more, machine);
    while ((word = va_arg (more, const char *)) != NULL)
        g_ptr_array_add (argv, (gpointer)word);
    va_end (more);
    g_ptr_array_add (argv, NULL);
    if (!g_spawn_sync (NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &said,
                       NULL, &status, &error))
        fail_msg ("%s", error->message);
    assert_int_equal (status, 0);
    assert_non_null (strchr (said, ' '));
    return host_client ();
}

GPid
host_batch (const char *machine, const char *commands, const char *stats)
{
    char *argv[] = { (char *)khimera (), (char *)"run",     (char *)"--paused", (char *)machine,
                     (char *)"-c",       (char *)commands,  (char *)"--stats",  (char *)stats,
                     NULL };
    g_autoptr (GError) error = NULL;
    GPid process;

    if (!g_spawn_async (NULL, argv, NULL,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                        NULL, NULL, &process, &error))
        fail_msg ("%s", error->message);
    for (int waited = 0; waited < HOST_PATIENCE_MS; waited += 5) {
        g_autofree char *path = control_find (NULL, NULL);

        if (path != NULL)
            return process;
        usleep (5000);
    }
    fail_msg ("no socket");
    return process;
}

int
host_wait (GPid process)
{
    g_autofree char *path = control_find (NULL, NULL);
    ControlClient *client = path != NULL ? control_connect (path, NULL) : NULL;
    json_t *resume        = json_pack ("{s:s}", "command", "resume");
    int status            = 0;

    if (client != NULL)
        control_send (client, resume, NULL);
    json_decref (resume);
    control_disconnect (client);
    assert_int_equal (waitpid (process, &status, 0), process);
    return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

char *
host_stat (const char *stats, const char *key)
{
    json_t *object = json_load_file (stats, 0, NULL);
    char *dump     = json_dumps (json_object_get (object, key), JSON_ENCODE_ANY);
    char *word     = g_strdup (dump);

    assert_non_null (dump);
    free (dump);
    json_decref (object);
    return word;
}

/* ---- talking ---- */

static json_t *
ask (ControlClient *client, const char *request)
{
    g_autofree char *text    = g_strdelimit (g_strdup (request), "'", '"');
    g_autoptr (GError) error = NULL;
    json_t *line             = json_loads (text, 0, NULL);
    json_t *reply;

    if (line == NULL)
        fail_msg ("the test's own request is wrong: %s", text);
    reply = control_ask (client, line, &error);
    json_decref (line);
    if (reply == NULL)
        fail_msg ("%s: %s", text, error->message);
    return reply;
}

json_t *
host_ask (ControlClient *client, const char *request)
{
    json_t *reply  = ask (client, request);
    json_t *result = json_incref (json_object_get (reply, "result"));

    if (!json_is_true (json_object_get (reply, "ok")))
        fail_msg ("%s: %s", request, json_string_value (json_object_get (reply, "error")));
    json_decref (reply);
    return result;
}

char *
host_refused (ControlClient *client, const char *request)
{
    json_t *reply = ask (client, request);
    char *error   = g_strdup (json_string_value (json_object_get (reply, "error")));

    assert_true (json_is_false (json_object_get (reply, "ok")));
    assert_non_null (error);
    json_decref (reply);
    return error;
}

json_t *
host_event (ControlClient *client, const char *event)
{
    for (;;) {
        g_autoptr (GError) error = NULL;
        json_t *line             = control_receive (client, HOST_PATIENCE_MS, &error);

        if (line == NULL)
            fail_msg ("no event %s: %s", event, error != NULL ? error->message : "none came");
        if (g_strcmp0 (json_string_value (json_object_get (line, "event")), event) == 0)
            return line;
        json_decref (line);
    }
}

json_int_t
host_number (const json_t *object, const char *key)
{
    assert_true (json_is_integer (json_object_get (object, key)));
    return json_integer_value (json_object_get (object, key));
}

void
host_assert_text (const json_t *object, const char *key, const char *text)
{
    const char *found = json_string_value (json_object_get (object, key));

    assert_non_null (found);
    assert_string_equal (found, text);
}

void
host_console (ControlClient *client, const char *text)
{
    g_autoptr (GString) said = g_string_new (NULL);

    while (strstr (said->str, text) == NULL) {
        json_t *line = host_event (client, "console");
        gsize bytes;
        g_autofree guchar *piece
            = g_base64_decode (json_string_value (json_object_get (line, "data")), &bytes);

        g_string_append_len (said, (char *)piece, (gssize)bytes);
        json_decref (line);
    }
}

void
host_state (ControlClient *client, const char *state)
{
    for (int waited = 0; waited < HOST_PATIENCE_MS; waited += 5) {
        json_t *status = host_ask (client, "{'command':'status'}");
        bool there     = g_strcmp0 (json_string_value (json_object_get (status, "state")), state) == 0;

        json_decref (status);
        if (there)
            return;
        usleep (5000);
    }
    fail_msg ("the machine never was %s", state);
}
