/* posix_memory: RAM for built-in programs.
 *
 * Their own memory is the program component's arena. For learning and for load they can have
 * an address space like a real program's as well, with no process of the host behind it: the
 * kernel reads and writes it for them, with the same faults, by the same vm.
 */
#include "personalities/posix/posix.h"

#include <errno.h>
#include <string.h>

int64_t
posix_call_ram_map (struct task *task, const uint64_t *a)
{
    uint64_t *address = user_memory (task, a[1], sizeof *address);
    uint64_t place    = 0;
    int64_t bad;

    if (address == NULL)
        return -EFAULT;
    if (PLAN->ram_bytes == 0 || nucleus_link (INTERFACE_vm) == NULL)
        return -ENODEV;
    if (task->space == NULL)
        task->space = space_new (task->pid);
    if (task->space == NULL)
        return -ENOMEM;
    bad = posix_result (space_map_file (task->space, &place, a[0],
                                        SPACE_READ | SPACE_WRITE, 0, 0, 0, 0));
    if (bad == 0)
        *address = place;
    return bad;
}

/* Whoever finds no memory ends, as a real program does. */
static int64_t
done (struct task *task, enum status status, uint64_t bytes)
{
    if (status == ERR_NO_MEMORY)
        task_kill (task, WAIT_KILLED (9));
    return status == OK ? (int64_t)bytes : posix_result (status);
}

int64_t
posix_call_ram_read (struct task *task, const uint64_t *a)
{
    grant into;
    int64_t bad = posix_into (task, a[1], a[2], &into);

    if (bad != 0 || task->space == NULL)
        return -EFAULT;
    return done (task, space_read (task->space, a[0], into.data, into.length), into.length);
}

int64_t
posix_call_ram_write (struct task *task, const uint64_t *a)
{
    grant from;
    int64_t bad = posix_from (task, a[1], a[2], &from);

    if (bad != 0 || task->space == NULL)
        return -EFAULT;
    return done (task, space_write (task->space, a[0], from.data, from.length), from.length);
}

int64_t
posix_call_refer (struct task *task, const uint64_t *a)
{
    struct vm_refer_req request = { .frames = (uint32_t)a[1] };
    struct vm_refer_rep reply;
    grant policy;
    int64_t bad = posix_path (task, a[0], &policy);

    if (bad == 0)
        bad = posix_from (task, a[2], a[3] * sizeof (uint32_t), &request.from);
    if (bad != 0)
        return bad;
    if (a[3] > GRANT_MAX / sizeof (uint32_t))
        return -E2BIG;
    if (nucleus_link (INTERFACE_vm) == NULL)
        return -ENODEV;
    memcpy (request.policy, policy.data,
            policy.length < sizeof request.policy ? policy.length : sizeof request.policy);
    bad = posix_result (vm_refer (nucleus_link (INTERFACE_vm), &request, &reply));
    return bad == 0 ? (int64_t)reply.faults : bad;
}
