/* token: finding the machine's one token, and making it again when it went down with a domain.
 *
 * The token is with the kernel, with a domain that runs, or in a message that nobody has taken
 * yet. To be asked only while every process of the machine stands still: it travels faster
 * than anybody can look. */
#ifndef SIM_BOARD_TOKEN_H
#define SIM_BOARD_TOKEN_H

#include <stdbool.h>

/* alive[d]: domain d has a process. */
bool token_is_lost (const bool *alive);

/* Puts it together again from what each domain last had of it, for the kernel to take. */
void token_give_back (const bool *alive);

#endif
