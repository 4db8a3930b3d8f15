#include "server/model/status.h"

#include <stddef.h>

const char *status_name(enum status status)
{
    static const char *const names[] = {
        [STATUS_OK] = "ok",
        [STATUS_INVALID] = "invalid",
        [STATUS_LIMIT] = "over a limit",
        [STATUS_NOMEM] = "out of memory",
        [STATUS_FULL] = "full",
        [STATUS_IO] = "input/output error",
        [STATUS_BUSY] = "busy",
        [STATUS_NOT_FOUND] = "not found",
        [STATUS_DENIED] = "denied",
        [STATUS_REFUSED] = "refused",
        [STATUS_NO_SPACE] = "no space",
    };

    return (size_t)status < sizeof(names) / sizeof(names[0]) ? names[status] : "unknown";
}
