/* command_run_archive: the files of the host that `khimera run` takes into the machine. */
#ifndef SIM_COMMAND_RUN_ARCHIVE_H
#define SIM_COMMAND_RUN_ARCHIVE_H

#include <glib.h>

#include "command_run_options.h"

/* The name under which a machine's shell is the host's busybox. */
#define RUN_BUSYBOX "/bin/busybox"

/* Packs what --add names, and the host's busybox with a link for each of its tools if that is
 * to be the shell. NULL, with a message printed, if something cannot be read. */
GByteArray *run_archive_make (const struct run_options *options);

#endif
