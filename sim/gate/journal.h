/* journal: what a domain received since its last snapshot, so that it can be done again.
 *
 * A component is deterministic given what it receives: messages, and what its devices told
 * it. Both are appended here before they are believed. After a crash the board puts the
 * snapshot under a fresh process, which replays the journal: every message is handled again
 * in order; what it sends is dropped as long as the channel shows that it was sent before
 * (the sequence number in our own half is the truth, and was never restored); what it asks
 * its devices is answered from here. When the journal is used up the domain stands where it
 * was, in the middle of the same calls, and goes on.
 *
 * The journal is written by its domain and emptied by the board when it takes a snapshot,
 * always while the domain does not hold the token. A crash at any instruction leaves a
 * consistent one: `used` moves last.
 */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine/machine.h"

#define JOURNAL_BYTES (32u << 20)
/* Room that one message and what its handler asks of devices may need. */
#define JOURNAL_RESERVE (4u << 20)

enum journal_kind { JOURNAL_MESSAGE = 1, JOURNAL_PORT };

struct journal_record {
    uint32_t kind;
    uint32_t bytes; /* that follow, padded to 8 */
    uint32_t sender;   /* MESSAGE */
    uint32_t sequence; /* MESSAGE: in the sender's half */
    uint32_t skip;     /* MESSAGE: it killed the domain twice: answer ERR_CRASHED instead */
    uint32_t pad;
};

struct journal {
    _Atomic uint32_t enabled; /* by the board: this domain can be replayed */
    _Atomic uint32_t used;    /* bytes of records */
    _Atomic uint32_t full;    /* the domain waits for a snapshot */
    _Atomic uint32_t replay;  /* by the board: start by replaying */
    uint32_t last_message;    /* offset of the last MESSAGE record; used when it crashes */
    uint32_t messages;
    char pad[PAGE_BYTES - 6 * sizeof (uint32_t)];
    uint8_t data[JOURNAL_BYTES];
};

#define JOURNAL(d) ((struct journal *)ADDRESS_JOURNAL (d))

/* Does this domain keep one? */
bool journal_enabled (void);
/* Is there room for one more message? If not the domain must wait for the board. */
bool journal_has_room (void);

/* Appends the message in here->inbox and its bulk; answers where the bulk is kept: from here
 * on that copy is the truth. */
const void *journal_message (uint32_t sender, uint32_t sequence, size_t message_bytes,
                             const void *bulk);

/* Replaying: is the process still doing again what was done? */
bool journal_replaying (void);
/* Takes the next message of the journal into here->inbox; false: there is none, replaying is
 * over. *skip: answer it with ERR_CRASHED. */
bool journal_next (uint32_t *sender, const void **bulk, bool *skip);
/* At the start of a process. */
void journal_begin (void);

/* For the hardware models: the answer of one device operation. While replaying, journal_port
 * gives the recorded answer and true; else the operation is done and journal_ported keeps
 * its answer. */
bool journal_port (void *answer, uint32_t bytes);
void journal_ported (const void *answer, uint32_t bytes);

#endif
