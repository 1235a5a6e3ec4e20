#include "personalities/linux/linux.h"

#include <string.h>

#include "personalities/posix/posix.h"
#include "servers/text.h"

struct entry {
    const char *name;
    linux_function *function; /* NULL: refused */
    uint16_t error;
    uint8_t support;
    const char *text;
};

static const struct entry table[LINUX_CALLS] = {
#define FULL(number, name)               [number] = { #name, linux_##name, 0, LINUX_FULL, "" },
#define PARTIAL(number, name, missing)   [number] = { #name, linux_##name, 0, LINUX_PARTIAL, missing },
#define REFUSE(number, name, error, why) [number] = { #name, NULL, error, LINUX_REFUSED, why },
#include "personalities/linux/calls.def"
#undef FULL
#undef PARTIAL
#undef REFUSE
};

bool
linux_call_describe (uint32_t number, const char **name, enum linux_support *support,
                     const char **text)
{
    if (number >= LINUX_CALLS || table[number].name == NULL)
        return false;
    *name    = table[number].name;
    *support = (enum linux_support)table[number].support;
    *text    = table[number].text;
    return true;
}

const char *
linux_call_name (uint32_t number)
{
    return number < LINUX_CALLS && table[number].name != NULL ? table[number].name : "?";
}

int64_t
linux_result (enum status status)
{
    return posix_result (status);
}

/* ---- memory ---- */

static void
charge_copy (uint64_t bytes)
{
    here->token.now += bytes * PLAN->cost.copy_millicycles_per_byte / 1000;
}

int64_t
linux_get (struct task *task, uint64_t address, void *into, uint64_t bytes)
{
    charge_copy (bytes);
    return linux_result (space_read (task->guest->space, address, into, bytes));
}

int64_t
linux_put (struct task *task, uint64_t address, const void *from, uint64_t bytes)
{
    charge_copy (bytes);
    return linux_result (space_write (task->guest->space, address, from, bytes));
}

void *
linux_alloc (uint64_t bytes)
{
    return component_alloc (COMPONENT (COMPONENT_NUCLEUS), bytes);
}

void
linux_free (void *memory)
{
    component_free (COMPONENT (COMPONENT_NUCLEUS), memory);
}

/* ---- paths ---- */

static enum status
change_directory (const struct task *task, int32_t fd, const char *path)
{
    struct file_chdir_req request = { .process = task->pid, .fd = fd };
    struct file_chdir_rep reply;

    request.from = (grant){ .data   = (void *)(uintptr_t)path,
                            .length = path != NULL ? (uint32_t)strlen (path) : 0 };
    return file_chdir (nucleus_link (INTERFACE_file), &request, &reply);
}

/* Goes to the directory, after noting the way back. */
static int64_t
path_move (struct task *task, int32_t fd, struct linux_path *path)
{
    struct file_getcwd_req request = { .process = task->pid };
    struct file_getcwd_rep reply;
    enum status status;

    path->back = linux_alloc (FILE_PATH_MAX + 1);
    if (path->back == NULL)
        return -ENOMEM;
    request.into = (grant){ .data = path->back, .length = FILE_PATH_MAX };
    status       = file_getcwd (nucleus_link (INTERFACE_file), &request, &reply);
    if (status == OK) {
        path->back[reply.done] = '\0';
        status                 = change_directory (task, fd, NULL);
    }
    if (status != OK) {
        linux_free (path->back);
        path->back = NULL;
    }
    return status == ERR_INVALID ? -ENOTDIR : linux_result (status);
}

int64_t
linux_path_begin (struct task *task, int64_t dirfd, uint64_t address, unsigned flags,
                  struct linux_path *path)
{
    uint32_t bytes;
    enum status status
        = space_string (task->guest->space, address, path->text, sizeof path->text, &bytes);

    int64_t bad;

    if (status != OK)
        return linux_result (status);
    path->back  = NULL;
    path->alone = false;
    path->grant = (grant){ .data = path->text, .length = bytes - 1 };
    if (bytes == 1)
        return (flags & LINUX_MAY_BE_EMPTY) != 0 ? 0 : -ENOENT;
    if (path->text[0] == '/')
        return 0;
    if (task->guest->group->members > 1) {
        component_lock (COMPONENT (COMPONENT_NUCLEUS), &task->guest->group->moving);
        path->alone = true;
    }
    bad = (int32_t)dirfd == LINUX_HERE ? 0 : path_move (task, (int32_t)dirfd, path);
    if (bad != 0)
        linux_path_end (task, path);
    return bad;
}

void
linux_path_end (struct task *task, struct linux_path *path)
{
    if (path->back != NULL)
        change_directory (task, -1, path->back);
    linux_free (path->back);
    path->back = NULL;
    if (path->alone)
        component_unlock (COMPONENT (COMPONENT_NUCLEUS), &task->guest->group->moving);
    path->alone = false;
}

/* ---- dispatch ---- */

static void
call_event (const struct task *task, uint64_t number, int64_t result, uint64_t start)
{
    task_syscall_event (task, 1, (uint32_t)number, result, start);
}

/* Somebody wants what we have not. True: it is the first time, for numbers that no system has
 * together. */
static bool
is_missed (uint64_t number)
{
    struct guests *guests = &nucleus ()->guests;
    uint32_t *count       = &guests->missing[number < GUEST_CALLS ? number : GUEST_CALLS];

    if (*count == UINT32_MAX || (*count)++ != 0)
        return false;
    guests->missing_calls++;
    return true;
}

static void
say_unknown (uint64_t number)
{
    char line[96];
    struct text text;

    text_init (&text, line, sizeof line);
    text_append (&text, "a program has made system call ");
    text_number (&text, number);
    text_append (&text, ", which is not there");
    nucleus_print (line, (uint32_t)text.length);
}

void
linux_call (struct task *task)
{
    struct guest *guest = task->guest;
    uint64_t *r         = guest->registers;
    uint64_t a[6]       = { r[GUEST_RDI], r[GUEST_RSI], r[GUEST_RDX],
                            r[GUEST_R10], r[GUEST_R8],  r[GUEST_R9] };
    uint64_t start      = here->token.now;
    uint64_t number     = r[GUEST_RAX];
    int64_t result;

    guest->call        = number;
    guest->interrupted = false;
    if (number >= LINUX_CALLS || table[number].name == NULL) {
        if (is_missed (number))
            say_unknown (number);
        result = -ENOSYS;
    } else if (table[number].function == NULL) {
        if (table[number].error == ENOSYS)
            is_missed (number);
        result = -(int64_t)table[number].error;
    } else {
        result = table[number].function (task, a);
    }
    if (task->guest == NULL)
        return;
    if (result != LINUX_NO_RESULT)
        task->guest->registers[GUEST_RAX] = (uint64_t)result;
    task->guest->interrupted = result == -EINTR;
    call_event (task, number, result == LINUX_NO_RESULT ? 0 : result, start);
}
