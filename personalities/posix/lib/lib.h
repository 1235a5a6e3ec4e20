/* lib: what the built-in programs share beside the calls themselves.
 *
 * Nothing here keeps state of its own: every object lives on the caller's stack or in
 * memory from program_alloc. Functions that can fail answer -errno, as the calls do.
 */
#ifndef POSIX_LIB_LIB_H
#define POSIX_LIB_LIB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "personalities/posix/lib/posix.h"

#define LIB_PRINTF(text, first) __attribute__ ((format (printf, text, first)))

/* ---- printing (lib_print.c) ---- */

/* Buffered printing to a descriptor. After the first failed write nothing more is written.
 */
struct output {
    int fd;
    int failed; /* errno of the first write that failed; 0: none */
    uint32_t used;
    char data[2048];
};

void lib_output_init (struct output *output, int fd);
void lib_output_write (struct output *output, const void *data, size_t bytes);
void lib_output_text (struct output *output, const char *text);
void lib_output_char (struct output *output, char c);
void lib_output_print (struct output *output, const char *format, ...) LIB_PRINTF (2, 3);
void lib_output_flush (struct output *output);
/* Flushes; says so on descriptor 2 if anything was lost. 0, or 1 if it was. */
int lib_output_end (struct output *output, const char *program);

/* Prints at once; longer than 1,000 bytes is cut. */
void lib_print (int fd, const char *format, ...) LIB_PRINTF (2, 3);

/* "program: text" and a newline on descriptor 2. */
void lib_error (const char *program, const char *format, ...) LIB_PRINTF (2, 3);
/* "program: what: No such file or directory". error: errno or -errno. */
void lib_error_number (const char *program, const char *what, long error);
const char *lib_error_text (long error);

/* Writes all of it, in as many writes as it takes. 0 or -errno. */
long lib_write (int fd, const void *data, size_t bytes);

/* As program_alloc and program_grow, but ends the process when memory is out. */
void *lib_alloc (size_t bytes);
void *lib_grow (void *memory, size_t old_bytes, size_t new_bytes);
char *lib_copy (const char *text);
char *lib_copy_bytes (const char *text, size_t bytes);

/* ---- arguments and numbers (lib_options.c) ---- */

/* One pass over argv. Operands may stand between options: they are gathered at
 * argv[1 .. 1 + operands). */
struct options {
    const char *program;
    const char
        *allowed; /* letters; "n:" takes a value; a leading "+": stop at an operand */
    int argc;
    char **argv;
    int at;              /* next of argv to look at */
    int operands;        /* gathered so far */
    const char *letters; /* what is left of a cluster like -la */
    char *value;         /* of the option just answered */
};

void lib_options_init (struct options *options, const char *program, const char *allowed,
                       int argc, char **argv);
/* The next option's letter; -1: no more, and operands is final; '?': refused, and said so.
 */
int lib_options_next (struct options *options);
static inline char *
lib_operand (const struct options *options, int i)
{
    return i < options->operands ? options->argv[1 + i] : NULL;
}
/* False, and "missing operand" or "extra operand" said, unless least <= operands <= most.
 */
bool lib_operands_between (const struct options *options, int least, int most);
/* The last operand, to which all others go; NULL, and said so: there is none, or it is no directory
 * and they are several. */
const char *lib_destination (const struct options *options);

bool lib_number (const char *text, int64_t *value); /* decimal, all of the text */
bool lib_size (const char *text, uint64_t *value);  /* with b, k, K, M, G, KiB, kB, ... */
bool lib_seconds (const char *text, uint64_t *nanoseconds); /* "1.5", "2m" */
/* rwx text as chmod takes it, octal or symbolic, applied to `mode`. */
bool lib_mode (const char *text, uint32_t mode, bool directory, uint32_t mask,
               uint32_t *result);

/* What follows a backslash in echo and printf: writes the byte, returns what comes after
 * it; NULL for \c, which ends all output. `echo`: octal numbers may have a leading 0 more.
 * An unknown letter is not taken: the byte is then the backslash. */
const char *lib_escape (const char *at, bool echo, char *byte);

/* Signals: 0 or a negative number if there is none of that name ("TERM", "SIGTERM", "15").
 */
int lib_signal_number (const char *name);
const char *lib_signal_name (int signal); /* "TERM"; NULL if it has none */
const char *lib_signal_text (int signal); /* "Terminated" */

/* ---- files and lines (lib_file.c) ---- */

/* A list of strings that grows. */
struct names {
    char **items;
    uint32_t count;
    uint32_t room;
};

void lib_names_add (struct names *names, char *owned);
void lib_names_sort (struct names *names); /* by bytes */
void lib_names_free (struct names *names); /* and each string */

/* Lines of any length from a descriptor. */
struct lines {
    int fd;
    int failed; /* errno, after an answer of 0 */
    bool ended;
    char *data;
    size_t start, used, room;
};

void lib_lines_init (struct lines *lines, int fd);
/* The length of the next line, its newline counted if it has one; 0 at the end. The line is
 * valid until the next call; its newline, or the byte behind a last line that has none, may
 * be overwritten with a zero. */
size_t lib_lines_next (struct lines *lines, char **line);
void lib_lines_free (struct lines *lines);

/* Opens `path` to read, "-" meaning descriptor 0; a message and -errno if it fails. */
int lib_open_input (const char *program, const char *path);
void lib_close_input (int fd);

struct directory {
    int fd;
    uint32_t at, used;
    char *buffer;
};

struct directory_entry {
    uint64_t node;
    uint32_t type; /* enum file_type; 0: not known */
    char name[FILE_NAME_MAX + 1];
};

/* Without "." and "..". next: 1 and an entry, 0 at the end, or -errno. */
long lib_directory_open (struct directory *directory, const char *path);
long lib_directory_next (struct directory *directory, struct directory_entry *entry);
void lib_directory_close (struct directory *directory);
/* All names, sorted. */
long lib_directory_names (const char *path, struct names *names);

/* "a/b" in new memory; one slash between. */
char *lib_path_join (const char *directory, const char *name);
/* The last component of a path: a pointer into it. */
const char *lib_path_base (const char *path);
bool lib_is_directory (const char *path);
/* Where `path` goes when the target is `to`: to/base if `to` is a directory, else a copy.
 */
char *lib_path_into (const char *to, const char *path);
/* cp, mv: copies the bytes. 0 or -errno; *writing says which side failed. */
long lib_copy_data (int from, int to, bool *writing);

/* "-rwxr-xr-x" as ls prints it, and "regular file" as stat says it. */
void lib_mode_text (const struct file_attr *attr, char text[11]);
const char *lib_type_text (const struct file_attr *attr);
/* "1.5K": at most four characters, rounded up. */
void lib_human_size (uint64_t bytes, char text[16]);

/* ---- trees of files (lib_tree.c) ---- */

enum walk_event {
    WALK_END,
    WALK_FILE,  /* anything but a directory */
    WALK_ENTER, /* a directory, before what is in it */
    WALK_LEAVE, /* and after */
    WALK_ERROR, /* path cannot be looked at, or not be listed: error */
};

struct walk_frame {
    struct names names;
    uint32_t next;
    size_t path_length; /* of the directory's own path */
    struct file_attr attr;
};

/* A walk over everything below a path, sorted by name, links not followed. */
struct walk {
    char *path; /* of the event; its end may be looked at from root_length on */
    size_t path_room;
    size_t root_length;
    struct file_attr attr;
    long error;
    struct walk_frame *frames;
    uint32_t depth, room;
    bool started, pending; /* an ENTER whose directory has not been read yet */
};

void lib_walk_init (struct walk *walk, const char *root);
enum walk_event lib_walk_next (struct walk *walk);
void lib_walk_free (struct walk *walk);

/* What cp and mv mean by copying. Messages come from `program`; answers 0 or 1. */
enum { COPY_TREES = 1, COPY_ATTRIBUTES = 2, COPY_FORCE = 4, COPY_LINKS = 8 };
int lib_tree_copy (const char *program, const char *from, const char *to, unsigned flags);
int lib_tree_remove (const char *program, const char *path);

/* ---- running others (lib_spawn.c) ---- */

/* Descriptor steps for a child, packed as posix_spawn wants them. */
struct actions {
    uint32_t bytes;
    uint32_t count;
    _Alignas(8) char data[3072];
};

void lib_actions_init (struct actions *actions);
bool lib_actions_dup (struct actions *actions, int from, int to); /* false: too many */
bool lib_actions_close (struct actions *actions, int fd);

/* Starts `arguments`, found as the shell finds a command: as it is if it has a slash, else
 * a built-in program of that name, else along `path` (NULL: nowhere). A file that is no
 * executable format but may be executed is run by sh. The pid or -errno. */
long lib_spawn (const char *path, char *const *arguments, char *const *environment,
                const struct actions *actions, uint32_t group);
/* The exit status that a shell makes of a spawn that failed: 127 or 126. */
int lib_spawn_status (long error);
/* The exit status that a shell makes of what wait reported. */
int lib_wait_status (uint32_t wait_status);
const char *lib_environment_value (char *const *environment, const char *name);

/* ---- load generators (lib_load.c) ---- */

/* A seeded stream of numbers, and a checksum of what was done with them. */
struct load {
    const char *program;
    uint64_t seed, state, sum;
};

void lib_load_init (struct load *load, const char *program, uint64_t seed);
uint64_t lib_load_next (struct load *load);
uint32_t lib_load_below (struct load *load, uint32_t limit); /* 0 .. limit - 1 */
void lib_load_add (struct load *load, uint64_t value);       /* to the checksum */
void lib_load_add_bytes (struct load *load, const void *data, size_t bytes);
/* The value of a numeric option; false, and said so, if it is none or not below `limit`. */
bool lib_load_option (const char *program, const char *text, uint64_t limit,
                      uint64_t *value);

/* ---- time of day (lib_time.c) ---- */

struct calendar {
    int64_t year;
    int month, day, hour, minute, second; /* month and day from 1 */
    int week_day, year_day;               /* from 0 */
};

void lib_calendar (int64_t seconds, struct calendar *calendar); /* UTC */
int64_t lib_calendar_seconds (const struct calendar *calendar);
extern const char lib_month_names[12][12];
extern const char lib_day_names[7][12];

/* ---- matching (lib_pattern.c, lib_regex.c) ---- */

/* Shell patterns. A byte of the pattern with PATTERN_QUOTED stands for itself. */
#define PATTERN_QUOTED 0x100u
bool lib_pattern_match (const uint16_t *pattern, size_t pattern_length, const char *text,
                        size_t length);

/* Regular expressions, basic unless REGEX_EXTENDED. */
typedef struct Regex Regex;
enum { REGEX_IGNORE_CASE = 1, REGEX_EXTENDED = 2 };
/* NULL and *problem if the pattern is wrong. */
Regex *lib_regex_new (const char *pattern, unsigned flags, const char **problem);
void lib_regex_free (Regex *regex);
/* The first match at or after `from`; false if there is none. */
bool lib_regex_search (const Regex *regex, const char *text, size_t length, size_t from,
                       size_t *start, size_t *end);

#endif
