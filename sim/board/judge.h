/* judge: who broke the rules, when one domain says that another did.
 *
 * To be asked only while every process of the machine stands still. The accuser is not
 * believed: the judge reads the pages and halves that only the accused can write, and what the
 * plan allows. One thing cannot be seen from outside: whether a reply answers a call that was
 * made. There the client's word counts, against its own server and against nobody else.
 */
#ifndef SIM_BOARD_JUDGE_H
#define SIM_BOARD_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

struct verdict {
    uint32_t guilty; /* domain; DOMAIN_MAX: nobody, or it cannot be proved */
    const char *of;  /* "spoke without having the token" */
};

/* `to` says that a message of `from` cannot be right; `unearned`: for it had no token, and it is
 * still where it was. */
struct verdict judge (uint32_t to, uint32_t from, bool unearned);

/* The message of `from` that `to` has not taken shall never be. */
void judge_discard (uint32_t to, uint32_t from);

/* A domain is dead. If it was guilty, or claimed what cannot be, its page makes room for what
 * others say that they had from it. */
void judge_bury (uint32_t domain, bool guilty);

/* The highest hop that a page speaks of. */
uint64_t judge_last_hop (void);

#endif
