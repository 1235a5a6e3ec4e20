/* vm: who has which memory. Provides vm; needs kernel, and a disk to swap to and the log if
 * they are there.
 *
 *     space --- mappings --- object (a file, or shared memory)
 *        \--- page table        \--- table of its pages
 *                 \---- frames ----/
 *
 * space.c, mapping.c  address spaces: what lies where
 * limit.c            how much may be mapped, and how far a stack comes down
 * range.c            what a program asks for a range of its space
 * fault.c            a page is wanted
 * object.c, file.c   files that are mapped, kept the same for those who map and who read them
 * frame.c            frames of RAM, and from a frame to all who have it
 * policy.c           which page has to go; the same for programs and for reference strings
 * reclaim.c, swap.c  what to do when no frame is free
 * order.c            what the nucleus is to do: vm itself never sees RAM
 * pagetable.c        page tables
 * report.c           what people see
 *
 * Promises: what vm.def says. Pages come when they are touched. Memory that was never written
 * is zero; what one process writes no other sees, unless both share it. Frames that are given
 * anew were taken from everybody before. With no frame free, what a program computes does not
 * change, only its time, until there is no place at all; then one program is killed and the
 * log says which and why.
 *
 * Keeps across a crash: what its arena keeps, which is all of it; RAM is not its own.
 */
#include "vm/vm.h"

static enum status
vm_start (Component *self)
{
    struct vm *vm             = component_state (self);
    struct kernel_ram_req ask = {};
    struct kernel_ram_rep ram;
    const struct policy *policy = policy_find (component_option (self, "policy"));
    enum status status = kernel_ram (component_link (self, VM_NEED_KERNEL), &ask, &ram);

    if (status != OK)
        return status;
    vm->around      = (uint32_t)component_option_number (self, "around");
    vm->ahead       = (uint32_t)component_option_number (self, "ahead");
    vm->frame_count = (uint32_t)(ram.bytes / TABLE_PAGE);
    vm->frame       = component_alloc (self, ((uint64_t)vm->frame_count + 1) * sizeof *vm->frame);
    if (vm->frame == NULL) {
        vm_say (self, 0, "its arena is too small for so much RAM");
        return ERR_NO_MEMORY;
    }
    vm->frame[0].kind = FRAME_TAKEN;
    vm->free          = vm->frame_count > 0 ? vm->frame_count - 1 : 0;
    vm->next          = 1;
    vm->pool.owner    = self;
    vm->pool.may_go   = vm_may_go;
    vm->pool.was_used = vm_was_used;
    status            = pool_init (self, &vm->pool, policy, vm->frame_count);
    return status == OK ? vm_swap_start (self) : status;
}

static enum status
vm_stop (Component *self)
{
    return vm_objects_save (self);
}

static const struct vm_ops vm_operations = {
    .make    = vm_do_make,
    .fork    = vm_do_fork,
    .clear   = vm_do_clear,
    .free    = vm_do_free,
    .map     = vm_do_map,
    .unmap   = vm_do_unmap,
    .protect = vm_do_protect,
    .move    = vm_do_move,
    .forget  = vm_do_forget,
    .look    = vm_do_look,
    .sync    = vm_do_sync,
    .limit   = vm_do_limit,
    .fault   = vm_do_fault,
    .file    = vm_do_file,
    .drop    = vm_do_drop,
    .reading = vm_do_reading,
    .writing = vm_do_writing,
    .written = vm_do_written,
    .info    = vm_do_info,
    .size    = vm_do_size,
    .maps    = vm_do_maps,
    .frames  = vm_do_frames,
    .refer   = vm_do_refer,
};

/* The policies, with a blank before each. */
#define POLICY(identifier, name, summary, used, looks) " " name
static const char policy_words[] =
#include "vm/policies.def"
    ;
#undef POLICY

const struct component_class vm_class = {
    .name        = "vm",
    .summary     = "memory of real programs: address spaces, frames, replacement, swapping",
    .state_bytes = sizeof (struct vm),
    .provides    = { { INTERFACE_vm, &vm_operations } },
    .needs       = { { "kernel", INTERFACE_kernel, NEED_ONE },
                     { "swap", INTERFACE_block, NEED_NAMED },
                     { "log", INTERFACE_log, NEED_OPTIONAL } },
    .options     = { { "policy", "second-chance",
                       "which page goes when RAM is short: fifo, second-chance, lru, random",
                       .words = &policy_words[1] },
                     { "around", "16", "most pages that come together, 1 to 16", .min = 1,
                       .max = VM_RUN },
                     { "ahead", "16",
                       "most written pages for a fork to copy at once, 0 to 64; 0: when written",
                       .max = VM_AHEAD_MAX } },
    .start       = vm_start,
    .stop        = vm_stop,
};
