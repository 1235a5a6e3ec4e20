/* loads: what machines do while something goes wrong in them. All check themselves; the exit
 * status is that of onceload. The text is the caller's. */
#ifndef TESTS_FAULTS_LOADS_H
#define TESTS_FAULTS_LOADS_H

/* Five at once. */
char *load_all (unsigned seed);
/* Whatever may be refused for want of something may be refused here. */
char *load_tolerant (unsigned seed);
/* As that, and memory, of which nothing can be refused. */
char *load_memory (unsigned seed);

#endif
