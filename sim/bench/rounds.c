/* rounds: every row once in each round, until the host was steady for as many as were asked. */
#include <math.h>
#include <string.h>

#include "bench/bench.h"

/* After so many times the rounds asked for, the host is what it is. */
#define PATIENCE 3u
/* F and P may differ by so much between the first round and the last. */
#define STEADY 0.25

static unsigned
row_of (enum bench_anchor anchor)
{
    for (unsigned row = 0; row < bench_row_count; row++)
        if (bench_rows[row].is == anchor)
            return row;
    return 0;
}

/* By how much an anchor moved between two rounds. */
static double
moved (const double *values, unsigned row, unsigned stride, unsigned first, unsigned last)
{
    double a = values[row * stride + first], b = values[row * stride + last];

    return a > 0 && b > 0 ? MAX (a, b) / MIN (a, b) - 1 : INFINITY;
}

static void
round_run (const struct bench *bench, struct bench_result *result, double *values,
           unsigned stride, unsigned round)
{
    for (unsigned row = 0; row < bench_row_count; row++) {
        g_autoptr (GError) error = NULL;
        double ns                = NAN;

        bench_pin (bench, bench->cpu);
        if (!bench_rows[row].measure (bench, &ns, &error)) {
            ns = NAN;
            if (result->why[row] == NULL)
                result->why[row] = g_strdup (error->message);
        }
        values[row * stride + round] = ns;
    }
}

void
bench_run (const struct bench *bench, unsigned rounds, struct bench_result *result)
{
    unsigned stride         = rounds * PATIENCE, done = 0;
    g_autofree double *all = g_new (double, stride * bench_row_count);

    *result     = (struct bench_result){ .rounds = rounds };
    result->why = g_new0 (char *, bench_row_count);
    do {
        round_run (bench, result, all, stride, done++);
        if (done < rounds)
            continue;
        result->discarded = done - rounds;
        result->drift     = MAX (moved (all, row_of (ANCHOR_F), stride, done - rounds, done - 1),
                                  moved (all, row_of (ANCHOR_P), stride, done - rounds, done - 1));
        result->steady    = result->drift <= STEADY;
    } while (done < stride && !result->steady);
    result->values = g_new (double, rounds * bench_row_count);
    for (unsigned row = 0; row < bench_row_count; row++)
        memcpy (result->values + row * rounds, all + row * stride + result->discarded,
                rounds * sizeof *all);
    bench_pin (bench, -1);
}

void
bench_result_clear (struct bench_result *result)
{
    for (unsigned row = 0; row < bench_row_count; row++)
        g_free (result->why[row]);
    g_free (result->why);
    g_free (result->values);
}
