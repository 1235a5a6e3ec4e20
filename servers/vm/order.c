/* order: lists of what the nucleus is to do. */
#include <string.h>

#include "vm/vm.h"

#define ORDERS_FIRST 32u /* those that are not few */

/* Does `order` go on where `last` ends? */
static bool
goes_on (const struct vm_order *last, const struct vm_order *order)
{
    uint64_t end = last->address + (uint64_t)last->count * TABLE_PAGE;

    if (last->what != order->what || last->space != order->space
        || last->access != order->access)
        return false;
    switch (order->what) {
    case VM_MAP:
        return end == order->address && last->frame + last->count == order->frame;
    case VM_UNMAP:
    case VM_PROTECT:
        return end == order->address;
    case VM_ZERO:
        return last->frame + last->count == order->frame;
    default:
        return false;
    }
}

static bool
grow (Component *self, struct orders *orders)
{
    uint32_t room = orders->room < ORDERS_FIRST ? ORDERS_FIRST : 2 * orders->room;
    struct vm_order *list;

    if (orders->count >= VM_ORDERS_MAX)
        return false;
    list = component_alloc (self, room * sizeof *list);
    if (list == NULL)
        return false;
    memcpy (list, orders->list, orders->count * sizeof *list);
    if (orders->list != orders->few)
        component_free (self, orders->list);
    orders->list = list;
    orders->room = room;
    return true;
}

void
vm_order (Component *self, struct orders *orders, struct vm_order order)
{
    uint32_t count = orders->count;

    if (count == 0) {
        orders->list = orders->few;
        orders->room = VM_ORDERS_FEW;
    } else if (goes_on (&orders->list[count - 1], &order)) {
        orders->list[count - 1].count += order.count;
        return;
    } else if (count == orders->room && !grow (self, orders)) {
        orders->failed = true;
        return;
    }
    orders->list[orders->count++] = order;
}

void
vm_orders_drop (Component *self, struct orders *orders)
{
    if (orders->list != orders->few)
        component_free (self, orders->list);
    orders->list   = NULL;
    orders->count  = 0;
    orders->failed = false;
}

enum status
vm_orders_flush (Component *self, struct orders *orders)
{
    struct kernel_memory_req memory = { .orders = orders->count };
    struct kernel_memory_rep done;
    enum status status = orders->failed ? ERR_NO_MEMORY : OK;

    if (status == OK && orders->count != 0) {
        memory.from = (grant){ .data   = orders->list,
                               .length = orders->count * (uint32_t)sizeof *orders->list };
        status = kernel_memory (component_link (self, VM_NEED_KERNEL), &memory, &done);
    }
    vm_orders_drop (self, orders);
    return status;
}

enum status
vm_orders_reply (Component *self, struct orders *orders, const grant *into, uint32_t *done)
{
    uint32_t bytes = orders->count * (uint32_t)sizeof *orders->list;

    *done = 0;
    if (orders->failed || bytes > into->length)
        return vm_orders_flush (self, orders);
    if (bytes != 0)
        memcpy (into->data, orders->list, bytes);
    *done = bytes;
    vm_orders_drop (self, orders);
    return OK;
}

enum status
vm_orders_move (Component *self, struct orders *orders, uint8_t *pages, uint32_t count, bool out)
{
    uint32_t order_bytes = orders->count * (uint32_t)sizeof *orders->list;
    uint32_t page_bytes  = count * TABLE_PAGE;
    struct kernel_memory_req memory = { .orders = orders->count };
    struct kernel_memory_rep done   = { 0 };
    enum status status              = ERR_NO_MEMORY;
    uint8_t *both                   = NULL;

    if (!orders->failed && order_bytes + (out ? 0 : page_bytes) <= GRANT_MAX)
        both = component_alloc (self, order_bytes + (out ? 0 : page_bytes));
    if (both != NULL) {
        memcpy (both, orders->list, order_bytes);
        if (!out)
            memcpy (both + order_bytes, pages, page_bytes);
        memory.from = (grant){ .data = both, .length = order_bytes + (out ? 0 : page_bytes) };
        memory.into = (grant){ .data = pages, .length = out ? page_bytes : 0 };
        status = kernel_memory (component_link (self, VM_NEED_KERNEL), &memory, &done);
        if (status == OK && out && done.done != page_bytes)
            status = ERR_IO;
    }
    component_free (self, both);
    vm_orders_drop (self, orders);
    return status;
}
