/* brake: how the board stops the machine, lets it go step by step, and slows it down.
 *
 * The board writes `struct brake`, in the plan, which every domain maps read-only. Whoever
 * holds the token looks at it after each event, at each trap of a program, and before each
 * decision of the nucleus; he stands there until the board lets him go on. Standing still
 * charges nothing: the machine's history and its digest are the same with and without.
 * Nothing of this survives in a component, so a crash cannot lose it: the board stops whoever
 * takes the token next.
 *
 * Another way to stand is for moves (board/move.h): only the kernel, only before a decision of
 * the nucleus, when no message is under way and no fiber runs anywhere, from a virtual time on
 * that the board names. Whoever replaces the kernel's process meanwhile comes to the same place.
 */
#ifndef SIM_BRAKE_H
#define SIM_BRAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define BREAKPOINTS_MAX 32u

/* Speeds are virtual time for wall time, in millionths; 0 is as fast as the host can. */
#define SPEED_ONE 1000000u
#define SPEED_MAX (1000u * SPEED_ONE)

/* ---- which events are meant ---- */

#define FILTER_ANY     0xffffu
#define FILTER_REFUSED 0xfffeu /* a status: anything but OK */

/* Everything must agree; FILTER_ANY agrees with all. */
struct event_filter {
    uint16_t component; /* at either end */
    uint16_t from;
    uint16_t to;
    uint16_t kind; /* enum event_kind */
    uint16_t interface;
    uint16_t operation;
    uint16_t status;
    bool inverse; /* those that do not agree are meant */
    bool by_task;
    bool by_call;
    uint32_t task;
    uint64_t call;
};

/* ---- what the board wants ---- */

#define BRAKE_ON     1u /* something below asks for a closer look */
#define BRAKE_RECORD 2u /* the board reads every event: to be waited for when a ring is full */
#define BRAKE_FAULTS 4u /* something is to go wrong somewhere; see fault/ */
#define BRAKE_STAND  8u /* the kernel is to stand; see brake_stand */
#define BRAKE_NOTES  16u /* somebody looks at calls, and wants to know what was said; see note.h */

struct brake {
    _Atomic uint32_t on;         /* BRAKE_*; 0: nobody need look at the rest */
    _Atomic uint32_t turn;       /* changes with every change: who sleeps looks again */
    _Atomic uint32_t pause;      /* stand still at the next place */
    _Atomic uint32_t resumes;    /* who stands goes on when this changes */
    _Atomic uint32_t speed;
    _Atomic uint32_t order;      /* number of the step under way; 0: none */
    _Atomic uint32_t step_kinds; /* bit of each enum event_kind that counts */
    _Atomic uint32_t step_count; /* so many of them */
    _Atomic uint64_t stop_at;    /* cycles of virtual time; 0: never */
    _Atomic uint32_t breakpoints; /* bit n: the n-th below is set */
    struct event_filter breakpoint[BREAKPOINTS_MAX];
    _Atomic uint64_t stand_at;    /* BRAKE_STAND: at each decision from this time on, */
    _Atomic uint32_t stand_goes;  /* until this changes */
};

enum brake_stop { STOP_NONE, STOP_PAUSE, STOP_STEP, STOP_BREAKPOINT };

/* ---- what a domain says: in its runtime ---- */

struct brake_state {
    _Atomic uint32_t stopped; /* enum brake_stop, */
    uint32_t resumes;         /* while the board's number is this one */
    uint32_t breakpoint;
    /* Where pacing began, in wall and virtual time, at which speed. */
    uint32_t speed;
    uint64_t wall_ns, from;
    uint64_t next; /* virtual time at which to look at the wall again */
    _Atomic uint32_t standing; /* kernel, at a decision: the board's stand_goes, + 1; 0: no. The
                                  board is woken */
    uint64_t stood_ns;         /* and since when, on the host's clock, */
    uint64_t stood_at;         /* and in virtual time */
};

struct event;

/* After an event was written, if the brake is on. */
void brake_event (const struct event *event);
/* Between two events, if it is on. Returns whether the machine stood still. */
bool brake_look (void);
/* Before a decision of the nucleus, if brake_stands: until the board lets it be made. */
void brake_stand (void);
/* So much virtual time passes in that much of the wall's, and the other way round; the speed
 * is not 0. */
uint64_t brake_cycles (uint64_t wall_ns, uint32_t speed);
uint64_t brake_wall_ns (uint64_t cycles, uint32_t speed);

#endif
