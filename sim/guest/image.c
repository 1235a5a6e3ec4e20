/* image: files that programs are loaded from, or that they map.
 *
 * Their pages are vm's business. The kernel opens the file for vm, under its own name in the
 * file server, so that a removed name or a closed descriptor does not matter; vm says when to
 * close it.
 */
#include <string.h>

#include "guest/guest.h"
#include "interfaces/interfaces.h"
#include "nucleus/nucleus.h"

/* The kernel itself, as the file server knows it. */
#define KERNEL_PROCESS 0u

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

static enum status
image_close (int32_t fd)
{
    struct file_close_req close = { .process = KERNEL_PROCESS, .fd = fd };
    struct file_close_rep closed;

    return file_close (nucleus_link (INTERFACE_file), &close, &closed);
}

/* ---- what vm may name ---- */

/* Makes room in the table up to this number. */
static bool
lent_grow (struct guests *guests, uint32_t number)
{
    uint32_t room = guests->lent_room != 0 ? guests->lent_room : 64;
    uint8_t *lent;

    if (number < guests->lent_room)
        return true;
    while (room <= number)
        room *= 2;
    lent = component_alloc (self (), room);
    if (lent == NULL)
        return false;
    memset (lent, 0, room);
    if (guests->lent_room != 0)
        memcpy (lent, guests->lent, guests->lent_room);
    component_free (self (), guests->lent);
    guests->lent      = lent;
    guests->lent_room = room;
    return true;
}

static enum status
lent_add (int32_t fd, bool writable)
{
    struct guests *guests = &nucleus ()->guests;

    if (fd < 0 || !lent_grow (guests, (uint32_t)fd))
        return fd < 0 ? ERR_INVALID : ERR_NO_MEMORY;
    guests->lent[fd] = IMAGE_LENT | (writable ? IMAGE_WRITABLE : 0);
    return OK;
}

bool
image_is_lent (int32_t fd, bool writable)
{
    const struct guests *guests = &nucleus ()->guests;
    uint8_t wanted              = writable ? IMAGE_WRITABLE : IMAGE_LENT;

    return fd >= 0 && (uint32_t)fd < guests->lent_room && (guests->lent[fd] & wanted) != 0;
}

enum status
image_return (int32_t fd)
{
    if (!image_is_lent (fd, false))
        return ERR_INVALID;
    nucleus ()->guests.lent[fd] = 0;
    return image_close (fd);
}

enum status
image_of_descriptor (uint32_t process, int32_t fd, bool writable, uint32_t *file,
                     uint32_t *flags, uint64_t *size)
{
    struct file_lend_req lend = { .process = process, .fd = fd, .shared = writable };
    struct file_lend_rep lent;
    struct vm_file_req tell;
    struct vm_file_rep known;
    enum status status = ERR_NOT_SUPPORTED;

    if (nucleus_link (INTERFACE_vm) != NULL)
        status = file_lend (nucleus_link (INTERFACE_file), &lend, &lent);
    if (status != OK)
        return status;
    tell   = (struct vm_file_req){ .filesystem = lent.attr.filesystem,
                                   .fd         = lent.fd,
                                   .writable   = lent.writable,
                                   .node       = lent.attr.node,
                                   .size       = lent.attr.size };
    status = lent_add (lent.fd, lent.writable != 0);
    if (status != OK) {
        image_close (lent.fd);
        return status;
    }
    status = vm_file (nucleus_link (INTERFACE_vm), &tell, &known);
    if (status != OK) {
        image_return (lent.fd);
        return status;
    }
    *file  = known.file;
    *flags = lent.flags;
    *size  = lent.attr.size;
    return OK;
}

void
image_drop (uint32_t file)
{
    struct vm_drop_req drop = { .file = file };
    struct vm_drop_rep dropped;

    vm_drop (nucleus_link (INTERFACE_vm), &drop, &dropped);
}

enum status
image_get (const char *path, bool program, struct image **out)
{
    struct file_open_req open = { .process = KERNEL_PROCESS,
                                  .flags   = OPEN_READ | OPEN_CLOEXEC | OPEN_NONBLOCK
                                           | (program ? OPEN_PROGRAM : 0), /* a pipe is none */
                                  .from    = { .data   = (void *)(uintptr_t)path,
                                               .length = (uint32_t)strlen (path) } };
    struct file_open_rep opened;
    struct image *image = component_alloc (self (), sizeof *image);
    uint32_t flags;
    enum status status = ERR_NO_MEMORY;

    if (image != NULL)
        status = file_open (nucleus_link (INTERFACE_file), &open, &opened);
    if (status == OK) {
        image->fd = opened.fd;
        status    = image_of_descriptor (KERNEL_PROCESS, opened.fd, false, &image->file, &flags,
                                         &image->size);
        if (status == ERR_NO_DEVICE) /* it has no bytes that could be mapped */
            status = ERR_ACCESS;
        if (status != OK)
            image_close (opened.fd);
    }
    if (status != OK) {
        component_free (self (), image);
        return status;
    }
    *out = image;
    return OK;
}

void
image_put (struct image *image)
{
    if (image == NULL)
        return;
    image_drop (image->file);
    image_close (image->fd);
    component_free (self (), image);
}

enum status
image_read (struct image *image, uint64_t offset, void *into, uint32_t bytes)
{
    uint32_t at = 0;

    while (at < bytes) {
        struct file_read_req read = { .process = KERNEL_PROCESS,
                                      .fd      = image->fd,
                                      .offset  = (int64_t)(offset + at),
                                      .into    = { .data = (uint8_t *)into + at } };
        struct file_read_rep got;
        enum status status;

        read.into.length = bytes - at < GRANT_MAX ? bytes - at : GRANT_MAX;
        status           = file_read (nucleus_link (INTERFACE_file), &read, &got);
        if (status != OK)
            return status;
        if (got.done == 0)
            break;
        at += got.done;
    }
    memset ((uint8_t *)into + at, 0, bytes - at);
    return OK;
}
