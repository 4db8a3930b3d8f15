#include "overlay/scene_parts.h"

#include <stdio.h>
#include <string.h>

/*
 * The subject board: one subject, every criterion, every grade, over the whole picture. More than
 * SCENE_PAGE_ITEMS criteria turn in pages. Where figures are held back it shows what is rated and
 * how the round stands, and nothing else.
 */
#define HEAD_TOP_PX 60
#define RULE_TOP_PX 176
#define LEGEND_BASELINE_PX 226
#define ROWS_TOP_PX 244
#define NOTE_BASELINE_PX 1010
#define LABEL_MIN_PX 210 /* the column of the criteria: as wide as its words, from here … */
#define LABEL_MAX_PERCENT 36 /* … to here, so that a bar keeps a third of the safe area */
#define BAR_MIN_PX 224
#define GAP_PX 28
#define FIGURE_PITCH_PX 128
#define HELD_LEFT_PERCENT 38 /* of the safe area: where the panel of held figures begins */
#define NOTE_LINE_PX 42      /* between the two lines of the note in a narrow picture */

/* Where the columns stand, the same on all pages. */
struct columns {
    int32_t label_px;
    int32_t bar_left, bar_right;
    int32_t pitch; /* of the figures, right edges up to the safe area's */
};

static struct columns columns_of(const struct pen *pen, const struct contest *contest)
{
    const struct theme *theme = pen->theme;
    int32_t label = LABEL_MIN_PX;
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        int32_t width = pen_measure(
            pen, label_text(&contest->criteria[i].label, pen->data->language), theme->label_px,
            false, false);
        label = width > label ? width : label;
    }
    int32_t grades = (int32_t)contest->grade_count;
    int32_t pitch = grades <= 4 ? FIGURE_PITCH_PX : 100;
    int32_t safe = theme->right_px - theme->left_px;
    int32_t most = safe * LABEL_MAX_PERCENT / 100 / 14 * 14;
    int32_t room = safe - grades * pitch - 14 - GAP_PX - BAR_MIN_PX;
    most = most < room ? most : room;
    label = label > most ? most : (label + 13) / 14 * 14;
    int32_t left = theme->left_px + label + GAP_PX;
    int32_t right = theme->right_px - grades * pitch - 14;
    return (struct columns){ label, left, right / 2 * 2, pitch };
}

static void head_add(struct pen *pen, const struct subject *subject,
                     const struct figures *figures)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    char name[NAME_SIZE];
    const char *office = label_text(&subject->office, language);
    bool has_office = office[0] != '\0';
    int32_t x = theme->left_px + 42;
    int32_t width = (theme->right_px - theme->left_px) * 5 / 9;
    pen_rect(pen, PART_MARK, 0, 0, (struct rect){ theme->left_px, HEAD_TOP_PX, 12, 100 },
             theme->mark);
    name_text(label_text(&subject->name, language), name);
    pen_words(pen, PART_NAME, 0, 0,
              &(struct words){ .text = name,
                               .x = x,
                               .baseline = HEAD_TOP_PX + (has_office ? 52 : 72),
                               .width = width,
                               .size = pen_fit(pen, name, theme->name_px, theme->label_px, width,
                                               true),
                               .colour = theme->ink,
                               .align = ALIGN_LEFT,
                               .is_bold = true });
    pen_words(pen, PART_OFFICE, 0, 0,
              &(struct words){ .text = office,
                               .x = x,
                               .baseline = HEAD_TOP_PX + 97,
                               .width = width,
                               .size = theme->cell_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    pen_rect(pen, PART_RULE, 0, 0,
             (struct rect){ theme->left_px, RULE_TOP_PX, theme->right_px - theme->left_px, 4 },
             theme->gold);
    part_badge(pen, figures, theme->right_px, HEAD_TOP_PX, 46, ALIGN_RIGHT);
    if (figures == NULL || (figures->shows >= LIVE_TURNOUT && !part_has_tally(figures))) {
        return; /* the panel of held figures says it */
    }
    char cast[NUMBER_SIZE];
    char registered[NUMBER_SIZE];
    const struct text_value values[] = {
        { "cast", number_text(figures->cast_count, cast) },
        { "registered", number_text(figures->registered, registered) },
    };
    pen_pattern(pen, PART_TURNOUT, 0,
                &(struct words){ .text = text_get(language, figures->shows >= LIVE_TURNOUT
                                                                ? TEXT_TURNOUT
                                                                : TEXT_TURNOUT_HELD),
                                 .x = theme->right_px,
                                 .baseline = HEAD_TOP_PX + 96,
                                 .width = theme->right_px - x - width - GAP_PX,
                                 .size = theme->cell_px,
                                 .colour = theme->muted,
                                 .align = ALIGN_RIGHT },
                theme->figure_px, values, 2);
}

static void legend_add(struct pen *pen, const struct contest *contest,
                       const struct columns *columns)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    int32_t x = columns->bar_left;
    int32_t count = (int32_t)contest->grade_count;
    pen_words(pen, PART_HEAD, 0, 0,
              &(struct words){ .text = text_get(language, TEXT_CRITERIA),
                               .x = theme->left_px,
                               .baseline = LEGEND_BASELINE_PX,
                               .width = columns->label_px,
                               .size = theme->cell_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    for (int32_t g = 0; g < count; g++) {
        const struct grade_style *style = theme_grade(theme, (uint32_t)g, contest->grade_count);
        const char *word = label_text(&contest->grades[g].label, language);
        int32_t room = (columns->bar_right - columns->bar_left) / count - 36 - GAP_PX;
        int32_t width = pen_measure(pen, word, theme->cell_px, false, false);
        width = width < room ? width : room;
        part_shape(pen, 0, (uint32_t)g, x, LEGEND_BASELINE_PX - 23, 24, style);
        pen_words(pen, PART_LEGEND_TEXT, 0, (uint32_t)g,
                  &(struct words){ .text = word,
                                   .x = x + 36,
                                   .baseline = LEGEND_BASELINE_PX,
                                   .width = width,
                                   .size = theme->cell_px,
                                   .colour = theme->ink,
                                   .align = ALIGN_LEFT });
        x += 36 + width + GAP_PX + 14;
        pen_words(pen, PART_HEAD, 1, (uint32_t)g,
                  &(struct words){ .text = word,
                                   .x = theme->right_px - (count - 1 - g) * columns->pitch,
                                   .baseline = LEGEND_BASELINE_PX,
                                   .width = columns->pitch - 14,
                                   .size = theme->cell_px,
                                   .colour = style->ink,
                                   .align = ALIGN_RIGHT });
    }
    /* Where there is no room for the unit, the note alone says that these are percentages. */
    const char *unit = text_get(language, TEXT_UNIT);
    int32_t room = columns->bar_right - x;
    pen_words(pen, PART_HEAD, 2, 0,
              &(struct words){ .text = unit,
                               .x = columns->bar_right,
                               .baseline = LEGEND_BASELINE_PX,
                               .width = room >= pen_measure(pen, unit, theme->small_px, false,
                                                            false)
                                            ? room
                                            : 0,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_RIGHT });
}

/* One criterion: label, bar, a figure a grade. `row` from 0 on its page. */
static void row_add(struct pen *pen, const struct scene_cue *cue, const struct contest *contest,
                    const struct columns *columns, const struct figures *figures, uint32_t index,
                    uint32_t row, double growth)
{
    const struct theme *theme = pen->theme;
    const struct scene_data *data = pen->data;
    int32_t top = ROWS_TOP_PX + (int32_t)row * theme->board_row_px;
    int32_t baseline = top + theme->board_row_px / 2 + theme->label_px * 38 / 100 - 1;
    int32_t bar_top = top + (theme->board_row_px - 2 - theme->board_bar_px) / 2;
    bool has_item = figures != NULL && index < figures->item_count &&
                    figures->grade_count == contest->grade_count;
    double edges[GRADE_MAX] = { 0 };
    if (has_item) {
        motion_edges(data->motion, figures, index, data->now_ns, theme->change_ms, edges);
    }
    for (uint32_t g = 0; g < GRADE_MAX; g++) {
        edges[g] *= growth;
    }
    pen_words(pen, PART_LABEL, row, 0,
              &(struct words){ .text = label_text(&contest->criteria[index].label, data->language),
                               .x = theme->left_px,
                               .baseline = baseline,
                               .width = columns->label_px,
                               .size = theme->label_px,
                               .colour = theme->ink,
                               .align = ALIGN_LEFT });
    part_bar(pen, row, 0,
             (struct rect){ columns->bar_left, bar_top / 2 * 2,
                            columns->bar_right - columns->bar_left, theme->board_bar_px },
             edges, contest->grade_count, true);
    for (uint32_t g = 0; g < contest->grade_count; g++) {
        char share[NUMBER_SIZE];
        bool is_figure = has_item && figures->items[index].valid > 0;
        const char *text = is_figure ? share_text(pen, figures->items[index].counts[g],
                                                  figures->items[index].valid, share)
                                     : text_get(data->language, TEXT_NO_FIGURE);
        int32_t right =
            theme->right_px - (int32_t)(contest->grade_count - 1 - g) * columns->pitch;
        pen_words(pen, PART_FIGURE, row, g,
                  &(struct words){ .text = text,
                                   .x = right,
                                   .baseline = baseline,
                                   .width = columns->pitch - 14,
                                   .size = theme->figure_px,
                                   .colour = is_figure
                                                 ? theme_grade(theme, g, contest->grade_count)->ink
                                                 : theme->muted,
                                   .align = ALIGN_RIGHT,
                                   .is_figure = is_figure });
    }
    pen_rect(pen, PART_LINE, row, 0,
             (struct rect){ theme->left_px, top + theme->board_row_px - 2,
                            theme->right_px - theme->left_px, 2 },
             theme->line);
}

/* The time on the right, and what else is to be said on the left of it, or below it. */
static void foot_add(struct pen *pen, const struct figures *figures, const char *rest)
{
    const struct theme *theme = pen->theme;
    bool is_narrow = theme->layout == LAYOUT_SD_4X3;
    char note[NOTE_SIZE];
    int32_t time = part_time(pen, theme->right_px,
                             NOTE_BASELINE_PX - (is_narrow ? NOTE_LINE_PX : 0), 700, ALIGN_RIGHT);
    pen_words(pen, PART_NOTE, 0, 0,
              &(struct words){ .text = part_note_text(pen, figures, rest, note),
                               .x = theme->left_px,
                               .baseline = NOTE_BASELINE_PX,
                               .width = theme->right_px - theme->left_px -
                                        (is_narrow ? 0 : time + 42),
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
}

static void note_add(struct pen *pen, const struct figures *figures, uint32_t first,
                     uint32_t count, uint32_t page, uint32_t page_count)
{
    enum language language = pen->data->language;
    bool is_rounded = false;
    char rest[512];
    char pages[96] = "";
    for (uint32_t i = first; part_has_tally(figures) && i < first + count; i++) {
        is_rounded = is_rounded || (i < figures->item_count &&
                                    part_is_rounded(&figures->items[i], figures->grade_count));
    }
    if (page_count > 1) {
        char k[NUMBER_SIZE];
        char n[NUMBER_SIZE];
        const struct text_value values[] = { { "page", number_text(page + 1, k) },
                                             { "pages", number_text(page_count, n) } };
        if (text_fill(pages, sizeof(pages), text_get(language, TEXT_PAGE_OF), values, 2) !=
            STATUS_OK) {
            pages[0] = '\0';
        }
    }
    snprintf(rest, sizeof(rest), "%s%s%s%s%s", text_get(language, TEXT_BASE_ITEMS),
             is_rounded ? language == LANGUAGE_EN ? ". " : "；" : "",
             is_rounded ? text_get(language, TEXT_ROUNDING) : "", pages[0] != '\0' ? "\u3000" : "",
             pages);
    foot_add(pen, figures, rest);
}

static int32_t held_left(const struct theme *theme)
{
    return theme->left_px +
           (theme->right_px - theme->left_px) * HELD_LEFT_PERCENT / 100 / 2 * 2;
}

static void held_add(struct pen *pen, const struct scene_cue *cue, const struct contest *contest,
                     const struct figures *figures, uint32_t first, uint32_t count)
{
    const struct theme *theme = pen->theme;
    int32_t bottom = ROWS_TOP_PX + SCENE_PAGE_ITEMS * theme->board_row_px;
    int32_t width = held_left(theme) - 56 - theme->left_px;
    for (uint32_t row = 0; row < count; row++) {
        int32_t top = ROWS_TOP_PX + (int32_t)row * theme->board_row_px;
        pen->opacity = cue_opacity(pen->data, cue, (int64_t)row * theme->stagger_ms);
        pen_words(pen, PART_LABEL, row, 0,
                  &(struct words){ .text = label_text(&contest->criteria[first + row].label,
                                                      pen->data->language),
                                   .x = theme->left_px,
                                   .baseline = top + theme->board_row_px / 2 +
                                               theme->label_px * 38 / 100 - 1,
                                   .width = width,
                                   .size = theme->label_px,
                                   .colour = theme->ink,
                                   .align = ALIGN_LEFT });
        pen_rect(pen, PART_LINE, row, 0,
                 (struct rect){ theme->left_px, top + theme->board_row_px - 2, width, 2 },
                 theme->line);
    }
    pen->opacity = cue_opacity(pen->data, cue, 0);
    pen_words(pen, PART_HEAD, 0, 0,
              &(struct words){ .text = text_get(pen->data->language, TEXT_CRITERIA),
                               .x = theme->left_px,
                               .baseline = LEGEND_BASELINE_PX,
                               .width = width,
                               .size = theme->cell_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    part_held_panel(pen, figures,
                    (struct rect){ held_left(theme), ROWS_TOP_PX,
                                   theme->right_px - held_left(theme), bottom - ROWS_TOP_PX });
    foot_add(pen, figures, "");
}

void scene_board_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    const struct contest *contest = scene_contest(data, cue->params);
    const struct subject *subject = scene_subject(contest, cue->params);
    const struct figures *figures = scene_figures(data, contest, subject);
    uint32_t pages = (contest->criterion_count + SCENE_PAGE_ITEMS - 1) / SCENE_PAGE_ITEMS;
    uint32_t page = part_page(data, cue, theme->page_ms, pages);
    int64_t turned_ns = pages > 1 ? part_page_ns(data, cue, theme->page_ms) : cue->entered_ns;
    uint32_t first = page * SCENE_PAGE_ITEMS;
    uint32_t left = contest->criterion_count - first;
    uint32_t count = left < SCENE_PAGE_ITEMS ? left : SCENE_PAGE_ITEMS;

    pen->opacity = cue_panel_opacity(data, cue);
    pen_ground(pen);
    pen->opacity = cue_opacity(data, cue, 0);
    head_add(pen, subject, figures);
    if (figures != NULL && !part_has_tally(figures)) {
        held_add(pen, cue, contest, figures, first, count);
        return;
    }
    struct columns columns = columns_of(pen, contest);
    legend_add(pen, contest, &columns);
    note_add(pen, figures, first, count, page, pages);
    for (uint32_t row = 0; row < count; row++) {
        int64_t delay_ms = (int64_t)row * theme->stagger_ms;
        pen->opacity = part_turned(data, cue, turned_ns, cue_opacity(data, cue, delay_ms));
        row_add(pen, cue, contest, &columns, figures, first + row, row,
                cue_growth(data, cue, delay_ms));
    }
}
