/* flat: a file system of one directory whose files are functions. What components that tests
 * add to a machine have in common: a program reaches them by reading a file. */
#ifndef TESTS_MACHINE_FLAT_H
#define TESTS_MACHINE_FLAT_H

#include "component.h"
#include "interfaces/interfaces.h"
#include "servers/text.h"

/* Appends the file's whole text; its name says which file, where one function serves many. */
typedef void flat_read (Component *self, const char *name, struct text *text);

struct flat_file {
    const char *name;
    flat_read *read;
};

/* Comes first in the state of a component. */
struct flat {
    const struct flat_file *files; /* ends with name == NULL; set by start */
    uint64_t holds;
    bool mounted;
};

extern const struct fs_ops flat_ops;

#endif
