/* frame: which frames of RAM are in use. */
#include "guest/guest.h"

bool
frames_init (Component *self, struct frames *frames)
{
    frames->count = (uint32_t)(PLAN->ram_bytes / PAGE_BYTES);
    frames->uses  = component_alloc (self, (frames->count + 1) * sizeof *frames->uses);
    if (frames->uses == NULL)
        return false;
    if (frames->count > 0) {
        frames->uses[0] = 1;
        frames->free    = frames->count - 1;
    }
    frames->next = 1;
    return true;
}

/* Are the frames from `first` on free? If not, *busy is the last that is not. */
static bool
together (const struct frames *frames, uint32_t first, uint32_t count, uint32_t *busy)
{
    for (uint32_t i = count; i-- > 0;)
        if (frames->uses[first + i] != 0) {
            *busy = first + i;
            return false;
        }
    return true;
}

static uint32_t
search (struct frames *frames, uint32_t first, uint32_t end, uint32_t count)
{
    uint32_t busy;

    while (first + count <= end) {
        if (together (frames, first, count, &busy)) {
            for (uint32_t i = 0; i < count; i++)
                frames->uses[first + i] = 1;
            frames->free -= count;
            frames->next = first + count;
            return first;
        }
        first = busy + 1;
    }
    return FRAME_NONE;
}

uint32_t
frames_take (struct frames *frames, uint32_t count)
{
    uint32_t found;

    if (frames->free < count)
        return FRAME_NONE;
    found = search (frames, frames->next, frames->count, count);
    return found != FRAME_NONE ? found : search (frames, 1, frames->count, count);
}

void
frame_use (struct frames *frames, uint32_t frame)
{
    frames->uses[frame]++;
}

void
frame_drop (struct frames *frames, uint32_t frame)
{
    if (--frames->uses[frame] == 0)
        frames->free++;
}
