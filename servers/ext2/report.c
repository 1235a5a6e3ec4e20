/* report: what a person should know: damage, and why a disk is refused.
 *
 * Damage is found in the middle of changes, where nothing may block; so it is only noted
 * there and said when the handler leaves. A disk with much damage gets a few lines, not
 * thousands: the program has its error either way.
 */
#include <string.h>

#include "ext2.h"
#include "text.h"

#define REPORTS_MAX 16u

enum { LEVEL_ERROR = 3, LEVEL_WARNING = 4 };

static const struct feature {
    uint32_t bit;
    const char *name;
} incompatible_names[] = {
    { 0x1, "compression" },
    { 0x4, "needs_recovery" },
    { 0x8, "journal_dev" },
    { 0x10, "meta_bg" },
    { 0x40, "extent" },
    { 0x80, "64bit" },
    { 0x100, "mmp" },
    { 0x200, "flex_bg" },
    { 0x400, "ea_inode" },
    { 0x1000, "dirdata" },
    { 0x2000, "metadata_csum_seed" },
    { 0x4000, "large_dir" },
    { 0x8000, "inline_data" },
    { 0x10000, "encrypt" },
    { 0x20000, "casefold" },
    { 0, NULL },
}, read_only_names[] = {
    { 0x4, "btree_dir" },
    { 0x8, "huge_file" },
    { 0x10, "uninit_bg" },
    { 0x20, "dir_nlink" },
    { 0x40, "extra_isize" },
    { 0x80, "snapshot" },
    { 0x100, "quota" },
    { 0x200, "bigalloc" },
    { 0x400, "metadata_csum" },
    { 0x800, "replica" },
    { 0x1000, "read-only" },
    { 0x2000, "project" },
    { 0x4000, "shared_blocks" },
    { 0x8000, "verity" },
    { 0x10000, "orphan_present" },
    { 0, NULL },
};

void
ext2_log (struct ext2 *fs, unsigned level, const char *line, const char *more)
{
    Link *log = component_link (fs->self, EXT2_NEED_LOG);
    char data[200];
    struct text text;
    struct log_write_rep reply;

    if (log == NULL)
        return;
    text_init (&text, data, sizeof data);
    text_append (&text, line);
    text_append (&text, more);

    struct log_write_req request = {
        .level = level,
        .from  = { data, (uint32_t)text.length, 0 },
    };
    text_copy (request.source, sizeof request.source, component_name (fs->self));
    log_write (log, &request, &reply); /* a log that fails is no reason to fail */
}

enum status
ext2_corrupt (struct ext2 *fs, const char *what, uint64_t number)
{
    struct text text;

    if (fs->mounted && !fs->read_only && !(fs->super.state & STATE_ERRORS)) {
        fs->super.state |= STATE_ERRORS;
        fs->super_dirty = true;
    }
    if (fs->report[0] == '\0' && fs->reports < REPORTS_MAX) {
        text_init (&text, fs->report, sizeof fs->report);
        text_append (&text, what);
        text_append (&text, " ");
        text_number (&text, number);
        text_end (&text);
        fs->reports++;
    }
    return ERR_IO;
}

void
ext2_report (struct ext2 *fs)
{
    char report[sizeof fs->report];

    if (fs->report[0] == '\0')
        return;
    memcpy (report, fs->report, sizeof report);
    fs->report[0] = '\0';
    ext2_log (fs, LEVEL_ERROR, "damaged: ", report);
    if (fs->reports == REPORTS_MAX) {
        fs->reports++;
        ext2_log (fs, LEVEL_ERROR, "damaged: more is not reported; check the disk", "");
    }
}

void
ext2_report_features (struct ext2 *fs, const char *what, bool incompatible, uint32_t unknown)
{
    const struct feature *feature = incompatible ? incompatible_names : read_only_names;
    char list[140];
    struct text text;

    text_init (&text, list, sizeof list);
    for (; feature->name != NULL; feature++)
        if (unknown & feature->bit) {
            text_append (&text, " ");
            text_append (&text, feature->name);
            unknown &= ~feature->bit;
        }
    if (unknown != 0) {
        text_append (&text, " 0x");
        text_hex (&text, unknown);
    }
    text_end (&text);
    ext2_log (fs, incompatible ? LEVEL_ERROR : LEVEL_WARNING, what, list);
}
