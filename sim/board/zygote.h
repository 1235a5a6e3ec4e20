/* zygote: the small process that domains are forked from.
 *
 * It is made once a machine is built and before the board grows a screen or threads, so a
 * fork is cheap and every domain has the same image: code, constants, stack canary and
 * pointer guard agree. Domains are the board's own children, not the zygote's, so the board
 * watches and buries them.
 */
#ifndef SIM_ZYGOTE_H
#define SIM_ZYGOTE_H

#include <sys/types.h>

#include "board/build.h"

typedef struct Zygote Zygote;

/* NULL, with *error. The machine must outlive it. */
Zygote *zygote_new (Machine *machine, GError **error);

/* The code of an error when somebody ended the process before it was ready. */
#define ZYGOTE_KILLED 1

/* A fresh process for a domain: its memory mapped, its sandbox locked and verified. The
 * domain's process before it must be gone. Returns the process, its pidfd in *pidfd; -1, with
 * *error, if any of it failed: then there is no process. */
pid_t zygote_fork (Zygote *zygote, uint32_t domain, int *pidfd, GError **error);

/* The same beside the process that executes the domain now, with the memory that the plan wants
 * next, and the name that the domain will have. It does nothing until it is admitted, and then
 * the one before it must be gone. */
pid_t zygote_prepare (Zygote *zygote, uint32_t domain, const char *name, int *pidfd,
                      uint32_t *number, GError **error);
void zygote_admit (uint32_t domain, uint32_t number);

/* A process that replays the domain's journal on scratch memory, and ends; see board/audit.h. */
pid_t zygote_fork_scratch (Zygote *zygote, uint32_t domain, int *pidfd, GError **error);

/* The process that makes those of real programs (guest/nursery.h). -1, with *error. */
pid_t zygote_fork_nursery (Zygote *zygote, int *pidfd, GError **error);

/* Ends it. */
void zygote_free (Zygote *zygote);

#endif
