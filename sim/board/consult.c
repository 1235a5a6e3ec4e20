#include "board/consult.h"

#include <string.h>
#include <sys/wait.h>

#include "board/board.h"
#include "gate/desk.h"
#include "gate/futex.h"
#include "gate/gate.h"
#include "gate/journal.h"
#include "host_time.h"

/* The machine mostly stands still while rs thinks; a host under load may let it wait. */
#define PATIENCE_NS 500000000u
/* How soon it is seen that rs has died of the question. */
#define TURN_NS 250000u
/* No policy may stop the clock for longer. */
#define DELAY_MAX_NS (3600ull * 1000000000u)

/* Is rs there to be asked? Not while its domain is being put back. */
static bool
is_there (uint32_t domain, const pid_t *processes)
{
    uint32_t host;

    if (PLAN->rs == 0)
        return false;
    host = PLAN->components[PLAN->rs].domain;
    return host != domain && processes[host] != 0
           && (!PLAN->domains[host].journal || atomic_load (&JOURNAL (host)->stands));
}

/* It may die of the question: its process is a child of ours that nobody has waited for yet. */
static bool
is_dead (pid_t process)
{
    siginfo_t info = { 0 };

    return waitid (P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) != 0
           || info.si_pid != 0;
}

static bool
ask (const pid_t *processes)
{
    pid_t process   = processes[PLAN->components[PLAN->rs].domain];
    uint32_t asked  = atomic_load (&DESK->asked) + 1;
    uint64_t until  = host_ns () + PATIENCE_NS;
    uint32_t answered;

    DESK->ask.number = asked;
    atomic_store (&DESK->asked, asked);
    board_ring (PLAN->components[PLAN->rs].domain);
    while ((answered = atomic_load (&DESK->answered)) != asked && host_ns () < until
           && !is_dead (process))
        futex_wait (&DESK->answered, answered, TURN_NS);
    return answered == asked;
}

bool
consult_report (uint32_t domain, const pid_t *processes, const struct rs_report_req *report,
                struct rs_report_rep *decision)
{
    struct rs_report_rep said;

    if (!is_there (domain, processes))
        return false;
    DESK->ask = (struct desk_ask){ .what = DESK_REPORT, .report = *report };
    if (!ask (processes))
        return false;
    said = DESK->decision;
    if (said.action >= RS_ACTIONS || said.delay_ns > DELAY_MAX_NS)
        return false;
    *decision = said;
    return true;
}

void
consult_done (uint32_t domain, const pid_t *processes, enum rs_action action)
{
    if (!is_there (domain, processes))
        return;
    DESK->ask = (struct desk_ask){ .what = DESK_DONE, .done = { .action = action } };
    memcpy (DESK->ask.done.domain, PLAN->domains[domain].name, sizeof DESK->ask.done.domain);
    ask (processes);
}
