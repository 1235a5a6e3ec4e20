/* ext2 keeps the promises that every file system makes, and e2fsck agrees afterwards. */
#include <stdio.h>

#include "../ext2/image.h"
#include "suite.h"

static struct image image;

static void
begin (unsigned block_bytes)
{
    char arguments[64];

    snprintf (arguments, sizeof arguments, "-q -t ext2 -b %u", block_bytes);
    image_make (&image, 16384, arguments);
    image_boot (&image, "64");
}

static void
end (void)
{
    image_stop (&image);
    image_check (&image);
    image_free (&image);
}

static void
it_does_what_the_model_does (void **state)
{
    (void)state;
    for (unsigned block_bytes = 1024; block_bytes <= 4096; block_bytes *= 2)
        for (unsigned seed = 1; seed <= 4; seed++) {
            begin (block_bytes);
            fs_suite_model (image.fs, seed, 3000);
            end ();
        }
}

#define SUITE(promise, part)          \
    static void promise (void **state) \
    {                                 \
        (void)state;                  \
        begin (1024);                 \
        fs_suite_##part (image.fs);   \
        end ();                       \
    }

SUITE (holds_are_counted, holds)
SUITE (listings_go_on_where_they_stopped, cursors)
SUITE (holes_are_zeros, holes)
SUITE (what_makes_no_sense_is_refused, refusals)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (it_does_what_the_model_does),
        cmocka_unit_test (holds_are_counted),
        cmocka_unit_test (listings_go_on_where_they_stopped),
        cmocka_unit_test (holes_are_zeros),
        cmocka_unit_test (what_makes_no_sense_is_refused),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
