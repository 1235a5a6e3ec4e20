/* crash_report: a crash record as text, in the board. */
#define _GNU_SOURCE
#include "board/crash.h"

#include <elfutils/libdwfl.h>
#include <inttypes.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- names ---- */

const char *
crash_signal_name (int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        { SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" },   { SIGILL, "SIGILL" },
        { SIGFPE, "SIGFPE" },   { SIGABRT, "SIGABRT" }, { SIGSYS, "SIGSYS" },
        { SIGKILL, "SIGKILL" }, { SIGTERM, "SIGTERM" }, { SIGTRAP, "SIGTRAP" },
        { SIGXFSZ, "SIGXFSZ" }, { SIGXCPU, "SIGXCPU" }, { SIGPIPE, "SIGPIPE" },
        { SIGINT, "SIGINT" },   { SIGQUIT, "SIGQUIT" }, { SIGHUP, "SIGHUP" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS (names); i++)
        if (names[i].number == number)
            return names[i].name;
    return "a signal";
}

char *
crash_call_name (uint32_t architecture, int call)
{
    char *name = seccomp_syscall_resolve_num_arch (architecture, call);
    char *copy = name != NULL ? g_strdup (name) : g_strdup_printf ("system call %d", call);

    free (name);
    return copy;
}

/* ---- addresses ---- */

#define KNOWN_MAX 4096u

/* Looks for no separate debugging information: that may mean asking a server. What the image
 * has is in the image. */
static int
find_no_debuginfo (Dwfl_Module *module, void **user_data, const char *module_name, Dwarf_Addr base,
                   const char *file_name, const char *debuglink_file, GElf_Word debuglink_crc,
                   char **debuginfo_file_name)
{
    (void) module, (void) user_data, (void) module_name, (void) base, (void) file_name;
    (void) debuglink_file, (void) debuglink_crc, (void) debuginfo_file_name;
    return -1;
}

/* Reads what there is to know of our own process: every domain has its code at the same
 * addresses. */
static Dwfl *
read_image (void)
{
    static const Dwfl_Callbacks callbacks = {
        .find_elf       = dwfl_linux_proc_find_elf,
        .find_debuginfo = find_no_debuginfo,
    };
    Dwfl *image = dwfl_begin (&callbacks);

    if (image == NULL)
        return NULL;
    if (dwfl_linux_proc_report (image, getpid ()) != 0
        || dwfl_report_end (image, NULL, NULL) != 0) {
        dwfl_end (image);
        return NULL;
    }
    return image;
}

/* Read once: a machine may have thousands of crashes to report. */
static Dwfl *
open_image (void)
{
    static Dwfl *image;

    if (image == NULL)
        image = read_image ();
    return image;
}

/* The source line of an address. The quick way needs an index that not every compiler writes;
 * the other asks each compilation unit. */
static const char *
source_line (Dwfl_Module *module, uint64_t address, int *number)
{
    Dwfl_Line *found = dwfl_module_getsrc (module, address);
    if (found != NULL)
        return dwfl_lineinfo (found, NULL, number, NULL, NULL, NULL);

    Dwarf_Addr bias = 0;
    for (Dwarf_Die *unit = NULL; (unit = dwfl_module_nextcu (module, unit, &bias)) != NULL;) {
        if (dwarf_haspc (unit, address - bias) != 1)
            continue;
        Dwarf_Line *line = dwarf_getsrc_die (unit, address - bias);
        if (line == NULL || dwarf_lineno (line, number) != 0)
            return NULL;
        return dwarf_linesrc (line, NULL, NULL);
    }
    return NULL;
}

/* The last `parts` parts of a path: build directories are of no interest. */
static const char *
path_end (const char *path, unsigned parts)
{
    const char *end = path + strlen (path);

    while (end > path && !(end[-1] == '/' && --parts == 0))
        end--;
    return end;
}

static char *
address_look_up (Dwfl *image, uint64_t address, bool returned_to)
{
    /* The call itself is before the address it returns to, maybe the last of its function. */
    uint64_t within     = returned_to && address > 0 ? address - 1 : address;
    Dwfl_Module *module = image != NULL ? dwfl_addrmodule (image, within) : NULL;

    if (module == NULL)
        return g_strdup_printf ("%#" PRIx64, address);

    GElf_Off offset  = 0;
    GElf_Sym symbol;
    const char *name = dwfl_module_addrinfo (module, within, &offset, &symbol, NULL, NULL, NULL);
    g_autoptr (GString) text = g_string_new (NULL);

    if (name == NULL) {
        const char *file = dwfl_module_info (module, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
        g_string_append_printf (text, "%#" PRIx64, address);
        if (file != NULL)
            g_string_append_printf (text, " in %s", path_end (file, 1));
    } else {
        g_string_append_printf (text, "%s+%#" PRIx64, name,
                                (uint64_t) offset + (address - within));
    }

    int number         = 0;
    const char *source = source_line (module, within, &number);
    if (source != NULL)
        g_string_append_printf (text, " (%s:%d)", path_end (source, 3), number);
    return g_strdup (text->str);
}

/* What has been looked up once is remembered: crashes come from few places, and often. */
static char *
address_text (Dwfl *image, uint64_t address, bool returned_to)
{
    static GHashTable *known[2];
    GHashTable **table = &known[returned_to];
    char *text;

    if (*table == NULL)
        *table = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
    text = g_hash_table_lookup (*table, &address);
    if (text != NULL)
        return g_strdup (text);
    if (g_hash_table_size (*table) >= KNOWN_MAX)
        g_hash_table_remove_all (*table);
    text = address_look_up (image, address, returned_to);
    g_hash_table_insert (*table, g_memdup2 (&address, sizeof address), g_strdup (text));
    return text;
}

char *
crash_address_text (uint64_t address, bool returned_to)
{
    Dwfl *image = open_image ();
    char *text  = address_text (image, address, returned_to);

    return text;
}

/* ---- the report ---- */

static char *
summary (Dwfl *image, const struct crash_record *crash)
{
    g_autofree char *where = address_text (image, crash->instruction, false);

    switch (crash->signal) {
    case SIGSYS: {
        g_autofree char *call = crash_call_name (crash->architecture, crash->call);
        return g_strdup_printf ("SIGSYS: the system call %s is not allowed", call);
    }
    case SIGSEGV:
    case SIGBUS:
        if (crash->code > 0)
            return g_strdup_printf ("%s: cannot touch address %#" PRIx64 " in %s",
                                    crash_signal_name (crash->signal), crash->address, where);
        break;
    default: break;
    }
    return g_strdup_printf ("%s in %s", crash_signal_name (crash->signal), where);
}

char *
crash_summary (const struct crash_record *record)
{
    struct crash_record crash = *record;
    if (crash.signal == 0)
        return g_strdup ("died without a word");

    Dwfl *image = open_image ();
    char *text  = summary (image, &crash);
    return text;
}

void
crash_report (const struct crash_record *record, GString *out)
{
    struct crash_record crash = *record;
    if (crash.signal == 0) {
        g_string_append (out, "died without a word\n");
        return;
    }

    Dwfl *image           = open_image ();
    g_autofree char *line = summary (image, &crash);
    unsigned count        = MIN (crash.frame_count, CRASH_FRAMES);

    g_string_append_printf (out, "%s\n", line);
    if (crash.signal == SIGSYS) {
        g_string_append (out, "    arguments");
        for (unsigned i = 0; i < G_N_ELEMENTS (crash.arguments); i++)
            g_string_append_printf (out, " %#" PRIx64, crash.arguments[i]);
        g_string_append (out, "\n");
    }
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *text = address_text (image, crash.frames[i], i > 0);
        g_string_append_printf (out, "    #%-2u %s\n", i, text);
    }
    if (!crash.complete)
        g_string_append (out, "    (a second crash cut this short)\n");
}
