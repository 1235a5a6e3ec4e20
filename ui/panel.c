#include "ui/panel.h"

#include <string.h>

#define PANEL(name) extern const struct panel panel_##name;
#include "ui/panels.def"
#undef PANEL

const struct panel *const panels[] = {
#define PANEL(name) &panel_##name,
#include "ui/panels.def"
#undef PANEL
};

enum panel_id
panel_find (const char *word)
{
    for (guint i = 0; i < PANEL_COUNT; i++)
        if (strcmp (panels[i]->name, word) == 0
            || (word[0] == panels[i]->key && word[1] == '\0'))
            return (enum panel_id)i;
    return PANEL_COUNT;
}
