/* tar files that shall be a machine's root: each is taken whole, or refused with a reason; what
 * the kernel will unpack is sound in either case. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "guest/archive.h"
#include "interfaces/interfaces.h"

const char fuzz_name[]   = "tar";
const unsigned fuzz_runs = 20000;

static unsigned taken, refused;

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

/* What archive.h promises of a packed file: the kernel goes by it. Where the next one begins. */
static guint
assert_entry (const GByteArray *archive, guint at)
{
    struct archive_entry entry;
    guint left = archive->len - at;
    guint path;

    g_assert (left >= sizeof entry);
    memcpy (&entry, archive->data + at, sizeof entry);
    left -= sizeof entry;
    g_assert (entry.type == FILE_TYPE_REGULAR || entry.type == FILE_TYPE_DIRECTORY
              || entry.type == FILE_TYPE_LINK);
    g_assert (entry.path_bytes > 1 && entry.path_bytes <= left);
    g_assert (strnlen ((const char *)archive->data + at + sizeof entry, entry.path_bytes)
              == entry.path_bytes - 1);
    path = (entry.path_bytes + 7) & ~7u;
    g_assert (path <= left && entry.bytes <= left - path && ((entry.bytes + 7) & ~7ull) <= left - path);
    return at + (guint)sizeof entry + path + (((guint)entry.bytes + 7) & ~7u);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes)
{
    g_autoptr (GByteArray) archive = g_byte_array_new ();
    g_autoptr (GError) error       = NULL;
    bool whole = archive_add_tar (archive, (const char *)data, bytes, &error);

    g_assert (whole == (error == NULL));
    *(whole ? &taken : &refused) += 1;
    for (guint at = 0; at < archive->len;)
        at = assert_entry (archive, at);
    return 0;
}

void
fuzz_tell (void)
{
    printf ("# %u were taken, %u refused\n", taken, refused);
}
