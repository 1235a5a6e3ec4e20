/* processor: instructions that would show a program the host's clock or its processor. They trap,
 * where the host can have them trap, and show the machine's. */
#include <string.h>

#include "guest/guest.h"
#include "nucleus/nucleus.h"

/* ---- the clock ---- */

static void
read_clock (uint64_t *r)
{
    here->token.now++; /* it always moves on */
    r[GUEST_RAX] = here->token.now & UINT32_MAX;
    r[GUEST_RDX] = here->token.now >> 32;
}

/* ---- which processor it is ---- */

/* The same on every host: what every x86-64 has, and no more. A program that believes it executes
 * no instruction of which not all hosts have the same answer. C libraries go by what they are told
 * only if they know the vendor, so it is the first such processor's; of caches it has 64 KiB, 512 KiB,
 * and 8 MiB. */
struct leaf {
    uint32_t number, eax, ebx, ecx, edx;
};

enum {
    /* fpu, tsc, cx8, cmov, clflush, mmx, fxsr, sse, sse2 */
    FEATURES = 1 << 0 | 1 << 4 | 1 << 8 | 1 << 15 | 1 << 19 | 1 << 23 | 1 << 24 | 1 << 25 | 1 << 26,
    /* syscall, nx, long mode */
    EXTENDED = 1 << 11 | 1 << 20 | 1 << 29,
    FAMILY   = 0xf00,
    LINE     = 8 << 8 | 1 << 16 /* clflush: 64 bytes; one processor, number 0 */
};

static const struct leaf leaves[] = {
    { 0, 1, 0x68747541, 0x444d4163, 0x69746e65 }, /* "AuthenticAMD" */
    { 1, FAMILY, LINE, 0, FEATURES },
    { 0x80000000, 0x80000006, 0, 0, 0 },
    { 0x80000001, 0, 0, 0, EXTENDED },
    { 0x80000002, 0x6d69684b, 0x20617265, 0x74726976, 0x206c6175 }, /* "Khimera virtual " */
    { 0x80000003, 0x636f7270, 0x6f737365, 0x72, 0 },                /* "processor" */
    { 0x80000004, 0, 0, 0, 0 },
    { 0x80000005, 0, 0, 64 << 24 | 2 << 16 | 1 << 8 | 64, 64 << 24 | 2 << 16 | 1 << 8 | 64 },
    { 0x80000006, 0, 0, 512 << 16 | 8 << 12 | 1 << 8 | 64, 16 << 18 | 8 << 12 | 1 << 8 | 64 },
};

static void
identify (uint64_t *r)
{
    static const struct leaf nothing;
    const struct leaf *leaf = &nothing;

    for (unsigned i = 0; i < sizeof leaves / sizeof *leaves; i++)
        if (leaves[i].number == (uint32_t)r[GUEST_RAX])
            leaf = &leaves[i];
    r[GUEST_RAX] = leaf->eax;
    r[GUEST_RBX] = leaf->ebx;
    r[GUEST_RCX] = leaf->ecx;
    r[GUEST_RDX] = leaf->edx;
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
    } else if (code[1] == 0xa2) { /* cpuid; it takes no time, for not every host lets us know of it */
        identify (r);
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
