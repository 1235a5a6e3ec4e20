/* panel_memory_frames: RAM as the memory manager has it: whose each frame is, which are
 * shared, and what is being copied. */
#include "ui/panel_memory.h"

/* "A 7: 120 own, 30 shared" for each process that has frames, as many as fit. */
static int
draw_owners (struct pane *pane, const Snapshot *now, int row)
{
    int column = 0;

    for (guint i = 0; i < now->owners->len && row < pane->rows; i++) {
        const struct owner_row *owner = &g_array_index (now->owners, struct owner_row, i);
        g_autofree char *text         = g_strdup_printf (
            "%c pid %" G_GUINT64_FORMAT ": %" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT "  ",
            (char)('A' + i), owner->process, owner->own, owner->shared);

        if (column != 0 && column + (int)strlen (text) > pane->columns) {
            column = 0;
            row++;
        }
        if (row < pane->rows)
            pane_print (pane, row, column, (enum style_id)(STYLE_PART1 + (int)(i % 4)), "%s",
                        text);
        column += (int)strlen (text);
    }
    return column != 0 ? row + 1 : row;
}

static enum style_id
cell_style (char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return (enum style_id)(STYLE_PART1 + (letter - 'A') % 4);
    return letter == '#' ? STYLE_HEAD : letter == 'd' ? STYLE_BAD : STYLE_TEXT;
}

void
memory_draw_frames (struct pane *pane, const Snapshot *now)
{
    const struct frames_now *ram = &now->ram;
    char whole[16], free[16], cell[16], faults[16], copied[16], in[16], out[16];
    int row = 0, column = 0;

    pane_print (pane, row++, 0, STYLE_HEAD, "RAM %s, %s free; a letter is %s: # shared, f file, d dirty",
                shown_bytes (whole, (double)ram->frames * 4096),
                shown_bytes (free, (double)ram->free * 4096),
                shown_bytes (cell, (double)ram->cell * 4096));
    pane_print (pane, row++, 0, ram->copies != 0 ? STYLE_HEAD : STYLE_TEXT,
                "faults %s  copies %s, %" G_GUINT64_FORMAT " just now  swapped in %s out %s",
                shown_number (faults, (double)ram->faults),
                shown_number (copied, (double)ram->copied), ram->copies,
                shown_number (in, (double)ram->swapped_in),
                shown_number (out, (double)ram->swapped_out));
    row = draw_owners (pane, now, row);
    for (const char *at = ram->map; at != NULL && *at != '\0'; at++) {
        if (column >= pane->columns) {
            column = 0;
            row++;
        }
        if (row >= pane->rows)
            break;
        pane_char (pane, row, column++, cell_style (*at), *at == '.' ? 0xb7 : (gunichar)*at);
    }
}
