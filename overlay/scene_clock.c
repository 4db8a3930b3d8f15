#include "overlay/scene_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The clock: how long the round is still open (kind=countdown), or how long somebody may still
 * speak (kind=speech). Top right; on layer lower at the lower left.
 *
 * A second is shown from the moment it begins to be the last whole one: 0:01 for the last second,
 * 0:00 for the one after the end; then a speech runs over, +0:01 and on, on a ground of another
 * colour, with a sign before the figures, a mark and a word.
 */
#define CLOCK_WIDTH_PX 420
#define CLOCK_HEIGHT_PX 168
#define CLOCK_TOP_PX 56
#define CLOCK_LOWER_PX 856
#define PAD_PX 28
#define DIGITS_PX 84

struct reading {
    bool has_time;
    bool is_over; /* of a speech, the first second after its time on */
    bool is_done; /* its time is up */
    int64_t left_ms;
    const char *label;
};

static bool is_speech(const char *params)
{
    char kind[16] = "";
    return params_get(params, "kind", kind, sizeof(kind)) && strcmp(kind, "speech") == 0;
}

static int64_t number_of(const char *params, const char *key, int64_t otherwise)
{
    char text[24];
    return params_get(params, key, text, sizeof(text)) ? strtoll(text, NULL, 10) : otherwise;
}

static struct reading speech_read(const struct scene_data *data, const struct scene_cue *cue)
{
    int64_t from_ms = number_of(cue->params, "from_ms", cue->taken_ms);
    int64_t seconds = number_of(cue->params, "seconds", 0);
    int64_t left_ms = from_ms + seconds * 1000 - data->server_ms;
    left_ms = left_ms > seconds * 1000 ? seconds * 1000 : left_ms; /* it begins in a moment */
    enum text_id label = left_ms <= -1000 ? TEXT_CLOCK_OVERTIME
                         : left_ms <= 0   ? TEXT_CLOCK_OVER
                                          : TEXT_CLOCK_SPEECH;
    return (struct reading){ .has_time = true,
                             .is_over = left_ms <= -1000,
                             .is_done = left_ms <= 0,
                             .left_ms = left_ms,
                             .label = text_get(data->language, label) };
}

static struct reading countdown_read(const struct scene_data *data, const struct scene_cue *cue)
{
    const struct contest *contest = scene_contest(data, cue->params);
    const struct figures *live = &data->view->live;
    bool is_ours =
        data->view->has_live && (contest == NULL || strcmp(live->contest, contest->id) == 0);
    bool has_time = is_ours && live->ends_ms > 0;
    bool is_open = has_time && (live->state == ROUND_OPEN || live->state == ROUND_PAUSED);
    int64_t left_ms = is_open ? live->ends_ms - data->server_ms : 0;
    enum text_id label = !has_time      ? TEXT_CLOCK_WAITING
                         : !is_open     ? TEXT_HELD_CLOSED
                         : left_ms <= 0 ? TEXT_CLOCK_OVER
                                        : TEXT_CLOCK_COUNTDOWN;
    return (struct reading){ .has_time = has_time,
                             .is_done = left_ms <= 0,
                             .left_ms = left_ms < 0 ? 0 : left_ms,
                             .label = text_get(data->language, label) };
}

const char *clock_text(int64_t left_ms, char buffer[NUMBER_SIZE])
{
    int64_t seconds = left_ms > 0 ? (left_ms + 999) / 1000 : -left_ms / 1000;
    const char *sign = left_ms <= -1000 ? "+" : "";
    seconds = seconds > 359999 ? 359999 : seconds; /* 99:59:59 */
    int hours = (int)(seconds / 3600);
    if (hours > 0) {
        snprintf(buffer, NUMBER_SIZE, "%s%d:%02d:%02d", sign, hours, (int)(seconds / 60 % 60),
                 (int)(seconds % 60));
    } else {
        snprintf(buffer, NUMBER_SIZE, "%s%d:%02d", sign, (int)(seconds / 60), (int)(seconds % 60));
    }
    return buffer;
}

bool clock_is_ready(const struct scene_data *data, const char *params)
{
    return data->server_ms != 0 && (is_speech(params) || data->view != NULL);
}

void scene_clock_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    struct reading reading =
        is_speech(cue->params) ? speech_read(data, cue) : countdown_read(data, cue);
    bool is_lower = cue->layer == LAYER_LOWER;
    int32_t top = is_lower ? CLOCK_LOWER_PX : CLOCK_TOP_PX;
    int32_t left = is_lower ? theme->left_px : theme->right_px - CLOCK_WIDTH_PX;
    int32_t mark = reading.is_done && reading.has_time ? 40 : 0;
    uint32_t ink = reading.is_over ? theme->on_mark : theme->ink;
    char digits[NUMBER_SIZE];

    pen->opacity = cue_panel_opacity(data, cue);
    pen_rect(pen, PART_PANEL, 0, 0, (struct rect){ left, top, CLOCK_WIDTH_PX, CLOCK_HEIGHT_PX },
             reading.is_over ? theme->mark : theme->panel);
    pen_rect(pen, PART_RULE, 0, 0, (struct rect){ left, top, CLOCK_WIDTH_PX, 4 }, theme->gold);
    pen->opacity = cue_opacity(data, cue, 0);
    if (mark > 0) {
        pen_shape(pen, PART_MARK, 0, 0, (struct rect){ left + PAD_PX, top + 24, 28, 28 },
                  reading.is_over ? SHAPE_TRIANGLE : SHAPE_SQUARE, ink);
    }
    pen_words(pen, PART_LABEL, 0, 0,
              &(struct words){ .text = reading.label,
                               .x = left + PAD_PX + mark,
                               .baseline = top + 48,
                               .width = CLOCK_WIDTH_PX - 2 * PAD_PX - mark,
                               .size = theme->small_px,
                               .colour = reading.is_done && reading.has_time ? ink : theme->muted,
                               .align = ALIGN_LEFT,
                               .is_bold = reading.is_done && reading.has_time });
    pen_words(pen, PART_FIGURE, 0, 0,
              &(struct words){ .text = reading.has_time ? clock_text(reading.left_ms, digits)
                                                        : text_get(data->language, TEXT_NO_FIGURE),
                               .x = left + CLOCK_WIDTH_PX - PAD_PX,
                               .baseline = top + 140,
                               .width = CLOCK_WIDTH_PX - 2 * PAD_PX,
                               .size = DIGITS_PX,
                               .colour = reading.has_time ? ink : theme->muted,
                               .align = ALIGN_RIGHT,
                               .is_bold = true,
                               .is_figure = reading.has_time });
}
