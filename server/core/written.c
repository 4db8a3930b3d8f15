#include "server/core/written.h"

#include <assert.h>
#include <string.h>

#include "server/model/utf8.h"

#define MIDDLE_DOT "\xc2\xb7" /* U+00B7 */

static bool is_dot(uint32_t codepoint)
{
    return codepoint == 0xb7 || codepoint == 0x2022 || codepoint == 0x2027 || codepoint == 0x30fb;
}

void written_plain(const char *name, char *plain, size_t plain_size)
{
    size_t left = strlen(name);
    size_t size = 0;
    assert(left < plain_size);
    while (left > 0) {
        uint32_t codepoint = 0;
        size_t step = utf8_next(name, left, &codepoint);
        if (step == 0) {
            plain[size++] = *name;
            step = 1;
        } else if (is_dot(codepoint)) {
            memcpy(plain + size, MIDDLE_DOT, 2);
            size += 2;
        } else if (!utf8_is_blank(codepoint)) {
            memcpy(plain + size, name, step);
            size += step;
        }
        name += step;
        left -= step;
    }
    plain[size] = '\0';
}

/* Blocks of letters and ideographs, by Unicode's Blocks.txt; rough, for a stroke or a "?" is none.
 */
static bool is_letter(uint32_t codepoint)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        { 'A', 'Z' },       { 'a', 'z' },         { 0xc0, 0xd6 },     { 0xd8, 0xf6 },
        { 0xf8, 0x24f },    { 0x370, 0x1fff }, /* Greek … Tibetan … */
        { 0x3007, 0x3007 },                    /* 〇 is a given name */
        { 0x3041, 0x3096 }, { 0x30a1, 0x30fa },   { 0x3105, 0x318e }, { 0x3400, 0x4dbf },
        { 0x4e00, 0xa4cf }, { 0xa840, 0xd7a3 },   { 0xf900, 0xfaff }, { 0xff21, 0xff3a },
        { 0xff41, 0xff5a }, { 0x20000, 0x3ffff },
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (codepoint >= ranges[i].first && codepoint <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

bool written_is_legible(const char *name)
{
    size_t left = strlen(name);
    while (left > 0) {
        uint32_t codepoint = 0;
        size_t step = utf8_next(name, left, &codepoint);
        if (step > 0 && is_letter(codepoint)) {
            return true;
        }
        step += step == 0;
        name += step;
        left -= step;
    }
    return false;
}
