/* linux_file: what the files about files share. */
#ifndef LINUX_FILE_H
#define LINUX_FILE_H

#include "personalities/linux/linux.h"

#define FILES nucleus_link (INTERFACE_file)

/* O_* to OPEN_*. */
uint32_t linux_open_flags (uint64_t flags);
/* As read and write. quiet: who writes to nobody gets no signal for it. */
int64_t linux_receive (struct task *task, int32_t fd, uint64_t address, uint64_t bytes);
int64_t linux_send (struct task *task, int32_t fd, uint64_t address, uint64_t bytes, bool quiet);

#endif
