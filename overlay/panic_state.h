#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/fault.h"

/*
 * What a panic leaves for the next outputter, in the file PATH.state beside the panic socket PATH:
 *
 *   minping panic 1
 *   log 0123456789abcdef
 *   programme 17
 *
 * No file: nothing is hidden. A file that says anything else hides whatever comes first.
 */
#define PANIC_PATH_MAX 100 /* bytes of PATH; a UNIX socket's name holds 107 */

struct panic_state {
    bool is_clear;
    uint64_t log;
    uint64_t programme;
};

/* `path` is the socket's. */
void panic_state_read(const char *path, struct panic_state *state);

/* Written beside its place, synced and renamed; removed where nothing is hidden. STATUS_IO. */
MUST_CHECK enum status panic_state_write(const char *path, const struct panic_state *state,
                                         struct fault *fault);
