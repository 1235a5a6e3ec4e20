/* audit: is a domain's memory what its journal leads to?
 *
 * The journal is replayed on the last snapshot in a scratch process, on memory of its own, and
 * what its components have then is compared with what they have. A difference is silent
 * corruption, or something that the domain did by chance. */
#ifndef SIM_AUDIT_H
#define SIM_AUDIT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "board/recover.h"
#include "board/zygote.h"

/* Makes the memory for it. Before the zygote is forked. */
bool audit_prepare (Machine *machine);

/* The domain is stopped and does not hold the token. False: it is not; *difference, owned by the
 * caller, says where. */
bool audit_agrees (Machine *machine, Zygote *zygote, Recovery *recovery, uint32_t domain,
                   char **difference);

#endif
