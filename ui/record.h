/* record: the screen as an asciicast (version 2), whatever terminal it is shown on. */
#ifndef UI_RECORD_H
#define UI_RECORD_H

#include "ui/pane.h"

typedef struct Record Record;

/* NULL: nothing is recorded; *error says why. */
Record *record_new (const char *path, GError **error);
void record_frame (Record *record, const Grid *grid, gint64 now_us);
/* False: the file could not take everything. */
bool record_free (Record *record);

#endif
