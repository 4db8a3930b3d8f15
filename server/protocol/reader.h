#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/model/fault.h"

/*
 * Strict reading of JSON values, every fault with its path. For the files of server/protocol.
 *
 * A fault never repeats a value of a message: it may be a choice or a credential.
 */
#define READER_NUMBER_MAX ((1ull << 53) - 1) /* what every JSON peer keeps exact */

/* Where a value stands: a key of an object or a place in a list. The root has no `up`. */
struct place {
    const struct place *up;
    const char *key; /* borrowed; NULL: `index` of a list */
    size_t index;
};

/*
 * fault, list  where faults go; either may be NULL
 * is_lenient   keys that are not known are passed over: a newer peer may add some
 */
struct reader {
    struct fault *fault;
    struct fault_list *list;
    uint32_t fault_count;
    bool is_lenient;
};

/*
 * Parses text[0 .. size): UTF-8, one JSON value, no doubled key. The result is given
 * (json_decref()); NULL after a fault, whose path is that of the value where reading stopped.
 */
json_t *reader_load(struct reader *reader, const char *text, size_t size);

/* Reports a fault at `at`. Returns false, so that `return reader_fault(…)` reads well. */
bool reader_fault(struct reader *reader, const struct place *at, enum status status,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
#ifdef __clang_analyzer__ /* as fault_set() has it */
#define reader_fault(reader, at, status, ...) (reader_fault(reader, at, status, __VA_ARGS__), false)
#endif

/* Each key of `object` that is not in `keys` is a fault, unless the reader is lenient. */
bool reader_keys(struct reader *reader, const struct place *at, json_t *object,
                 const char *const *keys, size_t key_count);

/*
 * The value's own readers: `value` NULL is a missing key. What they return is borrowed from
 * `value`; false or NULL after a fault.
 */
bool reader_is_object(struct reader *reader, const struct place *at, const json_t *value);
bool reader_is_list(struct reader *reader, const struct place *at, const json_t *value,
                    size_t count_min, size_t count_max);
bool reader_number(struct reader *reader, const struct place *at, const json_t *value,
                   uint64_t least, uint64_t most, uint64_t *number);
const char *reader_text(struct reader *reader, const struct place *at, const json_t *value);
/* An id, or "" as well where `may_be_empty`. `id` holds ID_SIZE bytes. */
bool reader_id(struct reader *reader, const struct place *at, const json_t *value,
               bool may_be_empty, char *id);
/* A written-in name, blanks cut off its ends. `name` holds WRITTEN_NAME_SIZE bytes. */
bool reader_written_name(struct reader *reader, const struct place *at, const json_t *value,
                         char *name);
/* Exactly 2 × size lower-case hexadecimal digits. */
bool reader_hex(struct reader *reader, const struct place *at, const json_t *value, uint8_t *bytes,
                size_t size);

/* The same for the key of an object. */
bool reader_get_number(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, uint64_t least, uint64_t most, uint64_t *number);
bool reader_get_uint32(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, uint32_t least, uint32_t most, uint32_t *number);
bool reader_get_time(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, int64_t *time_ms);
const char *reader_get_text(struct reader *reader, const struct place *up, const json_t *object,
                            const char *key);
bool reader_get_id(struct reader *reader, const struct place *up, const json_t *object,
                   const char *key, bool may_be_empty, char *id);
bool reader_get_hex64(struct reader *reader, const struct place *up, const json_t *object,
                      const char *key, uint64_t *number);
/* A log's id: 16 digits and NUL. */
bool reader_get_log_id(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, char log_id[17]);

/* The same where the key may be missing: what it would set is left as it is then. */
bool reader_may_uint32(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, uint32_t least, uint32_t most, uint32_t *number);
bool reader_may_time(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, int64_t *time_ms);
bool reader_may_flag(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, bool *flag);

/* The same for the place of a list; the list is long enough. */
bool reader_at_uint32(struct reader *reader, const struct place *up, const json_t *list,
                      size_t index, uint32_t least, uint32_t most, uint32_t *number);

#define KEY_COUNT(keys) (sizeof(keys) / sizeof((keys)[0]))
