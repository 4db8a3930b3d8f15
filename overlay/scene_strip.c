#include "overlay/scene_parts.h"

#include <stdio.h>
#include <string.h>

/*
 * The running tally strip: one subject, one criterion at a time, over the picture. The criterion is
 * the one of the params, or all in turn, each for the theme's turn_ms.
 *
 *   rule │ name and office │ item, bar, figures │ voted of roll
 *   foot: state, time, epoch, base
 *
 * In few lines, where type is larger, the item stands below the name, from edge to edge; in a
 * narrow picture the base has a line of its own.
 */
#define TEXT_DELAY_MS 120
#define FOOT_HEIGHT_PX 56
#define FOOT_LINE_PX 44 /* the second line of a foot */

/* Where its parts stand. */
struct plan {
    int32_t top, height, foot;    /* of the panel, and of the foot below it */
    int32_t name_width;
    int32_t name_baseline;        /* with an office under it */
    int32_t item_left, item_right;
    int32_t item_top;             /* the item's label, bar and figures hang from here */
    bool is_stacked;
};

static struct plan plan_of(const struct theme *theme)
{
    bool is_stacked = theme->layout != LAYOUT_HD;
    struct plan plan = { .top = theme->strip_top_px, .foot = FOOT_HEIGHT_PX };
    plan.is_stacked = is_stacked;
    plan.foot += theme->layout == LAYOUT_SD_4X3 ? FOOT_LINE_PX : 0;
    plan.height = is_stacked ? 280 : 176;
    plan.name_baseline = is_stacked ? 64 : 86;
    plan.item_left = theme->left_px + (is_stacked ? 42 : 514);
    plan.item_right = theme->right_px - (is_stacked ? 28 : 336);
    plan.item_top = plan.top + (is_stacked ? 112 : 0);
    plan.name_width = is_stacked ? (plan.item_right - plan.item_left) * 6 / 10
                                 : plan.item_left - 60 - (theme->left_px + 42);
    return plan;
}

static void panel_add(struct pen *pen, const struct scene_cue *cue, const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    int32_t left = theme->left_px;
    int32_t width = theme->right_px - left;
    int32_t shown = cue->keeps_panel ? width
                                     : (int32_t)(width * cue_growth(pen->data, cue, 0) + 0.5);
    pen->opacity = cue_panel_opacity(pen->data, cue);
    pen_rect(pen, PART_PANEL, 0, 0, (struct rect){ left, plan->top, shown, plan->height },
             theme->panel);
    pen_rect(pen, PART_FOOT, 0, 0,
             (struct rect){ left, plan->top + plan->height, shown, plan->foot },
             theme->panel_foot);
    pen_rect(pen, PART_RULE, 0, 0, (struct rect){ left, plan->top - 4, shown, 4 }, theme->gold);
    pen_rect(pen, PART_MARK, 0, 0, (struct rect){ left, plan->top, 12, plan->height },
             theme->mark);
}

static void name_add(struct pen *pen, const struct subject *subject, const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    char name[NAME_SIZE];
    const char *office = label_text(&subject->office, pen->data->language);
    bool has_office = office[0] != '\0';
    int32_t x = theme->left_px + 42;
    int32_t width = plan->name_width;
    name_text(label_text(&subject->name, pen->data->language), name);
    pen_words(pen, PART_NAME, 0, 0,
              &(struct words){ .text = name,
                               .x = x,
                               .baseline = plan->top + plan->name_baseline + (has_office ? 0 : 24),
                               .width = width,
                               .size = pen_fit(pen, name, theme->name_px, theme->label_px, width,
                                               true),
                               .colour = theme->ink,
                               .align = ALIGN_LEFT,
                               .is_bold = true });
    pen_words(pen, PART_OFFICE, 0, 0,
              &(struct words){ .text = office,
                               .x = x,
                               .baseline = plan->top + plan->name_baseline +
                                           (plan->is_stacked ? 44 : 54),
                               .width = width,
                               .size = pen_fit(pen, office, theme->cell_px, theme->small_px,
                                               width, false),
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    if (plan->is_stacked) {
        return;
    }
    pen_rect(pen, PART_EDGE, 0, 0,
             (struct rect){ plan->item_left - 32, plan->top + 28, 2, plan->height - 56 },
             theme->line);
    pen_rect(pen, PART_EDGE, 0, 1,
             (struct rect){ plan->item_right + 30, plan->top + 28, 2, plan->height - 56 },
             theme->line);
}

static void turnout_column_add(struct pen *pen, const struct figures *figures,
                               const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    int32_t right = theme->right_px - 28;
    int32_t width = right - plan->item_right - 60;
    char number[NUMBER_SIZE];
    struct words words = { .x = right,
                           .width = width,
                           .size = theme->small_px,
                           .colour = theme->muted,
                           .align = ALIGN_RIGHT };
    if (figures->shows >= LIVE_TURNOUT) {
        words.text = text_get(language, TEXT_VOTED);
        words.baseline = plan->top + 44;
        pen_words(pen, PART_TURNOUT, 0, 0, &words);
        pen_words(pen, PART_TURNOUT, 1, 0,
                  &(struct words){ .text = number_text(figures->cast_count, number),
                                   .x = right,
                                   .baseline = plan->top + 104,
                                   .width = width,
                                   .size = theme->name_px,
                                   .colour = theme->ink,
                                   .align = ALIGN_RIGHT,
                                   .is_bold = true,
                                   .is_figure = true });
    }
    const struct text_value values[] = { { "registered",
                                           number_text(figures->registered, number) } };
    words.text = text_get(language, TEXT_REGISTERED);
    words.baseline = plan->top + (figures->shows >= LIVE_TURNOUT ? 152 : 98);
    pen_pattern(pen, PART_TURNOUT, 2, &words, theme->cell_px, values, 1);
}

/* On one line beside the name, where the item stands below it. */
static void turnout_line_add(struct pen *pen, const struct figures *figures,
                             const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    char cast[NUMBER_SIZE];
    char registered[NUMBER_SIZE];
    const struct text_value values[] = {
        { "cast", number_text(figures->cast_count, cast) },
        { "registered", number_text(figures->registered, registered) },
    };
    enum text_id id = figures->shows >= LIVE_TURNOUT ? TEXT_TURNOUT : TEXT_TURNOUT_HELD;
    pen_pattern(pen, PART_TURNOUT, 0,
                &(struct words){ .text = text_get(pen->data->language, id),
                                 .x = plan->item_right,
                                 .baseline = plan->top + plan->name_baseline,
                                 .width = plan->item_right - plan->item_left - plan->name_width -
                                          42,
                                 .size = theme->small_px,
                                 .colour = theme->muted,
                                 .align = ALIGN_RIGHT },
                theme->title_px, values, 2);
}

static void foot_add(struct pen *pen, const struct figures *figures, const struct plan *plan,
                     bool is_rounded)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    int32_t top = plan->top + plan->height;
    int32_t baseline = top + FOOT_HEIGHT_PX / 2 + theme->small_px * 38 / 100;
    int32_t badge = part_badge(pen, figures, theme->left_px, top, FOOT_HEIGHT_PX, ALIGN_LEFT);
    int32_t x = theme->left_px + badge + 28;
    int32_t right = theme->right_px - 28;
    x += part_time(pen, x, baseline, 700, ALIGN_LEFT) + 42;
    if (plan->foot > FOOT_HEIGHT_PX) {
        x = plan->item_left;
        baseline += FOOT_LINE_PX;
    }
    char rest[512] = "";
    char note[NOTE_SIZE];
    if (part_has_tally(figures)) {
        snprintf(rest, sizeof(rest), "%s%s%s", text_get(language, TEXT_BASE_ITEMS),
                 is_rounded ? language == LANGUAGE_EN ? ". " : "；" : "",
                 is_rounded ? text_get(language, TEXT_ROUNDING) : "");
    }
    pen_words(pen, PART_NOTE, 0, 0,
              &(struct words){ .text = part_note_text(pen, figures, rest, note),
                               .x = x,
                               .baseline = baseline,
                               .width = right - x,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
}

static void grades_add(struct pen *pen, const struct contest *contest,
                       const struct item_figures *item, const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    int32_t count = (int32_t)contest->grade_count;
    int32_t pitch = (plan->item_right - plan->item_left) / (count > 3 ? count : 3);
    int32_t baseline = plan->item_top + 150;
    /* Room for two digits and a point; the third of 100.0 stands in the gap before them. */
    int32_t gap = 30;
    int32_t figure = pen_measure(pen, "00.0", theme->figure_px, true, true) + gap;
    int32_t percent = pen_measure(pen, "%", theme->cell_px, false, false);
    for (int32_t g = 0; g < count; g++) {
        const struct grade_style *style = theme_grade(theme, (uint32_t)g, contest->grade_count);
        char share[NUMBER_SIZE];
        int32_t x = plan->item_left + g * pitch;
        const char *word = label_text(&contest->grades[g].label, pen->data->language);
        int32_t room = pitch - 36 - figure - 4 - percent - 14;
        int32_t width = pen_measure(pen, word, theme->label_px, false, false);
        width = width < room ? width : room;
        share_text(pen, item->counts[g], item->valid, share);
        part_shape(pen, 0, (uint32_t)g, x, baseline - 26, 26, style);
        pen_words(pen, PART_LEGEND_TEXT, 0, (uint32_t)g,
                  &(struct words){ .text = word,
                                   .x = x + 36,
                                   .baseline = baseline,
                                   .width = width,
                                   .size = theme->label_px,
                                   .colour = theme->ink,
                                   .align = ALIGN_LEFT });
        x += 36 + width + figure;
        pen_words(pen, PART_FIGURE, 0, (uint32_t)g,
                  &(struct words){ .text = item->valid > 0
                                               ? share
                                               : text_get(pen->data->language, TEXT_NO_FIGURE),
                                   .x = x,
                                   .baseline = baseline,
                                   .width = figure,
                                   .size = theme->figure_px,
                                   .colour = style->ink,
                                   .align = ALIGN_RIGHT,
                                   .is_bold = true,
                                   .is_figure = item->valid > 0 });
        if (item->valid > 0) {
            pen_words(pen, PART_FIGURE, 1, (uint32_t)g,
                      &(struct words){ .text = "%",
                                       .x = x + 4,
                                       .baseline = baseline,
                                       .width = percent,
                                       .size = theme->cell_px,
                                       .colour = theme->muted,
                                       .align = ALIGN_LEFT });
        }
    }
}

/* The bar of item `index`, on its way from the item shown before it. */
static void turn_edges(const struct pen *pen, const struct scene_cue *cue,
                       const struct figures *figures, uint32_t index, int64_t turned_ns,
                       double edges[GRADE_MAX])
{
    const struct scene_data *data = pen->data;
    int32_t change_ms = pen->theme->change_ms;
    motion_edges(data->motion, figures, index, data->now_ns, change_ms, edges);
    double growth = cue_growth(data, cue, TEXT_DELAY_MS);
    if (turned_ns > cue->entered_ns) {
        double before[GRADE_MAX];
        uint32_t last = (index + figures->item_count - 1) % figures->item_count;
        double done = motion_ease(data->now_ns, turned_ns, change_ms);
        motion_edges(data->motion, figures, last, data->now_ns, change_ms, before);
        for (uint32_t g = 0; g < GRADE_MAX; g++) {
            edges[g] = before[g] + (edges[g] - before[g]) * done;
        }
    }
    for (uint32_t g = 0; g < GRADE_MAX; g++) {
        edges[g] *= growth;
    }
}

static void item_add(struct pen *pen, const struct scene_cue *cue, const struct contest *contest,
                     const struct figures *figures, uint32_t index, int64_t turned_ns,
                     const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    static const struct item_figures nothing = { 0 };
    bool has_item = figures != NULL && index < figures->item_count &&
                    figures->grade_count == contest->grade_count;
    double edges[GRADE_MAX] = { 0 };
    uint8_t whole = pen->opacity;
    char k[NUMBER_SIZE];
    char n[NUMBER_SIZE];
    const struct text_value values[] = { { "item", number_text(index + 1, k) },
                                         { "items", number_text(contest->criterion_count, n) } };
    if (has_item) {
        turn_edges(pen, cue, figures, index, turned_ns, edges);
    }
    part_bar(pen, 0, 0,
             (struct rect){ plan->item_left, plan->item_top + 62,
                            plan->item_right - plan->item_left,
                            theme->board_bar_px },
             edges, contest->grade_count, true);
    pen->opacity = part_turned(pen->data, cue, turned_ns, whole);
    int32_t head = pen_pattern(
        pen, PART_PAGE, 0,
        &(struct words){ .text = text_get(pen->data->language, TEXT_ITEM_OF),
                         .x = plan->item_right,
                         .baseline = plan->item_top + 46,
                         .width = 300,
                         .size = theme->small_px,
                         .colour = theme->muted,
                         .align = ALIGN_RIGHT },
        theme->small_px, values, 2);
    pen_words(pen, PART_LABEL, 0, 0,
              &(struct words){ .text = label_text(&contest->criteria[index].label,
                                                  pen->data->language),
                               .x = plan->item_left,
                               .baseline = plan->item_top + 46,
                               .width = plan->item_right - plan->item_left - head - 28,
                               .size = theme->label_px,
                               .colour = theme->ink,
                               .align = ALIGN_LEFT });
    grades_add(pen, contest, has_item ? &figures->items[index] : &nothing, plan);
    pen->opacity = whole;
}

static void held_add(struct pen *pen, const struct figures *figures, const struct plan *plan)
{
    const struct theme *theme = pen->theme;
    int32_t middle = (plan->item_left + plan->item_right) / 2;
    int32_t width = plan->item_right - plan->item_left;
    pen_words(pen, PART_HELD, 0, 0,
              &(struct words){ .text = part_held_text(pen, figures),
                               .x = middle,
                               .baseline = plan->item_top + 88,
                               .width = width,
                               .size = theme->title_px,
                               .colour = theme->ink,
                               .align = ALIGN_CENTRE,
                               .is_bold = true });
    pen_words(pen, PART_HELD, 1, 0,
              &(struct words){ .text = part_held_note(pen, figures),
                               .x = middle,
                               .baseline = plan->item_top + 140,
                               .width = width,
                               .size = theme->cell_px,
                               .colour = theme->muted,
                               .align = ALIGN_CENTRE });
}

void scene_strip_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct contest *contest = scene_contest(data, cue->params);
    const struct subject *subject = scene_subject(contest, cue->params);
    const struct figures *figures = scene_figures(data, contest, subject);
    char id[ID_SIZE];
    int32_t asked = params_get(cue->params, "criterion", id, sizeof(id))
                        ? contest_find_criterion(contest, id)
                        : -1;
    int32_t turn_ms = pen->theme->turn_ms;
    uint32_t index = asked >= 0 ? (uint32_t)asked
                                : part_page(data, cue, turn_ms, contest->criterion_count);
    int64_t turned_ns = asked >= 0 || contest->criterion_count == 1
                            ? cue->entered_ns
                            : part_page_ns(data, cue, turn_ms);
    bool is_held = figures != NULL && !part_has_tally(figures);
    bool is_rounded = figures != NULL && !is_held && index < figures->item_count &&
                      part_is_rounded(&figures->items[index], figures->grade_count);
    struct plan plan = plan_of(pen->theme);

    panel_add(pen, cue, &plan);
    pen->opacity = cue_opacity(data, cue, TEXT_DELAY_MS);
    name_add(pen, subject, &plan);
    if (is_held) {
        held_add(pen, figures, &plan);
    } else {
        item_add(pen, cue, contest, figures, index, turned_ns, &plan);
    }
    if (figures != NULL && plan.is_stacked) {
        turnout_line_add(pen, figures, &plan);
    } else if (figures != NULL) {
        turnout_column_add(pen, figures, &plan);
    }
    foot_add(pen, figures, &plan, is_rounded);
}
