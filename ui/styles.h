/* styles: the meanings that colours have; see styles.def. */
#ifndef UI_STYLES_H
#define UI_STYLES_H

enum style_id {
#define STYLE(name, colour, attributes, cb, mono) STYLE_##name,
#include "ui/styles.def"
#undef STYLE
    STYLE_COUNT
};

#endif
