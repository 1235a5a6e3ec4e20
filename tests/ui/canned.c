#include "ui/canned.h"

#include <stdbool.h>
#include <string.h>

static const char *const names[] = { "nucleus", "user", "log",  "tmpfs", "tty", "blk",
                                     "dev",     "proc", "ext2", "vfs",   "pm",  "clock" };

#define COUNT (sizeof names / sizeof names[0])

static const struct {
    const char *from, *to, *interface;
    unsigned calls; /* in a second */
} links[] = {
    { "nucleus", "user", "umode", 300 }, { "nucleus", "pm", "process", 200 },
    { "nucleus", "vfs", "file", 1600 },   { "nucleus", "clock", "clock", 8 },
    { "nucleus", "log", "log", 96 },      { "blk", "nucleus", "kernel", 256 },
    { "dev", "tty", "tty", 32 },          { "dev", "blk", "block", 16 },
    { "ext2", "blk", "block", 264 },      { "vfs", "tmpfs", "fs", 64 },
    { "vfs", "dev", "fs", 112 },          { "vfs", "proc", "fs", 72 },
    { "vfs", "ext2", "fs", 4056 },        { "pm", "nucleus", "kernel", 168 },
    { "pm", "vfs", "file", 112 },         { "pm", "clock", "clock", 56 },
    { "user", "vfs", "file", 0 },         { "user", "pm", "process", 0 },
    { "proc", "pm", "process", 0 },       { "tty", "pm", "process", 0 },
};

static const char *
domain_of (const char *structure, const char *component)
{
    if (strcmp (component, "user") == 0)
        return "user";
    if (strcmp (structure, "monolithic") == 0 || strcmp (component, "nucleus") == 0)
        return "kernel";
    if (strcmp (structure, "microkernel") == 0)
        return component;
    if (strcmp (component, "ext2") == 0)
        return "fs";
    return strcmp (component, "blk") == 0 || strcmp (component, "tty") == 0 ? "drivers"
                                                                            : "kernel";
}

static json_t *
domains (const char *structure)
{
    json_t *rows = json_array (), *seen = json_object ();

    for (size_t i = 0; i < COUNT; i++) {
        const char *domain = domain_of (structure, names[i]);

        if (json_object_get (seen, domain) != NULL)
            continue;
        json_object_set_new (seen, domain, json_true ());
        json_array_append_new (
            rows,
            json_pack ("{s:s, s:i, s:s, s:i, s:s, s:i}", "name", domain, "pid",
                       1000 + (int)i, "state", "up", "processes",
                       strcmp (domain, "ext2") == 0 ? 3 : 1, "privileges",
                       "base  futex  argument 1 is 0  wait\nbase  exit_group    end\n",
                       "fibers", 2));
    }
    json_decref (seen);
    return rows;
}

static json_t *
components (const char *structure, unsigned seconds)
{
    json_t *rows = json_array ();

    for (size_t i = 0; i < COUNT; i++) {
        unsigned calls = 0;

        for (size_t j = 0; j < sizeof links / sizeof links[0]; j++)
            calls += strcmp (links[j].to, names[i]) == 0 ? links[j].calls : 0;
        json_array_append_new (
            rows, json_pack ("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "name",
                             names[i], "class", names[i], "domain",
                             domain_of (structure, names[i]), "state", "up", "calls_in",
                             (int)(calls * seconds), "calls_out", 7, "work_cycles",
                             (int)(30000 * calls / 100 * seconds), "arena_used",
                             4096 * (int)(i + 1), "arena_peak", 8192 * (int)(i + 1),
                             "arena_bytes", 16 << 20));
    }
    return rows;
}

static json_t *
link_rows (const char *structure, unsigned seconds)
{
    json_t *rows = json_array ();

    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        int calls = (int)(links[i].calls * seconds);
        bool remote = strcmp (domain_of (structure, links[i].from),
                              domain_of (structure, links[i].to))
                      != 0;

        json_array_append_new (
            rows,
            json_pack ("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:{s:i, s:i, s:i, s:i}, "
                       "s:{s:i, s:i, s:i, s:i},"
                       " s:[[i, i], [i, i]], s:{s:i, s:i}}",
                       "from", links[i].from, "to", links[i].to, "interface",
                       links[i].interface, "calls", calls, "remote", remote ? calls : 0,
                       "refused", calls / 50, "bytes", calls * 64, "cycles", "total",
                       calls * 3000, "crossing", remote ? calls * 2480 : calls * 6, "copy",
                       calls * 4, "waited", 0, "latency", "p50", 2048, "p90", 4096, "p99",
                       163840, "max", 327680, "histogram", 2048, calls, 163840, calls / 90,
                       "ops", "read", calls / 2, "lookup", calls - calls / 2));
    }
    return rows;
}

json_t *
canned_snapshot (const char *structure, unsigned seconds)
{
    return json_pack (
        "{s:{s:s, s:s, s:s, s:s, s:I, s:I, s:f, s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:{s:s, "
        "s:s, s:i}},"
        " s:o, s:o, s:o, s:[{s:i, s:i, s:s, s:s, s:i}, {s:i, s:i, s:s, s:s, s:I}, {s:i, "
        "s:i, s:s, s:s, s:I}]}",
        "status", "state", "running", "machine", structure, "structure", structure,
        "cost_model", "generic", "virtual_ns",
        (json_int_t)(12482000000 + 1000000000ll * seconds), "host_ns",
        (json_int_t)(13000000000 + 1000000000ll * seconds), "speed", 1.0, "calls",
        (int)(9012 * seconds), "crossings", (int)(9900 * seconds), "bytes_copied",
        (int)(2100000 * seconds), "switches", (int)(42 * seconds), "syscalls",
        (int)(1900 * seconds), "seed", 1, "board_cpu_ns",
        (json_int_t)(10000000ll * seconds), "running", "component", "vfs", "domain",
        domain_of (structure, "vfs"), "task", 7, "domains", domains (structure),
        "components", components (structure, seconds), "links",
        link_rows (structure, seconds), "tasks", "task", 1, "pid", 1, "name", "sh", "state",
        "blocked", "cpu_ns", 5000000, "task", 7, "pid", 7, "name", "fsload", "state",
        "running", "cpu_ns", (json_int_t)(800000000ll * seconds), "task", 8, "pid", 8,
        "name", "fsload", "state", "ready", "cpu_ns", (json_int_t)(100000000ll * seconds));
}

static json_t *
row (unsigned number, const char *kind, unsigned at, unsigned total, const char *from,
     const char *to, const char *op, unsigned call, unsigned depth, const char *gate,
     const char *status)
{
    json_t *made
        = json_pack ("{s:i, s:s, s:i, s:i, s:s, s:s, s:s, s:i, s:i, s:i}", "n", (int)number,
                     "kind", kind, "at", (int)at, "total", (int)total, "from", from, "to",
                     to, "op", op, "task", 7, "call", (int)call, "depth", (int)depth);

    if (strcmp (kind, "syscall") == 0) {
        json_object_set_new (made, "errno", json_integer (0));
        return made;
    }
    json_object_set_new (made, "gate", json_string (gate));
    json_object_set_new (made, "status", json_string (status));
    json_object_set_new (made, "crossing",
                         json_integer (strcmp (gate, "channel") == 0 ? 2480 : 3));
    json_object_set_new (made, "copy", json_integer (90));
    json_object_set_new (made, "bytes", json_integer (4096));
    json_object_set_new (made, "waited",
                         json_integer (strcmp (to, "blk") == 0 ? 12000 : 0));
    json_object_set_new (made, "work", json_integer (660));
    return made;
}

json_t *
canned_calls (unsigned call)
{
    unsigned n = call * 10, at = call * 40000;
    json_t *rows = json_array ();

    json_array_append_new (rows, row (n, "call", at + 4000, 15000, "ext2", "blk",
                                      "block.read", call, 2, "channel", "OK"));
    json_array_append_new (rows, row (n + 1, "call", at + 2000, 20000, "vfs", "ext2",
                                      "fs.read", call, 1, "channel", "OK"));
    json_array_append_new (rows, row (n + 2, "call", at + 23000, 3000, "vfs", "tmpfs",
                                      "fs.lookup", call, 1, "direct", "ERR_NOT_FOUND"));
    json_array_append_new (rows, row (n + 3, "call", at, 34000, "nucleus", "vfs",
                                      "file.read", call, 0, "channel", "OK"));
    json_array_append_new (rows, row (n + 4, "syscall", at, 34260, "user", "nucleus",
                                      "read", call, 0, "", ""));
    return rows;
}

json_t *
canned_help (void)
{
    return json_pack (
        "[{s:s, s:s, s:b, s:[]}, {s:s, s:s, s:b, s:[]}, {s:s, s:s, s:b, s:[]},"
        " {s:s, s:s, s:b, s:[{s:s, s:s, s:b}, {s:s, s:s, s:b}]}, {s:s, s:s, s:b, s:[{s:s, "
        "s:s, s:b}]},"
        " {s:s, s:s, s:b, s:[{s:s, s:s, s:b}]}, {s:s, s:s, s:b, s:[{s:s, s:s, s:b}, {s:s, "
        "s:s, s:b}]},"
        " {s:s, s:s, s:b, s:[{s:s, s:s, s:b}, {s:s, s:s, s:b}]}, {s:s, s:s, s:b, s:[]}, "
        "{s:s, s:s, s:b, s:[]},"
        " {s:s, s:s, s:b, s:[{s:s, s:s, s:b}]}]",
        "name", "status", "help", "How the machine is.", "changes", 0, "arguments", "name",
        "pause", "help", "Stands still.", "changes", 1, "arguments", "name", "resume",
        "help", "Goes on.", "changes", 1, "arguments", "name", "step", "help",
        "Goes on for a little.", "changes", 1, "arguments", "name", "unit", "type",
        "string", "required", 0, "name", "count", "type", "number", "required", 0, "name",
        "speed", "help", "Paces time.", "changes", 1, "arguments", "name", "factor", "type",
        "number", "required", 1, "name", "kill", "help", "Kills a domain.", "changes", 1,
        "arguments", "name", "domain", "type", "string", "required", 1, "name", "move",
        "help", "Moves a component.", "changes", 1, "arguments", "name", "component",
        "type", "string", "required", 1, "name", "domain", "type", "string", "required", 1,
        "name", "break", "help", "Stops at a call.", "changes", 1, "arguments", "name",
        "component", "type", "string", "required", 0, "name", "delete", "type", "number",
        "required", 0, "name", "quit", "help", "Ends it.", "changes", 1, "arguments",
        "name", "reboot", "help", "Boots it.", "changes", 1, "arguments", "name", "type",
        "help", "Types.", "changes", 1, "arguments", "name", "text", "type", "string",
        "required", 0);
}
