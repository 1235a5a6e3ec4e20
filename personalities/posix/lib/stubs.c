/* stubs: the programs' side of the calls: arguments into registers, trap, result.
 *
 * One line each, in the order of calls.def: a pointer and a number are both 64 bits to the
 * kernel.
 */
#include "personalities/posix/lib/posix.h"
#include "user/user.h"

static inline long
trap (uint32_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    const uint64_t argument[6] = { a, b, c, d };

    return (long)user_trap (number, argument);
}

#define P(pointer) ((uint64_t)(uintptr_t)(pointer))
#define N(number)  ((uint64_t)(int64_t)(number))

/* clang-format off */
long posix_exit (int status)
{ return trap (POSIX_CALL_exit, N (status), 0, 0, 0); }
long posix_getpid (void)
{ return trap (POSIX_CALL_getpid, 0, 0, 0, 0); }
long posix_getppid (void)
{ return trap (POSIX_CALL_getppid, 0, 0, 0, 0); }
long posix_getuid (void)
{ return trap (POSIX_CALL_getuid, 0, 0, 0, 0); }
long posix_getgid (void)
{ return trap (POSIX_CALL_getgid, 0, 0, 0, 0); }
long posix_setuid (int uid)
{ return trap (POSIX_CALL_setuid, N (uid), 0, 0, 0); }
long posix_setgid (int gid)
{ return trap (POSIX_CALL_setgid, N (gid), 0, 0, 0); }
long posix_getpgrp (void)
{ return trap (POSIX_CALL_getpgrp, 0, 0, 0, 0); }
long posix_setpgid (int pid, int group)
{ return trap (POSIX_CALL_setpgid, N (pid), N (group), 0, 0); }
long posix_spawn (const struct posix_spawn *request)
{ return trap (POSIX_CALL_spawn, P (request), 0, 0, 0); }
long posix_wait (int pid, int *status, int flags)
{ return trap (POSIX_CALL_wait, N (pid), P (status), N (flags), 0); }
long posix_kill (int pid, int signal)
{ return trap (POSIX_CALL_kill, N (pid), N (signal), 0, 0); }
long posix_ignore (uint64_t signals)
{ return trap (POSIX_CALL_ignore, N (signals), 0, 0, 0); }
long posix_open (const char *path, int flags, int mode)
{ return trap (POSIX_CALL_open, P (path), N (flags), N (mode), 0); }
long posix_close (int fd)
{ return trap (POSIX_CALL_close, N (fd), 0, 0, 0); }
long posix_read (int fd, void *buffer, size_t bytes)
{ return trap (POSIX_CALL_read, N (fd), P (buffer), N (bytes), 0); }
long posix_write (int fd, const void *buffer, size_t bytes)
{ return trap (POSIX_CALL_write, N (fd), P (buffer), N (bytes), 0); }
long posix_pread (int fd, void *buffer, size_t bytes, int64_t offset)
{ return trap (POSIX_CALL_pread, N (fd), P (buffer), N (bytes), N (offset)); }
long posix_pwrite (int fd, const void *buffer, size_t bytes, int64_t offset)
{ return trap (POSIX_CALL_pwrite, N (fd), P (buffer), N (bytes), N (offset)); }
long posix_lseek (int fd, int64_t offset, int whence)
{ return trap (POSIX_CALL_lseek, N (fd), N (offset), N (whence), 0); }
long posix_dup (int fd)
{ return trap (POSIX_CALL_dup, N (fd), 0, 0, 0); }
long posix_dup2 (int fd, int to)
{ return trap (POSIX_CALL_dup2, N (fd), N (to), 0, 0); }
long posix_pipe (int *fds, int flags)
{ return trap (POSIX_CALL_pipe, P (fds), N (flags), 0, 0); }
long posix_stat (const char *path, struct file_attr *attr)
{ return trap (POSIX_CALL_stat, P (path), P (attr), 0, 0); }
long posix_lstat (const char *path, struct file_attr *attr)
{ return trap (POSIX_CALL_lstat, P (path), P (attr), 0, 0); }
long posix_fstat (int fd, struct file_attr *attr)
{ return trap (POSIX_CALL_fstat, N (fd), P (attr), 0, 0); }
long posix_access (const char *path, int mode)
{ return trap (POSIX_CALL_access, P (path), N (mode), 0, 0); }
long posix_getdents (int fd, void *buffer, size_t bytes)
{ return trap (POSIX_CALL_getdents, N (fd), P (buffer), N (bytes), 0); }
long posix_mkdir (const char *path, int mode)
{ return trap (POSIX_CALL_mkdir, P (path), N (mode), 0, 0); }
long posix_mknod (const char *path, int type, int mode, int device)
{ return trap (POSIX_CALL_mknod, P (path), N (type), N (mode), N (device)); }
long posix_rmdir (const char *path)
{ return trap (POSIX_CALL_rmdir, P (path), 0, 0, 0); }
long posix_unlink (const char *path)
{ return trap (POSIX_CALL_unlink, P (path), 0, 0, 0); }
long posix_link (const char *existing, const char *path)
{ return trap (POSIX_CALL_link, P (existing), P (path), 0, 0); }
long posix_symlink (const char *contents, const char *path)
{ return trap (POSIX_CALL_symlink, P (contents), P (path), 0, 0); }
long posix_readlink (const char *path, char *buffer, size_t bytes)
{ return trap (POSIX_CALL_readlink, P (path), P (buffer), N (bytes), 0); }
long posix_rename (const char *from, const char *to)
{ return trap (POSIX_CALL_rename, P (from), P (to), 0, 0); }
long posix_chmod (const char *path, int mode)
{ return trap (POSIX_CALL_chmod, P (path), N (mode), 0, 0); }
long posix_chown (const char *path, int uid, int gid)
{ return trap (POSIX_CALL_chown, P (path), N (uid), N (gid), 0); }
long posix_truncate (const char *path, int64_t size)
{ return trap (POSIX_CALL_truncate, P (path), N (size), 0, 0); }
long posix_ftruncate (int fd, int64_t size)
{ return trap (POSIX_CALL_ftruncate, N (fd), N (size), 0, 0); }
long posix_utime (const char *path, int64_t atime, int64_t mtime)
{ return trap (POSIX_CALL_utime, P (path), N (atime), N (mtime), 0); }
long posix_chdir (const char *path)
{ return trap (POSIX_CALL_chdir, P (path), 0, 0, 0); }
long posix_getcwd (char *buffer, size_t bytes)
{ return trap (POSIX_CALL_getcwd, P (buffer), N (bytes), 0, 0); }
long posix_umask (int mask)
{ return trap (POSIX_CALL_umask, N (mask), 0, 0, 0); }
long posix_fcntl_get (int fd)
{ return trap (POSIX_CALL_fcntl_get, N (fd), 0, 0, 0); }
long posix_fcntl_set (int fd, int flags)
{ return trap (POSIX_CALL_fcntl_set, N (fd), N (flags), 0, 0); }
long posix_statfs (const char *path, struct posix_statfs *info)
{ return trap (POSIX_CALL_statfs, P (path), P (info), 0, 0); }
long posix_mount (const char *source, const char *target, const char *type, int read_only)
{ return trap (POSIX_CALL_mount, P (source), P (target), P (type), N (read_only)); }
long posix_umount (const char *target)
{ return trap (POSIX_CALL_umount, P (target), 0, 0, 0); }
long posix_sync (void)
{ return trap (POSIX_CALL_sync, 0, 0, 0, 0); }
long posix_fsync (int fd)
{ return trap (POSIX_CALL_fsync, N (fd), 0, 0, 0); }
long posix_tcgetattr (int fd, struct tty_attr *attr)
{ return trap (POSIX_CALL_tcgetattr, N (fd), P (attr), 0, 0); }
long posix_tcsetattr (int fd, const struct tty_attr *attr)
{ return trap (POSIX_CALL_tcsetattr, N (fd), P (attr), 0, 0); }
long posix_tcgetpgrp (int fd)
{ return trap (POSIX_CALL_tcgetpgrp, N (fd), 0, 0, 0); }
long posix_tcsetpgrp (int fd, int group)
{ return trap (POSIX_CALL_tcsetpgrp, N (fd), N (group), 0, 0); }
long posix_nanosleep (uint64_t nanoseconds)
{ return trap (POSIX_CALL_nanosleep, N (nanoseconds), 0, 0, 0); }
long posix_alarm (uint64_t nanoseconds)
{ return trap (POSIX_CALL_alarm, N (nanoseconds), 0, 0, 0); }
long posix_clock (uint64_t *uptime_ns, uint64_t *time_ns)
{ return trap (POSIX_CALL_clock, P (uptime_ns), P (time_ns), 0, 0); }
long posix_times (uint64_t *self_ns, uint64_t *children_ns)
{ return trap (POSIX_CALL_times, P (self_ns), P (children_ns), 0, 0); }
long posix_dmesg (uint64_t *cursor, char *buffer, size_t bytes)
{ return trap (POSIX_CALL_dmesg, P (cursor), P (buffer), N (bytes), 0); }
long posix_uname (struct posix_uname *name)
{ return trap (POSIX_CALL_uname, P (name), 0, 0, 0); }
long posix_yield (void)
{ return trap (POSIX_CALL_yield, 0, 0, 0, 0); }
long posix_ram_map (uint64_t bytes, uint64_t *address)
{ return trap (POSIX_CALL_ram_map, N (bytes), P (address), 0, 0); }
long posix_ram_read (uint64_t address, void *buffer, size_t bytes)
{ return trap (POSIX_CALL_ram_read, N (address), P (buffer), N (bytes), 0); }
long posix_ram_write (uint64_t address, const void *buffer, size_t bytes)
{ return trap (POSIX_CALL_ram_write, N (address), P (buffer), N (bytes), 0); }
long posix_refer (const char *policy, uint32_t frames, const uint32_t *pages, size_t count)
{ return trap (POSIX_CALL_refer, P (policy), N (frames), P (pages), N (count)); }
