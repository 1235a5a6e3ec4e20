/* presets: the machine files that are part of the program.
 *
 * They lie in personalities/SYSTEM/NAME.conf; embed.sh makes the table from them at build
 * time, so a preset is found wherever the program is run from.
 */
#ifndef SIM_PRESETS_H
#define SIM_PRESETS_H

struct preset {
    const char *name;   /* "hybrid" */
    const char *system; /* "plain": the folder */
    const char *text;
};

extern const struct preset presets[]; /* in order of system and name; ends with name == NULL */

const struct preset *preset_find (const char *name);
/* All names, for did-you-mean and completion; ends with NULL. Owned by the caller, the names
 * are not. */
const char **preset_names (void);

#endif
