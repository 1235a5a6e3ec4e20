/* lib_spawn: starting other programs the way a shell finds them. */
#include "lib.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define ACCESS_EXECUTE 1

/* ---- descriptor steps ---- */

void
lib_actions_init (struct actions *actions)
{
    actions->bytes = 0;
    actions->count = 0;
}

static bool
actions_add (struct actions *actions, const struct file_action *action)
{
    if (actions->bytes + sizeof *action > sizeof actions->data)
        return false;
    memcpy (actions->data + actions->bytes, action, sizeof *action);
    actions->bytes += (uint32_t)sizeof *action;
    actions->count++;
    return true;
}

bool
lib_actions_dup (struct actions *actions, int from, int to)
{
    struct file_action action = { .what = ACTION_DUP, .fd = to, .from = from };

    return actions_add (actions, &action);
}

bool
lib_actions_close (struct actions *actions, int fd)
{
    struct file_action action = { .what = ACTION_CLOSE, .fd = fd };

    return actions_add (actions, &action);
}

/* ---- finding and starting ---- */

static long
spawn_exact (const char *path, char *const *arguments, char *const *environment,
             const struct actions *actions, uint32_t group)
{
    struct posix_spawn request = {
        .path = path,
        .arguments = (const char *const *)arguments,
        .environment = (const char *const *)environment,
        .actions = actions != NULL ? (const void *)actions->data : NULL,
        .action_bytes = actions != NULL ? actions->bytes : 0,
        .action_count = actions != NULL ? actions->count : 0,
        .group = group,
    };

    return posix_spawn (&request);
}

/* The program that a file without executable format asks for: the one its "#!" names, else
 * sh. Writes the first line to `line`. NULL: the file is a real executable, but not ours.
 */
static const char *
spawn_interpreter (const char *path, char *line, size_t line_bytes)
{
    long fd = posix_open (path, O_RDONLY, 0);

    if (fd < 0)
        return "sh";
    long got = posix_read ((int)fd, line, line_bytes - 1);
    posix_close ((int)fd);
    line[got > 0 ? got : 0] = '\0';
    if (got >= 4 && memcmp (line, "\177ELF", 4) == 0)
        return NULL;
    if (strncmp (line, "#!", 2) != 0)
        return "sh";
    char *word = line + 2 + strspn (line + 2, " \t");
    word[strcspn (word, " \t\n")] = '\0';
    const char *base = lib_path_base (word);
    return program_find (base) != NULL ? base : "sh";
}

/* Runs the text file `path` as a script, if that is what it is. */
static long
spawn_script (const char *path, char *const *arguments, char *const *environment,
              const struct actions *actions, uint32_t group, long error)
{
    struct file_attr attr;
    char line[128];
    size_t count = 0;

    if (posix_stat (path, &attr) < 0)
        return error;
    if (attr.type != FILE_TYPE_REGULAR || posix_access (path, ACCESS_EXECUTE) < 0)
        return -EACCES;
    const char *interpreter = spawn_interpreter (path, line, sizeof line);
    if (interpreter == NULL)
        return -ENOEXEC;

    while (arguments[count] != NULL)
        count++;
    char **whole = lib_alloc ((count + 2) * sizeof *whole);
    whole[0] = (char *)interpreter;
    whole[1] = (char *)path;
    if (count > 0) /* with its closing NULL */
        memcpy (whole + 2, arguments + 1, count * sizeof *whole);
    long pid = spawn_exact (interpreter, whole, environment, actions, group);
    program_free (whole);
    return pid;
}

static long
spawn_path (const char *path, char *const *arguments, char *const *environment,
            const struct actions *actions, uint32_t group)
{
    long pid = spawn_exact (path, arguments, environment, actions, group);

    if (pid == -ENOENT || pid == -ENOEXEC)
        return spawn_script (path, arguments, environment, actions, group, pid);
    return pid;
}

long
lib_spawn (const char *path, char *const *arguments, char *const *environment,
           const struct actions *actions, uint32_t group)
{
    const char *name = arguments[0];
    long error = -ENOENT;

    if (strchr (name, '/') != NULL)
        return spawn_path (name, arguments, environment, actions, group);
    if (*name == '\0')
        return -ENOENT;
    if (program_find (name) != NULL)
        return spawn_exact (name, arguments, environment, actions, group);
    while (path != NULL && *path != '\0') {
        size_t length = strcspn (path, ":");
        char *directory = lib_copy_bytes (length > 0 ? path : ".", length > 0 ? length : 1);
        char *whole = lib_path_join (directory, name);
        struct file_attr attr;
        if (posix_stat (whole, &attr) >= 0 && attr.type == FILE_TYPE_REGULAR) {
            error = spawn_path (whole, arguments, environment, actions, group);
            if (error != -ENOENT && error != -EACCES)
                path = NULL;
        }
        program_free (whole);
        program_free (directory);
        if (path != NULL)
            path += length + (path[length] == ':');
    }
    return error;
}

int
lib_spawn_status (long error)
{
    return error == -ENOENT || error == -ENOTDIR || error == -ENAMETOOLONG ? 127 : 126;
}

int
lib_wait_status (uint32_t wait_status)
{
    if ((wait_status & 0x7f) == 0)
        return (int)(wait_status >> 8 & 0xff);
    if ((wait_status & 0xff) == 0x7f)
        return 128 + (int)(wait_status >> 8 & 0xff);
    return 128 + (int)(wait_status & 0x7f);
}

const char *
lib_environment_value (char *const *environment, const char *name)
{
    size_t length = strlen (name);

    for (; *environment != NULL; environment++)
        if (strncmp (*environment, name, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}
