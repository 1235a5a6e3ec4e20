/* scan: the text of a machine file, line by line, with the place of everything.
 *
 * GKeyFile reads values, but it says no line numbers, merges duplicates and keeps trailing
 * comments as part of the value. So the text is looked through first; a line that is wrong
 * is reported and left out, and GKeyFile reads what remains.
 */
#ifndef SIM_SCAN_H
#define SIM_SCAN_H

#include "config/report.h"

struct section {
    char *title; /* "machine", "component ext2" */
    char *kind;  /* "machine", "component" */
    char *name;  /* "ext2"; "" if the kind has no names */
    struct place at;
};

struct entry {
    char *title; /* of its section */
    char *kind;
    char *name;
    char *key;
    char *text;
    char *folder; /* of the file, for paths; NULL: where the program was started */
    struct place key_at;
    struct place value_at;
};

/* Appends what `text` says to sections (struct section) and entries (struct entry). */
void scan_text (const char *file, const char *folder, const char *text, gsize length,
                GPtrArray *sections, GPtrArray *entries, Report *report);
/* The same for one --set: "component.ext2.domain=kernel", "seed=3". */
void scan_assignment (const char *assignment, GPtrArray *sections, GPtrArray *entries,
                      Report *report);

/* "component ext2" and "ext2" from "component  ext2"; reports what is wrong with it.
 * NULL then. */
struct section *section_parse (char *text, const struct place *at, Report *report);

void section_free (gpointer section);
void entry_free (gpointer entry);

/* How an entry's value came about: "hybrid.conf:12" or "command line". Owned by the caller. */
char *entry_origin (const struct entry *entry);

#endif
