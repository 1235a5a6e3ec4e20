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
 * What a message led to is kept as well, as a few numbers: a replay that comes to anything
 * else does not do what was done, and ends there.
 *
 * The journal is written by its domain and emptied by the board when it takes a snapshot,
 * always while the domain does not hold the token. A crash at any instruction leaves a
 * consistent one: `used` moves last. Each record carries a sum over itself: a domain that
 * died of wild writes may have hit its journal too.
 */
#ifndef SIM_JOURNAL_H
#define SIM_JOURNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"

#define JOURNAL_BYTES (32u << 20)
/* Room that one message and what its handler asks of devices may need. */
#define JOURNAL_RESERVE (4u << 20)

enum journal_kind {
    JOURNAL_MESSAGE = 1,
    JOURNAL_PORT, /* what a device answered */
    JOURNAL_SENT,
    JOURNAL_ASKED,
    JOURNAL_HELD /* a call had to wait because its component was about to move */
};

/* What the board wants done about a message that killed the domain, or that it never got
 * done with. */
enum journal_order {
    JOURNAL_HANDLE,
    JOURNAL_REFUSE,       /* a request is answered ERR_CRASHED; a reply becomes that */
    JOURNAL_HANDLE_LATER, /* its fiber got stuck: served anew when all else is done again */
    JOURNAL_REFUSE_LATER  /* as above, but answered ERR_CRASHED */
};

struct journal_record {
    uint32_t kind;
    uint32_t bytes;    /* that follow, padded to 8 */
    uint32_t sender;   /* MESSAGE */
    uint32_t sequence; /* MESSAGE: in the sender's half */
    uint32_t order;    /* MESSAGE: enum journal_order, by the board; not part of the sum */
    uint32_t sum;
};

/* JOURNAL_SENT: what a message led to. */
struct journal_sent {
    uint32_t to;
    uint32_t kind;
    uint32_t fiber;
    uint32_t status;
    uint64_t generation;
    uint64_t next_generation; /* of the domain, then */
    uint64_t now;
    uint64_t trace;
    uint64_t payload; /* a sum */
};

struct journal {
    _Atomic uint32_t enabled; /* by the board: this domain can be replayed */
    _Atomic uint32_t used;
    _Atomic uint32_t full;    /* the domain waits until the board has emptied it */
    _Atomic uint32_t replay;  /* by the board: start by replaying */
    uint32_t resend;           /* by the board: the last message got lost, send it again */
    _Atomic uint32_t handling; /* offset + 1 of the message being handled; 0: none */
    uint32_t differs;          /* offset + 1 of a message that led to something else in a replay */
    _Atomic uint32_t stands;   /* the replay is over */
    _Atomic uint32_t ready;    /* and has left fibers that the nucleus does not know to be ready */
    uint64_t messages;         /* ever */
    uint32_t audit;            /* by the board: replay, and no more */
    uint32_t pad0;
    uint64_t stood_ns;         /* when the replay was over, by the host's clock */
    char pad[PAGE_BYTES - 64];
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
/* The message that is being handled leads to what is staged. */
void journal_leads_to (void);

/* A question of the board's, which comes between two messages (gate/desk.h). */
void journal_asked (const void *question, uint32_t bytes);

/* A call for the component is held at the gate; and was it, when it was made before? */
void journal_held (uint32_t component);
bool journal_was_held (uint32_t component);

/* For the hardware models: the answer of one device operation. While replaying, journal_port
 * gives the recorded answer and true; else the operation is done and journal_ported keeps
 * its answer. */
bool journal_port (void *answer, uint32_t bytes);
/* As above, for what was only kept if there was anything to keep: false also if the next
 * record is none of that length. */
bool journal_port_if (void *answer, uint32_t bytes);
void journal_ported (const void *answer, uint32_t bytes);
/* Is the record that journal_port just gave the last one of all? Then nobody knows whether
 * what comes after it was done. */
bool journal_port_was_last (void);

/* ---- replaying: gate/replay.c ---- */

/* At the start of a process. */
void journal_begin (void);
/* The domain stands where it was: nothing is being handled. */
void journal_stands (void);
/* Is there anything left that was done before? */
bool journal_replaying (void);
/* Takes the next message of the journal into here->inbox; false: there is none, replaying is
 * over. */
bool journal_next (uint32_t *sender, const void **bulk, enum journal_order *order);
/* Takes the next question; false: it is a message's turn. */
bool journal_ask (void *question, uint32_t bytes);
/* No other message follows. */
bool journal_is_last (void);
/* What it led to, if that is known; nothing moves. */
bool journal_led_to (struct journal_sent *sent);
/* On to behind that. */
void journal_skip_to_sent (void);
/* What is staged, as a record. */
struct journal_sent journal_describe (void);
/* The replay does not come to what was done: it ends here. */
_Noreturn void journal_differs (void);

/* ---- for the board: walking through the journal of a dead domain ---- */

/* The record at *at, which moves on; NULL at the end or where it is damaged. */
struct journal_record *journal_walk (struct journal *journal, uint32_t *at);
/* Is all of it as it was written? */
bool journal_is_sound (struct journal *journal);
/* The message of that record comes so many cycles later. */
void journal_delay (struct journal_record *record, uint64_t cycles);

#endif
