#include "nucleus/strings.h"

#include <string.h>

struct task_strings {
    uint32_t users;
    uint32_t bytes[3]; /* by enum strings_what, */
    uint32_t first[3]; /* and where they begin in the text */
    char text[];
};

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

/* Where the first `count` of the strings end. */
static uint32_t
end_of (const char *strings, uint32_t bytes, uint32_t count)
{
    uint32_t at = 0;

    for (; count > 0 && at < bytes; count--)
        at += (uint32_t)strnlen (strings + at, bytes - at) + 1;
    return at < bytes ? at : bytes;
}

static uint32_t
shown (uint32_t bytes)
{
    return bytes < STRINGS_SHOWN ? bytes : STRINGS_SHOWN;
}

void
strings_set (struct task *task, const char *path, const char *strings, uint32_t bytes,
             uint32_t arguments)
{
    uint32_t split          = end_of (strings, bytes, arguments);
    const char *const of[]  = { strings, strings + split, path };
    const uint32_t length[] = { shown (split), shown (bytes - split), (uint32_t)strlen (path) };
    struct task_strings *made
        = component_alloc (self (), sizeof *made + length[0] + length[1] + length[2]);
    uint32_t at = 0;

    strings_drop (task);
    task->strings = made;
    if (made == NULL)
        return;
    made->users = 1;
    for (unsigned what = 0; what < 3; what++) {
        made->first[what] = at;
        made->bytes[what] = length[what];
        memcpy (made->text + at, of[what], length[what]);
        at += length[what];
    }
}

void
strings_share (const struct task *from, struct task *to)
{
    to->strings = from->strings;
    if (to->strings != NULL)
        to->strings->users++;
}

void
strings_drop (struct task *task)
{
    if (task->strings != NULL && --task->strings->users == 0)
        component_free (self (), task->strings);
    task->strings = NULL;
}

const char *
strings_of (const struct task *task, enum strings_what what, uint32_t *bytes)
{
    *bytes = task->strings != NULL ? task->strings->bytes[what] : 0;
    return *bytes != 0 ? task->strings->text + task->strings->first[what] : "";
}
