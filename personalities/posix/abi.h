/* abi: what a POSIX program and the kernel agree on, beside interfaces/records.h. */
#ifndef POSIX_ABI_H
#define POSIX_ABI_H

#include <stddef.h>
#include <stdint.h>

#include "interfaces/records.h"

/* Number of each call, in the order of calls.def: POSIX_CALL_open, ... */
enum posix_call {
#define CALL(name, arguments, becomes) POSIX_CALL_##name,
#include "calls.def"
#undef CALL
    POSIX_CALL_COUNT
};

/* open's flags are those of Linux x86-64 (<fcntl.h>), modes and errno numbers as well; file
 * types in struct file_attr are enum file_type. */

#define POSIX_NOW INT64_MIN /* as a time for utime */

struct posix_spawn {
    const char *path;                 /* "/bin/ls", or a bare name: a built-in program */
    const char *const *arguments;     /* ends with NULL */
    const char *const *environment;   /* ends with NULL */
    const struct file_action *actions; /* packed: see records.h */
    uint32_t action_bytes;
    uint32_t action_count;
    uint32_t group; /* 0: the parent's; 1: a new one; else that one */
};

struct posix_statfs {
    uint64_t blocks, blocks_free, nodes, nodes_free;
    uint32_t block_bytes, name_max;
    char type[16];
};

struct posix_uname {
    char system[32], node[32], release[32], version[64], machine[32];
};

#endif
