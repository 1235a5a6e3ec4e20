/* command_ctl: the list of what can be said to a running machine, for help and the manual. */
#ifndef SIM_COMMAND_CTL_H
#define SIM_COMMAND_CTL_H

#include <stdbool.h>

void control_help_print (bool man);

#endif
