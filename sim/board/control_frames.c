/* control_frames: who has which frames of RAM, read from the memory manager's memory. */
#include <string.h>

#include "board/control_inside.h"
#include "vm/vm.h"

#define CELLS      1024u /* of the map, at most */
#define OWNERS_MAX 26u
#define FRAMES_MAX 32768u /* that are looked at; of more, some stand for all */

struct owner {
    uint32_t process;
    uint64_t present; /* pages of its address space that are in RAM, */
    uint64_t own;     /* and its frames that nobody shares */
};

/* What is found in one look. */
struct look {
    struct owner owners[OWNERS_MAX];
    unsigned owner_count;
    uint64_t files, dirty;
    uint32_t step; /* a frame that is looked at stands for so many */
    uint32_t cell; /* frames in one letter of the map */
    GString *map;
};

/* The processes with an address space that has pages in RAM, as many as have a letter. */
static void
find_owners (uint32_t component, const struct vm *vm, struct look *look)
{
    for (uint32_t id = 1; id < vm->space_room && look->owner_count < OWNERS_MAX; id++) {
        struct space *at, space;

        if (read_component (component, vm->spaces + id, &at, sizeof at) && at != NULL
            && read_component (component, at, &space, sizeof space) && space.present != 0)
            look->owners[look->owner_count++]
                = (struct owner){ .process = space.process, .present = space.present };
    }
}

/* Its place among the owners; OWNERS_MAX: it is none of them, or has ended. */
static unsigned
owner_of (const struct look *look, uint32_t process)
{
    unsigned i = 0;

    while (i < look->owner_count && look->owners[i].process != process)
        i++;
    return i < look->owner_count ? i : OWNERS_MAX;
}

/* Counts the frame; the letter that stands for it. */
static char
frame_letter (struct look *look, const struct frame *frame, bool file)
{
    unsigned owner;

    switch (frame->kind) {
    case FRAME_PRIVATE:
        owner = owner_of (look, frame->process);
        if (owner < OWNERS_MAX && frame->uses == 1)
            look->owners[owner].own += look->step;
        return frame->uses > 1 ? '#' : owner < OWNERS_MAX ? (char)('A' + owner) : '+';
    case FRAME_OBJECT:
        look->files += file ? look->step : 0;
        look->dirty += frame->dirty ? look->step : 0;
        return !file ? '#' : frame->dirty ? 'd' : 'f';
    case FRAME_FREE:
        return '.';
    default:
        return '*';
    }
}

/* The letter that a cell has most, free frames counting only if there is nothing else. */
static void
cell_end (struct look *look, unsigned counts[128])
{
    char best = '.';

    for (unsigned letter = 0; letter < 128; letter++)
        if (letter != '.' && counts[letter] > (best == '.' ? 0 : counts[(unsigned char)best]))
            best = (char)letter;
    g_string_append_c (look->map, best);
    memset (counts, 0, 128 * sizeof *counts);
}

static void
look_at_all (uint32_t component, const struct vm *vm, struct look *look)
{
    unsigned counts[128] = { 0 };

    look->step = vm->frame_count / FRAMES_MAX + 1;
    look->cell = (vm->frame_count / CELLS + look->step) / look->step * look->step;
    for (uint32_t i = 0; i < vm->frame_count; i += look->step) {
        struct frame frame;
        struct object object;
        bool file;

        if (!read_component (component, vm->frame + i, &frame, sizeof frame))
            break;
        file = frame.kind == FRAME_OBJECT
               && read_component (component, frame.object, &object, sizeof object)
               && object.file;
        counts[(unsigned char)frame_letter (look, &frame, file) & 127]++;
        if (i % look->cell == look->cell - look->step)
            cell_end (look, counts);
    }
}

static json_t *
owners_json (const struct look *look)
{
    json_t *rows = json_array ();

    for (unsigned i = 0; i < look->owner_count; i++) {
        const struct owner *owner = &look->owners[i];
        uint64_t own              = owner->own < owner->present ? owner->own : owner->present;

        json_array_append_new (rows, json_pack ("{s:I, s:I, s:I}", "process",
                                                (json_int_t)owner->process, "own",
                                                (json_int_t)own, "shared",
                                                (json_int_t)(owner->present - own)));
    }
    return rows;
}

json_t *
control_frames_json (void)
{
    int component    = read_component_of ("vm");
    struct look look = { 0 };
    struct vm vm;
    json_t *result;

    if (component < 0 || !read_state ((uint32_t)component, &vm, sizeof vm) || vm.frame_count == 0
        || vm.frame_count > PLAN->ram_bytes / PAGE_BYTES)
        return json_null ();
    look.map = g_string_new (NULL);
    find_owners ((uint32_t)component, &vm, &look);
    look_at_all ((uint32_t)component, &vm, &look);
    result = json_pack (
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "frames",
        (json_int_t)vm.frame_count, "free", (json_int_t)vm.free, "files",
        (json_int_t)look.files, "dirty", (json_int_t)look.dirty, "swap",
        (json_int_t)vm.swap.slots, "swap_free", (json_int_t)vm.swap.free, "faults",
        (json_int_t)vm.numbers.faults, "zeroed", (json_int_t)vm.numbers.zeroed, "copied",
        (json_int_t)vm.numbers.copied, "swapped_in", (json_int_t)vm.numbers.swapped_in,
        "swapped_out", (json_int_t)vm.numbers.swapped_out, "cell", (json_int_t)look.cell, "map",
        json_stringn (look.map->str, look.map->len), "owners", owners_json (&look));
    g_string_free (look.map, TRUE);
    return result;
}
