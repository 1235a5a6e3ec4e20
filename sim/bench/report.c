/* report: what was measured, for people and for programs. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "command.h"

/* One row, summed up. NAN: there is none. */
struct summary {
    double median, min, max; /* ns */
    double ratio;            /* median of the ratios to the anchor of the same round */
    double ratio_worst;
    double excess; /* reached / allowed: at most 1 is met */
};

static const char letters[ANCHOR_COUNT] = { ' ', 'F', 'G', 'L', 'P', 'S' };

static const double *
anchor_values (const struct bench_result *result, enum bench_anchor anchor)
{
    for (unsigned row = 0; row < bench_row_count; row++)
        if (anchor != ANCHOR_NONE && bench_rows[row].is == anchor)
            return result->values + row * result->rounds;
    return NULL;
}

static double
excess_of (const struct bench_row *row, const struct summary *summary)
{
    switch (row->target) {
    case TARGET_RATIO:
        return summary->ratio / row->bound;
    case TARGET_WORST:
        return summary->ratio_worst / row->bound;
    case TARGET_NS:
        return summary->median / row->bound;
    case TARGET_RATE:
        return row->bound * summary->median / 1e9;
    case TARGET_NONE:
        break;
    }
    return NAN;
}

static struct summary
summarize (const struct bench_result *result, unsigned index)
{
    const struct bench_row *row  = &bench_rows[index];
    const double *values         = result->values + index * result->rounds;
    const double *anchor         = anchor_values (result, row->against);
    g_autofree double *sorted    = g_new (double, result->rounds);
    g_autofree double *ratios    = g_new (double, result->rounds);
    struct summary summary       = { NAN, NAN, NAN, NAN, NAN, NAN };
    unsigned count = 0, compared = 0;

    for (unsigned round = 0; round < result->rounds; round++) {
        if (isnan (values[round]))
            continue;
        sorted[count++] = values[round];
        if (anchor != NULL && !isnan (anchor[round]))
            ratios[compared++] = values[round] / anchor[round];
    }
    if (count != 0) {
        summary.median = bench_median (sorted, count);
        summary.min    = sorted[0];
        summary.max    = sorted[count - 1];
    }
    if (compared != 0 && result->steady) {
        summary.ratio       = bench_median (ratios, compared);
        summary.ratio_worst = ratios[compared - 1];
    }
    summary.excess = excess_of (row, &summary);
    return summary;
}

/* ---- for people ---- */

static void
print_time (double ns)
{
    if (isnan (ns))
        printf ("%10s", "-");
    else if (ns < 1000)
        printf ("%7.1f ns", ns);
    else if (ns < 1e6)
        printf ("%7.2f us", ns / 1e3);
    else
        printf ("%7.1f ms", ns / 1e6);
}

static void
print_value (const struct bench_row *row, double ns)
{
    if (row->target == TARGET_RATE && !isnan (ns))
        printf ("%8.1f M/s", 1e3 / ns);
    else
        printf (" "), print_time (ns);
}

static void
print_target (const struct bench_row *row)
{
    switch (row->target) {
    case TARGET_NONE:
        printf ("%10s", "");
        break;
    case TARGET_RATIO:
    case TARGET_WORST:
        printf (" <= %3.1f %c ", row->bound, letters[row->against]);
        break;
    case TARGET_NS:
        printf (" <= %2.0f ms ", row->bound / 1e6);
        break;
    case TARGET_RATE:
        printf (" >= %1.0f M/s", row->bound / 1e6);
        break;
    }
}

static void
print_verdict (const struct bench_row *row, const struct summary *summary)
{
    if (row->target == TARGET_NONE)
        return;
    if (isnan (summary->excess))
        printf (" not judged");
    else if (summary->excess <= 1)
        printf (" %smet%s", style_on (STYLE_GOOD), style_off (STYLE_GOOD));
    else
        printf (" %smissed by %.2fx%s", style_on (STYLE_BAD), summary->excess,
                style_off (STYLE_BAD));
}

static void
print_row (const struct bench_result *result, unsigned index)
{
    const struct bench_row *row = &bench_rows[index];
    struct summary summary      = summarize (result, index);
    double ratio = row->target == TARGET_WORST ? summary.ratio_worst : summary.ratio;

    printf ("%c %-46s", letters[row->is], row->name);
    print_value (row, summary.median);
    print_value (row, summary.min);
    print_value (row, summary.max);
    if (row->against == ANCHOR_NONE)
        printf ("%9s", "");
    else if (isnan (ratio))
        printf ("%9s", "-");
    else
        printf ("%7.2f %c", ratio, letters[row->against]);
    print_target (row);
    print_verdict (row, &summary);
    putchar ('\n');
    if (result->why[index] != NULL)
        printf ("    %s\n", result->why[index]);
}

void
bench_print (const struct bench *bench, const struct bench_result *result)
{
    printf ("%s%-48s%11s%11s%11s%9s%10s%s\n", style_on (STYLE_HEAD),
            "one turn; a letter names what others are divided by", "median", "min", "max", "ratio",
            "target", style_off (STYLE_HEAD));
    for (unsigned row = 0; row < bench_row_count; row++)
        print_row (result, row);
    printf ("\n%u rounds of every row in turn", result->rounds);
    if (result->discarded != 0)
        printf (", after %u while the host was unsteady", result->discarded);
    if (bench->other_cpu >= 0)
        printf ("; on CPU %d, and %d where there are two\n", bench->cpu, bench->other_cpu);
    else
        printf ("; on CPU %d, the only one\n", bench->cpu);
    if (!result->steady)
        printf ("F or P moved by %.0f %% from the first round to the last: no ratios. Try again "
                "when this host is quieter.\n",
                result->drift * 100);
}

/* ---- for programs ---- */

static void
set_number (json_t *object, const char *key, double number)
{
    json_object_set_new (object, key, isfinite (number) ? json_real (number) : json_null ());
}

static json_t *
row_json (const struct bench_result *result, unsigned index)
{
    static const char *const kinds[]
        = { NULL, "ratio", "worst_ratio", "ns_max", "per_second_min" };
    const struct bench_row *row = &bench_rows[index];
    struct summary summary      = summarize (result, index);
    const char anchor[2]        = { letters[row->against], '\0' };
    const char self[2]          = { letters[row->is], '\0' };
    json_t *json                = json_object ();

    json_object_set_new (json, "key", json_string (row->key));
    json_object_set_new (json, "name", json_string (row->name));
    json_object_set_new (json, "anchor", row->is != ANCHOR_NONE ? json_string (self) : json_null ());
    set_number (json, "ns_median", summary.median);
    set_number (json, "ns_min", summary.min);
    set_number (json, "ns_max", summary.max);
    json_object_set_new (json, "against",
                         row->against != ANCHOR_NONE ? json_string (anchor) : json_null ());
    set_number (json, "ratio", summary.ratio);
    set_number (json, "ratio_worst", summary.ratio_worst);
    if (row->target != TARGET_NONE) {
        json_object_set_new (json, "target", json_string (kinds[row->target]));
        json_object_set_new (json, "bound", json_real (row->bound));
        set_number (json, "excess", summary.excess);
        json_object_set_new (json, "met",
                             isnan (summary.excess) ? json_null ()
                                                    : json_boolean (summary.excess <= 1));
    }
    if (result->why[index] != NULL)
        json_object_set_new (json, "why", json_string (result->why[index]));
    return json;
}

bool
bench_print_json (const struct bench *bench, const struct bench_result *result)
{
    json_t *json = json_object (), *rows = json_array ();
    bool ok;

    for (unsigned row = 0; row < bench_row_count; row++)
        json_array_append_new (rows, row_json (result, row));
    json_object_set_new (json, "version", json_integer (1));
    json_object_set_new (json, "rounds", json_integer (result->rounds));
    json_object_set_new (json, "discarded", json_integer (result->discarded));
    json_object_set_new (json, "steady", json_boolean (result->steady));
    set_number (json, "drift", result->drift);
    json_object_set_new (json, "cpu", json_integer (bench->cpu));
    json_object_set_new (json, "other_cpu",
                         bench->other_cpu >= 0 ? json_integer (bench->other_cpu) : json_null ());
    json_object_set_new (json, "rows", rows);
    ok = json_dumpf (json, stdout, JSON_INDENT (2) | JSON_REAL_PRECISION (6)) == 0;
    putchar ('\n');
    json_decref (json);
    return ok;
}
