/* programs: the built-in programs, one file each; programs.def lists them. */
#ifndef POSIX_PROGRAMS_H
#define POSIX_PROGRAMS_H

#include "personalities/posix/lib/lib.h"

#define PROGRAM(name, help) program_main program_##name;
#include "programs.def"
#undef PROGRAM

#endif
