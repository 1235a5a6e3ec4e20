/* report: what people see of memory. */
#include <string.h>

#include "servers/text.h"
#include "vm/vm.h"

void
vm_say (Component *self, uint32_t level, const char *text)
{
    Link *log                    = component_link (self, VM_NEED_LOG);
    struct log_write_req request = { .level = level,
                                     .from  = { .data   = (void *)(uintptr_t)text,
                                                .length = (uint32_t)strlen (text) } };
    struct log_write_rep reply;

    text_copy (request.source, sizeof request.source, component_name (self));
    if (log != NULL)
        log_write (log, &request, &reply);
}

void
vm_numbers (Component *self, struct vm_numbers *numbers)
{
    const struct vm *vm = vm_of (self);

    *numbers           = vm->numbers;
    numbers->frames    = vm->frame_count;
    numbers->free      = vm->free;
    numbers->swap      = vm->swap.slots;
    numbers->swap_free = vm->swap.free;
    numbers->spaces    = vm->space_count;
    for (uint32_t i = 1; i < vm->frame_count; i++) {
        const struct frame *frame = &vm->frame[i];
        bool of_object            = frame->kind == FRAME_OBJECT;

        numbers->of_files += of_object && frame->object->file;
        numbers->of_memory += of_object && !frame->object->file;
        numbers->dirty += frame->dirty;
        numbers->shared += frame->uses > (of_object ? 2u : 1u);
    }
}

/* ---- /proc/PID/maps ---- */

static void
hex (struct text *text, uint64_t value, unsigned width)
{
    for (unsigned digit = 16; digit-- > 0;) {
        unsigned nibble = (unsigned)(value >> (4 * digit)) & 15;

        if (digit < width || value >> (4 * digit) != 0)
            text_char (text, "0123456789abcdef"[nibble]);
    }
}

static void
line_of (struct text *text, const struct mapping *mapping)
{
    const struct object *object = mapping->object;
    bool file                   = object != NULL && object->file;

    hex (text, mapping->first, 8);
    text_char (text, '-');
    hex (text, mapping->end, 8);
    text_char (text, ' ');
    text_char (text, (mapping->access & VM_READ) != 0 ? 'r' : '-');
    text_char (text, (mapping->access & VM_WRITE) != 0 ? 'w' : '-');
    text_char (text, (mapping->access & VM_EXECUTE) != 0 ? 'x' : '-');
    text_char (text, (mapping->flags & VM_MAP_SHARED) != 0 ? 's' : 'p');
    text_char (text, ' ');
    hex (text, file ? mapping->offset : 0, 8);
    text_append (text, " 00:");
    hex (text, file ? object->filesystem : 0, 2);
    text_char (text, ' ');
    text_number (text, file ? object->node : 0);
    if ((mapping->flags & VM_MAP_HEAP) != 0)
        text_append (text, " [heap]");
    if ((mapping->flags & VM_MAP_STACK) != 0)
        text_append (text, " [stack]");
    text_char (text, '\n');
}

enum status
vm_report_maps (Component *self, uint32_t process, grant *into, uint64_t offset, uint32_t *done)
{
    const struct vm *vm = vm_of (self);
    struct text text;

    text_window (&text, into->data, into->length, offset);
    for (uint32_t id = 1; id < vm->space_room; id++)
        if (vm->spaces[id] != NULL && vm->spaces[id]->process == process)
            for (const struct mapping *r = vm->spaces[id]->mappings; r != NULL; r = r->next)
                line_of (&text, r);
    *done = (uint32_t)text.length;
    return OK;
}

/* ---- /proc/PID/status ---- */

static void
add_mapping (const struct mapping *mapping, struct vm_size *size)
{
    uint64_t pages = (mapping->end - mapping->first) / TABLE_PAGE;

    size->mapped += pages;
    if ((mapping->access & VM_EXECUTE) != 0) {
        if (size->text == 0) {
            size->text_first = mapping->first;
            size->text_end   = mapping->end;
        }
        size->text += pages;
    }
    if ((mapping->flags & VM_MAP_STACK) != 0) {
        size->stack += pages;
        size->stack_end = mapping->end;
    } else if (vm_is_data (mapping->access, mapping->flags)) {
        size->data += pages;
    }
}

void
vm_report_size (Component *self, uint32_t process, struct vm_size *size)
{
    const struct vm *vm = vm_of (self);

    memset (size, 0, sizeof *size);
    for (uint32_t id = 1; id < vm->space_room; id++) {
        const struct space *space = vm->spaces[id];
        uint64_t *pte;

        if (space == NULL || space->process != process)
            continue;
        for (const struct mapping *m = space->mappings; m != NULL; m = m->next)
            add_mapping (m, size);
        for (uint64_t at = 0; (pte = pagetable_next (space->pages, &at, VM_USER_END)) != NULL;
             at += TABLE_PAGE) {
            bool present = (*pte & PTE_PRESENT) != 0;

            size->present += present;
            size->swapped += !present;
            size->of_files += present && vm->frame[pte_number (*pte)].kind == FRAME_OBJECT;
        }
    }
}

/* ---- /proc/machine/frames ---- */

static void
number (struct text *text, const char *name, uint64_t value)
{
    text_append (text, name);
    text_char (text, ' ');
    text_number (text, value);
    text_char (text, '\n');
}

static void
of_space (Component *self, const struct space *space, struct text *text)
{
    const struct vm *vm = vm_of (self);
    uint64_t own = 0, shared = 0, *pte;

    for (uint64_t at = 0; (pte = pagetable_next (space->pages, &at, VM_USER_END)) != NULL;
         at += TABLE_PAGE)
        if ((*pte & PTE_PRESENT) != 0) {
            const struct frame *frame = &vm->frame[pte_number (*pte)];

            own += frame->kind == FRAME_PRIVATE && frame->uses == 1;
            shared += frame->kind != FRAME_PRIVATE || frame->uses > 1;
        }
    text_append (text, "process ");
    text_number (text, space->process);
    text_append (text, " own ");
    text_number (text, own);
    text_append (text, " shared ");
    text_number (text, shared);
    text_append (text, " swapped ");
    text_number (text, space->swapped);
    text_append (text, " faults ");
    text_number (text, space->faults);
    text_char (text, '\n');
}

static void
of_object (Component *self, const struct object *object, struct text *text)
{
    const struct vm *vm = vm_of (self);
    uint64_t dirty = 0, *entry;

    for (uint64_t at = 0; (entry = pagetable_next (object->pages, &at, TABLE_END)) != NULL;
         at += TABLE_PAGE)
        dirty += (*entry & PTE_PRESENT) != 0 && vm->frame[pte_number (*entry)].dirty;
    if (object->file) {
        text_append (text, "file ");
        text_number (text, object->filesystem);
        text_char (text, ':');
        text_number (text, object->node);
    } else {
        text_append (text, "memory ");
        text_number (text, object->id);
    }
    text_append (text, " frames ");
    text_number (text, object->frames);
    text_append (text, " dirty ");
    text_number (text, dirty);
    text_char (text, '\n');
}

/* What 64 frames hold, as one letter each: the dashboard's map is made of these. */
static void
map (const struct vm *vm, struct text *text)
{
    for (uint32_t i = 0; i < vm->frame_count; i++) {
        const struct frame *frame = &vm->frame[i];
        char letter               = '.';

        if (i % 64 == 0) {
            text_append (text, i == 0 ? "map " : "\nmap ");
            text_number_width (text, i, 6, ' ');
            text_char (text, ' ');
        }
        if (i == 0 || frame->kind == FRAME_TAKEN || frame->busy)
            letter = '*';
        else if (frame->kind == FRAME_OBJECT)
            letter = !frame->object->file ? 'm' : frame->dirty ? 'd' : 'f';
        else if (frame->kind == FRAME_PRIVATE)
            letter = frame->uses > 1 ? 's' : 'p';
        text_char (text, letter);
    }
    text_char (text, '\n');
}

void
vm_report_frames (Component *self, grant *into, uint64_t offset, uint32_t *done)
{
    const struct vm *vm = vm_of (self);
    struct vm_numbers numbers;
    struct text text;

    vm_numbers (self, &numbers);
    text_window (&text, into->data, into->length, offset);
    text_append (&text, "policy ");
    text_append (&text, vm->pool.policy->name);
    text_char (&text, '\n');
    number (&text, "frames", numbers.frames);
    number (&text, "free", numbers.free);
    number (&text, "of_files", numbers.of_files);
    number (&text, "dirty", numbers.dirty);
    number (&text, "shared", numbers.shared);
    number (&text, "swap", numbers.swap);
    number (&text, "swap_free", numbers.swap_free);
    number (&text, "faults", numbers.faults);
    number (&text, "zeroed", numbers.zeroed);
    number (&text, "copied", numbers.copied);
    number (&text, "forked", numbers.forked);
    number (&text, "filled", numbers.filled);
    number (&text, "swapped_in", numbers.swapped_in);
    number (&text, "seen_again", numbers.again);
    number (&text, "evicted", numbers.evicted);
    number (&text, "swapped_out", numbers.swapped_out);
    number (&text, "saved", numbers.saved);
    number (&text, "killed", numbers.killed);
    for (uint32_t id = 1; id < vm->space_room; id++)
        if (vm->spaces[id] != NULL)
            of_space (self, vm->spaces[id], &text);
    for (const struct object *object = vm->objects; object != NULL; object = object->next)
        of_object (self, object, &text);
    map (vm, &text);
    *done = (uint32_t)text.length;
}

/* ---- reference strings ---- */

/* A pool whose uses are all said. */
struct strings {
    uint32_t *page; /* of each frame */
    bool *used;
};

static bool
string_may_go (void *owner, uint32_t frame)
{
    (void)owner;
    (void)frame;
    return true;
}

static bool
string_was_used (void *owner, uint32_t frame)
{
    struct strings *strings = owner;
    bool used               = strings->used[frame];

    strings->used[frame] = false;
    return used;
}

static void
refer (struct pool *pool, struct strings *strings, uint32_t page, uint64_t *faults)
{
    uint32_t frame = 0;

    while (frame < pool->count && strings->page[frame] != page)
        frame++;
    if (frame < pool->count) {
        strings->used[frame] = true;
        pool_used (pool, frame);
        return;
    }
    ++*faults;
    if (pool->count == pool->room) {
        frame = pool_victim (pool);
        pool_remove (pool, frame);
    }
    strings->page[frame] = page;
    strings->used[frame] = true;
    pool_add (pool, frame);
}

enum status
vm_refer_all (Component *self, const char *name, uint32_t frames, const uint32_t *pages,
              uint32_t count, uint64_t *faults)
{
    const struct policy *policy = policy_find (name);
    struct strings strings      = { 0 };
    struct pool pool            = { .owner    = &strings,
                                    .may_go   = string_may_go,
                                    .was_used = string_was_used };
    enum status status;

    if (policy == NULL || frames == 0 || frames > 65536)
        return ERR_INVALID;
    strings.page = component_alloc (self, frames * sizeof *strings.page);
    strings.used = component_alloc (self, frames * sizeof *strings.used);
    status       = strings.page != NULL && strings.used != NULL
                       ? pool_init (self, &pool, policy, frames)
                       : ERR_NO_MEMORY;
    *faults = 0;
    for (uint32_t i = 0; i < count && status == OK; i++) {
        refer (&pool, &strings, pages[i], faults);
        component_charge (self, 50);
    }
    if (pool.entry != NULL)
        pool_fini (self, &pool);
    component_free (self, strings.page);
    component_free (self, strings.used);
    return status;
}

/* ---- what is asked ---- */

VM_HANDLER (info)
{
    (void)call, (void)req;
    component_charge (self, 500);
    vm_numbers (self, &rep->numbers);
    return OK;
}

VM_HANDLER (maps)
{
    grant into = req->into;

    (void)call;
    component_charge (self, 500);
    return vm_report_maps (self, req->process, &into, req->offset, &rep->done);
}

VM_HANDLER (size)
{
    (void)call;
    component_charge (self, 500);
    vm_report_size (self, req->process, &rep->size);
    return OK;
}

VM_HANDLER (frames)
{
    grant into = req->into;

    (void)call;
    component_charge (self, 2000);
    vm_report_frames (self, &into, req->offset, &rep->done);
    return OK;
}

VM_HANDLER (refer)
{
    char name[sizeof req->policy + 1] = { 0 };
    uint32_t count                    = req->from.length / (uint32_t)sizeof (uint32_t);
    uint32_t *pages                   = component_alloc (self, req->from.length + 1);
    uint64_t faults                   = 0;
    enum status status                = ERR_NO_MEMORY;

    (void)call;
    memcpy (name, req->policy, sizeof req->policy);
    if (pages != NULL) {
        if (count != 0)
            memcpy (pages, req->from.data, count * sizeof *pages);
        status = vm_refer_all (self, name, req->frames, pages, count, &faults);
    }
    component_free (self, pages);
    if (status == OK) {
        rep->faults = faults;
        rep->hits   = count - faults;
    }
    return status;
}
