/* extra: khimera with component classes and programs that only tests want. The tables are
 * filled in before main, which is the program's own. */
#include "extra.h"

#include "personalities/posix/lib/posix.h"
#include "servers/classes.h"
#include "user/user.h"

static const struct component_class *const classes[] = { &culprit_class, &forger_class, &victim_class,
                                                          NULL };

static const struct program programs[] = {
    { "openload", program_openload, "open many files at once" },
    { "window", program_window, "print rows and columns of the terminal" },
    { NULL, NULL, NULL },
};

__attribute__ ((constructor)) static void
extra_add (void)
{
    classes_extra  = classes;
    programs_extra = programs;
}
