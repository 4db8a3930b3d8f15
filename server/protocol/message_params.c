#include <string.h>

#include "server/model/utf8.h"
#include "server/protocol/message_parts.h"

/*
 * Objects of texts, which travel as {"key": "text", …} and are kept as "key=text\n" lines, and what
 * the texts of acts look like.
 */

static bool has_controls(const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        uint32_t codepoint;
        size_t size = utf8_next(text, left, &codepoint);

        if (size == 0 || utf8_is_control(codepoint)) {
            return true;
        }
        text += size;
        left -= size;
    }
    return false;
}

static bool lines_read(struct reader *reader, const struct place *up, json_t *value, bool is_take,
                       char *lines)
{
    struct place at = { .up = up, .key = "params" };
    const char *key;
    json_t *entry;

    lines[0] = '\0';
    if (!reader_is_object(reader, &at, value)) {
        return false;
    }
    json_object_foreach(value, key, entry)
    {
        struct place place = { .up = &at, .key = key };
        const char *text = reader_text(reader, &place, entry);

        if (!text) {
            return false;
        }
        if (has_controls(text)) {
            return reader_fault(reader, &place, STATUS_INVALID, "has a control character");
        }
        if (is_take && !params_put(lines, key, text)) {
            return reader_fault(reader, &place, STATUS_INVALID,
                                "must be a key of a-z and _, with at most %d parameters of %d "
                                "bytes together",
                                PARAM_COUNT_MAX, PARAMS_SIZE - 1);
        }
        if (!is_take && !detail_put(lines, key, text)) {
            return reader_fault(reader, &place, STATUS_INVALID,
                                "must be a key of a-z, 0-9, - and _, with parameters of %d bytes "
                                "together",
                                DETAIL_SIZE - 1);
        }
    }
    return true;
}

bool params_read(struct reader *reader, const struct place *up, json_t *value,
                 char params[PARAMS_SIZE])
{
    return lines_read(reader, up, value, true, params);
}

bool detail_read(struct reader *reader, const struct place *up, json_t *value,
                 char detail[DETAIL_SIZE])
{
    return lines_read(reader, up, value, false, detail);
}

void params_write(struct writer *writer, const char *params)
{
    bool is_first = true;

    writer_literal(writer, "{");
    while (*params != '\0') {
        size_t line_size = strcspn(params, "\n");
        size_t key_size = strcspn(params, "=");

        if (key_size < line_size && line_size < DETAIL_SIZE) {
            char text[DETAIL_SIZE];

            memcpy(text, params, line_size);
            text[line_size] = '\0';
            text[key_size] = '\0';
            if (!is_first) {
                writer_literal(writer, ",");
            }
            writer_string(writer, text);
            writer_literal(writer, ":");
            writer_string(writer, text + key_size + 1);
            is_first = false;
        }
        params += line_size;
        params += *params == '\n';
    }
    writer_literal(writer, "}");
}

static bool reason_is_good(const char *text)
{
    size_t left = strlen(text);
    uint32_t count = 0;
    bool is_blank = true;

    while (left > 0) {
        uint32_t codepoint;
        size_t size = utf8_next(text, left, &codepoint);

        if (size == 0 || utf8_is_bidi(codepoint)) {
            return false;
        }
        is_blank = is_blank && utf8_is_blank(codepoint);
        count++;
        text += size;
        left -= size;
    }
    return !is_blank && count <= LABEL_CODEPOINT_MAX;
}

static bool ids_are_good(const char *text)
{
    for (;;) {
        size_t size = strcspn(text, ",");
        char id[ID_SIZE];

        if (size >= sizeof(id)) {
            return false;
        }
        memcpy(id, text, size);
        id[size] = '\0';
        if (!id_is_valid(id)) {
            return false;
        }
        if (text[size] == '\0') {
            return true;
        }
        text += size + 1;
    }
}

/* "1-12,15": numbers and spans of 1 to 6 digits. Whether the seats are there is not asked here. */
static bool seats_are_good(const char *text)
{
    for (;;) {
        size_t size = strspn(text, "0123456789");

        if (size < 1 || size > 6) {
            return false;
        }
        text += size;
        if (*text == '-') {
            size = strspn(++text, "0123456789");
            if (size < 1 || size > 6) {
                return false;
            }
            text += size;
        }
        if (*text == '\0') {
            return true;
        }
        if (*text++ != ',') {
            return false;
        }
    }
}

const char *param_wrong(enum look look, const char *text)
{
    size_t size = strlen(text);

    switch (look) {
    case LOOK_REASON:
        return reason_is_good(text) ? NULL : "must be 1 to 64 characters, not all blank";
    case LOOK_NUMBER:
        return size >= 1 && size <= 9 && strspn(text, "0123456789") == size
                   ? NULL
                   : "must be a number of 1 to 9 digits";
    case LOOK_ID:
        return id_is_valid(text) ? NULL : "must be an id: 1 to 32 of a-z, 0-9 and -, not - first";
    case LOOK_IDS:
        return ids_are_good(text) ? NULL : "must be ids with a comma between";
    case LOOK_SEATS:
        return seats_are_good(text) ? NULL : "must be seats, as in 1-12,15";
    case LOOK_RULING:
        return strcmp(text, "count") == 0 || strcmp(text, "drop") == 0 || strcmp(text, "void") == 0
                   ? NULL
                   : "must be count, drop or void";
    case LOOK_STATE:
        return strcmp(text, "begun") == 0 || strcmp(text, "ended") == 0 ? NULL
                                                                        : "must be begun or ended";
    case LOOK_NONE:
        return strcmp(text, "none") == 0 ? NULL : "must be none";
    case LOOK_INVALID:
        break;
    }
    return NULL;
}
