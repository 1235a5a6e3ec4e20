#include "classes.h"

#include <string.h>

#define CLASS(name) extern const struct component_class name##_class;
#include "classes.def"
#undef CLASS

static const struct component_class *const classes[] = {
#define CLASS(name) &name##_class,
#include "classes.def"
#undef CLASS
    NULL
};

const struct component_class *const *classes_extra;

const struct component_class *
class_find (const char *name)
{
    for (unsigned i = 0; classes_extra != NULL && classes_extra[i] != NULL; i++)
        if (strcmp (classes_extra[i]->name, name) == 0)
            return classes_extra[i];
    for (unsigned i = 0; classes[i] != NULL; i++)
        if (strcmp (classes[i]->name, name) == 0)
            return classes[i];
    return NULL;
}

const struct component_class *
class_at (unsigned index)
{
    return index < sizeof classes / sizeof *classes ? classes[index] : NULL;
}
