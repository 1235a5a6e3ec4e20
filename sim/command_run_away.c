#define _GNU_SOURCE
#include "command_run_away.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command_run_options.h"
#include "control_client.h"

/* How often the parent looks whether a machine that was asked to end has ended. */
#define LOOK_US 20000

bool
run_away_begin (struct run_away *away)
{
    int line[2], nothing;

    *away          = (struct run_away){ .line = -1 };
    away->messages = memfd_create ("messages", MFD_CLOEXEC);
    if (away->messages < 0 || pipe2 (line, O_CLOEXEC) != 0)
        return false;
    fflush (NULL);
    away->process = fork ();
    if (away->process < 0)
        return false;
    away->child = away->process == 0;
    away->line  = line[away->child ? 1 : 0];
    close (line[away->child ? 0 : 1]);
    if (!away->child)
        return true;
    setsid ();
    nothing = open ("/dev/null", O_RDWR | O_CLOEXEC);
    dup2 (nothing, STDIN_FILENO);
    dup2 (nothing, STDOUT_FILENO);
    dup2 (away->messages, STDERR_FILENO);
    close (nothing);
    return true;
}

void
run_away_ready (struct run_away *away, const char *socket_path)
{
    g_autofree char *line = g_strdup_printf ("%s\n", socket_path);

    if (away->line < 0)
        return;
    if (write (away->line, line, strlen (line)) < 0)
        fprintf (stderr, "khimera: nobody waits for the machine\n");
    close (away->line);
    away->line = -1;
}

static void
messages_print (const struct run_away *away)
{
    char buffer[4096];
    ssize_t got;
    off_t at = 0;

    while ((got = pread (away->messages, buffer, sizeof buffer, at)) > 0) {
        fwrite (buffer, 1, (size_t)got, stderr);
        at += got;
    }
}

static int
status_of (int status)
{
    if (WIFEXITED (status))
        return WEXITSTATUS (status);
    fprintf (stderr, "khimera: the process that ran the machine was killed by signal %d\n",
             WTERMSIG (status));
    return RUN_FAILED;
}

static int
child_bury (const struct run_away *away)
{
    int status = 0;

    while (waitpid (away->process, &status, 0) < 0 && errno == EINTR)
        continue;
    messages_print (away);
    return status_of (status);
}

char *
run_away_wait (struct run_away *away, int *status)
{
    char path[256];
    ssize_t got, bytes = 0;

    /* Not to the end of it: the domains' processes may have it as well. */
    while (memchr (path, '\n', (size_t)bytes) == NULL
           && ((got = read (away->line, path + bytes, sizeof path - (size_t)bytes)) > 0
               || (got < 0 && errno == EINTR)))
        bytes += got > 0 ? got : 0;
    close (away->line);
    if (bytes > 0 && path[bytes - 1] == '\n')
        return g_strndup (path, (gsize)bytes - 1);
    *status = child_bury (away);
    return NULL;
}

/* Has it been asked to end? Also if it does not answer any more. */
static bool
about_to_end (const char *socket_path)
{
    ControlClient *client = control_connect (socket_path, NULL);
    json_t *request       = json_pack ("{s:s}", "command", "status");
    json_t *reply         = client != NULL ? control_ask (client, request, NULL) : NULL;
    json_t *result        = json_object_get (reply, "result");
    bool ends             = result == NULL || json_is_true (json_object_get (result, "stopping"));

    json_decref (reply);
    json_decref (request);
    control_disconnect (client);
    return ends;
}

int
run_away_leave (struct run_away *away, const char *socket_path)
{
    int status = 0;

    while (waitpid (away->process, &status, WNOHANG) == 0) {
        if (!about_to_end (socket_path)) {
            fprintf (stderr, "khimera: the machine goes on; \"khimera attach %d\" looks at it\n",
                     away->process);
            return EXIT_SUCCESS;
        }
        usleep (LOOK_US);
    }
    messages_print (away);
    return status_of (status);
}
