/* space: address spaces of real programs: regions, page tables, frames.
 *
 * The machine's RAM is one part of its memory, mapped by the kernel. A page table says which
 * frame a page of a program lies in; the host process of the space maps just those, and is
 * told of every change by orders (mailbox.h). Pages come when they are touched: zeroes, or a
 * page of a file; after a fork both sides share them until one writes.
 *
 * All of it is the nucleus's: tables and records lie in its arena.
 */
#ifndef SIM_GUEST_SPACE_H
#define SIM_GUEST_SPACE_H

#include "component.h"
#include "guest/mailbox.h"

#define FRAME_NONE 0u /* the first frame is never given out */

/* ---- frames: frame.c ---- */

struct frames {
    uint32_t count; /* all */
    uint32_t free;
    uint32_t next;  /* where the search goes on */
    uint32_t *uses; /* of each: page tables and images that refer to it */
};

bool frames_init (Component *self, struct frames *frames);
/* The first of `count` frames that lie together, each used once; FRAME_NONE: none are free. */
uint32_t frames_take (struct frames *frames, uint32_t count);
void frame_use (struct frames *frames, uint32_t frame);
void frame_drop (struct frames *frames, uint32_t frame);
static inline uint8_t *
frame_memory (uint32_t frame)
{
    return (uint8_t *)ADDRESS_RAM + (uint64_t)frame * PAGE_BYTES;
}

/* ---- images: files that programs are loaded from, while somebody has them: image.c ---- */

struct image {
    struct image *next;
    uint32_t refs;
    int32_t fd; /* the kernel's own */
    uint64_t node, size;
    int64_t mtime, ctime;
    uint32_t filesystem;
    uint32_t page_count;
    uint32_t *pages; /* frames; FRAME_NONE: not read yet */
};

/* Blocks. `path` is absolute, zero-terminated. */
enum status image_get (const char *path, struct image **image);
void image_put (struct image *image); /* blocks; NULL is fine */
/* Reads bytes of it, past the end as zeroes. Blocks. */
enum status image_read (struct image *image, uint64_t offset, void *into, uint32_t bytes);
/* The frame of one page; the image keeps it. Blocks. */
enum status image_page (struct image *image, uint32_t page, uint32_t *frame);

/* ---- regions and pages ---- */

enum { SPACE_READ = 1, SPACE_WRITE = 2, SPACE_EXECUTE = 4 };

struct region_of_space {
    struct region_of_space *next; /* by rising address */
    uint64_t first, end;          /* multiples of a page */
    uint32_t access;              /* SPACE_* */
    bool shared;                  /* writes are everybody's who shares it */
    struct image *image;          /* NULL: anonymous */
    uint64_t image_offset;        /* of `first`, a multiple of a page */
    uint64_t image_end;           /* address where the file's bytes end; zeroes follow */
};

/* A page table's entry: the frame, and what is known of it. */
enum {
    PTE_PRESENT  = 1, /* there is a frame */
    PTE_WRITE    = 2, /* it may be written without asking */
    PTE_MAPPED   = 4, /* the host process has it */
};

struct space {
    uint32_t refs; /* tasks */
    int32_t slot;  /* its host process; -1: none yet */
    uint64_t *root;
    struct region_of_space *regions;
    uint64_t heap_first, heap_end; /* brk */
    bool broken;                   /* the host process cannot go on */
    uint64_t thread_pointer;       /* that the host process has now */
    uint64_t pages;                /* present */
    uint64_t pages_peak;
    uint64_t faults;
};

struct space *space_new (void); /* NULL: no memory */
struct space *space_ref (struct space *space);
void space_put (struct space *space);
/* Everything is unmapped, at once, in the host process too. */
void space_clear (struct space *space);
/* A copy in which both sides keep what they have until they write. */
enum status space_fork (struct space *space, struct space **child);

enum status space_map (struct space *space, uint64_t first, uint64_t bytes, uint32_t access,
                       bool shared, struct image *image, uint64_t image_offset,
                       uint64_t image_bytes);
enum status space_unmap (struct space *space, uint64_t first, uint64_t bytes);
enum status space_protect (struct space *space, uint64_t first, uint64_t bytes,
                           uint32_t access);
/* Drops the pages, keeps the region: they come back as they came first. */
void space_forget (struct space *space, uint64_t first, uint64_t bytes);
/* Has the page been touched? */
bool space_present (const struct space *space, uint64_t address);
/* A free place for that many bytes, high up; 0: none. */
uint64_t space_place (const struct space *space, uint64_t bytes);
struct region_of_space *space_find (const struct space *space, uint64_t address);

/* Brings in the page at `address` for that access. ERR_FAULT: there is no such memory or it
 * forbids this; ERR_NO_MEMORY: RAM is used up. Blocks for pages of files. */
enum status space_fault (struct space *space, uint64_t address, uint32_t access);

/* Bytes of the program. ERR_FAULT; may block. */
enum status space_read (struct space *space, uint64_t address, void *into, uint64_t bytes);
enum status space_write (struct space *space, uint64_t address, const void *from, uint64_t bytes);
/* A zero-terminated string with its zero; ERR_NAME_TOO_LONG if it does not fit. */
enum status space_string (struct space *space, uint64_t address, char *into, uint32_t room,
                          uint32_t *bytes);

/* ---- the host process: process.c ---- */

/* Gives the space a host process. ERR_TASKS: the host has none for us. */
enum status guest_process_take (struct space *space);
/* Gives it back, emptied; a dead one is buried. */
void guest_process_release (struct space *space);
void guest_order (struct space *space, uint32_t number, uint64_t a0, uint64_t a1, uint64_t a2,
                  uint64_t a3, uint64_t a4, uint64_t a5);
/* Lets it run until it traps. ERR_GONE: the process has ended. */
enum status guest_process_run (struct space *space, uint64_t registers[GUEST_REGISTERS]);
/* The floating-point state: a copy of another process's, or as at a program's start. */
void guest_process_copy_state (const struct space *from, struct space *to);
void guest_process_fresh_state (struct space *space);
/* Where it is while the program waits, and how long; NULL if the process says nonsense. */
uint8_t *guest_process_state (const struct space *space, uint64_t *bytes);

#endif
