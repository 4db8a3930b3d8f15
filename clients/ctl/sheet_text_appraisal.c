#include "clients/ctl/sheet_parts.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/share.h"

#define GRADE_COLUMNS 18 /* "1995 100.00%" and room for a grade's name */
#define VALID_COLUMNS 8
#define SCORE_COLUMNS 10
#define LIST_SIZE 1024 /* grades, weights, values: cut where they are longer */

static enum rounding rounding_of(const struct contest *contest)
{
    return contest->rules != NULL ? contest->rules->rounding : ROUNDING_HALF_UP;
}

static void item_row_print(struct page *page, const struct figures *round, uint32_t index)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    const struct item_figures *item = &round->items[index];
    uint32_t shares[GRADE_MAX] = { 0 };
    uint32_t sum = 0;
    char cell[128];
    shares_round(item->counts, round->grade_count, item->valid, rounding_of(contest),
                 SHEET_SHARE_WHOLE, shares);
    left_print(page->file, label_text(&contest->criteria[index].label, page->language),
               NAME_COLUMNS);
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        snprintf(cell, sizeof(cell), "%s %7s", number_text(item->counts[grade]).text,
                 item->valid > 0 ? share_text(shares[grade]).text : "-");
        right_print(page->file, cell, GRADE_COLUMNS);
        sum += shares[grade];
    }
    bool is_rounded = item->valid > 0 && sum != SHEET_SHARE_WHOLE;
    page->has_rounded = page->has_rounded || is_rounded;
    page->has_remainder = page->has_remainder || rounding_of(contest) == ROUNDING_LARGEST_REMAINDER;
    snprintf(cell, sizeof(cell), "%s%s", number_text(item->valid).text, is_rounded ? "*" : " ");
    right_print(page->file, cell, VALID_COLUMNS + 1);
    if (round->appraisal.has_scores) {
        right_print(page->file, score_text(&round->appraisal.items[index]).text, SCORE_COLUMNS);
    }
    fputc('\n', page->file);
}

static void table_print(struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    left_print(page->file, page_word(page, TEXT_SHEET_COL_CRITERION), NAME_COLUMNS);
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        right_print(page->file, label_text(&contest->grades[grade].label, page->language),
                    GRADE_COLUMNS);
    }
    right_print(page->file, page_word(page, TEXT_SHEET_VALID), VALID_COLUMNS);
    if (round->appraisal.has_scores) {
        right_print(page->file, page_word(page, TEXT_SHEET_COL_SCORE), SCORE_COLUMNS + 1);
    }
    fputc('\n', page->file);
    for (uint32_t item = 0; item < round->item_count; item++) {
        item_row_print(page, round, item);
    }
}

/* A list that grows: "好 + 中". What does not fit is left out. */
struct list {
    char text[LIST_SIZE];
    size_t used;
};

static void list_add(struct list *list, const char *between, const char *name, const char *value)
{
    size_t room = sizeof(list->text) - list->used;
    int size = snprintf(list->text + list->used, room, "%s%s%s%s", list->used > 0 ? between : "",
                        name, value[0] != '\0' ? " " : "", value);
    if (size > 0 && (size_t)size < room) {
        list->used += (size_t)size;
    } else {
        list->text[list->used] = '\0';
    }
}

static const char *grade_name(const struct page *page, const struct contest *contest,
                              const char *id)
{
    int32_t grade = contest_find_choice(contest, id);
    return grade >= 0 ? label_text(&contest->grades[grade].label, page->language) : id;
}

/* A6: the rate, its base, and which grades it is of. */
static void satisfied_print(const struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    struct list grades = { .used = 0 };
    if (round->satisfied_base == 0) {
        return;
    }
    for (uint32_t i = 0; contest->rules != NULL && i < contest->rules->appraisal.satisfied_count;
         i++) {
        list_add(&grades, " + ", grade_name(page, contest, contest->rules->appraisal.satisfied[i]),
                 "");
    }
    PAGE_FILL(page, TEXT_SHEET_SATISFIED,
              { "share", share_of_text(round->satisfied, round->satisfied_base).text },
              { "grades", grades.used > 0 ? grades.text : "?" },
              { "count", number_text(round->satisfied).text },
              { "base", number_text(round->satisfied_base).text });
    fputc('\n', page->file);
}

/* A2, A3 and where the values come from: whoever reads a score must be able to check it. */
static void values_print(const struct page *page, const struct contest *contest)
{
    const struct appraisal_rules *rules = &contest->rules->appraisal;
    struct list values = { .used = 0 };
    for (uint32_t i = 0; i < rules->value_count; i++) {
        const struct grade_value *value = &rules->values[i];
        list_add(&values, " / ", grade_name(page, contest, value->grade),
                 value->is_scored ? number_text(value->value).text
                                  : page_word(page, TEXT_SHEET_UNSCORED));
    }
    PAGE_FILL(page, TEXT_SHEET_VALUES, { "values", values.text },
              { "source", label_text(&contest->rules->source, page->language) },
              { "unscored", page_word(page, rules->unscored_in_base ? TEXT_SHEET_IN_BASE
                                                                    : TEXT_SHEET_NOT_IN_BASE) },
              { "blank", page_word(page, rules->blank_in_base ? TEXT_SHEET_IN_BASE
                                                              : TEXT_SHEET_NOT_IN_BASE) });
    fputc('\n', page->file);
}

/* A4 and A5, where the rules weigh. */
static void weights_print(const struct page *page, const struct contest *contest)
{
    const struct appraisal_rules *rules = &contest->rules->appraisal;
    const struct event *event = page->sheet->event;
    struct list criteria = { .used = 0 };
    struct list groups = { .used = 0 };
    for (uint32_t i = 0; i < rules->criterion_count; i++) {
        int32_t index = contest_find_criterion(contest, rules->criteria[i].criterion);
        list_add(&criteria, " : ",
                 index >= 0 ? label_text(&contest->criteria[index].label, page->language)
                            : rules->criteria[i].criterion,
                 number_text(rules->criteria[i].weight).text);
    }
    for (uint32_t i = 0; i < rules->group_count; i++) {
        const char *name = rules->groups[i].group;
        for (uint32_t group = 0; group < event->group_count; group++) {
            if (strcmp(event->groups[group].id, rules->groups[i].group) == 0) {
                name = label_text(&event->groups[group].label, page->language);
            }
        }
        list_add(&groups, " : ", name, number_text(rules->groups[i].weight).text);
    }
    if (criteria.used > 0) {
        PAGE_FILL(page, TEXT_SHEET_WEIGHTS_CRITERIA, { "weights", criteria.text });
        fputc('\n', page->file);
    }
    if (groups.used > 0) {
        PAGE_FILL(page, TEXT_SHEET_WEIGHTS_GROUPS, { "weights", groups.text });
        fputc('\n', page->file);
    }
}

static void rank_print(const struct page *page, const struct appraisal_figures *appraisal)
{
    if (appraisal->rank == 0) {
        return;
    }
    fputs("  ", page->file);
    PAGE_FILL(page, appraisal->tied_count > 1 ? TEXT_SHEET_RANK_TIED : TEXT_SHEET_RANK,
              { "rank", number_text(appraisal->rank).text },
              { "count", number_text(appraisal->tied_count).text });
}

static const char *band_name(const struct page *page, const struct contest *contest, uint32_t band)
{
    bool is_known =
        contest->rules != NULL && band > 0 && band <= contest->rules->appraisal.band_count;
    return is_known ? label_text(&contest->rules->appraisal.bands[band - 1].label, page->language)
                    : "";
}

static void score_line_print(const struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    const char *band = band_name(page, contest, round->appraisal.band);
    PAGE_FILL(page, TEXT_SHEET_SCORE, { "score", score_text(&round->appraisal.person).text });
    rank_print(page, &round->appraisal);
    if (band[0] != '\0') {
        fputs("  ", page->file);
        PAGE_FILL(page, TEXT_SHEET_BAND, { "band", band });
    }
    fputc('\n', page->file);
}

static void remarks_print(const struct page *page, const struct figures *round)
{
    const struct rules *rules = sheet_contest(page->sheet, round)->rules;
    if (rules == NULL) {
        return;
    }
    for (uint32_t i = 0; i < rules->appraisal.remark_count; i++) {
        const struct remark_rule *remark = &rules->appraisal.remarks[i];
        if ((round->appraisal.remarks >> i & 1) != 0) {
            PAGE_FILL(page, TEXT_SHEET_REMARK,
                      { "label", label_text(&remark->label, page->language) },
                      { "id", remark->id });
            fputc('\n', page->file);
        }
    }
    if ((round->appraisal.remarks >> REMARK_FLOOR & 1) != 0) {
        PAGE_FILL(page, TEXT_SHEET_FLOOR, { "floor", number_text(rules->appraisal.floor).text });
        fputc('\n', page->file);
    }
}

void appraisal_print(struct page *page, const struct figures *round)
{
    const struct contest *contest = sheet_contest(page->sheet, round);
    if (!sheet_stands(page->sheet, round) || !figures_have_counts(round)) {
        return;
    }
    table_print(page, round);
    satisfied_print(page, round);
    if (round->appraisal.has_scores) {
        score_line_print(page, round);
        if (contest->rules != NULL) {
            values_print(page, contest);
            weights_print(page, contest);
        }
    }
    remarks_print(page, round);
}

/* By rank; those without one last, by round. */
static int rank_compare(const void *a, const void *b)
{
    const struct figures *const *left = a;
    const struct figures *const *right = b;
    uint32_t left_rank = (*left)->appraisal.rank - 1; /* 0 wraps: after all others */
    uint32_t right_rank = (*right)->appraisal.rank - 1;
    if (left_rank != right_rank) {
        return left_rank < right_rank ? -1 : 1;
    }
    return (*left)->round < (*right)->round ? -1 : (*left)->round > (*right)->round;
}

static void ranking_row_print(const struct page *page, const struct contest *contest,
                              const struct figures *round)
{
    const struct appraisal_figures *appraisal = &round->appraisal;
    int32_t subject = contest_find_subject(contest, round->subject);
    char rank[128] = "-";
    if (appraisal->rank > 0) {
        snprintf(rank, sizeof(rank), "%s%s", number_text(appraisal->rank).text,
                 appraisal->tied_count > 1 ? page_word(page, TEXT_SHEET_TIED_MARK) : "");
    }
    left_print(page->file, label_text(&contest->subjects[subject].name, page->language),
               NAME_COLUMNS);
    right_print(page->file, number_text(round->valid_count).text, COUNT_COLUMNS);
    right_print(page->file, score_text(&appraisal->person).text, SCORE_COLUMNS);
    right_print(page->file, rank, SHARE_COLUMNS);
    fprintf(page->file, "  %s\n", band_name(page, contest, appraisal->band));
}

void ranking_print(const struct page *page, const struct contest *contest)
{
    const struct sheet *sheet = page->sheet;
    if (contest->rules == NULL || !contest->rules->appraisal.ranks) {
        return;
    }
    const struct figures **rows = calloc(sheet->round_count + 1u, sizeof(struct figures *));
    uint32_t count = 0;
    for (uint32_t i = 0; rows != NULL && i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        if (strcmp(round->contest, contest->id) == 0 && round->appraisal.has_scores &&
            sheet_stands(sheet, round)) {
            rows[count++] = round;
        }
    }
    if (count > 1) {
        qsort(rows, count, sizeof(*rows), rank_compare);
        fprintf(page->file, "\n%s  %s\n", page_word(page, TEXT_SHEET_RANKING),
                label_text(&contest->title, page->language));
        left_print(page->file, page_word(page, TEXT_SHEET_COL_SUBJECT), NAME_COLUMNS);
        right_print(page->file, page_word(page, TEXT_SHEET_COL_VALID_CARDS), COUNT_COLUMNS);
        right_print(page->file, page_word(page, TEXT_SHEET_COL_SCORE), SCORE_COLUMNS);
        right_print(page->file, page_word(page, TEXT_SHEET_COL_RANK), SHARE_COLUMNS);
        fprintf(page->file, "  %s\n", page_word(page, TEXT_SHEET_COL_BAND));
    }
    for (uint32_t i = 0; count > 1 && i < count; i++) {
        ranking_row_print(page, contest, rows[i]);
    }
    free(rows);
}
