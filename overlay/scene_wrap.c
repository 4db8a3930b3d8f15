#include "overlay/scene_wrap.h"

#include <stdio.h>
#include <string.h>

#include "server/model/utf8.h"

#define WIDE_FIRST 0x2e80 /* Chinese characters and their marks begin here */

static bool is_one_of(uint32_t codepoint, const char *marks)
{
    size_t left = strlen(marks);
    uint32_t mark;
    for (size_t size = 1; size > 0 && left > 0; marks += size, left -= size) {
        size = utf8_next(marks, left, &mark);
        if (size > 0 && mark == codepoint) {
            return true;
        }
    }
    return false;
}

static bool is_opening(uint32_t codepoint)
{
    return is_one_of(codepoint, "（《〈「『【〔“‘([{");
}

static bool is_closing(uint32_t codepoint)
{
    return is_one_of(codepoint, "，。、；：？！）》〉」』】〕”’…—·％%,.;:?!)]}");
}

/* What stands on the letter before it, or joins two. */
static bool is_joined(uint32_t codepoint)
{
    return (codepoint >= 0x0300 && codepoint <= 0x036f) || codepoint == 0x200d ||
           (codepoint >= 0x20d0 && codepoint <= 0x20ff) ||
           (codepoint >= 0xfe00 && codepoint <= 0xfe0f) ||
           (codepoint >= 0x1f3fb && codepoint <= 0x1f3ff) ||
           (codepoint >= 0xe0100 && codepoint <= 0xe01ef);
}

static bool may_break(uint32_t before, uint32_t after)
{
    if (is_joined(after) || before == 0x200d || utf8_is_blank(after) || is_closing(after) ||
        is_opening(before)) {
        return false;
    }
    return utf8_is_blank(before) || before >= WIDE_FIRST || after >= WIDE_FIRST ||
           (is_closing(before) && before >= 0x80);
}

/* The size of what stands together from `text` on, blanks behind it included. */
static size_t unit_size(const char *text, size_t left)
{
    uint32_t before = 0;
    uint32_t codepoint = 0;
    size_t used = 0;
    while (used < left) {
        size_t size = utf8_next(text + used, left - used, &codepoint);
        if (size == 0) {
            return left; /* never: parameters are checked where they come in */
        }
        if (used > 0 && may_break(before, codepoint)) {
            break;
        }
        before = codepoint;
        used += size;
    }
    return used;
}

static int32_t width_of(const struct pen *pen, const char *text, size_t size, int32_t size_px,
                        bool is_bold)
{
    return pen->data->measure(pen->data->measure_ctx, text, size, size_px, is_bold, false);
}

static size_t without_blanks(const char *text, size_t size)
{
    while (size > 0 && text[size - 1] == ' ') {
        size--;
    }
    return size;
}

uint32_t wrap_lines(const struct pen *pen, const char *text, int32_t size_px, bool is_bold,
                    int32_t width, struct line lines[WRAP_LINE_MAX])
{
    size_t left = strlen(text);
    uint32_t count = 0;
    size_t used = 0;
    int32_t taken = 0;
    lines[0].text = text;
    while (left > 0) {
        size_t size = unit_size(text, left);
        int32_t ink = width_of(pen, text, without_blanks(text, size), size_px, is_bold);
        if (used > 0 && taken + ink > width && count < WRAP_LINE_MAX - 1) {
            lines[count].size = (uint16_t)without_blanks(lines[count].text, used);
            lines[++count].text = text;
            used = 0;
            taken = 0;
        }
        taken += width_of(pen, text, size, size_px, is_bold);
        used += size;
        text += size;
        left -= size;
    }
    lines[count].size = (uint16_t)without_blanks(lines[count].text, used);
    return count + (used > 0 ? 1 : 0);
}

int32_t wrap_fit(const struct pen *pen, const char *text, int32_t size_px, int32_t size_min,
                 bool is_bold, int32_t width, uint32_t line_max)
{
    struct line lines[WRAP_LINE_MAX];
    while (size_px > size_min && wrap_lines(pen, text, size_px, is_bold, width, lines) > line_max) {
        size_px -= 2;
    }
    return size_px;
}

const char *wrap_param(const struct scene_data *data, const char *params, const char *name,
                       char text[PARAMS_SIZE])
{
    static const char *const endings[] = { "zh", "en" };
    uint32_t first = data->language == LANGUAGE_EN ? 1 : 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < 2 && text[0] == '\0'; i++) {
        char key[24];
        snprintf(key, sizeof(key), "%s_%s", name, endings[(first + i) % 2]);
        (void)params_get(params, key, text, PARAMS_SIZE);
    }
    return text;
}

void wrap_put(struct pen *pen, enum part part, const struct line *lines, uint32_t first,
              uint32_t count, const struct words *words, int32_t pitch)
{
    for (uint32_t i = 0; i < count; i++) {
        char text[PARAMS_SIZE];
        struct words line = *words;
        snprintf(text, sizeof(text), "%.*s", (int)lines[first + i].size, lines[first + i].text);
        line.text = text;
        line.baseline = words->baseline + (int32_t)i * pitch;
        pen_words(pen, part, i, 0, &line);
    }
}
