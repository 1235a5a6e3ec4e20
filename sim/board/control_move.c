/* control_move: what viewers are told of components that move. */
#include <string.h>

#include "board/control_inside.h"

static json_t *
result_json (const struct move_result *result)
{
    json_t *json = json_pack ("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:i, s:i, s:o, s:i, s:i, s:b}",
                              "component", PLAN->components[result->component].name, "from",
                              result->from, "to", result->to, "reason", result->reason,
                              "virtual_ns", control_number (CYCLES_TO_NS (result->at)), "took_ns",
                              control_number (CYCLES_TO_NS (result->took)), "pause_ns",
                              control_number (result->pause_ns), "looks", (int)result->looks,
                              "held", (int)result->held, "deferred", (int)result->deferred, "bytes",
                              control_number (result->bytes), "processes", (int)result->processes,
                              "others", (int)result->others, "isolated", strcmp (result->to, "kernel") != 0);

    if (strcmp (result->to, "kernel") == 0)
        json_object_set_new (json, "note",
                             json_string ("its isolation is given up: what goes wrong in it now "
                                          "is a kernel panic"));
    return json;
}

/* Who asked for it gets his answer. */
static void
client_tell (struct client *client, const struct move_result *result)
{
    if (!client->waiting || !client->moving)
        return;
    if (result->failed != NULL) {
        g_autofree char *error
            = g_strdup_printf ("%s stays where it is: %s%s",
                               PLAN->components[result->component].name, result->failed,
                               result->interrupted ? "; ask once more" : "");

        client_refuse (client, client->waiting_id, error);
    } else {
        client_reply (client, client->waiting_id, result_json (result));
    }
    json_decref (client->waiting_id);
    client->waiting_id = NULL;
    client->waiting = client->moving = false;
}

void
control_moved (Control *control, const struct move_result *result)
{
    json_t *event;

    if (control == NULL)
        return;
    for (guint i = 0; i < control->clients->len; i++)
        client_tell (control->clients->pdata[i], result);
    for (uint32_t d = 0; d < DOMAIN_MAX; d++) /* who may do what has changed */
        g_clear_pointer (&control->privileges[d], json_decref);
    event = result_json (result);
    json_object_set_new (event, "failed",
                         result->failed != NULL ? json_string (result->failed) : json_null ());
    control_tell (control, "move", event);
}
