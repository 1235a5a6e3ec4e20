/* command_faults_cell: see command_faults_cell.h. */
#include "command_faults_cell.h"

#include <stdio.h>

#include "command.h"
#include "config/report.h"

/* Whose calls took that much longer is delayed. */
#define DELAY_MIN_NS 1000

static enum style
style_of (const struct cell *cell)
{
    return cell->surprise || cell->outcome == OUTCOME_FAIL ? STYLE_BAD
           : cell->outcome <= OUTCOME_TRANSPARENT          ? STYLE_GOOD
                                                           : STYLE_PLAIN;
}

void
cell_letter_print (const struct cell *cell)
{
    enum style style = style_of (cell);

    printf ("%s%c%s", style_on (style), outcome_letters[cell->outcome], style_off (style));
    fflush (stdout);
}

void
cell_legend_print (void)
{
    for (unsigned i = 0; i < OUTCOMES; i++)
        printf ("%s%c %s", i == 0 ? "" : "  ", outcome_letters[i], outcome_names[i]);
    putchar ('\n');
}

/* How long it took, who died, and whose calls took longer. */
static void
consequences_print (const struct cell *cell)
{
    const char *between = "\n    delayed: ";

    printf (" %+10.1f us, %6.1f ms here", (double)cell->delay_ns / 1e3,
            (double)cell->host_ns / 1e6);
    if (*cell->why != '\0')
        printf ("\n    %s", cell->why);
    if (*cell->died != '\0')
        printf ("\n    dies: %s", cell->died);
    for (unsigned c = 0; c < COMPONENT_MAX; c++)
        if (cell->delays_ns[c] >= DELAY_MIN_NS) {
            printf ("%s%s %.1f us", between, cell->names[c], (double)cell->delays_ns[c] / 1e3);
            between = ", ";
        }
}

void
cell_line_print (const struct cell *cell, const char *component, enum fault_kind kind)
{
    enum style style = style_of (cell);

    printf ("  %-10s %-13s %s%-13s%s%s", component, fault_kinds[kind].word, style_on (style),
            outcome_names[cell->outcome], style_off (style),
            cell->surprise ? "  (a surprise)" : "");
    if (cell->outcome != OUTCOME_NOT_ACTIVATED)
        consequences_print (cell);
    putchar ('\n');
    if (cell->outcome == OUTCOME_FAIL || cell->surprise)
        fputs (cell->report, stdout);
}

static json_t *
predicted_json (unsigned predicted)
{
    json_t *names = json_array ();

    for (unsigned i = 0; i < OUTCOMES; i++)
        if (predicted >> i & 1)
            json_array_append_new (names, json_string (outcome_names[i]));
    return names;
}

static json_t *
delayed_json (const struct cell *cell)
{
    json_t *delayed = json_object ();

    for (unsigned c = 0; c < COMPONENT_MAX; c++)
        if (cell->delays_ns[c] >= DELAY_MIN_NS)
            json_object_set_new (delayed, cell->names[c],
                                 json_integer ((json_int_t)cell->delays_ns[c]));
    return delayed;
}

json_t *
cell_json (const struct cell *cell, const char *component, enum fault_kind kind)
{
    return json_pack ("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:I, s:o, s:b}", "component", component,
                      "fault", fault_kinds[kind].word, "outcome", outcome_names[cell->outcome],
                      "why", cell->why, "died", cell->died, "delay_ns",
                      (json_int_t)cell->delay_ns, "delayed_ns", delayed_json (cell), "host_ns",
                      (json_int_t)cell->host_ns, "predicted", predicted_json (cell->predicted),
                      "surprise", (int)cell->surprise);
}
