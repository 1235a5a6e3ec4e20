/* resend: has a message got lost, or come damaged? Then who sent it is to send it again. */
#ifndef SIM_BOARD_RESEND_H
#define SIM_BOARD_RESEND_H

#include <stdbool.h>
#include <stdint.h>

/* To be asked often. The domain whose last message did not arrive, at the second look that finds
 * it so; PLAN->lost_hop then names it, and its domain is to be woken. DOMAIN_MAX: none. */
uint32_t resend_look (uint64_t *seen_hop);

/* Is the last message one that did not arrive, and that its sender may be asked for? */
bool resend_is_under_way (void);

#endif
