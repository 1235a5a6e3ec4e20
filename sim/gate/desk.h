/* desk: where the board asks the component rs, outside of the machine.
 *
 * No message and no token: the board writes a question on its page and rings the door of the
 * domain where rs lives; that answers between two messages, on its own page. The domain's
 * journal has the question, so that a replay leaves rs with the same memory. */
#ifndef SIM_DESK_H
#define SIM_DESK_H

#include "interfaces/interfaces.h"
#include "machine/machine.h"

enum desk_question { DESK_REPORT = 1, DESK_DONE };

struct desk_ask {
    uint32_t what; /* enum desk_question */
    uint32_t number; /* as `asked` */
    struct rs_report_req report;
    struct rs_done_req done;
};

struct desk {
    /* the board's */
    _Atomic uint32_t asked;
    struct desk_ask ask;
    char pad0[PAGE_BYTES - sizeof (struct desk_ask) - 8];
    /* the domain's */
    _Atomic uint32_t answered; /* the last `asked` that was */
    struct rs_report_rep decision;
    char pad1[PAGE_BYTES - sizeof (struct rs_report_rep) - 8];
};

#define DESK ((struct desk *)ADDRESS_DESK)

/* In a domain, between two messages: answers what is asked of it, if anything is. */
void desk_look (void);
/* Replaying: what was asked at this point is asked again. Nobody hears the answer, but one that
 * was asked last is answered by that: rs is told of nothing twice. */
void desk_replay (void);

#endif
