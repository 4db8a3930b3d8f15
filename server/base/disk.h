#pragma once

#include <stdbool.h>

#include "server/model/fault.h"

/*
 * The data directory: made or checked before anything is opened in it.
 *
 * Made 0700 when missing. STATUS_DENIED: another user's, or not writable; STATUS_INVALID: not a
 * directory; STATUS_IO. *is_unsafe: on a network, overlay or memory file system, which can lose
 * what it says is synced; *kind names it ("tmpfs"), static.
 */
MUST_CHECK enum status disk_prepare(const char *dir, bool *is_unsafe, const char **kind,
                                    struct fault *fault);
