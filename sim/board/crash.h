/* crash: what a dying domain leaves behind, and what the board says about it.
 *
 * The domain's half is a signal handler that may run anywhere, on a stack of its own, under
 * the filter: it fills a record in shared memory and the process dies. It never goes back into
 * the component after a call that was refused. The board's half turns the record into text
 * with names of functions and source lines; it can, because all processes of a machine are
 * forked from one image and so agree about addresses.
 *
 * The record is written by a process that has just failed: to the board it is data, copied
 * once, with no field trusted.
 */
#ifndef SIM_BOARD_CRASH_H
#define SIM_BOARD_CRASH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define CRASH_FRAMES 32

/* Plain data, the same in every process. All zero: nothing has happened. */
struct crash_record {
    uint32_t complete;    /* set last; a record that is not was cut short by a second crash */
    int32_t signal;       /* 0: empty */
    int32_t code;         /* si_code */
    int32_t call;         /* number of the refused system call, for SIGSYS */
    uint32_t architecture; /* whose number that is */
    uint32_t frame_count;
    uint64_t address;     /* that could not be touched, for SIGSEGV and SIGBUS */
    uint64_t instruction; /* where it happened */
    uint64_t stack;       /* the stack pointer there */
    uint64_t arguments[6]; /* of the refused call */
    uint64_t frames[CRASH_FRAMES]; /* innermost first; [0] is `instruction` */
};

/* ---- in the domain ---- */

/* For SEGV, BUS, ILL, FPE, ABRT and SYS. `record` must stay mapped. To be called after
 * sandbox_prepare, which resets signals, and before sandbox_lock: it loads what a backtrace
 * needs. Call it again in each fresh fork. */
bool crash_handlers_install (struct crash_record *record);

/* The first backtrace loads a library and allocates: a third of a millisecond that whoever forks
 * those processes can spend for all of them. */
void crash_load (void);

/* ---- in the board ---- */

/* In one line: "SIGSEGV: cannot touch address 0x10 in ext2_read+0x20 (servers/ext2/file.c:120)",
 * "SIGSYS: the system call openat is not allowed". Free with g_free. */
char *crash_summary (const struct crash_record *record);

/* Appends the summary, then one line for each frame of the backtrace. */
void crash_report (const struct crash_record *record, GString *out);

/* "function+0x12 (file.c:34)", or "0x..." when nothing is known; of our own image and its
 * libraries. `returned_to`: the address is one that a call returns to. Free with g_free. */
char *crash_address_text (uint64_t address, bool returned_to);

/* "SIGSEGV"; never NULL. */
const char *crash_signal_name (int number);

/* The name of a system call; free with g_free. */
char *crash_call_name (uint32_t architecture, int call);

#endif
