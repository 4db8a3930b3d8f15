#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Names that voters write in: when two of them are the same person's. Pure; any thread.
 */

/*
 * `name` as it is compared: without blanks (U+0020, U+00A0, U+3000), and every dot that stands
 * between the parts of a name (U+2022, U+2027, U+30FB) as U+00B7. Never longer than `name`. Bytes
 * that are no UTF-8 are kept. `plain` has room for the name and its NUL.
 */
void written_plain(const char *name, char *plain, size_t plain_size);

/* Whether it holds a letter of any script. One that holds none names nobody (E8). */
bool written_is_legible(const char *name);
