/* command_run_room: the memory file systems of a machine have room for what is put into them. */
#ifndef SIM_COMMAND_RUN_ROOM_H
#define SIM_COMMAND_RUN_ROOM_H

#include "config/config.h"
#include "guest/archive.h"

/* Each is made large enough for its part of the archive, and half of that again to work in, where
 * the machine file does not say how large it is. False, with a message printed: it says, and that
 * is too little. */
bool run_room_make (const Archive *archive, const MachineConfig *config);

#endif
