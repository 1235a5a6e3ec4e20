/* fits: which component can have which fault. All can, but for what is in one table, with why. */
#ifndef TESTS_FAULTS_FITS_H
#define TESTS_FAULTS_FITS_H

#include "faults/plot.h"

bool fits (unsigned victim, enum fault_kind kind);
/* What is left out, and why, as comments. */
void fits_print (void);

#endif
