/* linux_file: what the files about files share. */
#ifndef LINUX_FILE_H
#define LINUX_FILE_H

#include "personalities/linux/linux.h"

#define FILES nucleus_link (INTERFACE_file)

/* O_* to OPEN_*. */
uint32_t linux_open_flags (uint64_t flags);

#endif
