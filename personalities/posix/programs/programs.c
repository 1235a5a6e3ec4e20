/* programs: finds a built-in program by its name. */
#include "programs.h"

#include <string.h>

static const struct program programs[] = {
#define PROGRAM(name, help) { #name, program_##name, help },
#include "programs.def"
#undef PROGRAM
    { "[", program_test, "test a condition, up to a closing ]" },
};

const struct program *programs_extra;

const struct program *
program_find (const char *name)
{
    for (const struct program *extra = programs_extra; extra != NULL && extra->name != NULL;
         extra++)
        if (strcmp (extra->name, name) == 0)
            return extra;
    for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++)
        if (strcmp (programs[i].name, name) == 0)
            return programs + i;
    return NULL;
}

const struct program *
program_at (unsigned index)
{
    return index < sizeof programs / sizeof *programs ? programs + index : NULL;
}
