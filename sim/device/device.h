/* device: what drivers, the board and the hardware models agree on.
 *
 * A device is a piece of memory (struct disk, struct terminal) that the board lays out, in
 * the board and in the domain of the device's driver, at one address. The code in this
 * folder is the hardware: a driver calls it as others write to a port. It runs in the
 * driver's domain, behind its sandbox, and keeps everything it knows in the device's
 * memory, so that it survives the driver. Host calls it makes: pread64 and pwrite64 on
 * DEVICE_DISK_FD + the disk's number, write on DEVICE_TERMINAL_FD, sched_yield.
 */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

/* Descriptors of a driver's domain. */
#define DEVICE_TERMINAL_FD 10
#define DEVICE_DISK_FD     16 /* of disk 0; disk n has the n-th after it */

#define DEVICE_PAGE_BYTES 4096u

#endif
