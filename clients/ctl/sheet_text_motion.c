#include "clients/ctl/sheet_parts.h"

#define VOTE_COLUMNS 12

/* A count with its share of the contest's base, or alone where the base is not known. */
static void row_print(const struct page *page, const char *name, uint32_t count, enum base base,
                      uint32_t base_count, const char *mark)
{
    left_print(page->file, name, NAME_COLUMNS);
    right_print(page->file, number_text(count).text, VOTE_COLUMNS);
    right_print(page->file, base != BASE_INVALID ? share_of_text(count, base_count).text : "-",
                SHARE_COLUMNS);
    fprintf(page->file, "%s%s\n", mark[0] != '\0' ? "  " : "", mark);
}

static void head_print(const struct page *page, enum text_id what, enum base base,
                       uint32_t base_count)
{
    char share[128];
    struct text_value values[] = { { "base", base_word(page, base) } };
    if (text_fill(share, sizeof(share), page_word(page, TEXT_SHEET_COL_SHARE_OF), values, 1) !=
        STATUS_OK) {
        share[0] = '\0';
    }
    if (base != BASE_INVALID) {
        PAGE_FILL(page, TEXT_SHEET_BASE, { "base", base_word(page, base) },
                  { "count", number_text(base_count).text });
    } else {
        fputs(page_word(page, TEXT_SHEET_BASE_NOT_RECORDED), page->file);
    }
    fputc('\n', page->file);
    left_print(page->file, page_word(page, what), NAME_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SHEET_COL_VOTES), VOTE_COLUMNS);
    right_print(page->file, share, SHARE_COLUMNS);
    fputc('\n', page->file);
}

void motion_print(struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    enum base base = contest_base(contest);
    uint32_t count = figures_base_count(round, base);
    if (sheet_stands(page->sheet, round) && figures_have_counts(round)) {
        const uint32_t *votes = round->items[0].counts;
        head_print(page, TEXT_SHEET_COL_CHOICE, base, count);
        row_print(page, page_word(page, TEXT_SHEET_COL_FOR), votes[CHOICE_FOR], base, count, "");
        row_print(page, page_word(page, TEXT_SHEET_COL_AGAINST), votes[CHOICE_AGAINST], base, count,
                  "");
        row_print(page, page_word(page, TEXT_SHEET_COL_ABSTAIN), votes[CHOICE_ABSTAIN], base, count,
                  "");
    }
    fputs(page_word(page, TEXT_SHEET_DECISION), page->file);
    if (!sheet_stands(page->sheet, round)) {
        fputs(page_word(page, TEXT_SHEET_DECISION_VOID), page->file);
    } else if (round->decision == DECISION_PASSED || round->decision == DECISION_NOT_PASSED) {
        PAGE_FILL(page,
                  round->decision == DECISION_PASSED ? TEXT_SHEET_DECISION_PASSED
                                                     : TEXT_SHEET_DECISION_NOT_PASSED,
                  { "votes", number_text(round->items[0].counts[CHOICE_FOR]).text },
                  { "needed", contest->rules != NULL
                                  ? number_text(motion_needed(contest, round)).text
                                  : "-" },
                  { "base", base_word(page, base) }, { "count", number_text(count).text });
    } else {
        fputs(page_word(page, TEXT_SHEET_DECISION_PENDING), page->file);
    }
    fputc('\n', page->file);
}

void poll_print(struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    enum base base = contest_base(contest);
    uint32_t count = figures_base_count(round, base);
    if (!sheet_stands(page->sheet, round) || !figures_have_counts(round)) {
        return;
    }
    head_print(page, TEXT_SHEET_COL_OPTION, base, count);
    for (uint32_t i = 0; i < contest->candidate_count && i < round->item_count; i++) {
        enum standing standing = round->election.standings[i];
        if (standing == STANDING_OFF) {
            continue;
        }
        row_print(page, label_text(&contest->candidates[i].name, page->language),
                  round->items[i].counts[CHOICE_CHOSEN], base, count,
                  standing == STANDING_ELECTED ? page_word(page, TEXT_SHEET_SHORTLISTED)
                  : standing == STANDING_TIED  ? page_word(page, TEXT_SHEET_TIED)
                                               : "");
    }
    for (uint32_t i = 0; i < round->election.name_count; i++) {
        const struct name_figures *name = &round->election.names[i];
        row_print(page, name->name, name->votes, base, count,
                  name->standing == STANDING_ELECTED ? page_word(page, TEXT_SHEET_SHORTLISTED)
                  : name->standing == STANDING_TIED  ? page_word(page, TEXT_SHEET_TIED)
                                                     : "");
    }
    if (contest->rules != NULL && contest->rules->poll.shortlist > 0) {
        PAGE_FILL(page, TEXT_SHEET_SHORTLIST,
                  { "count", number_text(contest->rules->poll.shortlist).text });
        fputc('\n', page->file);
    }
}
