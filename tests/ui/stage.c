#include "ui/stage.h"

#include <string.h>

#include "ui/canned.h"

static json_int_t
keep (json_t *request, gpointer user)
{
    struct stage *stage = user;

    g_ptr_array_add (stage->requests, request);
    json_object_set_new (request, "id", json_integer (stage->requests->len));
    return stage->requests->len;
}

static void
forget (gpointer value)
{
    json_decref (value);
}

struct stage *
stage_new (const char *structure, bool readonly)
{
    struct stage *stage = g_new0 (struct stage, 1);
    json_t *help = canned_help ();

    stage->requests = g_ptr_array_new_with_free_func (forget);
    stage->model = model_new ();
    stage->grid = grid_new (24, 80);
    stage->now_us = 1000000;
    stage->dashboard
        = dashboard_new (stage->model, readonly, (struct dashboard_host){ keep, stage });
    model_commands (stage->model, help);
    json_decref (help);
    for (unsigned second = 1; second < 3; second++)
        stage_event (stage, "stats", canned_snapshot (structure, second));
    stage_screen (stage);
    return stage;
}

void
stage_free (struct stage *stage)
{
    dashboard_free (stage->dashboard);
    model_free (stage->model);
    grid_free (stage->grid);
    g_ptr_array_unref (stage->requests);
    g_free (stage->screen);
    g_free (stage);
}

void
stage_keys (struct stage *stage, const char *names)
{
    g_auto (GStrv) all = g_strsplit (names, " ", -1);

    for (char **name = all; *name != NULL; name++)
        dashboard_key (stage->dashboard, key_from_name (*name));
    stage_screen (stage);
}

void
stage_type (struct stage *stage, const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
        dashboard_key (stage->dashboard, (ui_key)g_utf8_get_char (at));
    stage_screen (stage);
}

const json_t *
stage_request (const struct stage *stage, const char *command)
{
    for (guint i = stage->requests->len; i-- > 0;) {
        const json_t *request = g_ptr_array_index (stage->requests, i);

        if (g_strcmp0 (json_string_value (json_object_get (request, "command")), command)
            == 0)
            return request;
    }
    return NULL;
}

void
stage_answer (struct stage *stage, const json_t *request, bool ok, const char *result)
{
    json_t *line
        = json_pack ("{s:O, s:b}", "id", json_object_get (request, "id"), "ok", (int)ok);

    json_object_set_new (line, ok ? "result" : "error",
                         ok ? json_loads (result, JSON_DECODE_ANY, NULL)
                            : json_string (result));
    dashboard_line (stage->dashboard, line);
    json_decref (line);
}

void
stage_event (struct stage *stage, const char *event, json_t *data)
{
    json_t *line = json_pack ("{s:s, s:o}", "event", event, "data", data);

    dashboard_line (stage->dashboard, line);
    json_decref (line);
}

const char *
stage_screen (struct stage *stage)
{
    stage->now_us += 100000;
    dashboard_tick (stage->dashboard, stage->now_us);
    dashboard_draw (stage->dashboard, stage->grid);
    g_free (stage->screen);
    stage->screen = grid_text (stage->grid);
    return stage->screen;
}
