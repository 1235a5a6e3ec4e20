/* custody: who gave the token to whom.
 *
 * A message is only to be believed from who holds the token, and a component that was taken
 * over can write a well-formed message at any time. So each passing of the token has a number,
 * its hop, and each domain keeps a page that all others see and only it can write: which hop it
 * made last, and to whom; which it took last, and from whom. Before a domain takes a message it
 * looks whether somebody else's page says that the sender was given the token by the hop before,
 * and whether no page shows that the token has gone on since:
 *
 *      fs: sent hop 41 to disk          disk: took hop 41 from fs
 *                                       disk: sends hop 42 to fs     earned, once
 *      log: sends hop 42 to fs          nobody has given log hop 41: not earned
 *
 * What was not earned stays where it is, untaken, and the board is asked to judge (board/judge.h).
 * What a domain's own page says never speaks for itself, only for others. Whoever had the token
 * can spend it twice, but his page names one at a time, and two who take one hop see each other:
 * each says so before it looks.
 */
#ifndef SIM_CUSTODY_H
#define SIM_CUSTODY_H

#include "gate/runtime.h"

/* A hop and a domain in one word, so that they are read together. */
#define CUSTODY_DOMAIN_BITS 8u
#define CUSTODY_OF(hop, domain) ((uint64_t)(hop) << CUSTODY_DOMAIN_BITS | (domain))
#define CUSTODY_HOP(word)       ((word) >> CUSTODY_DOMAIN_BITS)
#define CUSTODY_DOMAIN(word)    ((uint32_t)((word) & ((1u << CUSTODY_DOMAIN_BITS) - 1)))

/* Whether the token was the sender's to send by that hop, to `to`, by what all pages say now. */
bool custody_earned (uint32_t sender, uint32_t to, uint64_t hop);

/* Before a message goes: numbers the hop and says so. Returns it. */
uint64_t custody_hand (uint32_t to);

/* Before the message of this hop is taken: whether it may be. */
bool custody_take (uint32_t sender, uint64_t hop);

#endif
