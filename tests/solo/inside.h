/* inside: what the files of solo share; tests include solo.h. */
#ifndef TESTS_SOLO_INSIDE_H
#define TESTS_SOLO_INSIDE_H

#include <ucontext.h>

#include "solo.h"

#define STACK_BYTES (256u * 1024)
#define LINK_MAX    64u
#define OPTION_MAX  8u

struct Link {
    Component *provider;
    enum interface_id interface;
    const void *operations;
};

struct Component {
    const struct component_class *class;
    char name[32];
    void *state;
    void *device;
    size_t used, limit;
    char *option[OPTION_MAX]; /* in the order of the class's options; NULL: the default */
    struct bound {
        unsigned need;
        Link link;
    } *bound[LINK_MAX];
    unsigned bound_count;
    Component *next;
};

/* A block from component_alloc: this, then the memory. */
struct memory {
    size_t bytes;
    Component *owner;
};

/* A call under way. The copies are what the handler sees. */
struct SoloCall {
    SoloCall *next; /* of the test's calls, or of those that frames hold */
    const struct operation *operation;
    Link *link;
    uint64_t generation;
    uint32_t fiber;
    enum status status; /* DEFERRED until answered */
    bool from_test;
    const void *request_original;
    void *reply_original;
    unsigned char *request;
    unsigned char *reply;
    unsigned char *into, *from; /* exact copies of the grants */
    uint32_t into_length;
    void *into_original;
};

struct fiber {
    ucontext_t context;
    void *stack;
    struct fiber *next_ready;
    uint32_t number;    /* index + 1, as waitlists keep it */
    uint32_t next_waiting;
    bool busy, ready;
    void (*body) (void *argument);
    void *argument;
    Component *self;    /* of the timer, interrupt or start that runs here */
    uint64_t cookie;
    SoloCall *waits_for; /* a deferred call */
    void *fake_stack;   /* of the address sanitizer */
};

struct timer {
    uint64_t at_ns, cookie;
    Component *self;
    struct timer *next; /* later, or set later for the same time */
};

/* The one machine. A test program is no component: it may have globals. */
extern struct solo {
    Component *components;
    struct fiber **fibers;
    unsigned fiber_count;
    struct fiber *current;
    struct fiber *ready_first, *ready_last;
    ucontext_t main;
    void *main_fake_stack;
    const void *main_stack;
    size_t main_stack_bytes;
    struct timer *timers;
    SoloCall *calls; /* newest first: those of the test, and deferred ones of frames */
    uint64_t generation;
    uint64_t now_ns, charge_rest;
    uint64_t random;
    Link *links[256];
    unsigned link_count;
} solo;

void call_free (SoloCall *call);
void fiber_ready (struct fiber *fiber);
void fiber_leave (void); /* back to solo_run; returns when somebody has made it ready */

#endif
