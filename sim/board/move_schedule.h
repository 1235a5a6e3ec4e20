/* move_schedule: moves that were ordered before the machine was booted: single ones, each at its
 * virtual time, and any number of random ones, which depend on the machine's seed alone. */
#ifndef SIM_BOARD_MOVE_SCHEDULE_H
#define SIM_BOARD_MOVE_SCHEDULE_H

#include "board/move.h"

/* "ext2:kernel@20ms" */
struct planned_move {
    char *component;
    char *domain;
    uint64_t at_ns; /* virtual, since the boot */
};

typedef struct MoveSchedule MoveSchedule;

/* The single ones in the order of their times; then, between them and after them, `random`
 * others. */
MoveSchedule *move_schedule_new (const GPtrArray *planned, unsigned random, Mover *mover);
void move_schedule_free (MoveSchedule *schedule);
/* Asks for the next one, if there is one and the mover is idle. */
void move_schedule_look (MoveSchedule *schedule, Mover *mover);
/* One is over. */
void move_schedule_told (MoveSchedule *schedule, Mover *mover, const struct move_result *result);
/* Is one under way? Its kernel should not have to wait for us. */
bool move_schedule_hurries (const MoveSchedule *schedule);
/* Appends a line on what became of them. */
void move_schedule_report (const MoveSchedule *schedule, GString *report);

/* Reads one; NULL, with *error (owned), if it makes no sense. Free with planned_move_free. */
struct planned_move *planned_move_parse (const char *text, char **error);
void planned_move_free (struct planned_move *planned);

#endif
