#include "server/protocol/writer.h"

#include <stdlib.h>
#include <string.h>

#include "server/model/limits.h"
#include "server/model/utf8.h"

static const char hex_digits[] = "0123456789abcdef";

void writer_init(struct writer *writer, char *buffer, size_t size)
{
    *writer = (struct writer){ .buffer = buffer, .size = size };
}

bool writer_grow(struct writer *writer, size_t need)
{
    size_t least = writer->used + need;
    size_t size = writer->size > 0 ? writer->size : 4096;
    char *buffer;

    while (size < least) {
        size *= 2;
    }
    if (least > DOCUMENT_SIZE_MAX) {
        return false;
    }
    buffer = realloc(writer->buffer, size);
    if (!buffer) {
        return false;
    }
    writer->buffer = buffer;
    writer->size = size;
    return true;
}

/* Whether `need` more bytes fit now. */
static bool has_room(struct writer *writer, size_t need)
{
    if (writer->is_over) {
        return false;
    }
    if (need <= writer->size - writer->used) {
        return true;
    }
    if (writer->more && writer->more(writer, need) && need <= writer->size - writer->used) {
        return true;
    }
    writer->is_over = true;
    return false;
}

size_t writer_end(struct writer *writer)
{
    if (!has_room(writer, 1)) {
        return 0;
    }
    writer->buffer[writer->used] = '\0';
    return writer->used;
}

void writer_put(struct writer *writer, const char *bytes, size_t size)
{
    if (has_room(writer, size)) {
        memcpy(writer->buffer + writer->used, bytes, size);
        writer->used += size;
    }
}

void writer_uint(struct writer *writer, uint64_t number)
{
    char digits[20];
    size_t begin = sizeof(digits);

    do {
        digits[--begin] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    writer_put(writer, digits + begin, sizeof(digits) - begin);
}

void writer_may_uint(struct writer *writer, const char *key, uint64_t number)
{
    if (number > 0) {
        writer_put(writer, key, strlen(key));
        writer_uint(writer, number);
    }
}

void writer_int(struct writer *writer, int64_t number)
{
    if (number < 0) {
        writer_literal(writer, "-");
        writer_uint(writer, 0 - (uint64_t)number);
    } else {
        writer_uint(writer, (uint64_t)number);
    }
}

static void put_escape(struct writer *writer, uint32_t codepoint)
{
    char escape[6] = {
        '\\', 'u', '0', '0', hex_digits[codepoint >> 4 & 15], hex_digits[codepoint & 15]
    };

    writer_put(writer, escape, sizeof(escape));
}

void writer_string(struct writer *writer, const char *text)
{
    size_t left = strlen(text);

    writer_literal(writer, "\"");
    while (left > 0) {
        uint32_t codepoint;
        size_t plain = 0;
        size_t size;

        while (plain < left && (unsigned char)text[plain] >= 0x20 &&
               (unsigned char)text[plain] < 0x80 && text[plain] != '"' && text[plain] != '\\') {
            plain++;
        }
        writer_put(writer, text, plain);
        text += plain;
        left -= plain;
        if (left == 0) {
            break;
        }
        size = utf8_next(text, left, &codepoint);
        if (size == 0) {
            writer_literal(writer, "\xef\xbf\xbd");
            size = 1;
        } else if (codepoint == '"' || codepoint == '\\') {
            writer_put(writer, codepoint == '"' ? "\\\"" : "\\\\", 2);
        } else if (codepoint < 0x20) {
            put_escape(writer, codepoint);
        } else {
            writer_put(writer, text, size);
        }
        text += size;
        left -= size;
    }
    writer_literal(writer, "\"");
}

void writer_hex(struct writer *writer, const uint8_t *bytes, size_t size)
{
    writer_literal(writer, "\"");
    if (has_room(writer, 2 * size)) {
        for (size_t i = 0; i < size; i++) {
            writer->buffer[writer->used++] = hex_digits[bytes[i] >> 4];
            writer->buffer[writer->used++] = hex_digits[bytes[i] & 15];
        }
    }
    writer_literal(writer, "\"");
}

void writer_hex64(struct writer *writer, uint64_t number)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    }
    writer_hex(writer, bytes, sizeof(bytes));
}
