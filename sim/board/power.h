/* power: what a power cut does to a machine's disks. */
#ifndef SIM_POWER_H
#define SIM_POWER_H

#include "board/build.h"

/* Every process of the machine is dead. Each disk loses what it had not flushed, and may tear
 * the sector it was at. That is done by a process locked as the disk's driver was: what it
 * works on was written by that driver, which may have been hostile. */
void power_cut (Machine *machine);

#endif
