#include <string.h>

#include "server/model/utf8.h"
#include "server/protocol/event_parts.h"

/* Labels and ids: the small parts that all others are made of. */

/* Copies `text` into text_copy (LABEL_SIZE bytes) when it may be shown on air. */
static bool text_read(struct reader *reader, const struct place *at, const char *text,
                      char *text_copy)
{
    size_t size = strlen(text);
    size_t codepoint_count = 0;
    size_t blank_count = 0;

    for (size_t i = 0; i < size;) {
        uint32_t codepoint;
        size_t step = utf8_next(text + i, size - i, &codepoint);

        if (step == 0) {
            return reader_fault(reader, at, STATUS_INVALID, "not UTF-8");
        }
        if (utf8_is_control(codepoint)) {
            return reader_fault(reader, at, STATUS_INVALID, "has the control character U+%04X",
                                (unsigned)codepoint);
        }
        if (utf8_is_bidi(codepoint)) {
            return reader_fault(reader, at, STATUS_INVALID,
                                "has U+%04X, which changes the direction of text",
                                (unsigned)codepoint);
        }
        codepoint_count++;
        blank_count += utf8_is_blank(codepoint);
        i += step;
    }
    if (codepoint_count > LABEL_CODEPOINT_MAX) {
        return reader_fault(reader, at, STATUS_INVALID, "has %zu characters, more than %d",
                            codepoint_count, LABEL_CODEPOINT_MAX);
    }
    if (codepoint_count == blank_count) {
        return reader_fault(reader, at, STATUS_INVALID, "must not be empty");
    }
    memcpy(text_copy, text, size + 1);
    return true;
}

bool event_read_label(struct reader *reader, const struct place *up, const json_t *object,
                      const char *key, bool is_optional, struct label *label)
{
    static const char *const keys[] = { "zh-CN", "en" };
    struct place at = { .up = up, .key = key };
    struct place zh = { .up = &at, .key = "zh-CN" };
    struct place en = { .up = &at, .key = "en" };
    json_t *value = json_object_get(object, key);
    const char *text;
    bool is_good;

    if (!value && is_optional) {
        return true;
    }
    if (!reader_is_object(reader, &at, value)) {
        return false;
    }
    is_good = reader_keys(reader, &at, value, keys, KEY_COUNT(keys));
    text = reader_get_text(reader, &at, value, "zh-CN");
    is_good = text && text_read(reader, &zh, text, label->zh) && is_good;
    if (json_object_get(value, "en")) {
        text = reader_get_text(reader, &at, value, "en");
        is_good = text && text_read(reader, &en, text, label->en) && is_good;
    }
    return is_good;
}

json_t *event_read_list(struct reader *reader, const struct place *at, const json_t *object,
                        size_t count_max)
{
    json_t *list = json_object_get(object, at->key);

    return reader_is_list(reader, at, list, 1, count_max) ? list : NULL;
}

bool event_id_is_new(struct reader *reader, const struct place *at, const char *id, const void *ids,
                     size_t count, size_t stride)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp((const char *)ids + i * stride, id) == 0) {
            return reader_fault(reader, at, STATUS_INVALID, "'%s' is there already, at place %zu",
                                id, i);
        }
    }
    return true;
}
