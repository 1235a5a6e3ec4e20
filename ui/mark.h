/* mark: what is going on with a component or a domain beside its being there: a sign for
 * the boxes, and a word for lists.
 *
 * Most of it is over in less time than lies between two snapshots, so what the machine says
 * of a move or a restart is kept for about a second of them.
 */
#ifndef UI_MARK_H
#define UI_MARK_H

#include "ui/model.h"
#include "ui/pane.h"

struct mark {
    const char *sign, *word;
    enum style_id style;
};

/* Never NULL; the sign of what is just there is "". */
const struct mark *mark_of_component (const Snapshot *now, int component);
const struct mark *mark_of_domain (const Snapshot *now, int domain);

GArray *mark_recent_new (void);
/* That was said of it; `domain`: of all that are in it. */
void mark_keep (Model *model, const char *name, bool domain, enum doing doing);
/* Adds what is kept to the snapshot that has just come. */
void mark_recent (Model *model);

#endif
