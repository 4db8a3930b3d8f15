#include "overlay/scene_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TURN_MS 240 /* how fast the words of the next page come up */

static enum round_state state_of(const struct figures *figures)
{
    return figures != NULL ? figures->state : ROUND_PLANNED;
}

static const char *badge_text(const struct pen *pen, const struct figures *figures)
{
    enum round_state state = state_of(figures);
    enum text_id id = state == ROUND_OPEN ? (figures->kind == CONTEST_APPRAISAL ? TEXT_STATE_OPEN
                                                                                : TEXT_STATE_VOTING)
                      : state == ROUND_PAUSED    ? TEXT_STATE_PAUSED
                      : part_is_void(figures)    ? TEXT_STATE_VOID
                      : state == ROUND_CERTIFIED ? TEXT_STATE_CERTIFIED
                      : state == ROUND_CLOSED    ? TEXT_STATE_CLOSED
                                                 : TEXT_STATE_PLANNED;
    return text_get(pen->data->language, id);
}

int32_t part_badge_width(const struct pen *pen, const struct figures *figures)
{
    int32_t words = pen_measure(pen, badge_text(pen, figures), pen->theme->small_px, true, false);
    return (words + 2 * BADGE_PAD_PX + 1) / 2 * 2;
}

int32_t part_badge(struct pen *pen, const struct figures *figures, int32_t x, int32_t y,
                   int32_t height, enum align align)
{
    const struct theme *theme = pen->theme;
    enum round_state state = state_of(figures);
    uint32_t fill = state == ROUND_OPEN     ? theme->mark
                    : state == ROUND_PAUSED ? theme->gold
                                            : theme->quiet;
    int32_t width = part_badge_width(pen, figures);
    int32_t left = align == ALIGN_RIGHT ? x - width : x;
    pen_rect(pen, PART_BADGE, 0, 0, (struct rect){ left, y, width, height }, fill);
    pen_words(pen, PART_BADGE_TEXT, 0, 0,
              &(struct words){ .text = badge_text(pen, figures),
                               .x = left + width / 2,
                               .baseline = y + height / 2 + theme->small_px * 38 / 100,
                               .width = width - 2 * BADGE_PAD_PX + 2,
                               .size = theme->small_px,
                               .colour = state == ROUND_PAUSED ? theme->ground : theme->on_mark,
                               .align = ALIGN_CENTRE,
                               .is_bold = true });
    return width;
}

int32_t part_time(struct pen *pen, int32_t x, int32_t baseline, int32_t width, enum align align)
{
    enum language language = pen->data->language;
    uint32_t seconds = pen->data->time_of_day_s;
    char time[NUMBER_SIZE];
    char epoch[NUMBER_SIZE];
    char pattern[192];
    snprintf(time, sizeof(time), "%02u:%02u:%02u", seconds / 3600 % 24, seconds / 60 % 60,
             seconds % 60);
    number_text(pen->data->view != NULL ? pen->data->view->epoch : 0, epoch);
    snprintf(pattern, sizeof(pattern), "%s\u3000%s", text_get(language, TEXT_AS_OF),
             text_get(language, TEXT_EPOCH));
    const struct text_value values[] = { { "time", time }, { "epoch", epoch } };
    return pen_pattern(pen, PART_TIME, 0,
                       &(struct words){ .text = pattern,
                                        .x = x,
                                        .baseline = baseline,
                                        .width = width,
                                        .size = pen->theme->small_px,
                                        .colour = pen->theme->muted,
                                        .align = align },
                       pen->theme->small_px, values, 2);
}

void part_bar(struct pen *pen, uint32_t row, uint32_t column, struct rect box,
              const double edges[GRADE_MAX], uint32_t grade_count, bool has_track)
{
    int32_t from = 0;
    int32_t end = (int32_t)lround(edges[grade_count - 1] * box.w);
    if (has_track && end < box.w) {
        pen_rect(pen, PART_TRACK, row, column,
                 (struct rect){ box.x + end, box.y, box.w - end, box.h }, pen->theme->track);
    }
    for (uint32_t g = 0; g < grade_count; g++) {
        int32_t to = (int32_t)lround(edges[g] * box.w);
        pen_rect(pen, PART_BAR, row, column + g,
                 (struct rect){ box.x + from, box.y, to - from, box.h },
                 theme_grade(pen->theme, g, grade_count)->fill);
        from = to;
    }
}

void part_shape(struct pen *pen, uint32_t row, uint32_t column, int32_t x, int32_t y, int32_t size,
                const struct grade_style *style)
{
    pen_shape(pen, PART_LEGEND, row, column, (struct rect){ x, y, size, size }, style->shape,
              style->fill);
}

const char *part_held_text(const struct pen *pen, const struct figures *figures)
{
    enum round_state state = state_of(figures);
    enum text_id id = state == ROUND_OPEN          ? TEXT_HELD_OPEN
                      : state == ROUND_PAUSED      ? TEXT_HELD_PAUSED
                      : part_is_void(figures)      ? TEXT_HELD_VOID
                      : round_state_is_over(state) ? TEXT_HELD_CLOSED
                                                   : TEXT_NOT_OPENED;
    return text_get(pen->data->language, id);
}

const char *part_held_note(const struct pen *pen, const struct figures *figures)
{
    return text_get(pen->data->language,
                    part_is_void(figures) ? TEXT_HELD_VOID_NOTE : TEXT_HELD_NOTE);
}

/* How many have voted, of how many, below baseline y; as in the turnout bug. */
static void held_turnout_add(struct pen *pen, const struct figures *figures, struct words words,
                             int32_t y)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    char all[NUMBER_SIZE];
    char cast[NUMBER_SIZE];
    uint32_t base = figures->has_present ? figures->present : figures->registered;
    const struct text_value values[] = { { figures->has_present ? "present" : "registered",
                                           number_text(base, all) } };
    words.text =
        text_get(language, figures->kind == CONTEST_APPRAISAL ? TEXT_VOTED : TEXT_VOTED_BALLOT);
    words.baseline = y + 222;
    pen_words(pen, PART_HELD, 4, 0, &words);
    pen_words(pen, PART_HELD, 5, 0,
              &(struct words){ .text = number_text(figures->cast_count, cast),
                               .x = words.x,
                               .baseline = y + 344,
                               .width = words.width,
                               .size = theme->name_px * 2,
                               .colour = theme->ink,
                               .align = ALIGN_CENTRE,
                               .is_bold = true,
                               .is_figure = true });
    words.text = text_get(language, figures->has_present ? TEXT_PRESENT : TEXT_REGISTERED);
    words.baseline = y + 420;
    pen_pattern(pen, PART_HELD, 6, &words, theme->label_px, values, 1);
}

void part_held_panel(struct pen *pen, const struct figures *figures, struct rect box)
{
    const struct theme *theme = pen->theme;
    int32_t middle = box.x + box.w / 2;
    bool has_turnout = figures != NULL && figures->shows >= LIVE_TURNOUT;
    int32_t y = box.y + box.h / 2 - (has_turnout ? 176 : 20);
    struct words words = { .text = figures != NULL
                                       ? part_held_text(pen, figures)
                                       : text_get(pen->data->language, TEXT_BALLOT_NONE),
                           .x = middle,
                           .baseline = y,
                           .width = box.w - 112,
                           .size = theme->name_px * 13 / 10,
                           .colour = theme->ink,
                           .align = ALIGN_CENTRE,
                           .is_bold = true };
    pen_rect(pen, PART_HELD, 0, 0, box, theme->panel_foot);
    pen_words(pen, PART_HELD, 1, 0, &words);
    if (figures == NULL) {
        return;
    }
    pen_rect(pen, PART_HELD, 2, 0, (struct rect){ middle - 56, (y + 44) / 2 * 2, 112, 4 },
             theme->gold);
    words.text = part_held_note(pen, figures);
    words.baseline = y + 112;
    words.size = theme->label_px;
    words.colour = theme->muted;
    words.is_bold = false;
    pen_words(pen, PART_HELD, 3, 0, &words);
    if (has_turnout) {
        held_turnout_add(pen, figures, words, y);
    }
}

bool part_is_void(const struct figures *figures)
{
    return figures != NULL && (figures->state == ROUND_VOID || figures->decision == DECISION_VOID);
}

bool part_has_tally(const struct figures *figures)
{
    return figures != NULL && figures->shows == LIVE_TALLY && !part_is_void(figures);
}

bool part_has_paper(const struct figures *figures)
{
    return figures != NULL && figures->shows >= LIVE_TURNOUT && figures->paper_count > 0;
}

const char *part_text(const struct pen *pen, enum text_id id, const struct text_value *values,
                      uint32_t value_count, char buffer[NOTE_SIZE])
{
    const char *pattern = text_get(pen->data->language, id);
    if (text_fill(buffer, NOTE_SIZE, pattern, values, value_count) != STATUS_OK) {
        buffer[0] = '\0';
    }
    return buffer;
}

const char *part_note_text(const struct pen *pen, const struct figures *figures, const char *rest,
                           char buffer[NOTE_SIZE])
{
    char paper[96] = "";
    char number[NUMBER_SIZE];
    enum language language = pen->data->language;
    const struct text_value values[] = {
        { "count", number_text(figures != NULL ? figures->paper_count : 0, number) }
    };
    if (part_has_paper(figures) &&
        text_fill(paper, sizeof(paper), text_get(language, TEXT_PAPER), values, 1) != STATUS_OK) {
        paper[0] = '\0';
    }
    bool has_both = paper[0] != '\0' && rest[0] != '\0';
    snprintf(buffer, NOTE_SIZE, "%s%s%s", paper,
             !has_both                 ? ""
             : language == LANGUAGE_EN ? ". "
                                       : "；",
             rest);
    return buffer;
}

bool part_is_rounded(const struct item_figures *item, uint32_t grade_count)
{
    uint32_t sum = 0;
    for (uint32_t g = 0; g < grade_count; g++) {
        sum += share_permille(item->counts[g], item->valid);
    }
    return item->valid > 0 && sum != 1000;
}

static int64_t pages_past(const struct scene_data *data, const struct scene_cue *cue,
                          int32_t page_ms)
{
    char pages[8] = "";
    int64_t until_ns = cue->held_ns != 0 ? cue->held_ns : data->now_ns;
    int64_t past_ns = until_ns - cue->entered_ns;
    if (params_get(cue->params, "pages", pages, sizeof(pages)) && strcmp(pages, "manual") == 0) {
        return 0;
    }
    return past_ns > 0 ? past_ns / (page_ms * INT64_C(1000000)) : 0;
}

uint32_t part_page(const struct scene_data *data, const struct scene_cue *cue, int32_t page_ms,
                   uint32_t page_count)
{
    int64_t turns = pages_past(data, cue, page_ms) + cue->step;
    return (uint32_t)(turns % (int64_t)page_count);
}

int64_t part_page_ns(const struct scene_data *data, const struct scene_cue *cue, int32_t page_ms)
{
    if (cue->step > 0) {
        return cue->continued_ns;
    }
    return cue->entered_ns + pages_past(data, cue, page_ms) * page_ms * INT64_C(1000000);
}

uint8_t part_turned(const struct scene_data *data, const struct scene_cue *cue, int64_t turned_ns,
                    uint8_t opacity)
{
    if (turned_ns <= cue->entered_ns) {
        return opacity;
    }
    return (uint8_t)lround(opacity * motion_ease(data->now_ns, turned_ns, TURN_MS));
}
