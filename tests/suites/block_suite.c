/* block: what every disk promises. The subject is one of 1 MiB (2048 sectors), all zero,
 * that takes 4 requests at a time. */
#include <string.h>

#include "suites.h"

#define SECTORS      2048u
#define SECTOR_BYTES 512u

static enum status
read_at (struct probe *probe, uint64_t first, uint32_t count, void *into, uint32_t length,
         uint32_t *done)
{
    struct block_read_req req
        = { .first = first, .count = count, .into = WINDOW (into, length) };
    struct block_read_rep rep = { .done = *done };
    enum status status = block_read (probe->subject, &req, &rep);

    *done = rep.done;
    return status;
}

static enum status
write_at (struct probe *probe, uint64_t first, uint32_t count, const void *from,
          uint32_t length, uint32_t *done)
{
    struct block_write_req req = { .first = first,
                                   .count = count,
                                   .from = WINDOW ((void *)(uintptr_t)from, length) };
    struct block_write_rep rep = { .done = *done };
    enum status status = block_write (probe->subject, &req, &rep);

    *done = rep.done;
    return status;
}

/* A buffer of GRANT_MAX + 64 bytes of the probe's arena, the same one all the time. */
static uint8_t *
buffer (struct probe *probe)
{
    if (probe->memory == NULL)
        probe->memory = component_alloc (probe->self, GRANT_MAX + 64);
    probe_check (probe, probe->memory != NULL, "memory for a buffer", __FILE__, __LINE__);
    return probe->memory;
}

static void
fill (uint8_t *bytes, uint32_t count, uint32_t seed)
{
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)((i + seed) * 2654435761u >> 13);
}

static bool
filled (const uint8_t *bytes, uint32_t count, uint32_t seed)
{
    for (uint32_t i = 0; i < count; i++)
        if (bytes[i] != (uint8_t)((i + seed) * 2654435761u >> 13))
            return false;
    return true;
}

static void
tells_what_it_is (struct probe *probe)
{
    struct block_info_req req = {};
    struct block_info_rep rep;

    SAME (block_info (probe->subject, &req, &rep), OK);
    SAME (rep.sector_count, SECTORS);
    SAME (rep.read_only, 0);
    SAME (rep.queue_depth, 4);
    SAME_TEXT (rep.name, strlen (rep.name), "disk1");
}

static void
is_zero_at_first (struct probe *probe)
{
    uint8_t *bytes = buffer (probe);
    uint32_t done = 0;

    memset (bytes, 7, 1024);
    SAME (read_at (probe, SECTORS - 2, 2, bytes, 1024, &done), OK);
    SAME (done, 1024);
    for (unsigned i = 0; i < 1024; i++)
        if (bytes[i] != 0)
            SAME (bytes[i], 0);
}

static void
reads_what_was_written (struct probe *probe)
{
    uint8_t *bytes = buffer (probe);
    uint32_t done = 0;

    fill (bytes, 1536, 1);
    SAME (write_at (probe, 10, 3, bytes, 1536, &done), OK);
    SAME (done, 1536);
    memset (bytes, 0, 1536);
    SAME (read_at (probe, 10, 3, bytes, 1536, &done), OK);
    SAME (done, 1536);
    CHECK (filled (bytes, 1536, 1));
    /* one of them, at an odd address */
    memset (bytes, 0xaa, 1024);
    SAME (read_at (probe, 11, 1, bytes + 3, 512, &done), OK);
    CHECK (filled (bytes + 3, 512, 513));
    SAME (bytes[2], 0xaa);
    SAME (bytes[515], 0xaa);
}

static void
takes_the_longest_grant (struct probe *probe)
{
    uint8_t *bytes = buffer (probe);
    uint32_t done = 0, count = GRANT_MAX / SECTOR_BYTES;

    fill (bytes, GRANT_MAX, 2);
    SAME (write_at (probe, 100, count, bytes, GRANT_MAX, &done), OK);
    SAME (done, GRANT_MAX);
    memset (bytes, 0, GRANT_MAX + 64);
    SAME (read_at (probe, 100, count, bytes, GRANT_MAX, &done), OK);
    CHECK (filled (bytes, GRANT_MAX, 2));
    SAME (bytes[GRANT_MAX], 0);
}

static void
refuses_a_longer_grant (struct probe *probe)
{
    uint8_t *bytes = buffer (probe);
    uint32_t done = 77;

    SAME (read_at (probe, 0, 1, bytes, GRANT_MAX + 1, &done), ERR_INVALID);
    SAME (write_at (probe, 0, 1, bytes, GRANT_MAX + 1, &done), ERR_INVALID);
    SAME (write_at (probe, 0, 1, bytes, UINT32_MAX, &done), ERR_INVALID);
    SAME (done, 77);
}

static void
refuses_sectors_that_are_not_there (struct probe *probe)
{
    uint8_t *bytes = buffer (probe);
    uint32_t done = 77;

    bytes[0] = 0x55;
    SAME (read_at (probe, SECTORS, 1, bytes, 512, &done), ERR_RANGE);
    SAME (read_at (probe, SECTORS - 1, 2, bytes, 1024, &done), ERR_RANGE);
    SAME (read_at (probe, UINT64_MAX, 2, bytes, 1024, &done), ERR_RANGE);
    SAME (write_at (probe, SECTORS, 1, bytes, 512, &done), ERR_RANGE);
    SAME (write_at (probe, UINT64_MAX - 1, 2, bytes, 1024, &done), ERR_RANGE);
    SAME (done, 77);
    SAME (bytes[0], 0x55);
}

static void
refuses_a_grant_of_another_length (struct probe *probe)
{
    uint8_t *bytes = buffer (probe);
    uint32_t done = 77;

    SAME (read_at (probe, 0, 1, bytes, 511, &done), ERR_INVALID);
    SAME (read_at (probe, 0, 1, bytes, 513, &done), ERR_INVALID);
    SAME (read_at (probe, 0, 2, bytes, 512, &done), ERR_INVALID);
    SAME (write_at (probe, 0, 2, bytes, 512, &done), ERR_INVALID);
    SAME (write_at (probe, 0, UINT32_MAX, bytes, 512, &done), ERR_INVALID);
    /* 2^23 * 512 is 2^32, which is not 0 */
    SAME (read_at (probe, 0, 1u << 23, bytes, 0, &done), ERR_INVALID);
    SAME (done, 77);
}

static void
moves_nothing_when_asked_for_nothing (struct probe *probe)
{
    uint32_t done = 77;

    SAME (read_at (probe, 0, 0, NULL, 0, &done), OK);
    SAME (done, 0);
    done = 77;
    SAME (write_at (probe, 0, 0, NULL, 0, &done), OK);
    SAME (done, 0);
}

static void
flushes (struct probe *probe)
{
    struct block_flush_req req = {};
    struct block_flush_rep rep;
    uint64_t before_ns = component_now_ns (probe->self);

    SAME (block_flush (probe->subject, &req, &rep), OK);
    CHECK (component_now_ns (probe->self) > before_ns);
}

/* More at a time than the disk takes; each fiber has 8 sectors of its own. */
static void
works_on_many_at_a_time (struct probe *probe)
{
    buffer (probe);
    probe_beside (probe, 1, 12);
    for (uint32_t i = 1; i <= 12; i++) {
        uint32_t done = 0;
        uint8_t *bytes = buffer (probe);

        memset (bytes, 0, 4096);
        SAME (read_at (probe, 1000 + 8 * i, 8, bytes, 4096, &done), OK);
        CHECK (filled (bytes, 4096, i));
    }
}

static void
block_timer (struct probe *probe, uint64_t cookie)
{
    uint32_t done = 0;
    uint8_t *bytes = component_alloc (probe->self, 4096);

    probe_check (probe, bytes != NULL, "memory", __FILE__, __LINE__);
    fill (bytes, 4096, (uint32_t)cookie);
    for (uint64_t i = 0; i < 4; i++)
        probe_same (
            probe,
            write_at (probe, 1000 + 8 * cookie + 2 * i, 2, bytes + 1024 * i, 1024, &done),
            OK, "write beside others", __FILE__, __LINE__);
    component_free (probe->self, bytes);
    probe_ended (probe);
}

const struct suite block_suite = {
    .name = "block",
    .cases
    = { { "tells what it is", tells_what_it_is },
        { "is zero at first", is_zero_at_first },
        { "reads what was written", reads_what_was_written },
        { "takes the longest grant", takes_the_longest_grant },
        { "refuses a longer grant", refuses_a_longer_grant },
        { "refuses sectors that are not there", refuses_sectors_that_are_not_there },
        { "refuses a grant of another length", refuses_a_grant_of_another_length },
        { "moves nothing when asked for nothing", moves_nothing_when_asked_for_nothing },
        { "flushes", flushes },
        { "works on many at a time", works_on_many_at_a_time } },
    .timer = block_timer,
};

const struct component_class probe_block_class = {
    .name = "probe-block",
    .summary = "tries out a disk",
    .state_bytes = sizeof (struct probe),
    .needs = { PROBE_NEEDS (block) },
    .options = PROBE_OPTIONS,
    .start = probe_start,
    .timer = probe_timer,
};
