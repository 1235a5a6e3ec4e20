/* processor: instructions that would show a program the host's clock. They trap, and show the
 * machine's. */
#include "guest/guest.h"
#include "nucleus/nucleus.h"

static void
read_clock (uint64_t *r)
{
    here->token.now++; /* it always moves on */
    r[GUEST_RAX] = here->token.now & UINT32_MAX;
    r[GUEST_RDX] = here->token.now >> 32;
}

bool
guest_emulate (struct guest *guest)
{
    uint64_t *r = guest->registers;
    uint8_t code[3];

    if (space_read (guest->space, r[GUEST_RIP], code, 2) != OK || code[0] != 0x0f)
        return false;
    if (code[1] == 0x31) { /* rdtsc */
        read_clock (r);
    } else if (code[1] == 0x01 && space_read (guest->space, r[GUEST_RIP] + 2, code + 2, 1) == OK
               && code[2] == 0xf9) { /* rdtscp */
        read_clock (r);
        r[GUEST_RCX] = 0;
        r[GUEST_RIP]++;
    } else {
        return false;
    }
    r[GUEST_RIP] += 2;
    return true;
}
