#pragma once

#include <stddef.h>

#include "server/protocol/reader.h"

/* JSON paths as text: "$.contests[0].id"; keys that are no plain words as "$["a b"]". */

/* The path of `at`, cut where it does not fit. */
void json_path_of(const struct place *at, char *path, size_t path_size);

/*
 * The path of the value in text[0 .. stop), JSON as far as that, where a reader stopped: of a
 * doubled key, of a value that is no JSON. Cut below the 16th level.
 */
void json_path_at(const char *text, size_t stop, char *path, size_t path_size);
