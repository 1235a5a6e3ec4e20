/* What watch/histogram.h promises: buckets in order, none wider than a quarter of its
 * values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "machine/machine.h"
#include "watch/histogram.h"

static void
every_value_has_its_bucket (void **state)
{
    (void)state;
    for (uint64_t value = 0; value < 100000; value++) {
        unsigned bucket = histogram_bucket (value);

        assert_true (histogram_floor (bucket) <= value);
        assert_true (value < histogram_floor (bucket + 1));
    }
    assert_int_equal (histogram_bucket (0), 0);
    assert_int_equal (histogram_bucket (3), 3);
    assert_true (histogram_bucket (UINT64_MAX) < HISTOGRAM_BUCKETS);
    assert_true (histogram_floor (histogram_bucket (UINT64_MAX)) <= UINT64_MAX);
}

static void
buckets_are_in_order_and_narrow (void **state)
{
    unsigned last = histogram_bucket (UINT64_MAX);

    (void)state;
    for (unsigned bucket = 1; bucket <= last; bucket++) {
        uint64_t floor = histogram_floor (bucket), below = histogram_floor (bucket - 1);

        assert_true (floor > below);
        assert_int_equal (histogram_bucket (floor), bucket);
        assert_int_equal (histogram_bucket (floor - 1), bucket - 1);
        if (below >= 4)
            assert_true (floor - below <= (below + 3) / 4);
        else
            assert_int_equal (floor - below, 1);
    }
}

static void
quantiles_are_found (void **state)
{
    uint32_t buckets[HISTOGRAM_BUCKETS] = { 0 };
    uint64_t found;

    (void)state;
    assert_int_equal (histogram_quantile (buckets, HISTOGRAM_BUCKETS, 500), 0);
    for (uint64_t value = 1; value <= 1000; value++)
        buckets[histogram_bucket (value)]++;
    found = histogram_quantile (buckets, HISTOGRAM_BUCKETS, 500);
    assert_true (found <= 500 && found > 500 * 3 / 4);
    found = histogram_quantile (buckets, HISTOGRAM_BUCKETS, 990);
    assert_true (found <= 990 && found > 990 * 3 / 4);
    assert_int_equal (histogram_quantile (buckets, HISTOGRAM_BUCKETS, 1), 1);
    assert_int_equal (histogram_quantile (buckets, HISTOGRAM_BUCKETS, 1000),
                      histogram_floor (histogram_bucket (1000)));
    /* all in one */
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        buckets[i] = 0;
    buckets[histogram_bucket (77)] = UINT32_MAX;
    for (unsigned permille = 1; permille <= 1000; permille += 111)
        assert_int_equal (histogram_quantile (buckets, HISTOGRAM_BUCKETS, permille),
                          histogram_floor (histogram_bucket (77)));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_value_has_its_bucket),
        cmocka_unit_test (buckets_are_in_order_and_narrow),
        cmocka_unit_test (quantiles_are_found),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
