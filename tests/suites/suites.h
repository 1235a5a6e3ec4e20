/* suites: the table of what is tried out, and the classes that only these tests have. */
#ifndef TESTS_SUITES_SUITES_H
#define TESTS_SUITES_SUITES_H

#include "probe.h"

/* NULL: there is none of that name. */
const struct suite *suite_find (const char *name);

extern const struct suite block_suite, clock_suite, file_suite, file_event_suite, fs_suite,
    fs_dev_suite, fs_proc_suite, gate_suite, gate_lie_suite, gate_task_suite, kernel_suite,
    log_suite, process_suite, tty_suite, umode_suite, vm_suite;

extern const struct component_class probe_block_class, probe_clock_class, probe_file_class,
    probe_fs_class, probe_gate_class, probe_gate_task_class, probe_kernel_class,
    probe_log_class, probe_process_class, probe_tty_class, probe_umode_class, probe_vm_class;

/* Providers that answer in odd ways; odd.c says how. */
extern const struct component_class odd_class, relay_class;

#endif
