/* sh: a plain shell. What it understands is said in sh.h and its kin; here it reads its
 * commands: from a text, a file, the input, or a person at a terminal. */
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define POOL_CHUNK 4096u

/* ---- memory of one command line ---- */

void *
pool_alloc (struct pool *pool, size_t bytes)
{
    struct pool_chunk *chunk = pool->first;

    bytes = (bytes + 15) & ~(size_t)15;
    if (chunk == NULL || chunk->room - chunk->used < bytes) {
        size_t room = bytes > POOL_CHUNK ? bytes : POOL_CHUNK;
        chunk = lib_alloc (sizeof *chunk + room);
        chunk->room = room;
        chunk->next = pool->first;
        pool->first = chunk;
    }
    void *memory = chunk->data + chunk->used; /* zeroed, as all memory of a program is */
    chunk->used += bytes;
    return memory;
}

char *
pool_copy (struct pool *pool, const char *text, size_t bytes)
{
    char *copy = pool_alloc (pool, bytes + 1);

    memcpy (copy, text, bytes);
    return copy;
}

void
pool_release (struct pool *pool)
{
    while (pool->first != NULL) {
        struct pool_chunk *chunk = pool->first;
        pool->first = chunk->next;
        program_free (chunk);
    }
}

/* ---- reading ---- */

void
sh_error (const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    lib_error ("sh", "%s", text);
}

char *
sh_read_file (const char *path, size_t *length, long *error)
{
    size_t room = 4096, used = 0;
    long fd = posix_open (path, O_RDONLY, 0);
    long got;

    *error = fd;
    if (fd < 0)
        return NULL;
    char *text = lib_alloc (room);
    while ((got = posix_read ((int)fd, text + used, room - used - 1)) > 0) {
        used += (size_t)got;
        if (room - used < 2) {
            text = lib_grow (text, room, room * 2);
            room *= 2;
        }
    }
    posix_close ((int)fd);
    *error = got;
    if (got < 0) {
        program_free (text);
        return NULL;
    }
    text[used] = '\0';
    *length = used;
    return text;
}

void
sh_run_text (Shell *sh, const char *text, size_t length)
{
    size_t at = 0;

    while (!sh->exiting) {
        struct pool pool = { NULL };
        struct list *list = NULL;
        const char *problem = NULL;
        enum parse_result result
            = sh_parse (&pool, text, length, &at, true, &list, &problem);
        if (result == PARSE_LINE)
            sh_run_list (sh, &pool, list);
        else if (result == PARSE_WRONG) {
            sh_error ("syntax error: %s", problem);
            sh->status = 2;
            sh->exiting = !sh->interactive;
        }
        pool_release (&pool);
        if (result != PARSE_LINE)
            return;
    }
}

/* ---- a shell that is fed line by line ---- */

struct feed {
    char *text; /* the lines of the command under way */
    size_t length, room;
    bool ended;
    bool interrupted; /* the person wants none of it */
};

/* One more line of descriptor 0, byte by byte: what follows belongs to the commands. A
 * terminal gives no more than a line at a time anyway. */
static void
feed_line (struct feed *feed, bool terminal)
{
    for (;;) {
        if (feed->room - feed->length < 256) {
            size_t room = feed->room * 2 + 512;
            feed->text = lib_grow (feed->text, feed->room, room);
            feed->room = room;
        }
        long got = posix_read (0, feed->text + feed->length, terminal ? 200 : 1);
        if (got == -EINTR && !terminal)
            continue;
        if (got == -EINTR) {
            feed->interrupted = true;
            feed->length      = 0;
            break;
        }
        if (got <= 0) {
            feed->ended = true;
            break;
        }
        feed->length += (size_t)got;
        if (feed->text[feed->length - 1] == '\n')
            break;
    }
    feed->text[feed->length] = '\0';
}

static void
feed_prompt (Shell *sh, bool more)
{
    const char *prompt = sh_get (sh, more ? "PS2" : "PS1");

    if (sh->interactive)
        lib_print (2, "%s", prompt != NULL ? prompt : "");
}

static void
sh_run_input (Shell *sh)
{
    struct feed feed = { 0 };
    bool more = false;

    while (!sh->exiting && !feed.ended) {
        struct pool pool = { NULL };
        struct list *list = NULL;
        const char *problem = NULL;
        size_t at = 0;
        if (sh->interactive && !more)
            sh_job_notify (sh);
        feed_prompt (sh, more);
        feed_line (&feed, sh->interactive);
        if (feed.interrupted) {
            feed.interrupted = more = false;
            sh->status = 128 + SIGINT;
            lib_print (2, "\n");
            continue;
        }
        enum parse_result result
            = sh_parse (&pool, feed.text, feed.length, &at, feed.ended, &list, &problem);
        more = result == PARSE_INCOMPLETE;
        if (result == PARSE_LINE)
            sh_run_list (sh, &pool, list);
        else if (result == PARSE_WRONG) {
            sh_error ("syntax error: %s", problem);
            sh->status = 2;
            sh->exiting = !sh->interactive;
        }
        if (!more)
            feed.length = 0;
        pool_release (&pool);
    }
    program_free (feed.text);
}

/* ---- starting ---- */

static void
sh_start_variables (Shell *sh)
{
    char *path = lib_alloc (FILE_PATH_MAX + 1);

    for (char **variable = program_environment (); variable != NULL && *variable != NULL;
         variable++) {
        size_t length = sh_assignment (*variable);
        if (length == 0)
            continue;
        char *name = lib_copy_bytes (*variable, length);
        sh_set (sh, name, *variable + length + 1);
        sh_variable (sh, name)->exported = true;
        program_free (name);
    }
    if (posix_getcwd (path, FILE_PATH_MAX) >= 0)
        sh_set (sh, "PWD", path);
    sh_set (sh, "IFS", " \t\n");
    program_free (path);
}

static void
sh_start_interactive (Shell *sh)
{
    sh->interactive = true;
    sh->ignored = (uint64_t)posix_ignore (0);
    posix_ignore (sh->ignored | SH_IGNORED);
    sh->group = (int)posix_getpgrp ();
    if (sh_get (sh, "PS1") == NULL)
        sh_set (sh, "PS1", posix_getuid () == 0 ? "# " : "$ ");
    if (sh_get (sh, "PS2") == NULL)
        sh_set (sh, "PS2", "> ");
    sh_job_foreground (sh, sh->group);
}

struct start {
    bool command, input, interactive;
    int operand; /* the first one in argv */
};

static bool
sh_options (Shell *sh, struct start *start, int argc, char **argv)
{
    int at = 1;

    for (; at < argc && argv[at][0] == '-' && argv[at][1] != '\0'; at++) {
        if (strcmp (argv[at], "--") == 0) {
            at++;
            break;
        }
        for (const char *letter = argv[at] + 1; *letter != '\0'; letter++)
            switch (*letter) {
            case 'c':
                start->command = true;
                break;
            case 's':
                start->input = true;
                break;
            case 'i':
                start->interactive = true;
                break;
            case 'e':
                sh->errexit = true;
                break;
            case 'x':
                sh->trace = true;
                break;
            case 'f':
                sh->no_glob = true;
                break;
            default:
                lib_error ("sh", "invalid option -- '%c'", *letter);
                return false;
            }
    }
    start->operand = at;
    return true;
}

static void
sh_run_file (Shell *sh, const char *path)
{
    size_t length;
    long error;
    char *text = sh_read_file (path, &length, &error);

    if (text == NULL) {
        sh_error ("cannot open %s: %s", path, lib_error_text (error));
        sh->status = error == -ENOENT || error == -EISDIR ? 2 : 126;
        return;
    }
    sh_run_text (sh, text, length);
    program_free (text);
}

int
program_sh (int argc, char **argv)
{
    Shell sh = { .name = argv[0], .arguments = argv + argc };
    struct start start = { .operand = argc };
    struct tty_attr tty;

    sh_start_variables (&sh);
    const char *text = sh_subshell_enter (&sh, argc, argv);
    if (text != NULL) {
        sh_run_text (&sh, text, strlen (text));
        return sh.status;
    }
    sh.pid = (int)posix_getpid ();
    if (!sh_options (&sh, &start, argc, argv))
        return 2;
    char **operands = argv + start.operand;
    int count = argc - start.operand;
    if (start.command && count == 0) {
        sh_error ("-c requires an argument");
        return 2;
    }
    bool file = !start.command && !start.input && count > 0;
    if (start.command || file) {
        text = operands[0];
        if (file || count > 1)
            sh.name = operands[file ? 0 : 1];
        int skip = file ? 1 : count > 1 ? 2 : 1;
        sh.arguments = operands + skip;
        sh.argument_count = count - skip;
    } else {
        sh.arguments = operands;
        sh.argument_count = count;
    }
    if (start.interactive || (!start.command && !file && posix_tcgetattr (0, &tty) >= 0))
        sh_start_interactive (&sh);

    if (start.command)
        sh_run_text (&sh, text, strlen (text));
    else if (file)
        sh_run_file (&sh, text);
    else
        sh_run_input (&sh);
    return sh.status;
}
