#include "overlay/scene_parts.h"
#include "overlay/scene_wrap.h"

#include <stdio.h>

/*
 * Two scenes of words: the opinion, a lower third of two lines, and the correction, an alert that
 * stays until it is cleared.
 *
 * The opinion's words are as large as two lines allow, from the title's size down to the label's;
 * what is longer has pages. The correction is opaque and framed, so that nothing under it is read
 * with it, and has all its lines at once.
 */
#define PANEL_BOTTOM_PX 1024
#define OPINION_LINES 2
#define CORRECTION_LINES 5
#define LINE_PITCH_PX 62
#define TEXT_DELAY_MS 120
#define HEAD_PX 84
#define FRAME_PX 6

static void opinion_head(struct pen *pen, int32_t top, uint32_t page, uint32_t pages)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    struct words words = { .text = text_get(language, TEXT_OPINION),
                           .x = theme->left_px + 42,
                           .baseline = top + 48,
                           .width = 400,
                           .size = theme->small_px,
                           .colour = theme->gold,
                           .align = ALIGN_LEFT,
                           .is_bold = true };
    pen_words(pen, PART_LABEL, 0, 0, &words);
    if (pages > 1) {
        char now[NUMBER_SIZE];
        char all[NUMBER_SIZE];
        const struct text_value values[] = { { "page", number_text(page + 1, now) },
                                             { "pages", number_text(pages, all) } };
        words.text = text_get(language, TEXT_PAGE_OF);
        words.x = theme->right_px - 28;
        words.colour = theme->muted;
        words.align = ALIGN_RIGHT;
        words.is_bold = false;
        pen_pattern(pen, PART_PAGE, 0, &words, theme->small_px, values, 2);
    }
}

void scene_opinion_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    char text[PARAMS_SIZE];
    struct line lines[WRAP_LINE_MAX];
    int32_t left = theme->left_px;
    int32_t width = theme->right_px - left;
    int32_t room = width - 42 - 28;
    int32_t size = wrap_fit(pen, wrap_param(data, cue->params, "text", text), theme->title_px,
                            theme->label_px, false, room, OPINION_LINES);
    uint32_t count = wrap_lines(pen, text, size, false, room, lines);
    uint32_t pages = (count + OPINION_LINES - 1) / OPINION_LINES;
    uint32_t page = pages > 1 ? part_page(data, cue, theme->page_ms, pages) : 0;
    uint32_t first = page * OPINION_LINES;
    uint32_t shown = count - first < OPINION_LINES ? count - first : OPINION_LINES;
    int32_t height = 90 + (count < OPINION_LINES ? 1 : OPINION_LINES) * LINE_PITCH_PX;
    int32_t top = PANEL_BOTTOM_PX - height;
    int32_t grown = (int32_t)(width * cue_growth(data, cue, 0) + 0.5);

    pen->opacity = cue_panel_opacity(data, cue);
    pen_rect(pen, PART_PANEL, 0, 0, (struct rect){ left, top, grown, height }, theme->panel);
    pen_rect(pen, PART_RULE, 0, 0, (struct rect){ left, top - 4, grown, 4 }, theme->gold);
    pen_rect(pen, PART_MARK, 0, 0, (struct rect){ left, top, 12, height }, theme->mark);
    pen->opacity = cue_opacity(data, cue, TEXT_DELAY_MS);
    opinion_head(pen, top, page, pages);
    if (pages > 1) {
        pen->opacity =
            part_turned(data, cue, part_page_ns(data, cue, theme->page_ms), pen->opacity);
    }
    wrap_put(pen, PART_NOTE, lines, first, shown,
             &(struct words){ .x = left + 42,
                              .baseline = top + 112,
                              .width = room,
                              .size = size,
                              .colour = theme->ink,
                              .align = ALIGN_LEFT },
             LINE_PITCH_PX);
}

static void correction_frame(struct pen *pen, struct rect box)
{
    const struct theme *theme = pen->theme;
    const struct rect sides[] = {
        { box.x, box.y, box.w, HEAD_PX },
        { box.x, box.y + HEAD_PX, FRAME_PX, box.h - HEAD_PX },
        { box.x + box.w - FRAME_PX, box.y + HEAD_PX, FRAME_PX, box.h - HEAD_PX },
        { box.x + FRAME_PX, box.y + box.h - FRAME_PX, box.w - 2 * FRAME_PX, FRAME_PX },
    };
    pen_rect(pen, PART_PANEL, 0, 0,
             (struct rect){ box.x + FRAME_PX, box.y + HEAD_PX, box.w - 2 * FRAME_PX,
                            box.h - HEAD_PX - FRAME_PX },
             theme->ground);
    for (uint32_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
        pen_rect(pen, PART_EDGE, 0, i, sides[i], theme->mark);
    }
}

void scene_correction_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    char text[PARAMS_SIZE];
    struct line lines[WRAP_LINE_MAX];
    int32_t left = theme->left_px;
    int32_t width = theme->right_px - left;
    int32_t room = width - 2 * 56;
    int32_t size = wrap_fit(pen, wrap_param(data, cue->params, "text", text), theme->title_px,
                            theme->label_px, true, room, CORRECTION_LINES);
    uint32_t count = wrap_lines(pen, text, size, true, room, lines);
    uint32_t pages = (count + CORRECTION_LINES - 1) / CORRECTION_LINES;
    uint32_t page = pages > 1 ? part_page(data, cue, theme->page_ms, pages) : 0;
    uint32_t first = page * CORRECTION_LINES;
    uint32_t rows = count < CORRECTION_LINES ? count : CORRECTION_LINES;
    uint32_t shown = count - first < rows ? count - first : rows;
    int32_t height = HEAD_PX + 56 + (int32_t)rows * LINE_PITCH_PX;
    int32_t top = PANEL_BOTTOM_PX - height;

    pen->opacity = cue_panel_opacity(data, cue);
    correction_frame(pen, (struct rect){ left, top, width, height });
    pen->opacity = cue_opacity(data, cue, TEXT_DELAY_MS);
    pen_shape(pen, PART_MARK, 0, 0, (struct rect){ left + 56, top + 20, 44, 44 }, SHAPE_TRIANGLE,
              theme->on_mark);
    pen_words(pen, PART_LABEL, 0, 0,
              &(struct words){ .text = text_get(data->language, TEXT_CORRECTION),
                               .x = left + 128,
                               .baseline = top + HEAD_PX / 2 + theme->title_px * 38 / 100,
                               .width = room - 72,
                               .size = theme->title_px,
                               .colour = theme->on_mark,
                               .align = ALIGN_LEFT,
                               .is_bold = true });
    wrap_put(pen, PART_NOTE, lines, first, shown,
             &(struct words){ .x = left + 56,
                              .baseline = top + HEAD_PX + 68,
                              .width = room,
                              .size = size,
                              .colour = theme->ink,
                              .align = ALIGN_LEFT,
                              .is_bold = true },
             LINE_PITCH_PX);
}
