/* rs: the reincarnation server: decides what is done about crashed domains. Provides rs; needs
 * nobody.
 *
 * The mechanics are the board's, which asks outside of the machine: `report` and `done` run
 * when no call does, touch only this component's memory, and take no virtual time. That keeps
 * a recovery that loses nothing out of the machine's history. It also means that what rs knows
 * is no part of it: its memory is the one that differs between a run with crashes and one
 * without.
 *
 * Keeps across a crash: everything, by replay: its journal has what it was asked. While it is
 * dead the board decides by itself, as the ladder does.
 */
#include <string.h>

#include "rs/policy.h"
#include "text.h"

#define CYCLES_LINE 200u
#define LINES       64u
#define LINE_BYTES  256u

struct rs {
    bool driver_host;
    struct rs_memory memories[RS_DOMAINS_MAX];
    struct rs_report_req last; /* the report that `done` is about */
    uint64_t lines;            /* ever; the last LINES of them are kept */
    char text[LINES][LINE_BYTES];
};

static bool
rs_is_of (const struct rs_memory *memory, const char *domain)
{
    return strncmp (memory->domain, domain, sizeof memory->domain) == 0;
}

/* What is remembered of the domain; of one more than can be, the first one's is forgotten. */
static struct rs_memory *
rs_memory_of (struct rs *rs, const char *domain)
{
    struct rs_memory *memory = NULL;

    for (uint32_t i = 0; i < RS_DOMAINS_MAX && memory == NULL; i++)
        if (rs_is_of (&rs->memories[i], domain) || rs->memories[i].domain[0] == '\0')
            memory = &rs->memories[i];
    if (memory == NULL)
        memory = &rs->memories[0];
    if (!rs_is_of (memory, domain)) {
        memset (memory, 0, sizeof *memory);
        text_copy (memory->domain, sizeof memory->domain, domain);
    }
    return memory;
}

static enum status
rs_report_serve (Component *self, struct call *call, const struct rs_report_req *req,
                 struct rs_report_rep *rep)
{
    struct rs *rs = component_state (self);

    (void)call;
    rs->last                                   = *req;
    rs->last.domain[sizeof req->domain - 1]    = '\0';
    rs->last.names[sizeof rs->last.names - 1]  = '\0';
    if (rs->driver_host)
        rs_driver_host (rs_memory_of (rs, rs->last.domain), &rs->last, rep);
    else
        rs_ladder (rs_memory_of (rs, rs->last.domain), &rs->last, rep);
    return OK;
}

/* "[    1.234567] fs (ext2 tmpfs): crash, signal 11: replay" */
static enum status
rs_done_serve (Component *self, struct call *call, const struct rs_done_req *req,
               struct rs_done_rep *rep)
{
    struct rs *rs                    = component_state (self);
    const struct rs_report_req *last = &rs->last;
    struct text text;

    (void)call, (void)rep;
    if (strncmp (req->domain, last->domain, sizeof req->domain) != 0)
        return ERR_NOT_FOUND;
    text_init (&text, rs->text[rs->lines % LINES], LINE_BYTES - 1);
    text_append (&text, "[");
    text_number_width (&text, last->now_ns / 1000000000u, 5, ' ');
    text_append (&text, ".");
    text_number_width (&text, last->now_ns / 1000u % 1000000u, 6, '0');
    text_append (&text, "] ");
    text_append (&text, last->domain);
    text_append (&text, " (");
    text_append (&text, last->names);
    text_append (&text, "): ");
    text_append (&text, rs_cause_name ((enum rs_cause)last->cause));
    if (last->signal != 0) {
        text_append (&text, ", signal ");
        text_number (&text, last->signal);
    }
    text_append (&text, ": ");
    text_append (&text, rs_action_name ((enum rs_action)req->action));
    text_append (&text, "\n");
    rs->text[rs->lines++ % LINES][LINE_BYTES - 1] = '\0';
    return OK;
}

static enum status
rs_history_serve (Component *self, struct call *call, const struct rs_history_req *req,
                  struct rs_history_rep *rep)
{
    const struct rs *rs = component_state (self);
    uint64_t first      = rs->lines > LINES ? rs->lines - LINES : 0;
    uint64_t line       = req->cursor < first ? first : req->cursor;
    uint32_t done       = 0;

    (void)call;
    for (; line < rs->lines; line++) {
        const char *text = rs->text[line % LINES];
        uint32_t bytes   = (uint32_t)strlen (text);

        component_charge (self, CYCLES_LINE);
        if (bytes > req->into.length - done)
            break;
        memcpy ((char *)req->into.data + done, text, bytes);
        done += bytes;
    }
    rep->done = done;
    rep->next = line;
    return OK;
}

static enum status
rs_start (Component *self)
{
    struct rs *rs = component_state (self);

    rs->driver_host = strcmp (component_option (self, "policy"), "driver-host") == 0;
    return OK;
}

static const struct rs_ops rs_operations = {
    .report  = rs_report_serve,
    .done    = rs_done_serve,
    .history = rs_history_serve,
};

const struct component_class rs_class = {
    .name        = "rs",
    .summary     = "decides whether and how a crashed component comes back",
    .state_bytes = sizeof (struct rs),
    .provides    = { { INTERFACE_rs, &rs_operations } },
    .options     = { { "policy", "ladder", "what it goes by: ladder, driver-host",
                       .words = "ladder driver-host" } },
    .start       = rs_start,
};
