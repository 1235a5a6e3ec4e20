#include "status.h"

static const char *const names[] = {
#define STATUS(name, text) #name,
#include "status.def"
#undef STATUS
};

static const char *const texts[] = {
#define STATUS(name, text) text,
#include "status.def"
#undef STATUS
};

const char *
status_name (enum status status)
{
    return (unsigned)status < STATUS_COUNT ? names[status] : "?";
}

const char *
status_text (enum status status)
{
    return (unsigned)status < STATUS_COUNT ? texts[status] : "unknown status";
}
