/* board_inside: what the files of the board share. */
#ifndef SIM_BOARD_INSIDE_H
#define SIM_BOARD_INSIDE_H

#include <sys/types.h>

#include "board/board.h"
#include "board/console.h"
#include "board/child.h"
#include "board/hang.h"
#include "board/move.h"
#include "board/move_rules.h"
#include "board/move_schedule.h"
#include "board/recover.h"
#include "board/report.h"
#include "board/zygote.h"
#include "watch/export.h"

struct board {
    Machine *machine;
    Zygote *zygote;
    const struct board_options *options;
    struct board_result *result;
    Console *console;
    uint64_t progress, progressed_ns; /* what had happened, and when something last did */
    Recovery *recovery;
    Mover *mover;
    MoveSchedule *schedule; /* NULL: nothing was ordered */
    MoveRules *rules;       /* NULL: there are none, or moves were ordered */
    struct hangs hangs;
    struct rs_memory memories[DOMAIN_MAX]; /* of the policy that the board has itself */
    struct child children[DOMAIN_MAX];
    struct child nursery;
    EventExport *events;
    struct report_cut report_cut;
    int signals;
    uint32_t terminal; /* device number; UINT32_MAX: none */
    uint64_t started_ns;
    uint64_t grace_until_ns; /* 0: nobody asked us to stop, */
    int signal;              /* by this one otherwise */
    uint32_t replace_next;
    uint64_t unarrived_hop; /* at the last look; see board/resend.h */
    bool token_doubt;       /* a message that may have had it was not taken */
    uint64_t token_look_ns; /* not before: looking for the token stops the machine */
    uint32_t audits[DOMAIN_MAX];  /* snapshots that could have been looked at */
    bool isolates[COMPONENT_MAX]; /* who is to get a process for itself */
    uint64_t died_ns[DOMAIN_MAX]; /* of those that are being put back; 0: not */
    bool runs; /* and whoever started it knows; */
    bool over; /* it does no more */
    bool has_spoken; /* its console */
    bool lingers; /* dead, but still looked at */
};

/* ---- board.c ---- */

void board_end (struct board *board, enum board_end how, int status);
bool domain_start (struct board *board, uint32_t domain, GError **error);
/* Interrupts the kernel for the terminal. */
void board_interrupt (struct board *board);
/* Kills and buries all domains. */
void children_end (struct board *board);

/* How long components may take to stop when a signal ends the machine. */
#define GRACE_NS 2000000000u

/* ---- board_watch.c ---- */

/* How often the token is looked for, while it may be lost. */
#define TOKEN_LOOK_MS 5

/* Makes all domains stand still, those that are alive. False: one of them has ended. */
bool domains_stop (struct board *board, bool alive[DOMAIN_MAX]);
void domains_continue (struct board *board, const bool alive[DOMAIN_MAX]);

void board_token_look (struct board *board);
void board_accusations_hear (struct board *board);
void board_lost_messages_look (struct board *board);
void board_nudges_take (struct board *board);
void board_snapshots_take (struct board *board);
/* At the halt: what no snapshot came to see. */
void board_audits_end (struct board *board);

/* ---- deaths.c ---- */

/* A child's process has ended: what happens now is up to the policy. */
void board_child_died (struct board *board, uint32_t domain);
/* Takes note of who has been put back meanwhile. */
void board_recoveries_look (struct board *board);
/* Ends who hangs. */
void board_hangs_look (struct board *board);

/* ---- board_move.c: components that move ---- */

void board_moves_begin (struct board *board);
void board_moves_look (struct board *board);
void board_moves_end (struct board *board);
/* How long the board may sleep, as far as they are concerned. */
int board_moves_patience (const struct board *board, int patience_ms);

#endif
