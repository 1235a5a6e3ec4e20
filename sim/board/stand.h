/* stand: the machine stands still between two decisions of its kernel, for those who change who
 * lives where. Others who stop it (board/control_brake.h) do so wherever it is. */
#ifndef SIM_BOARD_STAND_H
#define SIM_BOARD_STAND_H

#include <stdbool.h>
#include <stdint.h>

/* The machine's own time, in cycles. */
uint64_t stand_now (void);
/* Every decision from that time on is to wait until it is let go. */
void stand_from (uint64_t at);
/* Nothing is to be done before `at`, if that is not 0. */
void stand_until (uint64_t at);
/* Lets one decision be made. */
void stand_go_on (void);
bool stand_is_wanted (void);
bool stand_is_there (void);
/* Sleeps until it stands, if that is wanted, or for a moment. */
void stand_await (void);

#endif
