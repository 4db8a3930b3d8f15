#include "server/model/utf8.h"

#include <string.h>

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t utf8_next(const char *text, size_t size, uint32_t *codepoint)
{
    static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t value;
    size_t need;

    if (size == 0) {
        return 0;
    }
    if (bytes[0] < 0x80) {
        *codepoint = bytes[0];
        return 1;
    }
    if (bytes[0] >= 0xc2 && bytes[0] < 0xe0) {
        need = 2;
        value = bytes[0] & 0x1fu;
    } else if (bytes[0] >= 0xe0 && bytes[0] < 0xf0) {
        need = 3;
        value = bytes[0] & 0x0fu;
    } else if (bytes[0] >= 0xf0 && bytes[0] < 0xf5) {
        need = 4;
        value = bytes[0] & 0x07u;
    } else {
        return 0;
    }
    if (size < need) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if (!is_tail(bytes[i])) {
            return 0;
        }
        value = value << 6 | (bytes[i] & 0x3fu);
    }
    if (value < least[need] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return 0;
    }
    *codepoint = value;
    return need;
}

size_t utf8_cut(const char *text, size_t size_max)
{
    size_t size = strnlen(text, size_max);

    if (size < size_max || text[size] == '\0') {
        return size;
    }
    /* A character has at most three tail bytes; more of them are not UTF-8 and cut anywhere. */
    for (size_t back = 0; back < 4 && back <= size; back++) {
        if (!is_tail((unsigned char)text[size - back])) {
            return size - back;
        }
    }
    return size;
}

bool utf8_is_control(uint32_t codepoint)
{
    return codepoint < 0x20 || (codepoint >= 0x7f && codepoint < 0xa0) || codepoint == 0x2028 ||
           codepoint == 0x2029;
}

bool utf8_is_bidi(uint32_t codepoint)
{
    return codepoint == 0x061c || codepoint == 0x200e || codepoint == 0x200f ||
           (codepoint >= 0x202a && codepoint <= 0x202e) ||
           (codepoint >= 0x2066 && codepoint <= 0x2069);
}

bool utf8_is_blank(uint32_t codepoint)
{
    return codepoint == 0x20 || codepoint == 0xa0 || codepoint == 0x3000;
}
