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
    proc_kilobytes (text, "Cached:         ", told.numbers.of_files);
    proc_kilobytes (text, "Dirty:          ", told.numbers.dirty);
    proc_kilobytes (text, "Shmem:          ", told.numbers.shared);
    proc_kilobytes (text, "SwapTotal:      ", told.numbers.swap);
    proc_kilobytes (text, "SwapFree:       ", told.numbers.swap_free);
    return OK;
}

/* A process without an address space, as that of a built-in program, has no mappings. */
enum status
proc_maps (Component *self, uint32_t pid, char *window, struct text *text)
{
    Link *memory           = component_link (self, PROC_NEED_MEMORY);
    struct vm_maps_req ask = { .process = pid,
                               .into    = { .data = window, .length = WINDOW_BYTES } };
    struct vm_maps_rep told;
    enum status status = OK;

    do {
        if (memory == NULL)
            return OK;
        status = vm_maps (memory, &ask, &told);
        if (status != OK || told.done > WINDOW_BYTES)
            return status;
        text_bytes (text, window, told.done);
        ask.offset += told.done;
    } while (told.done > 0);
    return status;
}

enum status
proc_frames (Component *self, char *window, struct text *text)
{
    Link *memory             = component_link (self, PROC_NEED_MEMORY);
    struct vm_frames_req ask = { .into = { .data = window, .length = WINDOW_BYTES } };
    struct vm_frames_rep told;
    enum status status = OK;

    do {
        if (memory == NULL)
            return OK;
        status = vm_frames (memory, &ask, &told);
        if (status != OK || told.done > WINDOW_BYTES)
            return status;
        text_bytes (text, window, told.done);
        ask.offset += told.done;
    } while (told.done > 0);
    return status;
}
