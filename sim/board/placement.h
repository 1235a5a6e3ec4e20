/* placement: what follows from where the components are: who has a channel to whom, and which
 * domains keep a journal.
 *
 * The plan says of each component where it is and where it is wanted next; the two differ only
 * while a move is prepared. A process that is made then maps what it will need after the move,
 * beside what it needs now.
 */
#ifndef SIM_PLACEMENT_H
#define SIM_PLACEMENT_H

#include <stdint.h>

/* A process of either domain that is made from now on maps the channel between the two. */
void placement_connect (uint32_t a, uint32_t b);
/* The same for every two domains that calls cross where the components are wanted. The kernel
 * has to do with every domain, those without a name included. */
void placement_connect_links (void);
/* Forgets all connections, for those that are still needed to be made again. */
void placement_disconnect (void);
/* The machine stands still: the components are where they are wanted, the channels connected
 * are used, and no others. */
void placement_settle (void);

#endif
