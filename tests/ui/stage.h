/* stage: a dashboard without a terminal and without a machine. What it asks for is kept; a
 * test plays the machine. */
#ifndef TESTS_UI_STAGE_H
#define TESTS_UI_STAGE_H

#include "ui/dashboard.h"

struct stage {
    Model *model;
    Dashboard *dashboard;
    Grid *grid;
    GPtrArray *requests; /* of json_t, in the order in which they were sent */
    char *screen;        /* of the last stage_screen */
    gint64 now_us;
};

/* With what a machine of this structure says at the beginning. */
struct stage *stage_new (const char *structure, bool readonly);
void stage_free (struct stage *stage);

/* Keys by their names in keys.def, with blanks between. */
void stage_keys (struct stage *stage, const char *names);
/* Text as it is typed. */
void stage_type (struct stage *stage, const char *text);
/* The last request of this command; NULL: there was none. */
const json_t *stage_request (const struct stage *stage, const char *command);
/* Answers it. */
void stage_answer (struct stage *stage, const json_t *request, bool ok, const char *result);
void stage_event (struct stage *stage, const char *event, json_t *data);
/* Lets a frame be drawn and answers it as text. */
const char *stage_screen (struct stage *stage);

#endif
