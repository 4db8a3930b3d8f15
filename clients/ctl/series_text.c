#include "clients/ctl/series_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clients/ctl/sheet_parts.h"

#define SITTING_COLUMNS 28
#define NUMBER_COLUMNS 8
#define RANGE_COLUMNS 20

const char *series_gap_word(enum series_gap gap, enum language language)
{
    static const enum text_id words[GAP_COUNT] = {
        [GAP_NONE] = TEXT_SERIES_DECIDED,
        [GAP_NOT_HELD] = TEXT_SERIES_GAP_NOT_HELD,
        [GAP_UNREADABLE] = TEXT_SERIES_GAP_UNREADABLE,
        [GAP_NOT_OPENED] = TEXT_SERIES_GAP_NOT_OPENED,
        [GAP_NO_QUORUM] = TEXT_SERIES_GAP_NO_QUORUM,
        [GAP_OPEN] = TEXT_SERIES_GAP_OPEN,
        [GAP_PENDING] = TEXT_SERIES_GAP_PENDING,
        [GAP_RUN_OFF] = TEXT_SERIES_GAP_RUN_OFF,
        [GAP_ANOTHER] = TEXT_SERIES_GAP_ANOTHER,
        [GAP_VOID] = TEXT_SERIES_GAP_VOID,
    };
    return text_get(language, words[gap < GAP_COUNT ? gap : GAP_UNREADABLE]);
}

static void elected_add(FILE *file, const char *name, enum language language, uint32_t *count)
{
    fprintf(file, "%s%s", *count > 0 ? text_get(language, TEXT_SHEET_COMMA) : "", name);
    (*count)++;
}

void series_elected_print(const struct series_row *row, enum language language, FILE *file)
{
    const struct sheet *sheet = &row->part->sheet;
    const struct contest *contest = row->contest;
    uint32_t count = 0;
    for (uint32_t i = 0; row->part->has_sheet && i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        if (strcmp(round->contest, contest->id) != 0 || !sheet_stands(sheet, round)) {
            continue;
        }
        for (uint32_t place = 0; place < contest->candidate_count; place++) {
            uint32_t candidate = figures_candidate_at(contest, round, place);
            if (round->election.standings[candidate] == STANDING_ELECTED) {
                elected_add(file, label_text(&contest->candidates[candidate].name, language),
                            language, &count);
            }
        }
        for (uint32_t n = 0; n < round->election.name_count; n++) {
            if (round->election.names[n].standing == STANDING_ELECTED) {
                elected_add(file, round->election.names[n].name, language, &count);
            }
        }
    }
}

/* What a row is about: the sitting, and where it has one the subject's or the contest's name. */
static void row_name_print(const struct page *page, const struct series_row *row)
{
    const char *name = "";
    if (row->subject >= 0) {
        name = label_text(&row->contest->subjects[row->subject].name, page->language);
    } else if (row->contest != NULL) {
        name = label_text(&row->contest->title, page->language);
    }
    left_print(page->file, label_text(&row->part->sitting->title, page->language), SITTING_COLUMNS);
    left_print(page->file, name, NAME_COLUMNS);
}

static void heads_print(const struct page *page, const enum text_id *heads, uint32_t count,
                        int columns)
{
    for (uint32_t i = 0; i < count; i++) {
        right_print(page->file, page_word(page, heads[i]), columns);
    }
}

static void appraisal_head_print(const struct page *page)
{
    left_print(page->file, page_word(page, TEXT_SERIES_COL_SITTING), SITTING_COLUMNS);
    left_print(page->file, page_word(page, TEXT_SHEET_COL_SUBJECT), NAME_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SHEET_COL_VALID_CARDS), NUMBER_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SERIES_COL_TOP), RANGE_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SERIES_COL_SATISFIED), 14);
    right_print(page->file, page_word(page, TEXT_SHEET_COL_SCORE), NUMBER_COLUMNS);
    right_print(page->file, page_word(page, TEXT_SHEET_COL_RANK), NUMBER_COLUMNS);
    fputc('\n', page->file);
}

static void appraisal_row_print(const struct page *page, const struct series_row *const *rows,
                                uint32_t index)
{
    const struct series_row *row = rows[index];
    const struct figures *round = row->round;
    row_name_print(page, row);
    if (round == NULL || row->gap != GAP_NONE) {
        fprintf(page->file, "  %s\n", series_gap_word(row->gap, page->language));
        return;
    }
    char range[160];
    uint32_t low = 0;
    uint32_t high = 0;
    uint32_t place = series_place(rows, index);
    series_top_range(round, &low, &high);
    snprintf(range, sizeof(range), "%s%s%s", share_text(low).text, low != high ? "–" : "",
             low != high ? share_text(high).text : "");
    right_print(page->file, number_text(round->valid_count).text, NUMBER_COLUMNS);
    right_print(page->file, range, RANGE_COLUMNS);
    right_print(page->file, share_of_text(round->satisfied, round->satisfied_base).text, 14);
    right_print(page->file, score_text(&round->appraisal.person).text, NUMBER_COLUMNS);
    right_print(page->file, place > 0 ? number_text(place).text : "-", NUMBER_COLUMNS);
    if (row->void_count > 0) {
        fputs("  ", page->file);
        PAGE_FILL(page, TEXT_SERIES_VOIDED, { "count", number_text(row->void_count).text });
    }
    fputc('\n', page->file);
}

static void ballot_head_print(const struct page *page)
{
    static const enum text_id heads[] = { TEXT_SHEET_REGISTERED, TEXT_SHEET_PRESENT,
                                          TEXT_SHEET_ISSUED,     TEXT_SHEET_RETURNED,
                                          TEXT_SHEET_VALID,      TEXT_SHEET_VOID,
                                          TEXT_SERIES_COL_ROUNDS };
    left_print(page->file, page_word(page, TEXT_SERIES_COL_SITTING), SITTING_COLUMNS);
    left_print(page->file, page_word(page, TEXT_SERIES_COL_CONTEST), NAME_COLUMNS);
    heads_print(page, heads, sizeof(heads) / sizeof(heads[0]), NUMBER_COLUMNS + 3);
    fprintf(page->file, "  %s\n", page_word(page, TEXT_SHEET_COL_RESULT));
}

/* Rounds that were void, run-offs and other elections, where there were any. */
static void reruns_print(const struct page *page, const struct series_row *row)
{
    const struct {
        enum text_id text;
        uint32_t count;
    } sorts[] = { { TEXT_SERIES_VOIDED, row->void_count },
                  { TEXT_SERIES_RUN_OFFS, row->run_off_count },
                  { TEXT_SERIES_ANOTHER, row->another_count } };
    for (uint32_t i = 0; i < 3; i++) {
        if (sorts[i].count > 0) {
            fputs("  ", page->file);
            PAGE_FILL(page, sorts[i].text, { "count", number_text(sorts[i].count).text });
        }
    }
}

static void result_print(const struct page *page, const struct series_row *row)
{
    const struct figures *round = row->round;
    fputs("  ", page->file);
    if (row->contest->kind == CONTEST_ELECTION) {
        PAGE_FILL(page, TEXT_SERIES_ELECTED, { "elected", number_text(row->elected).text },
                  { "seats", number_text(row->seats).text });
        series_elected_print(row, page->language, page->file);
    } else if (round->decision == DECISION_PASSED || round->decision == DECISION_NOT_PASSED) {
        fputs(page_word(page, round->decision == DECISION_PASSED ? TEXT_SERIES_PASSED
                                                                 : TEXT_SERIES_NOT_PASSED),
              page->file);
    }
    bool is_stopped = round->decision == DECISION_STOPPED;
    if (row->gap != GAP_NONE || is_stopped) {
        fprintf(page->file, "  [%s]",
                is_stopped ? page_word(page, TEXT_SERIES_STOPPED)
                           : series_gap_word(row->gap, page->language));
    }
}

static void ballot_row_print(const struct page *page, const struct series_row *row)
{
    const struct figures *round = row->round;
    row_name_print(page, row);
    if (round == NULL) {
        fprintf(page->file, "  [%s]\n", series_gap_word(row->gap, page->language));
        return;
    }
    const uint32_t before[] = { round->registered, round->present,     round->issued,
                                round->cast_count, round->valid_count, round->void_count,
                                row->round_count };
    for (uint32_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        bool is_known = i != 1 || round->has_present;
        right_print(page->file, is_known ? number_text(before[i]).text : "-", NUMBER_COLUMNS + 3);
    }
    result_print(page, row);
    reruns_print(page, row);
    fputc('\n', page->file);
}

static enum text_id kind_text(enum contest_kind kind)
{
    switch (kind) {
    case CONTEST_APPRAISAL:
        return TEXT_SERIES_APPRAISALS;
    case CONTEST_ELECTION:
        return TEXT_SERIES_ELECTIONS;
    case CONTEST_MOTION:
        return TEXT_SERIES_MOTIONS;
    case CONTEST_POLL:
        return TEXT_SERIES_POLLS;
    default:
        return TEXT_SERIES_UNKNOWN;
    }
}

static void table_print(const struct page *page, const struct series_report *report, uint32_t table,
                        const struct series_row **rows)
{
    const struct series_table *about = &report->tables[table];
    uint32_t count = series_table_rows(report, table, rows);
    fprintf(page->file, "\n%s", page_word(page, kind_text(about->kind)));
    if (about->hash != 0) {
        fputs("  ", page->file);
        PAGE_FILL(page, TEXT_SERIES_RULES,
                  { "title",
                    about->rules != NULL ? label_text(&about->rules->title, page->language) : "" },
                  { "hash", hash_text(about->hash).text });
    }
    fputc('\n', page->file);
    if (about->kind == CONTEST_APPRAISAL) {
        appraisal_head_print(page);
    } else if (about->kind != CONTEST_INVALID) {
        ballot_head_print(page);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (about->kind == CONTEST_APPRAISAL) {
            appraisal_row_print(page, rows, i);
        } else {
            ballot_row_print(page, rows[i]);
        }
    }
}

static void sittings_print(const struct page *page, const struct series_report *report)
{
    for (uint32_t i = 0; i < report->series->sitting_count; i++) {
        const struct series_part *part = &report->parts[i];
        if (part->why[0] != '\0') {
            PAGE_FILL(page, part->state == SERIES_IN_USE ? TEXT_SERIES_IN_USE : TEXT_SERIES_DAMAGED,
                      { "sitting", part->sitting->id },
                      { "title", label_text(&part->sitting->title, page->language) },
                      { "why", part->why });
            fputc('\n', page->file);
        }
    }
}

static void totals_print(const struct page *page, const struct series_totals *totals)
{
    fputc('\n', page->file);
    PAGE_FILL(page, TEXT_SERIES_TOTAL_SITTINGS,
              { "count", number_text(totals->sitting_count).text },
              { "held", number_text(totals->states[SERIES_HELD]).text },
              { "not_held", number_text(totals->states[SERIES_NOT_HELD]).text },
              { "in_use", number_text(totals->states[SERIES_IN_USE]).text },
              { "damaged", number_text(totals->states[SERIES_DAMAGED]).text });
    fputc('\n', page->file);
    PAGE_FILL(page, TEXT_SERIES_TOTAL_DECIDED, { "count", number_text(totals->row_count).text },
              { "decided", number_text(totals->decided_count).text });
    for (uint32_t gap = GAP_NONE + 1; gap < GAP_COUNT; gap++) {
        if (totals->gaps[gap] > 0) {
            fprintf(page->file, "  %s %" PRIu32,
                    series_gap_word((enum series_gap)gap, page->language), totals->gaps[gap]);
        }
    }
    fputc('\n', page->file);
    PAGE_FILL(page, TEXT_SERIES_TOTAL_RERUNS, { "void", number_text(totals->void_count).text },
              { "run_offs", number_text(totals->run_off_count).text },
              { "another", number_text(totals->another_count).text });
    fputc('\n', page->file);
    if (totals->seats > 0) {
        PAGE_FILL(page, TEXT_SERIES_TOTAL_SEATS, { "seats", number_text(totals->seats).text },
                  { "elected", number_text(totals->elected).text });
        fputc('\n', page->file);
    }
}

/* Whether two tables of one kind are under different rules. */
static bool has_other_rules(const struct series_report *report)
{
    for (uint32_t i = 1; i < report->table_count; i++) {
        for (uint32_t other = 0; other < i; other++) {
            if (report->tables[i].kind == report->tables[other].kind) {
                return true;
            }
        }
    }
    return false;
}

void series_print_text(const struct series_report *report, enum language language, FILE *file)
{
    const struct page page = { .file = file, .language = language };
    const struct series_row **rows = calloc(report->row_count + 1u, sizeof(*rows));
    bool has_scores = false;
    bool has_appraisals = false;
    fprintf(file, "%s\n", label_text(&report->series->title, language));
    PAGE_FILL(&page, TEXT_SERIES_IDS, { "series", report->series->id });
    fputc('\n', file);
    sittings_print(&page, report);
    for (uint32_t table = 0; rows != NULL && table < report->table_count; table++) {
        table_print(&page, report, table, rows);
        has_scores = has_scores || report->tables[table].has_scores;
        has_appraisals = has_appraisals || report->tables[table].kind == CONTEST_APPRAISAL;
    }
    totals_print(&page, &report->totals);
    fputc('\n', file);
    if (has_other_rules(report)) {
        fprintf(file, "%s\n", page_word(&page, TEXT_SERIES_NOT_COMPARABLE));
    }
    if (has_appraisals) {
        fprintf(file, "%s\n", page_word(&page, TEXT_SERIES_TOP_NOTE));
    }
    if (has_scores) {
        fprintf(file, "%s\n", page_word(&page, TEXT_SERIES_PLACE_NOTE));
    }
    fprintf(file, "%s\n", page_word(&page, TEXT_SHEET_PRECISION));
    free(rows);
}
