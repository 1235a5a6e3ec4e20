/* command_run_root: what `khimera run` puts into a machine's root, and which program is its
 * shell.
 *
 * A person's console gets the host's static busybox and its tools, if there is one and the root
 * is a memory file system; everybody else gets the built-in shell, so that what a script does
 * never depends on what this host has installed. --shell and --root say otherwise. */
#ifndef SIM_COMMAND_RUN_ROOT_H
#define SIM_COMMAND_RUN_ROOT_H

#include <glib.h>

#include "command_run_options.h"
#include "config/config.h"
#include "guest/archive.h"

#define RUN_ROOT_BUSYBOX "/bin/busybox" /* in the machine */

struct run_root {
    Archive *archive;
    const char *shell;   /* the program that init is, a path of the machine or a bare name */
    bool is_box;         /* busybox: it is told to be a shell */
    bool poor;           /* it would be busybox, but this host has none */
};

/* The root of a machine whose file system is an image: that image's disk. NULL: --root names
 * something else, or nothing. */
const char *run_root_image (const struct run_options *options);
/* The host's busybox, if a machine can run it; NULL: there is none. */
char *run_root_busybox (void);
/* `person`: somebody will type. False, with a message printed, if something cannot be read. */
bool run_root_make (struct run_root *root, const struct run_options *options,
                    const MachineConfig *config, bool person);
void run_root_clear (struct run_root *root);

#endif
