#include "command_run_room.h"

#include <string.h>

#include "classes.h"
#include "command.h"
#include "config/value.h"

#define MIB        ((uint64_t)1 << 20)
#define PAGE       4096u /* bytes of a file come in these, */
#define NODE_BYTES 512u  /* and this is what it takes besides, its name left out */
#define WORK_ROOM  (8 * MIB)

/* The component whose files are at such a path. NULL: none. */
static struct component_config *
room_keeper (const MachineConfig *config, const char *path)
{
    const char *name = NULL;
    size_t longest   = 0;

    for (guint i = 0; i < config->mounts->len; i++) {
        const struct mount_config *mount = config->mounts->pdata[i];
        size_t length                    = strlen (mount->path);
        bool below = length == 1 /* the root */
                     || (g_str_has_prefix (path, mount->path)
                         && (path[length] == '/' || path[length] == '\0'));

        if (length >= longest && below) {
            longest = length;
            name    = mount->component;
        }
    }
    return name != NULL ? config_component (config, name) : NULL;
}

/* Bytes for the entries whose files are its own. */
static uint64_t
room_wanted (const Archive *archive, const MachineConfig *config,
             const struct component_config *component)
{
    const struct archive_entry *entry;
    uint64_t bytes = 0;

    for (uint64_t at = 0; (entry = archive_each (archive, &at)) != NULL;) {
        const char *path = archive_path (entry);

        if (room_keeper (config, path) != component)
            continue;
        bytes += NODE_BYTES + strlen (path);
        if (entry->kind == ARCHIVE_FILE)
            bytes += (entry->bytes + PAGE - 1) / PAGE * PAGE + entry->bytes / 256;
    }
    return bytes;
}

static uint64_t
megabytes (uint64_t bytes)
{
    return (bytes + MIB - 1) / MIB * MIB;
}

static void
room_complain (const struct component_config *component, const char *key,
               const struct config_value *small, uint64_t wanted, uint64_t good)
{
    char wanted_text[32], good_text[32];

    value_print_size (megabytes (wanted), wanted_text);
    value_print_size (good, good_text);
    command_complain ("run", "%s: the files that are put into [component %s] want %s, and %s = %s; "
                             "write %s = %s, or nothing",
                      small->origin, component->name, wanted_text, key, small->text, key, good_text);
}

bool
run_room_make (const Archive *archive, const MachineConfig *config)
{
    for (guint i = 0; archive->bytes->len != 0 && i < config->components->len; i++) {
        struct component_config *component   = config->components->pdata[i];
        const struct component_class *class_ = class_find (component->class_name);
        uint64_t wanted = class_->keeps != NULL ? room_wanted (archive, config, component) : 0;
        uint64_t good   = megabytes (wanted + wanted / 2 + WORK_ROOM);
        const struct config_value *small = NULL;

        if (wanted == 0 || config_enlarge (config, component, class_->keeps, good) == NULL)
            continue;
        small = config_enlarge (config, component, class_->keeps, wanted);
        if (small != NULL) {
            if (small == g_hash_table_lookup (component->options, class_->keeps))
                room_complain (component, class_->keeps, small, wanted, good);
            else
                room_complain (component, "arena", small, wanted, config_arena_for (good));
            return false;
        }
    }
    return true;
}
