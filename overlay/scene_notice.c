#include "overlay/scene_parts.h"
#include "overlay/scene_wrap.h"

#include <stdlib.h>
#include <string.h>

/*
 * The notice: a slate over the whole picture that says what comes next, with the time until then.
 *
 * Its title stands as large as two lines allow; a text of more than four lines has pages. The time
 * goes down to 0:00, from the take (seconds) or to a moment (until_ms); then it says "即将开始".
 */
#define HEAD_TOP_PX 60
#define RULE_TOP_PX 176
#define TITLE_BASELINE_PX 320
#define TITLE_LINES 2
#define TITLE_PITCH_PX 96
#define TITLE_PERCENT 140 /* of the name's size */
#define TEXT_GAP_PX 24
#define TEXT_PITCH_PX 72
#define TEXT_LINES 4
#define FOOT_TOP_PX 802
#define DIGITS_PX 128
#define TEXT_DELAY_MS 120

/* What is left until it begins, in ms. False: the notice names no time. */
static bool time_read(const struct scene_data *data, const struct scene_cue *cue, int64_t *left_ms)
{
    char text[24];
    int64_t until_ms = 0;
    if (params_get(cue->params, "until_ms", text, sizeof(text))) {
        until_ms = strtoll(text, NULL, 10);
    } else if (params_get(cue->params, "seconds", text, sizeof(text))) {
        until_ms = cue->taken_ms + strtoll(text, NULL, 10) * 1000;
    } else {
        return false;
    }
    *left_ms = until_ms > data->server_ms ? until_ms - data->server_ms : 0;
    return true;
}

static void head_add(struct pen *pen)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    int32_t width = theme->right_px - theme->left_px;
    pen_rect(pen, PART_MARK, 0, 0, (struct rect){ theme->left_px, HEAD_TOP_PX, 12, 100 },
             theme->mark);
    pen_rect(pen, PART_RULE, 0, 0, (struct rect){ theme->left_px, RULE_TOP_PX, width, 4 },
             theme->gold);
    struct words words = { .text = text_get(language, TEXT_NOTICE_NEXT),
                           .x = theme->left_px + 42,
                           .baseline = HEAD_TOP_PX + 46,
                           .width = width - 42,
                           .size = theme->title_px,
                           .colour = theme->gold,
                           .align = ALIGN_LEFT,
                           .is_bold = true };
    pen_words(pen, PART_LABEL, 0, 0, &words);
    if (pen->data->texts != NULL) {
        words.text = label_text(&pen->data->texts->title, language);
        words.baseline = HEAD_TOP_PX + 97;
        words.size = theme->cell_px;
        words.colour = theme->muted;
        words.is_bold = false;
        pen_words(pen, PART_OFFICE, 0, 0, &words);
    }
}

/* Returns the baseline of its last line. */
static int32_t title_add(struct pen *pen, const struct scene_cue *cue, int32_t room)
{
    const struct theme *theme = pen->theme;
    char text[PARAMS_SIZE];
    struct line lines[WRAP_LINE_MAX];
    const char *title = wrap_param(pen->data, cue->params, "title", text);
    int32_t size = wrap_fit(pen, title, theme->name_px * TITLE_PERCENT / 200 * 2, theme->title_px,
                            true, room, TITLE_LINES);
    uint32_t count = wrap_lines(pen, title, size, true, room, lines);
    uint32_t shown = count < TITLE_LINES ? count : TITLE_LINES;
    if (count > TITLE_LINES) { /* no size is small enough: all of it on the last line, condensed */
        lines[TITLE_LINES - 1].size =
            (uint16_t)(title + strlen(title) - lines[TITLE_LINES - 1].text);
    }
    wrap_put(pen, PART_NAME, lines, 0, shown,
             &(struct words){ .x = theme->left_px + 42,
                              .baseline = TITLE_BASELINE_PX,
                              .width = room,
                              .size = size,
                              .colour = theme->ink,
                              .align = ALIGN_LEFT,
                              .is_bold = true },
             TITLE_PITCH_PX);
    return TITLE_BASELINE_PX + ((int32_t)shown - 1) * TITLE_PITCH_PX;
}

static void page_add(struct pen *pen, uint32_t page, uint32_t pages)
{
    char now[NUMBER_SIZE];
    char all[NUMBER_SIZE];
    const struct text_value values[] = { { "page", number_text(page + 1, now) },
                                         { "pages", number_text(pages, all) } };
    pen_pattern(pen, PART_PAGE, 0,
                &(struct words){ .text = text_get(pen->data->language, TEXT_PAGE_OF),
                                 .x = pen->theme->right_px,
                                 .baseline = HEAD_TOP_PX + 46,
                                 .width = 400,
                                 .size = pen->theme->small_px,
                                 .colour = pen->theme->muted,
                                 .align = ALIGN_RIGHT },
                pen->theme->small_px, values, 2);
}

static void text_add(struct pen *pen, const struct scene_cue *cue, int32_t baseline, int32_t room)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    char buffer[PARAMS_SIZE];
    struct line lines[WRAP_LINE_MAX];
    const char *text = wrap_param(data, cue->params, "text", buffer);
    uint32_t count = wrap_lines(pen, text, theme->title_px, false, room, lines);
    uint32_t pages = (count + TEXT_LINES - 1) / TEXT_LINES;
    uint32_t page = pages > 1 ? part_page(data, cue, theme->page_ms, pages) : 0;
    uint32_t first = page * TEXT_LINES;
    if (pages > 1) {
        page_add(pen, page, pages);
        pen->opacity =
            part_turned(data, cue, part_page_ns(data, cue, theme->page_ms), pen->opacity);
    }
    wrap_put(pen, PART_NOTE, lines, first, count - first < TEXT_LINES ? count - first : TEXT_LINES,
             &(struct words){ .x = theme->left_px + 42,
                              .baseline = baseline,
                              .width = room,
                              .size = theme->title_px,
                              .colour = theme->ink,
                              .align = ALIGN_LEFT },
             TEXT_PITCH_PX);
}

static void time_add(struct pen *pen, int64_t left_ms)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    char digits[NUMBER_SIZE];
    bool is_due = left_ms == 0;
    int32_t left = theme->left_px + 42;
    struct words words = { .text = text_get(language, is_due ? TEXT_NOTICE_DUE : TEXT_NOTICE_IN),
                           .x = left,
                           .baseline = FOOT_TOP_PX + 62,
                           .width = theme->right_px - left,
                           .size = theme->label_px,
                           .colour = is_due ? theme->gold : theme->muted,
                           .align = ALIGN_LEFT,
                           .is_bold = is_due };
    pen_rect(pen, PART_RULE, 1, 0,
             (struct rect){ theme->left_px, FOOT_TOP_PX, theme->right_px - theme->left_px, 2 },
             theme->line);
    pen_words(pen, PART_HEAD, 0, 0, &words);
    words.text = clock_text(left_ms, digits);
    words.baseline = FOOT_TOP_PX + 196;
    words.size = DIGITS_PX;
    words.colour = theme->ink;
    words.is_bold = true;
    words.is_figure = true;
    pen_words(pen, PART_FIGURE, 0, 0, &words);
}

bool notice_is_ready(const struct scene_data *data, const char *params)
{
    char text[PARAMS_SIZE];
    bool has_words = wrap_param(data, params, "title", text)[0] != '\0' ||
                     wrap_param(data, params, "text", text)[0] != '\0';
    bool has_time = params_get(params, "until_ms", text, sizeof(text)) ||
                    params_get(params, "seconds", text, sizeof(text));
    return has_words && (!has_time || data->server_ms != 0);
}

void scene_notice_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    int32_t room = pen->theme->right_px - pen->theme->left_px - 2 * 42;
    int64_t left_ms = 0;
    pen->opacity = cue_panel_opacity(data, cue);
    pen_ground(pen);
    pen->opacity = cue_opacity(data, cue, 0);
    head_add(pen);
    if (time_read(data, cue, &left_ms)) {
        time_add(pen, left_ms);
    }
    pen->opacity = cue_opacity(data, cue, TEXT_DELAY_MS);
    int32_t baseline = title_add(pen, cue, room);
    text_add(pen, cue, baseline + TEXT_GAP_PX + TEXT_PITCH_PX, room);
}
