/* space: address spaces of real programs, as the nucleus has them.
 *
 * What lies where in a space, and in which frames of RAM, is for vm to decide
 * (interfaces/vm.def). The nucleus keeps what a processor would walk: for each space a table
 * of the pages that may be touched now. It fills and clears it as vm orders, copies between
 * programs and the kernel by it, and asks vm for what is not there. The host process of a
 * space maps those same pages of the machine's RAM, and is told of changes by orders of its
 * own (mailbox.h).
 */
#ifndef SIM_GUEST_SPACE_H
#define SIM_GUEST_SPACE_H

#include "component.h"
#include "guest/mailbox.h"
#include "interfaces/records.h"

static inline uint8_t *
frame_memory (uint32_t frame)
{
    return (uint8_t *)ADDRESS_RAM + (uint64_t)frame * PAGE_BYTES;
}

/* ---- images: files that programs are loaded from, while they are loaded: image.c ---- */

struct image {
    uint32_t file; /* vm's name for it */
    int32_t fd;    /* the kernel's own */
    uint64_t size;
};

/* Blocks. `path` is absolute, zero-terminated. program: nobody may write it meanwhile. */
enum status image_get (const char *path, bool program, struct image **image);
void image_put (struct image *image); /* blocks; NULL is fine */
/* Reads bytes of it, past the end as zeroes. Blocks. */
enum status image_read (struct image *image, uint64_t offset, void *into, uint32_t bytes);
/* What vm calls the file of a program's descriptor, held until image_drop; writable: it may be
 * written through memory. *flags: OPEN_*, as the program has it. Blocks. */
enum status image_of_descriptor (uint32_t process, int32_t fd, bool writable, uint32_t *file,
                                 uint32_t *flags, uint64_t *size);
void image_drop (uint32_t file);

/* vm says what is to be done to which descriptor of the kernel's. Those that were lent to it,
 * and of these those for writing, it may name, until they are closed. */
enum { IMAGE_LENT = 1, IMAGE_WRITABLE = 2 };
bool image_is_lent (int32_t fd, bool writable);
enum status image_return (int32_t fd); /* closes it; blocks */

/* ---- spaces ---- */

enum { SPACE_READ = VM_READ, SPACE_WRITE = VM_WRITE, SPACE_EXECUTE = VM_EXECUTE };

struct space {
    uint32_t refs; /* tasks */
    uint32_t id;   /* vm's name for it; 0: it has forgotten it */
    int32_t slot;  /* its host process; -1: none */
    uint64_t *root; /* the table: servers/vm/pagetable.h */
    uint64_t heap_first, heap_end; /* brk */
    uint64_t peak;                 /* most pages that it had in RAM */
    bool broken;                   /* the host process cannot go on */
    uint64_t thread_pointer;       /* that the host process has now, */
    struct guest *loaded;          /* and whose floating-point registers; NULL: whoever comes */
};

/* All of these may block. */
struct space *space_new (uint32_t process); /* NULL: no memory */
struct space *space_ref (struct space *space); /* does not */
void space_put (struct space *space);
/* Everything is unmapped, at once, in the host process too. */
void space_clear (struct space *space);
/* A copy for that process, in which both sides keep what they have until they write. */
enum status space_fork (struct space *space, uint32_t process, struct space **child);

/* As vm.map; *address is where it has come to lie. */
enum status space_map_file (struct space *space, uint64_t *address, uint64_t bytes,
                            uint32_t access, uint32_t flags, uint32_t file, uint64_t offset,
                            uint64_t file_bytes);
/* At exactly that place; image NULL: anonymous. */
enum status space_map (struct space *space, uint64_t first, uint64_t bytes, uint32_t access,
                       bool shared, struct image *image, uint64_t image_offset,
                       uint64_t image_bytes);
enum status space_unmap (struct space *space, uint64_t first, uint64_t bytes);
enum status space_protect (struct space *space, uint64_t first, uint64_t bytes,
                           uint32_t access);
enum status space_move (struct space *space, uint64_t *address, uint64_t bytes,
                        uint64_t new_bytes, uint32_t flags, uint64_t to);
/* Drops the pages, keeps the region: they come back as they came first. */
enum status space_forget (struct space *space, uint64_t first, uint64_t bytes);
/* A byte for each page, as many as there is room for: is it in RAM? ERR_NO_MEMORY: not all of the
 * range is mapped. */
enum status space_look (struct space *space, uint64_t first, uint64_t bytes, uint8_t *into,
                        uint32_t room);
/* flush: down to the disk. */
enum status space_sync (struct space *space, uint64_t first, uint64_t bytes, bool flush);

/* Brings in the page at `address` for that access. As vm.fault. */
enum status space_fault (struct space *space, uint64_t address, uint32_t access);

/* Bytes of the program. ERR_FAULT. */
enum status space_read (struct space *space, uint64_t address, void *into, uint64_t bytes);
enum status space_write (struct space *space, uint64_t address, const void *from, uint64_t bytes);
/* A zero-terminated string with its zero; ERR_NAME_TOO_LONG if it does not fit. */
enum status space_string (struct space *space, uint64_t address, char *into, uint32_t room,
                          uint32_t *bytes);

/* ---- what vm orders: order.c ---- */

/* Carries them out up to the first that fails; `from` is behind them, `into` for what they
 * fetch. Blocks for files. */
enum status space_obey (const struct vm_order *orders, uint32_t count, const grant *from,
                        const grant *into, uint32_t *done);
/* vm has begun anew and knows nothing: every space is emptied, every program in one ends. */
void spaces_lost (void);
/* Shows the host process what the table has at that address, and what lies beside it. */
void space_show (struct space *space, uint64_t address);
/* The entry says that it may be touched like that. */
bool space_allows (uint64_t entry, uint32_t access);

/* ---- the host process: process.c ---- */

/* Gives the space a host process. ERR_TASKS: the host has none for us. One for a space that has
 * pages already may show some of them: they are PTE_MAPPED then. */
enum status guest_process_take (struct space *space);
/* Gives it back, and with it maybe the space's table; a dead one is buried. */
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
