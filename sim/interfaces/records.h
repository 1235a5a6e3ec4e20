/* records: structs and constants that several interfaces share. */
#ifndef SIM_RECORDS_H
#define SIM_RECORDS_H

#include <stdint.h>

/* ---- files ---- */

enum file_type {
    FILE_TYPE_REGULAR = 1,
    FILE_TYPE_DIRECTORY,
    FILE_TYPE_LINK,      /* symbolic */
    FILE_TYPE_CHARACTER, /* device */
    FILE_TYPE_BLOCK,     /* device */
    FILE_TYPE_PIPE,
    FILE_TYPE_SOCKET,
};

/* What is known of a node. */
struct file_attr {
    uint64_t node;  /* unique in its file system while it is held */
    uint64_t size;  /* bytes */
    uint64_t blocks; /* of 512 bytes, really used */
    int64_t atime;  /* nanoseconds since 1970: from 1677 to 2262 */
    int64_t mtime;
    int64_t ctime;
    uint32_t type;  /* enum file_type */
    uint32_t mode;  /* the twelve permission bits */
    uint32_t links;
    uint32_t uid;
    uint32_t gid;
    uint32_t device; /* FILE_TYPE_CHARACTER, FILE_TYPE_BLOCK: a number of the dev component */
    uint32_t filesystem; /* filled in by vfs: which mount */
    uint32_t block_bytes;
};

#define FILE_TIME_SECOND 1000000000

/* A time of a file; what is too far away is as far as there are times. */
static inline int64_t
file_time (int64_t seconds, int64_t nanoseconds)
{
    if (seconds >= INT64_MAX / FILE_TIME_SECOND)
        return INT64_MAX;
    if (seconds <= INT64_MIN / FILE_TIME_SECOND)
        return INT64_MIN;
    return seconds * FILE_TIME_SECOND + nanoseconds;
}

/* Its second, and what has gone of that: 0 to 999999999, before 1970 as well. */
static inline int64_t
file_time_seconds (int64_t time)
{
    return time / FILE_TIME_SECOND - (time % FILE_TIME_SECOND < 0);
}

static inline int64_t
file_time_rest (int64_t time)
{
    int64_t rest = time % FILE_TIME_SECOND;

    return rest < 0 ? rest + FILE_TIME_SECOND : rest;
}

/* Which fields a setattr changes. */
enum {
    ATTR_MODE  = 1 << 0,
    ATTR_UID   = 1 << 1,
    ATTR_GID   = 1 << 2,
    ATTR_SIZE  = 1 << 3,
    ATTR_ATIME = 1 << 4,
    ATTR_MTIME = 1 << 5,
    ATTR_ATIME_NOW = 1 << 6, /* as the file system itself says what is now. A file server lets */
    ATTR_MTIME_NOW = 1 << 7, /* who may write set both to that */
    ATTR_TIMES     = ATTR_ATIME | ATTR_MTIME | ATTR_ATIME_NOW | ATTR_MTIME_NOW,
};

/* A directory entry as `entries` packs them: this header, then `name_bytes` bytes of name
 * (not terminated), then padding to a multiple of 8. */
struct file_entry {
    uint64_t node;
    uint64_t next;        /* the cursor to go on from after this entry */
    uint16_t entry_bytes; /* header, name and padding */
    uint8_t type;         /* enum file_type, or 0 if the file system does not keep it here */
    uint8_t name_bytes;
    uint8_t pad[4];
};

#define FILE_NAME_MAX 255u  /* bytes of one name */
#define FILE_PATH_MAX 4096u /* bytes of a path, with its end */

/* Flags of file.open. */
enum {
    OPEN_READ      = 1 << 0,
    OPEN_WRITE     = 1 << 1,
    OPEN_CREATE    = 1 << 2,
    OPEN_EXCLUSIVE = 1 << 3,
    OPEN_TRUNCATE  = 1 << 4,
    OPEN_APPEND    = 1 << 5,
    OPEN_DIRECTORY = 1 << 6,
    OPEN_NO_FOLLOW = 1 << 7,
    OPEN_NONBLOCK  = 1 << 8,
    OPEN_CLOEXEC   = 1 << 9,
    OPEN_PROGRAM   = 1 << 10, /* the kernel's: nobody writes it while this is open */
    OPEN_PATH      = 1 << 11, /* the node alone, even a link's: nothing can be done with what is in it */
};

/* What a rename does when the new name is there: replaces it, as rename(2) has it; answers
 * ERR_EXISTS; or it must be there, and the two names trade what they name. */
enum rename_how { RENAME_OVER, RENAME_KEEP, RENAME_SWAP };

enum { SEEK_FROM_START = 0, SEEK_FROM_CURRENT = 1, SEEK_FROM_END = 2 };

/* What file.poll asks and answers. END: nothing more comes from the other side, and of a socket
 * nothing goes there either; BROKEN: nobody reads what a pipe is given, or a socket's other side was
 * lost. These two are told to all who ask. LAST: a socket receives no more than there is. */
enum { POLL_READ = 1, POLL_WRITE = 2, POLL_END = 4, POLL_BROKEN = 8, POLL_LAST = 16 };
#define POLL_ALWAYS (POLL_END | POLL_BROKEN)

/* Descriptors with no file behind them, which file.event makes: a number that is added to and taken
 * as a whole (SEMAPHORE: one at a time), how often a timer has run out, a set of descriptors. */
enum event_file { EVENT_FILE_COUNTER = 1, EVENT_FILE_SEMAPHORE, EVENT_FILE_TIMER, EVENT_FILE_SET };

/* What file.timer does: nothing but to tell, or sets it to run out after so long, at a time; NEVER
 * also forgets how often it has. */
enum timer_how { TIMER_ASK, TIMER_AFTER, TIMER_AT, TIMER_NEVER };

/* What file.interest does; and beside POLL_* what is wanted: to be told of news only, and only once
 * until the interest is changed. */
enum interest_how { INTEREST_ADD = 1, INTEREST_CHANGE, INTEREST_REMOVE };
enum { INTEREST_EDGE = 1 << 8, INTEREST_ONCE = 1 << 9 };

/* What file.happened tells. */
struct file_event {
    uint64_t data;   /* as it came with the interest */
    uint32_t events; /* POLL_* */
    uint32_t pad;
};

/* Locks of files: whose they are (those of whole files do not see the others), and what to do when
 * another one is in the way. ASK: nothing but to say which. */
enum lock_kind { LOCK_NONE, LOCK_SHARED, LOCK_EXCLUSIVE };
enum lock_owner { LOCK_OF_PROCESS, LOCK_OF_FILE /* the open one */, LOCK_OF_WHOLE /* the same */ };
enum lock_how { LOCK_AT_ONCE, LOCK_WAIT, LOCK_ASK };

/* What a socket carries: bytes, or messages that arrive whole or not at all; DATAGRAM has no end. */
enum socket_type { SOCKET_STREAM = 1, SOCKET_DATAGRAM, SOCKET_PACKETS };

/* Flags of file.send and file.receive, and what receive answers in `cut`. */
enum { MESSAGE_NO_WAIT = 1, MESSAGE_PEEK = 2, MESSAGE_CLOEXEC = 4 };
enum { MESSAGE_CUT_BYTES = 1, MESSAGE_CUT_FILES = 2 };

#define MESSAGE_FILES_MAX 64u /* descriptors that go along with one; file.def has the number, too */

/* One of the descriptors that file.watch waits for. */
struct file_watch {
    int32_t fd;
    uint32_t events; /* POLL_*; POLL_ALWAYS counts for all */
};

/* One step of what spawn does to the child's descriptors, in order. Packed in a grant; an
 * OPEN step is followed by `path_bytes` bytes of path (with its zero), padded to 8. */
struct file_action {
    uint32_t what; /* ACTION_* */
    int32_t fd;
    int32_t from;  /* ACTION_DUP */
    uint32_t flags; /* ACTION_OPEN: OPEN_* */
    uint32_t mode;
    uint32_t path_bytes;
};

enum { ACTION_CLOSE = 1, ACTION_DUP, ACTION_OPEN, ACTION_CHDIR /* path, as OPEN */ };

/* ---- processes ---- */

#define PROCESS_NAME_MAX 16u

enum process_state {
    PROCESS_RUNNING = 1,
    PROCESS_STOPPED,
    PROCESS_ZOMBIE,
};

/* One row of the process table, as `list` packs them. */
struct process_row {
    uint32_t pid;
    uint32_t parent;
    uint32_t group;
    uint32_t state; /* enum process_state */
    uint32_t uid;
    uint32_t task;
    uint64_t cpu_ns; /* virtual */
    uint64_t start_ns;
    char name[PROCESS_NAME_MAX];
};

/* Signals have their numbers of Linux x86-64; the default actions are those of signal(7). */
#define SIGNAL_COUNT 65u

/* Of a set: signal n is bit n, but for the last one, which is bit 0. */
#define SIGNAL_BIT(signal) (1ull << ((signal) % 64))

/* Why a signal came: the codes of Linux's siginfo. */
enum signal_code {
    SIGNAL_FROM_PROCESS = 0,
    SIGNAL_FROM_SYSTEM  = 0x80,
    SIGNAL_WITH_VALUE   = -1,
    SIGNAL_OF_TIMER     = -2,
    SIGNAL_TO_THREAD    = -6,
    SIGNAL_CHILD_EXITED = 1, /* these are of SIGCHLD */
    SIGNAL_CHILD_KILLED = 2,
    SIGNAL_CHILD_STOPPED = 5,
    SIGNAL_CHILD_CONTINUED = 6,
};

/* A signal, and what is told of it to a program that handles it. */
struct signal_info {
    uint32_t signal;
    int32_t code;    /* enum signal_code, or what the sender said: a negative one */
    uint32_t pid;    /* of who sent it, or of the child; 0: the system */
    uint32_t uid;
    uint32_t status; /* of a child: how it ended (WAIT_*); of a timer: overruns */
    uint32_t timer;  /* whose it is; 0: of none */
    uint64_t value;  /* SIGNAL_WITH_VALUE, and other negative codes */
    uint64_t cpu_ns; /* of a child */
};

/* How a process's user or group is set: as setuid(2), setreuid(2), setresuid(2), setfsuid(2). */
enum ids_how { IDS_ONE, IDS_TWO, IDS_THREE, IDS_FILES };

/* A program whose file says so runs with its owner's, its group's rights. */
enum { BECOME_USER = 1 << 0, BECOME_GROUP = 1 << 1 };

#define GROUPS_MAX 1024u /* further ones, of a process */

/* What a process may use: the numbers are Linux's. Who keeps one of them says so where it is kept; the
 * others are told, and nothing more. */
enum limit_kind {
    LIMIT_CPU,  /* seconds of processor time */
    LIMIT_FILE, /* bytes of a file that is written */
    LIMIT_DATA, /* bytes of memory: private and writable, */
    LIMIT_STACK,
    LIMIT_CORE,
    LIMIT_RESIDENT,
    LIMIT_PROCESSES, /* of one user */
    LIMIT_DESCRIPTORS,
    LIMIT_LOCKED,
    LIMIT_MEMORY, /* all that is mapped */
    LIMIT_LOCKS,
    LIMIT_SIGNALS,
    LIMIT_MESSAGES,
    LIMIT_NICE,
    LIMIT_PRIORITY,
    LIMIT_TIMEOUT,
    LIMITS
};

#define LIMIT_NONE UINT64_MAX

/* The soft one counts; its owner may raise it up to the hard one. */
struct limit {
    uint64_t soft, hard;
};

#define LIMIT_STACK_USUAL ((uint64_t)8 << 20) /* what a process has of which nothing else was said */

/* How a process ended, as wait reports it: the encoding of Linux's wstatus. */
#define WAIT_EXITED(code)   ((uint32_t)((code) & 0xff) << 8)
#define WAIT_KILLED(signal) ((uint32_t)((signal) & 0x7f))
#define WAIT_STOPPED(signal) (0x7fu | (uint32_t)(signal) << 8)
#define WAIT_CONTINUED       0xffffu

/* REPORT_CONTINUED: children that go on again are news, too. KEEP: the news stays where it is.
 * NO_ENDED: that a child has ended is none. */
enum {
    WAIT_NO_HANG          = 1 << 0,
    WAIT_UNTRACED         = 1 << 1,
    WAIT_REPORT_CONTINUED = 1 << 2,
    WAIT_KEEP             = 1 << 3,
    WAIT_NO_ENDED         = 1 << 4,
};

/* ---- terminals ---- */

enum {
    TTY_CANONICAL = 1 << 0, /* lines, with erase, kill and end of file */
    TTY_ECHO      = 1 << 1,
    TTY_SIGNALS   = 1 << 2, /* interrupt, quit and suspend characters make signals */
    TTY_CRNL      = 1 << 3, /* input: carriage return becomes newline */
    TTY_NLCR      = 1 << 4, /* output: newline becomes carriage return, newline */
};

struct tty_attr {
    uint32_t modes; /* TTY_* */
    uint8_t interrupt, quit, erase, kill, eof, suspend, minimum, time;
    uint16_t rows, columns;
};

/* ---- components and domains, as `kernel.components` packs them ---- */

struct component_row {
    char name[16];
    char class_name[16];
    char domain[16];
    uint32_t id;
    uint32_t restarts;
    uint64_t calls_in;
    uint64_t calls_out;
    uint64_t arena_bytes; /* in use */
};

struct task_row {
    uint32_t task;
    uint32_t pid;
    uint32_t state;
    uint32_t priority;
    uint64_t cpu_ns;
};

/* ---- memory of real programs, between vm and the nucleus ---- */

enum { VM_READ = 1, VM_WRITE = 2, VM_EXECUTE = 4 };

enum {
    VM_MAP_SHARED  = 1 << 0, /* writes are everybody's who shares it */
    VM_MAP_KEEP    = 1 << 1, /* ERR_EXISTS instead of replacing what is there */
    VM_MAP_HEAP    = 1 << 2, /* for people to read: the heap, */
    VM_MAP_STACK   = 1 << 3, /* the stack */
    VM_MAP_WRITABLE = 1 << 4, /* shared, of a file: it may come to be written */
};

enum {
    VM_MOVE_MAY   = 1 << 0,
    VM_MOVE_FIXED = 1 << 1,
    VM_MOVE_KEEP  = 1 << 2, /* the old mapping stays, without its pages */
};

/* What vm wants done. Frames are numbers of pages of RAM; 0 is none. */
enum vm_order_what {
    VM_ZERO = 1, /* `count` frames from `frame` on are zero now */
    VM_COPY,     /* frame `other` is the first `bytes` of `frame` now, then zeroes */
    VM_MAP,      /* `count` pages from `address` on show the frames from `frame` on */
    VM_UNMAP,    /* they show nothing; count 0: nor does the whole space */
    VM_PROTECT,  /* of what they allow, only `access` stays */
    VM_SHARE,    /* space `other` shows what they show; both as after VM_PROTECT */
    VM_FILL,     /* `bytes` of file `fd` from `offset` on are in the frames from `frame` on, at
                  * byte `address`; the rest of `count` frames, if that is not 0, is zero */
    VM_SAVE,     /* the other way round */
    VM_FETCH,    /* the frame's bytes are the next of the answer */
    VM_STORE,    /* the next bytes behind the orders are the frame's */
    VM_FLUSH,    /* file `fd`, the kernel's own, is safe */
    VM_CLOSE,    /* it is closed */
    VM_KILL,     /* of whoever runs in the space */
    VM_ORDERS
};

struct vm_order {
    uint32_t what; /* enum vm_order_what */
    uint32_t space;
    uint32_t access; /* VM_READ, ... */
    uint32_t count;
    uint32_t frame;
    uint32_t other;
    int32_t fd;
    uint32_t bytes;
    uint64_t address;
    uint64_t offset;
};

/* Pages and frames, and what has happened to them since the boot. */
/* Of one space, in pages. */
struct vm_size {
    uint64_t mapped, present, swapped; /* all of it; in RAM; on the swap disk */
    uint64_t of_files;                 /* present, and of files or shared */
    uint64_t text, data, stack;        /* mapped: what may be executed; be written; the stack */
    uint64_t text_first, text_end;     /* addresses of the first mapping that may be executed */
    uint64_t stack_end;
};

struct vm_numbers {
    uint64_t frames, free, of_files, dirty, shared;
    uint64_t of_memory; /* shared memory without a file */
    uint64_t swap, swap_free;
    uint64_t spaces;
    uint64_t faults; /* all; of these: */
    uint64_t zeroed, copied, filled, swapped_in, again;
    uint64_t forked; /* pages that a fork has copied at once: no fault */
    uint64_t evicted, swapped_out, saved, killed;
};

#endif
