#include <string.h>

#include "overlay/scene_result.h"

/*
 * The result: what was decided, in words and a shape, and the figures it rests on: of an election
 * who is elected or tied, with votes and their share of the rules' base, of a motion the three
 * counts, of a poll the shortlist, of an appraisal of one subject score, rank, satisfaction and the
 * remarks of the rules. More lines than fit turn in pages.
 *
 * In a narrow picture with a code the figures stand under the name.
 *
 * A take's fingerprint stands beside it as text, a take's qr as a code that a telephone reads: in
 * 1080 lines no module is smaller than 6 px, in 576 lines none smaller than 6 lines.
 */
#define VERDICT_HEIGHT_PX 112
#define ROW_MIN_PX 66
#define ROW_STACKED_PX 118
#define ROW_MAX_PX 140
#define ROW_TALL_PX 110 /* from here on names and values are as large as a title */
#define COLUMN_GAP_PX 56
#define CODE_PX 424    /* 8 px a module of the largest code */
#define CODE_SD_PX 600 /* 320 lines: 6 a module */
#define EDGE_PX 8

/* Where things stand on this page. */
struct plan {
    int32_t left, right; /* of the column with the verdict and the lines */
    bool is_stacked;     /* figures under the name */
    int32_t rows_top;
    struct ballot_page page;
    int32_t name_size, value_size;
    int32_t mark_px, share_px, value_px, name_px;
};

static void verdict_add(struct pen *pen, const struct contest *contest,
                        const struct figures *figures, const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    enum decision decision = figures->decision;
    bool is_good = decision == DECISION_ELECTED || decision == DECISION_PASSED;
    bool is_bad = decision == DECISION_NOT_PASSED;
    bool has_shape = decision != DECISION_COUNTED;
    int32_t top = BALLOT_TOP_PX + 16;
    int32_t x = plan->left + EDGE_PX + 34;
    int32_t width = plan->right - x - 28 - (has_shape ? 64 : 0);
    char text[NOTE_SIZE];
    result_verdict(pen, contest, figures, text);
    int32_t size = pen_fit(pen, text, theme->name_px, theme->title_px, width, true);
    int32_t middle = top + VERDICT_HEIGHT_PX / 2;
    pen_rect(pen, PART_BAND, 0, 0,
             (struct rect){ plan->left, top, plan->right - plan->left, VERDICT_HEIGHT_PX },
             theme->panel_foot);
    pen_rect(pen, PART_EDGE, 0, 0, (struct rect){ plan->left, top, EDGE_PX, VERDICT_HEIGHT_PX },
             theme->gold);
    if (has_shape) {
        pen_shape(pen, PART_LEGEND, 0, 0, (struct rect){ x, middle - 20, 40, 40 },
                  is_good  ? SHAPE_SQUARE
                  : is_bad ? SHAPE_DIAMOND
                           : SHAPE_CIRCLE,
                  is_bad ? theme_grade(theme, 1, 2)->fill : theme->gold);
    }
    pen_words(pen, PART_TOTAL, 0, 0,
              &(struct words){ .text = text,
                               .x = x + (has_shape ? 64 : 0),
                               .baseline = middle + size * 38 / 100,
                               .width = width,
                               .size = size,
                               .colour = theme->ink,
                               .align = ALIGN_LEFT,
                               .is_bold = true });
}

static bool is_number(const struct result_line *line)
{
    return line->value[strspn(line->value, "0123456789.,")] == '\0';
}

/* The widths of the columns: the same on all pages. */
static void columns_plan(const struct pen *pen, const struct contest *contest,
                         const struct result_list *list, struct plan *plan)
{
    const struct theme *theme = pen->theme;
    int32_t unit = pen_measure(pen, text_get(pen->data->language, TEXT_BALLOT_VOTES),
                               theme->label_px, false, false) -
                   pen_measure(pen, "{votes}", theme->label_px, false, false);
    plan->value_size =
        plan->page.row_px >= ROW_TALL_PX && !plan->is_stacked ? theme->name_px : theme->title_px;
    plan->name_size = plan->value_size;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct result_line *line = &list->lines[i];
        int32_t value = pen_measure(pen, line->value, plan->value_size, true, is_number(line)) +
                        (line->is_votes ? unit : 0);
        int32_t share = pen_measure(pen, line->share, theme->label_px, false, false);
        plan->value_px = value > plan->value_px ? value : plan->value_px;
        plan->share_px = share > plan->share_px ? share : plan->share_px;
        if (line->standing >= STANDING_ELECTED) {
            plan->mark_px = ballot_mark_width(pen, contest->kind);
        }
    }
    int32_t figures =
        plan->value_px + BALLOT_GAP_PX + (plan->share_px > 0 ? plan->share_px + BALLOT_GAP_PX : 0);
    plan->name_px = plan->right - plan->left - BALLOT_INSET_PX - (plan->is_stacked ? 0 : figures) -
                    (plan->mark_px > 0 ? plan->mark_px + BALLOT_GAP_PX : 0);
    for (uint32_t i = 0; i < list->count; i++) {
        plan->name_size = pen_fit(pen, list->lines[i].name, plan->name_size, theme->label_px,
                                  plan->name_px, true);
    }
}

/* words: where it stands. */
static void value_add(struct pen *pen, const struct plan *plan, const struct result_line *line,
                      uint32_t place, struct words words)
{
    words.width = plan->value_px;
    words.text = line->value;
    if (line->is_votes) {
        const struct text_value value = { "votes", line->value };
        words.text = text_get(pen->data->language, TEXT_BALLOT_VOTES);
        (void)pen_pattern(pen, PART_TURNOUT, place, &words, plan->value_size, &value, 1);
        return;
    }
    words.size = plan->value_size;
    words.colour = pen->theme->ink;
    words.is_bold = true;
    words.is_figure = is_number(line);
    pen_words(pen, PART_FIGURE, place, 0, &words);
}

static void line_add(struct pen *pen, const struct contest *contest, const struct plan *plan,
                     const struct result_line *line, uint32_t place)
{
    const struct theme *theme = pen->theme;
    int32_t top = plan->rows_top + (int32_t)place * plan->page.row_px;
    int32_t middle = top + plan->page.row_px / 2 - 1;
    int32_t half = plan->value_size * 38 / 100;
    struct words words = { .text = line->name,
                           .x = plan->left + BALLOT_INSET_PX,
                           .baseline = plan->is_stacked ? middle - 10 : middle + half,
                           .width = plan->name_px,
                           .size = plan->name_size,
                           .colour = theme->ink,
                           .align = ALIGN_LEFT,
                           .is_bold = true };
    pen_words(pen, PART_LABEL, place, 0, &words);
    words.align = ALIGN_RIGHT;
    words.baseline = plan->is_stacked ? middle + 44 : middle + half;
    words.x = plan->right - (plan->mark_px > 0 ? plan->mark_px + BALLOT_GAP_PX : 0);
    words.text = line->share;
    words.size = theme->label_px;
    words.width = plan->share_px;
    words.colour = theme->muted;
    words.is_bold = false;
    pen_words(pen, PART_FIGURE, place, 1, &words);
    words.x -= plan->share_px > 0 ? plan->share_px + BALLOT_GAP_PX : 0;
    value_add(pen, plan, line, place, words);
    ballot_mark(pen, place, contest->kind, line->standing, plan->right, middle);
    pen_rect(pen, PART_LINE, place, 0,
             (struct rect){ plan->left, top + plan->page.row_px - 2, plan->right - plan->left, 2 },
             theme->line);
}

/* A take's text up to `most` bytes; "" where there is none, or a longer one. */
static const char *param_text(const struct scene_cue *cue, const char *key, size_t most,
                              char text[PARAMS_SIZE])
{
    if (!params_get(cue->params, key, text, PARAMS_SIZE) || strlen(text) > most) {
        text[0] = '\0';
    }
    return text;
}

static const char *fingerprint_text(const struct pen *pen, const struct scene_cue *cue,
                                    char text[NOTE_SIZE])
{
    char hash[PARAMS_SIZE];
    const struct text_value value = { "fingerprint", param_text(cue, "fingerprint",
                                                                RESULT_FINGERPRINT_MAX, hash) };
    text[0] = '\0';
    return hash[0] != '\0' ? part_text(pen, TEXT_RESULT_FINGERPRINT, &value, 1, text) : text;
}

static int32_t code_size(const struct theme *theme)
{
    return theme->layout == LAYOUT_HD ? CODE_PX : CODE_SD_PX;
}

static uint32_t luma(uint32_t colour)
{
    return 213 * (colour >> 16 & 255) + 715 * (colour >> 8 & 255) + 72 * (colour & 255);
}

/* The code and the fingerprint under it, dark on light in every theme. */
static void code_add(struct pen *pen, const char *text, const char *fingerprint)
{
    const struct theme *theme = pen->theme;
    int32_t size = code_size(theme);
    /* Level with the verdict; in few lines the fingerprint needs the room under it. */
    int32_t top = BALLOT_TOP_PX + (theme->layout == LAYOUT_HD ? 16 : 0);
    struct rect box = { (theme->right_px - size) / 2 * 2, top, size, size };
    bool is_dark_ink = luma(theme->ink) < luma(theme->ground);
    pen_rect(pen, PART_PANEL, 1, 0, box, is_dark_ink ? theme->ground_light : theme->ink);
    pen_code(pen, PART_PANEL, 1, 1, box, text, is_dark_ink ? theme->ink : theme->ground);
    pen_words(pen, PART_PAPER, 0, 0,
              &(struct words){ .text = fingerprint,
                               .x = box.x + size / 2,
                               .baseline = box.y + size + 40,
                               .width = size,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_CENTRE });
}

static void decided_add(struct pen *pen, const struct scene_cue *cue, const struct contest *contest,
                        const struct figures *figures, struct plan *plan)
{
    const struct scene_data *data = pen->data;
    struct result_list list;
    result_list_make(pen, contest, figures, &list);
    plan->rows_top = BALLOT_TOP_PX + 16 + VERDICT_HEIGHT_PX + 14;
    plan->page = ballot_page_of(pen, cue, list.count, ballot_foot_top(pen->theme) - plan->rows_top,
                                plan->is_stacked ? ROW_STACKED_PX : ROW_MIN_PX, ROW_MAX_PX);
    columns_plan(pen, contest, &list, plan);
    verdict_add(pen, contest, figures, plan);
    ballot_foot(pen, contest, figures, false, plan->page.page, plan->page.page_count);
    for (uint32_t place = 0; place < plan->page.shown; place++) {
        int64_t delay_ms = (int64_t)place * pen->theme->stagger_ms;
        pen->opacity =
            part_turned(data, cue, plan->page.turned_ns, cue_opacity(data, cue, delay_ms));
        line_add(pen, contest, plan, &list.lines[plan->page.first + place], place);
    }
}

void scene_result_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    const struct contest *contest = scene_contest(data, cue->params);
    const struct subject *subject = scene_subject(contest, cue->params);
    const struct figures *figures = ballot_figures(data, contest, subject);
    bool has_result = part_has_tally(figures) && round_state_is_over(figures->state);
    char stage[NOTE_SIZE];
    char fingerprint[NOTE_SIZE];
    char code[PARAMS_SIZE];
    char name[NAME_SIZE];
    struct plan plan = { .left = theme->left_px, .right = theme->right_px };
    fingerprint_text(pen, cue, fingerprint);
    bool has_code = has_result && param_text(cue, "qr", RESULT_CODE_MAX, code)[0] != '\0';
    bool has_print = has_result && !has_code && fingerprint[0] != '\0';
    plan.right -= has_code ? code_size(theme) + COLUMN_GAP_PX : 0;
    plan.is_stacked = has_code && theme->layout == LAYOUT_SD_4X3;
    name_text(label_text(subject != NULL ? &subject->name : &contest->title, data->language), name);
    pen->opacity = cue_panel_opacity(data, cue);
    pen_ground(pen);
    pen->opacity = cue_opacity(data, cue, 0);
    int32_t print_px = has_print ? pen_measure(pen, fingerprint, theme->small_px, false, false) : 0;
    ballot_head(pen, name,
                subject != NULL ? label_text(&subject->office, data->language)
                                : ballot_stage_text(pen, contest, figures, stage),
                figures, has_print ? print_px + COLUMN_GAP_PX : 0);
    pen_words(pen, PART_PAPER, 0, 1,
              &(struct words){ .text = has_print ? fingerprint : "",
                               .x = theme->right_px,
                               .baseline = BALLOT_OFFICE_PX,
                               .width = print_px,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_RIGHT });
    if (!has_result) {
        int32_t top = BALLOT_TOP_PX + 16;
        part_held_panel(pen, figures,
                        (struct rect){ plan.left, top, plan.right - plan.left,
                                       ballot_foot_top(theme) + 84 - top });
        ballot_foot(pen, contest, figures, false, 0, 1);
        return;
    }
    if (has_code) {
        code_add(pen, code, fingerprint);
    }
    decided_add(pen, cue, contest, figures, &plan);
}
