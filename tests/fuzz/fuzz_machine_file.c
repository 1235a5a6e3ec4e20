/* machine files, from the text to the checked configuration. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "fuzz/fuzz.h"

const char fuzz_name[]   = "machine_file";
const unsigned fuzz_runs = 4000;

static int file;
static char path[64];

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
    (void)argc, (void)argv;
    file = memfd_create ("machine", MFD_CLOEXEC);
    snprintf (path, sizeof path, "/proc/self/fd/%d", file);
    return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes)
{
    g_autofree char *report = NULL;
    MachineConfig *config;

    if (ftruncate (file, 0) != 0 || pwrite (file, data, bytes, 0) != (ssize_t)bytes)
        return 0;
    config = config_read (path, NULL, &report);
    /* A machine, or a person is told why not. */
    g_assert (config != NULL || (report != NULL && *report != '\0'));
    if (config != NULL)
        config_free (config);
    return 0;
}

void
fuzz_tell (void)
{
}
