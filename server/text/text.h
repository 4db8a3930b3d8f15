#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/event.h"

/*
 * The catalogue of everything people read: server/text/zh-CN.json and en.json, compiled in as
 * constants. Every text is UTF-8 and stands in both languages; `{name}` marks the place of a value.
 * Names of persons, criteria and grades come from the event, not from here.
 *
 * Pure; any thread. The id TEXT_AS_OF is the key "as_of"; a key without its id, or an id without
 * its key, does not compile.
 */
enum text_id {
    TEXT_INVALID = 0,
    TEXT_STATE_PLANNED,
    TEXT_STATE_OPEN,
    TEXT_STATE_PAUSED,
    TEXT_STATE_CLOSED,
    TEXT_TURNOUT,       /* {cast} {registered} */
    TEXT_TURNOUT_HELD,  /* {registered} */
    TEXT_TURNOUT_RANGE, /* {low} {high} {registered} */
    TEXT_VOTED,
    TEXT_REGISTERED, /* {registered} */
    TEXT_AS_OF,      /* {time} */
    TEXT_EPOCH,      /* {epoch} */
    TEXT_BASE_ITEMS,
    TEXT_BASE_TOTAL,
    TEXT_ROUNDING,
    TEXT_HELD_OPEN, /* figures held back by the rules of the contest */
    TEXT_HELD_PAUSED,
    TEXT_HELD_CLOSED,
    TEXT_HELD_NOTE,
    TEXT_NOT_OPENED,
    TEXT_ITEM_OF, /* {item} {items} */
    TEXT_PAGE_OF, /* {page} {pages} */
    TEXT_UNIT,
    TEXT_CRITERIA,
    TEXT_MATRIX_TITLE, /* {grade} */
    TEXT_TOTAL,
    TEXT_NO_FIGURE,
    TEXT_PREVIEW,
    TEXT_COUNT,
};

/* The text in `language` (LANGUAGE_ZH_CN, LANGUAGE_EN). Static, never NULL, never empty. */
const char *text_get(enum language language, enum text_id id);

/* The key of the catalogue files, "as_of". Static. */
const char *text_id_name(enum text_id id);

/* A value for the place `{name}`. Borrowed. */
struct text_value {
    const char *name;
    const char *value;
};

/*
 * A stretch of a pattern: literal text, or the name inside a pair of braces. Borrowed from the
 * pattern, not NUL-ended; size in bytes, at least 1.
 */
struct text_piece {
    const char *start;
    size_t size;
    bool is_place;
};

/* Takes the next piece of the pattern at *cursor and moves it on. False: the pattern is done. */
bool text_next(const char **cursor, struct text_piece *piece);

/* The value for a piece that is a place, or NULL where `values` has none of its name. */
const char *text_value_find(const struct text_piece *piece, const struct text_value *values,
                            uint32_t value_count);

/*
 * Writes `pattern` with its places filled into buffer, NUL-ended. A place without a value stays as
 * it is. Errors: STATUS_LIMIT (it does not fit; buffer then holds what fitted, whole pieces only).
 */
MUST_CHECK enum status text_fill(char *buffer, size_t buffer_size, const char *pattern,
                                 const struct text_value *values, uint32_t value_count);
