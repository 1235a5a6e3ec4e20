/* interface: what a .def file means at run time.
 *
 * An interface is a typed list of operations. Its .def file has one line for each:
 *
 *     OP (name, (request fields), (reply fields))
 *     OP_AGAIN (name, (request fields), (reply fields))
 *
 * An OP_AGAIN is idempotent: who does not know whether it was done may ask again. Its client's
 * gate does that by itself when the server has begun anew; see board/recover.h.
 *
 * Fields are fixed-width integers, arrays of them, char names[N], `struct file_attr`, and
 * at most one grant called `from` (the callee reads it) and one called `into` (the callee
 * writes it). An operation with `into` has a reply field `uint32_t done`: how many bytes of
 * the grant were filled; no more than that travels back.
 *
 * Every bit pattern of a request is a valid request: values out of range are for the
 * handler to refuse with a status. Lengths of grants are checked by the gate.
 */
#ifndef SIM_GATE_INTERFACE_H
#define SIM_GATE_INTERFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* The longest window that can be lent, in bytes. Longer transfers are made in pieces. */
#define GRANT_MAX 65536u

/* The largest request or reply struct, in bytes. */
#define PAYLOAD_MAX 384u

/* Operations in one interface. */
#define OPERATION_MAX 64u

/* A window on the caller's memory, lent for one call. To the callee `data` is memory that
 * it may touch until it answers, and not after. */
typedef struct grant {
    void *data;
    uint32_t length; /* bytes, at most GRANT_MAX */
    uint32_t pad;
} grant;

/* What the walker of fields needs of one field. */
struct field {
    char name[24];
    char type[16];   /* "u64", "i32", "char", "grant"; of a struct its name */
    uint16_t offset; /* in the struct, bytes */
    uint16_t size;   /* of one element, bytes */
    uint16_t count;  /* elements */
};

/* Bytes between two fields of a struct, or behind the last, that belong to none. What stood on
 * somebody's stack there must not reach another domain: it tells secrets, and a replay would
 * send something else. */
struct hole {
    uint16_t offset;
    uint16_t bytes; /* 0: no more */
};

#define HOLES_MAX 4u

struct operation {
    const char *name;
    const char *request_text; /* the fields as written in the .def */
    const char *reply_text;
    uint16_t request_bytes;
    uint16_t reply_bytes;
    /* offsets of the two grants in the request and of `done` in the reply; -1: none */
    int16_t into;
    int16_t from;
    int16_t done;
    bool again; /* asking twice is as good as asking once */
    bool lends; /* it has a grant */
    struct hole request_holes[HOLES_MAX + 1];
    struct hole reply_holes[HOLES_MAX + 1];
};

struct interface {
    const char *name;
    struct operation *operations;
    uint16_t operation_count;
};

enum interface_id {
#define INTERFACE(name) INTERFACE_##name,
#include "interfaces/interfaces.def"
#undef INTERFACE
    INTERFACE_COUNT
};

extern struct interface interfaces[INTERFACE_COUNT];

static inline void
holes_fill (const struct hole *hole, void *record)
{
    for (; hole->bytes != 0; hole++)
        __builtin_memset ((uint8_t *)record + hole->offset, 0, hole->bytes);
}

/* Works out the offsets above and asserts that they agree with the compiler. Once, before
 * any domain exists. */
void interfaces_init (void);

/* The fields of a .def text, in order. Returns how many (at most max). */
unsigned interface_fields (const char *text, struct field *fields, unsigned max);

/* Prints a request or reply as `name=value name=value` into out; always terminated. */
void interface_print (const char *text, const void *record, char *out, size_t out_bytes);

#endif
