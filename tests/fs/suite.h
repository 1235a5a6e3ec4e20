/* suite: what every file system that can be written promises, through the fs interface.
 *
 * The tests of each provider make one (in a solo machine or a real one) and run these on its
 * link. The file system is mounted and unmounted by the suite, and empty before (a directory
 * of the formatter's own, as lost+found, does no harm).
 */
#ifndef TESTS_FS_SUITE_H
#define TESTS_FS_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "interfaces/interfaces.h"

/* Random operations, each answer compared with that of a model in plain C. */
void fs_suite_model (Link *fs, unsigned seed, unsigned steps);
/* Holds: counted, given back, ERR_STALE without, ERR_BUSY at unmount with. */
void fs_suite_holds (Link *fs);
/* A directory read in small pieces while names come and go: what stays is told once. */
void fs_suite_cursors (Link *fs);
/* Holes read as zeros and take no blocks; a cut end is zeros after growing again. */
void fs_suite_holes (Link *fs);
/* Statuses for names that are none, and for what does not fit the node's type. */
void fs_suite_refusals (Link *fs);

#endif
