#include "clients/bench/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *text_put(char *at, const char *text)
{
    size_t size = strlen(text);
    memcpy(at, text, size); /* NOLINT(bugprone-not-null-terminated-result): more follows */
    return at + size;
}

char *text_put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0) {
        *at++ = digits[--count];
    }
    return at;
}

char *text_put_nonce(char *at, uint64_t nonce)
{
    static const char hex[] = "0123456789abcdef";
    for (int shift = 60; shift >= 0; shift -= 4) {
        *at++ = hex[nonce >> shift & 15];
    }
    return at;
}

static uint64_t number_read(const char *at, const char *end)
{
    uint64_t number = 0;
    const char *first = at;
    while (at < end && *at >= '0' && *at <= '9' && at - first < 18) {
        number = number * 10 + (uint64_t)(*at++ - '0');
    }
    return at == first ? UINT64_MAX : number;
}

uint64_t ack_id_read(const char *text, size_t size)
{
    static const char begin[] = "{\"t\":\"ack\",\"id\":";
    if (size < sizeof(begin) || memcmp(text, begin, sizeof(begin) - 1) != 0) {
        return UINT64_MAX;
    }
    return number_read(text + sizeof(begin) - 1, text + size);
}

uint64_t refusal_id_read(const char *text, size_t size)
{
    static const char key[] = "\"id\":";
    const char *at = memmem(text, size, key, sizeof(key) - 1);
    return at != NULL ? number_read(at + sizeof(key) - 1, text + size) : UINT64_MAX;
}

bool load_message_is(const char *text, size_t size, const char *kind)
{
    char begin[32];
    int length = snprintf(begin, sizeof(begin), "{\"t\":\"%s\"", kind);
    return length > 0 && size >= (size_t)length && memcmp(text, begin, (size_t)length) == 0;
}

void load_note_refusal(struct load_result *result, const char *text, size_t size)
{
    if (result->refused++ == 0) {
        snprintf(result->refusal, sizeof(result->refusal), "%.*s", (int)size, text);
    }
}

size_t text_put_hello(char *text, size_t size, const char *role, const char *key,
                      const char *secret)
{
    int length =
        key == NULL
            ? snprintf(text, size, "{\"t\":\"hello\",\"protocol\":1,\"role\":\"%s\"}", role)
            : snprintf(text, size, "{\"t\":\"hello\",\"protocol\":1,\"role\":\"%s\",\"%s\":\"%s\"}",
                       role, key, secret);
    return length > 0 && (size_t)length < size ? (size_t)length : 0;
}
