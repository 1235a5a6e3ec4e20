/* memory: what vm says of RAM and of processes' mappings. Without vm there is none of it. */
#include "proc.h"

#define WINDOW_BYTES 4096u
#define PAGE_KB      4u

static void
proc_kilobytes (struct text *text, const char *label, uint64_t pages)
{
    text_append (text, label);
    text_number_width (text, pages * PAGE_KB, 8, ' ');
    text_append (text, " kB\n");
}

enum status
proc_meminfo (Component *self, struct text *text)
{
    Link *memory           = component_link (self, PROC_NEED_MEMORY);
    struct vm_info_req ask = {};
    struct vm_info_rep told;
    enum status status;

    if (memory == NULL)
        told = (struct vm_info_rep){ .numbers = { .frames = 0 } };
    else if ((status = vm_info (memory, &ask, &told)) != OK)
        return status;
    proc_kilobytes (text, "MemTotal:       ", told.numbers.frames);
    proc_kilobytes (text, "MemFree:        ", told.numbers.free);
    proc_kilobytes (text, "MemAvailable:   ",
                    told.numbers.free + told.numbers.of_files - told.numbers.dirty);
    proc_kilobytes (text, "Buffers:        ", 0);
    proc_kilobytes (text, "Cached:         ", told.numbers.of_files + told.numbers.of_memory);
    proc_kilobytes (text, "Dirty:          ", told.numbers.dirty);
    proc_kilobytes (text, "Shmem:          ", told.numbers.of_memory);
    proc_kilobytes (text, "SReclaimable:   ", 0);
    proc_kilobytes (text, "SwapTotal:      ", told.numbers.swap);
    proc_kilobytes (text, "SwapFree:       ", told.numbers.swap_free);
    return OK;
}

/* Of a process without an address space, as that of a built-in program, all of it is 0. */
void
proc_size (Component *self, uint32_t pid, struct vm_size *size)
{
    Link *memory           = component_link (self, PROC_NEED_MEMORY);
    struct vm_size_req ask = { .process = pid };
    struct vm_size_rep told;

    *size = (struct vm_size){ .mapped = 0 };
    if (memory != NULL && vm_size (memory, &ask, &told) == OK)
        *size = told.size;
}

/* ---- texts of vm's own ---- */

/* The next piece of one; *done 0 at its end. */
typedef enum status proc_piece (Link *memory, uint32_t pid, uint64_t offset, const grant *into,
                                uint32_t *done);

static enum status
proc_pieces (Component *self, proc_piece *piece, uint32_t pid, char *window, struct text *text)
{
    Link *memory       = component_link (self, PROC_NEED_MEMORY);
    const grant into   = { .data = window, .length = WINDOW_BYTES };
    uint64_t offset    = 0;
    uint32_t done      = 1;
    enum status status = OK;

    while (memory != NULL && done > 0) {
        status = piece (memory, pid, offset, &into, &done);
        if (status != OK || done > WINDOW_BYTES)
            return status;
        text_bytes (text, window, done);
        offset += done;
    }
    return status;
}

static enum status
proc_maps_piece (Link *memory, uint32_t pid, uint64_t offset, const grant *into, uint32_t *done)
{
    struct vm_maps_req ask = { .process = pid, .offset = offset, .into = *into };
    struct vm_maps_rep told;
    enum status status = vm_maps (memory, &ask, &told);

    if (status == OK)
        *done = told.done;
    return status;
}

static enum status
proc_frames_piece (Link *memory, uint32_t pid, uint64_t offset, const grant *into, uint32_t *done)
{
    struct vm_frames_req ask = { .offset = offset, .into = *into };
    struct vm_frames_rep told;
    enum status status = vm_frames (memory, &ask, &told);

    (void)pid;
    if (status == OK)
        *done = told.done;
    return status;
}

/* A process without an address space, as that of a built-in program, has no mappings. */
enum status
proc_maps (Component *self, uint32_t pid, char *window, struct text *text)
{
    return proc_pieces (self, proc_maps_piece, pid, window, text);
}

enum status
proc_frames (Component *self, char *window, struct text *text)
{
    return proc_pieces (self, proc_frames_piece, 0, window, text);
}
