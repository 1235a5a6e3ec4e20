/* vm: against a nucleus that has its RAM in an array and does what vm orders to the letter.
 *
 * Random programs map, write, read, fork and free in much less RAM than they use, and share
 * files with others who read and write them as files. Whatever they see is compared with a
 * model that has never heard of frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../solo/solo.h"
#include "vm/vm.h"

extern const struct component_class vm_class;

#define FRAMES     48u
#define SLOTS      400u
#define SPACES     6u
#define PAGES      64u
#define FILES      3u
#define FILE_PAGES 12u
#define BASE       0x10000u

/* ---- the nucleus: RAM, tables, files ---- */

struct shown {
    uint32_t frame; /* 0: nothing */
    uint32_t access;
};

static uint64_t ram[FRAMES][TABLE_PAGE / 8];
static struct shown tables[64][PAGES];
static uint64_t contents[FILES][FILE_PAGES][TABLE_PAGE / 8];
static uint32_t closed[FILES]; /* times vm has closed it */
static uint32_t killed, bad_orders;

static enum status
world_ram (Component *self, struct call *call, const struct kernel_ram_req *req,
           struct kernel_ram_rep *rep)
{
    (void)self, (void)call, (void)req;
    rep->bytes = FRAMES * TABLE_PAGE;
    return OK;
}

static struct shown *
page_of (uint32_t space, uint64_t address)
{
    return &tables[space % 64][(address - BASE) / TABLE_PAGE % PAGES];
}

static void
obey_pages (const struct vm_order *order)
{
    uint32_t count = order->count != 0 ? order->count : PAGES;
    uint64_t first = order->count != 0 ? order->address : BASE;

    for (uint32_t i = 0; i < count && first + i * TABLE_PAGE < BASE + PAGES * TABLE_PAGE; i++) {
        struct shown *page = page_of (order->space, first + i * TABLE_PAGE);

        switch (order->what) {
        case VM_MAP:
            bad_orders += order->frame + i >= FRAMES || order->frame == 0;
            *page = (struct shown){ order->frame + i, order->access };
            break;
        case VM_UNMAP:
            *page = (struct shown){ 0 };
            break;
        case VM_PROTECT:
            page->access &= order->access;
            break;
        default: /* VM_SHARE */
            page->access &= order->access;
            *page_of (order->other, first + i * TABLE_PAGE) = *page;
        }
    }
}

static void
obey_file (const struct vm_order *order)
{
    char *memory = (char *)ram[order->frame] + order->address;
    char *file   = (char *)contents[order->fd] + order->offset;

    bad_orders += order->offset + order->bytes > sizeof contents[0];
    if (order->what == VM_SAVE)
        memcpy (file, memory, order->bytes);
    else
        memcpy (memory, file, order->bytes);
}

static enum status
obey (const struct vm_order *orders, uint32_t count, const char *behind, char *into,
      uint32_t *done)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct vm_order *order = &orders[i];

        switch (order->what) {
        case VM_ZERO:
            memset (ram[order->frame], 0, order->count * TABLE_PAGE);
            break;
        case VM_COPY:
            memmove (ram[order->other], ram[order->frame], order->bytes);
            memset ((char *)ram[order->other] + order->bytes, 0, TABLE_PAGE - order->bytes);
            break;
        case VM_FILL:
        case VM_SAVE:
            obey_file (order);
            break;
        case VM_FETCH:
            memcpy (into + *done, ram[order->frame], TABLE_PAGE);
            *done += TABLE_PAGE;
            break;
        case VM_STORE:
            memcpy (ram[order->frame], behind, TABLE_PAGE);
            behind += TABLE_PAGE;
            break;
        case VM_CLOSE:
            closed[order->fd]++;
            break;
        case VM_KILL:
            killed = order->space;
            break;
        case VM_FLUSH:
            break;
        default:
            obey_pages (order);
        }
    }
    return OK;
}

static enum status
world_memory (Component *self, struct call *call, const struct kernel_memory_req *req,
              struct kernel_memory_rep *rep)
{
    uint32_t done        = 0, bytes = req->orders * (uint32_t)sizeof (struct vm_order);
    struct vm_order *all = malloc (bytes + 1);

    (void)self, (void)call;
    assert_true (all != NULL && bytes <= req->from.length);
    memcpy (all, req->from.data, bytes);
    obey (all, req->orders, (const char *)req->from.data + bytes, req->into.data, &done);
    free (all);
    rep->done = done;
    return OK;
}

static const struct kernel_ops world_kernel   = { .ram = world_ram, .memory = world_memory };
static const struct component_class world_class
    = { .name = "world", .provides = { { INTERFACE_kernel, &world_kernel } } };

/* ---- a machine ---- */

static Component *manager, *area, *said;
static Link *vm;
static uint8_t *disk;
static unsigned seed;

static unsigned
below (unsigned limit)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % limit;
}

static void
begin (const char *policy, bool swap)
{
    Component *world;

    solo_init ();
    memset (ram, 0xee, sizeof ram);
    memset (tables, 0, sizeof tables);
    memset (contents, 0, sizeof contents);
    memset (closed, 0, sizeof closed);
    killed = bad_orders = 0;
    disk    = calloc (SLOTS, TABLE_PAGE);
    manager = solo_add (&vm_class, "vm", "policy", policy, "around", "4", "ahead", "3",
                        NULL);
    world   = solo_add (&world_class, "world", NULL);
    solo_bind (manager, "kernel", world);
    if (swap) {
        area                         = solo_disk ("swap", disk, SLOTS * TABLE_PAGE);
        solo_disk_state (area)->slow = below (2);
        solo_bind (manager, "swap", area);
    }
    said = solo_log ("log");
    solo_bind (manager, "log", said);
    assert_int_equal (solo_start (manager), OK);
    vm = solo_link (manager, INTERFACE_vm);
}

static void
end (void)
{
    solo_fini ();
    free (disk);
}

#define ORDERS_MAX 1000u
static struct vm_order orders[ORDERS_MAX];
#define INTO { .data = orders, .length = sizeof orders }

static void
obey_answer (uint32_t bytes)
{
    uint32_t done = 0;

    obey (orders, bytes / (uint32_t)sizeof *orders, NULL, NULL, &done);
}

static uint32_t
make (uint32_t process)
{
    struct vm_make_req req = { .process = process };
    struct vm_make_rep rep;

    assert_int_equal (vm_make (vm, &req, &rep), OK);
    memset (tables[rep.space], 0, sizeof tables[rep.space]);
    return rep.space;
}

static enum status
map_pages (uint32_t space, unsigned page, unsigned count, uint32_t flags, uint32_t file,
           uint64_t offset)
{
    struct vm_map_req req = { .space      = space,
                              .access     = VM_READ | VM_WRITE,
                              .flags      = flags,
                              .file       = file,
                              .address    = BASE + page * TABLE_PAGE,
                              .bytes      = count * TABLE_PAGE,
                              .offset     = offset,
                              .file_bytes = UINT64_MAX,
                              .into       = INTO };
    struct vm_map_rep rep;
    enum status status = vm_map (vm, &req, &rep);

    if (status == OK)
        obey_answer (rep.done);
    return status;
}

static enum status
unmap_pages (uint32_t space, unsigned page, unsigned count)
{
    struct vm_unmap_req req = { .space   = space,
                                .address = BASE + page * TABLE_PAGE,
                                .bytes   = count * TABLE_PAGE,
                                .into    = INTO };
    struct vm_unmap_rep rep;
    enum status status = vm_unmap (vm, &req, &rep);

    if (status == OK)
        obey_answer (rep.done);
    return status;
}

/* What the program touches, with as many faults as it takes. */
static enum status
touch (uint32_t space, unsigned page, uint32_t access, uint64_t **word)
{
    struct vm_fault_req req = { .space   = space,
                                .access  = access,
                                .address = BASE + page * TABLE_PAGE,
                                .into    = INTO };

    for (unsigned tries = 0; tries < 20; tries++) {
        struct shown *shown = page_of (space, req.address);
        struct vm_fault_rep rep;
        enum status status;

        if (shown->frame != 0 && (access & ~shown->access) == 0) {
            *word = ram[shown->frame];
            return OK;
        }
        status = vm_fault (vm, &req, &rep);
        if (status != OK)
            return status;
        obey_answer (rep.done);
    }
    fail_msg ("page %u is never there", page);
    return ERR_FAULT;
}

static struct vm_numbers
numbers (void)
{
    struct vm_info_req req = {};
    struct vm_info_rep rep;

    assert_int_equal (vm_info (vm, &req, &rep), OK);
    return rep.numbers;
}

static void
free_space (uint32_t space)
{
    struct vm_free_req req = { .space = space };
    struct vm_free_rep rep;

    memset (tables[space], 0, sizeof tables[space]);
    assert_int_equal (vm_free (vm, &req, &rep), OK);
}

/* ---- the model ---- */

struct model_page {
    enum { NOTHING, OWN, SHARED, PRIVATE } kind;
    unsigned file, at;
    uint64_t value; /* OWN */
};

struct model_space {
    uint32_t id; /* 0: none */
    struct model_page page[PAGES];
};

static struct model_space spaces[SPACES];
static uint64_t files[FILES][FILE_PAGES];

static uint64_t
model_value (const struct model_page *page)
{
    return page->kind == OWN ? page->value : files[page->file][page->at];
}

static void
random_map (struct model_space *space)
{
    unsigned page = below (PAGES - 8), count = 1 + below (8), kind = below (3);
    unsigned file = below (FILES), at = below (FILE_PAGES - count);
    struct vm_file_req tell = { .filesystem = 1,
                                .fd         = (int32_t)file,
                                .writable   = 1,
                                .node       = file,
                                .size       = sizeof contents[0] };
    struct vm_file_rep known = { 0 };

    if (kind != 0)
        assert_int_equal (vm_file (vm, &tell, &known), OK);
    assert_int_equal (map_pages (space->id, page, count,
                                 kind == 1 ? VM_MAP_SHARED | VM_MAP_WRITABLE : 0, known.file,
                                 at * TABLE_PAGE),
                      OK);
    if (kind != 0) {
        struct vm_drop_req drop = { .file = known.file };
        struct vm_drop_rep dropped;

        assert_int_equal (vm_drop (vm, &drop, &dropped), OK);
    }
    for (unsigned i = 0; i < count; i++)
        space->page[page + i] = (struct model_page){
            .kind = kind == 0 ? OWN : kind == 1 ? SHARED : PRIVATE, .file = file, .at = at + i
        };
}

static void
random_touch (struct model_space *space)
{
    unsigned at             = below (PAGES);
    struct model_page *page = &space->page[at];
    bool write              = below (2) != 0;
    uint64_t *word          = NULL;
    enum status status      = touch (space->id, at, write ? VM_WRITE : VM_READ, &word);

    if (page->kind == NOTHING) {
        assert_int_equal (status, ERR_FAULT);
        return;
    }
    assert_int_equal (status, OK);
    assert_int_equal (*word, model_value (page));
    assert_int_equal (word[TABLE_PAGE / 8 - 1], 0);
    if (!write)
        return;
    *word = seed | (uint64_t)at << 32;
    if (page->kind == SHARED) {
        files[page->file][page->at] = *word;
    } else {
        page->kind  = OWN;
        page->value = *word;
    }
}

/* Somebody reads or writes the file as a file. */
static void
random_file (void)
{
    unsigned file = below (FILES), page = below (FILE_PAGES);
    uint64_t offset = page * TABLE_PAGE;

    if (below (2) == 0) {
        struct vm_reading_req req
            = { .filesystem = 1, .node = file, .offset = offset, .bytes = 8 };
        struct vm_reading_rep rep;

        assert_int_equal (vm_reading (vm, &req, &rep), OK);
        assert_int_equal (contents[file][page][0], files[file][page]);
    } else {
        struct vm_writing_req req = { .filesystem = 1, .node = file };
        struct vm_writing_rep rep;
        struct vm_written_req written
            = { .filesystem = 1, .node = file, .offset = offset, .bytes = 8,
                .size = offset + 8 };
        struct vm_written_rep done;

        assert_int_equal (vm_writing (vm, &req, &rep), OK);
        files[file][page] = contents[file][page][0] = seed;
        written.held                                = rep.held;
        assert_int_equal (vm_written (vm, &written, &done), OK);
    }
}

static void
random_fork (struct model_space *space)
{
    unsigned other         = below (SPACES);
    struct vm_fork_req req = { .space = space->id, .process = other + 2, .into = INTO };
    struct vm_fork_rep rep;

    if (spaces[other].id != 0)
        return;
    assert_int_equal (vm_fork (vm, &req, &rep), OK);
    memset (tables[rep.space], 0, sizeof tables[rep.space]);
    obey_answer (rep.done);
    spaces[other]    = *space;
    spaces[other].id = rep.space;
}

static void
random_step (void)
{
    struct model_space *space = &spaces[below (SPACES)];
    unsigned page = below (PAGES), count = 1 + below (PAGES - page), what = below (200);

    if (what < 8) {
        random_file ();
    } else if (space->id == 0) {
        if (what < 60)
            space->id = make (2);
    } else if (what < 24) {
        random_map (space);
    } else if (what < 26) {
        assert_int_equal (unmap_pages (space->id, page, count), OK);
        memset (&space->page[page], 0, count * sizeof space->page[0]);
    } else if (what < 28) {
        random_fork (space);
    } else if (what < 29) {
        free_space (space->id);
        memset (space, 0, sizeof *space);
    } else {
        random_touch (space);
    }
}

static void
random_programs (const char *policy, unsigned first_seed, unsigned steps)
{
    seed = first_seed;
    begin (policy, true);
    memset (spaces, 0, sizeof spaces);
    memset (files, 0, sizeof files);
    for (unsigned i = 0; i < steps; i++)
        random_step ();
    assert_true (numbers ().swapped_in > 0 && numbers ().evicted > 0);
    for (unsigned i = 0; i < SPACES; i++)
        if (spaces[i].id != 0)
            free_space (spaces[i].id);
    assert_int_equal (numbers ().free, FRAMES - 1);
    assert_int_equal (numbers ().swap_free, SLOTS);
    assert_int_equal (numbers ().killed + bad_orders, 0);
    for (unsigned f = 0; f < FILES; f++)
        for (unsigned p = 0; p < FILE_PAGES; p++)
            assert_int_equal (contents[f][p][0], files[f][p]);
    end ();
}

static void
programs_see_what_they_wrote (void **state)
{
    const char *campaign = getenv ("KHIMERA_CAMPAIGN");
    unsigned rounds      = campaign != NULL && atoi (campaign) > 0 ? (unsigned)atoi (campaign) : 1;

    (void)state;
    for (unsigned round = 0; round < 4 * rounds; round++)
        for (unsigned i = 0; policy_at (i) != NULL; i++)
            random_programs (policy_at (i)->name, 17 * round + i + 1, 20000);
}

/* ---- single promises ---- */

static uint32_t
fork_of (uint32_t parent, uint32_t process)
{
    struct vm_fork_req req = { .space = parent, .process = process, .into = INTO };
    struct vm_fork_rep rep;

    assert_int_equal (vm_fork (vm, &req, &rep), OK);
    obey_answer (rep.done);
    return rep.space;
}

static void
a_copy_is_made_only_when_somebody_writes (void **state)
{
    uint32_t parent, child;
    uint64_t *word, *other;

    (void)state;
    begin ("fifo", false);
    parent = make (2);
    assert_int_equal (map_pages (parent, 0, 4, 0, 0, 0), OK);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal (touch (parent, i, VM_WRITE, &word), OK);
        *word = i + 1;
    }
    child = fork_of (parent, 3);
    assert_int_equal (numbers ().free, FRAMES - 1 - 4);
    assert_int_equal (numbers ().shared, 4);
    assert_int_equal (touch (child, 2, VM_WRITE, &word), OK);
    *word = 9;
    assert_int_equal (touch (parent, 2, VM_READ, &other), OK);
    assert_int_equal (*other, 3);
    assert_int_equal (numbers ().copied, 1);
    assert_int_equal (numbers ().free, FRAMES - 1 - 5);
    assert_int_equal (touch (parent, 2, VM_WRITE, &other), OK); /* it is alone by now */
    assert_int_equal (numbers ().copied, 1);
    free_space (child);
    free_space (parent);
    assert_int_equal (numbers ().free, FRAMES - 1);
    end ();
}

static void
pages_that_both_will_write_are_copied_by_the_fork (void **state)
{
    uint32_t parent, child, grandchild;
    uint64_t *word, *other;

    (void)state;
    begin ("fifo", false);
    parent = make (2);
    assert_int_equal (map_pages (parent, 0, 8, 0, 0, 0), OK);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal (touch (parent, i, VM_WRITE, &word), OK);
        *word = i + 1;
    }
    child = fork_of (parent, 3); /* four are too many, */
    assert_int_equal (numbers ().forked, 0);
    assert_int_equal (numbers ().shared, 4);
    assert_int_equal (touch (parent, 2, VM_WRITE, &word), OK); /* one of them is not */
    *word = 7;
    grandchild = fork_of (parent, 4);
    assert_int_equal (numbers ().forked, 1);
    assert_int_equal (numbers ().copied, 1);
    assert_int_equal (tables[parent % 64][2].access & VM_WRITE, VM_WRITE);
    assert_int_equal (tables[grandchild % 64][2].access & VM_WRITE, VM_WRITE);
    assert_int_equal (touch (grandchild, 2, VM_WRITE, &other), OK);
    assert_int_equal (*other, 7);
    *other = 8;
    assert_int_equal (touch (parent, 2, VM_READ, &word), OK);
    assert_int_equal (*word, 7);
    assert_int_equal (touch (child, 2, VM_READ, &word), OK);
    assert_int_equal (*word, 3);
    assert_int_equal (tables[grandchild % 64][1].access & VM_WRITE, 0);
    free_space (child);
    free_space (grandchild);
    free_space (parent);
    assert_int_equal (numbers ().free, FRAMES - 1);
    end ();
}

static void
the_greediest_is_killed_and_its_memory_free_at_once (void **state)
{
    uint32_t small, large;
    uint64_t *word;
    unsigned page = 0;

    (void)state;
    begin ("lru", false);
    small = make (7);
    large = make (8);
    assert_int_equal (map_pages (small, 0, 40, 0, 0, 0), OK);
    assert_int_equal (map_pages (large, 0, 64, 0, 0, 0), OK);
    for (unsigned i = 0; i < 30; i++)
        assert_int_equal (touch (large, i, VM_WRITE, &word), OK);
    for (; killed == 0; page++) {
        assert_true (page < 40);
        assert_int_equal (touch (small, page, VM_WRITE, &word), OK);
        *word = page;
    }
    assert_int_equal (killed, large);
    assert_int_equal (touch (large, 0, VM_READ, &word), ERR_NO_MEMORY);
    for (unsigned i = 0; i < page; i++) {
        assert_int_equal (touch (small, i, VM_READ, &word), OK);
        assert_int_equal (*word, i);
    }
    assert_int_equal (numbers ().killed, 1);
    assert_non_null (strstr (solo_log_text (said), "out of memory: process 8 has the most, 3"));
    free_space (large);
    free_space (small);
    end ();
}

static void
a_disk_that_refuses_costs_nobody_what_he_wrote (void **state)
{
    uint32_t small, large;
    uint64_t *word, sector[64];
    struct block_read_req read = { .count = 1, .into = { .data = sector, .length = 512 } };
    struct block_read_rep got;

    (void)state;
    begin ("fifo", true);
    solo_disk_state (area)->fail_after = 1;
    assert_int_equal (block_read (solo_link (area, INTERFACE_block), &read, &got), OK);
    small = make (2);
    large = make (3);
    assert_int_equal (map_pages (small, 0, 10, 0, 0, 0), OK);
    assert_int_equal (map_pages (large, 0, 64, 0, 0, 0), OK);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal (touch (small, i, VM_WRITE, &word), OK);
        *word = i;
    }
    for (unsigned i = 0; killed == 0 && i < 64; i++)
        touch (large, i, VM_WRITE, &word);
    assert_int_equal (killed, large); /* nothing can go any more */
    assert_non_null (strstr (solo_log_text (said), "does not work"));
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal (touch (small, i, VM_READ, &word), OK);
        assert_int_equal (*word, i);
    }
    free_space (large);
    free_space (small);
    assert_int_equal (numbers ().free, FRAMES - 1);
    end ();
}

static void
what_makes_no_sense_is_refused (void **state)
{
    struct vm_fault_req fault = { .space = 99, .access = VM_READ, .into = INTO };
    struct vm_fault_rep faulted;
    struct vm_refer_req refer = { .frames = 3, .policy = "mru" };
    struct vm_refer_rep referred;
    struct vm_drop_req drop = { .file = 5 };
    struct vm_drop_rep dropped;
    uint64_t *word;
    uint32_t space;

    (void)state;
    begin ("random", false);
    assert_int_equal (vm_fault (vm, &fault, &faulted), ERR_STALE);
    assert_int_equal (vm_refer (vm, &refer, &referred), ERR_INVALID);
    assert_int_equal (vm_drop (vm, &drop, &dropped), ERR_STALE);
    space = make (2);
    assert_int_equal (map_pages (space, 0, 0, 0, 0, 0), ERR_INVALID);
    assert_int_equal (map_pages (space, 0, 1, 0, 77, 0), ERR_STALE);
    assert_int_equal (map_pages (space, 0, 4, 0, 0, 0), OK);
    assert_int_equal (map_pages (space, 2, 4, VM_MAP_KEEP, 0, 0), ERR_EXISTS);
    assert_int_equal (touch (space, 1, VM_EXECUTE, &word), ERR_ACCESS);
    assert_int_equal (touch (space, 9, VM_READ, &word), ERR_FAULT);
    free_space (space);
    end ();
}

/* ---- page tables ---- */

#define ENTRIES 300u

static int
by_address (const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Near to each other, at the ends of tables of all levels, and anywhere. */
static uint64_t
some_address (void)
{
    unsigned level = below (TABLE_LEVELS);
    uint64_t table = (uint64_t)TABLE_PAGE << (TABLE_BITS * level);

    return (((uint64_t)below (8) * 73 << 39) + (uint64_t)(1 + below (3)) * table
            + (uint64_t)below (4) * TABLE_PAGE - 2 * TABLE_PAGE)
           % TABLE_END;
}

static void
a_walk_finds_all_entries_of_a_range_in_order (void **state)
{
    uint64_t address[ENTRIES], *root = NULL, *entry;

    (void)state;
    begin ("fifo", false);
    for (unsigned i = 0; i < ENTRIES; i++) {
        address[i] = some_address ();
        entry      = pagetable_make (manager, &root, address[i]);
        assert_non_null (entry);
        *entry = pte_make (1 + i, PTE_PRESENT);
    }
    qsort (address, ENTRIES, sizeof *address, by_address);
    for (unsigned round = 0; round < 500; round++) {
        uint64_t first = round == 0 ? 0 : address[below (ENTRIES)] + below (3) * TABLE_PAGE;
        uint64_t end   = round == 0 ? TABLE_END : address[below (ENTRIES)];
        struct pagetable_walk walk = { root, first, end };
        uint64_t last              = UINT64_MAX;

        for (unsigned i = 0; i < ENTRIES; i++) {
            if (address[i] < first || address[i] >= end || address[i] == last)
                continue;
            last  = address[i];
            entry = pagetable_step (&walk);
            assert_non_null (entry);
            assert_int_equal (walk.at, last);
            assert_ptr_equal (entry, pagetable_look (root, last));
        }
        assert_null (pagetable_step (&walk));
    }
    pagetable_free (manager, &root);
    end ();
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (programs_see_what_they_wrote),
        cmocka_unit_test (a_copy_is_made_only_when_somebody_writes),
        cmocka_unit_test (pages_that_both_will_write_are_copied_by_the_fork),
        cmocka_unit_test (the_greediest_is_killed_and_its_memory_free_at_once),
        cmocka_unit_test (a_disk_that_refuses_costs_nobody_what_he_wrote),
        cmocka_unit_test (what_makes_no_sense_is_refused),
        cmocka_unit_test (a_walk_finds_all_entries_of_a_range_in_order),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
