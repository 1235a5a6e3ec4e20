/* guard: the user's terminal comes back, whatever dies.
 *
 * The viewer runs in a child. Its parent, which does nothing else, has kept the terminal's
 * modes and the bytes that make its screen usable, and puts both back if the child did not
 * end by itself. If the parent dies first, the child is told, and leaves in good order.
 */
#ifndef UI_GUARD_H
#define UI_GUARD_H

/* Runs `viewer` in a child and answers what it answers. */
int guard_run (int (*viewer) (void *user), void *user);

/* For the child: stops it and everybody else in the foreground, until "fg". */
void guard_suspend (void);

#endif
