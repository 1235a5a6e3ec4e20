/* Keys become commands, commands become requests, and answers are seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/canned.h"
#include "ui/stage.h"

static void
expect (struct stage *stage, const char *wanted)
{
    const char *screen = stage_screen (stage);

    if (strstr (screen, wanted) == NULL)
        fail_msg ("\"%s\" is not in\n%s", wanted, screen);
}

static void
expect_not (struct stage *stage, const char *unwanted)
{
    const char *screen = stage_screen (stage);

    if (strstr (screen, unwanted) != NULL)
        fail_msg ("\"%s\" is in\n%s", unwanted, screen);
}

static const char *
text_in (const struct stage *stage, const char *command, const char *key)
{
    const json_t *request = stage_request (stage, command);
    const char *text;

    if (request == NULL)
        fail_msg ("nobody sent %s", command);
    text = json_string_value (json_object_get (request, key));
    return text != NULL ? text : "";
}

static void
number_keys_and_tab_go_to_panes (void **state)
{
    struct stage *stage = stage_new ("hybrid", false);

    (void)state;
    expect (stage, "1 Structure");
    expect (stage, "2 Console");
    for (guint i = 0; i < PANEL_COUNT; i++) {
        g_autofree char *title
            = g_strdup_printf (" %c %s ", panels[i]->key, panels[i]->title);
        char key[2] = { panels[i]->key, '\0' };

        stage_keys (stage, key);
        assert_int_equal (stage->dashboard->focus, i);
        expect (stage, title);
        if (stage->dashboard->typing)
            stage_keys (stage, "^A");
    }
    stage_keys (stage, "1 tab");
    assert_int_equal (stage->dashboard->focus, PANEL_console);
    stage_keys (stage, "tab");
    assert_int_equal (stage->dashboard->focus, PANEL_structure);
    stage_keys (stage, "backtab");
    assert_int_equal (stage->dashboard->focus, PANEL_console);
    stage_keys (stage, "+");
    expect_not (stage, "1 Structure");
    stage_keys (stage, "+");
    expect (stage, "1 Structure");
    stage_free (stage);
}

static void
what_keys_do_to_the_machine_is_a_command_in_the_action_log (void **state)
{
    struct stage *stage = stage_new ("microkernel", false);

    (void)state;
    stage_keys (stage, "space");
    assert_non_null (stage_request (stage, "pause"));
    stage_answer (stage, stage_request (stage, "pause"), true, "{\"state\":\"paused\"}");
    stage_event (stage, "state",
                 json_pack ("{s:s, s:s}", "state", "paused", "reason", "pause"));
    expect (stage, "\u2016 paused");
    stage_keys (stage, "s");
    assert_string_equal (text_in (stage, "step", "unit"), "call");
    assert_int_equal (
        json_integer_value (json_object_get (stage_request (stage, "step"), "count")), 1);
    stage_answer (stage, stage_request (stage, "step"), false, "it is dead");
    expect (stage, "step call 1: it is dead");
    stage_keys (stage, "space");
    assert_non_null (stage_request (stage, "resume"));
    stage_keys (stage, "<");
    assert_true (
        json_real_value (json_object_get (stage_request (stage, "speed"), "factor"))
        == 0.5);
    stage_keys (stage, "> >");
    assert_int_equal (
        json_integer_value (json_object_get (stage_request (stage, "speed"), "factor")), 2);
    stage_keys (stage, "8");
    expect (stage, "step call 1");
    expect (stage, "it is dead");
    expect (stage, "speed factor=2");
    stage_free (stage);
}

static void
killing_asks_first_and_moving_fills_the_command_line (void **state)
{
    struct stage *stage = stage_new ("hybrid", false);

    (void)state;
    stage_keys (stage, ":");
    stage_type (stage, "select ext2");
    stage_keys (stage, "enter K");
    expect (stage, "Kill the process of domain fs (1 components)?");
    stage_keys (stage, "n");
    assert_null (stage_request (stage, "kill"));
    stage_keys (stage, "K y");
    assert_string_equal (text_in (stage, "kill", "domain"), "fs");
    stage_keys (stage, "m");
    expect (stage, ":move component=ext2 domain=");
    stage_type (stage, "dr");
    stage_keys (stage, "tab");
    expect (stage, "domain=drivers");
    stage_keys (stage, "enter");
    assert_string_equal (text_in (stage, "move", "component"), "ext2");
    assert_string_equal (text_in (stage, "move", "domain"), "drivers");
    stage_free (stage);
}

static void
the_command_line_completes_and_remembers (void **state)
{
    struct stage *stage = stage_new ("hybrid", false);

    (void)state;
    stage_keys (stage, ":");
    stage_type (stage, "sta");
    stage_keys (stage, "tab");
    expect (stage, ":status");
    stage_keys (stage, "enter");
    stage_answer (stage, stage_request (stage, "status"), true,
                  "{\"machine\":\"hybrid\",\"calls\":12}");
    expect (stage, "machine=hybrid calls=12");
    stage_keys (stage, ": up");
    expect (stage, ":status");
    stage_keys (stage, "escape :");
    stage_type (stage, "s");
    stage_keys (stage, "tab");
    expect (stage, "slower"); /* the choices */
    stage_keys (stage, "^U");
    stage_type (stage, "frobnicate");
    stage_keys (stage, "enter");
    expect (stage, "there is no command \"frobnicate\"");
    stage_keys (stage, ":");
    stage_type (stage, "step unit=tick count=x");
    stage_keys (stage, "enter");
    assert_string_equal (text_in (stage, "step", "unit"), "tick");
    assert_string_equal (text_in (stage, "step", "count"), "x");
    stage_keys (stage, ":");
    stage_type (stage, "layout debug");
    stage_keys (stage, "enter");
    expect (stage, "3 Calls");
    expect (stage, "7 Log");
    stage_free (stage);
}

static void
a_filter_acts_while_it_is_typed (void **state)
{
    struct stage *stage = stage_new ("hybrid", false);

    (void)state;
    for (unsigned call = 0; call < 5; call++)
        stage_event (stage, "calls", canned_calls (call));
    stage_keys (stage, "3");
    expect (stage, "block.read");
    stage_keys (stage, "/");
    stage_type (stage, "op:lookup");
    expect_not (stage, "block.read");
    expect (stage, "fs.lookup");
    stage_keys (stage, "escape"); /* as it was */
    expect (stage, "block.read");
    stage_keys (stage, "/");
    stage_type (stage, "!op:lookup");
    stage_keys (stage, "enter");
    expect_not (stage, "fs.lookup");
    expect (stage, "/!op:lookup");
    stage_keys (stage, "/");
    stage_type (stage, " /(/");
    expect (stage, "wrong:");
    stage_keys (stage, "escape escape");
    expect (stage, "fs.lookup");
    stage_free (stage);
}

static void
a_call_is_fetched_and_taken_apart (void **state)
{
    struct stage *stage = stage_new ("microkernel", false);
    json_t *rows = canned_calls (3);
    char *text = json_dumps (rows, 0);

    (void)state;
    for (unsigned call = 0; call < 5; call++)
        stage_event (stage, "calls", canned_calls (call));
    stage_keys (stage, "3 pageup");
    stage_keys (stage, "enter");
    assert_non_null (stage_request (stage, "calls"));
    stage->model->hops_call = 0;
    stage_answer (stage, stage_request (stage, "calls"), true, text);
    if (json_integer_value (json_object_get (stage_request (stage, "calls"), "call"))
        == 3) {
        expect (stage, "Anatomy of read   fsload:7 call 3");
        expect (stage, "ext2 \u2192 blk block.read");
    }
    stage_keys (stage, "escape");
    expect (stage, "3 Calls");
    free (text);
    json_decref (rows);
    stage_free (stage);
}

static char *
typed_text (const struct stage *stage)
{
    gsize bytes;
    g_autofree guchar *data = g_base64_decode (text_in (stage, "type", "data"), &bytes);

    return g_strndup ((char *)data, bytes);
}

static void
typing_goes_to_the_machine_until_the_prefix (void **state)
{
    struct stage *stage = stage_new ("hybrid", false);
    g_autofree char *first = NULL, *second = NULL, *third = NULL;

    (void)state;
    if (!term_available ()) {
        stage_free (stage);
        return;
    }
    assert_null (stage_request (stage, "resize")); /* looking is no input */
    stage_keys (stage, "2");
    expect (stage, "^A leaves the console");
    stage_type (stage, "ls \u00e9q?");
    assert_non_null (stage_request (stage, "resize"));
    first = typed_text (stage);
    assert_string_equal (first, "ls \u00e9q?");
    stage_keys (stage, "up"); /* waits for the answer */
    second = typed_text (stage);
    assert_string_equal (second, first);
    stage_answer (stage, stage_request (stage, "type"), true, "{\"typed\":7}");
    stage_screen (stage);
    third = typed_text (stage);
    assert_string_equal (third, "\033[A");
    stage_keys (stage, "^A q");
    expect (stage, "q ends it");
    stage_keys (stage, "escape");
    stage_event (stage, "stats", canned_snapshot ("hybrid", 9));
    stage_free (stage);
}

static void
the_console_shows_what_the_machine_says (void **state)
{
    struct stage *stage = stage_new ("hybrid", false);
    const char text[] = "\033[2J\033[Hhello \033[1mworld\033[0m\r\n\033]0;title\007# ";
    g_autofree char *raw = g_base64_encode ((const guchar *)text, sizeof text - 1);

    (void)state;
    stage_event (stage, "console", json_string (raw));
    if (term_available ()) {
        expect (stage, "hello world");
        expect_not (stage, "title");
    }
    stage_free (stage);
}

static void
quitting_asks_unless_nothing_is_lost (void **state)
{
    struct stage *stage = stage_new ("hybrid", false), *reader = stage_new ("hybrid", true);

    (void)state;
    stage_keys (stage, "q escape");
    assert_false (stage->dashboard->leave);
    stage_keys (stage, "q d");
    assert_true (stage->dashboard->leave);
    assert_null (stage_request (stage, "quit"));
    stage->dashboard->leave = false;
    stage_keys (stage, "q q");
    assert_non_null (stage_request (stage, "quit"));
    assert_false (stage->dashboard->leave); /* it must have been heard */
    stage_answer (stage, stage_request (stage, "quit"), true, "{}");
    assert_true (stage->dashboard->leave);
    stage_keys (reader, "space");
    expect (reader, "read-only");
    assert_null (stage_request (reader, "pause"));
    stage_keys (reader, "q");
    assert_true (reader->dashboard->leave);
    stage_free (stage);
    stage_free (reader);
}

static void
a_panic_is_shown_with_a_way_out (void **state)
{
    struct stage *stage = stage_new ("monolithic", false);

    (void)state;
    stage_event (stage, "state",
                 json_pack ("{s:s, s:s, s:s}", "state", "dead", "reason", "panic", "report",
                            "kernel panic: vfs\n  #0 vfs_read at vfs.c:12"));
    expect (stage, "kernel panic: vfs");
    expect (stage, "#0 vfs_read");
    expect (stage, "r reboot");
    stage_keys (stage, "k");
    expect_not (stage, "#0 vfs_read");
    expect (stage, "\u2716 dead");
    stage_keys (stage, "k"); /* up, now */
    stage_event (stage, "state", json_pack ("{s:s}", "state", "running"));
    stage_event (stage, "state",
                 json_pack ("{s:s, s:s}", "state", "dead", "report", "again"));
    expect (stage, "again");
    stage_keys (stage, "r");
    assert_non_null (stage_request (stage, "reboot"));
    stage_free (stage);
}

static void
a_report_longer_than_the_screen_can_be_read_to_its_end (void **state)
{
    struct stage *stage      = stage_new ("monolithic", false);
    g_autoptr (GString) text = g_string_new ("first\n");

    (void)state;
    for (int i = 0; i < 100; i++)
        g_string_append_printf (text, "line %d\n", i);
    for (int i = 0; i < 100; i++)
        g_string_append (text, "long ");
    g_string_append (text, "END OF IT\n");
    stage_event (stage, "state",
                 json_pack ("{s:s, s:s, s:s}", "state", "dead", "reason", "panic", "report",
                            text->str));
    expect (stage, "first");
    expect (stage, "0 above");
    expect_not (stage, "END OF IT");
    stage_keys (stage, "down");
    expect_not (stage, "first");
    expect (stage, "1 above");
    stage_keys (stage, "end");
    expect (stage, "END OF IT");
    expect (stage, "0 below");
    stage_keys (stage, "home");
    expect (stage, "first");
    stage_keys (stage, "5 + pagedown"); /* whatever pane has the focus, or the screen */
    expect (stage, "r reboot");
    expect_not (stage, "first");
    stage_free (stage);
}

static void
every_key_of_the_table_does_something_known (void **state)
{
    (void)state;
    for (const struct key_row *row = key_table; row->context != NULL; row++) {
        struct stage *stage = stage_new ("microkernel", false);
        enum panel_id panel = panel_find (row->context);

        assert_int_not_equal (key_from_name (row->key), UI_KEY_NONE);
        if (strcmp (row->context, "panic") == 0)
            stage_event (stage, "state",
                         json_pack ("{s:s, s:s}", "state", "dead", "report", "x"));
        else if (panel != PANEL_COUNT)
            dashboard_focus (stage->dashboard, panel);
        if (strcmp (row->command, "copy") != 0) { /* it writes a file */
            stage_keys (stage, row->key);
            expect_not (stage, "there is no");
        }
        if (row->help != NULL && strcmp (row->context, "panic") != 0) {
            grid_resize (stage->grid, 120, 150);
            dashboard_focus (stage->dashboard, PANEL_help);
            stage->dashboard->prompt = PROMPT_NONE;
            expect (stage, row->help);
        }
        stage_free (stage);
    }
}

static void
small_screens_drop_panes_in_order_and_never_the_focus (void **state)
{
    struct stage *stage = stage_new ("hybrid", false);

    (void)state;
    for (guint layout = 0; layout < LAYOUT_COUNT; layout++)
        for (guint panel = 0; panel < PANEL_COUNT; panel++)
            for (int rows = 1; rows < 50; rows += 3)
                for (int columns = 1; columns < 160; columns += 11) {
                    stage->dashboard->layout = (enum layout)layout;
                    dashboard_focus (stage->dashboard, (enum panel_id)panel);
                    grid_resize (stage->grid, rows, columns);
                    dashboard_draw (stage->dashboard, stage->grid);
                    assert_true (stage->dashboard->placed_count >= 1);
                    for (guint i = 0; i < stage->dashboard->placed_count; i++)
                        if (stage->dashboard->placed[i].panel == panel)
                            goto found;
                    fail_msg ("pane %u is not there at %dx%d", panel, rows, columns);
                found:;
                }
    stage_free (stage);
}

/* Ten thousand keys, the same for a seed; the machine answers now and then, dies, comes
 * back. */
static void
random_keys_break_nothing (void **state)
{
    static const ui_key keys[] = { UI_KEY_UP,
                                   UI_KEY_DOWN,
                                   UI_KEY_LEFT,
                                   UI_KEY_RIGHT,
                                   UI_KEY_HOME,
                                   UI_KEY_END,
                                   UI_KEY_TAB,
                                   UI_KEY_ENTER,
                                   UI_KEY_ESCAPE,
                                   UI_KEY_PAGE_UP,
                                   UI_KEY_PAGE_DOWN,
                                   UI_KEY_BACKSPACE,
                                   UI_KEY_DELETE,
                                   UI_KEY_F1,
                                   1,
                                   2,
                                   6,
                                   12 };
    static const char *const states[] = { "running", "paused", "dead", "running" };
    static const char *const structures[] = { "monolithic", "hybrid", "microkernel" };
    g_autofree char *folder = g_dir_make_tmp ("khimera-keys-XXXXXX", NULL);
    g_autofree char *here = g_get_current_dir (),
                    *remove = g_strdup_printf ("rm -r '%s'", folder);
    struct stage *stage = stage_new ("microkernel", false);
    GRand *random = g_rand_new_with_seed (20);

    (void)state;
    assert_int_equal (chdir (folder), 0);
    for (unsigned i = 0; i < 10000; i++) {
        gint32 chance = g_rand_int_range (random, 0, 100);

        if (chance < 40)
            dashboard_key (stage->dashboard,
                           keys[g_rand_int_range (random, 0, G_N_ELEMENTS (keys))]);
        else if (chance < 95)
            dashboard_key (stage->dashboard, g_rand_int_range (random, 32, 127));
        else
            dashboard_key (stage->dashboard, g_rand_int_range (random, 0, 0x210000));
        if (i % 7 == 0 && stage->requests->len != 0)
            stage_answer (stage,
                          g_ptr_array_index (stage->requests, stage->requests->len - 1),
                          g_rand_boolean (random), "{\"a\":1}");
        if (i % 11 == 0)
            stage_event (stage, "calls", canned_calls (i));
        if (i % 101 == 0)
            stage_event (stage, "stats", canned_snapshot (structures[i % 3], i / 101 + 1));
        if (i % 401 == 0)
            stage_event (stage, "state", json_pack ("{s:s}", "state", states[i / 401 % 4]));
        if (i % 53 == 0)
            grid_resize (stage->grid, g_rand_int_range (random, 1, 70),
                         g_rand_int_range (random, 1, 210));
        if (i % 5 == 0)
            stage_screen (stage);
        stage->dashboard->leave = stage->dashboard->suspend = false;
    }
    g_rand_free (random);
    stage_free (stage);
    assert_int_equal (chdir (here), 0);
    assert_int_equal (system (remove), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (number_keys_and_tab_go_to_panes),
        cmocka_unit_test (what_keys_do_to_the_machine_is_a_command_in_the_action_log),
        cmocka_unit_test (killing_asks_first_and_moving_fills_the_command_line),
        cmocka_unit_test (the_command_line_completes_and_remembers),
        cmocka_unit_test (a_filter_acts_while_it_is_typed),
        cmocka_unit_test (a_call_is_fetched_and_taken_apart),
        cmocka_unit_test (typing_goes_to_the_machine_until_the_prefix),
        cmocka_unit_test (the_console_shows_what_the_machine_says),
        cmocka_unit_test (quitting_asks_unless_nothing_is_lost),
        cmocka_unit_test (a_panic_is_shown_with_a_way_out),
        cmocka_unit_test (a_report_longer_than_the_screen_can_be_read_to_its_end),
        cmocka_unit_test (every_key_of_the_table_does_something_known),
        cmocka_unit_test (small_screens_drop_panes_in_order_and_never_the_focus),
        cmocka_unit_test (random_keys_break_nothing),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
