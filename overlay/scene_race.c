#include <math.h>
#include <stdio.h>
#include <string.h>

#include "overlay/scene_ballot.h"

/*
 * The election race: every candidate with the votes for, against and abstained, a bar of the votes
 * for in the base of "more than half", that line across all bars, and who is elected or goes into
 * a run-off. Names written in follow. The order is the ballot's, never the result's. More than fit
 * turn in pages.
 *
 * Until the figures are let out it shows who stands and how many have voted. Who stands in a round
 * after the first is not in the view until then: the turnout has the whole width.
 */
#define HEADS_BASELINE_PX 232
#define ROWS_TOP_PX 250
#define ROW_MIN_PX 66
#define ROW_MAX_PX 150
#define ROW_TALL_PX 96 /* from here on names are larger, and a bar too */
#define BAR_MIN_PX 220
#define NAME_MIN_PX 180
#define NAME_MAX_PERCENT 30 /* of the safe area */
#define COLUMN_GAP_PX 42    /* between figures; in a narrow picture BALLOT_GAP_PX */
#define HELD_LEFT_PERCENT 44
#define HELD_MORE_PX 84 /* without the votes needed and the four numbers below */

/* Where one page's columns and rows stand. */
struct plan {
    struct ballot_row rows[BALLOT_ROW_MAX];
    uint32_t row_count;
    struct ballot_page page;
    int32_t name_px, name_size, figure_size;
    int32_t bar_left, bar_right;
    int32_t rights[CHOICE_VOTE_COUNT]; /* of the figures */
    int32_t pitch;                     /* what a figure may take */
    uint32_t base;
};

static const enum text_id heads[CHOICE_VOTE_COUNT] = { TEXT_SHEET_COL_FOR, TEXT_SHEET_COL_AGAINST,
                                                       TEXT_SHEET_COL_ABSTAIN };

/* room: px for the rows of one page. */
static void page_plan(const struct pen *pen, const struct scene_cue *cue, int32_t room,
                      struct plan *plan)
{
    const struct theme *theme = pen->theme;
    plan->page = ballot_page_of(pen, cue, plan->row_count, room, ROW_MIN_PX, ROW_MAX_PX);
    bool is_tall = plan->page.row_px >= ROW_TALL_PX;
    plan->name_size = is_tall ? theme->title_px : theme->label_px;
    plan->figure_size = is_tall ? theme->title_px : theme->figure_px;
}

/* The widest name of all pages, so that columns stand still when a page turns. */
static int32_t name_width(const struct pen *pen, const struct contest *contest,
                          const struct figures *figures, const struct plan *plan)
{
    int32_t safe = pen->theme->right_px - pen->theme->left_px;
    int32_t most = safe * NAME_MAX_PERCENT / 100 / 2 * 2;
    int32_t widest = NAME_MIN_PX;
    for (uint32_t i = 0; i < plan->row_count; i++) {
        char name[BALLOT_NAME_SIZE];
        ballot_name(pen, contest, figures, &plan->rows[i], name);
        int32_t width = pen_measure(pen, name, plan->name_size, true, false);
        widest = width > widest ? width : widest;
    }
    return widest < most ? (widest + 1) / 2 * 2 : most;
}

/* One size for all names, whatever the longest of them asks for. */
static int32_t name_size(const struct pen *pen, const struct contest *contest,
                         const struct figures *figures, const struct plan *plan)
{
    int32_t size = plan->name_size;
    for (uint32_t i = 0; i < plan->row_count; i++) {
        char name[BALLOT_NAME_SIZE];
        ballot_name(pen, contest, figures, &plan->rows[i], name);
        size = pen_fit(pen, name, size, pen->theme->label_px, plan->name_px, true);
    }
    return size;
}

static void plan_make(const struct pen *pen, const struct scene_cue *cue,
                      const struct contest *contest, const struct figures *figures,
                      struct plan *plan)
{
    const struct theme *theme = pen->theme;
    char number[NUMBER_SIZE];
    plan->row_count = ballot_rows(contest, figures, plan->rows);
    (void)ballot_base(contest, figures, &plan->base);
    page_plan(pen, cue, ballot_foot_top(theme) - ROWS_TOP_PX, plan);
    plan->name_px = name_width(pen, contest, figures, plan);
    plan->pitch =
        pen_measure(pen, number_text(figures->registered, number), plan->figure_size, true, true);
    for (uint32_t i = 0; i < CHOICE_VOTE_COUNT; i++) {
        int32_t head =
            pen_measure(pen, text_get(pen->data->language, heads[i]), theme->cell_px, false, false);
        plan->pitch = head > plan->pitch ? head : plan->pitch;
    }
    int32_t x = theme->right_px - ballot_mark_width(pen, contest->kind) - BALLOT_GAP_PX;
    for (uint32_t i = CHOICE_VOTE_COUNT; i > 0; i--) {
        plan->rights[i - 1] = x;
        x -= plan->pitch + (theme->layout == LAYOUT_SD_4X3 ? BALLOT_GAP_PX : COLUMN_GAP_PX);
    }
    plan->bar_left = theme->left_px + BALLOT_INSET_PX + plan->name_px + BALLOT_GAP_PX;
    plan->bar_right = x / 2 * 2;
    if (plan->bar_right - plan->bar_left < BAR_MIN_PX) { /* the names give way */
        plan->bar_left = plan->bar_right - BAR_MIN_PX;
        plan->name_px = plan->bar_left - BALLOT_GAP_PX - theme->left_px - BALLOT_INSET_PX;
    }
    plan->name_size = name_size(pen, contest, figures, plan);
}

static void heads_add(struct pen *pen, const struct plan *plan)
{
    struct words words = { .text = text_get(pen->data->language, TEXT_SHEET_COL_CANDIDATE),
                           .x = pen->theme->left_px + BALLOT_INSET_PX,
                           .baseline = HEADS_BASELINE_PX,
                           .width = plan->name_px,
                           .size = pen->theme->cell_px,
                           .colour = pen->theme->muted,
                           .align = ALIGN_LEFT };
    pen_words(pen, PART_HEAD, 0, 0, &words);
    words.align = ALIGN_RIGHT;
    words.width = plan->pitch;
    for (uint32_t i = 0; i < CHOICE_VOTE_COUNT; i++) {
        words.text = text_get(pen->data->language, heads[i]);
        words.x = plan->rights[i];
        pen_words(pen, PART_HEAD, 1, i, &words);
    }
}

/* How far the bar of the votes for reaches, 0 .. 1 of the base, while it moves. */
static double reach_of(const struct scene_data *data, const struct figures *figures,
                       const struct plan *plan, const struct ballot_row *row)
{
    double edges[GRADE_MAX];
    if (plan->base == 0) {
        return 0.0;
    }
    if (row->is_written || row->index >= figures->item_count) {
        double risen = motion_risen(data->motion, figures, data->now_ns, data->theme->change_ms);
        return fmin((double)row->counts[0] / plan->base, 1.0) * risen;
    }
    motion_edges(data->motion, figures, row->index, data->now_ns, data->theme->change_ms, edges);
    return fmin(edges[0] * figures->items[row->index].valid / plan->base, 1.0);
}

static void bar_add(struct pen *pen, const struct plan *plan, uint32_t row, int32_t top,
                    double reach)
{
    int32_t height = plan->page.row_px >= ROW_TALL_PX ? 52 : 32;
    int32_t width = plan->bar_right - plan->bar_left;
    int32_t y = (top + (plan->page.row_px - 2 - height) / 2) / 2 * 2;
    int32_t done = (int32_t)lround(reach * width);
    pen_rect(pen, PART_TRACK, row, 0,
             (struct rect){ plan->bar_left + done, y, width - done, height }, pen->theme->track);
    pen_rect(pen, PART_BAR, row, 0, (struct rect){ plan->bar_left, y, done, height },
             theme_grade(pen->theme, 0, 2)->fill);
}

static void row_add(struct pen *pen, const struct contest *contest, const struct figures *figures,
                    const struct plan *plan, uint32_t place, double growth)
{
    const struct theme *theme = pen->theme;
    const struct ballot_row *row = &plan->rows[plan->page.first + place];
    int32_t top = ROWS_TOP_PX + (int32_t)place * plan->page.row_px;
    int32_t middle = top + plan->page.row_px / 2 - 1;
    char name[BALLOT_NAME_SIZE];
    pen_words(pen, PART_LABEL, place, 0,
              &(struct words){
                  .text = ballot_name(pen, contest, figures, row, name),
                  .x = theme->left_px + BALLOT_INSET_PX,
                  .baseline = middle + plan->name_size * 38 / 100,
                  .width = plan->name_px,
                  .size = pen_fit(pen, name, plan->name_size, theme->label_px, plan->name_px, true),
                  .colour = theme->ink,
                  .align = ALIGN_LEFT,
                  .is_bold = true });
    bar_add(pen, plan, place, top, reach_of(pen->data, figures, plan, row) * growth);
    for (uint32_t i = 0; i < row->count_count; i++) {
        char number[NUMBER_SIZE];
        bool is_for = i == CHOICE_FOR;
        int32_t size = is_for ? plan->figure_size : theme->label_px;
        pen_words(pen, PART_FIGURE, place, i,
                  &(struct words){ .text = number_text(row->counts[i], number),
                                   .x = plan->rights[i],
                                   .baseline = middle + plan->figure_size * 38 / 100,
                                   .width = plan->pitch,
                                   .size = size,
                                   .colour = is_for ? theme->ink : theme->muted,
                                   .align = ALIGN_RIGHT,
                                   .is_bold = is_for,
                                   .is_figure = true });
    }
    ballot_mark(pen, place, contest->kind, row->standing, theme->right_px, middle);
    pen_rect(pen, PART_LINE, place, 0,
             (struct rect){ theme->left_px, top + plan->page.row_px - 2,
                            theme->right_px - theme->left_px, 2 },
             theme->line);
}

/* Where more than half is: its right edge is the end of a bar of just so many votes. */
static void line_add(struct pen *pen, const struct figures *figures, const struct plan *plan)
{
    uint32_t needed = figures->election.needed;
    if (needed == 0 || plan->base < needed) {
        return;
    }
    double share = (double)needed / plan->base;
    int32_t x = plan->bar_left + (int32_t)lround(share * (plan->bar_right - plan->bar_left));
    ballot_line(pen, 1001, x - 4, ROWS_TOP_PX + 2,
                (int32_t)plan->page.shown * plan->page.row_px - 6);
}

static void tally_add(struct pen *pen, const struct scene_cue *cue, const struct contest *contest,
                      const struct figures *figures)
{
    const struct scene_data *data = pen->data;
    struct plan plan = { 0 };
    plan_make(pen, cue, contest, figures, &plan);
    heads_add(pen, &plan);
    ballot_foot(pen, contest, figures, figures->election.needed > 0, plan.page.page,
                plan.page.page_count);
    for (uint32_t place = 0; place < plan.page.shown; place++) {
        int64_t delay_ms = (int64_t)place * pen->theme->stagger_ms;
        pen->opacity =
            part_turned(data, cue, plan.page.turned_ns, cue_opacity(data, cue, delay_ms));
        row_add(pen, contest, figures, &plan, place, cue_growth(data, cue, delay_ms));
    }
    pen->opacity = cue_opacity(data, cue, 0);
    line_add(pen, figures, &plan);
}

/* Who stands, before anything is known of the votes. */
static void candidate_add(struct pen *pen, const struct contest *contest, const struct plan *plan,
                          uint32_t place, int32_t row_top)
{
    const struct theme *theme = pen->theme;
    enum language language = pen->data->language;
    const struct subject *one = &contest->candidates[plan->rows[plan->page.first + place].index];
    const char *office = label_text(&one->office, language);
    bool has_office = office[0] != '\0' && plan->page.row_px >= ROW_TALL_PX;
    int32_t middle = row_top + plan->page.row_px / 2 - 1;
    char name[NAME_SIZE];
    name_text(label_text(&one->name, language), name);
    pen_words(pen, PART_LABEL, place, 0,
              &(struct words){
                  .text = name,
                  .x = theme->left_px + BALLOT_INSET_PX,
                  .baseline = has_office ? middle - 4 : middle + plan->name_size * 38 / 100,
                  .width = plan->name_px,
                  .size = pen_fit(pen, name, plan->name_size, theme->label_px, plan->name_px, true),
                  .colour = theme->ink,
                  .align = ALIGN_LEFT,
                  .is_bold = true });
    pen_words(pen, PART_LABEL, place, 1,
              &(struct words){ .text = has_office ? office : "",
                               .x = theme->left_px + BALLOT_INSET_PX,
                               .baseline = middle + theme->small_px + 10,
                               .width = plan->name_px,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    pen_rect(pen, PART_LINE, place, 0,
             (struct rect){ theme->left_px, row_top + plan->page.row_px - 2, plan->name_px, 2 },
             theme->line);
}

/* Who stands, on the left; how many have voted, on the right. */
static void held_add(struct pen *pen, const struct scene_cue *cue, const struct contest *contest,
                     const struct figures *figures)
{
    const struct scene_data *data = pen->data;
    const struct theme *theme = pen->theme;
    bool has_list = figures == NULL || ballot_is_first(data, figures);
    int32_t top = BALLOT_TOP_PX + 16;
    int32_t height = ballot_foot_top(theme) + HELD_MORE_PX - top;
    int32_t safe = theme->right_px - theme->left_px;
    int32_t left = theme->left_px + (has_list ? safe * HELD_LEFT_PERCENT / 100 / 2 * 2 : 0);
    struct plan plan = { .name_px = left - 56 - theme->left_px };
    plan.row_count = ballot_rows(contest, figures, plan.rows);
    page_plan(pen, cue, height, &plan);
    plan.name_size = name_size(pen, contest, NULL, &plan);
    part_held_panel(pen, figures, (struct rect){ left, top, theme->right_px - left, height });
    ballot_foot(pen, contest, figures, false, plan.page.page, has_list ? plan.page.page_count : 1);
    for (uint32_t place = 0; has_list && place < plan.page.shown; place++) {
        int64_t delay_ms = (int64_t)place * theme->stagger_ms;
        pen->opacity =
            part_turned(data, cue, plan.page.turned_ns, cue_opacity(data, cue, delay_ms));
        candidate_add(pen, contest, &plan, place, top + (int32_t)place * plan.page.row_px);
    }
}

void scene_race_add(struct pen *pen, const struct scene_cue *cue)
{
    const struct scene_data *data = pen->data;
    const struct contest *contest = scene_contest(data, cue->params);
    const struct figures *figures = ballot_figures(data, contest, NULL);
    char stage[NOTE_SIZE];
    pen->opacity = cue_panel_opacity(data, cue);
    pen_ground(pen);
    pen->opacity = cue_opacity(data, cue, 0);
    ballot_head(pen, label_text(&contest->title, data->language),
                ballot_stage_text(pen, contest, figures, stage), figures, 0);
    if (part_has_tally(figures)) {
        tally_add(pen, cue, contest, figures);
    } else {
        held_add(pen, cue, contest, figures);
    }
}
