/* control_fault: what goes wrong because somebody says so, and what came of it. */
#include <string.h>

#include "board/control_inside.h"
#include "config/report.h"
#include "config/schema.h"
#include "fault/rules.h"

/* How a machine file would write the value: a number is an integer, or a text. Owned by the
 * caller. */
static char *
value_text (const json_t *value)
{
    if (json_is_boolean (value))
        return g_strdup (json_is_true (value) ? "on" : "off");
    if (json_is_integer (value))
        return g_strdup_printf ("%" JSON_INTEGER_FORMAT, json_integer_value (value));
    return g_strdup (json_string_value (value));
}

static bool
arguments_take (const json_t *arguments, struct fault_config *fault, char **error)
{
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)arguments, name, value) {
        g_autofree char *text = value_text (value);
        const struct schema_key *key
            = schema_key_find ("fault", strcmp (name, "fault") == 0 ? "kind" : name);

        *error = schema_check (key, text);
        if (*error != NULL)
            return false;
        fault_config_take (fault, key->key, text);
    }
    if (!fault->has_kind)
        *error = g_strdup ("say what is to go wrong, as in fault=abort");
    return fault->has_kind;
}

static int
component_find (const char *name, char **error)
{
    g_autoptr (GPtrArray) names = g_ptr_array_new ();
    g_autofree char *remedy     = NULL;

    for (uint32_t c = 0; c < PLAN->component_count; c++) {
        if (c != COMPONENT_USER)
            g_ptr_array_add (names, PLAN->components[c].name);
        if (c != COMPONENT_USER && strcmp (PLAN->components[c].name, name) == 0)
            return (int)c;
    }
    g_ptr_array_add (names, NULL);
    remedy = suggest_remedy (name, (const char *const *)names->pdata);
    *error = g_strdup_printf ("there is no component \"%s\"%s", name, remedy);
    return -1;
}

static json_t *
rule_json (uint32_t number)
{
    const struct fault_rule *rule = &PLAN->faults[number];

    return json_pack ("{s:i, s:s, s:s, s:s, s:o, s:o, s:b}", "number", (int)number + 1, "name",
                      rule->name, "component", PLAN->components[rule->component].name, "fault",
                      fault_kinds[rule->kind].word, "fired", control_number (fault_fired (number)),
                      "last_ns", control_number (CYCLES_TO_NS (fault_fired_at (number))), "over",
                      rule->until != UINT64_MAX);
}

json_t *
control_faults_json (void)
{
    json_t *rows = json_array ();

    for (uint32_t i = 0; i < PLAN->fault_count; i++)
        json_array_append_new (rows, rule_json (i));
    return rows;
}

json_t *
control_fault (Control *control, const json_t *arguments, char **error)
{
    g_autofree char *name     = g_strdup_printf ("ctl%u", PLAN->fault_serial + 1);
    struct fault_config fault;
    json_t *result            = NULL;
    uint32_t number           = FAULT_RULES_MAX;
    const char *key;
    int component;

    fault_config_init (&fault, name, PLAN->seed);
    if (arguments_take (arguments, &fault, error)) {
        component = component_find (fault.component, error);
        if (component >= 0)
            *error = fault_config_wrong (&fault, PLAN->components[component].class_, &key);
        if (*error == NULL)
            number = board_fault (control->board, &fault.rule, (uint16_t)component);
        if (*error == NULL && number == FAULT_RULES_MAX)
            *error = g_strdup_printf ("there are %u faults already, and none that is over or could "
                                      "not be needed for a recovery; try \"fault-clear\", or later",
                                      FAULT_RULES_MAX);
        if (*error == NULL)
            result = rule_json (number);
    }
    fault_config_clear (&fault);
    return result;
}

json_t *
control_fault_clear (Control *control, uint32_t number, char **error)
{
    if (number > PLAN->fault_count) {
        *error = g_strdup_printf ("there is no fault %u", number);
        return NULL;
    }
    board_fault_clear (control->board, number);
    return control_faults_json ();
}
