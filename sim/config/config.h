/* config: a machine file, read, checked and merged with its parents and with --set.
 *
 * Host side only (GLib). Everything here is owned by its MachineConfig and lives as long.
 */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A value and where it came from: "hybrid.conf:12", "--set", "default". */
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

struct cost_model {
    char name[16];
    /* All in cycles of a 3 GHz CPU, but for the last. */
    uint64_t syscall;        /* into the kernel and out again */
    uint64_t message;        /* one way between two address spaces, its switch included */
    uint64_t context_switch; /* between two tasks */
    uint64_t page_fault;
    uint64_t interrupt;      /* from the device to its handler */
    uint64_t direct_call;    /* between two components of one domain */
    uint64_t copy_millicycles_per_byte;
};

typedef struct MachineConfig {
    char *name;   /* of the preset, or the file's name without its directory and suffix */
    char *path;   /* as the user gave it */
    uint64_t seed;
    uint64_t epoch_s;    /* virtual time of boot, seconds since 1970 */
    uint64_t quantum_ns; /* longest slice of a task */
    uint32_t tasks_max;
    char *scheduler;     /* "round-robin", "priority", "mlfq", "lottery" */
    char *personality;   /* "posix" */
    char *user_domain;   /* where built-in programs run: "user", or "kernel" */
    char *placement;     /* host CPUs: "single", "split", "auto", "none" */
    bool sandbox;
    struct cost_model cost;
    GPtrArray *components; /* struct component_config, in boot order of the file */
    GPtrArray *devices;    /* struct device_config */
    GPtrArray *mounts;     /* struct mount_config */
    GHashTable *settings;  /* "section/key" -> struct config_value, every effective value */
} MachineConfig;

/* Reads a preset's name or a file's path, applies the --set assignments in order
 * ("component.ext2.domain=kernel"). On errors returns NULL; *report then holds all of them,
 * one `file:line:column: error: ... ` a line. */
MachineConfig *config_read (const char *machine, char **assignments, char **report);
void config_free (MachineConfig *config);

/* The built-in cost models; NULL if there is none of that name. */
const struct cost_model *cost_model_find (const char *name);

struct device_config *config_device (const MachineConfig *config, const char *name);
struct component_config *config_component (const MachineConfig *config, const char *name);
const char *config_device_option (const struct device_config *device, const char *key);

#endif
