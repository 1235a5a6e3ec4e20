/* vm: what its files share. vm.c has the overview.
 *
 * Rule of all of it: a function marked "blocks" may let other handlers run. Before one is
 * called, all that was freed must be known to the nucleus (vm_orders_flush), or else a program
 * could still touch a frame that is somebody else's by then; after it, spaces, mappings and
 * entries are found again.
 */
#ifndef SERVERS_VM_H
#define SERVERS_VM_H

#include "interfaces/interfaces.h"
#include "vm/policy.h"
#include "vm/pagetable.h"

#define VM_FRAME_NONE   0u
#define VM_MAPPINGS_MAX  8192u /* of one space; what lies side by side and is alike is one */
#define VM_RUN          16u   /* pages that are brought or taken away together: one grant */
#define VM_AHEAD_MAX 64u   /* of a fork's pages are copied at once: likewise */
#define VM_USER_FIRST   0x10000u
#define VM_USER_END     0x6ffffffff000u
#define VM_PLACE_END    0x6f0000000000u /* mappings that lie anywhere lie below */

enum { VM_NEED_KERNEL, VM_NEED_SWAP, VM_NEED_LOG };

/* ---- frames ---- */

enum frame_kind {
    FRAME_FREE,
    FRAME_TAKEN,   /* not anybody's yet, or not for ever */
    FRAME_PRIVATE, /* in page tables alone: those of all who have it since a fork */
    FRAME_OBJECT   /* a page of a file or of shared memory */
};

struct frame {
    uint8_t kind;
    bool busy;  /* being filled or saved: wait for vm->settled */
    bool dirty; /* FRAME_OBJECT of a file: not saved since it was written */
    bool room;  /* the same: the file has a place for it, whatever becomes of the file system */
    bool used;  /* mapped since the policy last asked */
    uint32_t uses; /* entries of page tables, and of the object's */
    uint32_t process; /* PRIVATE: who had it first, for people to see */
    uint64_t page; /* PRIVATE: its address, as a rule; OBJECT: its offset */
    struct object *object;
};

/* ---- files and shared memory ---- */

struct object {
    struct object *next;
    uint32_t id;
    uint32_t refs;         /* mappings, and who is at work on it */
    uint32_t held;         /* of these: for the nucleus, until `drop` */
    bool file;
    bool writable;         /* its descriptor */
    int32_t fd;            /* the kernel's */
    uint32_t filesystem;
    uint64_t node;
    uint64_t size;         /* bytes of the file */
    uint64_t frames;
    uint32_t lies;         /* the frame where its first page had best be; VM_FRAME_NONE: anywhere */
    uint64_t *pages;       /* a table: PTE_PRESENT frames, PTE_SWAPPED slots */
    struct mapping *mappings; /* that show it */
    struct mutex moving;   /* held while bytes go between file and frames, and by who writes */
};

/* ---- address spaces ---- */

struct mapping {
    struct mapping *next;        /* by rising address */
    struct mapping *next_shown;  /* of the same object */
    struct space *space;
    uint64_t first, end;        /* multiples of a page */
    uint32_t access;            /* VM_READ, ... */
    uint32_t flags;             /* VM_MAP_* */
    struct object *object;      /* NULL: private and anonymous */
    uint64_t offset;            /* of `first` in the object */
    uint64_t limit;             /* address where its bytes end; zeroes follow */
};

struct space {
    uint32_t id, process;
    bool doomed;                /* emptied because memory was short; its tasks end */
    uint32_t mapping_count;
    struct mapping *mappings;
    struct mapping *found;      /* the last that was looked for; NULL: none */
    uint64_t *pages;            /* a table */
    uint64_t present, swapped;  /* entries */
    struct {
        uint64_t memory, data, stack; /* bytes, at most; LIMIT_NONE: any */
    } limit;
    uint64_t faults;
    uint64_t last;              /* where the last anonymous page came, */
    uint32_t run;               /* and how many in a row so far */
};

struct swap {
    Link *disk;                 /* NULL: there is none */
    uint32_t slots, free, next;
    uint16_t *uses;             /* entries of tables; 0: free */
    bool *busy;                 /* being written: wait for vm->settled */
};

struct vm {
    uint32_t frame_count, free, next; /* next: where the search for free ones goes on */
    uint32_t block;             /* no block below it is free, as far as anybody looked */
    uint32_t of_files;          /* frames that hold pages of files */
    struct frame *frame;
    struct pool pool;
    uint32_t looked;            /* pages that had to go since the policy looked at all */
    uint32_t around;            /* pages at once, option */
    uint32_t ahead;             /* pages that a fork copies at once, option */
    struct space **spaces;      /* by id; NULL: free */
    uint32_t space_room, space_count;
    struct object *objects;
    uint32_t last_object;
    struct swap swap;
    struct orders *hiding;      /* where vm_was_used puts its orders; NULL: it only looks */
    struct waitlist settled;    /* something that was busy is not any more */
    uint32_t moving;            /* such things: there is something to wait for */
    struct vm_numbers numbers;  /* the events; the rest is counted when asked for */
};

/* ---- order.c: what the nucleus is to do ---- */

#define VM_ORDERS_MAX 1360u /* as many as one grant takes */
#define VM_ORDERS_FEW 4u    /* a fault has no more */

/* Stays where it is: `list` may be `few`. */
struct orders {
    struct vm_order *list;
    uint32_t count, room;
    bool failed; /* no memory: nothing of it counts */
    struct vm_order few[VM_ORDERS_FEW];
};

#define VM_NO_ORDERS { .list = NULL }

/* Adds one; runs of pages that lie together become one. */
void vm_order (Component *self, struct orders *orders, struct vm_order order);
/* The answer of a handler: as many as fit `into`; if they do not, they are given first.
 * Frees the list. */
enum status vm_orders_reply (Component *self, struct orders *orders, const grant *into,
                             uint32_t *done);
/* They are not wanted. */
void vm_orders_drop (Component *self, struct orders *orders);
/* Has them carried out now. Blocks if there is a disk behind one; else it is one step. */
enum status vm_orders_flush (Component *self, struct orders *orders);
/* The same with pages out and in. */
enum status vm_orders_move (Component *self, struct orders *orders, uint8_t *pages,
                            uint32_t count, bool out);

/* ---- frame.c ---- */

static inline struct vm *
vm_of (Component *self)
{
    return component_state (self);
}

/* The first of `count` that lie together, FRAME_TAKEN; VM_FRAME_NONE: none are free. */
uint32_t vm_frames_take (Component *self, uint32_t count);
/* These frames if they are free, else as above. */
uint32_t vm_frames_take_at (Component *self, uint32_t first, uint32_t count);
/* One for a page of a space, and if there is plenty where it goes on with those of the pages
 * beside it: a host process shows long runs at less cost than many pages. */
uint32_t vm_frame_take_for (Component *self, struct space *space, uint64_t page);
bool vm_frames_plenty (const struct vm *vm); /* an eighth is free */
void vm_frame_give (Component *self, uint32_t frame); /* a TAKEN one, back */
void vm_frame_private (Component *self, uint32_t frame, const struct space *space,
                       uint64_t page);
void vm_frame_object (Component *self, uint32_t frame, struct object *object, uint64_t offset);
void vm_frame_use (Component *self, uint32_t frame);
void vm_frame_drop (Component *self, uint32_t frame);
/* Calls `each` for every entry of a page table that has the frame. */
void vm_frame_each (Component *self, uint32_t frame,
                    void (*each) (Component *self, struct space *space, uint64_t address,
                                  uint64_t *pte, void *data),
                    void *data);
/* Nobody may touch it, or write it, without a fault; entries stay. */
void vm_frame_hide (Component *self, uint32_t frame, struct orders *orders);
void vm_frame_protect (Component *self, uint32_t frame, struct orders *orders);

/* ---- space.c, mapping.c ---- */

struct space *vm_space_find (Component *self, uint32_t id);
enum status vm_space_new (Component *self, uint32_t process, struct space **space);
void vm_space_free (Component *self, struct space *space);  /* empty */
void vm_space_empty (Component *self, struct space *space, struct orders *orders); /* blocks */
enum status vm_space_fork (Component *self, struct space *space, struct space *child,
                           struct orders *orders);
/* An entry is to be nothing any more. */
void vm_entry_clear (Component *self, struct space *space, uint64_t *pte);

/* ERR_INVALID, or OK with *end. */
enum status vm_range (uint64_t first, uint64_t bytes, uint64_t *end);
struct mapping *vm_mapping_find (struct space *space, uint64_t address);
/* Is all of the range mapped? */
bool vm_mapping_covers (struct space *space, uint64_t first, uint64_t end);
enum status vm_mapping_map (Component *self, struct space *space, const struct mapping *wanted,
                           struct orders *orders); /* blocks */
/* Takes all of a range away. Objects that nobody has any more are put: blocks. */
enum status vm_mapping_unmap (Component *self, struct space *space, uint64_t first, uint64_t end,
                             struct orders *orders);
/* As mprotect: what comes before a page that is not mapped (ERR_NO_MEMORY), or may not be so
 * (ERR_ACCESS), is changed in either case. */
enum status vm_mapping_protect (Component *self, struct space *space, uint64_t first,
                               uint64_t end, uint32_t access, struct orders *orders);
/* Is this page of a mapping in RAM? */
bool vm_mapping_holds (struct space *space, uint64_t address);
/* keep: the old mapping stays, without its pages. */
enum status vm_mapping_move (Component *self, struct space *space, uint64_t from, uint64_t bytes,
                            uint64_t to, uint64_t new_bytes, bool keep,
                            struct orders *orders); /* blocks */
void vm_mapping_forget (Component *self, struct space *space, uint64_t first, uint64_t end,
                       struct orders *orders);
/* The file has only `size` bytes any more: what was private behind them goes as well. */
void vm_mapping_cut (Component *self, struct space *space, const struct object *object,
                     uint64_t size, struct orders *orders);
uint64_t vm_mapping_place (const struct space *space, uint64_t bytes); /* 0: none */

/* ---- limit.c ---- */

/* Private memory that may be written, but no stack. */
static inline bool
vm_is_data (uint32_t access, uint32_t flags)
{
    return (access & VM_WRITE) != 0 && (flags & (VM_MAP_SHARED | VM_MAP_STACK)) == 0;
}

/* May the range be mapped like that, in place of what is there? */
bool vm_limit_allows (const struct space *space, uint64_t first, uint64_t end, uint32_t access,
                      uint32_t flags);
/* May what is mapped there become like that? */
bool vm_limit_allows_access (const struct space *space, uint64_t first, uint64_t end,
                             uint32_t access);
/* The stack comes down to an address at which nothing is; NULL: it may not. */
struct mapping *vm_limit_stack (struct space *space, uint64_t address);

/* ---- fault.c ---- */

/* *slow: bytes were brought for it. Blocks. */
enum status vm_fault_serve (Component *self, uint32_t space, uint64_t address, uint32_t access,
                            struct orders *orders, bool *slow);

/* ---- object.c ---- */

struct object *vm_object_new (Component *self);
struct object *vm_object_of_file (Component *self, uint32_t filesystem, uint64_t node);
struct object *vm_object_find (Component *self, uint32_t id);
void vm_object_put (Component *self, struct object *object); /* blocks if it is the last */
/* Brings the page there, and others that are likely to be wanted; or sees to frames for that.
 * Blocks. */
enum status vm_object_fill (Component *self, struct object *object, uint64_t offset);
/* Sees to it that the file has a place for the page, which is here and about to be written: then
 * saving it later can fail no more for want of room. Blocks. */
enum status vm_object_reserve (Component *self, struct object *object, uint64_t offset);
/* A file's bytes have changed by a write: so do the frames. `moving` is held. Blocks. */
enum status vm_object_patch (Component *self, struct object *object, uint64_t offset,
                             uint64_t bytes);
/* It is that long now. `moving` is held; blocks only to make the orders known. */
enum status vm_object_resize (Component *self, struct object *object, uint64_t size);
/* One page of it leaves its frame: entries of page tables become nothing. */
void vm_object_let_go (Component *self, uint32_t frame, struct orders *orders);
/* Saves what is dirty in a range. `moving` may be held by the caller. Blocks. */
enum status vm_object_save (Component *self, struct object *object, uint64_t first,
                            uint64_t end, bool locked);
enum status vm_objects_save (Component *self); /* all; blocks */

/* ---- reclaim.c, swap.c ---- */

/* Sees to it that frames are free. Blocks. ERR_NO_MEMORY: not even by killing somebody. */
enum status vm_reclaim (Component *self);
/* Waits for something that is busy. Blocks. */
void vm_settle_wait (Component *self);
void vm_settle (Component *self);
bool vm_may_go (void *owner, uint32_t frame);
bool vm_was_used (void *owner, uint32_t frame);

enum status vm_swap_start (Component *self);
/* So many slots that lie together, used once, busy; UINT32_MAX: none. */
uint32_t vm_swap_take (Component *self, uint32_t count);
void vm_swap_use (Component *self, uint32_t slot);
void vm_swap_drop (Component *self, uint32_t slot);
enum status vm_swap_write (Component *self, uint32_t slot, uint32_t count, uint8_t *pages);
/* The slot's bytes are in the frame. Blocks. */
enum status vm_swap_read (Component *self, uint32_t slot, uint32_t frame);

/* ---- report.c ---- */

void vm_say (Component *self, uint32_t level, const char *text);
void vm_numbers (Component *self, struct vm_numbers *numbers);
void vm_report_size (Component *self, uint32_t process, struct vm_size *size);
enum status vm_report_maps (Component *self, uint32_t process, grant *into, uint64_t offset,
                            uint32_t *done);
void vm_report_frames (Component *self, grant *into, uint64_t offset, uint32_t *done);
enum status vm_refer_all (Component *self, const char *name, uint32_t frames,
                          const uint32_t *pages, uint32_t count, uint64_t *faults);

/* ---- the interface: each where its subject is ---- */

/* Handlers that change a space begin like this. */
enum status vm_begin (Component *self, uint32_t id, struct space **space);

#define VM_HANDLER(name)                                                                   \
    enum status vm_do_##name (Component *self, struct call *call,                          \
                              const struct vm_##name##_req *req, struct vm_##name##_rep *rep)

VM_HANDLER (make);
VM_HANDLER (fork);
VM_HANDLER (clear);
VM_HANDLER (free);
VM_HANDLER (map);
VM_HANDLER (unmap);
VM_HANDLER (protect);
VM_HANDLER (move);
VM_HANDLER (forget);
VM_HANDLER (look);
VM_HANDLER (sync);
VM_HANDLER (limit);
VM_HANDLER (fault);
VM_HANDLER (file);
VM_HANDLER (drop);
VM_HANDLER (reading);
VM_HANDLER (writing);
VM_HANDLER (written);
VM_HANDLER (info);
VM_HANDLER (size);
VM_HANDLER (maps);
VM_HANDLER (frames);
VM_HANDLER (refer);

#endif
