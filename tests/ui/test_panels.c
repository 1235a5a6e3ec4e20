/* Panels are drawn from what a machine said, into memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>
#include <string.h>

#include "ui/canned.h"
#include "ui/keys.h"
#include "ui/layout.h"
#include "ui/panel.h"
#include "ui/picture.h"
#include "ui/record.h"

static const char *const structures[] = { "monolithic", "hybrid", "microkernel" };

static Model *
model_of (const char *structure)
{
    Model *model = model_new ();
    json_t *help = canned_help ();

    model_commands (model, help);
    json_decref (help);
    for (unsigned second = 1; second < 4; second++) {
        json_t *said = canned_snapshot (structure, second);

        model_snapshot (model, said);
        json_decref (said);
    }
    for (unsigned call = 0; call < 40; call++) {
        json_t *line
            = json_pack ("{s:s, s:o}", "event", "calls", "data", canned_calls (call));

        model_event (model, line, 0);
        json_decref (line);
    }
    return model;
}

/* The panel as text; the caller frees it. */
static char *
drawn (const Model *model, enum panel_id id, int rows, int columns, const char *filter,
       const char *command)
{
    g_autoptr (Grid) grid = grid_new (rows, columns);
    struct pane pane = pane_whole (grid);
    g_autofree void *state = g_malloc0 (panels[id]->state_bytes + 1);
    Filter *words = filter_new (filter);
    struct view view = { .model = model,
                         .filter = words,
                         .focused = true,
                         .layout = "lecture",
                         .theme = "default",
                         .symbols = "unicode" };

    if (command != NULL) {
        g_auto (GStrv) argv = g_strsplit (command, " ", -1);
        GString *said = g_string_new (NULL);

        panels[id]->draw (&pane, state, &view);
        assert_true (
            panels[id]->command (state, &view, (int)g_strv_length (argv), argv, said));
        g_string_free (said, TRUE);
        grid_clear (grid);
    }
    panels[id]->draw (&pane, state, &view);
    if (panels[id]->clear != NULL)
        panels[id]->clear (state);
    filter_free (words);
    return grid_text (grid);
}

static void
expect (const char *text, const char *wanted)
{
    if (strstr (text, wanted) == NULL)
        fail_msg ("\"%s\" is not in\n%s", wanted, text);
}

static guint
count (const char *text, const char *wanted)
{
    guint times = 0;

    for (const char *at = text; (at = strstr (at, wanted)) != NULL; at += strlen (wanted))
        times++;
    return times;
}

static void
a_monolith_is_one_box_and_a_microkernel_many (void **state)
{
    guint boxes[3];

    (void)state;
    for (guint i = 0; i < 3; i++) {
        g_autoptr (Model) model = model_of (structures[i]);
        g_autofree char *text = drawn (model, PANEL_structure, 13, 78, NULL, NULL);
        Picture *picture = picture_new (model->now, 13, 78, false);

        boxes[i] = picture->boxes->len;
        picture_free (picture);
        expect (text, "kernel");
        expect (text, "\u2554"); /* double lines */
        expect (text, "sh  fsload \u00d72");
        expect (text, "1.9k/s");
        expect (text, "syscalls");
    }
    assert_int_equal (boxes[0], 2); /* the kernel, the programs */
    assert_int_equal (boxes[1], 4);
    assert_int_equal (boxes[2], 12);
}

static void
the_busiest_line_is_heavy_and_who_executes_is_marked (void **state)
{
    g_autoptr (Model) model = model_of ("microkernel");
    g_autofree char *text = drawn (model, PANEL_structure, 13, 78, NULL, NULL);

    (void)state;
    expect (text, "vfs \u25cf");
    expect (text, "\u2501\u25b8"); /* vfs to ext2 */
    expect (text, "4.1k \u21bb2");
}

/* What a machine says of its parts: one row of "components" or "domains". */
static void
say_of (json_t *said, const char *rows, const char *name, const char *doing)
{
    size_t i;
    json_t *row;

    json_array_foreach (json_object_get (said, rows), i, row)
        if (strcmp (json_string_value (json_object_get (row, "name")), name) == 0)
            json_object_set_new (row, "doing", json_string (doing));
}

static void
who_moves_is_held_or_is_put_back_is_marked (void **state)
{
    g_autoptr (Model) model = model_new ();
    json_t *said = canned_snapshot ("hybrid", 1);
    g_autofree char *picture = NULL, *list = NULL, *details = NULL;

    (void)state;
    say_of (said, "components", "tmpfs", "moving");
    say_of (said, "components", "ext2", "held"); /* alone in its box: the box is marked */
    say_of (said, "domains", "drivers", "restarting");
    model_snapshot (model, said);
    json_decref (said);
    picture = drawn (model, PANEL_structure, 16, 78, NULL, NULL);
    expect (picture, "tmpfs\u21c4");
    expect (picture, "fs \u2016");
    expect (picture, "drivers \u21bb");
    list = drawn (model, PANEL_structure, 16, 40, NULL, NULL);
    expect (list, "\u21c4");
    details = drawn (model, PANEL_structure, 16, 78, NULL, "select ext2");
    expect (details, "fs \u2016");
}

static void
move_told (Model *model, const char *to, json_t *note)
{
    json_t *line = json_pack ("{s:s, s:{s:s, s:s, s:s, s:s, s:n, s:o*}}", "event", "move", "data",
                              "component", "tmpfs", "from", "kernel", "to", to, "reason", "",
                              "failed", "note", note);

    model_event (model, line, 0);
    json_decref (line);
}

static void
a_move_stays_marked_for_a_second_of_snapshots (void **state)
{
    g_autoptr (Model) model = model_of ("hybrid");

    (void)state;
    move_told (model, "own", NULL);
    for (unsigned tenth = 0; tenth < 11; tenth++) {
        json_t *said = canned_snapshot ("hybrid", 4);
        g_autofree char *text = NULL;

        model_snapshot (model, said);
        json_decref (said);
        text = drawn (model, PANEL_structure, 16, 78, NULL, NULL);
        assert_int_equal (strstr (text, "tmpfs\u21c4") != NULL, tenth < 10);
    }
}

static void
who_moves_into_the_kernel_is_said_to_give_up_its_isolation (void **state)
{
    g_autoptr (Model) model = model_of ("microkernel");
    g_autofree char *text = NULL;

    (void)state;
    move_told (model, "kernel", json_string ("its isolation is given up"));
    text = drawn (model, PANEL_actions, 10, 100, NULL, NULL);
    expect (text, "tmpfs moved to kernel");
    expect (text, "its isolation is given up");
}

static void
tasks_are_ordered_by_the_column_that_is_wanted (void **state)
{
    g_autoptr (Model) model = model_of ("hybrid");
    g_autofree char *by_task = drawn (model, PANEL_tasks, 5, 78, NULL, NULL);
    g_autofree char *by_cpu = drawn (model, PANEL_tasks, 5, 78, NULL, "sort cpu");
    g_autofree char *turned = drawn (model, PANEL_tasks, 5, 78, NULL, "sort turn");

    (void)state;
    assert_true (strstr (by_task, " 1    1 sh") < strstr (by_task, " 7    7 fsload"));
    assert_true (strstr (by_cpu, " 7    7 fsload") < strstr (by_cpu, " 8    8 fsload"));
    assert_true (strstr (by_cpu, " 8    8 fsload") < strstr (by_cpu, " 1    1 sh"));
    assert_true (strstr (turned, " 8    8 fsload") < strstr (turned, " 7    7 fsload"));
}

static void
the_help_is_whole_at_any_width (void **state)
{
    static const int columns[] = { 118, 78, 58, 40 };
    g_autoptr (Model) model = model_of ("hybrid");

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS (columns); i++) {
        g_autofree char *text = drawn (model, PANEL_help, 400, columns[i], NULL, NULL);

        for (const struct key_row *row = key_table; row->context != NULL; row++) {
            g_auto (GStrv) words = g_strsplit (row->help != NULL ? row->help : "", " ", -1);

            for (char **word = words; *word != NULL; word++)
                expect (text, *word);
        }
    }
}

static void
a_pane_that_the_layout_lacks_stays_when_the_focus_goes_to_the_console (void **state)
{
    const struct rect room = { .rows = 24, .columns = 80 };
    struct placed placed[PANEL_COUNT];
    enum panel_id guest = PANEL_COUNT;
    guint hidden;

    (void)state;
    guest = layout_guest (LAYOUT_LECTURE, 80, PANEL_calls, guest);
    guest = layout_guest (LAYOUT_LECTURE, 80, PANEL_console, guest);
    assert_int_equal (
        layout_place (LAYOUT_LECTURE, PANEL_console, guest, room, placed, &hidden), 2);
    assert_int_equal (placed[0].panel, PANEL_calls);
    assert_int_equal (placed[1].panel, PANEL_console);
    guest = layout_guest (LAYOUT_LECTURE, 80, PANEL_structure, guest);
    layout_place (LAYOUT_LECTURE, PANEL_structure, guest, room, placed, &hidden);
    assert_int_equal (placed[0].panel, PANEL_structure);
    assert_int_equal (guest, PANEL_COUNT);
}

static void
what_is_dead_is_crossed_out (void **state)
{
    g_autoptr (Model) model = model_new ();
    json_t *said = canned_snapshot ("microkernel", 1);
    g_autofree char *text = NULL;

    (void)state;
    for (size_t i = 0; i < json_array_size (json_object_get (said, "domains")); i++) {
        json_t *domain = json_array_get (json_object_get (said, "domains"), i);

        if (strcmp (json_string_value (json_object_get (domain, "name")), "ext2") == 0)
            json_object_set_new (domain, "state", json_string ("dead"));
    }
    model_snapshot (model, said);
    json_decref (said);
    text = drawn (model, PANEL_structure, 13, 78, NULL, NULL);
    expect (text, "ext2 \u2716");
    expect (text, "\u2504"); /* dashed */
}

static void
boxes_do_not_overlap_and_lines_go_from_node_to_node (void **state)
{
    (void)state;
    for (guint i = 0; i < 3; i++) {
        g_autoptr (Model) model = model_of (structures[i]);

        for (int rows = 8; rows < 60; rows += 8)
            for (int columns = 44; columns < 200; columns += 37) {
                Picture *picture = picture_new (model->now, rows, columns, true);

                for (guint a = 0; a < picture->boxes->len; a++) {
                    const struct rect *one = &BOX (picture, a)->rect;

                    assert_true (one->top >= 0 && one->top + one->rows <= rows);
                    assert_true (one->left >= 0 && one->left + one->columns <= columns);
                    for (guint b = 0; b < a; b++) {
                        const struct rect *other = &BOX (picture, b)->rect;

                        assert_true (one->top >= other->top + other->rows
                                     || other->top >= one->top + one->rows
                                     || one->left >= other->left + other->columns
                                     || other->left >= one->left + one->columns);
                    }
                }
                for (guint e = 0; e < picture->edges->len; e++)
                    for (guint s = 1; s < EDGE (picture, e)->path->len; s++) {
                        struct spot now = *SPOT (EDGE (picture, e), s);
                        struct spot before = *SPOT (EDGE (picture, e), s - 1);

                        assert_int_equal (abs (now.row - before.row)
                                              + abs (now.column - before.column),
                                          1);
                    }
                picture_free (picture);
            }
    }
}

/* Cells in which a line goes over another that has neither its beginning nor its end. */
static guint
crossings (const Picture *picture)
{
    guint found = 0;

    for (guint a = 0; a < picture->edges->len; a++)
        for (guint b = 0; b < a; b++) {
            const struct edge *one = EDGE (picture, a), *other = EDGE (picture, b);

            if (one->from == other->from || one->to == other->to)
                continue;
            for (guint i = 0; i < one->path->len; i++)
                for (guint j = 0; j < other->path->len; j++)
                    found += SPOT (one, i)->row == SPOT (other, j)->row
                             && SPOT (one, i)->column == SPOT (other, j)->column;
        }
    return found;
}

static void
every_line_finds_its_way_and_few_cross (void **state)
{
    static const struct {
        int rows, columns;
        guint crossings[3]; /* at most, in each structure */
    } rooms[] = { { 14, 78, { 4, 1, 2 } }, { 26, 118, { 0, 1, 0 } } };

    (void)state;
    for (guint i = 0; i < 3; i++)
        for (guint room = 0; room < G_N_ELEMENTS (rooms); room++) {
            g_autoptr (Model) model = model_of (structures[i]);
            Picture *picture
                = picture_new (model->now, rooms[room].rows, rooms[room].columns, false);

            assert_true (picture->edges->len >= 10);
            for (guint e = 0; e < picture->edges->len; e++)
                assert_int_not_equal (EDGE (picture, e)->path->len, 0);
            if (crossings (picture) > rooms[room].crossings[i])
                fail_msg ("%s, %d columns: %u crossings", structures[i], rooms[room].columns,
                          crossings (picture));
            picture_free (picture);
        }
}

static void
details_show_a_histogram_and_what_the_host_allows (void **state)
{
    g_autoptr (Model) model = model_of ("microkernel");
    g_autofree char *text = drawn (model, PANEL_structure, 26, 118, NULL, "details");
    g_autofree char *edge = drawn (model, PANEL_structure, 40, 118, NULL, "edge next");
    g_autofree char *low = drawn (model, PANEL_structure, 14, 78, NULL, "edge next");

    (void)state;
    expect (text, "nucleus");
    expect (text, "host calls 2 that all have");
    expect (edge, "latency    p50 683ns");
    expect (edge, "read:");
    expect (edge, "\u2588");
    expect (low, "latency    p50 683ns"); /* in two columns where there are few rows */
    expect (low, "\u2588");
    expect (low, "last messages");
}

static void
calls_are_filtered (void **state)
{
    g_autoptr (Model) model = model_of ("hybrid");
    g_autofree char *all = drawn (model, PANEL_calls, 30, 100, NULL, NULL);
    g_autofree char *some = drawn (model, PANEL_calls, 30, 100, "op:lookup", NULL);
    g_autofree char *not_
        = drawn (model, PANEL_calls, 30, 100, "!component:ext2 !kind:syscall", NULL);
    g_autofree char *regex
        = drawn (model, PANEL_calls, 30, 100, "/^from:ext2.*block\\.r/", NULL);
    g_autofree char *none = drawn (model, PANEL_calls, 30, 100, "nonsense", NULL);

    (void)state;
    expect (all, "ext2 \u2192 blk block.read");
    expect (some, "vfs \u2192 tmpfs fs.lookup");
    expect (some, "ERR_NOT_FOUND");
    assert_int_equal (count (some, "block.read"), 0);
    assert_int_equal (count (not_, "ext2"), 0);
    expect (not_, "file.read");
    assert_true (count (regex, "block.read") > 10);
    assert_int_equal (count (regex, "fs.read"), 0);
    expect (none, "no call matches");
}

static void
a_call_is_taken_apart_hop_by_hop (void **state)
{
    g_autoptr (Model) model = model_of ("microkernel");
    json_t *rows = canned_calls (12);
    g_autofree char *text = NULL;
    const char *at;

    (void)state;
    model_hops (model, 12, rows);
    json_decref (rows);
    text = drawn (model, PANEL_calls, 14, 78, NULL, "anatomy");
    at = strstr (text, "read");
    assert_non_null (at);
    at = strstr (at, "\u2514\u25b8 nucleus \u2192 vfs file.read");
    assert_non_null (at);
    at = strstr (at, "   \u2514\u25b8 vfs \u2192 ext2 fs.read");
    assert_non_null (at);
    at = strstr (at, "      \u2514\u25b8 ext2 \u2192 blk block.read");
    assert_non_null (at);
    expect (text, "crossings 6   copies 3 (12288 bytes)");
    expect (text, "in one address space");
}

/* Copies that have been made since the snapshot before are said. */
static void
memory_shows_whose_each_frame_is (void **state)
{
    Model *model = model_new ();
    g_autofree char *text = NULL;

    (void)state;
    for (unsigned second = 1; second < 3; second++) {
        json_t *said = canned_snapshot ("hybrid", second);

        json_object_set_new (
            said, "frames",
            json_pack ("{s:i, s:i, s:i, s:i, s:i, s:s, s:[{s:i, s:i, s:i}, {s:i, s:i, s:i}]}",
                       "frames", 1024, "free", 1000, "cell", 4, "faults", 30, "copied",
                       10 * (int)second, "map", "ffdAAAB#...", "owners", "process", 1, "own", 12,
                       "shared", 3, "process", 7, "own", 4, "shared", 3));
        model_snapshot (model, said);
        json_decref (said);
    }
    text = drawn (model, PANEL_memory, 30, 110, NULL, NULL);
    expect (text, "RAM 4.0M, 3.9M free; a letter is 16K");
    expect (text, "copies 20, 10 just now");
    expect (text, "A pid 1: 12+3  B pid 7: 4+3");
    expect (text, "ffdAAAB#");
    model_free (model);
}

static void
tasks_memory_costs_log_and_actions_show_their_rows (void **state)
{
    g_autoptr (Model) model = model_of ("hybrid");
    json_t *line = json_pack ("{s:s, s:{s:I, s:s}}", "event", "log", "data", "at",
                              (json_int_t)1500000000, "text", "vfs: hello");
    g_autofree char *tasks = drawn (model, PANEL_tasks, 20, 78, NULL, NULL);
    g_autofree char *memory = drawn (model, PANEL_memory, 30, 100, NULL, NULL);
    g_autofree char *costs = drawn (model, PANEL_costs, 30, 100, NULL, NULL);
    g_autofree char *log = NULL, *actions = NULL, *help = NULL;

    (void)state;
    model_event (model, line, 0);
    json_decref (line);
    model_action (model, "you", "step call 1", 4);
    model_action_result (model, 4, false, "state=paused");
    log = drawn (model, PANEL_log, 10, 78, NULL, NULL);
    actions = drawn (model, PANEL_actions, 10, 78, NULL, NULL);
    help = drawn (model, PANEL_help, 100, 100, NULL, NULL);
    expect (tasks, "fsload");
    expect (tasks, "80.0");
    expect (tasks, "who ran when");
    expect (tasks, "\u2586"); /* most of the time */
    expect (memory, "ext2");
    expect (memory, "16M");
    expect (memory, "IIIII");
    expect (costs, "virtual clock");
    expect (costs, "9.0k");
    expect (costs, "vfs \u2192 ext2");
    expect (costs, "crossing");
    expect (log, "1.500000 vfs: hello");
    expect (actions, "step call 1");
    expect (actions, "state=paused");
    expect (help, "runs until one more call has ended");
    expect (help, "Moves a component.");
}

/* Empty machines, nonsense, and every size from nothing up. */
static void
any_panel_can_be_drawn_at_any_size (void **state)
{
    static const int sizes[] = { 1, 2, 3, 4, 5, 7, 10, 16, 24, 43, 80, 132 };
    g_autoptr (Model) full = model_of ("microkernel");
    g_autoptr (Model) empty = model_new ();
    json_t *odd = json_pack ("{s:[i, s, {}], s:{s:s}, s:[{s:s, s:s}], s:i}", "components",
                             1, "x", "links", "from", "nobody", "domains", "name", "",
                             "pid", "no", "tasks", 3);
    g_autoptr (Model) strange = model_new ();
    const Model *models[] = { full, empty, strange };

    (void)state;
    model_snapshot (strange, odd);
    json_decref (odd);
    for (guint m = 0; m < G_N_ELEMENTS (models); m++)
        for (guint p = 0; p < PANEL_COUNT; p++)
            for (guint r = 0; r < G_N_ELEMENTS (sizes); r++)
                for (guint c = 0; c < G_N_ELEMENTS (sizes); c++)
                    g_free (drawn (models[m], (enum panel_id)p, sizes[r], sizes[c], NULL,
                                   NULL));
}

static void
tables_become_csv_and_json_and_pictures_svg_and_dot (void **state)
{
    g_autoptr (Model) model = model_of ("hybrid");
    g_autoptr (Table) table = table_new ();
    struct view view = { .model = model };
    g_autofree void *tasks = g_malloc0 (panels[PANEL_tasks]->state_bytes);
    g_autofree char *csv = NULL, *json = NULL, *svg = picture_svg (model->now),
                    *dot = picture_dot (model->now);
    json_t *parsed;

    (void)state;
    panels[PANEL_tasks]->table (tasks, &view, table);
    table_add (table, STYLE_TEXT, "9", "9", "a \"b\", c", NULL);
    csv = table_csv (table);
    json = table_json (table);
    parsed = json_loads (json, 0, NULL);
    expect (csv, "task,pid,name,state");
    expect (csv, "\n7,7,fsload,running,");
    expect (csv, "\"a \"\"b\"\", c\"");
    assert_int_equal (json_array_size (parsed), 4);
    assert_string_equal (
        json_string_value (json_object_get (json_array_get (parsed, 1), "name")), "fsload");
    json_decref (parsed);
    expect (svg, "<svg xmlns");
    expect (svg, "drivers");
    expect (svg, "polyline");
    expect (dot, "subgraph \"cluster_fs\"");
    expect (dot, "\"vfs\" -> \"ext2\"");
}

static void
a_recording_holds_what_was_seen (void **state)
{
    g_autofree char *path = g_strdup_printf ("%s/khimera-record-XXXXXX", g_get_tmp_dir ());
    g_autofree char *text = NULL;
    g_autoptr (Grid) grid = grid_new (3, 10);
    struct pane pane = pane_whole (grid);
    int descriptor = g_mkstemp (path);
    g_auto (GStrv) lines = NULL;
    Record *record = record_new (path, NULL);

    (void)state;
    assert_true (descriptor >= 0);
    assert_non_null (record);
    pane_put (&pane, 1, 2, STYLE_BAD, "one \"\u25cf\"");
    record_frame (record, grid, 1000000);
    record_frame (record, grid, 1100000); /* nothing new */
    pane_put (&pane, 2, 0, STYLE_TEXT, "two");
    record_frame (record, grid, 1500000);
    grid_resize (grid, 5, 20);
    record_frame (record, grid, 1600000);
    assert_true (record_free (record));
    assert_true (g_file_get_contents (path, &text, NULL, NULL));
    lines = g_strsplit (text, "\n", -1);
    for (guint i = 0; lines[i + 1] != NULL; i++) {
        json_t *value = json_loads (lines[i], 0, NULL);

        assert_non_null (value);
        json_decref (value);
    }
    expect (lines[0], "\"width\": 10");
    expect (lines[1], "one ");
    expect (lines[2], "[0.500000, \"o\"");
    expect (lines[2], "two");
    expect (lines[3], "[0.600000, \"r\", \"20x5\"]");
    close (descriptor);
    remove (path);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_monolith_is_one_box_and_a_microkernel_many),
        cmocka_unit_test (the_busiest_line_is_heavy_and_who_executes_is_marked),
        cmocka_unit_test (what_is_dead_is_crossed_out),
        cmocka_unit_test (who_moves_is_held_or_is_put_back_is_marked),
        cmocka_unit_test (a_move_stays_marked_for_a_second_of_snapshots),
        cmocka_unit_test (who_moves_into_the_kernel_is_said_to_give_up_its_isolation),
        cmocka_unit_test (tasks_are_ordered_by_the_column_that_is_wanted),
        cmocka_unit_test (the_help_is_whole_at_any_width),
        cmocka_unit_test (a_pane_that_the_layout_lacks_stays_when_the_focus_goes_to_the_console),
        cmocka_unit_test (boxes_do_not_overlap_and_lines_go_from_node_to_node),
        cmocka_unit_test (every_line_finds_its_way_and_few_cross),
        cmocka_unit_test (details_show_a_histogram_and_what_the_host_allows),
        cmocka_unit_test (calls_are_filtered),
        cmocka_unit_test (a_call_is_taken_apart_hop_by_hop),
        cmocka_unit_test (tasks_memory_costs_log_and_actions_show_their_rows),
        cmocka_unit_test (memory_shows_whose_each_frame_is),
        cmocka_unit_test (any_panel_can_be_drawn_at_any_size),
        cmocka_unit_test (tables_become_csv_and_json_and_pictures_svg_and_dot),
        cmocka_unit_test (a_recording_holds_what_was_seen),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
