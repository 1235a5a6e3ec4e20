/* loads: what machines do while something goes wrong in them. All check themselves; the exit
 * status is that of onceload. The text is the caller's. */
#ifndef TESTS_FAULTS_LOADS_H
#define TESTS_FAULTS_LOADS_H

/* Five at once. */
char *load_all (unsigned seed);
/* Whatever may be refused for want of something may be refused here. */
char *load_memory (unsigned seed);
/* As that, and somebody who wants to know what became of crashed components; see rs. */
char *load_history (unsigned seed);
/* Five at once and that. */
char *load_all_and_history (unsigned seed);

#endif
