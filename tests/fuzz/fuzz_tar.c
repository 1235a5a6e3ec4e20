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

/* Headers whose sum is right are looked into further. */
static void
repair (char *bytes, size_t count)
{
    for (size_t at = 0; at + 512 <= count; at += 512) {
        unsigned sum = 0;
        char text[8];

        memset (bytes + at + 148, ' ', 8);
        for (unsigned i = 0; i < 512; i++)
            sum += (uint8_t)bytes[at + i];
        g_snprintf (text, sizeof text, "%06o", sum);
        memcpy (bytes + at + 148, text, 7);
    }
}

/* How many entries the kernel would find. None of it may lie outside. */
static unsigned
walk (const uint8_t *archive, uint64_t length, uint64_t *at)
{
    const struct archive_entry *entry;
    unsigned count = 0;

    for (*at = 0; (entry = archive_next (archive, length, at)) != NULL; count++) {
        g_assert (strlen (archive_path (entry)) < entry->path_bytes);
        g_assert (archive_path (entry) + entry->path_bytes <= (const char *)archive + length);
        g_assert (archive_bytes (entry) + entry->bytes <= archive + length);
        g_assert (*at <= length);
    }
    return count;
}

/* Entries that somebody has damaged are not believed. */
static void
damage (GByteArray *archive, const uint8_t *data, size_t bytes)
{
    uint64_t at;

    for (size_t i = 0; i + 4 < bytes && i < 400 && archive->len != 0; i += 4)
        archive->data[(data[i] << 8 | data[i + 1]) % archive->len] = data[i + 2];
    walk (archive->data, archive->len, &at);
    if (archive->len > 8)
        walk (archive->data, archive->len - 1 - data[0] % 8, &at);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes)
{
    g_autoptr (Archive) archive    = archive_new ();
    g_autoptr (GError) error       = NULL;
    g_autofree char *copy          = bytes != 0 ? g_memdup2 (data, bytes) : g_strdup ("");
    struct archive_left left       = { 0 };
    uint64_t at;
    bool whole;

    if (bytes != 0 && data[bytes / 2] % 4 != 0)
        repair (copy, bytes);
    whole = archive_add_tar (archive, copy, bytes, &left, &error);
    g_assert (whole == (error == NULL));
    *(whole ? &taken : &refused) += 1;
    walk (archive->bytes->data, archive->bytes->len, &at);
    g_assert (at == archive->bytes->len);
    if (bytes != 0)
        damage (archive->bytes, data, bytes);
    g_free (left.first);
    return 0;
}

void
fuzz_tell (void)
{
    printf ("# %u were taken, %u refused\n", taken, refused);
}
