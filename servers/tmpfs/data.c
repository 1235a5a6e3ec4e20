/* data: the bytes of a regular file, in pages made when they are first written.
 *
 * A page that was never written is a hole: it takes no memory and reads as zeros. The bytes
 * of the last page beyond the size are always zero, so that growing a file shows zeros.
 */
#include <string.h>

#include "tmpfs.h"

/* Pages below one pointer at that height. */
static uint64_t
tmpfs_data_span (unsigned height)
{
    return (uint64_t)1 << 6 * height;
}

static const char *
tmpfs_data_page (const struct tmpfs_node *node, uint64_t page)
{
    void *at = node->tree;

    if (page >= tmpfs_data_span (node->height))
        return NULL;
    for (unsigned height = node->height; height > 0 && at != NULL; height--) {
        uint64_t span = tmpfs_data_span (height - 1);
        at            = ((void **)at)[page / span];
        page %= span;
    }
    return at;
}

/* As above, making what is missing on the way; NULL: no memory. */
static char *
tmpfs_data_make (Component *self, struct tmpfs_node *node, uint64_t page)
{
    void **slot = &node->tree;

    while (page >= tmpfs_data_span (node->height)) {
        void **above = NULL;
        if (node->tree != NULL) {
            above = tmpfs_alloc (self, TMPFS_FANOUT * sizeof *above);
            if (above == NULL)
                return NULL;
            above[0] = node->tree;
        }
        node->tree = above;
        node->height++;
    }
    for (unsigned height = node->height;; height--) {
        if (*slot == NULL) {
            *slot = tmpfs_alloc (self, height > 0 ? TMPFS_FANOUT * sizeof *slot : TMPFS_PAGE);
            if (*slot == NULL)
                return NULL;
            node->pages += height == 0;
        }
        if (height == 0)
            return *slot;
        uint64_t span = tmpfs_data_span (height - 1);
        slot          = (void **)*slot + page / span;
        page %= span;
    }
}

uint32_t
tmpfs_data_read (const struct tmpfs_node *node, uint64_t offset, void *into, uint32_t bytes)
{
    uint32_t done = 0;

    if (offset >= node->size)
        return 0;
    if (bytes > node->size - offset)
        bytes = (uint32_t)(node->size - offset);
    while (done < bytes) {
        uint32_t within  = (uint32_t)(offset % TMPFS_PAGE);
        uint32_t piece   = TMPFS_PAGE - within;
        const char *page = tmpfs_data_page (node, offset / TMPFS_PAGE);
        if (piece > bytes - done)
            piece = bytes - done;
        if (page != NULL)
            memcpy ((char *)into + done, page + within, piece);
        else
            memset ((char *)into + done, 0, piece);
        done += piece;
        offset += piece;
    }
    return done;
}

uint32_t
tmpfs_data_write (Component *self, struct tmpfs_node *node, uint64_t offset, const void *from,
                  uint32_t bytes)
{
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t within = (uint32_t)(offset % TMPFS_PAGE);
        uint32_t piece  = TMPFS_PAGE - within;
        char *page      = tmpfs_data_make (self, node, offset / TMPFS_PAGE);
        if (page == NULL)
            break;
        if (piece > bytes - done)
            piece = bytes - done;
        memcpy (page + within, (const char *)from + done, piece);
        done += piece;
        offset += piece;
        if (offset > node->size)
            node->size = offset;
    }
    return done;
}

bool
tmpfs_data_fill (Component *self, struct tmpfs_node *node, uint64_t offset, uint64_t bytes)
{
    uint64_t end = (offset + bytes + TMPFS_PAGE - 1) / TMPFS_PAGE;

    for (uint64_t page = offset / TMPFS_PAGE; page < end; page++)
        if (tmpfs_data_make (self, node, page) == NULL)
            return false;
    return true;
}

/* Frees every page from `keep` on below one pointer. True: nothing is left there. */
static bool
tmpfs_data_cut (Component *self, struct tmpfs_node *node, void *at, unsigned height,
                uint64_t keep)
{
    if (at == NULL)
        return true;
    if (height == 0) {
        if (keep > 0)
            return false;
        tmpfs_free (self, at, TMPFS_PAGE);
        node->pages--;
        return true;
    }
    uint64_t span = tmpfs_data_span (height - 1);
    void **slots  = at;
    bool empty    = true;
    for (unsigned i = 0; i < TMPFS_FANOUT; i++) {
        uint64_t first = i * span;
        if (first + span > keep
            && tmpfs_data_cut (self, node, slots[i], height - 1,
                               keep > first ? keep - first : 0))
            slots[i] = NULL;
        empty = empty && slots[i] == NULL;
    }
    if (empty)
        tmpfs_free (self, at, TMPFS_FANOUT * sizeof *slots);
    return empty;
}

void
tmpfs_data_resize (Component *self, struct tmpfs_node *node, uint64_t size)
{
    if (size <= node->size) { /* equal: what a failed write has left behind */
        uint64_t keep = (size + TMPFS_PAGE - 1) / TMPFS_PAGE;
        if (tmpfs_data_cut (self, node, node->tree, node->height, keep)) {
            node->tree   = NULL;
            node->height = 0;
        }
        char *last = (char *)tmpfs_data_page (node, size / TMPFS_PAGE);
        if (last != NULL && size % TMPFS_PAGE != 0)
            memset (last + size % TMPFS_PAGE, 0, TMPFS_PAGE - size % TMPFS_PAGE);
    }
    node->size = size;
}
