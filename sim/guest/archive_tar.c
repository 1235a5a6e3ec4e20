/* archive_tar: a tar file for archive: V7, POSIX.1-1988 (ustar), and what GNU and pax have added
 * for long names, large numbers and files with holes. */
#include <stddef.h>
#include <string.h>

#include "guest/archive.h"
#include "interfaces/records.h"

#define BLOCK 512u

struct tar_header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
    char magic[8], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

_Static_assert (sizeof (struct tar_header) == BLOCK, "as it lies in the file");

struct tar {
    const char *bytes;
    gsize length, at;
    Archive *archive;
    GHashTable *files;   /* paths: what hard links may name */
    GHashTable *records; /* of a pax header, and of GNU's long names: for the next entry */
    struct archive_left *left;
};

/* One that is taken. */
struct tar_entry {
    struct archive_meta meta;
    char type;
    char *path, *link; /* owned */
    const char *data;
    gint64 size;
    GArray *pieces; /* owned; struct piece: what there is of it; NULL: all */
    gint64 whole;   /* its length, then */
};

struct piece {
    gint64 offset, bytes;
};

static bool
tar_wrong (const struct tar *tar, const char *why, GError **error)
{
    g_set_error (error, g_quark_from_static_string ("khimera-archive"), 0, "at byte %zu: %s",
                 tar->at, why);
    return false;
}

/* ---- numbers ---- */

/* Octal digits, or with the first bit set the number itself, as a signed one. */
static bool
tar_number (const char *field, size_t bytes, gint64 *number)
{
    char text[16] = { 0 }, *end;
    const guint8 *digit = (const guint8 *)field;

    if ((*digit & 0x80) != 0) {
        guint64 value = (*digit & 0x40) != 0 ? G_MAXUINT64 : 0;

        for (size_t i = 1; i < bytes; i++)
            value = value << 8 | digit[i];
        *number = (gint64)value;
        return true;
    }
    memcpy (text, field, bytes < sizeof text ? bytes : sizeof text - 1);
    g_strstrip (text);
    *number = (gint64)g_ascii_strtoull (text, &end, 8);
    return *end == '\0' && *number >= 0;
}

/* The sum of a header's bytes, its own field taken as blanks. */
static bool
is_header (const char *bytes)
{
    const struct tar_header *header = (const void *)bytes;
    gint64 sum = 0, wanted;

    for (unsigned i = 0; i < BLOCK; i++)
        sum += i >= offsetof (struct tar_header, sum) && i < offsetof (struct tar_header, type)
                   ? ' '
                   : (guint8)bytes[i];
    return header->name[0] != '\0' && tar_number (header->sum, sizeof header->sum, &wanted)
           && wanted == sum;
}

bool
archive_is_tar (const char *bytes, gsize length)
{
    return length >= BLOCK && is_header (bytes);
}

/* ---- what stands before an entry, about it ---- */

/* "27 path=some/name\n" */
static void
take_records (struct tar *tar, const char *data, guint64 size)
{
    for (guint64 at = 0; at < size;) {
        g_autofree char *text = g_strndup (data + at, size - at < 24 ? size - at : 24);
        char *rest;
        guint64 bytes = g_ascii_strtoull (text, &rest, 10);
        gsize digits  = (gsize)(rest - text) + 1;
        const char *equals;

        if (*rest != ' ' || bytes <= digits || bytes > size - at)
            return;
        equals = memchr (data + at + digits, '=', bytes - digits - 1); /* a newline ends it */
        if (equals != NULL)
            g_hash_table_replace (tar->records,
                                  g_strndup (data + at + digits, (gsize)(equals - data - at) - digits),
                                  g_strndup (equals + 1, bytes - 2 - (gsize)(equals - data - at)));
        at += bytes;
    }
}

static const char *
record (const struct tar *tar, const char *key)
{
    return g_hash_table_lookup (tar->records, key);
}

/* A number from a record, if there is one. */
static void
record_number (const struct tar *tar, const char *key, gint64 *number)
{
    const char *text = record (tar, key);

    if (text != NULL)
        *number = g_ascii_strtoll (text, NULL, 10);
}

/* When the file was changed: seconds, in a record with a fraction. */
static int64_t
tar_time (const struct tar *tar, const struct tar_header *header)
{
    const char *text   = record (tar, "mtime");
    gint64 seconds     = 0;
    int64_t nanosecond = FILE_TIME_SECOND, rest = 0;
    char *end;

    if (text == NULL) {
        tar_number (header->mtime, sizeof header->mtime, &seconds);
        return file_time (seconds, 0);
    }
    seconds = g_ascii_strtoll (text, &end, 10);
    if (*end == '.')
        while (g_ascii_isdigit (*++end) && nanosecond > 1)
            rest += (*end - '0') * (nanosecond /= 10);
    return file_time (seconds, text[0] == '-' ? -rest : rest);
}

/* "./a/b/" is "/a/b"; NULL for the root itself. No name leads out of the tree. */
static char *
tar_path (const char *name)
{
    g_auto (GStrv) parts = g_strsplit (name, "/", -1);
    GString *path        = g_string_new (NULL);

    for (char **part = parts; *part != NULL; part++)
        if (**part != '\0' && strcmp (*part, ".") != 0 && strcmp (*part, "..") != 0)
            g_string_append_printf (path, "/%s", *part);
    return g_string_free (path, path->len == 0);
}

/* ---- files with holes ---- */

static bool
piece_add (GArray *pieces, const char *offset, const char *bytes)
{
    struct piece piece;

    if (!tar_number (offset, 12, &piece.offset) || !tar_number (bytes, 12, &piece.bytes)
        || piece.offset < 0 || piece.bytes < 0)
        return false;
    if (*bytes != '\0')
        g_array_append_val (pieces, piece);
    return true;
}

/* As GNU says it: four pairs of numbers in the header, from byte 386 on, then whether a block with
 * 21 more comes next, which says the same of another; and the length. */
static bool
gnu_pieces (struct tar *tar, const char *header, struct tar_entry *entry, GError **error)
{
    const char *pair = header + 386;
    unsigned count   = 4;

    entry->pieces = g_array_new (FALSE, FALSE, sizeof (struct piece));
    if (!tar_number (header + 483, 12, &entry->whole) || entry->whole < 0)
        return tar_wrong (tar, "a damaged header", error);
    for (;; count = 21) {
        for (unsigned i = 0; i < count; i++, pair += 24)
            if (!piece_add (entry->pieces, pair, pair + 12))
                return tar_wrong (tar, "a damaged header", error);
        if (*pair == '\0')
            return true;
        if (tar->length - tar->at < BLOCK)
            return tar_wrong (tar, "a header that is cut off", error);
        pair = tar->bytes + tar->at;
        tar->at += BLOCK;
    }
}

/* A line with a number, of what is before `end`. */
static bool
line_number (const char **at, const char *end, gint64 *number)
{
    g_autofree char *text = g_strndup (*at, end - *at < 24 ? (gsize)(end - *at) : 24);
    char *rest;

    *number = g_ascii_strtoll (text, &rest, 10);
    *at += rest - text + 1;
    return *rest == '\n' && *number >= 0;
}

static bool
has_holes (const struct tar *tar)
{
    return record (tar, "GNU.sparse.realsize") != NULL || record (tar, "GNU.sparse.size") != NULL;
}

/* As pax says it, in version 1.0: lines before the bytes, filled up to a block. */
static bool
pax_pieces (struct tar *tar, struct tar_entry *entry, GError **error)
{
    const char *at = entry->data, *end = entry->data + entry->size;
    gint64 count = 0;
    struct piece piece;
    gsize lines;

    if (g_strcmp0 (record (tar, "GNU.sparse.major"), "1") != 0)
        return tar_wrong (tar, "holes as tar told them long ago; make it with --format=gnu", error);
    entry->pieces = g_array_new (FALSE, FALSE, sizeof (struct piece));
    record_number (tar, "GNU.sparse.realsize", &entry->whole);
    if (!line_number (&at, end, &count))
        return tar_wrong (tar, "a damaged list of holes", error);
    while (count-- > 0) {
        if (!line_number (&at, end, &piece.offset) || !line_number (&at, end, &piece.bytes))
            return tar_wrong (tar, "a damaged list of holes", error);
        g_array_append_val (entry->pieces, piece);
    }
    lines = ((gsize)(at - entry->data) + BLOCK - 1) / BLOCK * BLOCK;
    if (lines > (gsize)entry->size)
        return tar_wrong (tar, "a damaged list of holes", error);
    entry->data += lines;
    entry->size -= (gint64)lines;
    return true;
}

static bool
add_with_holes (struct tar *tar, const struct tar_entry *entry, GError **error)
{
    g_autoptr (GByteArray) whole = g_byte_array_new ();
    const char *data             = entry->data;
    gint64 left                  = entry->size;

    if (entry->whole < 0 || entry->whole > (gint64)ARCHIVE_BYTES_MAX)
        return tar_wrong (tar, "a file with holes that is longer than 1G", error);
    g_byte_array_set_size (whole, (guint)entry->whole);
    if (whole->len != 0)
        memset (whole->data, 0, whole->len);
    for (guint i = 0; i < entry->pieces->len; i++) {
        const struct piece *piece = &g_array_index (entry->pieces, struct piece, i);

        if (piece->bytes > left || piece->bytes > entry->whole
            || piece->offset > entry->whole - piece->bytes)
            return tar_wrong (tar, "a file with holes whose pieces are not there", error);
        if (piece->bytes != 0)
            memcpy (whole->data + piece->offset, data, (size_t)piece->bytes);
        data += piece->bytes;
        left -= piece->bytes;
    }
    return archive_add (tar->archive, ARCHIVE_FILE, &entry->meta, entry->path, whole->data,
                        whole->len, error);
}

/* ---- an entry ---- */

static bool
add_hard_link (struct tar *tar, const struct tar_entry *entry, GError **error)
{
    g_autofree char *target = tar_path (entry->link);

    if (target == NULL || !g_hash_table_contains (tar->files, target))
        return tar_wrong (tar, "a hard link to nothing before it", error);
    return archive_add (tar->archive, ARCHIVE_HARD_LINK, &entry->meta, entry->path, target,
                        strlen (target) + 1, error);
}

static bool
add_entry (struct tar *tar, struct tar_entry *entry, GError **error)
{
    switch (entry->type) {
    case '1':
        if (!add_hard_link (tar, entry, error))
            return false;
        break;
    case '2':
        if (!archive_add (tar->archive, ARCHIVE_LINK, &entry->meta, entry->path, entry->link,
                          strlen (entry->link), error))
            return false;
        break;
    case '5':
        return archive_add (tar->archive, ARCHIVE_DIRECTORY, &entry->meta, entry->path, "", 0, error);
    case '6':
        if (!archive_add (tar->archive, ARCHIVE_PIPE, &entry->meta, entry->path, "", 0, error))
            return false;
        break;
    case '0':
    case '7': /* contiguous, once */
    case 'S':
        if (entry->pieces != NULL ? !add_with_holes (tar, entry, error)
                                 : !archive_add (tar->archive, ARCHIVE_FILE, &entry->meta,
                                                 entry->path, entry->data, (gsize)entry->size, error))
            return false;
        break;
    case '3':
    case '4':
        archive_leave (tar->left, entry->path);
        return true;
    default:
        return tar_wrong (tar, "an entry of a kind that is not known", error);
    }
    g_hash_table_add (tar->files, g_steal_pointer (&entry->path));
    return true;
}

/* The name and what else is said of it, here or before. */
static void
describe (const struct tar *tar, const struct tar_header *header, struct tar_entry *entry)
{
    const char *named      = record (tar, "GNU.sparse.name"), *link = record (tar, "linkpath");
    g_autofree char *name  = NULL;
    gint64 uid = 0, gid = 0, mode = 0;

    if (named == NULL)
        named = record (tar, "path");
    if (named == NULL)
        named = name = memcmp (header->magic, "ustar", 6) == 0 && header->prefix[0] != '\0'
                           ? g_strdup_printf ("%.155s/%.100s", header->prefix, header->name)
                           : g_strndup (header->name, sizeof header->name);
    entry->path = tar_path (named);
    entry->link = link != NULL ? g_strdup (link) : g_strndup (header->link, sizeof header->link);
    if (entry->type == '\0')
        entry->type = '0';
    if (entry->type == '0' && g_str_has_suffix (named, "/"))
        entry->type = '5'; /* V7 has no other way to say it */
    tar_number (header->mode, sizeof header->mode, &mode);
    tar_number (header->uid, sizeof header->uid, &uid);
    tar_number (header->gid, sizeof header->gid, &gid);
    record_number (tar, "uid", &uid);
    record_number (tar, "gid", &gid);
    entry->meta.flags = ARCHIVE_KEPT;
    entry->meta.mode  = (uint32_t)mode & 07777;
    entry->meta.uid   = (uint32_t)uid;
    entry->meta.gid   = (uint32_t)gid;
    entry->meta.mtime = tar_time (tar, header);
}

/* What holds for the next entry: GNU's long names are kept as pax's records of them are. */
static void
take_before (struct tar *tar, const struct tar_entry *entry)
{
    if (entry->type == 'x')
        take_records (tar, entry->data, (guint64)entry->size);
    else if (entry->type != 'g')
        g_hash_table_replace (tar->records, g_strdup (entry->type == 'K' ? "linkpath" : "path"),
                              g_strndup (entry->data, (gsize)entry->size));
}

static bool
is_before (char type)
{
    return type == 'L' || type == 'K' || type == 'x' || type == 'g';
}

/* The header at tar->at, and what follows it. */
static bool
take (struct tar *tar, struct tar_entry *entry, GError **error)
{
    const struct tar_header *header = (const void *)(tar->bytes + tar->at);
    bool done                       = true;

    if (!is_header (tar->bytes + tar->at))
        return tar_wrong (tar, "no header of a tar file", error);
    entry->type = header->type;
    if (!tar_number (header->size, sizeof header->size, &entry->size))
        return tar_wrong (tar, "a damaged header", error);
    if (!is_before (entry->type))
        record_number (tar, "size", &entry->size);
    tar->at += BLOCK;
    if (entry->type == 'S' && !gnu_pieces (tar, (const char *)header, entry, error))
        return false;
    entry->data = tar->bytes + tar->at;
    if (entry->type >= '1' && entry->type <= '6')
        entry->size = 0; /* has none, whatever it says */
    if (entry->size < 0 || (guint64)entry->size > tar->length - tar->at)
        return tar_wrong (tar, "a file that is cut off", error);
    tar->at += MIN (((gsize)entry->size + BLOCK - 1) / BLOCK * BLOCK, tar->length - tar->at);
    if (is_before (entry->type)) {
        take_before (tar, entry);
        return true;
    }
    describe (tar, header, entry);
    if (entry->type == '0' && has_holes (tar))
        done = pax_pieces (tar, entry, error);
    if (done && entry->path != NULL)
        done = add_entry (tar, entry, error);
    g_hash_table_remove_all (tar->records);
    return done;
}

bool
archive_add_tar (Archive *archive, const char *bytes, gsize length, struct archive_left *left,
                 GError **error)
{
    struct tar tar = { .bytes = bytes, .length = length, .archive = archive, .left = left };
    bool done      = true;

    tar.files   = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    tar.records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    while (done && length - tar.at >= BLOCK && bytes[tar.at] != '\0') {
        struct tar_entry entry = { 0 };

        done = take (&tar, &entry, error);
        if (entry.pieces != NULL)
            g_array_unref (entry.pieces);
        g_free (entry.path);
        g_free (entry.link);
    }
    g_hash_table_unref (tar.files);
    g_hash_table_unref (tar.records);
    return done;
}
