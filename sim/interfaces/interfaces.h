/* interfaces: every interface's structs, server table and typed client calls. */
#ifndef SIM_INTERFACES_H
#define SIM_INTERFACES_H

#include "component.h"
#include "interfaces/records.h"

#define INTERFACE kernel
#include "gate/declare.h"
#define INTERFACE umode
#include "gate/declare.h"
#define INTERFACE process
#include "gate/declare.h"
#define INTERFACE file
#include "gate/declare.h"
#define INTERFACE fs
#include "gate/declare.h"
#define INTERFACE block
#include "gate/declare.h"
#define INTERFACE tty
#include "gate/declare.h"
#define INTERFACE clock
#include "gate/declare.h"
#define INTERFACE log
#include "gate/declare.h"
#define INTERFACE rs
#include "gate/declare.h"
#define INTERFACE vm
#include "gate/declare.h"

#endif
