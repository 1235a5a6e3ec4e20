/* schema: the table of sections and keys, and what makes a value right. */
#include "config/schema.h"

#include <string.h>

#include "config/cost_figures.h"
#include "fault/rule.h"
#include "config/report.h"
#include "config/value.h"

const struct schema_section schema_sections[] = {
    { "machine", NULL, "The machine as a whole." },
    { "user", NULL, "The programs: where they run, and which components they call." },
    { "cost-model", NULL, "Single figures that differ from those of the cost model." },
    { "component", "NAME", "A part of the kernel, and where it lives." },
    { "device", "NAME", "Something a component drives." },
    { "mount", "PATH", "A file system's place in the tree of files." },
    { "fault", "NAME", "Something that is to go wrong, where and when." },
    { "rule", "NAME", "When a component moves to another domain by itself." },
    { NULL, NULL, NULL },
};

/* The kinds of faults, with a blank before each. */
#define KIND(name, word, place, again, help) " " word
static const char fault_words[] =
#include "fault/kinds.def"
    ;
#undef KIND

#define US 1000u
#define MS 1000000u
#define S  1000000000u

const struct schema_key schema_keys[] = {
    { "machine", "extends", VALUE_MACHINE, NULL, 0, 0, NULL, NULL,
      "The preset or machine file that this one starts from. What is written here replaces "
      "what is written there, key by key. Without it the machine starts empty." },
    { "machine", "summary", VALUE_TEXT, NULL, 0, 200, NULL, NULL,
      "One line about the machine, for lists." },
    { "machine", "personality", VALUE_WORD, "posix", 0, 0, "posix", NULL,
      "The face that programs see." },
    { "machine", "cost-model", VALUE_WORD, COST_MODEL_WORDS, 0, 0, "generic", NULL,
      "What crossings, copies and switches cost in virtual time: free (nothing) or generic "
      "(published figures at 3 GHz)." },
    { "machine", "seed", VALUE_NUMBER, NULL, 0, 0, "1", NULL,
      "Where all chance of the machine comes from." },
    { "machine", "epoch", VALUE_NUMBER, NULL, 0, 253402300799, "1735689600", NULL,
      "Virtual time of the boot, in seconds since 1970." },
    { "machine", "scheduler", VALUE_WORD, "round-robin priority mlfq lottery", 0, 0,
      "round-robin", NULL,
      "Who runs next: round-robin, priority (fixed, with aging), mlfq (multilevel feedback) "
      "or lottery (seeded)." },
    { "machine", "quantum", VALUE_TIME, NULL, 10 * US, 10ull * S, "10ms", NULL,
      "The longest slice of virtual time that a task gets at once." },
    { "machine", "tasks", VALUE_NUMBER, NULL, 1, 16000, "1024", NULL,
      "How many tasks there can be at a time." },
    { "machine", "memory", VALUE_SIZE, NULL, 0, 4ull << 30, "64M", NULL,
      "The RAM that real programs have, all together; a multiple of 4K. 0: no such programs." },
    { "machine", "placement", VALUE_WORD, "single split auto none", 0, 0, "auto", NULL,
      "Which CPUs of the host the domains run on: single (all on the last one), auto (all on "
      "one, another for each machine that runs beside), split (the kernel on one and the other "
      "domain on another, if there are just two, else as single) or none (left to the host). The "
      "machine cannot tell." },
    { "machine", "restart", VALUE_WORD, "never cold replay", 0, 0, "never", NULL,
      "What components do about a crash that do not say it themselves; see there." },
    { "machine", "audit", VALUE_NUMBER, NULL, 0, 1000000, "0", NULL,
      "At every so many snapshots of a process with restart = replay, and when the machine has "
      "come to its end: whether its memory is what its journal leads to. 0: never." },
    { "machine", "snapshot", VALUE_NUMBER, NULL, 4096, 8u << 20, "256K", NULL,
      "How long the journal of a process with restart = replay gets before a snapshot is taken and "
      "it begins anew, or a 32nd of what there is to copy, if that is more. Short: recoveries and "
      "audits are quick, snapshots frequent." },
    { "machine", "sandbox", VALUE_SWITCH, NULL, 0, 0, "on", NULL,
      "Whether the domains' processes are locked by a filter of system calls." },

    { "user", "domain", VALUE_WORD, "user kernel", 0, 0, "user", NULL,
      "Where the built-in programs run: in a process of their own, or in the kernel's." },
    { "user", "process", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component that serves their process calls, if several could; none: nobody." },
    { "user", "file", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component that serves their file calls, likewise." },
    { "user", "clock", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component that serves their time calls, likewise." },
    { "user", "log", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component that serves their log calls, likewise." },
    { "user", "vm", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component that manages the memory of real programs, likewise." },

    { "cost-model", "syscall", VALUE_NUMBER, NULL, 0, 1000000000, NULL, NULL,
      "Into the kernel and out again, in cycles of a 3 GHz CPU, as all of these." },
    { "cost-model", "message", VALUE_NUMBER, NULL, 0, 1000000000, NULL, NULL,
      "One way between two address spaces, the switch included." },
    { "cost-model", "context-switch", VALUE_NUMBER, NULL, 0, 1000000000, NULL, NULL,
      "Between two tasks." },
    { "cost-model", "page-fault", VALUE_NUMBER, NULL, 0, 1000000000, NULL, NULL,
      "One minor fault." },
    { "cost-model", "interrupt", VALUE_NUMBER, NULL, 0, 1000000000, NULL, NULL,
      "From the device to its handler." },
    { "cost-model", "direct-call", VALUE_NUMBER, NULL, 0, 1000000000, NULL, NULL,
      "Between two components of one domain." },
    { "cost-model", "copy-per-byte", VALUE_DECIMAL, NULL, 0, 1000000000, NULL, NULL,
      "Copying, for each byte; up to three decimal places." },

    { "component", "class", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "What it is an instance of. Default: the class that is called like the component." },
    { "component", "domain", VALUE_NAME, NULL, 0, 0, "kernel", NULL,
      "Where it lives: kernel, own (a process for it alone), or a name: all components that "
      "write the same name share a process." },
    { "component", "label", VALUE_TEXT, NULL, 0, VALUE_LABEL_MAX, NULL, NULL,
      "What the part is called in the real system, for people to read." },
    { "component", "device", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The device it drives. Default: the only one of the kind that its class drives." },
    { "component", "arena", VALUE_SIZE, NULL, 65536, 4ull << 30, "16M", NULL,
      "How much memory it may use; a multiple of 4K. A tmpfs has by default twice its size, if that "
      "is more." },
    { "component", "restart", VALUE_WORD, "never cold replay", 0, 0, "the machine's", NULL,
      "What happens when the process it lives in dies or hangs: never (calls to it answer an "
      "error), cold (it begins anew; calls under way are made again where that is harmless, and "
      "answer an error where not) or replay (its memory as it was a moment ago is put under a "
      "fresh process, which does again what it received since: nothing is lost). A process goes "
      "by the least of what its components say; in the kernel it means nothing." },
    { "component", "essential", VALUE_SWITCH, NULL, 0, 0, "off", NULL,
      "Whether the machine panics when it cannot be restarted any more, instead of going on "
      "without it." },
    { "component", "heartbeat", VALUE_TIME, NULL, 0, 3600ull * S, "1s", NULL,
      "How much CPU time of the host it may use without any progress, and for how much virtual "
      "time it may leave a call unanswered that another component waits for, before that counts "
      "as a hang and its process is ended. 0s: for ever." },
    { "component", "restart-intensity", VALUE_NUMBER, NULL, 0, 1000000, "5", NULL,
      "How often it may be restarted within restart-window; then it stays off." },
    { "component", "restart-window", VALUE_TIME, NULL, 1, 86400ull * S, "30s", NULL,
      "The virtual time in which restarts are counted." },
    { "component", "restart-backoff", VALUE_TIME, NULL, 0, 3600ull * S, "10ms", NULL,
      "Virtual time that passes before a restart that loses something, from the third within "
      "restart-window on; twice as much before each next one." },
    { "component", "enabled", VALUE_SWITCH, NULL, 0, 0, "on", NULL,
      "off: the machine does without it, and without what needs it." },

    { "device", "kind", VALUE_WORD, "disk terminal", 0, 0, NULL, NULL,
      "What it is: disk or terminal. Must be given." },
    { "device", "image", VALUE_PATH, NULL, 0, 0, "none", "disk",
      "The host's file that holds the sectors, seen from the machine file's folder. A disk "
      "with neither image nor size is not there, and its driver is left out. none: no image." },
    { "device", "size", VALUE_SIZE, NULL, 0, 1ull << 40, "0", "disk",
      "A disk in memory, all zero at boot; a multiple of 512. 0: none." },
    { "device", "read-only", VALUE_SWITCH, NULL, 0, 0, "off", "disk",
      "Whether the disk refuses writes." },
    { "device", "queue-depth", VALUE_NUMBER, NULL, 1, 64, "8", "disk",
      "How many requests the disk works on at a time." },
    { "device", "latency", VALUE_TIME, NULL, 0, 10ull * S, "60us", "disk",
      "Virtual time of one request." },
    { "device", "write-cache", VALUE_SWITCH, NULL, 0, 0, "on", "disk",
      "Whether the disk answers a write before it is safe; a flush makes it so." },

    { "mount", "component", VALUE_NAMES, NULL, 0, 0, NULL, NULL,
      "The component that provides the files; of several, the first that is there. Must be "
      "given." },
    { "mount", "read-only", VALUE_SWITCH, NULL, 0, 0, "off", NULL,
      "Whether writing is refused." },
    { "mount", "optional", VALUE_SWITCH, NULL, 0, 0, "off", NULL,
      "on: left out if the component is not there, or is mounted elsewhere." },

    { "fault", "component", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component in which it goes wrong. Must be given." },
    { "fault", "kind", VALUE_WORD, &fault_words[1], 0, 0, NULL, NULL,
      "What goes wrong; \"khimera help faults\" explains the words. Must be given." },
    { "fault", "operation", VALUE_TEXT, NULL, 0, 40, NULL, NULL,
      "Only calls of this operation count, as in fs.read, or of this interface, as in fs. "
      "Default: all." },
    { "fault", "at", VALUE_TIME, NULL, 0, 1000000ull * S, "0", NULL,
      "Nothing counts before this virtual time since the boot." },
    { "fault", "every", VALUE_TIME, NULL, 0, 1000000ull * S, "0", NULL,
      "Virtual time from there on is cut into spans of this length, and only the first opportunity "
      "in each counts. 0: all count." },
    { "fault", "skip", VALUE_NUMBER, NULL, 0, UINT32_MAX, "0", NULL,
      "So many calls, messages or commands that count are passed over first." },
    { "fault", "call", VALUE_NUMBER, NULL, 1, UINT32_MAX, "1", NULL,
      "The fault strikes at every n-th call, message or command that counts." },
    { "fault", "odds", VALUE_NUMBER, NULL, 0, UINT32_MAX, "0", NULL,
      "Instead of at every n-th it strikes at one in so many, by chance. 0: it does not." },
    { "fault", "seed", VALUE_NUMBER, NULL, 0, 0, NULL, NULL,
      "Where that chance comes from. Default: the machine's seed." },
    { "fault", "times", VALUE_NUMBER, NULL, 0, UINT32_MAX, "1", NULL,
      "How often it strikes at most. 0: without end." },
    { "fault", "moment", VALUE_WORD, "before after", 0, 0, "before", NULL,
      "Whether it strikes before the component has served the call, or when it has, but has "
      "not answered yet." },
    { "fault", "persistent", VALUE_SWITCH, NULL, 0, 0, "off", NULL,
      "on: the same call is struck again when the component, put back, tries it again." },
    { "fault", "amount", VALUE_TIME, NULL, 0, 1000ull * S, "1ms", NULL,
      "How much time is lost, for the kinds that lose some." },
    { "fault", "sectors", VALUE_RANGE, NULL, 0, 0, NULL, NULL,
      "Only commands to a disk that touch one of these sectors count. Default: all." },

    { "rule", "component", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component that moves. Must be given." },
    { "rule", "when", VALUE_WORD, "crashes quiet busy", 0, 0, NULL, NULL,
      "crashes: the process it lives in has died `count' times in the time `within'. quiet: it "
      "has not for that time, after it had. busy: more than `count' calls were made between it "
      "and the component `with' in that time. Must be given." },
    { "rule", "count", VALUE_NUMBER, NULL, 1, 1000000000000, "3", NULL,
      "So many." },
    { "rule", "within", VALUE_TIME, NULL, 10 * MS, 1000000ull * S, "30s", NULL,
      "In so much virtual time." },
    { "rule", "with", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "The component at the other end of the calls, for busy." },
    { "rule", "move-to", VALUE_NAME, NULL, 0, 0, NULL, NULL,
      "Where it moves: kernel, own, or a name. Default, for busy: where the other component "
      "is." },

    { NULL, NULL, VALUE_TEXT, NULL, 0, 0, NULL, NULL, NULL },
};

const struct schema_section *
schema_section_find (const char *kind)
{
    for (const struct schema_section *s = schema_sections; s->kind != NULL; s++)
        if (strcmp (s->kind, kind) == 0)
            return s;
    return NULL;
}

const struct schema_key *
schema_key_find (const char *kind, const char *key)
{
    for (const struct schema_key *k = schema_keys; k->kind != NULL; k++)
        if (strcmp (k->kind, kind) == 0 && strcmp (k->key, key) == 0)
            return k;
    return NULL;
}

static char *
schema_check_word (const struct schema_key *key, const char *text)
{
    g_auto (GStrv) words = g_strsplit (key->words, " ", -1);

    if (g_strv_contains ((const char *const *)words, text))
        return NULL;
    g_autofree char *remedy = suggest_remedy (text, (const char *const *)words);
    return g_strdup_printf ("%s = %s is not known%s", key->key, text, remedy);
}

static char *
schema_check_switch (const char *key, const char *text)
{
    static const char *const yes[] = { "yes", "true", "1", "enabled", "ON", "On", NULL };
    static const char *const no[]  = { "no", "false", "0", "disabled", "OFF", "Off", NULL };
    bool on;

    if (value_switch (text, &on))
        return NULL;
    return g_strdup_printf ("%s is on or off, not \"%s\"%s", key, text,
                            g_strv_contains (yes, text)  ? "; write on"
                            : g_strv_contains (no, text) ? "; write off"
                                                         : "; write one of the two");
}

/* The bounds as a person would write them. */
static char *
schema_check_range (const struct schema_key *key, const char *text, uint64_t number)
{
    char min[32], max[32];

    if ((key->min == 0 && key->max == 0) || (number >= key->min && number <= key->max))
        return NULL;
    switch (key->type) {
    case VALUE_TIME:
        value_print_time (key->min, min);
        value_print_time (key->max, max);
        break;
    case VALUE_SIZE:
        value_print_size (key->min, min);
        value_print_size (key->max, max);
        break;
    case VALUE_DECIMAL:
        g_snprintf (min, sizeof min, "%g", (double)key->min / 1000);
        g_snprintf (max, sizeof max, "%g", (double)key->max / 1000);
        break;
    default:
        g_snprintf (min, sizeof min, "%" G_GUINT64_FORMAT, key->min);
        g_snprintf (max, sizeof max, "%" G_GUINT64_FORMAT, key->max);
    }
    return g_strdup_printf ("%s = %s is out of range; write %s to %s", key->key, text, min, max);
}

static char *
schema_check_number (const struct schema_key *key, const char *text)
{
    uint64_t number;

    if (key->type == VALUE_TIME) {
        if (!value_time (text, &number))
            return g_strdup_printf ("\"%s\" is no time; write a number with ns, us, ms or s, "
                                    "as in 60us", text);
    } else if (key->type == VALUE_DECIMAL) {
        if (!value_decimal (text, &number))
            return g_strdup_printf ("\"%s\" is no decimal number; write one with at most three "
                                    "places, as in 0.063", text);
    } else if (!value_number (text, &number)) {
        if (strspn (text, "0123456789") == strlen (text))
            return g_strdup_printf ("%s is too large; write a number below 2^64", text);
        return g_strdup_printf ("\"%s\" is no number; write digits, or 0x and hexadecimal "
                                "digits, with K, M or G behind for powers of 1024", text);
    }
    char *wrong = schema_check_range (key, text, number);
    if (wrong != NULL)
        return wrong;
    if (key->type == VALUE_SIZE && strcmp (key->kind, "device") != 0 && number % 4096 != 0)
        return g_strdup_printf ("%s = %s is not a multiple of 4K; write %" G_GUINT64_FORMAT "K",
                                key->key, text, (number / 4096 + 1) * 4);
    if (key->type == VALUE_SIZE && number % 512 != 0)
        return g_strdup_printf ("%s = %s is not a multiple of 512; write %" G_GUINT64_FORMAT,
                                key->key, text, (number / 512 + 1) * 512);
    return NULL;
}

/* "7" or "100-200" */
static char *
schema_check_range_text (const char *key, const char *text)
{
    g_auto (GStrv) ends = g_strsplit (text, "-", 2);
    uint64_t number;

    for (char **end = ends; *end != NULL; end++)
        if (!value_number (*end, &number) || strspn (*end, "0123456789") != strlen (*end))
            return g_strdup_printf ("%s = %s is no range; write two numbers, as in 100-200", key,
                                    text);
    return NULL;
}

static char *
schema_check_names (const struct schema_key *key, const char *text)
{
    g_auto (GStrv) names = g_strsplit (text, ",", key->type == VALUE_NAMES ? -1 : 1);

    for (char **name = names; *name != NULL; name++)
        if (!value_name (g_strstrip (*name)))
            return g_strdup_printf ("\"%s\" is no name; write a small letter, then up to %u small "
                                    "letters, digits, - and _", *name, VALUE_NAME_MAX - 1);
    return NULL;
}

char *
schema_check (const struct schema_key *key, const char *text)
{
    switch (key->type) {
    case VALUE_WORD:
        return schema_check_word (key, text);
    case VALUE_SWITCH:
        return schema_check_switch (key->key, text);
    case VALUE_NUMBER:
    case VALUE_SIZE:
    case VALUE_TIME:
    case VALUE_DECIMAL:
        return schema_check_number (key, text);
    case VALUE_NAME:
    case VALUE_NAMES:
        return schema_check_names (key, text);
    case VALUE_RANGE:
        return schema_check_range_text (key->key, text);
    case VALUE_TEXT:
        if (strlen (text) > key->max)
            return g_strdup_printf ("%s is %zu bytes long; write at most %" G_GUINT64_FORMAT,
                                    key->key, strlen (text), key->max);
        return NULL;
    case VALUE_PATH:
    case VALUE_MACHINE:
        return NULL;
    }
    g_return_val_if_reached (NULL);
}

char *
schema_check_option (const struct option *option, const char *text)
{
    struct schema_key as = { .key = option->key, .type = VALUE_TEXT, .max = 1024 };
    const char *standard = option->value;
    uint64_t number;
    bool on;

    if (option->words != NULL)
        as.type = VALUE_WORD, as.words = option->words;
    else if (standard != NULL && value_switch (standard, &on))
        as.type = VALUE_SWITCH;
    else if (g_strcmp0 (standard, "yes") == 0 || g_strcmp0 (standard, "no") == 0)
        as.type = VALUE_WORD, as.words = "yes no";
    else if (standard != NULL && value_number (standard, &number))
        as.type = VALUE_NUMBER, as.min = option->min, as.max = option->max;
    else if (standard != NULL && value_time (standard, &number))
        as.type = VALUE_TIME, as.max = 0;
    return schema_check (&as, text);
}
