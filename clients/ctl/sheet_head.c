#include "clients/ctl/sheet_parts.h"

#include <string.h>

static const char *state_word(const struct page *page, enum round_state state)
{
    switch (state) {
    case ROUND_CERTIFIED:
        return page_word(page, TEXT_SHEET_STATE_CERTIFIED);
    case ROUND_VOID:
        return page_word(page, TEXT_SHEET_STATE_VOID);
    default:
        return page_word(page, TEXT_SHEET_STATE_CLOSED);
    }
}

static void title_print(const struct page *page, const struct contest *contest,
                        const struct figures *round)
{
    FILE *file = page->file;
    fputc('\n', file);
    PAGE_FILL(page, TEXT_SHEET_ROUND, { "round", number_text(round->round).text });
    fprintf(file, "  %s", label_text(&contest->title, page->language));
    int32_t subject = contest_find_subject(contest, round->subject);
    if (subject >= 0) {
        const struct subject *person = &contest->subjects[subject];
        const char *office = label_text(&person->office, page->language);
        fprintf(file, "  %s%s%s", label_text(&person->name, page->language),
                office[0] != '\0' ? "  " : "", office);
    }
    fprintf(file, "  [%s]\n", state_word(page, round->state));
    PAGE_FILL(page, TEXT_SHEET_TIMES, { "opened", time_text(round->opened_ms).text },
              { "closed", time_text(round->closed_ms).text });
    fputc('\n', file);
}

/* The rules as the round was opened under; what the event says of them where it is the same. */
static void rules_print(const struct page *page, const struct contest *contest,
                        const struct figures *round)
{
    const struct rules *rules = contest->rules;
    if (round->rules[0] == '\0') {
        fputs(page_word(page, TEXT_SHEET_RULES_NONE), page->file);
    } else if (rules == NULL || strcmp(rules->id, round->rules) != 0) {
        PAGE_FILL(page, TEXT_SHEET_RULES_BARE, { "id", round->rules },
                  { "hash", hash_text(round->rules_hash).text });
    } else {
        PAGE_FILL(page, TEXT_SHEET_RULES, { "title", label_text(&rules->title, page->language) },
                  { "id", round->rules }, { "version", number_text(rules->version).text },
                  { "hash", hash_text(round->rules_hash).text });
    }
    fputc('\n', page->file);
}

static const char *void_rules(const struct figures *round)
{
    if (round->void_count == 0) {
        return "";
    }
    return round->kind == CONTEST_ELECTION    ? " (E7 E8)"
           : round->kind == CONTEST_APPRAISAL ? " (A9 A11)"
                                              : "";
}

static void turnout_print(const struct page *page, const struct figures *round)
{
    bool has_counts = figures_have_counts(round);
    PAGE_FILL(page, TEXT_SHEET_TURNOUT, { "registered", number_text(round->registered).text },
              { "present", round->has_present ? number_text(round->present).text
                                              : page_word(page, TEXT_SHEET_NOT_CHECKED_IN) },
              { "issued", number_text(round->issued).text },
              { "returned", number_text(round->cast_count).text },
              { "paper", number_text(round->paper_count).text },
              { "valid", has_counts ? number_text(round->valid_count).text : "—" },
              { "void", has_counts ? number_text(round->void_count).text : "—" },
              { "rules", void_rules(round) });
    fputc('\n', page->file);
}

/* One side of the check line: what a number is called, and the number. */
struct link {
    enum text_id word;
    uint64_t number;
};

static void link_print(const struct page *page, const char *before, const struct link *link)
{
    fprintf(page->file, "%s%s %s", before, page_word(page, link->word),
            number_text(link->number).text);
}

/* 应到 ≥ 实到 ≥ 发出 ≥ 收回 = 有效 + 无效, and which part of it does not hold. */
static void check_print(const struct page *page, const struct figures *round)
{
    struct link links[4];
    uint32_t count = 0;
    bool holds = true;
    links[count++] = (struct link){ TEXT_SHEET_REGISTERED, round->registered };
    if (round->has_present) {
        links[count++] = (struct link){ TEXT_SHEET_PRESENT, round->present };
    }
    links[count++] = (struct link){ TEXT_SHEET_ISSUED, round->issued };
    links[count++] = (struct link){ TEXT_SHEET_RETURNED, round->cast_count };
    struct link parts[] = { { TEXT_SHEET_VALID, round->valid_count },
                            { TEXT_SHEET_VOID, round->void_count } };
    fprintf(page->file, "%s ", page_word(page, TEXT_SHEET_CHECK));
    for (uint32_t i = 0; i < count; i++) {
        link_print(page, i > 0 ? " ≥ " : "", &links[i]);
    }
    if (figures_have_counts(round)) {
        link_print(page, " = ", &parts[0]);
        link_print(page, " + ", &parts[1]);
    }
    for (uint32_t i = 0; i + 1 < count; i++) {
        if (links[i].number < links[i + 1].number) {
            fprintf(page->file, "%s", holds ? "  ✗ " : "; ");
            link_print(page, "", &links[i]);
            link_print(page, " < ", &links[i + 1]);
            holds = false;
        }
    }
    if (figures_have_counts(round) && parts[0].number + parts[1].number != round->cast_count) {
        fprintf(page->file, "%s", holds ? "  ✗ " : "; ");
        link_print(page, "", &links[count - 1]);
        link_print(page, " ≠ ", &parts[0]);
        link_print(page, " + ", &parts[1]);
        holds = false;
    }
    fputs(holds ? "  ✓\n" : "\n", page->file);
    if (round->reason[0] != '\0') {
        PAGE_FILL(page, round->state == ROUND_VOID ? TEXT_SHEET_VOID_REASON : TEXT_SHEET_SIGNED,
                  { "reason", round->reason });
        fputc('\n', page->file);
    }
}

/* E2: how many had to be there, and were. */
static void quorum_print(const struct page *page, const struct contest *contest,
                         const struct figures *round)
{
    const struct rules *rules = contest->rules;
    if (rules == NULL || !rules->quorum.is_set || !round->has_present) {
        return;
    }
    const struct threshold *share = &rules->quorum.share;
    uint32_t base = figures_base_count(round, rules->quorum.base);
    PAGE_FILL(
        page, TEXT_SHEET_QUORUM,
        { "over", page_word(page, share->is_inclusive ? TEXT_SHEET_NOT_UNDER : TEXT_SHEET_OVER) },
        { "base", base_word(page, rules->quorum.base) }, { "count", number_text(base).text },
        { "num", number_text(share->num).text }, { "den", number_text(share->den).text },
        { "needed", number_text(threshold_least(share, base)).text },
        { "present", number_text(round->present).text },
        { "verdict", threshold_is_met(share, round->present, base) ? "✓" : "✗" });
    fputc('\n', page->file);
}

void round_head_print(const struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    title_print(page, contest, round);
    rules_print(page, contest, round);
    turnout_print(page, round);
    check_print(page, round);
    if (round->decision == DECISION_PENDING) {
        fprintf(page->file, "%s\n", page_word(page, TEXT_SHEET_PENDING));
    }
    quorum_print(page, contest, round);
    if (!sheet_stands(page->sheet, round)) {
        bool is_void = round->state == ROUND_VOID || round->decision == DECISION_VOID;
        fprintf(page->file, "%s\n",
                page_word(page, is_void ? TEXT_SHEET_VOIDED : TEXT_SHEET_SUPERSEDED));
    }
}
