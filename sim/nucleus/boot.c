/* boot: the beginning of a machine, and its end. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/archive.h"
#include "nucleus/nucleus.h"
#include "servers/text.h"

void
nucleus_halt (uint32_t status, const char *reason)
{
    struct nucleus *n = nucleus ();

    if (n->halt_asked)
        return;
    n->halt_asked  = true;
    n->halt_status = status;
    if (reason[0] == '\0')
        return;
    memset (here->halt_reason, 0, sizeof here->halt_reason);
    memcpy (here->halt_reason, reason, strnlen (reason, sizeof here->halt_reason - 1));
}

static void
append (char *text, size_t room, const char *more)
{
    size_t at = strlen (text);

    while (*more != '\0' && at + 1 < room)
        text[at++] = *more++;
    text[at] = '\0';
}

/* The newest urgent line of the kernel log, without its time: who refuses to start says why
 * there. */
static void
append_last_words (char *text, size_t room)
{
    const char *words = nucleus ()->urgent;
    const char *line  = strstr (words, "] ");

    if (*words == '\0')
        return;
    append (text, room, "; ");
    append (text, room, line != NULL ? line + 2 : words);
}

/* The first lines of the kernel log. Not where the parts live: the log is part of the
 * machine, and the same in every placement. */
static void
boot_banner (void)
{
    char line[160];
    struct text text;

    text_init (&text, line, sizeof line);
    text_append (&text, "Khimera " PACKAGE_VERSION ": ");
    text_number (&text, PLAN->component_count);
    text_append (&text, " components, seed ");
    text_number (&text, PLAN->seed);
    text_append (&text, ", scheduler ");
    text_append (&text, PLAN->scheduler);
    nucleus_print (line, (uint32_t)text.length);
    for (uint32_t id = COMPONENT_USER; id < PLAN->component_count; id++) {
        text_init (&text, line, sizeof line);
        text_append (&text, PLAN->components[id].name);
        text_append (&text, ": ");
        text_append (&text, PLAN->components[id].class_->summary);
        nucleus_print (line, (uint32_t)text.length);
    }
}

/* What a machine has for real programs, and which key says so. */
static void
append_memory (struct text *text)
{
    text_append (text, "; memory = ");
    text_number (text, PLAN->ram_bytes / 1024);
    text_append (text, nucleus_link (INTERFACE_vm) == NULL && PLAN->ram_bytes != 0
                           ? "K in [machine], but no component of class vm is there to give it out"
                           : "K in [machine]: write more, as 64M");
}

void
nucleus_ran_short (void)
{
    struct text text;

    if (nucleus ()->halt_asked || here->halt_reason[0] != '\0')
        return;
    text_init (&text, here->halt_reason, sizeof here->halt_reason - 1);
    text_append (&text, "out of memory: the first program had the most, and was ended");
    append_memory (&text);
    here->halt_reason[text.length] = '\0';
}

/* Why the first program is not there, and what can be done about it. */
static void
boot_complain (enum status status)
{
    bool real = PLAN->ram_bytes == 0 || nucleus_link (INTERFACE_vm) == NULL;
    char reason[sizeof here->halt_reason];
    struct text text;

    text_init (&text, reason, sizeof reason - 1);
    text_append (&text, "the first program, ");
    text_append (&text, (const char *)PLAN->init);
    text_append (&text, ", did not start: ");
    text_append (&text, status_text (status));
    if (status == ERR_NO_MEMORY || (status == ERR_NOT_EXECUTABLE && real))
        append_memory (&text);
    else
        text_append (&text, "; --shell names another one");
    reason[text.length] = '\0';
    nucleus_halt (125, reason);
}

/* Puts the files there that somebody has brought. False: the machine halts. */
static bool
boot_files (void)
{
    struct text text;
    const char *path   = "";
    enum status status = PLAN->archive_bytes != 0 ? archive_unpack (&path) : OK;
    char reason[sizeof here->halt_reason];

    if (status == OK)
        return true;
    text_init (&text, reason, sizeof reason - 1);
    text_append (&text, path);
    text_append (&text, " could not be made: ");
    text_append (&text, status_text (status));
    if (status == ERR_NO_SPACE)
        archive_remedy (&text, path);
    reason[text.length] = '\0';
    nucleus_halt (125, reason);
    return false;
}

void
boot_main (void *argument)
{
    Link *process = nucleus_link (INTERFACE_process);
    struct process_spawn_rep child;
    struct process_spawn_req request = {
        .argument_count    = PLAN->init_arguments,
        .environment_count = PLAN->init_environment,
        .action_offset     = PLAN->init_action_offset,
        .action_count      = PLAN->init_actions,
        .group             = 1,
        .from              = { .data = PLAN->init, .length = PLAN->init_bytes },
    };
    enum status status;
    char reason[sizeof here->halt_reason];

    (void)argument;
    for (uint32_t id = COMPONENT_USER; id < PLAN->component_count; id++) {
        status = gate_upcall (id, UPCALL_START, 0);
        if (status == OK)
            continue;
        reason[0] = '\0';
        append (reason, sizeof reason, PLAN->components[id].name);
        append (reason, sizeof reason, " did not start: ");
        append (reason, sizeof reason, status_text (status));
        append_last_words (reason, sizeof reason);
        nucleus_halt (125, reason);
        return;
    }
    boot_banner ();
    if (!boot_files ())
        return;
    if (process == NULL || PLAN->init_bytes == 0) {
        nucleus_halt (0, "");
        return;
    }
    status = process_spawn (process, &request, &child);
    if (status == OK)
        return;
    boot_complain (status);
}

static _Noreturn void
halt_now (const struct nucleus *n)
{
    here->exit_status = n->halt_status;
    atomic_store (&here->halted, 1);
    for (;;)
        syscall (SYS_exit_group, 0);
}

void
halt_main (void *argument)
{
    struct nucleus *n = nucleus ();

    (void)argument;
    /* What programs have written through memory goes to files: while those can still be written. */
    if (nucleus_link (INTERFACE_vm) != NULL)
        gate_upcall (nucleus_link (INTERFACE_vm)->target, UPCALL_STOP, 0);
    for (uint32_t id = PLAN->component_count - 1; id >= COMPONENT_USER; id--) {
        enum status status = gate_upcall (id, UPCALL_STOP, 0);

        if (status != OK && status != ERR_GONE && n->halt_status == 0) {
            char *reason = here->halt_reason;

            append (reason, sizeof here->halt_reason, PLAN->components[id].name);
            append (reason, sizeof here->halt_reason, " did not stop well: ");
            append (reason, sizeof here->halt_reason, status_text (status));
        }
    }
    halt_now (n);
}

void
halt_without (void)
{
    append (here->halt_reason, sizeof here->halt_reason,
            here->halt_reason[0] != '\0' ? "; a component did not stop"
                                         : "a component did not stop");
    halt_now (nucleus ());
}
