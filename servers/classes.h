/* classes: every component class there is, by name. */
#ifndef SERVERS_CLASSES_H
#define SERVERS_CLASSES_H

#include "component.h"

/* NULL if there is none. */
const struct component_class *class_find (const char *name);
/* The n-th class, NULL after the last. */
const struct component_class *class_at (unsigned index);

/* Tests add classes of their own: a table that ends with NULL, searched first. */
extern const struct component_class *const *classes_extra;

#endif
