/* move_inside: what the files of move share. */
#ifndef SIM_BOARD_MOVE_INSIDE_H
#define SIM_BOARD_MOVE_INSIDE_H

#include "board/move.h"

/* A process that waits to be admitted. */
struct prepared {
    struct child child; /* none: the domain keeps its process */
    uint32_t number;
    bool exchanged;        /* it is the domain's process, but not admitted yet */
    bool maps[DOMAIN_MAX]; /* channels in its memory */
};

enum move_stage {
    MOVE_IDLE,
    MOVE_LOOKING, /* for a decision at which the component is quiet */
    MOVE_HOLDING, /* the same, with new calls held */
    MOVE_RESTING, /* it was busy all the time */
    MOVE_RELEASING, /* it has failed; those held are let go at the next decision */
};

struct Mover {
    struct mover_world world;
    enum move_stage stage;
    struct move_result result;
    char *reason;
    char interruption[64]; /* why it failed, if it was interrupted */
    uint32_t from, to;
    bool fresh_name;       /* `to` had none before */
    uint64_t wanted_at;    /* virtual time */
    uint64_t announced;    /* likewise: of the next move, not yet asked for; 0: none */
    uint64_t begun_at;     /* of the first look; 0: none yet */
    uint64_t busy_from;    /* looking, or holding: since when, in virtual time */
    uint32_t rests;
    uint32_t prepares;     /* while it stood already */
    bool patient;          /* it stands, but somebody still does again what he did */
    bool around;           /* the component stays, and all others of the two domains change places */
    bool touched[DOMAIN_MAX]; /* what has come to them does not lead to the same any more */
    uint64_t stood_ns;     /* host: when the machine last stood, or was first asked to */
    uint64_t stand_ns;     /* host: since when it stands, */
    uint64_t prepared_ns;  /* and since when the processes are there */
    uint64_t reaped_ns;    /* host: when we last looked for empty domains */
    bool telling;          /* the end of a move */
    GArray *dying;         /* struct child: killed, to be buried when they are dead */
    struct prepared prepared[DOMAIN_MAX];
};

/* ---- move_domain.c: which domains there are, and their processes ---- */

/* The domain to move to; DOMAIN_MAX, with *error: there can be none. *fresh: it had no name. */
uint32_t move_domain_find (uint32_t component, const char *name, bool *fresh, char **error);
bool move_domain_is_empty (uint32_t domain);
/* Makes the processes that the next placement needs, beside those it has made. False, with
 * *error (owned). */
bool move_prepare (Mover *mover, char **error);
bool move_is_prepared (const Mover *mover);
/* Marks the domains whose journals will have to begin anew; and has memory ready for that. */
void move_touch (Mover *mover);
void move_rehearse (Mover *mover);
/* Ends those that were not needed after all. */
void move_unprepare (Mover *mover);
/* A prepared process has died. */
bool move_prepared_died (const Mover *mover);
/* Puts them in the place of the others; the machine stands still. The kernel's is admitted when
 * it may make its decision, and not before: the history is not to depend on how quick it is. */
void move_exchange (Mover *mover);
void move_admit_kernel (Mover *mover);
/* Buries those of the old ones that are dead by now, or waits for all. */
void move_bury (Mover *mover, bool all);
/* Domains that have nothing left to do go back to the spare ones. The machine stands still. */
void move_reap (Mover *mover);
bool move_has_empty (void);

#endif
