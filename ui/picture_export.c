/* picture_export: the structure as SVG, for slides, and as DOT, for graphviz. */
#include <string.h>

#include "ui/picture.h"
#include "ui/structure.h"

#define CELL_WIDTH  9
#define CELL_HEIGHT 18
#define SVG_ROWS    26
#define SVG_COLUMNS 118

static char *
escaped (const char *text)
{
    return g_markup_escape_text (text, -1);
}

static void
svg_text (GString *svg, double column, double row, const char *attributes, const char *text)
{
    g_autofree char *safe = escaped (text);
    char x[16], y[16];

    g_string_append_printf (
        svg, "<text x=\"%s\" y=\"%s\"%s>%s</text>\n",
        g_ascii_formatd (x, sizeof x, "%.1f", column * CELL_WIDTH),
        g_ascii_formatd (y, sizeof y, "%.1f", (row + 0.75) * CELL_HEIGHT), attributes,
        safe);
}

static void
svg_box (GString *svg, const Snapshot *now, const struct box *box)
{
    const struct rect *rect = &box->rect;
    const struct domain_row *domain = DOMAIN (now, box->domain);
    const char *colour = domain->dead  ? "#c00"
                         : box->kernel ? "#a0308c"
                         : box->user   ? "#3a7d2c"
                                       : "#0a7a8c";

    for (int line = 0; line < (box->kernel ? 2 : 1); line++)
        g_string_append_printf (
            svg,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\" "
            "stroke=\"%s\" stroke-width=\"1.5\"%s/>\n",
            rect->left * CELL_WIDTH + 4 + line * 4, rect->top * CELL_HEIGHT + 8 + line * 4,
            (rect->columns - 1) * CELL_WIDTH - line * 8,
            (rect->rows - 1) * CELL_HEIGHT - line * 8, line == 0 ? "#fff" : "none", colour,
            domain->dead ? " stroke-dasharray=\"5 4\"" : "");
    {
        g_autofree char *title
            = g_strdup_printf ("%s%s", domain->name, domain->dead ? " \u2716" : "");
        g_autofree char *style
            = g_strdup_printf (" fill=\"%s\" font-weight=\"bold\" stroke=\"#fff\" "
                               "stroke-width=\"5\" paint-order=\"stroke\"",
                               colour);

        svg_text (svg, rect->left + 2, rect->top - 0.2, style, title);
    }
}

static void
svg_edge (GString *svg, const Picture *picture, const Snapshot *now,
          const struct edge *edge, double most)
{
    double width = most > 0 ? 1 + 3 * edge_rate (now, edge) / most : 1;
    char number[16];

    if (edge->path->len == 0)
        return;
    g_string_append (
        svg, "<polyline fill=\"none\" stroke=\"#444\" marker-end=\"url(#to)\" points=\"");
    for (guint i = 0; i < edge->path->len; i++)
        g_string_append_printf (svg, "%d,%d ",
                                SPOT (edge, i)->column * CELL_WIDTH + CELL_WIDTH / 2,
                                SPOT (edge, i)->row * CELL_HEIGHT + CELL_HEIGHT / 2);
    {
        const struct spot *last = SPOT (edge, edge->path->len - 1);
        const struct rect *to = &NODE (picture, edge->to)->rect;
        int step_x = last->column < to->left                  ? 1
                     : last->column >= to->left + to->columns ? -1
                                                              : 0;
        int step_y = step_x != 0 ? 0 : last->row < to->top ? 1 : -1;

        g_string_append_printf (svg, "%d,%d",
                                last->column * CELL_WIDTH + CELL_WIDTH / 2 + step_x * 6,
                                last->row * CELL_HEIGHT + CELL_HEIGHT / 2 + step_y * 10);
    }
    g_string_append_printf (svg, "\" stroke-width=\"%s\"/>\n",
                            g_ascii_formatd (number, sizeof number, "%.1f", width));
}

char *
picture_svg (const Snapshot *now)
{
    Picture *picture = picture_new (now, SVG_ROWS, SVG_COLUMNS, false);
    GString *svg = g_string_new (NULL);
    double most = 0;
    char rate[16];

    g_string_append_printf (
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "font-family=\"monospace\" font-size=\"14\">\n<defs><marker id=\"to\" "
        "viewBox=\"0 0 10 10\" refX=\"8\" refY=\"5\" markerWidth=\"9\" "
        "markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path "
        "d=\"M0 0L10 5L0 10z\" fill=\"#444\"/></marker></defs>\n<rect "
        "width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
        SVG_COLUMNS * CELL_WIDTH, SVG_ROWS * CELL_HEIGHT);
    for (guint i = 0; i < picture->edges->len; i++)
        if (!EDGE (picture, i)->syscalls)
            most = MAX (most, edge_rate (now, EDGE (picture, i)));
    for (guint i = 0; i < picture->boxes->len; i++)
        svg_box (svg, now, BOX (picture, i));
    for (guint i = 0; i < picture->edges->len; i++)
        svg_edge (svg, picture, now, EDGE (picture, i), most);
    for (guint i = 0; i < picture->nodes->len; i++) {
        const struct node *node = NODE (picture, i);
        const struct component_row *row = COMPONENT (now, node->component);
        g_autofree char *text = g_strdup_printf ("%s  %s/s", node->alone ? "" : row->name,
                                                 shown_number (rate, row->rate));

        if (!BOX (picture, node->box)->user)
            svg_text (svg, node->rect.left + (node->alone ? 1 : 0),
                      node->rect.top + (node->alone ? node->rect.rows / 2 : 0), "",
                      node->alone && !BOX (picture, node->box)->kernel ? text + 2 : text);
    }
    g_string_append (svg, "</svg>\n");
    picture_free (picture);
    return g_string_free (svg, FALSE);
}

char *
picture_dot (const Snapshot *now)
{
    GString *dot = g_string_new ("digraph machine {\n  rankdir=LR;\n  node [shape=box];\n");
    char rate[16];

    for (guint d = 0; d < now->domains->len; d++) {
        g_autofree char *name = g_strescape (DOMAIN (now, d)->name, NULL);

        g_string_append_printf (
            dot, "  subgraph \"cluster_%s\" {\n    label=\"%s\";\n    peripheries=%d;\n",
            name, name, (int)d == snapshot_kernel (now) ? 2 : 1);
        for (guint i = 0; i < now->components->len; i++)
            if (COMPONENT (now, i)->domain == (int)d) {
                g_autofree char *component = g_strescape (COMPONENT (now, i)->name, NULL);

                g_string_append_printf (dot, "    \"%s\"%s;\n", component,
                                        COMPONENT (now, i)->dead ? " [style=dashed]" : "");
            }
        g_string_append (dot, "  }\n");
    }
    for (guint i = 0; i < now->links->len; i++) {
        const struct link_row *link = LINK (now, i);

        if (link->calls == 0 || link->from < 0 || link->to < 0)
            continue;
        g_string_append_printf (dot, "  \"%s\" -> \"%s\" [label=\"%s %s/s\"%s];\n",
                                COMPONENT (now, link->from)->name,
                                COMPONENT (now, link->to)->name, link->interface,
                                shown_number (rate, link->rate),
                                link->remote != 0 ? "" : ", style=dotted");
    }
    g_string_append (dot, "}\n");
    return g_string_free (dot, FALSE);
}
