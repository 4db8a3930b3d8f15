#include "server/protocol/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/model/event.h"
#include "server/model/utf8.h"
#include "server/model/written_name.h"
#include "server/protocol/json_path.h"

#define FAULT_TEXT_SIZE 256

static bool report(struct reader *reader, enum status status, const char *where, const char *text)
{
    reader->fault_count++;
    fault_set(reader->fault, status, where, "%s", text);
    if (reader->list) {
        fault_list_add(reader->list, status, where, "%s", text);
    }
    return false;
}

bool(reader_fault)(struct reader *reader, const struct place *at, enum status status,
                   const char *format, ...)
{
    char where[sizeof(((struct fault *)NULL)->where)];
    char text[FAULT_TEXT_SIZE];
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0) {
        text[0] = '\0';
    }
    va_end(arguments);
    json_path_of(at, where, sizeof(where));
    return report(reader, status, where, text);
}

/* A fault of the text itself, at byte `stop`: its path, line and byte. */
static void text_fault(struct reader *reader, const char *text, size_t stop, const char *what)
{
    char where[sizeof(((struct fault *)NULL)->where)];
    char said[FAULT_TEXT_SIZE];
    size_t line = 1;

    for (size_t i = 0; i < stop; i++) {
        line += text[i] == '\n';
    }
    json_path_at(text, stop, where, sizeof(where));
    snprintf(said, sizeof(said), "%s (line %zu, byte %zu)", what, line, stop);
    report(reader, STATUS_INVALID, where, said);
}

static const char *load_error(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return "the same key twice in one object";
    case json_error_premature_end_of_input:
        return "not JSON: the text ends too early";
    case json_error_end_of_input_expected:
        return "not JSON: something follows the end";
    case json_error_stack_overflow:
        return "nested too deeply";
    case json_error_numeric_overflow:
        return "a number out of range";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a NUL character in a text";
    default:
        return "not JSON";
    }
}

json_t *reader_load(struct reader *reader, const char *text, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

    if (root) {
        return root;
    }
    if (json_error_code(&error) == json_error_out_of_memory) {
        report(reader, STATUS_NOMEM, "$", "no memory to read JSON");
        return NULL;
    }
    for (size_t at = 0; at < size;) {
        uint32_t codepoint;
        size_t step = utf8_next(text + at, size - at, &codepoint);

        if (step == 0) {
            text_fault(reader, text, at, "not UTF-8");
            return NULL;
        }
        at += step;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text_fault(reader, text, 0, "begins with a byte order mark: save it as UTF-8 without one");
        return NULL;
    }
    text_fault(reader, text,
               error.position >= 0 && (size_t)error.position < size ? (size_t)error.position : size,
               load_error(&error));
    return NULL;
}

bool reader_keys(struct reader *reader, const struct place *at, json_t *object,
                 const char *const *keys, size_t key_count)
{
    bool is_good = true;
    const char *key;
    json_t *value;

    if (reader->is_lenient) {
        return true;
    }
    json_object_foreach(object, key, value)
    {
        size_t i = 0;

        while (i < key_count && strcmp(keys[i], key) != 0) {
            i++;
        }
        if (i == key_count) {
            struct place place = { .up = at, .key = key };

            is_good = reader_fault(reader, &place, STATUS_INVALID, "unknown key");
        }
    }
    return is_good;
}

static bool has_type(struct reader *reader, const struct place *at, const json_t *value,
                     bool is_right, const char *type)
{
    if (!value) {
        return reader_fault(reader, at, STATUS_INVALID, "missing");
    }
    return is_right || reader_fault(reader, at, STATUS_INVALID, "must be %s", type);
}

bool reader_is_object(struct reader *reader, const struct place *at, const json_t *value)
{
    return has_type(reader, at, value, json_is_object(value), "an object");
}

bool reader_is_list(struct reader *reader, const struct place *at, const json_t *value,
                    size_t count_min, size_t count_max)
{
    size_t count = json_array_size(value);

    if (!has_type(reader, at, value, json_is_array(value), "a list")) {
        return false;
    }
    if (count >= count_min && count <= count_max) {
        return true;
    }
    return reader_fault(reader, at, STATUS_INVALID, "must have %zu to %zu entries, has %zu",
                        count_min, count_max, count);
}

bool reader_number(struct reader *reader, const struct place *at, const json_t *value,
                   uint64_t least, uint64_t most, uint64_t *number)
{
    json_int_t read = json_integer_value(value);

    if (!has_type(reader, at, value, json_is_integer(value), "an integer")) {
        return false;
    }
    if (read < 0 || (uint64_t)read < least || (uint64_t)read > most) {
        return reader_fault(reader, at, STATUS_INVALID, "must be %llu to %llu",
                            (unsigned long long)least, (unsigned long long)most);
    }
    *number = (uint64_t)read;
    return true;
}

const char *reader_text(struct reader *reader, const struct place *at, const json_t *value)
{
    return has_type(reader, at, value, json_is_string(value), "a text") ? json_string_value(value)
                                                                        : NULL;
}

bool reader_id(struct reader *reader, const struct place *at, const json_t *value,
               bool may_be_empty, char *id)
{
    const char *text = reader_text(reader, at, value);

    if (!text) {
        return false;
    }
    if (!id_is_valid(text) && !(may_be_empty && text[0] == '\0')) {
        return reader_fault(reader, at, STATUS_INVALID,
                            "must be an id: 1 to 32 of a-z, 0-9 and -, not - first");
    }
    memcpy(id, text, strlen(text) + 1);
    return true;
}

bool reader_written_name(struct reader *reader, const struct place *at, const json_t *value,
                         char *name)
{
    const char *text = reader_text(reader, at, value);
    const char *wrong = text ? written_name_take(text, name) : NULL;

    if (wrong) {
        return reader_fault(reader, at, STATUS_INVALID, "%s", wrong);
    }
    return text != NULL;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool reader_hex(struct reader *reader, const struct place *at, const json_t *value, uint8_t *bytes,
                size_t size)
{
    const char *text = json_string_value(value);
    bool is_good = text && json_string_length(value) == 2 * size;

    for (size_t i = 0; is_good && i < size; i++) {
        int high = hex_value(text[2 * i]);
        int low = hex_value(text[2 * i + 1]);

        is_good = high >= 0 && low >= 0;
        bytes[i] = (uint8_t)(is_good ? high << 4 | low : 0);
    }
    if (is_good) {
        return true;
    }
    return has_type(reader, at, value, text != NULL, "a text") &&
           reader_fault(reader, at, STATUS_INVALID, "must be %zu of 0-9 and a-f", 2 * size);
}

bool reader_get_number(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, uint64_t least, uint64_t most, uint64_t *number)
{
    struct place at = { .up = up, .key = key };

    return reader_number(reader, &at, json_object_get(object, key), least, most, number);
}

bool reader_get_uint32(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, uint32_t least, uint32_t most, uint32_t *number)
{
    uint64_t wide;

    if (!reader_get_number(reader, up, object, key, least, most, &wide)) {
        return false;
    }
    *number = (uint32_t)wide;
    return true;
}

bool reader_get_time(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, int64_t *time_ms)
{
    uint64_t wide;

    if (!reader_get_number(reader, up, object, key, 0, READER_NUMBER_MAX, &wide)) {
        return false;
    }
    *time_ms = (int64_t)wide;
    return true;
}

const char *reader_get_text(struct reader *reader, const struct place *up, const json_t *object,
                            const char *key)
{
    struct place at = { .up = up, .key = key };

    return reader_text(reader, &at, json_object_get(object, key));
}

bool reader_get_id(struct reader *reader, const struct place *up, const json_t *object,
                   const char *key, bool may_be_empty, char *id)
{
    struct place at = { .up = up, .key = key };

    return reader_id(reader, &at, json_object_get(object, key), may_be_empty, id);
}

static uint64_t number_of(const uint8_t bytes[8])
{
    uint64_t number = 0;

    for (size_t i = 0; i < 8; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

bool reader_get_hex64(struct reader *reader, const struct place *up, const json_t *object,
                      const char *key, uint64_t *number)
{
    struct place at = { .up = up, .key = key };
    uint8_t bytes[8];

    if (!reader_hex(reader, &at, json_object_get(object, key), bytes, sizeof(bytes))) {
        return false;
    }
    *number = number_of(bytes);
    return true;
}

bool reader_get_log_id(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, char log_id[17])
{
    uint64_t ignored;

    if (!reader_get_hex64(reader, up, object, key, &ignored)) {
        return false;
    }
    memcpy(log_id, json_string_value(json_object_get(object, key)), 17);
    return true;
}

bool reader_at_uint32(struct reader *reader, const struct place *up, const json_t *list,
                      size_t index, uint32_t least, uint32_t most, uint32_t *number)
{
    struct place at = { .up = up, .index = index };
    uint64_t wide;

    if (!reader_number(reader, &at, json_array_get(list, index), least, most, &wide)) {
        return false;
    }
    *number = (uint32_t)wide;
    return true;
}

bool reader_may_uint32(struct reader *reader, const struct place *up, const json_t *object,
                       const char *key, uint32_t least, uint32_t most, uint32_t *number)
{
    return !json_object_get(object, key) ||
           reader_get_uint32(reader, up, object, key, least, most, number);
}

bool reader_may_time(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, int64_t *time_ms)
{
    return !json_object_get(object, key) || reader_get_time(reader, up, object, key, time_ms);
}

bool reader_may_flag(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, bool *flag)
{
    struct place at = { .up = up, .key = key };
    const json_t *value = json_object_get(object, key);

    if (!value) {
        return true;
    }
    *flag = json_is_true(value);
    return has_type(reader, &at, value, json_is_boolean(value), "true or false");
}
