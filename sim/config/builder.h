/* builder: a MachineConfig under construction. Inside sim/config only.
 *
 * First every line is checked for itself (config.c), then components and devices as parts
 * (parts.c), then what ties them together (wiring.c). The last step is made only if the
 * parts are whole: a component that is missing because its line was wrong would else be
 * missed once more by everything that needs it.
 */
#ifndef SIM_BUILDER_H
#define SIM_BUILDER_H

#include "component.h"
#include "config/config.h"
#include "config/source.h"

struct builder {
    Report *report;
    struct source *source;
    GHashTable *effective; /* "title/key" -> struct entry: the one that counts */
    GPtrArray *titles;     /* struct section: each title once, in order of first appearance */
    GHashTable *places;    /* title -> struct section: its last appearance */
    MachineConfig *config;
    bool whole;
};

/* The effective value as text, or the default; recorded in config->settings. NULL: neither. */
const char *builder_value (struct builder *builder, const char *title, const char *key,
                           const char *standard, const char *origin);
/* As above, with the default of the schema. */
const char *builder_setting (struct builder *builder, const char *title, const char *kind,
                             const char *key);
uint64_t builder_number (struct builder *builder, const char *title, const char *kind,
                         const char *key);
bool builder_switch (struct builder *builder, const char *title, const char *kind,
                     const char *key);

struct entry *builder_entry (const struct builder *builder, const char *title, const char *key);
/* The value of the key if it was written, else the section. */
struct place builder_place (const struct builder *builder, const char *title, const char *key);
/* The section's last appearance; the machine's first line if there is none. */
struct place builder_section_place (const struct builder *builder, const char *title);

/* A wrong line: it does not count. */
void builder_drop (struct builder *builder, const struct entry *entry);

/* Reports an unknown key, with those that are known (ends with NULL). */
void builder_unknown_key (struct builder *builder, const struct entry *entry,
                          const char *const *known);

/* parts.c */
void builder_devices (struct builder *builder);
void builder_components (struct builder *builder);
/* Reports a domain that no component can be given, or that looks like a slip of the key. */
void builder_check_domain (struct builder *builder, const struct place *at, const char *domain);
/* The names of all components / devices, for remedies; ends with NULL; names borrowed. */
const char **builder_component_names (const struct builder *builder);

/* wiring.c */
void builder_wire (struct builder *builder);
/* mounts.c */
void builder_mounts (struct builder *builder);
/* faults.c */
void builder_faults (struct builder *builder);
/* rules.c */
void builder_rules (struct builder *builder);

/* Does the class provide the interface? */
bool class_provides (const struct component_class *class_, unsigned interface);

void component_config_free (gpointer component);
void fault_config_free (gpointer fault);
void rule_config_free (gpointer rule);

#endif
