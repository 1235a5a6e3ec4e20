/* sh_subshell: this shell again, in another process.
 *
 * There is no fork: a subshell is a new `sh` that is told what it would have inherited, in
 * its arguments, behind the mark "--state":
 *     $?  $$  $!  flags  count  name=value ...  text  $0  $1 ...
 * The exported variables come with the environment as always.
 */
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STATE_MARK    "--state"
#define STATE_NUMBERS 5

static char *
state_number (struct pool *pool, int number)
{
    char *text = pool_alloc (pool, 16);

    snprintf (text, 16, "%d", number);
    return text;
}

long
sh_subshell (Shell *sh, struct pool *pool, const char *text, char *const *assignments,
             const struct actions *actions, uint32_t group)
{
    struct fields argv = { 0 };
    int count = 0;
    int flags = (sh->errexit && sh->checked == 0) | sh->trace << 1 | sh->no_glob << 2;

    fields_add (pool, &argv, (char *)"sh");
    fields_add (pool, &argv, (char *)STATE_MARK);
    fields_add (pool, &argv, state_number (pool, sh->status));
    fields_add (pool, &argv, state_number (pool, sh->pid));
    fields_add (pool, &argv, state_number (pool, sh->background));
    fields_add (pool, &argv, state_number (pool, flags));
    for (uint32_t i = 0; i < sh->variable_count; i++)
        count += !sh->variables[i].exported && sh->variables[i].value != NULL;
    fields_add (pool, &argv, state_number (pool, count));
    for (uint32_t i = 0; i < sh->variable_count; i++) {
        const struct variable *variable = sh->variables + i;
        if (variable->exported || variable->value == NULL)
            continue;
        size_t name = strlen (variable->name), value = strlen (variable->value);
        char *both = pool_alloc (pool, name + value + 2);
        memcpy (both, variable->name, name);
        both[name] = '=';
        memcpy (both + name + 1, variable->value, value);
        fields_add (pool, &argv, both);
    }
    fields_add (pool, &argv, (char *)text);
    fields_add (pool, &argv, (char *)sh->name);
    for (int i = 0; i < sh->argument_count; i++)
        fields_add (pool, &argv, sh->arguments[i]);
    return lib_spawn (NULL, argv.items, sh_environment (sh, pool, assignments), actions,
                      group);
}

const char *
sh_subshell_enter (Shell *sh, int argc, char **argv)
{
    int64_t number[STATE_NUMBERS];

    if (argc < 2 + STATE_NUMBERS || strcmp (argv[1], STATE_MARK) != 0)
        return NULL;
    for (int i = 0; i < STATE_NUMBERS; i++)
        if (!lib_number (argv[2 + i], number + i))
            return NULL;
    int at = 2 + STATE_NUMBERS;
    if (number[4] < 0 || at + number[4] + 2 > argc)
        return NULL;
    sh->status = (int)number[0];
    sh->pid = (int)number[1];
    sh->background = (int)number[2];
    sh->errexit = number[3] & 1;
    sh->trace = number[3] >> 1 & 1;
    sh->no_glob = number[3] >> 2 & 1;
    for (; number[4] > 0; number[4]--, at++) {
        size_t name = strcspn (argv[at], "=");
        argv[at][name] = '\0';
        sh_set (sh, argv[at], argv[at] + name + 1);
    }
    const char *text = argv[at++];
    sh->name = argv[at++];
    sh->arguments = argv + at;
    sh->argument_count = argc - at;
    return text;
}

/* ---- command substitution ---- */

/* All that comes out of the pipe, in the pool. */
static char *
substitute_read (struct pool *pool, int fd)
{
    size_t room = 512, used = 0;
    char *text = lib_alloc (room);
    long got;

    while ((got = posix_read (fd, text + used, room - used)) > 0 || got == -EINTR) {
        used += got > 0 ? (size_t)got : 0;
        if (used == room) {
            text = lib_grow (text, room, room * 2);
            room *= 2;
        }
    }
    size_t kept = 0; /* zeros cannot be in a variable */
    for (size_t i = 0; i < used; i++)
        if (text[i] != '\0')
            text[kept++] = text[i];
    while (kept > 0 && text[kept - 1] == '\n')
        kept--;
    char *copy = pool_copy (pool, text, kept);
    program_free (text);
    return copy;
}

char *
sh_substitute (Shell *sh, struct pool *pool, const char *text, size_t length)
{
    struct actions actions;
    int fds[2];
    long failed = posix_pipe (fds, 0);

    if (failed < 0) {
        sh_error ("cannot make a pipe: %s", lib_error_text (failed));
        sh->failed = true;
        sh->status = 2;
        return pool_copy (pool, "", 0);
    }
    fds[0] = sh_private_fd (sh, fds[0]);
    fds[1] = sh_private_fd (sh, fds[1]);
    lib_actions_init (&actions);
    bool fits = lib_actions_dup (&actions, fds[1], 1);
    for (int bit = 0; bit < 64; bit++)
        if (sh->private_fds >> bit & 1)
            fits = fits && lib_actions_close (&actions, SH_PRIVATE_FD + bit);
    long pid
        = fits ? sh_subshell (sh, pool, pool_copy (pool, text, length), NULL, &actions, 0)
               : -EMFILE;
    sh_close_private (sh, fds[1]);
    if (pid < 0) {
        sh_error ("cannot start a subshell: %s", lib_error_text (pid));
        sh_close_private (sh, fds[0]);
        sh->failed = true;
        sh->status = 2;
        return pool_copy (pool, "", 0);
    }
    struct job *job = sh_job_new (sh, 1, "");
    sh_job_start (job, 0, (int)pid);
    char *result = substitute_read (pool, fds[0]);
    sh_close_private (sh, fds[0]);
    sh->substitution = sh_job_wait (sh, job);
    return result;
}

char *
sh_quote (struct pool *pool, char *const *words)
{
    size_t room = 1, used = 0;

    for (int i = 0; words[i] != NULL; i++)
        room += strlen (words[i]) * 4 + 3;
    char *text = pool_alloc (pool, room);
    for (int i = 0; words[i] != NULL; i++) {
        if (i > 0)
            text[used++] = ' ';
        text[used++] = '\'';
        for (const char *at = words[i]; *at != '\0'; at++) {
            if (*at == '\'') {
                memcpy (text + used, "'\\''", 4);
                used += 4;
            } else
                text[used++] = *at;
        }
        text[used++] = '\'';
    }
    return text;
}
