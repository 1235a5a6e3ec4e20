/* sh_run: runs what was parsed. */
#include "sh.h"

#include <errno.h>
#include <string.h>

/* ---- children ---- */

/* The descriptors that are the shell's own have no place in a child. */
static bool
run_close_private (const Shell *sh, struct actions *actions)
{
    for (int bit = 0; bit < 64; bit++)
        if ((sh->private_fds >> bit & 1)
            && !lib_actions_close (actions, SH_PRIVATE_FD + bit))
            return false;
    return true;
}

/* What an interactive shell ignores, its children do not; a background child of a plain one
 * ignores what the keyboard sends. */
static void
run_signals (Shell *sh, bool child, bool background)
{
    const uint64_t keyboard = 1ull << SIGINT | 1ull << SIGQUIT;

    if (sh->interactive)
        posix_ignore (child ? sh->ignored : sh->ignored | SH_IGNORED);
    else if (background && child) {
        sh->ignored = (uint64_t)posix_ignore (keyboard);
        if ((sh->ignored & ~keyboard) != 0)
            posix_ignore (sh->ignored | keyboard);
    } else if (background)
        posix_ignore (sh->ignored);
}

struct launch {
    struct pool *pool;
    int in, out;    /* private descriptors of the pipes; -1: the shell's own */
    uint32_t group; /* for spawn */
    bool background;
};

/* What a command came to: words, assignments and redirections, all expanded. */
struct prepared {
    struct fields words;
    struct fields assignments; /* "NAME=value" */
    struct redirect_plan plan;
};

static bool
run_prepare (Shell *sh, struct pool *pool, const struct command *command,
             struct prepared *prepared)
{
    *prepared = (struct prepared){ 0 };
    sh->failed = false;
    if (!sh_expand_words (sh, pool, command->words, &prepared->words))
        return false;
    for (const struct word *word = command->assignments; word != NULL; word = word->next) {
        size_t name = sh_assignment (word->raw);
        char *value = sh_expand_text (sh, pool, word->raw + name + 1);
        if (sh->failed)
            return false;
        size_t bytes = strlen (value);
        char *both = pool_alloc (pool, name + bytes + 2);
        memcpy (both, word->raw, name + 1);
        memcpy (both + name + 1, value, bytes);
        fields_add (pool, &prepared->assignments, both);
        if (prepared->words.count == 0) { /* the next one may refer to it */
            char *alone = pool_copy (pool, both, name);
            sh_set (sh, alone, value);
        }
    }
    return sh_redirect_plan (sh, pool, command->redirects, &prepared->plan);
}

static void
run_trace (const Shell *sh, const struct prepared *prepared)
{
    struct output out;

    if (!sh->trace)
        return;
    lib_output_init (&out, 2);
    lib_output_char (&out, '+');
    for (uint32_t i = 0; i < prepared->assignments.count; i++)
        lib_output_print (&out, " %s", prepared->assignments.items[i]);
    for (uint32_t i = 0; i < prepared->words.count; i++)
        lib_output_print (&out, " %s", prepared->words.items[i]);
    lib_output_char (&out, '\n');
    lib_output_flush (&out);
}

/* Starts a child. The pid; or 0, $? set and said so. `subshell`: text to run instead of the
 * words. */
static int
run_launch (Shell *sh, const struct launch *launch, const char *subshell,
            struct prepared *prepared)
{
    struct actions actions;
    struct pool *pool = launch->pool;
    long pid;

    lib_actions_init (&actions);
    bool fits = launch->in < 0 || lib_actions_dup (&actions, launch->in, 0);
    fits = fits && (launch->out < 0 || lib_actions_dup (&actions, launch->out, 1));
    fits = fits && sh_redirect_actions (&prepared->plan, &actions);
    fits = fits && run_close_private (sh, &actions);

    const char *name = prepared->words.count > 0 ? prepared->words.items[0] : NULL;
    const struct builtin *builtin = name != NULL ? sh_builtin (name) : NULL;
    char *const *assignments = prepared->assignments.items;
    run_signals (sh, true, launch->background);
    if (!fits)
        pid = -EMFILE;
    else if (subshell != NULL || name == NULL)
        pid = sh_subshell (sh, pool, subshell != NULL ? subshell : ":", NULL, &actions,
                           launch->group);
    else if ((builtin != NULL && builtin->run != NULL) || sh_unsupported (name))
        pid = sh_subshell (sh, pool, sh_quote (pool, prepared->words.items), assignments,
                           &actions, launch->group);
    else
        pid = lib_spawn (sh_get (sh, "PATH"), prepared->words.items,
                         sh_environment (sh, pool, assignments), &actions, launch->group);
    run_signals (sh, false, launch->background);
    sh_redirect_close (sh, &prepared->plan);
    if (pid > 0)
        return (int)pid;
    if (name != NULL && pid == -ENOENT)
        sh_error ("%s: not found", name);
    else
        sh_error ("%s: %s", name != NULL ? name : "subshell", lib_error_text (pid));
    sh->status = lib_spawn_status (pid);
    return 0;
}

/* Assignments as they were typed: in a child, they are for the child to make. */
static const char *
run_typed_assignments (struct pool *pool, const struct word *words)
{
    size_t room = 1, used = 0;

    for (const struct word *word = words; word != NULL; word = word->next)
        room += strlen (word->raw) + 1;
    char *text = pool_alloc (pool, room);
    for (; words != NULL; words = words->next) {
        size_t bytes = strlen (words->raw);
        memcpy (text + used, words->raw, bytes);
        text[used + bytes] = ' ';
        used += bytes + 1;
    }
    return text;
}

/* A command of a pipeline, or in the background. */
static int
run_child (Shell *sh, const struct launch *launch, const struct command *command)
{
    struct prepared prepared;
    struct command plain = *command;
    const char *subshell = command->subshell;

    if (command->words == NULL && command->assignments != NULL) {
        subshell = run_typed_assignments (launch->pool, command->assignments);
        plain.assignments = NULL;
    }
    if (!run_prepare (sh, launch->pool, &plain, &prepared))
        return 0;
    run_trace (sh, &prepared);
    return run_launch (sh, launch, subshell, &prepared);
}

/* ---- builtins, in the shell itself ---- */

/* A builtin's assignments hold while it runs, a special one's for good. */
static void
run_assign (Shell *sh, struct pool *pool, const struct fields *assignments, char **old)
{
    for (uint32_t i = 0; i < assignments->count; i++) {
        const char *text = assignments->items[i];
        char *name = pool_copy (pool, text, sh_assignment (text));
        const char *value = sh_get (sh, name);
        if (old != NULL)
            old[i] = value != NULL ? pool_copy (pool, value, strlen (value)) : NULL;
        sh_set (sh, name, text + strlen (name) + 1);
    }
}

static void
run_assign_back (Shell *sh, struct pool *pool, const struct fields *assignments, char **old)
{
    for (uint32_t i = assignments->count; i-- > 0;) {
        const char *text = assignments->items[i];
        char *name = pool_copy (pool, text, sh_assignment (text));
        if (old[i] != NULL)
            sh_set (sh, name, old[i]);
        else
            sh_unset (sh, name);
    }
}

static void
run_builtin (Shell *sh, struct pool *pool, const struct builtin *builtin,
             struct prepared *prepared)
{
    int argc = (int)prepared->words.count;
    char **argv = prepared->words.items;
    char **old = NULL;

    if (!sh_redirect_apply (sh, &prepared->plan)) {
        sh->status = 2;
        sh->exiting = sh->exiting || (builtin->special && !sh->interactive);
        return;
    }
    if (!builtin->special && prepared->assignments.count > 0)
        old = pool_alloc (pool, prepared->assignments.count * sizeof *old);
    run_assign (sh, pool, &prepared->assignments, old);
    int status = builtin->run != NULL ? builtin->run (sh, pool, argc, argv)
                                      : builtin->program (argc, argv);
    sh->status = status;
    if (old != NULL)
        run_assign_back (sh, pool, &prepared->assignments, old);
    if (builtin->special && strcmp (builtin->name, "exec") == 0 && argc == 1)
        sh_redirect_keep (sh, &prepared->plan);
    else
        sh_redirect_restore (sh, &prepared->plan);
}

static void
run_foreground (Shell *sh, struct pool *pool, const char *subshell,
                struct prepared *prepared, const char *text)
{
    struct launch launch
        = { .pool = pool, .in = -1, .out = -1, .group = sh->interactive ? 1 : 0 };
    int pid = run_launch (sh, &launch, subshell, prepared);

    if (pid == 0)
        return;
    struct job *job = sh_job_new (sh, 1, text);
    sh_job_start (job, 0, pid);
    if (sh->interactive) {
        job->group = pid;
        sh_job_foreground (sh, pid);
    }
    sh->status = sh_job_wait (sh, job);
}

/* A command that is a pipeline of its own. */
static void
run_single (Shell *sh, struct pool *pool, const struct command *command, const char *text)
{
    struct prepared prepared;

    sh->substitution = -1;
    if (!run_prepare (sh, pool, command, &prepared)) {
        /* What cannot be expanded ends a script; so does a special builtin that fails. */
        const struct builtin *builtin
            = prepared.words.count > 0 ? sh_builtin (prepared.words.items[0]) : NULL;
        if (!sh->interactive && (sh->failed || (builtin != NULL && builtin->special)))
            sh->exiting = true;
        return;
    }
    run_trace (sh, &prepared);
    const char *name = prepared.words.count > 0 ? prepared.words.items[0] : NULL;
    if (command->subshell != NULL)
        run_foreground (sh, pool, command->subshell, &prepared, text);
    else if (name == NULL) {
        bool applied = sh_redirect_apply (sh, &prepared.plan);
        if (applied)
            sh_redirect_restore (sh, &prepared.plan);
        sh->status = !applied ? 2 : sh->substitution >= 0 ? sh->substitution : 0;
    } else if (sh_builtin (name) != NULL)
        run_builtin (sh, pool, sh_builtin (name), &prepared);
    else if (sh_unsupported (name)) {
        sh_error ("%s is not supported by this shell", name);
        sh->status = 2;
        sh_redirect_close (sh, &prepared.plan);
    } else
        run_foreground (sh, pool, NULL, &prepared, text);
}

/* ---- pipelines ---- */

/* Starts all commands of a pipeline, each one's output being the next one's input. */
static struct job *
run_start (Shell *sh, struct pool *pool, const struct pipeline *pipeline, bool background,
           const char *text)
{
    struct launch launch = { .pool = pool, .in = -1, .out = -1, .background = background };
    int count = 0;

    for (const struct command *c = pipeline->commands; c != NULL; c = c->next)
        count++;
    struct job *job = sh_job_new (sh, count, text);
    int index = 0;
    launch.group = sh->interactive ? 1 : 0;
    for (const struct command *c = pipeline->commands; c != NULL; c = c->next, index++) {
        int fds[2] = { -1, -1 };
        if (c->next != NULL) {
            long failed = posix_pipe (fds, 0);
            if (failed < 0)
                sh_error ("cannot make a pipe: %s", lib_error_text (failed));
            else {
                fds[0] = sh_private_fd (sh, fds[0]);
                fds[1] = sh_private_fd (sh, fds[1]);
            }
        }
        launch.out = fds[1];
        int pid = run_child (sh, &launch, c);
        sh_job_start (job, index, pid);
        if (pid == 0)
            job->status = WAIT_EXITED (sh->status);
        else if (sh->interactive && job->group == 0) {
            job->group = pid;
            launch.group = (uint32_t)pid;
            if (!background)
                sh_job_foreground (sh, pid);
        }
        if (pid > 0 && c->next == NULL)
            sh->background = background ? pid : sh->background;
        sh_close_private (sh, launch.in);
        sh_close_private (sh, fds[1]);
        launch.in = fds[0];
    }
    return job;
}

static void
run_pipeline (Shell *sh, struct pool *pool, const struct pipeline *pipeline,
              const char *text)
{
    if (text == NULL)
        text = "";
    if (pipeline->commands->next == NULL)
        run_single (sh, pool, pipeline->commands, text);
    else
        sh->status = sh_job_wait (sh, run_start (sh, pool, pipeline, false, text));
    if (pipeline->negate && !sh->exiting)
        sh->status = !sh->status;
}

/* ---- lists ---- */

/* Does a redirection lead to a pipe with a name? Who opens one waits for its other side. What has
 * to be expanded is not looked at. */
static bool
run_waits_for_pipe (const struct pipeline *pipeline)
{
    struct file_attr attr;

    for (const struct command *command = pipeline->commands; command != NULL;
         command                       = command->next)
        for (const struct redirect *at = command->redirects; at != NULL; at = at->next)
            if (at->kind != REDIRECT_HERE && at->kind != REDIRECT_DUP
                && strpbrk (at->raw, "$`'\"\\*?[") == NULL && posix_stat (at->raw, &attr) >= 0
                && attr.type == FILE_TYPE_PIPE)
                return true;
    return false;
}

static void
run_background (Shell *sh, struct pool *pool, const struct list *list)
{
    const struct pipeline *pipeline = list->pipelines;
    bool simple                     = pipeline->next == NULL && !pipeline->negate;
    struct job *job;

    if (simple && (list->text == NULL || !run_waits_for_pipe (pipeline)))
        job = run_start (sh, pool, pipeline, true, list->text != NULL ? list->text : "");
    else if (list->text == NULL) {
        sh_error ("a here-document in a background list is not supported by this shell");
        sh->status = 2;
        return;
    } else {
        struct command subshell = { .subshell = list->text };
        struct pipeline background = { .commands = &subshell };
        job = run_start (sh, pool, &background, true, list->text);
    }
    sh_job_background (sh, job);
    if (sh->interactive)
        lib_print (2, "[%d] %d\n", job->number, sh->background);
    sh->status = 0;
}

static void
run_and_or (Shell *sh, struct pool *pool, const struct list *list)
{
    const struct pipeline *last = NULL;

    for (const struct pipeline *p = list->pipelines; p != NULL && !sh->exiting;
         p = p->next) {
        if ((p->join == JOIN_AND && sh->status != 0)
            || (p->join == JOIN_OR && sh->status == 0))
            continue;
        bool checked = p->next != NULL || p->negate;
        sh->checked += checked;
        run_pipeline (sh, pool, p, list->text);
        sh->checked -= checked;
        last = p;
    }
    if (sh->errexit && sh->checked == 0 && sh->status != 0 && last != NULL
        && last->next == NULL && !last->negate)
        sh->exiting = true;
}

void
sh_run_list (Shell *sh, struct pool *pool, const struct list *list)
{
    for (; list != NULL && !sh->exiting; list = list->next) {
        if (list->background)
            run_background (sh, pool, list);
        else
            run_and_or (sh, pool, list);
    }
}
