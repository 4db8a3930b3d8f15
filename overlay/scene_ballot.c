#include "overlay/scene_ballot.h"

#include <stdio.h>
#include <string.h>

#define HEAD_TOP_PX 60
#define RULE_TOP_PX 176
#define MARK_HEIGHT_PX 46
#define MARK_SHAPE_PX 22
#define MARK_PAD_PX 16

const struct figures *ballot_figures(const struct scene_data *data, const struct contest *contest,
                                     const struct subject *subject)
{
    const struct view *view = data->view;
    if (subject != NULL) {
        return scene_figures(data, contest, subject);
    }
    bool is_ours = view != NULL && view->has_live && contest->kind != CONTEST_APPRAISAL &&
                   view->live.kind == contest->kind && strcmp(view->live.contest, contest->id) == 0;
    return is_ours ? &view->live : NULL;
}

bool ballot_is_first(const struct scene_data *data, const struct figures *figures)
{
    for (uint32_t i = 0; i < data->view->closed_count; i++) {
        if (data->view->closed[i].round != figures->round) {
            return false;
        }
    }
    return true;
}

/* The candidate at each place of the ballot: as drawn or ordered, or as in the file. */
static void places_of(const struct contest *contest, const struct figures *figures,
                      uint32_t places[CANDIDATE_MAX])
{
    const uint8_t *order = figures != NULL ? figures->election.order : contest->order;
    bool is_used[CANDIDATE_MAX] = { false };
    bool is_order = contest->kind == CONTEST_ELECTION;
    for (uint32_t p = 0; p < contest->candidate_count; p++) {
        is_order = is_order && order[p] < contest->candidate_count && !is_used[order[p]];
        if (is_order) {
            is_used[order[p]] = true;
        }
    }
    for (uint32_t p = 0; p < contest->candidate_count; p++) {
        places[p] = is_order ? order[p] : p;
    }
}

uint32_t ballot_rows(const struct contest *contest, const struct figures *figures,
                     struct ballot_row rows[BALLOT_ROW_MAX])
{
    bool has_tally = part_has_tally(figures);
    uint32_t places[CANDIDATE_MAX];
    uint32_t count = 0;
    places_of(contest, figures, places);
    for (uint32_t p = 0; p < contest->candidate_count; p++) {
        struct ballot_row row = { .index = places[p] };
        if (has_tally && row.index < figures->item_count) {
            row.standing = figures->election.standings[row.index];
            row.count_count = contest->kind == CONTEST_POLL ? 1 : CHOICE_VOTE_COUNT;
            memcpy(row.counts, figures->items[row.index].counts, sizeof(row.counts));
        }
        if (row.standing != STANDING_OFF) {
            rows[count++] = row;
        }
    }
    uint32_t names = has_tally ? figures->election.name_count : 0;
    for (uint32_t i = 0; i < names && i < NAME_SHOWN_MAX; i++) {
        const struct name_figures *name = &figures->election.names[i];
        rows[count++] = (struct ballot_row){ .index = i,
                                             .is_written = true,
                                             .counts = { name->votes },
                                             .count_count = 1,
                                             .standing = name->standing };
    }
    return count;
}

struct ballot_page ballot_page_of(const struct pen *pen, const struct scene_cue *cue,
                                  uint32_t row_count, int32_t room, int32_t row_min,
                                  int32_t row_max)
{
    const struct scene_data *data = pen->data;
    int32_t page_ms = pen->theme->page_ms;
    uint32_t most = (uint32_t)(room / row_min);
    struct ballot_page page = { .page_count = row_count > 0 ? (row_count + most - 1) / most : 1 };
    uint32_t per_page = (row_count + page.page_count - 1) / page.page_count;
    bool has_pages = page.page_count > 1;
    page.page = has_pages ? part_page(data, cue, page_ms, page.page_count) : 0;
    page.turned_ns = has_pages ? part_page_ns(data, cue, page_ms) : cue->entered_ns;
    page.first = page.page * per_page;
    page.shown = row_count - page.first < per_page ? row_count - page.first : per_page;
    int32_t row = per_page > 0 ? room / (int32_t)per_page / 2 * 2 : row_max;
    page.row_px = row < row_max ? row : row_max;
    return page;
}

const char *ballot_name(const struct pen *pen, const struct contest *contest,
                        const struct figures *figures, const struct ballot_row *row,
                        char buffer[BALLOT_NAME_SIZE])
{
    char name[NAME_SIZE];
    enum language language = pen->data->language;
    name_text(row->is_written ? figures->election.names[row->index].name
                              : label_text(&contest->candidates[row->index].name, language),
              name);
    snprintf(buffer, BALLOT_NAME_SIZE, "%s%s", name,
             row->is_written ? text_get(language, TEXT_SHEET_WRITTEN_IN) : "");
    return buffer;
}

enum base ballot_base(const struct contest *contest, const struct figures *figures, uint32_t *count)
{
    enum base base = BASE_INVALID;
    *count = 0;
    if (contest->kind == CONTEST_ELECTION) {
        *count = figures->election.base_count;
        return (enum base)figures->election.base;
    }
    if (contest->rules != NULL && contest->rules->kind == contest->kind) {
        base = contest->kind == CONTEST_MOTION ? contest->rules->motion.base
               : contest->kind == CONTEST_POLL ? contest->rules->poll.base
                                               : BASE_INVALID;
    }
    *count = figures_base_count(figures, base);
    return base;
}

const char *ballot_base_text(const struct pen *pen, enum base base)
{
    static const enum text_id ids[BASE_COUNT] = {
        [BASE_REGISTERED] = TEXT_SHEET_BASE_REGISTERED, [BASE_PRESENT] = TEXT_SHEET_BASE_PRESENT,
        [BASE_ISSUED] = TEXT_SHEET_BASE_ISSUED,         [BASE_RETURNED] = TEXT_SHEET_BASE_RETURNED,
        [BASE_VALID] = TEXT_SHEET_BASE_VALID,
    };
    bool is_known = base > BASE_INVALID && base < BASE_COUNT;
    return text_get(pen->data->language, is_known ? ids[base] : TEXT_SHEET_BASE_UNKNOWN);
}

void ballot_head(struct pen *pen, const char *title, const char *office,
                 const struct figures *figures, int32_t kept)
{
    const struct theme *theme = pen->theme;
    int32_t x = theme->left_px + 42;
    int32_t badge = figures != NULL ? part_badge_width(pen, figures) + BALLOT_GAP_PX : 0;
    int32_t width = theme->right_px - x - badge;
    pen_rect(pen, PART_MARK, 0, 0, (struct rect){ theme->left_px, HEAD_TOP_PX, 12, 100 },
             theme->mark);
    pen_words(
        pen, PART_NAME, 0, 0,
        &(struct words){ .text = title,
                         .x = x,
                         .baseline = HEAD_TOP_PX + (office[0] != '\0' ? 52 : 72),
                         .width = width,
                         .size = pen_fit(pen, title, theme->name_px, theme->label_px, width, true),
                         .colour = theme->ink,
                         .align = ALIGN_LEFT,
                         .is_bold = true });
    pen_words(pen, PART_OFFICE, 0, 0,
              &(struct words){ .text = office,
                               .x = x,
                               .baseline = BALLOT_OFFICE_PX,
                               .width = theme->right_px - x - kept,
                               .size = theme->cell_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    pen_rect(pen, PART_RULE, 0, 0,
             (struct rect){ theme->left_px, RULE_TOP_PX, theme->right_px - theme->left_px, 4 },
             theme->gold);
    if (figures != NULL) {
        (void)part_badge(pen, figures, theme->right_px, HEAD_TOP_PX, 46, ALIGN_RIGHT);
    }
}

const char *ballot_stage_text(const struct pen *pen, const struct contest *contest,
                              const struct figures *figures, char buffer[NOTE_SIZE])
{
    static const enum text_id stages[] = { TEXT_INVALID, TEXT_BALLOT_STAGE_FIRST,
                                           TEXT_BALLOT_STAGE_RUN_OFF, TEXT_BALLOT_STAGE_ANOTHER };
    char number[NUMBER_SIZE];
    char seats[NOTE_SIZE] = "";
    char round[NOTE_SIZE];
    buffer[0] = '\0';
    if (figures == NULL) {
        return buffer;
    }
    const struct text_value which = { "round", number_text(figures->round, number) };
    part_text(pen, TEXT_SHEET_ROUND, &which, 1, round);
    uint32_t seat_count = figures->election.seats;
    if (seat_count == 0 && ballot_is_first(pen->data, figures)) {
        seat_count = contest->seats;
    }
    if (contest->kind == CONTEST_ELECTION && seat_count > 0) {
        const struct text_value count = { "count", number_text(seat_count, number) };
        part_text(pen, TEXT_BALLOT_SEATS, &count, 1, seats);
    }
    enum round_stage stage = figures->election.stage;
    bool has_stage = stage >= STAGE_FIRST && stage <= STAGE_ANOTHER;
    snprintf(buffer, NOTE_SIZE, "%.128s%s%.128s%s%.128s",
             has_stage ? text_get(pen->data->language, stages[stage]) : "",
             has_stage ? "\u3000" : "", seats, seats[0] != '\0' ? "\u3000" : "", round);
    return buffer;
}

static const char *mark_text(const struct pen *pen, enum contest_kind kind, enum standing standing)
{
    return text_get(pen->data->language, standing == STANDING_TIED ? TEXT_BALLOT_TIED
                                         : kind == CONTEST_POLL    ? TEXT_BALLOT_SHORTLISTED
                                                                   : TEXT_BALLOT_ELECTED);
}

static int32_t mark_width(const struct pen *pen, enum contest_kind kind, enum standing standing)
{
    int32_t words =
        pen_measure(pen, mark_text(pen, kind, standing), pen->theme->small_px, true, false);
    return (MARK_PAD_PX * 2 + MARK_SHAPE_PX + 10 + words + 1) / 2 * 2;
}

int32_t ballot_mark_width(const struct pen *pen, enum contest_kind kind)
{
    int32_t elected = mark_width(pen, kind, STANDING_ELECTED);
    int32_t tied = mark_width(pen, kind, STANDING_TIED);
    return elected > tied ? elected : tied;
}

void ballot_mark(struct pen *pen, uint32_t row, enum contest_kind kind, enum standing standing,
                 int32_t x, int32_t middle)
{
    const struct theme *theme = pen->theme;
    bool is_elected = standing == STANDING_ELECTED;
    if (!is_elected && standing != STANDING_TIED) {
        return;
    }
    int32_t width = mark_width(pen, kind, standing);
    int32_t left = x - width;
    int32_t top = (middle - MARK_HEIGHT_PX / 2) / 2 * 2;
    uint32_t ink = is_elected ? theme->ground : theme->on_mark;
    pen_rect(pen, PART_BADGE, row + 1, 0, (struct rect){ left, top, width, MARK_HEIGHT_PX },
             is_elected ? theme->gold : theme->quiet);
    pen_shape(pen, PART_BADGE, row + 1, 1,
              (struct rect){ left + MARK_PAD_PX, top + (MARK_HEIGHT_PX - MARK_SHAPE_PX) / 2,
                             MARK_SHAPE_PX, MARK_SHAPE_PX },
              is_elected ? SHAPE_SQUARE : SHAPE_CIRCLE, ink);
    pen_words(pen, PART_BADGE_TEXT, row + 1, 0,
              &(struct words){ .text = mark_text(pen, kind, standing),
                               .x = left + MARK_PAD_PX + MARK_SHAPE_PX + 10,
                               .baseline = top + MARK_HEIGHT_PX / 2 + theme->small_px * 38 / 100,
                               .width = width - 2 * MARK_PAD_PX - MARK_SHAPE_PX - 10 + 2,
                               .size = theme->small_px,
                               .colour = ink,
                               .align = ALIGN_LEFT,
                               .is_bold = true });
}
