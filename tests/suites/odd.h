/* odd: what the odd providers answer to which numbers; see odd.c. */
#ifndef TESTS_SUITES_ODD_H
#define TESTS_SUITES_ODD_H

/* log.read: by cursor. */
enum odd_read {
    ODD_FILLS = 1,     /* the whole window, with 'A' */
    ODD_FILLS_TEN,     /* the first ten bytes, with 'B' */
    ODD_SAYS_TOO_MUCH, /* as ODD_FILLS, but `done` is 1000 more: a broken invariant */
    ODD_REFUSES,       /* ERR_BUSY */
    ODD_LATER, /* deferred until ODD_RELEASE: as many bytes as the call's place in the
                  queue, each of that value */
    ODD_LATER_REFUSES, /* deferred until ODD_RELEASE: ERR_BUSY, with a reply that must not
                          count */
    ODD_RELEASE,       /* answers those two, the last first; `next`: how many */
    ODD_AT_ONCE,       /* answered by call_reply, then DEFERRED */
    ODD_TWICE,         /* the same, but then once more, otherwise */
    ODD_SLEEPS,        /* until ODD_WAKE_ONE or ODD_WAKE_ALL; `next`: its place */
    ODD_WAKE_ONE,
    ODD_WAKE_ALL,
    ODD_STALE,       /* answers a call once more that was answered long ago */
    ODD_CALLS,       /* `next`: how many calls came in so far */
    ODD_TAG,         /* `next`: the instance's option `tag` */
    ODD_ORDER,       /* the bytes of the order of ODD_IN_TURN */
    ODD_CHECKS_KEPT, /* answers an ODD_KEEPS; `next`: the sum of its bytes */
};

/* log.write: by level. Anything else is OK at once. */
enum odd_write {
    ODD_IN_TURN = 1, /* takes a lock, notes the first byte, holds it for a millisecond */
    ODD_CIRCLE,      /* so many bytes: goes once round for each, through the link `back` */
    ODD_KEEPS,       /* deferred until ODD_CHECKS_KEPT: the grant must stay as it was */
};

/* clock.sleep is deferred for ever. clock.alarm answers numbers, by process. */
enum odd_alarm {
    ODD_SLEEPERS = 1, /* how many sleep in clock.sleep */
    ODD_CANCELLED,    /* how many were cancelled */
};

#endif
