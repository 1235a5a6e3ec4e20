/* config: a machine file, read, checked and merged with its parents and with --set.
 *
 * Host side only (GLib). Everything here is owned by its MachineConfig and lives as long.
 */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "config/cost.h"

/* A value and where it came from: "hybrid.conf:12", "command line", "default". */
struct config_value {
    char *text;
    char *origin;
};

struct component_config {
    char *name;
    char *class_name;
    char *domain;       /* "kernel", or a process's name ("own" is already the component's name) */
    char *label;        /* the real system's name for this part, or NULL */
    char *device;       /* name of the device it drives, or NULL */
    uint64_t arena_bytes;
    unsigned restart;   /* enum plan_restart */
    bool essential;
    uint64_t heartbeat_ns;
    uint32_t intensity; /* restarts in window_ns */
    uint64_t window_ns;
    uint64_t backoff_ns;
    GHashTable *options; /* key -> struct config_value: settings and needs bound by name */
};

struct device_config {
    char *name;         /* "disk0" */
    char *kind;         /* "disk", "terminal" */
    GHashTable *options; /* key -> struct config_value: image, read-only, queue-depth, ... */
};

struct mount_config {
    char *path;         /* "/" first */
    char *component;    /* who provides the file system */
    bool read_only;
};

/* Who may call whom: one need of one component, and one that answers it. */
struct config_link {
    char *from; /* a component, or "user": the programs */
    char *need; /* "disk" */
    char *to;   /* a component, or "nucleus" or "user" */
    unsigned interface; /* enum interface_id */
};

/* A component that the machine does without, and why. */
struct config_absence {
    struct component_config *component;
    char *reason; /* "device disk0 has no image" */
};

/* When a component moves by itself. */
struct rule_config {
    char *name;
    char *component;
    enum rule_when {
        RULE_CRASHES, /* its process has died `count` times within `within_ns` */
        RULE_QUIET,   /* it has not for so long, after it had */
        RULE_BUSY,    /* more than `count` calls between it and `with` within `within_ns` */
    } when;
    uint64_t count;
    uint64_t within_ns;
    char *with;    /* NULL: nobody */
    char *move_to; /* domain; NULL: where `with` is */
};

typedef struct MachineConfig {
    char *name;   /* of the preset, or the file's name without its directory and suffix */
    char *path;   /* as the user gave it */
    uint64_t seed;
    uint64_t epoch_s;    /* virtual time of boot, seconds since 1970 */
    uint64_t quantum_ns; /* longest slice of a task */
    uint32_t tasks_max;
    uint64_t ram_bytes;  /* for real programs */
    char *scheduler;     /* "round-robin", "priority", "mlfq", "lottery" */
    char *personality;   /* "posix" */
    char *user_domain;   /* where built-in programs run: "user", or "kernel" */
    char *placement;     /* host CPUs: "single", "split", "auto", "none" */
    uint32_t snapshot;   /* bytes of a journal */
    uint32_t audit;      /* every so many snapshots; 0: never */
    bool sandbox;
    struct cost_model cost;
    GPtrArray *components; /* struct component_config, in boot order of the file */
    GPtrArray *devices;    /* struct device_config */
    GPtrArray *mounts;     /* struct mount_config */
    GPtrArray *faults;     /* struct fault_config (fault/rules.h) */
    GPtrArray *rules;      /* struct rule_config */
    GHashTable *settings;  /* "section/key" -> struct config_value, every effective value */
    GPtrArray *links;      /* struct config_link, in order of component and need */
    GPtrArray *absences;   /* struct config_absence */
    GPtrArray *notes;      /* lines of text about mounts that were left out */
    GPtrArray *files;      /* names: the machine's own, then what it extends */
} MachineConfig;

/* Reads a preset's name or a file's path, applies the --set assignments in order
 * ("component.ext2.domain=kernel"). On errors returns NULL; *report then holds all of them,
 * one `file:line:column: error: ... ` a line. */
MachineConfig *config_read (const char *machine, char **assignments, char **report);
void config_free (MachineConfig *config);

/* At most this many components can be described. */
#define CONFIG_COMPONENTS_MAX 120u
#define CONFIG_DEVICES_MAX    64u

/* The built-in cost models; NULL if there is none of that name. */
const struct cost_model *cost_model_find (const char *name);

struct device_config *config_device (const MachineConfig *config, const char *name);
struct component_config *config_component (const MachineConfig *config, const char *name);
/* What an option of its class is; "" if it has none of that name. */
const char *config_option (const struct component_config *component, const char *key);
/* Makes that option, of which its class says that its arena is to hold as many bytes, at least so
 * large, and the arena with it, where nobody has said how large they are. NULL: it is; else what
 * says that it is less. */
const struct config_value *config_enlarge (const MachineConfig *config,
                                           struct component_config *component, const char *key,
                                           uint64_t bytes);
/* The arena that keeps so many bytes, be they of many small things: whole megabytes, at most 4G. */
uint64_t config_arena_for (uint64_t bytes);
/* NULL if the component was not left out. */
const struct config_absence *config_absence (const MachineConfig *config, const char *name);
/* The value, or the default; "" if there is none. */
const char *config_device_option (const struct device_config *device, const char *key);
uint64_t config_device_number (const struct device_config *device, const char *key);  /* or ns */
bool config_device_switch (const struct device_config *device, const char *key);

/* One process of the machine: what lives there, and what it may ask of the host. */
struct domain_config {
    char *name;
    GPtrArray *components; /* struct component_config, borrowed */
    unsigned privileges;   /* union of enum privilege */
};

/* struct domain_config: kernel first, then in order of their first component; the programs'
 * own is not among them. Owned by the caller. */
GPtrArray *config_domains (const MachineConfig *config);

/* A group of components each of which can reach each other by calls. */
struct config_cycle {
    GPtrArray *path;    /* names, borrowed: each calls the next, the last the first */
    GPtrArray *members; /* names, borrowed, in order of the file */
};
/* struct config_cycle. Owned by the caller. */
GPtrArray *config_cycles (const MachineConfig *config);

#endif
