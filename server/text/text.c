#include "server/text/text.h"

#include <assert.h>
#include <string.h>

/* texts_zh, texts_en and names, made by server/text/CMakeLists.txt from the two JSON files. */
#include "server/text/catalogue.inc"

const char *text_get(enum language language, enum text_id id)
{
    assert(id > TEXT_INVALID && id < TEXT_COUNT);
    return language == LANGUAGE_EN ? texts_en[id] : texts_zh[id];
}

const char *text_id_name(enum text_id id)
{
    assert(id > TEXT_INVALID && id < TEXT_COUNT);
    return names[id];
}

bool text_next(const char **cursor, struct text_piece *piece)
{
    const char *start = *cursor;
    if (*start == '\0') {
        return false;
    }
    const char *end = *start == '{' ? strchr(start, '}') : NULL;
    if (end != NULL && end > start + 1) {
        *piece = (struct text_piece){ start + 1, (size_t)(end - start - 1), true };
        *cursor = end + 1;
        return true;
    }
    size_t size = 1 + strcspn(start + 1, "{");
    *piece = (struct text_piece){ start, size, false };
    *cursor = start + size;
    return true;
}

const char *text_value_find(const struct text_piece *piece, const struct text_value *values,
                            uint32_t value_count)
{
    for (uint32_t i = 0; i < value_count; i++) {
        if (strlen(values[i].name) == piece->size &&
            memcmp(values[i].name, piece->start, piece->size) == 0) {
            return values[i].value;
        }
    }
    return NULL;
}

enum status text_fill(char *buffer, size_t buffer_size, const char *pattern,
                      const struct text_value *values, uint32_t value_count)
{
    assert(buffer_size > 0);
    size_t used = 0;
    struct text_piece piece;
    for (const char *cursor = pattern; text_next(&cursor, &piece);) {
        const char *from = piece.start;
        size_t size = piece.size;
        if (piece.is_place) {
            const char *value = text_value_find(&piece, values, value_count);
            from = value != NULL ? value : piece.start - 1;
            size = value != NULL ? strlen(value) : piece.size + 2;
        }
        if (size >= buffer_size - used) {
            buffer[used] = '\0';
            return STATUS_LIMIT;
        }
        memcpy(buffer + used, from, size);
        used += size;
    }
    buffer[used] = '\0';
    return STATUS_OK;
}
