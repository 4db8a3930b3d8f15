#include "clients/ctl/sheet_parts.h"

#include <string.h>

#define VOTE_COLUMNS 12 /* "Not in favour" does not fit, "Against" does */

static const char *standing_word(const struct page *page, enum standing standing)
{
    switch (standing) {
    case STANDING_ELECTED:
        return page_word(page, TEXT_SHEET_ELECTED);
    case STANDING_TIED:
        return page_word(page, TEXT_SHEET_TIED);
    case STANDING_NOT:
        return page_word(page, TEXT_SHEET_NOT_ELECTED);
    default:
        return "";
    }
}

/* A name's row: counts NULL where only votes for are known (E13). */
static void row_print(const struct page *page, const struct election_figures *election,
                      const char *name, uint32_t votes, const uint32_t *counts,
                      enum standing standing)
{
    left_print(page->file, name, NAME_COLUMNS);
    right_print(page->file, number_text(votes).text, VOTE_COLUMNS);
    right_print(page->file, share_of_text(votes, election->base_count).text, SHARE_COLUMNS);
    right_print(page->file, counts != NULL ? number_text(counts[CHOICE_AGAINST]).text : "-",
                VOTE_COLUMNS);
    right_print(page->file, counts != NULL ? number_text(counts[CHOICE_ABSTAIN]).text : "-",
                VOTE_COLUMNS);
    fprintf(page->file, "  %s\n", standing_word(page, standing));
}

static void table_head_print(const struct page *page, const struct election_figures *election)
{
    char share[128];
    struct text_value base = { "base", base_word(page, (enum base)election->base) };
    if (text_fill(share, sizeof(share), page_word(page, TEXT_SHEET_COL_SHARE_OF), &base, 1) !=
        STATUS_OK) {
        share[0] = '\0';
    }
    left_print(page->file, page_word(page, TEXT_SHEET_COL_CANDIDATE), NAME_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SHEET_COL_FOR), VOTE_COLUMNS);
    right_print(page->file, share, SHARE_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SHEET_COL_AGAINST), VOTE_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SHEET_COL_ABSTAIN), VOTE_COLUMNS);
    fprintf(page->file, "  %s\n", page_word(page, TEXT_SHEET_COL_RESULT));
}

/* The candidates as they stood on the ballot, then the names written in. */
static void table_print(const struct page *page, const struct contest *contest,
                        const struct figures *round)
{
    const struct election_figures *election = &round->election;
    table_head_print(page, election);
    for (uint32_t place = 0; place < contest->candidate_count; place++) {
        uint32_t candidate = figures_candidate_at(contest, round, place);
        if (candidate >= round->item_count || election->standings[candidate] == STANDING_OFF) {
            continue;
        }
        const uint32_t *counts = round->items[candidate].counts;
        row_print(page, election, label_text(&contest->candidates[candidate].name, page->language),
                  counts[CHOICE_FOR], counts, election->standings[candidate]);
    }
    for (uint32_t i = 0; i < election->name_count; i++) {
        const struct name_figures *name = &election->names[i];
        char shown[WRITTEN_NAME_SIZE + 64];
        snprintf(shown, sizeof(shown), "%s%s", name->name, page_word(page, TEXT_SHEET_WRITTEN_IN));
        row_print(page, election, shown, name->votes, NULL, name->standing);
    }
    if (election->name_rest > 0) {
        PAGE_FILL(page, TEXT_SHEET_NAMES_REST, { "count", number_text(election->name_rest).text });
        fputc('\n', page->file);
    }
}

/* E14: names of this standing in the order of the ballot. Returns how many. */
static uint32_t names_print(const struct page *page, const struct contest *contest,
                            const struct figures *round, bool is_disputed, enum standing standing)
{
    const struct election_figures *election = &round->election;
    const char *between = page_word(page, TEXT_SHEET_COMMA);
    uint32_t count = 0;
    for (uint32_t place = 0; place < contest->candidate_count; place++) {
        uint32_t candidate = figures_candidate_at(contest, round, place);
        if ((is_disputed ? election->disputed : election->standings)[candidate] == standing) {
            fprintf(page->file, "%s%s", count > 0 ? between : "",
                    label_text(&contest->candidates[candidate].name, page->language));
            count++;
        }
    }
    for (uint32_t i = 0; i < election->name_count; i++) {
        const struct name_figures *name = &election->names[i];
        if ((is_disputed ? name->disputed : name->standing) == standing) {
            fprintf(page->file, "%s%s%s", count > 0 ? between : "", name->name,
                    page_word(page, TEXT_SHEET_WRITTEN_IN));
            count++;
        }
    }
    return count;
}

/* By one base: its line, who is elected, who ties, how many seats are left. */
static void outcome_print(const struct page *page, const struct contest *contest,
                          const struct figures *round, bool is_disputed)
{
    const struct election_figures *election = &round->election;
    uint32_t run_off = is_disputed ? election->disputed_run_off_seats : election->run_off_seats;
    uint32_t missing = is_disputed ? election->disputed_missing_seats : election->missing_seats;
    enum base base = (enum base)(is_disputed ? election->disputed_base : election->base);
    uint32_t count = is_disputed ? election->disputed_count : election->base_count;
    uint32_t needed = is_disputed ? election->disputed_needed : election->needed;
    PAGE_FILL(page, TEXT_SHEET_OUTCOME, { "base", base_word(page, base) },
              { "count", number_text(count).text }, { "needed", number_text(needed).text });
    fputs(page_word(page, TEXT_SHEET_OUTCOME_ELECTED), page->file);
    if (names_print(page, contest, round, is_disputed, STANDING_ELECTED) == 0) {
        fputs(page_word(page, TEXT_SHEET_NOBODY), page->file);
    }
    if (run_off > 0) {
        fputs(page_word(page, TEXT_SHEET_SEMICOLON), page->file);
        names_print(page, contest, round, is_disputed, STANDING_TIED);
        PAGE_FILL(page, TEXT_SHEET_OUTCOME_RUN_OFF, { "seats", number_text(run_off).text });
    }
    if (missing > 0) {
        fputs(page_word(page, TEXT_SHEET_SEMICOLON), page->file);
        PAGE_FILL(page, TEXT_SHEET_OUTCOME_MISSING, { "seats", number_text(missing).text });
    }
    fputc('\n', page->file);
}

/* E9, E10: the number of votes that elects. In a run-off the most votes may do (E11). */
static void majority_print(const struct page *page, const struct contest *contest,
                           const struct figures *round)
{
    const struct election_figures *election = &round->election;
    const struct rules *rules = contest->rules;
    if (election->stage == STAGE_RUN_OFF && rules != NULL &&
        !rules->election.run_off_needs_majority) {
        fprintf(page->file, "%s\n", page_word(page, TEXT_SHEET_MOST_VOTES));
        return;
    }
    if (rules == NULL) {
        PAGE_FILL(page, TEXT_SHEET_MAJORITY_BARE,
                  { "base", base_word(page, (enum base)election->base) },
                  { "count", number_text(election->base_count).text },
                  { "needed", number_text(election->needed).text });
    } else {
        const struct threshold *majority = &rules->election.majority;
        PAGE_FILL(page, TEXT_SHEET_MAJORITY,
                  { "over", page_word(page, majority->is_inclusive ? TEXT_SHEET_NOT_UNDER
                                                                   : TEXT_SHEET_OVER) },
                  { "base", base_word(page, (enum base)election->base) },
                  { "count", number_text(election->base_count).text },
                  { "num", number_text(majority->num).text },
                  { "den", number_text(majority->den).text },
                  { "needed", number_text(election->needed).text });
    }
    fputc('\n', page->file);
}

static void void_print(const struct page *page, const struct contest *contest,
                       const struct figures *round)
{
    const struct rules *rules = contest->rules;
    enum base cap = rules != NULL ? rules->election.cap : BASE_INVALID;
    uint32_t most = figures_base_count(round, cap);
    if (cap != BASE_INVALID && round->cast_count > most) {
        PAGE_FILL(page, TEXT_SHEET_DECISION_OVER_RETURN,
                  { "returned", number_text(round->cast_count).text },
                  { "base", base_word(page, cap) }, { "count", number_text(most).text });
    } else {
        fputs(page_word(page, TEXT_SHEET_DECISION_VOID), page->file);
    }
}

/* E13: whether a name that was written in is among those elected. */
static bool has_elected_name(const struct election_figures *election)
{
    for (uint32_t i = 0; i < election->name_count; i++) {
        if (election->names[i].standing == STANDING_ELECTED) {
            return true;
        }
    }
    return false;
}

static void decision_print(const struct page *page, const struct contest *contest,
                           const struct figures *round)
{
    const struct election_figures *election = &round->election;
    fputs(page_word(page, TEXT_SHEET_DECISION), page->file);
    switch (sheet_stands(page->sheet, round) ? round->decision : DECISION_VOID) {
    case DECISION_ELECTED:
        PAGE_FILL(page,
                  election->stage == STAGE_RUN_OFF ? TEXT_SHEET_DECISION_ELECTED_RUN_OFF
                                                   : TEXT_SHEET_DECISION_ELECTED,
                  { "seats", number_text(election->seats).text },
                  { "rules", has_elected_name(election) ? " E13" : "" });
        break;
    case DECISION_RUN_OFF:
        PAGE_FILL(page, TEXT_SHEET_DECISION_RUN_OFF,
                  { "seats", number_text(election->run_off_seats).text });
        break;
    case DECISION_ANOTHER:
        PAGE_FILL(page, TEXT_SHEET_DECISION_ANOTHER,
                  { "seats", number_text(election->missing_seats).text });
        break;
    case DECISION_STOPPED:
        PAGE_FILL(page, TEXT_SHEET_DECISION_STOPPED,
                  { "seats", number_text(election->missing_seats).text });
        break;
    case DECISION_VOID:
        void_print(page, contest, round);
        break;
    default:
        fputs(page_word(page, TEXT_SHEET_DECISION_PENDING), page->file);
        break;
    }
    fputc('\n', page->file);
}

static enum text_id stage_text(enum round_stage stage)
{
    return stage == STAGE_RUN_OFF   ? TEXT_SHEET_STAGE_RUN_OFF
           : stage == STAGE_ANOTHER ? TEXT_SHEET_STAGE_ANOTHER
                                    : TEXT_SHEET_STAGE_FIRST;
}

void election_print(struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    const struct election_figures *election = &round->election;
    uint32_t standing_count = 0;
    if (!figures_have_counts(round) || !sheet_stands(page->sheet, round)) {
        decision_print(page, contest, round);
        return;
    }
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        standing_count += election->standings[i] != STANDING_OFF;
    }
    PAGE_FILL(page, TEXT_SHEET_STAGE, { "stage", page_word(page, stage_text(election->stage)) },
              { "seats", number_text(election->seats).text },
              { "candidates", number_text(standing_count).text });
    fputc('\n', page->file);
    majority_print(page, contest, round);
    table_print(page, contest, round);
    outcome_print(page, contest, round, false);
    if (election->disputed_base != BASE_INVALID) {
        outcome_print(page, contest, round, true);
        PAGE_FILL(page, TEXT_SHEET_DISPUTED,
                  { "base", base_word(page, (enum base)election->base) });
        fputc('\n', page->file);
    }
    decision_print(page, contest, round);
}
