#include <stdlib.h>
#include <string.h>
#include <unicode/ucnv.h>

#include "server/model/utf8.h"
#include "server/protocol/roll_parts.h"

/* What a file's bytes are as text. */

enum encoding { ENCODING_PLAIN = 0, ENCODING_UTF8, ENCODING_GB18030, ENCODING_NONE };

static const char *const encoding_names[] = { "plain", "UTF-8", "GB18030", "none" };

/* What a line can be. `has_han`: of UTF-8, a Chinese character, which GB18030 gives by no chance.
 */
static bool is_utf8(const char *line, size_t size, bool *has_han)
{
    *has_han = false;
    for (size_t i = 0; i < size;) {
        uint32_t codepoint;
        size_t step = utf8_next(line + i, size - i, &codepoint);

        if (step == 0) {
            return false;
        }
        *has_han = *has_han || (codepoint >= 0x4e00 && codepoint < 0xa000);
        i += step;
    }
    return true;
}

/* GB 18030: two bytes, or four; the fourth and second of four are digits. */
static bool is_gb18030(const char *line, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)line;
    size_t i = 0;

    while (i < size) {
        if (bytes[i] < 0x80) {
            i++;
            continue;
        }
        if (bytes[i] == 0x80 || bytes[i] == 0xff || i + 1 == size) {
            return false;
        }
        if (bytes[i + 1] >= '0' && bytes[i + 1] <= '9') {
            if (i + 3 >= size || bytes[i + 2] < 0x81 || bytes[i + 2] == 0xff ||
                bytes[i + 3] < '0' || bytes[i + 3] > '9') {
                return false;
            }
            i += 4;
        } else if (bytes[i + 1] >= 0x40 && bytes[i + 1] != 0x7f && bytes[i + 1] != 0xff) {
            i += 2;
        } else {
            return false;
        }
    }
    return true;
}

static enum encoding line_encoding(const char *line, size_t size, bool *is_sure)
{
    size_t plain = 0;
    bool has_han;

    while (plain < size && (unsigned char)line[plain] < 0x80) {
        plain++;
    }
    *is_sure = true;
    if (plain == size) {
        return ENCODING_PLAIN;
    }
    if (is_utf8(line, size, &has_han)) {
        *is_sure = has_han;
        return ENCODING_UTF8;
    }
    return is_gb18030(line, size) ? ENCODING_GB18030 : ENCODING_NONE;
}

/*
 * The encoding of a text without a mark, by its lines: one that is UTF-8 by chance is passed over
 * where others are GB18030.
 */
static enum encoding text_encoding(struct roll_reader *reader, const char *text, size_t size,
                                   bool is_marked)
{
    enum encoding found = is_marked ? ENCODING_UTF8 : ENCODING_PLAIN;
    uint32_t line = 1;

    for (size_t begin = 0; begin < size; line++) {
        const char *end = memchr(text + begin, '\n', size - begin);
        size_t length = end ? (size_t)(end - text) - begin : size - begin;
        bool is_sure;
        enum encoding encoding = line_encoding(text + begin, length, &is_sure);

        if (encoding == ENCODING_NONE) {
            (void)roll_fault(reader, STATUS_INVALID, line, "neither UTF-8 nor GB18030");
            return ENCODING_NONE;
        }
        if (encoding != ENCODING_PLAIN && is_sure && found != ENCODING_PLAIN && found != encoding) {
            (void)roll_fault(reader, STATUS_INVALID, line,
                             "mixed encodings: this line is %s, those before are %s",
                             encoding_names[encoding], encoding_names[found]);
            return ENCODING_NONE;
        }
        if (encoding != ENCODING_PLAIN && is_sure) {
            found = encoding;
        }
        begin += length + 1;
    }
    return found == ENCODING_GB18030 ? ENCODING_GB18030 : ENCODING_UTF8;
}

static char *decode_gb18030(struct roll_reader *reader, const char *text, size_t size,
                            size_t *decoded_size)
{
    UErrorCode error = U_ZERO_ERROR;
    UConverter *from = ucnv_open("gb18030", &error);
    UConverter *to = ucnv_open("UTF-8", &error);
    char *decoded = malloc(2 * size + 1); /* two bytes of GB18030 make at most three, four four */
    char *target = decoded;
    const char *source = text;
    uint32_t line = 1;

    if (!decoded || U_FAILURE(error)) {
        (void)roll_fault(reader, STATUS_NOMEM, 0, "no memory to decode GB18030");
    } else {
        ucnv_setToUCallBack(from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &error);
        ucnv_convertEx(to, from, &target, decoded + 2 * size, &source, text + size, NULL, NULL,
                       NULL, NULL, true, true, &error);
        if (U_FAILURE(error)) {
            for (const char *at = text; at < source; at++) {
                line += *at == '\n';
            }
            (void)roll_fault(reader, STATUS_INVALID, line, "neither UTF-8 nor GB18030");
        }
    }
    ucnv_close(from);
    ucnv_close(to);
    if (U_FAILURE(error)) {
        free(decoded);
        return NULL;
    }
    *decoded_size = (size_t)(target - decoded);
    return decoded;
}

static size_t utf8_put(char *target, uint32_t codepoint)
{
    if (codepoint < 0x80) {
        target[0] = (char)codepoint;
        return 1;
    }
    if (codepoint < 0x800) {
        target[0] = (char)(0xc0 | codepoint >> 6);
        target[1] = (char)(0x80 | (codepoint & 0x3f));
        return 2;
    }
    if (codepoint < 0x10000) {
        target[0] = (char)(0xe0 | codepoint >> 12);
        target[1] = (char)(0x80 | (codepoint >> 6 & 0x3f));
        target[2] = (char)(0x80 | (codepoint & 0x3f));
        return 3;
    }
    target[0] = (char)(0xf0 | codepoint >> 18);
    target[1] = (char)(0x80 | (codepoint >> 12 & 0x3f));
    target[2] = (char)(0x80 | (codepoint >> 6 & 0x3f));
    target[3] = (char)(0x80 | (codepoint & 0x3f));
    return 4;
}

/* text[0 .. size) behind the mark. high: place of the higher byte of each two. */
static char *decode_utf16(struct roll_reader *reader, const char *text, size_t size, size_t high,
                          size_t *decoded_size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    char *decoded = malloc(size / 2 * 3 + 1);
    size_t used = 0;
    uint32_t line = 1;

    if (!decoded) {
        (void)roll_fault(reader, STATUS_NOMEM, 0, "no memory to decode UTF-16");
        return NULL;
    }
    for (size_t i = 0; i < size; i += 2) {
        uint32_t unit = i + 1 < size ? (uint32_t)bytes[i + high] << 8 | bytes[i + 1 - high] : 0;
        uint32_t low = i + 3 < size ? (uint32_t)bytes[i + 2 + high] << 8 | bytes[i + 3 - high] : 0;
        bool is_pair = unit >= 0xd800 && unit < 0xdc00 && low >= 0xdc00 && low < 0xe000;

        if (i + 1 == size || (unit >= 0xd800 && unit < 0xe000 && !is_pair)) {
            (void)roll_fault(reader, STATUS_INVALID, line, "not UTF-16, as the file says it is");
            free(decoded);
            return NULL;
        }
        if (is_pair) {
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        line += unit == '\n';
        used += utf8_put(decoded + used, unit);
    }
    *decoded_size = used;
    return decoded;
}

/* A text of which every line may be shown; a control character is a fault of its line. */
static bool controls_check(struct roll_reader *reader, const char *text, size_t size)
{
    uint32_t line = 1;

    for (size_t i = 0; i < size;) {
        uint32_t codepoint;
        size_t step = utf8_next(text + i, size - i, &codepoint);

        if (step == 0) {
            return roll_fault(reader, STATUS_INVALID, line, "not UTF-8");
        }
        i += step;
        line += codepoint == '\n';
        if (utf8_is_control(codepoint) && codepoint != '\t' && codepoint != '\r' &&
            codepoint != '\n') {
            return roll_fault(reader, STATUS_INVALID, line, "has the control character U+%04X",
                              (unsigned)codepoint);
        }
        if (utf8_is_bidi(codepoint)) {
            return roll_fault(reader, STATUS_INVALID, line,
                              "has U+%04X, which changes the direction of text",
                              (unsigned)codepoint);
        }
    }
    return true;
}

static char *copy(struct roll_reader *reader, const char *text, size_t size, size_t *decoded_size)
{
    char *decoded = malloc(size + 1);

    if (!decoded) {
        (void)roll_fault(reader, STATUS_NOMEM, 0, "no memory to read the roll");
        return NULL;
    }
    memcpy(decoded, text, size);
    *decoded_size = size;
    return decoded;
}

char *roll_decode(struct roll_reader *reader, const char *text, size_t size, size_t *decoded_size)
{
    bool is_marked = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    char *decoded = NULL;

    if (size >= 2 && memcmp(text, "\xff\xfe", 2) == 0) {
        decoded = decode_utf16(reader, text + 2, size - 2, 1, decoded_size);
    } else if (size >= 2 && memcmp(text, "\xfe\xff", 2) == 0) {
        decoded = decode_utf16(reader, text + 2, size - 2, 0, decoded_size);
    } else {
        size_t mark = is_marked ? 3 : 0;
        enum encoding encoding = text_encoding(reader, text + mark, size - mark, is_marked);

        if (encoding == ENCODING_UTF8) {
            decoded = copy(reader, text + mark, size - mark, decoded_size);
        } else if (encoding == ENCODING_GB18030) {
            decoded = decode_gb18030(reader, text, size, decoded_size);
        }
    }
    if (decoded && !controls_check(reader, decoded, *decoded_size)) {
        free(decoded);
        return NULL;
    }
    if (decoded) {
        decoded[*decoded_size] = '\0';
    }
    return decoded;
}
