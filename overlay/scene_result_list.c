#include "overlay/scene_result.h"

#include <stdio.h>
#include <string.h>

static struct result_line *line_new(struct result_list *list, const char *name)
{
    struct result_line *line =
        &list->lines[list->count < BALLOT_ROW_MAX ? list->count++ : BALLOT_ROW_MAX - 1];
    *line = (struct result_line){ .standing = STANDING_INVALID };
    snprintf(line->name, sizeof(line->name), "%s", name);
    return line;
}

static void share_fill(const struct pen *pen, uint64_t count, uint64_t base,
                       struct result_line *line)
{
    char share[NUMBER_SIZE];
    if (base > 0) {
        snprintf(line->share, sizeof(line->share), "%s%%", share_text(pen, count, base, share));
    }
}

static void votes_fill(const struct pen *pen, uint32_t votes, uint32_t base,
                       struct result_line *line)
{
    number_text(votes, line->value);
    line->is_votes = true;
    share_fill(pen, votes, base, line);
}

/* Elected and tied; where there is neither, all that stood. */
static void votes_list(const struct pen *pen, const struct contest *contest,
                       const struct figures *figures, struct result_list *list)
{
    struct ballot_row rows[BALLOT_ROW_MAX];
    uint32_t count = ballot_rows(contest, figures, rows);
    uint32_t base;
    bool has_any = false;
    (void)ballot_base(contest, figures, &base);
    for (uint32_t i = 0; i < count; i++) {
        has_any = has_any || rows[i].standing >= STANDING_ELECTED;
    }
    for (uint32_t i = 0; i < count; i++) {
        char name[BALLOT_NAME_SIZE];
        if (has_any && rows[i].standing < STANDING_ELECTED) {
            continue;
        }
        struct result_line *line =
            line_new(list, ballot_name(pen, contest, figures, &rows[i], name));
        line->standing = rows[i].standing;
        votes_fill(pen, rows[i].counts[0], base, line);
    }
}

static void motion_list(const struct pen *pen, const struct contest *contest,
                        const struct figures *figures, struct result_list *list)
{
    static const enum text_id words[] = { TEXT_SHEET_COL_FOR, TEXT_SHEET_COL_AGAINST,
                                          TEXT_SHEET_COL_ABSTAIN };
    uint32_t base;
    (void)ballot_base(contest, figures, &base);
    for (uint32_t i = 0; i < CHOICE_VOTE_COUNT; i++) {
        votes_fill(pen, figures->items[0].counts[i], base,
                   line_new(list, text_get(pen->data->language, words[i])));
    }
}

static void remarks_list(const struct pen *pen, const struct contest *contest,
                         const struct figures *figures, struct result_list *list)
{
    const struct rules *rules = contest->rules;
    char number[NUMBER_SIZE];
    char text[NOTE_SIZE];
    for (uint32_t r = 0; r < rules->appraisal.remark_count && r < REMARK_MAX; r++) {
        if ((figures->appraisal.remarks >> r & 1u) != 0) {
            const struct text_value value = {
                "remark", label_text(&rules->appraisal.remarks[r].label, pen->data->language)
            };
            (void)line_new(list, part_text(pen, TEXT_RESULT_REMARK, &value, 1, text));
        }
    }
    if ((figures->appraisal.remarks >> REMARK_FLOOR & 1u) != 0) {
        const struct text_value value = { "floor", number_text(rules->appraisal.floor, number) };
        (void)line_new(list, part_text(pen, TEXT_RESULT_FLOOR, &value, 1, text));
    }
}

static void appraisal_list(const struct pen *pen, const struct contest *contest,
                           const struct figures *figures, struct result_list *list)
{
    const struct appraisal_figures *appraisal = &figures->appraisal;
    enum language language = pen->data->language;
    char number[2][NUMBER_SIZE];
    char text[NOTE_SIZE];
    if (appraisal->has_scores && appraisal->person.is_set) {
        snprintf(line_new(list, text_get(language, TEXT_SHEET_COL_SCORE))->value,
                 sizeof(list->lines[0].value), "%u.%02u", appraisal->person.hundredths / 100,
                 appraisal->person.hundredths % 100);
    }
    if (appraisal->rank > 0) {
        const struct text_value value = { "rank", number_text(appraisal->rank, number[0]) };
        part_text(pen, appraisal->tied_count > 1 ? TEXT_RESULT_RANK_TIED : TEXT_RESULT_RANK, &value,
                  1, text);
        snprintf(line_new(list, text_get(language, TEXT_SHEET_COL_RANK))->value,
                 sizeof(list->lines[0].value), "%.60s", text);
    }
    if (figures->satisfied_base > 0) {
        struct result_line *line = line_new(list, text_get(language, TEXT_SERIES_COL_SATISFIED));
        snprintf(line->value, sizeof(line->value), "%s / %s",
                 number_text(figures->satisfied, number[0]),
                 number_text(figures->satisfied_base, number[1]));
        share_fill(pen, figures->satisfied, figures->satisfied_base, line);
    }
    if (list->count == 0) {
        number_text(figures->valid_count,
                    line_new(list, text_get(language, TEXT_SHEET_VALID))->value);
        number_text(figures->void_count,
                    line_new(list, text_get(language, TEXT_SHEET_VOID))->value);
    }
    if (contest->rules != NULL && contest->rules->kind == CONTEST_APPRAISAL) {
        remarks_list(pen, contest, figures, list);
    }
}

void result_list_make(const struct pen *pen, const struct contest *contest,
                      const struct figures *figures, struct result_list *list)
{
    list->count = 0;
    if (contest->kind == CONTEST_MOTION) {
        motion_list(pen, contest, figures, list);
    } else if (contest->kind == CONTEST_APPRAISAL) {
        appraisal_list(pen, contest, figures, list);
    } else {
        votes_list(pen, contest, figures, list);
    }
}

const char *result_verdict(const struct pen *pen, const struct contest *contest,
                           const struct figures *figures, char buffer[NOTE_SIZE])
{
    const struct election_figures *election = &figures->election;
    const struct rules *rules = contest->rules;
    uint32_t band = figures->appraisal.band;
    enum text_id id = TEXT_RESULT_COUNTED;
    uint32_t seats = election->missing_seats;
    char number[NUMBER_SIZE];
    switch (figures->decision) {
    case DECISION_ELECTED:
        id = TEXT_RESULT_ELECTED;
        seats = election->seats;
        break;
    case DECISION_RUN_OFF:
        id = TEXT_RESULT_RUN_OFF;
        seats = election->run_off_seats;
        break;
    case DECISION_ANOTHER:
        id = TEXT_RESULT_ANOTHER;
        break;
    case DECISION_STOPPED:
        id = TEXT_RESULT_STOPPED;
        break;
    case DECISION_PASSED:
        id = TEXT_RESULT_PASSED;
        break;
    case DECISION_NOT_PASSED:
        id = TEXT_RESULT_NOT_PASSED;
        break;
    default:
        break;
    }
    if (contest->kind == CONTEST_APPRAISAL && rules != NULL && rules->kind == contest->kind &&
        band >= 1 && band <= rules->appraisal.band_count) {
        snprintf(buffer, NOTE_SIZE, "%s",
                 label_text(&rules->appraisal.bands[band - 1].label, pen->data->language));
        return buffer;
    }
    const struct text_value value = { "seats", number_text(seats, number) };
    return part_text(pen, id, &value, 1, buffer);
}
