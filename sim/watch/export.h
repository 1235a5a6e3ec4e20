/* export: what was measured, as files: statistics as JSON, events as JSON lines. */
#ifndef SIM_EXPORT_H
#define SIM_EXPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "board/board.h"
#include "config/config.h"

/* Merges the domains' rings in the order of the machine's history. */
typedef struct EventExport EventExport;

EventExport *event_export_new (FILE *file); /* borrowed */
/* Writes what is complete so far. */
void event_export_drain (EventExport *export_);
/* False: the file could not take everything. */
bool event_export_free (EventExport *export_);

/* How often a program was stopped by the host's clock, after the end: what makes one run differ from
 * the next. */
uint64_t stats_clock_stops (void);

/* Everything that was counted, after the end. False: could not be written. */
bool stats_write (FILE *file, const MachineConfig *config, const struct board_result *result);

#endif
