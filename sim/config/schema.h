/* schema: every section and key of a machine file, once.
 *
 * Reading, checking, --set, help and the manual page all come from this table. Beside it, a
 * [component] section takes the options and needs of its class (component.h).
 */
#ifndef SIM_SCHEMA_H
#define SIM_SCHEMA_H

#include <glib.h>
#include <stdint.h>

#include "component.h"

enum value_type {
    VALUE_TEXT,    /* anything up to VALUE_LABEL_MAX bytes */
    VALUE_PATH,    /* a file of the host, from the machine file's folder on */
    VALUE_MACHINE, /* a preset's name or a machine file */
    VALUE_WORD,    /* one of `words` */
    VALUE_SWITCH,  /* on, off */
    VALUE_NUMBER,
    VALUE_SIZE,    /* a number of bytes */
    VALUE_TIME,
    VALUE_DECIMAL, /* up to three places; min and max in thousandths */
    VALUE_NAME,    /* of a component, device or domain */
    VALUE_NAMES,   /* several, with commas */
    VALUE_RANGE,   /* first-last, or one number */
};

struct schema_section {
    const char *kind;
    const char *name; /* what the name after the kind stands for; NULL: there is none */
    const char *help;
};

struct schema_key {
    const char *kind; /* of the section */
    const char *key;
    enum value_type type;
    const char *words;    /* VALUE_WORD: with blanks between them */
    uint64_t min, max;    /* numbers; both 0: any */
    const char *value;    /* the default; NULL: none */
    const char *only;     /* [device]: the kind that has this key; NULL: all */
    const char *help;
};

extern const struct schema_section schema_sections[]; /* ends with kind == NULL */
extern const struct schema_key schema_keys[];         /* ends with kind == NULL */

const struct schema_section *schema_section_find (const char *kind);
const struct schema_key     *schema_key_find (const char *kind, const char *key);

/* NULL if `text` is a right value of this key; else what is wrong and what to write, owned
 * by the caller. */
char *schema_check (const struct schema_key *key, const char *text);
/* As above, for a class's option: what it does not say itself its default tells. */
char *schema_check_option (const struct option *option, const char *text);

#endif
