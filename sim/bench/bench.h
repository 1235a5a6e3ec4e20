/* bench: what a machine's mechanisms cost on this host, beside what the host's own cost.
 *
 * A row is one thing that is timed. All rows are measured once in each round, one after the
 * other, and compared with the anchors of the same round: a host that is slow for a while is
 * slow for both. A measurement is many short slices, of which the median counts, so that what
 * else the host does now and then is left out.
 *
 * Nothing here is part of a machine; it may ask for the host's time.
 */
#ifndef SIM_BENCH_H
#define SIM_BENCH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define BENCH_SLICES_MAX 64u

struct bench {
    unsigned slices; /* of each measurement */
    int cpu;         /* where everything runs that runs on one CPU */
    int other_cpu;   /* -1: there is only one */
};

/* What a row is compared with; each is a row itself. */
enum bench_anchor {
    ANCHOR_NONE,
    ANCHOR_F, /* a call through a function pointer */
    ANCHOR_G, /* getpid of the host */
    ANCHOR_L, /* a cache line to another CPU, and one back */
    ANCHOR_P, /* a byte through a pipe and back, on one CPU */
    ANCHOR_S, /* swapcontext */
    ANCHOR_COUNT
};

enum bench_target {
    TARGET_NONE,
    TARGET_RATIO, /* at most so many of the anchor */
    TARGET_WORST, /* likewise, in every round */
    TARGET_NS,    /* at most so long */
    TARGET_RATE,  /* at least so many a second */
};

struct bench_row {
    const char *key;  /* in JSON */
    const char *name; /* for people */
    /* Nanoseconds for one turn. False: it cannot be measured here. */
    bool (*measure) (const struct bench *bench, double *ns, GError **error);
    enum bench_anchor is;
    enum bench_anchor against;
    enum bench_target target;
    double bound; /* of the target's kind */
};

/* In the order in which they are measured and printed: rows.c. */
extern const struct bench_row bench_rows[];
extern const unsigned bench_row_count;

bool bench_function_call (const struct bench *bench, double *ns, GError **error);
bool bench_host_getpid (const struct bench *bench, double *ns, GError **error);
bool bench_lines (const struct bench *bench, double *ns, GError **error);
bool bench_one_line (const struct bench *bench, double *ns, GError **error);
bool bench_pipe (const struct bench *bench, double *ns, GError **error);
bool bench_swapcontext (const struct bench *bench, double *ns, GError **error);
bool bench_trap (const struct bench *bench, double *ns, GError **error);
bool bench_yield (const struct bench *bench, double *ns, GError **error);
bool bench_fiber_switch (const struct bench *bench, double *ns, GError **error);
bool bench_direct_call_armed (const struct bench *bench, double *ns, GError **error);
bool bench_faults_off (const struct bench *bench, double *ns, GError **error);
bool bench_direct_call (const struct bench *bench, double *ns, GError **error);
bool bench_getpid_one_domain (const struct bench *bench, double *ns, GError **error);
bool bench_getpid_pm_apart (const struct bench *bench, double *ns, GError **error);
bool bench_getpid_microkernel (const struct bench *bench, double *ns, GError **error);
bool bench_event_core (const struct bench *bench, double *ns, GError **error);
bool bench_channel_two_cpus (const struct bench *bench, double *ns, GError **error);
bool bench_channel_one_cpu (const struct bench *bench, double *ns, GError **error);
bool bench_channel_free (const struct bench *bench, double *ns, GError **error);
bool bench_channel_page (const struct bench *bench, double *ns, GError **error);
bool bench_guest_call (const struct bench *bench, double *ns, GError **error);
bool bench_guest_read (const struct bench *bench, double *ns, GError **error);
bool bench_guest_fault (const struct bench *bench, double *ns, GError **error);
bool bench_guest_page_back (const struct bench *bench, double *ns, GError **error);
bool bench_guest_fault_again (const struct bench *bench, double *ns, GError **error);
bool bench_guest_pages (const struct bench *bench, double *ns, GError **error);
bool bench_guest_fault_microkernel (const struct bench *bench, double *ns, GError **error);
bool bench_shell_fork (const struct bench *bench, double *ns, GError **error);
bool bench_shell_prompt (const struct bench *bench, double *ns, GError **error);
bool bench_shell_start (const struct bench *bench, double *ns, GError **error);
bool bench_boot (const struct bench *bench, double *ns, GError **error);

/* ---- measuring: measure.c ---- */

uint64_t bench_now_ns (void);
/* Processor time of this process, of all that it has seen end, and of those of its descendants
 * that live. */
double bench_used_ns (void);

/* Times `slices` runs of work (argument, turns): nanoseconds for a turn, the median of the
 * slices. One slice before them is not counted. Allocates nothing. */
typedef void bench_work (void *argument, uint64_t turns);
double bench_slices (unsigned slices, bench_work *work, void *argument, uint64_t turns);

/* The middle one, or the mean of both in the middle; sorts. */
double bench_median (double *values, unsigned count);

/* Puts this process on one CPU; -1 lets it run on all that the bench may use. */
void bench_pin (const struct bench *bench, int cpu);

/* ---- other processes: pair.c ---- */

/* Memory that this process and all that it forks share, zeroed by bench_pair_run. */
struct bench_shared {
    double result; /* 0: none */
    char why[128]; /* there is none */
    _Alignas (256) _Atomic uint32_t there; /* the client's line */
    _Alignas (256) _Atomic uint32_t back;  /* the server's */
};
struct bench_shared *bench_shared (void);

/* Two processes that answer each other. The client leaves its result in bench_shared () and
 * returns; the server is ended then. -1 as a CPU: wherever the host likes. */
struct bench_pair {
    void (*client) (const struct bench *bench, void *argument);
    void (*server) (const struct bench *bench, void *argument);
    void *argument;
    int client_cpu, server_cpu;
};
bool bench_pair_run (const struct bench *bench, const struct bench_pair *pair, double *ns,
                     GError **error);

/* ---- machines: machine.c ---- */

/* Boots a machine with a first program, and stays until it has halted. */
bool bench_machine_run (const char *machine, const char *const *assignments,
                        const char *const *arguments, GError **error);
/* The same with files made at the boot (guest/archive.h); NULL: none. */
bool bench_machine_boot (const char *machine, const char *const *assignments,
                         const char *const *arguments, const GByteArray *archive,
                         GError **error);
/* The same, with a call to `spoke` when it first writes something; what it writes is not seen. */
bool bench_machine_speak (const char *machine, const char *const *arguments,
                          const GByteArray *archive, void (*spoke) (void *data), void *data,
                          GError **error);

/* The same, and the first program is `work` in slices, in the programs' domain. */
bool bench_machine_work (const struct bench *bench, const char *machine,
                         const char *const *assignments, bench_work *work, uint64_t turns,
                         double *ns, GError **error);

#define BENCH_ERROR bench_error_quark ()
GQuark bench_error_quark (void);

/* ---- all of it: rounds.c; what it says: report.c ---- */

struct bench_result {
    unsigned rounds;   /* that count */
    unsigned discarded; /* measured before them, while the host was unsteady */
    bool steady;       /* F and P moved by at most a quarter from the first round to the last */
    double drift;      /* how much the one that moved more did: 0.1 is 10 % */
    double *values;    /* [row * rounds + round]; NAN: not measured */
    char **why;        /* by row: why it was not measured, or NULL */
};

void bench_run (const struct bench *bench, unsigned rounds, struct bench_result *result);
void bench_result_clear (struct bench_result *result);

void bench_print (const struct bench *bench, const struct bench_result *result);
bool bench_print_json (const struct bench *bench, const struct bench_result *result);

#endif
