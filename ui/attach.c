#include "ui/ui.h"

#include "watch_lines.h"

int
ui_attach (const char *socket_path, bool readonly, const char *record_file)
{
    (void)record_file;
    return watch_lines (socket_path, readonly);
}
