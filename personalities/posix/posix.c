#include "personalities/posix/posix.h"

#include <errno.h>
#include <string.h>

#include "user/user.h"

static posix_call *const calls[] = {
#define CALL(name, arguments, becomes) posix_call_##name,
#include "personalities/posix/calls.def"
#undef CALL
};

static const uint8_t errnos[STATUS_COUNT] = {
#define ERRNO(status, name, number) [status] = number,
#include "personalities/posix/errno.def"
#undef ERRNO
};

/* A status without an errno is a mistake of ours, seen when compiling. */
#define ERRNO(status, name, number) _Static_assert (name == number, #name " is not " #number);
#include "personalities/posix/errno.def"
#undef ERRNO

int64_t
personality_call (struct task *task, uint32_t number, const uint64_t argument[6])
{
    return number < POSIX_CALL_COUNT ? calls[number](task, argument) : -ENOSYS;
}

bool
personality_interrupted (int64_t result)
{
    return result == -EINTR;
}

int64_t
posix_result (enum status status)
{
    if (status == OK)
        return 0;
    return (unsigned)status < STATUS_COUNT && errnos[status] != 0 ? -(int64_t)errnos[status]
                                                                  : -EIO;
}

/* ---- a program's memory: the part of the user component that its kernel maps ---- */

void *
user_memory (const struct task *task, uint64_t address, uint64_t bytes)
{
    uint64_t first = ADDRESS_COMPONENT (COMPONENT_USER) + COMPONENT_HEADER_BYTES;
    uint64_t end   = (uint64_t)(uintptr_t)user_stacks () + user_stacks_bytes (PLAN->tasks_max);
    uint64_t slots = (uint64_t)(uintptr_t)user_stacks ();

    (void)task;
    if (address < first || address > end || bytes > end - address)
        return NULL;
    /* The guards between the stacks are nobody's. */
    if (address + bytes > slots) {
        uint64_t in_slot = address < slots ? 0 : (address - slots) % USER_SLOT_BYTES;

        if (address < slots || in_slot < USER_GUARD_BYTES || in_slot + bytes > USER_SLOT_BYTES)
            return NULL;
    }
    return (void *)(uintptr_t)address;
}

const char *
user_string (const struct task *task, uint64_t address, uint32_t max, uint32_t *bytes)
{
    uint32_t length = 0;
    const char *text;

    /* Page by page: a string may end right before memory that is not there. */
    for (;;) {
        uint32_t piece = PAGE_BYTES - (uint32_t)((address + length) % PAGE_BYTES);
        size_t here_bytes;

        text = user_memory (task, address + length, piece);
        if (text == NULL)
            return NULL;
        here_bytes = strnlen (text, piece);
        length += (uint32_t)here_bytes;
        if (length > max)
            return NULL;
        if (here_bytes < piece)
            break;
    }
    *bytes = length;
    return (const char *)(uintptr_t)address;
}

/* Constants of programs have addresses of the program image, which every domain is forked
 * from: what lies before its writable data may be read. */
static bool
is_constant (uint64_t address, uint64_t bytes)
{
    extern const char __executable_start[], __data_start[];
    uint64_t first = (uint64_t)(uintptr_t)__executable_start;
    uint64_t end   = (uint64_t)(uintptr_t)__data_start;

    return address >= first && address < end && bytes <= end - address;
}

int64_t
posix_path (const struct task *task, uint64_t address, grant *path)
{
    uint32_t bytes;
    const char *text;

    if (is_constant (address, 1)) {
        text  = (const char *)(uintptr_t)address;
        bytes = (uint32_t)strnlen (text, FILE_PATH_MAX);
        if (bytes >= FILE_PATH_MAX)
            return -ENAMETOOLONG;
    } else {
        if (user_memory (task, address, 1) == NULL)
            return -EFAULT;
        text = user_string (task, address, FILE_PATH_MAX - 1, &bytes);
        if (text == NULL)
            return -ENAMETOOLONG;
    }
    if (bytes == 0)
        return -ENOENT;
    *path = (grant){ .data = (void *)(uintptr_t)text, .length = bytes };
    return 0;
}

int64_t
posix_into (const struct task *task, uint64_t address, uint64_t bytes, grant *buffer)
{
    uint32_t length = bytes < GRANT_MAX ? (uint32_t)bytes : GRANT_MAX;

    *buffer = (grant){ .data = (void *)(uintptr_t)address, .length = length };
    return bytes == 0 || user_memory (task, address, bytes) != NULL ? 0 : -EFAULT;
}

int64_t
posix_from (const struct task *task, uint64_t address, uint64_t bytes, grant *buffer)
{
    int64_t bad = posix_into (task, address, bytes, buffer);

    return bad != 0 && is_constant (address, bytes) ? 0 : bad;
}

const char *
personality_call_name (uint32_t number)
{
    static const char *const names[] = {
#define CALL(name, arguments, becomes) #name,
#include "personalities/posix/calls.def"
#undef CALL
    };

    return number < POSIX_CALL_COUNT ? names[number] : "?";
}
