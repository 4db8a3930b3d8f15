#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes JSON text into a buffer, piece by piece; the caller puts brackets and commas. What does
 * not fit sets is_over and everything after it is ignored, so that only the end needs a look.
 * Allocates nothing, unless writer_grow() is its `more`.
 *
 * more  called when `need` bytes do not fit: makes room and returns true. NULL: there is no more
 */
struct writer {
    char *buffer; /* kept by who made it */
    size_t size;  /* bytes of buffer */
    size_t used;
    bool is_over;
    bool (*more)(struct writer *writer, size_t need);
    void *ctx;
};

void writer_init(struct writer *writer, char *buffer, size_t size);

/* A `more` for a heap buffer (may begin as NULL, 0) that grows up to DOCUMENT_SIZE_MAX bytes. */
bool writer_grow(struct writer *writer, size_t need);

/* Puts the NUL. The length without it, or 0 when something did not fit. */
size_t writer_end(struct writer *writer);

void writer_put(struct writer *writer, const char *bytes, size_t size);
#define writer_literal(writer, literal) writer_put((writer), "" literal, sizeof(literal) - 1)

void writer_uint(struct writer *writer, uint64_t number);
/* `key` as it is (",\"key\":") and the number, or nothing where it is 0. */
void writer_may_uint(struct writer *writer, const char *key, uint64_t number);
void writer_int(struct writer *writer, int64_t number);

/* A JSON string, quoted and escaped. Bytes that are not UTF-8 become U+FFFD. */
void writer_string(struct writer *writer, const char *text);

/* A JSON string of lower-case hexadecimal digits. */
void writer_hex(struct writer *writer, const uint8_t *bytes, size_t size);
void writer_hex64(struct writer *writer, uint64_t number);
