#include "overlay/scene_parts.h"
#include "overlay/scene_wrap.h"

#include <stdlib.h>

/*
 * The crawl: one line of text that runs from right to left through the lower edge of the picture,
 * again and again, or as often as times= says; then its band goes.
 *
 * It moves a whole number of the output's px every 20 ms, the same every time: 3 of 1920. So
 * it stands still in no field, and jumps in none. The text is one node that only moves: its letters
 * are shaped and rasterised once. A continue lets it begin anew.
 */
#define BAND_TOP_PX 956
#define BAND_HEIGHT_PX 68
#define STEP_MS 20
#define STEP_PX 3
#define GAP_PX 168
#define DIAMOND_PX 74 /* where the mark stands in the gap */
#define COPY_MAX 32

/* All lengths in px of the output. */
struct run {
    int32_t canvas; /* px that scenes are laid out on */
    int32_t width;  /* columns of the output */
    int32_t period; /* from one copy's left end to the next one's */
    int32_t length; /* of the text's box, in px of the canvas */
    int32_t step;
    int64_t copies;
    int64_t start_ns;
};

static int32_t to_output(const struct run *run, int32_t length)
{
    return (int32_t)(((int64_t)length * run->width * 2 + run->canvas) / (2 * (int64_t)run->canvas));
}

/* The length that scene_scale() brings to `length` of the output again. */
static int32_t from_output(const struct run *run, int64_t length)
{
    int64_t twice = length * run->canvas * 2;
    int64_t half = length >= 0 ? run->width : -(int64_t)run->width;
    return (int32_t)((twice + half) / (2 * (int64_t)run->width));
}

static struct run run_of(const struct pen *pen, const struct scene_cue *cue, const char *text)
{
    const struct scene_data *data = pen->data;
    struct run run = { .canvas = pen->theme->width_px };
    run.width = data->width_px > 0 ? (int32_t)data->width_px : run.canvas;
    char times[8];
    int32_t natural = pen_measure(pen, text, pen->theme->label_px, false, false);
    run.length = natural + natural / 50 + 8; /* letters of another size are not condensed */
    run.period = to_output(&run, run.length + GAP_PX);
    run.step = to_output(&run, STEP_PX) > 0 ? to_output(&run, STEP_PX) : 1;
    run.copies = INT64_MAX / 1000000;
    if (params_get(cue->params, "times", times, sizeof(times))) {
        run.copies = strtoll(times, NULL, 10);
    }
    run.start_ns = cue->continued_ns > cue->entered_ns ? cue->continued_ns : cue->entered_ns;
    return run;
}

/* How far it has run, in px of the output. */
static int64_t travel_of(const struct run *run, int64_t now_ns)
{
    int64_t past_ns = now_ns > run->start_ns ? now_ns - run->start_ns : 0;
    return past_ns / 1000 * run->step / (STEP_MS * 1000);
}

uint8_t crawl_opacity(const struct scene_data *data, const struct scene_cue *cue)
{
    char text[PARAMS_SIZE];
    struct pen pen = { .data = data, .theme = data->theme };
    struct run run = run_of(&pen, cue, wrap_param(data, cue->params, "text", text));
    uint8_t opacity = cue_panel_opacity(data, cue);
    if (run.copies > 100) {
        return opacity;
    }
    int64_t length = run.copies * run.period + run.width;
    int64_t end_ns = run.start_ns + length * STEP_MS / run.step * 1000000;
    double left = 1.0 - motion_ease(data->now_ns, end_ns, data->theme->out_ms);
    return (uint8_t)(opacity * left + 0.5);
}

void scene_crawl_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    char text[PARAMS_SIZE];
    struct run run = run_of(pen, cue, wrap_param(data, cue->params, "text", text));
    int64_t travel = travel_of(&run, data->now_ns);
    int64_t first = (travel - run.width - run.period) / run.period;
    first = first > 0 ? first : 0;

    pen->opacity = crawl_opacity(data, cue);
    pen_rect(pen, PART_PANEL, 0, 0,
             (struct rect){ 0, BAND_TOP_PX, theme->width_px, BAND_HEIGHT_PX }, theme->panel);
    pen_rect(pen, PART_RULE, 0, 0, (struct rect){ 0, BAND_TOP_PX - 4, theme->width_px, 4 },
             theme->gold);
    for (int64_t k = first; k < first + COPY_MAX && k < run.copies; k++) {
        int64_t at = run.width - travel + k * run.period;
        if (at >= run.width) {
            break;
        }
        struct words words = { .text = text,
                               .x = from_output(&run, at),
                               .baseline = BAND_TOP_PX + 46,
                               .width = run.length,
                               .size = theme->label_px,
                               .colour = theme->ink,
                               .align = ALIGN_LEFT };
        pen_words(pen, PART_NOTE, 0, (uint32_t)(k & 511), &words);
        if (k + 1 < run.copies) {
            words.text = "◆";
            words.x = from_output(&run, at + to_output(&run, run.length + DIAMOND_PX));
            words.width = 2 * theme->small_px;
            words.size = theme->small_px;
            words.colour = theme->gold;
            pen_words(pen, PART_MARK, 0, (uint32_t)(k & 511), &words);
        }
    }
}
