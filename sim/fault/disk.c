/* disk: the rules that a disk's commands come by. */
#include <unistd.h>

#include "device/disk.h"
#include "fault/fault.h"
#include "gate/futex.h"
#include "interfaces/interfaces.h"

/* How long who waits for the power cut sleeps at a time. */
#define WAIT_NS 100000000u

struct disk_strike {
    const struct disk_command *command;
    enum fault_kind kind;
    uint64_t draw;
};

static bool
only_writes (enum fault_kind kind)
{
    return kind == FAULT_LOST_WRITE || kind == FAULT_TORN_WRITE || kind == FAULT_POWER_CUT;
}

/* Is this a command that the rule is about? What is not does not count. */
static bool
concerns (const struct fault_rule *rule, const void *data)
{
    const struct disk_strike *strike   = data;
    const struct disk_command *command = strike->command;

    if (command->operation == DISK_FLUSH)
        return rule->kind == FAULT_DISK_ERROR && rule->last == UINT64_MAX;
    if (only_writes (rule->kind) && command->operation != DISK_WRITE)
        return false;
    return command->count != 0 && command->sector <= rule->last
           && command->sector + command->count > rule->first;
}

static bool
strike_disk (const struct fault_rule *rule, struct fault_record *record, void *data)
{
    struct disk_strike *strike = data;

    strike->kind = rule->kind;
    strike->draw = fault_draw (rule, record->seen.count);
    return true;
}

static uint32_t
driver_of (const struct disk *disk)
{
    for (uint32_t i = 0; i < PLAN->device_count; i++)
        if (ADDRESS_DEVICE (i) == (uintptr_t)disk)
            return PLAN->devices[i].driver;
    return COMPONENT_NUCLEUS;
}

enum fault_kind
fault_disk (const struct disk *disk, const struct disk_command *command, uint64_t *draw)
{
    static const uint16_t operations[] = {
        [DISK_READ] = block_OP_read, [DISK_WRITE] = block_OP_write, [DISK_FLUSH] = block_OP_flush
    };
    struct disk_strike strike  = { .command = command, .kind = FAULT_KINDS };
    struct fault_chance chance = { .self      = COMPONENT (driver_of (disk)),
                                   .place     = FAULT_AT_DISK,
                                   .interface = INTERFACE_block,
                                   .operation = operations[command->operation],
                                   .concerns  = concerns,
                                   .strike    = strike_disk,
                                   .data      = &strike };

    fault_look (&chance);
    *draw = strike.draw;
    return strike.kind;
}

_Noreturn void
fault_power_cut (void)
{
    for (;;)
        futex_wait (&PLAN->go, 1, WAIT_NS);
}
