#include "board/report.h"

#include <stdbool.h>
#include <string.h>

/* The offset at which the first line begins that begins at `offset` or after it. */
static gsize
line_from (const GString *report, gsize offset)
{
    const char *newline = memchr (report->str + offset - 1, '\n', report->len - offset + 1);

    return newline != NULL ? (gsize)(newline + 1 - report->str) : report->len;
}

void
report_trim (GString *report, struct report_cut *cut)
{
    bool marked = cut->at != 0;
    gsize end;
    g_autofree char *mark = NULL;

    if (report->len <= REPORT_BYTES)
        return;
    if (!marked)
        cut->at = line_from (report, REPORT_FIRST_BYTES);
    /* As much again may come before it is too long again. */
    end = line_from (report, report->len - (REPORT_BYTES - REPORT_FIRST_BYTES) / 2);
    if (end <= cut->at)
        return; /* it is all one line */
    for (gsize i = cut->at; i < end; i++)
        cut->lines += report->str[i] == '\n';
    cut->lines -= marked; /* the line that said so */
    mark = g_strdup_printf ("khimera: (%u lines are left out here)\n", cut->lines);
    g_string_erase (report, (gssize)cut->at, (gssize)(end - cut->at));
    g_string_insert (report, (gssize)cut->at, mark);
}
