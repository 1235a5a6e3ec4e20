/* image: files that programs are loaded from.
 *
 * While some address space has a file as its program, its pages are read once and shared by
 * all who run it. The kernel keeps the file open itself, so a removed name does not matter.
 * Pages are read in runs, into frames that lie together, so that a guest can map a run at
 * once.
 */
#include <string.h>

#include "guest/guest.h"
#include "interfaces/interfaces.h"
#include "nucleus/nucleus.h"

#define RUN_PAGES 16u /* one grant */

/* Files of the kernel itself; the file server knows it as this process. */
#define KERNEL_PROCESS 0u

static Component *
self (void)
{
    return COMPONENT (COMPONENT_NUCLEUS);
}

static bool
same (const struct image *image, const struct file_attr *attr)
{
    return image->node == attr->node && image->filesystem == attr->filesystem
           && image->size == attr->size && image->mtime == attr->mtime
           && image->ctime == attr->ctime;
}

static enum status
image_open (const char *path, int32_t *fd, struct file_attr *attr)
{
    Link *files                = nucleus_link (INTERFACE_file);
    struct file_open_req open  = { .process = KERNEL_PROCESS,
                                   .flags   = OPEN_READ | OPEN_CLOEXEC,
                                   .from    = { .data   = (void *)(uintptr_t)path,
                                                .length = (uint32_t)strlen (path) } };
    struct file_open_rep opened;
    struct file_stat_req stat  = { .process = KERNEL_PROCESS };
    struct file_stat_rep known;
    enum status status         = file_open (files, &open, &opened);

    if (status != OK)
        return status;
    *fd     = opened.fd;
    stat.fd = opened.fd;
    status  = file_stat (files, &stat, &known);
    *attr   = known.attr;
    return status;
}

static void
image_close (int32_t fd)
{
    struct file_close_req close = { .process = KERNEL_PROCESS, .fd = fd };
    struct file_close_rep closed;

    file_close (nucleus_link (INTERFACE_file), &close, &closed);
}

enum status
image_get (const char *path, struct image **out)
{
    struct guests *guests = &nucleus ()->guests;
    struct file_attr attr = { 0 };
    struct image *image;
    int32_t fd         = -1;
    enum status status = image_open (path, &fd, &attr);

    if (status == OK && attr.type != FILE_TYPE_REGULAR)
        status = ERR_ACCESS;
    if (status != OK) {
        if (fd >= 0)
            image_close (fd);
        return status;
    }
    for (image = guests->images; image != NULL; image = image->next)
        if (same (image, &attr)) {
            image->refs++;
            image_close (fd);
            *out = image;
            return OK;
        }
    image = component_alloc (self (), sizeof *image);
    if (image != NULL) {
        image->page_count = (uint32_t)((attr.size + PAGE_BYTES - 1) / PAGE_BYTES);
        image->pages = component_alloc (self (), (image->page_count + 1) * sizeof *image->pages);
    }
    if (image == NULL || image->pages == NULL) {
        component_free (self (), image);
        image_close (fd);
        return ERR_NO_MEMORY;
    }
    image->refs       = 1;
    image->fd         = fd;
    image->node       = attr.node;
    image->filesystem = attr.filesystem;
    image->size       = attr.size;
    image->mtime      = attr.mtime;
    image->ctime      = attr.ctime;
    image->next       = guests->images;
    guests->images    = image;
    *out              = image;
    return OK;
}

void
image_put (struct image *image)
{
    struct guests *guests = &nucleus ()->guests;
    struct image **at     = &guests->images;
    int32_t fd;

    if (image == NULL || --image->refs > 0)
        return;
    while (*at != image)
        at = &(*at)->next;
    *at = image->next;
    for (uint32_t i = 0; i < image->page_count; i++)
        if (image->pages[i] != FRAME_NONE)
            frame_drop (&guests->frames, image->pages[i]);
    fd = image->fd;
    component_free (self (), image->pages);
    component_free (self (), image);
    image_close (fd);
}

/* Reads into memory that the kernel has; what the file lacks is zeroes. */
static enum status
read_whole (struct image *image, uint64_t offset, uint8_t *into, uint32_t bytes)
{
    uint32_t at = 0;

    while (at < bytes) {
        struct file_read_req read = { .process = KERNEL_PROCESS,
                                      .fd      = image->fd,
                                      .offset  = (int64_t)(offset + at),
                                      .into    = { .data = into + at } };
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
    memset (into + at, 0, bytes - at);
    return OK;
}

enum status
image_read (struct image *image, uint64_t offset, void *into, uint32_t bytes)
{
    enum status status;

    image->refs++;
    status = read_whole (image, offset, into, bytes);
    image_put (image);
    return status;
}

enum status
image_page (struct image *image, uint32_t page, uint32_t *frame)
{
    struct frames *frames = &nucleus ()->guests.frames;
    uint32_t first = page / RUN_PAGES * RUN_PAGES, count = RUN_PAGES, run;
    enum status status;

    if (page >= image->page_count)
        return ERR_FAULT;
    if (image->pages[page] != FRAME_NONE) {
        *frame = image->pages[page];
        return OK;
    }
    if (count > image->page_count - first)
        count = image->page_count - first;
    for (uint32_t i = 0; i < count; i++)
        if (image->pages[first + i] != FRAME_NONE)
            count = 0;
    run = count != 0 ? frames_take (frames, count) : FRAME_NONE;
    if (run == FRAME_NONE) {
        first = page;
        count = 1;
        run   = frames_take (frames, 1);
    }
    if (run == FRAME_NONE)
        return ERR_NO_MEMORY;
    image->refs++;
    status = read_whole (image, (uint64_t)first * PAGE_BYTES, frame_memory (run),
                         count * PAGE_BYTES);
    for (uint32_t i = 0; i < count; i++)
        /* Somebody else may have read it meanwhile. */
        if (status != OK || image->pages[first + i] != FRAME_NONE)
            frame_drop (frames, run + i);
        else
            image->pages[first + i] = run + i;
    *frame = image->pages[page];
    image_put (image);
    return status;
}
