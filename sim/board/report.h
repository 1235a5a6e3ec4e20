/* report: what is told when a machine ends, kept short however long it has lived. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <glib.h>

/* More than that is not kept; of which this much from the beginning. */
#define REPORT_BYTES       (128u << 10)
#define REPORT_FIRST_BYTES (32u << 10)

/* Where lines were taken out of a report. */
struct report_cut {
    gsize at;       /* 0: none were */
    unsigned lines; /* so many */
};

/* Of a report that has become too long the first lines stay, which say how it all began, and the
 * last ones; between them a line says how many are missing. The report is made of whole lines. */
void report_trim (GString *report, struct report_cut *cut);

#endif
