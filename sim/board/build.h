/* build: from a checked machine file to a machine: its plan, its memory, its filters. */
#ifndef SIM_BUILD_H
#define SIM_BUILD_H

#include <glib.h>

#include "board/region.h"
#include "board/sandbox.h"
#include "config/config.h"
#include "machine/machine.h"

struct device_file {
    int fd; /* the image; -1: none */
    bool write_cache;
};

/* A filter, and what it lets through. */
struct machine_filter {
    struct machine_filter *next;
    unsigned privileges;
    uint64_t disks; /* bit n: the n-th */
    struct sandbox_filter filter;
};

typedef struct Machine {
    struct regions regions;
    struct machine_filter *filters; /* made so far */
    int terminal_in; /* the board reads the terminal's output here */
    int terminal_out; /* and the driver writes it here */
    struct device_file files[DEVICE_MAX];
    int disk_number[DEVICE_MAX]; /* of a disk: which; else -1 */
    int cpu;       /* where the domains run; -1: wherever the host likes */
    int other_cpu; /* where those run that are not the kernel; -1: there as well */
    bool sandbox;
    uint32_t snapshot; /* bytes of a journal, before there is a new one */
    uint32_t audit; /* every so many snapshots; 0: never */
} Machine;

/* What the first program is started with; paths are of the machine. */
struct build_init {
    char **arguments; /* the program first; ends with NULL; NULL: no program, halt after boot */
    char **environment;
    bool strict;               /* plan.strict */
    const GByteArray *archive; /* files to be made at the boot (guest/archive.h); or NULL */
};

/* NULL, with *error, if the host refuses or an image cannot be used. */
Machine *machine_build (const MachineConfig *config, const struct build_init *init,
                        GError **error);
void machine_free (Machine *machine);

/* What a domain may ask of the host: the union of what its components may, those counted that
 * are about to move there. The filter is the machine's; NULL, with `why`: there can be none. */
unsigned machine_privileges (uint32_t domain);
const struct sandbox_filter *machine_filter (Machine *machine, uint32_t domain, char *why,
                                             size_t why_bytes);

#define BUILD_ERROR build_error_quark ()
GQuark build_error_quark (void);
/* Sets what errno says `what` has met, and if it is a limit of the user's, how to raise that. */
void build_error_set (GError **error, const char *what);

#endif
