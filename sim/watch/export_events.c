#include <inttypes.h>

#include "gate/gate.h"
#include "personalities/linux/linux.h"
#include "personality.h"
#include "watch/export.h"
#include "watch/stats.h"

struct EventExport {
    FILE *file;
    uint64_t next;             /* number of the next event of the machine */
    uint64_t read[DOMAIN_MAX]; /* taken from each ring */
};

EventExport *
event_export_new (FILE *file)
{
    EventExport *export_ = g_new0 (EventExport, 1);

    export_->file = file;
    return export_;
}

static const char *
component_of (uint16_t id)
{
    return id < PLAN->component_count ? PLAN->components[id].name : "?";
}

static void
event_write (FILE *file, const struct event *event)
{
    static const char *const upcalls[UPCALL_COUNT] = { "start", "stop", "timer", "interrupt" };
    static const char *const kinds[]               = { "?", "call", "syscall", "upcall", "task" };
    const char *interface = "", *operation = "?";
    uint64_t fixed = event->crossing + stats_copying (event->bytes) + event->waited + event->nested;

    if (event->kind == EVENT_CALL && event->interface < INTERFACE_COUNT
        && event->operation < interfaces[event->interface].operation_count) {
        interface = interfaces[event->interface].name;
        operation = interfaces[event->interface].operations[event->operation].name;
    } else if (event->kind == EVENT_UPCALL && event->operation < UPCALL_COUNT) {
        operation = upcalls[event->operation];
    } else if (event->kind == EVENT_SYSCALL) {
        operation = event->interface == 0
                        ? personality_call_name (event->operation)
                        : linux_call_name ((event->interface - 1u) << 8 | event->operation);
    }
    fprintf (file,
             "{\"n\":%" PRIu64 ",\"kind\":\"%s\",\"at\":%" PRIu64 ",\"total\":%" PRIu64
             ",\"from\":\"%s\",\"to\":\"%s\",\"op\":\"%s%s%s\",\"task\":%u,\"call\":%" PRIu64
             ",\"depth\":%u,",
             event->number, kinds[event->kind <= EVENT_TASK ? event->kind : 0], event->start,
             event->total, component_of (event->from), component_of (event->to), interface,
             interface[0] != '\0' ? "." : "", operation, event->task, event->call, event->depth);
    if (event->kind == EVENT_SYSCALL)
        fprintf (file, "\"errno\":%u}\n", event->status);
    else
        fprintf (file,
                 "\"status\":\"%s\",\"gate\":\"%s\",\"crossing\":%u,\"copy\":%" PRIu64 ",\"bytes\":%u,"
                 "\"waited\":%" PRIu64 ",\"work\":%" PRIu64 "}\n",
                 status_name (event->status), event->gate == GATE_CHANNEL ? "channel" : "direct",
                 event->crossing, stats_copying (event->bytes), event->bytes, event->waited,
                 event->total > fixed ? event->total - fixed : 0);
}

/* The ring whose next event is the machine's next; DOMAIN_MAX: it is not there yet. */
static uint32_t
find_next (EventExport *export_)
{
    for (uint32_t d = 0; d < PLAN->domain_count; d++) {
        const struct watch *watch = WATCH (d);

        /* What a domain was doing when it died it does once more: told twice, told once. */
        while (atomic_load_explicit (&watch->written, memory_order_acquire) != export_->read[d]
               && watch->ring[export_->read[d] % WATCH_EVENTS].number < export_->next)
            export_->read[d]++;
        if (atomic_load_explicit (&watch->written, memory_order_acquire) != export_->read[d]
            && watch->ring[export_->read[d] % WATCH_EVENTS].number == export_->next)
            return d;
    }
    return DOMAIN_MAX;
}

void
event_export_drain (EventExport *export_)
{
    uint32_t domain;

    while ((domain = find_next (export_)) != DOMAIN_MAX) {
        struct watch *watch = WATCH (domain);

        do {
            struct event event = watch->ring[export_->read[domain] % WATCH_EVENTS];

            event_write (export_->file, &event);
            export_->next++;
            export_->read[domain]++;
        } while (atomic_load_explicit (&watch->written, memory_order_acquire)
                     != export_->read[domain]
                 && watch->ring[export_->read[domain] % WATCH_EVENTS].number == export_->next);
        atomic_store_explicit (&watch->read, export_->read[domain], memory_order_release);
    }
}

bool
event_export_free (EventExport *export_)
{
    bool ok = fflush (export_->file) == 0 && ferror (export_->file) == 0;

    g_free (export_);
    return ok;
}
