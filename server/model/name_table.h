#pragma once

#include <stddef.h>

/*
 * Enums by name: a table whose place is the value and whose place 0 ("invalid") is no value.
 * For the .c files of server/model and server/protocol.
 */

/* names[value], or names[0] where there is none. */
static inline const char *name_table_name(const char *const *names, size_t count, unsigned value)
{
    return value < count ? names[value] : names[0];
}

/* The place of `name` in names[1 .. count), or 0. */
unsigned name_table_parse(const char *const *names, size_t count, const char *name);

#define NAME_COUNT(names) (sizeof(names) / sizeof((names)[0]))
