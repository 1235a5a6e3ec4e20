#include "board/stand.h"

#include "gate/futex.h"
#include "gate/gate.h"

/* How long at a time the board does nothing but wait for the machine to stand. */
#define AWAIT_NS 1000000u

uint64_t
stand_now (void)
{
    return RUNTIME (DOMAIN_KERNEL)->token.now;
}

void
stand_from (uint64_t at)
{
    atomic_store (&PLAN->brake.stand_at, at);
    atomic_fetch_or (&PLAN->brake.on, BRAKE_STAND);
    atomic_fetch_add (&DOOR (DOMAIN_KERNEL)->bell, 1);
    futex_wake (&DOOR (DOMAIN_KERNEL)->bell);
}

void
stand_until (uint64_t at)
{
    if (at != 0)
        stand_from (at);
    else
        atomic_fetch_and (&PLAN->brake.on, ~BRAKE_STAND);
    stand_go_on ();
}

void
stand_go_on (void)
{
    atomic_fetch_add (&PLAN->brake.stand_goes, 1);
    futex_wake (&PLAN->brake.stand_goes);
}

bool
stand_is_wanted (void)
{
    return (atomic_load (&PLAN->brake.on) & BRAKE_STAND) != 0;
}

bool
stand_is_there (void)
{
    return atomic_load (&RUNTIME (DOMAIN_KERNEL)->brake.standing)
           == atomic_load (&PLAN->brake.stand_goes) + 1;
}

void
stand_await (void)
{
    _Atomic uint32_t *standing = &RUNTIME (DOMAIN_KERNEL)->brake.standing;
    uint32_t before            = atomic_load (standing);

    if (stand_is_wanted () && !stand_is_there ())
        futex_wait (standing, before, AWAIT_NS);
}
