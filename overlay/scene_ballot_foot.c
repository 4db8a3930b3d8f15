#include <stdio.h>
#include <string.h>

#include "overlay/scene_ballot.h"

#define BASELINE_PX 1010
#define LINE_PX 42
#define GAP_PX 42
#define DASH_PX 8
#define DASH_PITCH_PX 12
#define SAMPLE_PX 22 /* of the line of more than half, before its words */

int32_t ballot_foot_top(const struct theme *theme)
{
    return BASELINE_PX - (theme->layout == LAYOUT_SD_4X3 ? 3 : 2) * LINE_PX - 48;
}

static const char *base_fill(const struct pen *pen, enum text_id id, enum base base, uint32_t count,
                             uint32_t needed, char buffer[NOTE_SIZE])
{
    char texts[2][NUMBER_SIZE];
    const struct text_value values[] = { { "base", ballot_base_text(pen, base) },
                                         { "count", number_text(count, texts[0]) },
                                         { "needed", number_text(needed, texts[1]) } };
    return part_text(pen, id, values, 3, buffer);
}

static bool is_half(const struct threshold *threshold)
{
    return threshold->num * 2 == threshold->den && !threshold->is_inclusive;
}

/* "过半数：须 53 票（实到会人数 104）", or what else the shares are of. */
static const char *majority_text(const struct pen *pen, const struct contest *contest,
                                 const struct figures *figures, char buffer[NOTE_SIZE])
{
    const struct rules *rules = contest->rules;
    uint32_t count;
    enum base base = ballot_base(contest, figures, &count);
    uint32_t needed = figures->election.needed;
    enum text_id id = TEXT_SHEET_BASE;
    if (contest->kind == CONTEST_ELECTION) {
        bool is_plain =
            rules == NULL || rules->kind != CONTEST_ELECTION || is_half(&rules->election.majority);
        id = needed == 0 ? TEXT_BALLOT_MOST_VOTES
             : is_plain  ? TEXT_BALLOT_MAJORITY
                         : TEXT_BALLOT_NEEDED;
    } else if (contest->kind == CONTEST_MOTION && base != BASE_INVALID) {
        needed = (uint32_t)threshold_least(&rules->motion.majority, count);
        id = is_half(&rules->motion.majority) ? TEXT_BALLOT_MAJORITY : TEXT_BALLOT_NEEDED;
    }
    buffer[0] = '\0';
    return base == BASE_INVALID ? buffer : base_fill(pen, id, base, count, needed, buffer);
}

/* E10: whether the other base makes another result, by what the view says of both. */
static bool readings_differ(const struct contest *contest, const struct election_figures *election)
{
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        if (election->standings[i] != election->disputed[i]) {
            return true;
        }
    }
    for (uint32_t i = 0; i < election->name_count && i < NAME_SHOWN_MAX; i++) {
        if (election->names[i].standing != election->names[i].disputed) {
            return true;
        }
    }
    return election->run_off_seats != election->disputed_run_off_seats ||
           election->missing_seats != election->disputed_missing_seats;
}

void ballot_line(struct pen *pen, uint32_t row, int32_t x, int32_t top, int32_t height)
{
    for (int32_t y = 0; y + DASH_PX <= height; y += DASH_PITCH_PX) {
        uint32_t column = 1 + 2 * (uint32_t)(y / DASH_PITCH_PX);
        int32_t dash_top = top / 2 * 2 + y;
        pen_rect(pen, PART_LINE, row, column, (struct rect){ x - 2, dash_top, 8, DASH_PX },
                 pen->theme->ground);
        pen_rect(pen, PART_LINE, row, column + 1, (struct rect){ x, dash_top, 4, DASH_PX },
                 pen->theme->gold);
    }
}

static void majority_add(struct pen *pen, const struct contest *contest,
                         const struct figures *figures, bool has_line, int32_t baseline)
{
    const struct theme *theme = pen->theme;
    int32_t left = theme->left_px + (has_line ? SAMPLE_PX : 0);
    const struct election_figures *election = &figures->election;
    char first[NOTE_SIZE];
    char other[NOTE_SIZE] = "";
    char text[2 * NOTE_SIZE + 4];
    majority_text(pen, contest, figures, first);
    if (contest->kind == CONTEST_ELECTION && election->disputed_base != BASE_INVALID) {
        base_fill(pen,
                  readings_differ(contest, election) ? TEXT_BALLOT_OTHER_DIFFERS
                                                     : TEXT_BALLOT_OTHER_SAME,
                  (enum base)election->disputed_base, election->disputed_count,
                  election->disputed_needed, other);
    }
    snprintf(text, sizeof(text), "%s%s%s", first, other[0] != '\0' ? "\u3000" : "", other);
    pen_words(pen, PART_TOTAL, 1000, 0,
              &(struct words){ .text = text,
                               .x = left,
                               .baseline = baseline,
                               .width = theme->right_px - left,
                               .size = theme->small_px,
                               .colour = theme->gold,
                               .align = ALIGN_LEFT });
    if (has_line) {
        ballot_line(pen, 1000, theme->left_px, baseline - 26, 32);
    }
}

static void facts_add(struct pen *pen, const struct figures *figures, int32_t baseline)
{
    const struct theme *theme = pen->theme;
    char texts[6][NUMBER_SIZE];
    char text[NOTE_SIZE];
    const struct text_value values[] = {
        { "registered", number_text(figures->registered, texts[0]) },
        { "present", number_text(figures->present, texts[1]) },
        { "issued", number_text(figures->issued, texts[2]) },
        { "returned", number_text(figures->cast_count, texts[3]) },
        { "valid", number_text(figures->valid_count, texts[4]) },
        { "void", number_text(figures->void_count, texts[5]) },
    };
    part_text(pen, figures->has_present ? TEXT_BALLOT_FACTS : TEXT_BALLOT_FACTS_ROLL, values, 6,
              text);
    pen_words(pen, PART_TURNOUT, 1000, 0,
              &(struct words){ .text = text,
                               .x = theme->left_px,
                               .baseline = baseline,
                               .width = theme->right_px - theme->left_px,
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
}

/* Names not shown, and the page: what there is of both. */
static const char *rest_text(const struct pen *pen, const struct figures *figures, uint32_t page,
                             uint32_t page_count, char buffer[NOTE_SIZE])
{
    char number[2][NUMBER_SIZE];
    char names[NOTE_SIZE] = "";
    char pages[NOTE_SIZE] = "";
    if (part_has_tally(figures) && figures->election.name_rest > 0) {
        const struct text_value value = { "count",
                                          number_text(figures->election.name_rest, number[0]) };
        part_text(pen, TEXT_SHEET_NAMES_REST, &value, 1, names);
    }
    if (page_count > 1) {
        const struct text_value values[] = { { "page", number_text(page + 1, number[0]) },
                                             { "pages", number_text(page_count, number[1]) } };
        part_text(pen, TEXT_PAGE_OF, values, 2, pages);
    }
    snprintf(buffer, NOTE_SIZE, "%.300s%s%.300s", names,
             names[0] != '\0' && pages[0] != '\0' ? "\u3000" : "", pages);
    return buffer;
}

void ballot_foot(struct pen *pen, const struct contest *contest, const struct figures *figures,
                 bool has_line, uint32_t page, uint32_t page_count)
{
    const struct theme *theme = pen->theme;
    bool is_narrow = theme->layout == LAYOUT_SD_4X3;
    char note[NOTE_SIZE];
    char rest[NOTE_SIZE];
    int32_t above = BASELINE_PX - (is_narrow ? 2 : 1) * LINE_PX;
    int32_t time =
        part_time(pen, theme->right_px, BASELINE_PX - (is_narrow ? LINE_PX : 0), 700, ALIGN_RIGHT);
    rest_text(pen, figures, page, page_count, rest);
    pen_words(pen, PART_NOTE, 0, 0,
              &(struct words){ .text = part_note_text(pen, figures, rest, note),
                               .x = theme->left_px,
                               .baseline = BASELINE_PX,
                               .width = theme->right_px - theme->left_px -
                                        (is_narrow ? 0 : time + GAP_PX),
                               .size = theme->small_px,
                               .colour = theme->muted,
                               .align = ALIGN_LEFT });
    if (part_has_tally(figures)) {
        facts_add(pen, figures, above);
        majority_add(pen, contest, figures, has_line, above - LINE_PX);
    }
}
