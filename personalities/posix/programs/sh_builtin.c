/* sh_builtin: the commands that the shell does itself. */
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A special builtin that fails ends a script. */
static int
builtin_fatal (Shell *sh)
{
    sh->exiting = sh->exiting || !sh->interactive;
    return 2;
}

static int
builtin_colon (Shell *sh, struct pool *pool, int argc, char **argv)
{
    (void)sh, (void)pool, (void)argc, (void)argv;
    return 0;
}

static int
builtin_cd (Shell *sh, struct pool *pool, int argc, char **argv)
{
    const char *to = argc > 1 ? argv[1] : sh_get (sh, "HOME");
    char *path = pool_alloc (pool, FILE_PATH_MAX + 1);
    bool back = argc > 1 && strcmp (argv[1], "-") == 0;

    if (back)
        to = sh_get (sh, "OLDPWD");
    if (to == NULL) {
        sh_error ("cd: %s not set", back ? "OLDPWD" : "HOME");
        return 2;
    }
    long failed = posix_chdir (to);
    if (failed < 0) {
        sh_error ("cd: can't cd to %s: %s", to, lib_error_text (failed));
        return 2;
    }
    const char *old = sh_get (sh, "PWD");
    if (old != NULL)
        sh_set (sh, "OLDPWD", old);
    if (posix_getcwd (path, FILE_PATH_MAX) >= 0) {
        sh_set (sh, "PWD", path);
        if (back)
            lib_print (1, "%s\n", path);
    }
    return 0;
}

static int
builtin_exit (Shell *sh, struct pool *pool, int argc, char **argv)
{
    int64_t status = sh->status;

    (void)pool;
    if (argc > 1 && (!lib_number (argv[1], &status) || status < 0)) {
        sh_error ("exit: Illegal number: %s", argv[1]);
        return builtin_fatal (sh);
    }
    sh->exiting = true;
    return (int)(status & 0xff);
}

/* ---- variables ---- */

/* All variables in order of their names, as "prefix name='value'". */
static void
builtin_list (Shell *sh, struct pool *pool, bool exported)
{
    struct names names = { 0 };
    struct output out;

    for (uint32_t i = 0; i < sh->variable_count; i++)
        if (exported ? sh->variables[i].exported : sh->variables[i].value != NULL)
            lib_names_add (&names, lib_copy (sh->variables[i].name));
    lib_names_sort (&names);
    lib_output_init (&out, 1);
    for (uint32_t i = 0; i < names.count; i++) {
        const char *value = sh_get (sh, names.items[i]);
        char *words[2] = { (char *)value, NULL };
        lib_output_print (&out, "%s%s", exported ? "export " : "", names.items[i]);
        if (value != NULL)
            lib_output_print (&out, "=%s", sh_quote (pool, words));
        lib_output_char (&out, '\n');
    }
    lib_output_flush (&out);
    lib_names_free (&names);
}

static int
builtin_export (Shell *sh, struct pool *pool, int argc, char **argv)
{
    if (argc < 2 || strcmp (argv[1], "-p") == 0) {
        builtin_list (sh, pool, true);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        size_t length = strcspn (argv[i], "=");
        if (!sh_is_name (argv[i], length)) {
            sh_error ("export: %s: bad variable name", argv[i]);
            return builtin_fatal (sh);
        }
        char *name = pool_copy (pool, argv[i], length);
        if (argv[i][length] == '=')
            sh_set (sh, name, argv[i] + length + 1);
        sh_variable (sh, name)->exported = true;
    }
    return 0;
}

static int
builtin_unset (Shell *sh, struct pool *pool, int argc, char **argv)
{
    int first = argc > 1 && strcmp (argv[1], "-v") == 0 ? 2 : 1;

    (void)pool;
    for (int i = first; i < argc; i++) {
        if (!sh_is_name (argv[i], strlen (argv[i]))) {
            sh_error ("unset: %s: bad variable name", argv[i]);
            return builtin_fatal (sh);
        }
        sh_unset (sh, argv[i]);
    }
    return 0;
}

/* The arguments live in memory of their own, which `set` replaces. */
static void
builtin_arguments (Shell *sh, int count, char **words)
{
    char **copy = lib_alloc ((size_t)(count + 1) * sizeof *copy);

    for (int i = 0; i < count; i++)
        copy[i] = lib_copy (words[i]);
    sh->arguments = copy;
    sh->argument_count = count;
}

static int
builtin_set (Shell *sh, struct pool *pool, int argc, char **argv)
{
    int at = 1;

    if (argc == 1) {
        builtin_list (sh, pool, false);
        return 0;
    }
    for (; at < argc && (argv[at][0] == '-' || argv[at][0] == '+'); at++) {
        bool on = argv[at][0] == '-';
        if (strcmp (argv[at], "--") == 0) {
            builtin_arguments (sh, argc - at - 1, argv + at + 1);
            return 0;
        }
        for (const char *letter = argv[at] + 1; *letter != '\0'; letter++)
            switch (*letter) {
            case 'e':
                sh->errexit = on;
                break;
            case 'x':
                sh->trace = on;
                break;
            case 'f':
                sh->no_glob = on;
                break;
            default:
                sh_error ("set: option %c%c is not supported by this shell", argv[at][0],
                          *letter);
                return builtin_fatal (sh);
            }
    }
    if (at < argc)
        builtin_arguments (sh, argc - at, argv + at);
    return 0;
}

static int
builtin_shift (Shell *sh, struct pool *pool, int argc, char **argv)
{
    int64_t count = 1;

    (void)pool;
    if (argc > 1 && (!lib_number (argv[1], &count) || count < 0)) {
        sh_error ("shift: Illegal number: %s", argv[1]);
        return builtin_fatal (sh);
    }
    if (count > sh->argument_count) {
        sh_error ("shift: can't shift that many");
        return builtin_fatal (sh);
    }
    sh->arguments += count;
    sh->argument_count -= (int)count;
    return 0;
}

/* ---- read ---- */

/* One line of descriptor 0, byte by byte so that nothing behind it is taken. A character
 * that a backslash protects gets WIDE_QUOTED. False: the input ended. */
static bool
read_line (struct pool *pool, bool raw, struct wide *line)
{
    char c;

    while (posix_read (0, &c, 1) == 1) {
        if (c == '\\' && !raw) {
            if (posix_read (0, &c, 1) != 1)
                return false;
            if (c != '\n')
                wide_add (pool, line, (unsigned char)c | WIDE_QUOTED);
            continue;
        }
        if (c == '\n')
            return true;
        if (c != '\0')
            wide_add (pool, line, (unsigned char)c);
    }
    return false;
}

static bool
read_divides (const char *ifs, unsigned c, bool blank)
{
    if ((c & WIDE_QUOTED) || strchr (ifs, (int)c) == NULL)
        return false;
    return !blank || strchr (" \t\n", (int)c) != NULL;
}

/* The next field; the last variable takes all that is left. */
static char *
read_field (struct pool *pool, const char *ifs, const struct wide *line, size_t *at,
            bool last)
{
    size_t start, end;

    while (*at < line->count && read_divides (ifs, line->items[*at], true))
        ++*at;
    start = *at;
    if (last) {
        end = line->count;
        while (end > start && read_divides (ifs, line->items[end - 1], true))
            end--;
        /* One separator that ends the only field left is no part of it. */
        size_t inner = start;
        while (inner < end && !read_divides (ifs, line->items[inner], false))
            inner++;
        if (inner + 1 == end)
            end = inner;
    } else {
        while (*at < line->count && !read_divides (ifs, line->items[*at], false))
            ++*at;
        end = *at;
        while (*at < line->count && read_divides (ifs, line->items[*at], true))
            ++*at;
        if (*at < line->count && read_divides (ifs, line->items[*at], false))
            ++*at;
    }
    char *text = pool_alloc (pool, end - start + 1);
    for (size_t i = start; i < end; i++)
        text[i - start] = (char)line->items[i];
    return text;
}

static int
builtin_read (Shell *sh, struct pool *pool, int argc, char **argv)
{
    const char *ifs = sh_get (sh, "IFS");
    struct wide line = { 0 };
    bool raw = argc > 1 && strcmp (argv[1], "-r") == 0;
    int first = raw ? 2 : 1;
    size_t at = 0;

    if (argc <= first || argv[first][0] == '-') {
        sh_error ("read: usage: read [-r] name...");
        return 2;
    }
    for (int i = first; i < argc; i++)
        if (!sh_is_name (argv[i], strlen (argv[i]))) {
            sh_error ("read: %s: bad variable name", argv[i]);
            return 2;
        }
    bool whole = read_line (pool, raw, &line);
    for (int i = first; i < argc; i++)
        sh_set (sh, argv[i],
                read_field (pool, ifs != NULL ? ifs : " \t\n", &line, &at, i == argc - 1));
    return !whole;
}

/* ---- running more ---- */

static int
builtin_text (Shell *sh, const char *text, size_t length)
{
    if (sh->depth >= SH_DEPTH_MAX) {
        sh_error ("eval and . nested too deep");
        return 2;
    }
    sh->depth++;
    sh->status = 0;
    sh_run_text (sh, text, length);
    sh->depth--;
    return sh->status;
}

static int
builtin_eval (Shell *sh, struct pool *pool, int argc, char **argv)
{
    size_t room = 1, used = 0;

    for (int i = 1; i < argc; i++)
        room += strlen (argv[i]) + 1;
    char *text = pool_alloc (pool, room);
    for (int i = 1; i < argc; i++) {
        size_t bytes = strlen (argv[i]);
        memcpy (text + used, argv[i], bytes);
        used += bytes;
        if (i + 1 < argc)
            text[used++] = ' ';
    }
    return builtin_text (sh, text, used);
}

static int
builtin_dot (Shell *sh, struct pool *pool, int argc, char **argv)
{
    size_t length;
    long error;

    (void)pool;
    if (argc < 2) {
        sh_error (".: missing file name");
        return builtin_fatal (sh);
    }
    char *text = sh_read_file (argv[1], &length, &error);
    if (text == NULL) {
        sh_error (".: cannot open %s: %s", argv[1], lib_error_text (error));
        return builtin_fatal (sh);
    }
    int status = builtin_text (sh, text, length);
    program_free (text);
    return status;
}

/* exec: without a command only its redirections matter, and they stay. With one, the shell
 * waits for it and ends as it did: there is no way to become another program. */
static int
builtin_exec (Shell *sh, struct pool *pool, int argc, char **argv)
{
    struct actions actions;

    if (argc < 2)
        return 0;
    lib_actions_init (&actions);
    for (int bit = 0; bit < 64; bit++)
        if ((sh->private_fds >> bit & 1)
            && !lib_actions_close (&actions, SH_PRIVATE_FD + bit))
            return 126;
    long pid = lib_spawn (sh_get (sh, "PATH"), argv + 1, sh_environment (sh, pool, NULL),
                          &actions, 0);
    sh->exiting = sh->exiting || pid >= 0 || !sh->interactive;
    if (pid < 0) {
        sh_error ("exec: %s: %s", argv[1],
                  pid == -ENOENT ? "not found" : lib_error_text (pid));
        return lib_spawn_status (pid);
    }
    struct job *job = sh_job_new (sh, 1, argv[1]);
    sh_job_start (job, 0, (int)pid);
    return sh_job_wait (sh, job);
}

static int
builtin_umask (Shell *sh, struct pool *pool, int argc, char **argv)
{
    uint32_t mask = (uint32_t)posix_umask (0);

    (void)sh, (void)pool;
    posix_umask ((int)mask);
    if (argc < 2) {
        lib_print (1, "%04o\n", mask);
        return 0;
    }
    if (argv[1][0] < '0' || argv[1][0] > '7' || !lib_mode (argv[1], 0, false, 0, &mask)) {
        sh_error ("umask: Illegal number: %s", argv[1]);
        return 2;
    }
    posix_umask ((int)mask & 0777);
    return 0;
}

/* ---- jobs ---- */

static int
builtin_wait (Shell *sh, struct pool *pool, int argc, char **argv)
{
    int status = 0;

    (void)pool;
    for (int i = 1; i < argc; i++) {
        struct job *job = sh_job_find (sh, argv[i]);
        if (job == NULL) {
            status = 127;
            continue;
        }
        while (job->state == JOB_RUNNING)
            sh_job_reap (sh, true);
        status = sh_job_status (job);
        if (job->state == JOB_DONE)
            sh_job_remove (sh, job);
    }
    if (argc > 1)
        return status;
    for (struct job *job = sh->jobs, *next; job != NULL; job = next) {
        while (job->state == JOB_RUNNING)
            sh_job_reap (sh, true);
        next = job->next;
        if (job->number != 0 && job->state == JOB_DONE)
            sh_job_remove (sh, job);
    }
    return 0;
}

static int
builtin_jobs (Shell *sh, struct pool *pool, int argc, char **argv)
{
    static const char *const states[] = { "Running", "Stopped", "Done" };
    int highest = 0;

    (void)pool, (void)argc, (void)argv;
    sh_job_reap (sh, false);
    for (const struct job *job = sh->jobs; job != NULL; job = job->next)
        highest = job->number > highest ? job->number : highest;
    for (int number = 1; number <= highest; number++)
        for (struct job *job = sh->jobs; job != NULL; job = job->next) {
            if (job->number != number)
                continue;
            lib_print (1, "[%d] %c %-23s %s\n", number, number == highest ? '+' : ' ',
                       states[job->state], job->text);
            if (job->state == JOB_DONE)
                sh_job_remove (sh, job);
            break;
        }
    return 0;
}

static int
builtin_resume (Shell *sh, struct pool *pool, int argc, char **argv)
{
    bool foreground = strcmp (argv[0], "fg") == 0;
    struct job *job = sh_job_find (sh, argc > 1 ? argv[1] : "%%");

    (void)pool;
    if (!sh->interactive || job == NULL) {
        sh_error ("%s: %s", argv[0], job == NULL ? "No current job" : "job control is off");
        return 2;
    }
    if (foreground)
        lib_print (1, "%s\n", job->text);
    else
        lib_print (1, "[%d] %s\n", job->number, job->text);
    if (job->state == JOB_STOPPED)
        job->state = JOB_RUNNING;
    if (foreground)
        sh_job_foreground (sh, job->group);
    posix_kill (-job->group, SIGCONT);
    return foreground ? sh_job_wait (sh, job) : 0;
}

/* kill, with jobs as well as processes. A job becomes its group, a negative number: "--" in
 * front keeps it from being taken for an option. */
static int
builtin_kill (Shell *sh, struct pool *pool, int argc, char **argv)
{
    struct fields words = { 0 };
    int first = argc > 1 && argv[1][0] == '-' ? 2 : 1;

    if (argc > 2 && strcmp (argv[1], "-s") == 0)
        first = 3;
    for (int i = 0; i < argc; i++) {
        const struct job *job = NULL;
        if (i == first && strcmp (argv[i], "--") != 0)
            fields_add (pool, &words, (char *)"--");
        if (i < first || argv[i][0] != '%') {
            fields_add (pool, &words, argv[i]);
            continue;
        }
        job = sh_job_find (sh, argv[i]);
        if (job == NULL) {
            sh_error ("kill: No such job: %s", argv[i]);
            return 2;
        }
        char *text = pool_alloc (pool, 16);
        snprintf (text, 16, "%d",
                  job->group != 0 ? -job->group : job->pids[job->count - 1]);
        fields_add (pool, &words, text);
    }
    return program_kill ((int)words.count, words.items);
}

/* ---- the list ---- */

static const struct builtin builtins[] = {
    { ":", builtin_colon, NULL, true },        { ".", builtin_dot, NULL, true },
    { "[", NULL, program_test, false },        { "bg", builtin_resume, NULL, false },
    { "cd", builtin_cd, NULL, false },         { "echo", NULL, program_echo, false },
    { "eval", builtin_eval, NULL, true },      { "exec", builtin_exec, NULL, true },
    { "exit", builtin_exit, NULL, true },      { "export", builtin_export, NULL, true },
    { "false", NULL, program_false, false },   { "fg", builtin_resume, NULL, false },
    { "jobs", builtin_jobs, NULL, false },     { "kill", builtin_kill, NULL, false },
    { "printf", NULL, program_printf, false }, { "pwd", NULL, program_pwd, false },
    { "read", builtin_read, NULL, false },     { "set", builtin_set, NULL, true },
    { "shift", builtin_shift, NULL, true },    { "test", NULL, program_test, false },
    { "true", NULL, program_true, false },     { "umask", builtin_umask, NULL, false },
    { "unset", builtin_unset, NULL, true },    { "wait", builtin_wait, NULL, false },
};

const struct builtin *
sh_builtin (const char *name)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (strcmp (builtins[i].name, name) == 0)
            return builtins + i;
    return NULL;
}

bool
sh_unsupported (const char *name)
{
    static const char *const lacking[]
        = { "alias",    "break",  "command", "continue", "getopts", "hash",   "local",
            "readonly", "return", "times",   "trap",     "type",    "ulimit", "unalias" };

    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++)
        if (strcmp (lacking[i], name) == 0)
            return true;
    return false;
}
