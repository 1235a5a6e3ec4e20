/* source: finds a machine and those that it extends, and reads what all of them say. */
#ifndef SIM_SOURCE_H
#define SIM_SOURCE_H

#include <stdbool.h>

#include "config/scan.h"

struct source {
    GPtrArray *sections; /* struct section, oldest ancestor first */
    GPtrArray *entries;  /* struct entry, likewise: the last one of a key counts */
    GPtrArray *files;    /* names, the machine itself first, then what it extends */
    char *name;           /* of the machine: "hybrid" */
    bool whole;           /* all files could be read, and every line of them */
};

/* `machine` is a preset's name or a file's path. What is wrong goes to the report. */
struct source *source_read (const char *machine, Report *report);
void source_free (struct source *source);

#endif
