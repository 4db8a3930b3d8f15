#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "server/model/fault.h"

/*
 * The data directory: made or checked before anything is opened in it.
 *
 * Made 0700 when missing; an empty one that others may read is made 0700. STATUS_DENIED: another
 * user's, open to others, or not writable; STATUS_INVALID: not a directory; STATUS_IO. *is_unsafe:
 * on a network, overlay or memory file system, or one mounted without barriers, which can lose what
 * it says is synced; *kind names it ("tmpfs"), static.
 */
MUST_CHECK enum status disk_prepare(const char *dir, bool *is_unsafe, const char **kind,
                                    struct fault *fault);

/* Fills `fault` from errno: cannot VERB 'PATH': reason. STATUS_DENIED or STATUS_IO. */
enum status disk_fault(struct fault *fault, const char *verb, const char *path);

/* What was made, renamed or removed in `dir` stays so after a power cut. STATUS_DENIED, STATUS_IO.
 */
MUST_CHECK enum status disk_sync_dir(const char *dir, struct fault *fault);

/* Removes a directory and all that is in it, as far as it can. False: something is still there. */
bool disk_remove_dir(const char *dir);

/*
 * Writes `text` to dir/name, mode 0600, so that after a power cut it is whole or not there.
 * STATUS_DENIED, STATUS_IO.
 */
MUST_CHECK enum status disk_write_file(const char *dir, const char *name, const char *text,
                                       size_t size, struct fault *fault);

/*
 * Reads a whole file of at most size_max bytes. *text is given (free()), NUL-ended. STATUS_LIMIT:
 * it is larger; STATUS_DENIED, STATUS_IO, STATUS_NOMEM.
 */
MUST_CHECK enum status disk_read_file(const char *path, size_t size_max, char **text, size_t *size,
                                      struct fault *fault);
