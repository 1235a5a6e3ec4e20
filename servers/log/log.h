/* log: its state. The board reads the ring to show it. */
#ifndef LOG_H
#define LOG_H

#include <stdint.h>

struct log {
    char *ring;
    uint64_t ring_bytes;
    uint64_t first;  /* cursor of the oldest byte kept, the start of a line */
    uint64_t end;    /* cursor of the next byte */
    uint64_t urgent; /* levels up to this go to the board as well */
};

#endif
