/* vfs: what its files share. vfs.c has the overview.
 *
 * Rule of all of it: any function marked "blocks" may let other handlers of this component
 * run. Before calling one, own a reference on every object used after it; after it, find
 * processes and descriptors again, for their tables may have moved.
 */
#ifndef SERVERS_VFS_H
#define SERVERS_VFS_H

#include "interfaces/interfaces.h"

#define VFS_LINKS_MAX   40u    /* symbolic links followed in one path */
#define VFS_PIPE_BYTES  65536u /* most that a pipe holds */
#define VFS_PIPE_ATOMIC 4096u  /* a write of at most that much is never mixed with others */
#define VFS_MESSAGE_BYTES (VFS_PIPE_BYTES - VFS_PIPE_ATOMIC) /* of one message */
#define VFS_MESSAGES_MAX  256u /* in one pipe */
#define VFS_WATCH_MAX   1024u  /* descriptors waited for at once */
#define VFS_NEED_FS     0u     /* indexes into the class's needs */
#define VFS_NEED_VM     1u

/* A mounted file system. Lives while one of its vnodes does. */
struct mount {
    struct mount *next;    /* in order of id */
    uint32_t id;           /* from 1 on, never used again */
    Link *link;
    struct vnode *root;    /* referenced */
    struct vnode *covers;  /* the directory below it, referenced; NULL for "/" */
    uint32_t vnodes;       /* of this file system, the root included */
    bool read_only;
    bool devices;          /* a devfs: its node numbers are device numbers */
    struct mutex renaming; /* one rename at a time, so that directories cannot form a ring */
    char type[16];
    char source[16];
    char path[];           /* where it was mounted */
};

/* A node of a file system that somebody here refers to; at most one for each node. Type,
 * mode and owner are kept here because all changes to them pass through this component. */
struct vnode {
    struct vnode *next;    /* of the same bucket */
    struct mount *mount;
    uint64_t number;
    uint32_t refs;
    uint32_t holds;        /* that the file system counts for us; given back with the last ref */
    uint32_t type, mode, uid, gid, device;
    struct mount *mounted; /* on this directory, or NULL */
    struct vnode *was_in;  /* a directory without a name any more: where it was; referenced */
    struct mutex writing;  /* regular files: so that appends do not overlap */
    uint32_t mapped;       /* open files lent to vm, */
    uint32_t shared;       /* of these: through which it may write */
    uint32_t writers;      /* regular files: open files for writing, */
    uint32_t programs;     /* and those that forbid it; not both */
    struct pipe *pipe;     /* FILE_TYPE_PIPE: while somebody has it open */
    struct file_lock *locks; /* lock.c; by their start */
};

/* Who made a pipe, or a pair of sockets. */
struct maker {
    uint32_t pid, uid, gid;
};

/* What open makes and dup and clone share. */
struct open_file {
    uint32_t refs;
    uint32_t flags;        /* OPEN_READ, OPEN_WRITE, OPEN_APPEND, OPEN_NONBLOCK, OPEN_PATH */
    struct vnode *vnode;   /* NULL: an end of a pipe without a name, or a socket */
    struct vnode *dir;     /* where it was found, referenced; NULL: "/", or no vnode */
    struct pipe *pipe;
    struct pipe *out;      /* a socket writes here and reads from `pipe`; NULL: shut down */
    uint8_t socket;        /* enum socket_type; 0: it is none */
    uint64_t number;       /* what stat answers, if there is no vnode */
    bool set;              /* neither vnode nor pipe: a set of descriptors (set.c), */
    struct interest *interests, *last_interest; /* these */
    uint64_t changes;      /* of them */
    struct interest *in_sets;   /* the sets that this is in */
    struct maker maker;
    uint64_t position;     /* bytes, or the cursor of a directory */
    struct mutex moving;   /* held while the position is in use */
    bool mapped;           /* lent to vm */
    bool writes, program;  /* the vnode counts it as such */
};

struct descriptor {
    struct open_file *file; /* NULL: free */
    bool cloexec;
};

/* Further groups of processes that have the same by birth; never changed. */
struct groups {
    uint32_t refs, count;
    uint32_t list[];
};

struct process {
    struct process *next;  /* of the same bucket */
    uint32_t pid;
    uint32_t uid, gid, umask;
    uint32_t real_uid, real_gid;
    struct groups *groups; /* referenced; NULL: none */
    bool building;         /* clone is not done with it: it may not be released */
    struct vnode *cwd;     /* referenced; NULL while nothing is mounted */
    struct descriptor *descriptors;
    uint32_t descriptor_room; /* elements */
    uint32_t descriptors_most; /* none above may come, nor any byte of a file above that */
    uint64_t file_most;
    uint32_t first_free;   /* none below is free */
};

/* A read or write of a pipe that is not answered yet. */
struct waiter {
    struct waiter *next;               /* of the same pipe and direction */
    struct waiter *all_next, *all_previous;
    struct pipe *pipe;
    struct call call;
    uint32_t done;                     /* how much of its window is already written */
    bool writes;
    bool message;                      /* it came by send or receive */
    bool opens, cloexec;               /* it came by open: the parcel has the file */
    struct parcel *parcel;             /* that goes with it, owned */
    uint32_t process, flags, room;     /* of a reader, as in struct incoming; OPEN_* of one that opens */
};

struct queue {
    struct waiter *first, *last;
};

/* A message, or the files that travel with bytes of a stream: see parcel.c. */
struct parcel {
    struct parcel *next;
    uint64_t start, end;       /* counted in bytes that were ever taken from the pipe */
    uint32_t count;
    struct open_file *files[]; /* referenced */
};

/* Pipes that carry a number: see counter.c. */
enum { PIPE_COUNTER = SOCKET_PACKETS + 1, PIPE_SEMAPHORE, PIPE_TIMER };

struct pipe {
    uint64_t number;           /* no two have the same */
    char *buffer;              /* a ring, grown on demand up to VFS_PIPE_BYTES */
    uint32_t capacity, head, count;
    uint64_t taken;            /* bytes, ever */
    uint32_t type;             /* enum socket_type: messages, or a stream, as every pipe is; PIPE_* */
    struct parcel *parcels, *last_parcel;
    uint32_t parcel_count;
    uint32_t readers, writers; /* open files */
    bool deserted;             /* its reader was a socket, and is closed; */
    bool refused;              /* and that has been said */
    bool reset;                /* its writer was, with something unread in the other pipe */
    struct queue reading;      /* not empty only while there is nothing */
    struct queue writing;
    struct queue opening;      /* who waits for the other side: see fifo.c */
    uint64_t came, went;       /* news for who reads, and for who writes: see set.c */
    uint64_t value;            /* of a counter */
    struct pipe *next_timer;   /* that is set, of all */
    uint64_t next_ns, every_ns;
    bool of_day;               /* it is set by the time of day */
};

struct watch;    /* watch.c */
struct interest; /* set.c */

struct vfs {
    bool stopped;
    uint32_t descriptors_max;  /* of any process */
    Link *devices;             /* who answers for device nodes; NULL: nobody */
    struct mount *mounts;
    uint32_t last_mount;       /* id */
    struct vnode **vnodes;     /* by mount and number */
    uint32_t vnode_buckets, vnode_count;
    struct process **processes; /* by pid */
    uint32_t process_buckets, process_count;
    struct waiter *waiters;    /* all that wait for any pipe */
    uint64_t last_pipe;
    struct parcel *dropped;    /* nobody takes their files */
    bool sweeping;
    struct watch *watches;     /* waits for one of several descriptors */
    uint64_t last_ticket;
    struct lock_waiter *lockers; /* who waits for a lock of any file */
    struct pipe *timers;       /* that are set */
    struct alarms alarms;      /* for them, and for watches */
    uint64_t last_look;        /* at a set */
    uint32_t interests;        /* in all sets */
};

/* Who asks, copied at the start of an operation. */
struct actor {
    uint32_t pid;
    uint32_t uid, gid, umask;
    struct groups *groups;     /* referenced */
    struct vnode *cwd;         /* referenced */
};

/* ---- vnode.c ---- */

/* The vnode of a node that the file system has just held once for us; that hold is now the
 * vnode's, or given back if there is no memory. Blocks only then. */
enum status vfs_vnode_get (Component *self, struct mount *mount, const struct file_attr *attr,
                           struct vnode **vnode);
struct vnode *vfs_vnode_ref (struct vnode *vnode);
void vfs_vnode_put (Component *self, struct vnode *vnode); /* blocks; NULL is fine */
enum status vfs_vnode_child (Component *self, struct vnode *dir, const char *name,
                             uint32_t name_bytes, struct vnode **child); /* blocks */
/* The directory may have lost its name there: if it has, and is still in use, it remembers. Blocks. */
void vfs_vnode_left (struct vnode *dir, struct vnode *parent);
/* The directory above, across mount points; the root's is the root, and of one that was removed it is
 * where it was. Blocks. */
enum status vfs_vnode_above (Component *self, struct vnode *dir, struct vnode **above);
/* Trades a directory for what is mounted on it. */
struct vnode *vfs_vnode_cross (Component *self, struct vnode *vnode);
/* Whom to ask about the contents of a device node. */
enum status vfs_vnode_device (Component *self, const struct vnode *vnode, Link **link,
                              uint64_t *number);
/* mask: 4 read, 2 write, 1 execute or search. OK or ERR_ACCESS. */
enum status vfs_vnode_allow (const struct actor *actor, const struct vnode *vnode,
                             uint32_t mask);
bool vfs_vnode_is_device (const struct vnode *vnode);

/* ---- path.c ---- */

enum {
    WALK_FOLLOW = 1 << 0, /* a symbolic link at the end too */
    WALK_PARENT = 1 << 1, /* the last name need not exist; its directory is wanted */
    WALK_ABOVE  = 1 << 2, /* the directory of the last name is wanted, too */
    WALK_PIPE   = 1 << 3, /* the path may lead to a pipe that somebody has open */
};

struct walk {
    struct vnode *node;   /* referenced; NULL: not there */
    struct vnode *parent; /* WALK_PARENT, WALK_ABOVE: referenced; NULL unless `last` is LAST_NAME */
    uint64_t pipe;        /* WALK_PIPE: its number, and no node */
    const char *name;     /* the last name, in the path or in buffer */
    uint32_t name_bytes;
    bool slash;           /* a slash followed the last name */
    enum { LAST_NAME, LAST_DOT, LAST_DOT_DOT, LAST_ROOT } last;
    char *buffer;         /* a path with a link's contents put in; owned */
    uint32_t links;
};

/* Both block. On failure there is nothing to end. */
enum status vfs_walk (Component *self, const struct actor *actor, const char *path,
                      uint32_t path_bytes, unsigned flags, struct walk *walk);
void vfs_walk_end (Component *self, struct walk *walk);
/* The node alone, referenced. */
enum status vfs_walk_node (Component *self, const struct actor *actor, const grant *path,
                           unsigned flags, struct vnode **node);
/* The name of a node in its directory. ERR_NOT_FOUND: it has none there. Blocks. */
enum status vfs_path_name (Component *self, const struct vnode *above, uint64_t number,
                           char *name, uint32_t *name_bytes);
/* The absolute path of a directory, at the end of `buffer`. Blocks. */
enum status vfs_path_of (Component *self, struct vnode *dir, char *buffer, uint32_t room,
                         char **path, uint32_t *path_bytes);

/* ---- process.c ---- */

struct process *vfs_process_find (Component *self, uint32_t pid);
enum status vfs_process_new (Component *self, uint32_t pid, struct process **process);
void vfs_process_free (Component *self, struct process *process); /* blocks */

/* Does the actor belong to it? */
bool vfs_actor_is_of (const struct actor *actor, uint32_t gid);
struct groups *vfs_groups_ref (struct groups *groups); /* NULL is fine */
void vfs_groups_put (Component *self, struct groups *groups);

enum status vfs_actor_begin (Component *self, uint32_t pid, struct actor *actor);
void vfs_actor_end (Component *self, struct actor *actor); /* blocks */

/* Puts a file, whose reference it takes over only if OK, at the lowest free descriptor from
 * `least` on. */
enum status vfs_descriptor_add (Component *self, struct process *process, uint32_t least,
                                struct open_file *file, bool cloexec, int32_t *fd);
/* The same at exactly `fd`; *old is what was there, for the caller to put. */
enum status vfs_descriptor_set (Component *self, struct process *process, int32_t fd,
                                struct open_file *file, bool cloexec, struct open_file **old);
struct descriptor *vfs_descriptor_find (struct process *process, int32_t fd);
/* Takes the file out of the table: the caller puts it. NULL: not open. */
struct open_file *vfs_descriptor_take (struct process *process, int32_t fd);
bool vfs_descriptor_room (const struct process *process);

/* ---- open.c ---- */

struct open_file *vfs_file_new (Component *self, uint32_t flags);
struct open_file *vfs_file_ref (struct open_file *file);
void vfs_file_put (Component *self, struct open_file *file); /* blocks; NULL is fine */
/* Is it an end of a pipe or socket, with or without a name, or what has no file behind it? */
static inline bool
vfs_file_is_pipe (const struct open_file *file)
{
    return file->vnode == NULL || file->vnode->type == FILE_TYPE_PIPE;
}

/* The file at a descriptor, referenced; one that is open as a path alone is none. */
enum status vfs_file_get (Component *self, uint32_t pid, int32_t fd, struct open_file **file);
/* The vnode at a path, or with an empty path at a descriptor; referenced. Blocks. */
enum status vfs_file_node (Component *self, const struct actor *actor, uint32_t pid,
                           int32_t fd, const grant *path, unsigned flags,
                           struct vnode **node);
/* Makes a new open file of a path. Blocks. */
enum status vfs_file_open (Component *self, const struct actor *actor, const char *path,
                           uint32_t path_bytes, uint32_t flags, uint32_t mode,
                           struct open_file **file);

/* ---- fifo.c ---- */

/* Gives an open file of such a node its pipe. ERR_NO_DEVICE: nobody would read what it writes. */
enum status vfs_fifo_open (Component *self, struct open_file *file);
/* DEFERRED: the call is answered, and the file has a descriptor, once the other side is open, too. */
enum status vfs_fifo_wait (Component *self, struct call *call, struct open_file *file,
                           const struct file_open_req *req);

/* ---- opened.c ---- */

/* The pipe or socket of that number, if somebody whom the actor may ask has it open. */
const struct open_file *vfs_opened_file (Component *self, const struct actor *actor,
                                         uint64_t number);
/* Opens such a pipe once more. */
enum status vfs_opened_pipe (Component *self, const struct actor *actor, uint64_t number,
                             uint32_t flags, struct open_file *file);

/* ---- attr.c ---- */

/* The bits by which it gives its owner's and its group's rights to those who execute it. */
uint32_t vfs_attr_rights (const struct vnode *node);
/* The process has written to it: these bits are gone, unless root has. Blocks. */
void vfs_attr_written (Component *self, uint32_t pid, struct vnode *node);

/* ---- name.c ---- */

/* May the actor add or take away names there? */
enum status vfs_name_allow (const struct actor *actor, const struct vnode *dir);
/* Makes a node; the hold that comes with it is the caller's. Blocks. */
enum status vfs_name_create (Component *self, const struct actor *actor,
                             const struct walk *walk, uint32_t type, uint32_t mode,
                             uint32_t device, struct file_attr *attr);

/* ---- mount.c ---- */

enum status vfs_mount_at (Component *self, Link *link, struct vnode *covers,
                          const char *path, bool read_only); /* blocks */
enum status vfs_mount_sync_all (Component *self);            /* blocks */
enum status vfs_mount_option (Component *self);              /* blocks */
enum status vfs_mount_directories (Component *self);
void vfs_mount_stop (Component *self);                       /* blocks */

/* ---- mapped.c: files that are mapped into memory; all block ---- */

/* Bytes are about to be read. */
void vfs_mapped_reading (Component *self, const struct vnode *vnode, uint64_t offset,
                         uint64_t bytes);
/* Bytes or the size are about to change; the answer is for the end. */
uint32_t vfs_mapped_begin (Component *self, const struct vnode *vnode);
/* They have; size: at least, and exactly with bytes 0; UINT64_MAX then: nothing has. */
void vfs_mapped_end (Component *self, const struct vnode *vnode, uint32_t held, uint64_t offset,
                     uint64_t bytes, uint64_t size);

/* ---- pipe.c ---- */

/* What a write puts in. The parcel becomes the pipe's. */
struct outgoing {
    grant from;
    struct parcel *parcel; /* NULL: no files go along */
    bool message;          /* to be answered as file.send */
    bool no_wait;
};

/* What a read wants. */
struct incoming {
    grant into;
    bool message;     /* to be answered as file.receive */
    uint32_t process; /* that gets descriptors for files, */
    uint32_t room;    /* so many */
    uint32_t flags;   /* MESSAGE_* */
};

/* type: enum socket_type. */
struct pipe *vfs_pipe_new (Component *self, uint32_t type);
void vfs_pipe_free (Component *self, struct pipe *pipe);
/* Both files get descriptors, or neither and they are put. Blocks. */
enum status vfs_pipe_show (Component *self, struct process *process, struct open_file *files[2],
                           bool cloexec, int32_t fds[2]);
/* Keeps a call, and answers one. got: what a reader has received; NULL: nothing, or it is none. */
enum status vfs_pipe_wait (Component *self, struct pipe *pipe, const struct call *call,
                           const struct waiter *what);
void vfs_pipe_answer (Component *self, struct waiter *waiter, enum status status,
                      const struct file_receive_rep *got);
/* Bytes go straight to whoever waits. DEFERRED: answered later. Both block. */
enum status vfs_pipe_read (Component *self, struct call *call, struct open_file *file,
                           const struct incoming *in, struct file_receive_rep *rep);
enum status vfs_pipe_write (Component *self, struct call *call, struct open_file *file,
                            struct outgoing *out, uint32_t *done);
/* Lets everybody go on who can. */
void vfs_pipe_pump (Component *self, struct pipe *pipe);
/* What the open file had of pipes. flags: OPEN_READ, OPEN_WRITE. */
void vfs_pipe_leave (Component *self, struct open_file *file, uint32_t flags); /* blocks */
/* True: the call was waiting here. */
bool vfs_pipe_cancel (Component *self, const struct call *call);

/* ---- ready.c ---- */

/* POLL_* of what is a pipe to vfs_file_is_pipe. */
uint32_t vfs_pipe_ready (const struct open_file *file);
/* How many bytes there are to be read: of all messages, or of a datagram. */
uint32_t vfs_pipe_pending (const struct open_file *file);
void vfs_pipe_attr (Component *self, const struct open_file *file, struct file_attr *attr);
/* Would a write go in? */
bool vfs_pipe_has_room (const struct pipe *pipe);

/* ---- counter.c ---- */

static inline bool
vfs_pipe_counts (const struct pipe *pipe)
{
    return pipe->type >= PIPE_COUNTER;
}

static inline bool
vfs_pipe_has_messages (const struct pipe *pipe)
{
    return pipe->type == SOCKET_DATAGRAM || pipe->type == SOCKET_PACKETS;
}

/* Is that a window for it? */
enum status vfs_counter_allow (const struct pipe *pipe, const grant *window, bool writes);
/* False: it would be too much now. */
bool vfs_counter_add (struct pipe *pipe, const grant *from, uint32_t *done);
void vfs_counter_take (Component *self, struct pipe *pipe, const grant *into,
                       struct file_receive_rep *rep);
bool vfs_counter_has_room (const struct pipe *pipe);
void vfs_counter_gone (Component *self, struct pipe *pipe);
/* Timers that have run out are counted, and who waits for them alone is answered. */
void vfs_counter_tick (Component *self);
/* When the next runs out that somebody may wait for; UINT64_MAX: none does. */
uint64_t vfs_counter_next (const struct vfs *vfs);

/* ---- set.c ---- */

uint32_t vfs_set_ready (const struct open_file *set);
/* A look at a set: each of the terminals in it, and in those in it, is asked once. */
uint64_t vfs_set_look (Component *self);
/* Asks one that has not been asked since, as vfs_watch_vnode does; *any: there was one. Asks all
 * of them. Both block. */
enum status vfs_set_ask (Component *self, struct open_file *set, uint64_t look, bool *any,
                         Link **link, uint64_t *node);
enum status vfs_set_ask_all (Component *self, struct open_file *set);
/* The open file goes, out of all sets, or a set itself. */
void vfs_set_forget (Component *self, struct open_file *file);

/* ---- ring.c ---- */

/* Copies the first bytes of the pipe; takes them away; adds some, for which there is room. */
void vfs_ring_look (const struct pipe *pipe, char *into, uint32_t bytes);
void vfs_ring_skip (struct pipe *pipe, uint32_t bytes);
void vfs_ring_give (struct pipe *pipe, const char *from, uint32_t bytes);
/* How many of `bytes` there is room for. The ring grows for them while it may; when memory
 * is short it is just a smaller pipe, never smaller than an atomic write. */
uint32_t vfs_ring_room (Component *self, struct pipe *pipe, uint32_t bytes);

/* ---- parcel.c ---- */

/* A parcel with the files at these descriptors of the process. */
enum status vfs_parcel_new (Component *self, struct process *process, const int32_t *fds,
                            uint32_t count, struct parcel **parcel);
/* One with just this file. */
enum status vfs_parcel_of (Component *self, struct open_file *file, struct parcel **parcel);
/* It belongs to the last `bytes` that were put in. */
void vfs_parcel_add (struct pipe *pipe, struct parcel *parcel, uint32_t bytes);
/* Its files are put when vfs_parcel_sweep can; NULL is fine. */
void vfs_parcel_drop (Component *self, struct parcel *parcel);
void vfs_parcel_clear (Component *self, struct pipe *pipe);
void vfs_parcel_sweep (Component *self); /* blocks */
/* Is there something to read, and how many bytes at most in one read? */
bool vfs_parcel_here (const struct pipe *pipe);
uint32_t vfs_parcel_bytes (const struct pipe *pipe);
/* rep->done bytes are being taken: the files that go with them, and the rest of the reply. */
void vfs_parcel_taken (Component *self, struct pipe *pipe, const struct incoming *in,
                       struct file_receive_rep *rep);

/* ---- lock.c ---- */

/* The process closes this descriptor, which has led to that file. */
void vfs_lock_close (Component *self, uint32_t pid, int32_t fd, const struct open_file *file);
/* The open file goes. */
void vfs_lock_end (Component *self, const struct open_file *file);
/* True: the call was waiting here. */
bool vfs_lock_cancel (Component *self, const struct call *call);

/* ---- socket.c ---- */

/* Nobody reads what the socket would write: how is that said? */
enum status vfs_socket_lost (struct open_file *file);
/* The open file is going away. */
void vfs_socket_close (struct open_file *file);

/* ---- watch.c: waiting for one of several descriptors ---- */

/* A pipe has changed: notes who need not wait any longer, and answers those who wait here. */
void vfs_watch_look (Component *self);
/* Tells terminals of those they wait for in vain; false: there were none, and nothing has
 * blocked. */
bool vfs_watch_tell (Component *self); /* blocks */
/* There may be something else to wait for in a set. */
void vfs_watch_stir (Component *self);
void vfs_watch_forget (Component *self, uint32_t process, uint32_t waiter); /* 0: all */
bool vfs_watch_cancel (Component *self, const struct call *call);
/* Answers those whose time is over; when that is for the next one, UINT64_MAX: never. */
void vfs_watch_timer (Component *self);
uint64_t vfs_watch_next (const struct vfs *vfs);
/* What a file that is no pipe is ready for. *link, *node: the terminal, if it is one that was
 * asked; else *link is NULL. Blocks. */
enum status vfs_watch_vnode (Component *self, const struct vnode *vnode, uint32_t events,
                             Link **link, uint64_t *node, uint32_t *ready);

/* ---- the handlers: each as file.def says ---- */

#define VFS_HANDLER(name)                                                                  \
    enum status vfs_##name (Component *self, struct call *call,                            \
                            const struct file_##name##_req *req, struct file_##name##_rep *rep)

VFS_HANDLER (open);
VFS_HANDLER (close);
VFS_HANDLER (dup);
VFS_HANDLER (flags);
VFS_HANDLER (read);
VFS_HANDLER (write);
VFS_HANDLER (seek);
VFS_HANDLER (entries);
VFS_HANDLER (tty_get);
VFS_HANDLER (poll);
VFS_HANDLER (watch);
VFS_HANDLER (tty_set);
VFS_HANDLER (tty_foreground);
VFS_HANDLER (load);
VFS_HANDLER (lend);
VFS_HANDLER (pipe);
VFS_HANDLER (pair);
VFS_HANDLER (send);
VFS_HANDLER (receive);
VFS_HANDLER (peer);
VFS_HANDLER (shutdown);
VFS_HANDLER (lock);
VFS_HANDLER (event);
VFS_HANDLER (timer);
VFS_HANDLER (interest);
VFS_HANDLER (happened);
VFS_HANDLER (allocate);
VFS_HANDLER (temporary);
VFS_HANDLER (stat);
VFS_HANDLER (access);
VFS_HANDLER (setattr);
VFS_HANDLER (statfs);
VFS_HANDLER (chdir);
VFS_HANDLER (getcwd);
VFS_HANDLER (umask);
VFS_HANDLER (make);
VFS_HANDLER (link);
VFS_HANDLER (symlink);
VFS_HANDLER (rename);
VFS_HANDLER (remove);
VFS_HANDLER (readlink);
VFS_HANDLER (mount);
VFS_HANDLER (unmount);
VFS_HANDLER (mounts);
VFS_HANDLER (sync);
VFS_HANDLER (clone);
VFS_HANDLER (exec);
VFS_HANDLER (opened);
VFS_HANDLER (identify);
VFS_HANDLER (limit);
VFS_HANDLER (release);

#endif
