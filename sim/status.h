/* status: the one error type of the machine's inside. Every call answers one of these. */
#ifndef SIM_STATUS_H
#define SIM_STATUS_H

enum status {
#define STATUS(name, text) name,
#include "status.def"
#undef STATUS
    STATUS_COUNT,

    /* Two answers a handler gives to its gate, which no client ever sees. */
    DEFERRED = 0x1000, /* "call_reply will answer later"; the handler's frame is gone */
    FORWARDED,         /* "ask him instead": the answer of call_forward */
};

const char *status_name (enum status status); /* "ERR_NOT_FOUND"; "?" if out of range */
const char *status_text (enum status status); /* "no such file or directory" */

#endif
