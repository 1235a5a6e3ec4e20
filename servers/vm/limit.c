/* limit: how much of an address space may be mapped, and how far a stack comes down. */
#include "vm/vm.h"

#define STACK_GAP                                                                          \
    0x100000u /* bytes between a stack and what lies below it, as Linux has it */

static uint64_t
overlap (const struct mapping *mapping, uint64_t first, uint64_t end)
{
    uint64_t from = mapping->first > first ? mapping->first : first;
    uint64_t to = mapping->end < end ? mapping->end : end;

    return from < to ? to - from : 0;
}

static bool
fits (uint64_t used, uint64_t more, uint64_t most)
{
    return most == LIMIT_NONE || (used <= most && more <= most - used);
}

bool
vm_limit_allows (const struct space *space, uint64_t first, uint64_t end, uint32_t access,
                 uint32_t flags)
{
    uint64_t memory = 0, data = 0;

    if (space->limit.memory == LIMIT_NONE && space->limit.data == LIMIT_NONE)
        return true;
    for (const struct mapping *m = space->mappings; m != NULL; m = m->next) {
        uint64_t stays = m->end - m->first - overlap (m, first, end);

        memory += stays;
        data += vm_is_data (m->access, m->flags) ? stays : 0;
    }
    return fits (memory, end - first, space->limit.memory)
           && (!vm_is_data (access, flags) || fits (data, end - first, space->limit.data));
}

bool
vm_limit_allows_access (const struct space *space, uint64_t first, uint64_t end,
                        uint32_t access)
{
    uint64_t data = 0, more = 0;

    if (space->limit.data == LIMIT_NONE || (access & VM_WRITE) == 0)
        return true;
    for (const struct mapping *m = space->mappings; m != NULL; m = m->next)
        if (vm_is_data (m->access, m->flags))
            data += m->end - m->first;
        else if (vm_is_data (access, m->flags))
            more += overlap (m, first, end);
    return more == 0 || fits (data, more, space->limit.data);
}

struct mapping *
vm_limit_stack (struct space *space, uint64_t address)
{
    struct mapping *stack = space->mappings;
    uint64_t page = address & ~TABLE_MASK, below = 0;

    for (; stack != NULL && stack->end <= page; stack = stack->next)
        below = stack->end;
    if (stack == NULL || (stack->flags & VM_MAP_STACK) == 0
        || !fits (0, stack->end - page, space->limit.stack) || page < below + STACK_GAP
        || !vm_limit_allows (space, page, stack->first, stack->access, stack->flags))
        return NULL;
    stack->first = page;
    space->found = NULL;
    return stack;
}

VM_HANDLER (limit)
{
    struct space *space;
    enum status status = vm_begin (self, req->space, &space);

    (void)call, (void)rep;
    if (status != OK)
        return status;
    space->limit.memory = req->memory;
    space->limit.data   = req->data;
    space->limit.stack  = req->stack;
    return OK;
}
