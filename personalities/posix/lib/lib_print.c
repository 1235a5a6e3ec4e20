/* lib_print: formatted printing to descriptors, messages, and memory that cannot fail.
 *
 * Keeps nothing: a buffer is on its caller's stack for as long as the caller prints.
 */
#include "lib.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The texts of the C locale. */
static const struct {
    int number;
    const char *text;
} error_texts[] = {
    { EPERM, "Operation not permitted" },
    { ENOENT, "No such file or directory" },
    { ESRCH, "No such process" },
    { EINTR, "Interrupted system call" },
    { EIO, "Input/output error" },
    { ENXIO, "No such device or address" },
    { E2BIG, "Argument list too long" },
    { ENOEXEC, "Exec format error" },
    { EBADF, "Bad file descriptor" },
    { ECHILD, "No child processes" },
    { EAGAIN, "Resource temporarily unavailable" },
    { ENOMEM, "Cannot allocate memory" },
    { EACCES, "Permission denied" },
    { EFAULT, "Bad address" },
    { ENOTBLK, "Block device required" },
    { EBUSY, "Device or resource busy" },
    { EEXIST, "File exists" },
    { EXDEV, "Invalid cross-device link" },
    { ENODEV, "No such device" },
    { ENOTDIR, "Not a directory" },
    { EISDIR, "Is a directory" },
    { EINVAL, "Invalid argument" },
    { ENFILE, "Too many open files in system" },
    { EMFILE, "Too many open files" },
    { ENOTTY, "Inappropriate ioctl for device" },
    { ETXTBSY, "Text file busy" },
    { EFBIG, "File too large" },
    { ENOSPC, "No space left on device" },
    { ESPIPE, "Illegal seek" },
    { EROFS, "Read-only file system" },
    { EMLINK, "Too many links" },
    { EPIPE, "Broken pipe" },
    { EDOM, "Numerical argument out of domain" },
    { ERANGE, "Numerical result out of range" },
    { ENAMETOOLONG, "File name too long" },
    { ENOSYS, "Function not implemented" },
    { ENOTEMPTY, "Directory not empty" },
    { ELOOP, "Too many levels of symbolic links" },
    { EOVERFLOW, "Value too large for defined data type" },
    { EOPNOTSUPP, "Operation not supported" },
    { ETIMEDOUT, "Connection timed out" },
    { ESTALE, "Stale file handle" },
};

const char *
lib_error_text (long error)
{
    if (error < 0)
        error = -error;
    for (size_t i = 0; i < sizeof error_texts / sizeof *error_texts; i++)
        if (error_texts[i].number == error)
            return error_texts[i].text;
    return "Unknown error";
}

long
lib_write (int fd, const void *data, size_t bytes)
{
    const char *from = data;

    while (bytes > 0) {
        long done = posix_write (fd, from, bytes);
        if (done == -EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? done : -EIO;
        from += done;
        bytes -= (size_t)done;
    }
    return 0;
}

/* ---- output ---- */

void
lib_output_init (struct output *output, int fd)
{
    output->fd = fd;
    output->failed = 0;
    output->used = 0;
}

void
lib_output_flush (struct output *output)
{
    if (output->used > 0 && output->failed == 0) {
        long status = lib_write (output->fd, output->data, output->used);
        if (status < 0)
            output->failed = (int)-status;
    }
    output->used = 0;
}

void
lib_output_write (struct output *output, const void *data, size_t bytes)
{
    const char *from = data;

    if (bytes >= sizeof output->data) { /* too long to be worth gathering */
        lib_output_flush (output);
        if (output->failed == 0) {
            long status = lib_write (output->fd, data, bytes);
            if (status < 0)
                output->failed = (int)-status;
        }
        return;
    }
    if (bytes > sizeof output->data - output->used)
        lib_output_flush (output);
    memcpy (output->data + output->used, from, bytes);
    output->used += (uint32_t)bytes;
}

void
lib_output_text (struct output *output, const char *text)
{
    lib_output_write (output, text, strlen (text));
}

void
lib_output_char (struct output *output, char c)
{
    lib_output_write (output, &c, 1);
}

void
lib_output_print (struct output *output, const char *format, ...)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        size_t room = sizeof output->data - output->used;
        va_list arguments;
        va_start (arguments, format);
        int length = vsnprintf (output->data + output->used, room, format, arguments);
        va_end (arguments);
        if (length < 0)
            return;
        if ((size_t)length < room) {
            output->used += (uint32_t)length;
            return;
        }
        if (attempt == 0)
            lib_output_flush (output);
        else { /* longer than the buffer */
            char *text = lib_alloc ((size_t)length + 1);
            va_start (arguments, format);
            vsnprintf (text, (size_t)length + 1, format, arguments);
            va_end (arguments);
            lib_output_write (output, text, (size_t)length);
            program_free (text);
        }
    }
}

int
lib_output_end (struct output *output, const char *program)
{
    lib_output_flush (output);
    if (output->failed == 0)
        return 0;
    lib_error (program, "write error: %s", lib_error_text (output->failed));
    return 1;
}

/* ---- at once ---- */

static void
print_line (int fd, const char *prefix, const char *end, const char *format,
            va_list arguments)
{
    char text[1000];
    size_t used = 0;

    if (prefix != NULL)
        used = (size_t)snprintf (text, sizeof text / 2, "%s: ", prefix);
    if (used >= sizeof text / 2)
        used = sizeof text / 2 - 1;
    int length = vsnprintf (text + used, sizeof text - used - 1, format, arguments);
    if (length < 0)
        return;
    used += (size_t)length;
    if (used > sizeof text - 2)
        used = sizeof text - 2;
    if (*end != '\0')
        text[used++] = *end;
    lib_write (fd, text, used);
}

void
lib_print (int fd, const char *format, ...)
{
    va_list arguments;

    va_start (arguments, format);
    print_line (fd, NULL, "", format, arguments);
    va_end (arguments);
}

void
lib_error (const char *program, const char *format, ...)
{
    va_list arguments;

    va_start (arguments, format);
    print_line (2, program, "\n", format, arguments);
    va_end (arguments);
}

void
lib_error_number (const char *program, const char *what, long error)
{
    lib_error (program, "%s: %s", what, lib_error_text (error));
}

/* ---- memory ---- */

void *
lib_alloc (size_t bytes)
{
    void *memory = program_alloc (bytes > 0 ? bytes : 1);

    if (memory == NULL) {
        lib_print (2, "out of memory\n");
        posix_exit (1);
    }
    return memory;
}

void *
lib_grow (void *memory, size_t old_bytes, size_t new_bytes)
{
    if (memory == NULL)
        return lib_alloc (new_bytes);
    memory = program_grow (memory, old_bytes, new_bytes);
    if (memory == NULL) {
        lib_print (2, "out of memory\n");
        posix_exit (1);
    }
    return memory;
}

char *
lib_copy_bytes (const char *text, size_t bytes)
{
    char *copy = lib_alloc (bytes + 1);

    memcpy (copy, text, bytes);
    copy[bytes] = '\0';
    return copy;
}

char *
lib_copy (const char *text)
{
    return lib_copy_bytes (text, strlen (text));
}
