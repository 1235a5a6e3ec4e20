/* sh: the parts of the plain shell.
 *
 * A command line becomes a tree (sh_parse.c) in memory that is given back as a whole when
 * the line has run (struct pool). Words stay as they were typed until they are needed; then
 * they are expanded (sh_expand.c, sh_glob.c). What runs beside the shell, or must not
 * change it (pipelines, background lists, subshells, command substitutions), is another
 * process: the program itself, or this shell again, started with its state (sh_subshell.c).
 *
 * What the shell lacks it refuses by name: if, while, until, for, case, functions, { },
 * arithmetic, trap.
 */
#ifndef POSIX_SH_H
#define POSIX_SH_H

#include "programs.h"

#include <signal.h>

/* ---- memory of one command line ---- */

struct pool_chunk {
    struct pool_chunk *next;
    size_t used, room;
    _Alignas(16) char data[];
};

struct pool {
    struct pool_chunk *first;
};

void *pool_alloc (struct pool *pool, size_t bytes);
char *pool_copy (struct pool *pool, const char *text, size_t bytes);
void pool_release (struct pool *pool);

/* ---- the tree ---- */

struct word {
    struct word *next;
    const char *raw; /* as typed, quotes and all */
};

enum redirect_kind {
    REDIRECT_READ,
    REDIRECT_WRITE,
    REDIRECT_APPEND,
    REDIRECT_BOTH,
    REDIRECT_DUP,
    REDIRECT_HERE, /* raw: the text itself */
};

struct redirect {
    struct redirect *next;
    enum redirect_kind kind;
    int fd;
    const char *raw;
    bool literal; /* HERE: the delimiter was quoted */
    bool strip;   /* HERE: leading tabs go */
};

struct command {
    struct command *next; /* in the pipeline */
    struct word *assignments;
    struct word *words;
    struct redirect *redirects;
    const char *subshell; /* text between parentheses; NULL: a simple command */
};

struct pipeline {
    struct pipeline *next;
    struct command *commands;
    bool negate;
    enum { JOIN_ALWAYS, JOIN_AND, JOIN_OR } join; /* with the one before it */
};

struct list {
    struct list *next;
    struct pipeline *pipelines;
    const char *text; /* as typed; NULL if a here-document of it stands elsewhere */
    bool background;
};

enum parse_result {
    PARSE_LINE,       /* *list, which may be NULL for an empty line */
    PARSE_END,        /* of the text */
    PARSE_INCOMPLETE, /* more text is needed */
    PARSE_WRONG,      /* *problem */
};

/* One line of commands from text[*at .. length), which has a zero behind it. `final`: there
 * will be no more text. */
enum parse_result sh_parse (struct pool *pool, const char *text, size_t length, size_t *at,
                            bool final, struct list **list, const char **problem);

/* ---- the shell ---- */

struct variable {
    char *name;
    char *value; /* NULL: not set */
    bool exported;
};

enum job_state { JOB_RUNNING, JOB_STOPPED, JOB_DONE };

struct job {
    struct job *next;
    int number; /* 0: in the foreground */
    int group;  /* 0: the shell's own */
    int count;
    int *pids;
    bool *ended;
    uint32_t status; /* of the last process, as wait reports it */
    enum job_state state;
    char *text;
};

typedef struct Shell {
    const char *name; /* $0 */
    char **arguments; /* $1 .. */
    int argument_count;
    struct variable *variables;
    uint32_t variable_count, variable_room;
    struct job *jobs;
    int status;     /* $? */
    int pid;        /* $$, also in a subshell */
    int background; /* $! */
    bool interactive, errexit, trace, no_glob;
    bool exiting;         /* exit was met, or something that ends the shell */
    bool failed;          /* the present command cannot go on: said so, status is set */
    int substitution;     /* status of the last command substitution; -1: none */
    int depth;            /* of eval and . */
    int checked;          /* depth of && || and !, where -e does not count */
    uint64_t private_fds; /* bit n: descriptor SH_PRIVATE_FD + n is the shell's own */
    uint64_t ignored;     /* signals that were ignored before the shell changed that */
    int group;            /* the shell's own process group */
} Shell;

#define SH_PRIVATE_FD 64
#define SH_DEPTH_MAX  16

/* What an interactive shell ignores. */
#define SH_IGNORED                                                                         \
    (1ull << SIGINT | 1ull << SIGQUIT | 1ull << SIGTSTP | 1ull << SIGTTIN                  \
     | 1ull << SIGTTOU | 1ull << SIGTERM)

/* "sh: text". */
void sh_error (const char *format, ...) LIB_PRINTF (1, 2);
/* Runs the commands of a text, line by line; `final` as for sh_parse. */
void sh_run_text (Shell *sh, const char *text, size_t length);
/* Reads a whole file. NULL and -errno in *error. */
char *sh_read_file (const char *path, size_t *length, long *error);

/* sh_variable.c */
const char *sh_get (const Shell *sh, const char *name); /* NULL: not set */
void sh_set (Shell *sh, const char *name, const char *value);
void sh_unset (Shell *sh, const char *name);
struct variable *sh_variable (Shell *sh, const char *name); /* made if need be */
bool sh_is_name (const char *text, size_t length);
/* The length of NAME in "NAME=value"; 0 if the word is no assignment. */
size_t sh_assignment (const char *text);
/* Environment of a child, in the pool: the exported variables and then `assignments`. */
char **sh_environment (const Shell *sh, struct pool *pool, char *const *assignments);

/* sh_expand.c: all answer in the pool; sh->failed if it went wrong. */
struct fields {
    char **items; /* ends with NULL */
    uint32_t count, room;
};

/* Characters of a text being expanded. */
#define WIDE_QUOTED                                                                        \
    0x100u /* stands for itself in patterns; the same bit as PATTERN_QUOTED */
#define WIDE_SPLIT 0x200u /* comes from an expansion: may separate fields */
#define WIDE_BREAK 0x400u /* not a character: a field ends here */
#define WIDE_EMPTY 0x800u /* not a character: there is a field here even if it is empty */

struct wide {
    uint16_t *items;
    size_t count, room;
};

void fields_add (struct pool *pool, struct fields *fields, char *text);
void wide_add (struct pool *pool, struct wide *wide, unsigned c);
bool sh_expand_words (Shell *sh, struct pool *pool, const struct word *words,
                      struct fields *fields);
char *sh_expand_text (Shell *sh, struct pool *pool, const char *raw);
char *sh_expand_here (Shell *sh, struct pool *pool, const char *raw);

/* sh_glob.c: the names that match; none if nothing does. */
void sh_glob (struct pool *pool, const uint16_t *pattern, size_t length,
              struct fields *fields);
/* Takes off what matches: '#' at the start, '%' at the end. The rest is text[*start ..
 * *end). */
void sh_trim (const uint16_t *pattern, size_t length, const char *text, char side,
              bool longest, size_t *start, size_t *end);

/* sh_redirect.c */
#define SH_REDIRECTS 16

struct redirect_step {
    int fd;
    int from;    /* -1: close */
    bool opened; /* from is a private descriptor, to be closed afterwards */
    int saved;   /* of a step applied to the shell itself: private copy; -1: was closed */
};

struct redirect_plan {
    int count;
    struct redirect_step steps[SH_REDIRECTS];
};

int sh_private_fd (Shell *sh, int fd); /* moves it out of the way; -errno */
void sh_close_private (Shell *sh, int fd);
/* Opens what has to be opened. False, and said so, if that fails. */
bool sh_redirect_plan (Shell *sh, struct pool *pool, const struct redirect *redirects,
                       struct redirect_plan *plan);
bool sh_redirect_actions (const struct redirect_plan *plan, struct actions *actions);
bool sh_redirect_apply (Shell *sh, struct redirect_plan *plan);
void sh_redirect_restore (Shell *sh, struct redirect_plan *plan);
/* Forgets what apply saved: exec's redirections stay. */
void sh_redirect_keep (Shell *sh, struct redirect_plan *plan);
void sh_redirect_close (Shell *sh, struct redirect_plan *plan);

/* sh_subshell.c */
/* Starts this shell again, with its state, on `text`. The pid or -errno. */
long sh_subshell (Shell *sh, struct pool *pool, const char *text, char *const *assignments,
                  const struct actions *actions, uint32_t group);
/* Takes over the state that sh_subshell handed down. The text to run; NULL: not so started.
 */
const char *sh_subshell_enter (Shell *sh, int argc, char **argv);
/* What a command prints, without the newlines at its end. */
char *sh_substitute (Shell *sh, struct pool *pool, const char *text, size_t length);
/* Words as text that means just them. */
char *sh_quote (struct pool *pool, char *const *words);

/* sh_run.c */
void sh_run_list (Shell *sh, struct pool *pool, const struct list *list);
/* Starts a child with the shell's own descriptors and signals set right. */
long sh_spawn (Shell *sh, char *const *arguments, char *const *environment,
               struct actions *actions, uint32_t group);

/* sh_job.c */
struct job *sh_job_new (Shell *sh, int count, const char *text);
void sh_job_start (struct job *job, int index, int pid);
void sh_job_background (Shell *sh, struct job *job);
/* Waits until the job ends or stops; its status as $? has it. The job is freed if it ended.
 */
int sh_job_wait (Shell *sh, struct job *job);
void sh_job_reap (Shell *sh, bool block);
void sh_job_notify (Shell *sh); /* interactive: "[1] + Done" */
int sh_job_status (const struct job *job);
struct job *sh_job_find (Shell *sh, const char *text); /* "%1", "%%", a pid; NULL: none */
void sh_job_remove (Shell *sh, struct job *job);
void sh_job_foreground (Shell *sh, int group);

/* sh_builtin.c */
struct builtin {
    const char *name;
    int (*run) (Shell *sh, struct pool *pool, int argc, char **argv);
    program_main *program; /* instead of run: needs nothing of the shell */
    bool special;          /* its assignments stay, its errors end a script */
};

const struct builtin *sh_builtin (const char *name);
/* Is this a command of other shells that would silently do nothing useful here? */
bool sh_unsupported (const char *name);

#endif
