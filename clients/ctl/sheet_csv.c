#include "clients/ctl/sheet.h"

#include <inttypes.h>
#include <string.h>

#include "clients/ctl/csv.h"
#include "server/core/share.h"
#include "server/text/text.h"

/* Sections are parted by an empty line, which ends a table for a spreadsheet's filter and sort. */
struct table {
    const struct sheet *sheet;
    FILE *file;
    enum language language;
    bool has_section;
};

static const char *word(const struct table *table, enum text_id id)
{
    return text_get(table->language, id);
}

static void section_begin(struct table *table, enum text_id header)
{
    if (table->has_section) {
        csv_line_end(table->file);
    }
    table->has_section = true;
    fputs(word(table, header), table->file);
}

static const char *base_text(const struct table *table, enum base base)
{
    static const enum text_id words[BASE_COUNT] = {
        [BASE_INVALID] = TEXT_SHEET_BASE_UNKNOWN,   [BASE_REGISTERED] = TEXT_SHEET_BASE_REGISTERED,
        [BASE_PRESENT] = TEXT_SHEET_BASE_PRESENT,   [BASE_ISSUED] = TEXT_SHEET_BASE_ISSUED,
        [BASE_RETURNED] = TEXT_SHEET_BASE_RETURNED, [BASE_VALID] = TEXT_SHEET_BASE_VALID,
    };
    return word(table, words[base < BASE_COUNT ? base : BASE_INVALID]);
}

static void items_header_print(struct table *table, const struct contest *contest)
{
    section_begin(table, TEXT_SHEET_CSV_ITEMS);
    for (uint32_t grade = 0; grade < contest->grade_count; grade++) {
        fputc(',', table->file);
        csv_text(table->file, label_text(&contest->grades[grade].label, table->language));
    }
    fprintf(table->file, ",%s", word(table, TEXT_SHEET_VALID));
    for (uint32_t grade = 0; grade < contest->grade_count; grade++) {
        char name[LABEL_SIZE + 4];
        snprintf(name, sizeof(name), "%s %%",
                 label_text(&contest->grades[grade].label, table->language));
        fputc(',', table->file);
        csv_text(table->file, name);
    }
    csv_line_end(table->file);
}

static void subject_print(const struct table *table, const struct contest *contest,
                          const struct figures *round)
{
    int32_t subject = contest_find_subject(contest, round->subject);
    fprintf(table->file, "%" PRIu32 ",%s,", round->round, round->subject);
    csv_text(table->file, label_text(&contest->subjects[subject].name, table->language));
}

static void item_print(const struct table *table, const struct contest *contest,
                       const struct figures *round, uint32_t index)
{
    const struct item_figures *item = &round->items[index];
    FILE *file = table->file;
    uint32_t shares[GRADE_MAX] = { 0 };
    shares_round(item->counts, round->grade_count, item->valid,
                 contest->rules != NULL ? contest->rules->rounding : ROUNDING_HALF_UP,
                 SHEET_SHARE_WHOLE, shares);
    subject_print(table, contest, round);
    csv_number(file, round->registered);
    csv_number(file, round->cast_count);
    csv_number(file, round->paper_count);
    fprintf(file, ",%s,", contest->criteria[index].id);
    csv_text(file, label_text(&contest->criteria[index].label, table->language));
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        csv_number(file, item->counts[grade]);
    }
    csv_number(file, item->valid);
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        csv_hundredths(file, shares[grade]);
    }
    csv_line_end(file);
}

static void score_field_print(const struct table *table, const struct score *score)
{
    if (score->is_set) {
        csv_hundredths(table->file, score->hundredths);
    } else {
        fputc(',', table->file);
    }
}

static void person_print(const struct table *table, const struct contest *contest,
                         const struct figures *round)
{
    const struct appraisal_figures *appraisal = &round->appraisal;
    const struct rules *rules = contest->rules;
    FILE *file = table->file;
    subject_print(table, contest, round);
    csv_number(file, round->valid_count);
    csv_number(file, round->void_count);
    csv_number(file, round->paper_count);
    csv_number(file, round->satisfied);
    csv_number(file, round->satisfied_base);
    csv_hundredths(file, share_of(round->satisfied, round->satisfied_base, SHEET_SHARE_WHOLE));
    score_field_print(table, &appraisal->person);
    csv_number(file, appraisal->rank);
    csv_number(file, appraisal->tied_count);
    fputc(',', file);
    if (rules != NULL && appraisal->band > 0 && appraisal->band <= rules->appraisal.band_count) {
        csv_text(file,
                 label_text(&rules->appraisal.bands[appraisal->band - 1].label, table->language));
    }
    csv_line_end(file);
}

static bool is_of(const struct table *table, const struct contest *contest,
                  const struct figures *round)
{
    return strcmp(round->contest, contest->id) == 0 && sheet_stands(table->sheet, round);
}

/* The items, then the persons where the rules come to more than counts and shares. */
static void appraisal_section_print(struct table *table, const struct contest *contest)
{
    const struct sheet *sheet = table->sheet;
    bool has_person = false;
    items_header_print(table, contest);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        if (!is_of(table, contest, round)) {
            continue;
        }
        has_person = has_person || round->satisfied_base > 0 || round->appraisal.has_scores;
        for (uint32_t item = 0; item < round->item_count; item++) {
            item_print(table, contest, round, item);
        }
    }
    if (!has_person) {
        return;
    }
    section_begin(table, TEXT_SHEET_CSV_PERSONS);
    csv_line_end(table->file);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        if (is_of(table, contest, &sheet->rounds[i])) {
            person_print(table, contest, &sheet->rounds[i]);
        }
    }
}

/* The columns every line of elections, motions and polls begins with. */
static void ballot_print(const struct table *table, const struct contest *contest,
                         const struct figures *round)
{
    FILE *file = table->file;
    fprintf(file, "%" PRIu32 ",%s,", round->round, contest->id);
    csv_text(file, label_text(&contest->title, table->language));
    fprintf(file, ",%s,%s", round_state_name(round->state), decision_name(round->decision));
    csv_number(file, round->registered);
    if (round->has_present) {
        csv_number(file, round->present);
    } else {
        fputc(',', file);
    }
    csv_number(file, round->issued);
    csv_number(file, round->cast_count);
    csv_number(file, round->paper_count);
    if (figures_have_counts(round)) {
        csv_number(file, round->valid_count);
        csv_number(file, round->void_count);
    } else {
        fputs(",,", file);
    }
}

/* The base's name and how many it is; empty where it is not known. */
static void base_print(const struct table *table, enum base base, uint32_t count)
{
    fputc(',', table->file);
    if (base == BASE_INVALID) {
        fputc(',', table->file);
        return;
    }
    csv_text(table->file, base_text(table, base));
    csv_number(table->file, count);
}

static void needed_print(const struct table *table, uint32_t needed)
{
    if (needed > 0) {
        csv_number(table->file, needed);
    } else {
        fputc(',', table->file);
    }
}

static void share_print(const struct table *table, uint32_t count, enum base base,
                        uint32_t base_count)
{
    if (base == BASE_INVALID) {
        fputc(',', table->file);
    } else {
        csv_hundredths(table->file, share_of(count, base_count, SHEET_SHARE_WHOLE));
    }
}

/* A line of an election: id "" and counts NULL of a name written in. */
static void name_line_print(const struct table *table, const struct contest *contest,
                            const struct figures *round, const char *id, const char *name,
                            uint32_t votes, const uint32_t *counts, enum standing standing,
                            enum standing disputed)
{
    const struct election_figures *election = &round->election;
    FILE *file = table->file;
    ballot_print(table, contest, round);
    fprintf(file, ",%s", round_stage_name(election->stage));
    csv_number(file, election->seats);
    fprintf(file, ",%s,", id);
    csv_text(file, name);
    csv_number(file, votes);
    if (counts != NULL) {
        csv_number(file, counts[CHOICE_AGAINST]);
        csv_number(file, counts[CHOICE_ABSTAIN]);
    } else {
        fputs(",,", file);
    }
    base_print(table, (enum base)election->base, election->base_count);
    needed_print(table, election->needed);
    share_print(table, votes, (enum base)election->base, election->base_count);
    fprintf(file, ",%s", standing_name(standing));
    base_print(table, (enum base)election->disputed_base, election->disputed_count);
    needed_print(table, election->disputed_needed);
    fprintf(file, ",%s", election->disputed_base != BASE_INVALID ? standing_name(disputed) : "");
    csv_line_end(file);
}

/* A round without counts, void or pending, is a line too, with the names' fields left empty. */
static void election_lines_print(const struct table *table, const struct contest *contest,
                                 const struct figures *round)
{
    const struct election_figures *election = &round->election;
    if (!figures_have_counts(round)) {
        ballot_print(table, contest, round);
        fputs(",,,,,,,,,,,,,,,,", table->file);
        csv_line_end(table->file);
        return;
    }
    for (uint32_t place = 0; place < contest->candidate_count; place++) {
        uint32_t i = figures_candidate_at(contest, round, place);
        if (i >= round->item_count || election->standings[i] == STANDING_OFF) {
            continue;
        }
        name_line_print(table, contest, round, contest->candidates[i].id,
                        label_text(&contest->candidates[i].name, table->language),
                        round->items[i].counts[CHOICE_FOR], round->items[i].counts,
                        election->standings[i], election->disputed[i]);
    }
    for (uint32_t i = 0; i < election->name_count; i++) {
        const struct name_figures *name = &election->names[i];
        name_line_print(table, contest, round, "", name->name, name->votes, NULL, name->standing,
                        name->disputed);
    }
}

static void motion_line_print(const struct table *table, const struct contest *contest,
                              const struct figures *round)
{
    const uint32_t *counts = round->items[0].counts;
    enum base base = contest_base(contest);
    uint32_t count = figures_base_count(round, base);
    ballot_print(table, contest, round);
    if (!figures_have_counts(round)) {
        fputs(",,,,,,,", table->file);
        csv_line_end(table->file);
        return;
    }
    csv_number(table->file, counts[CHOICE_FOR]);
    csv_number(table->file, counts[CHOICE_AGAINST]);
    csv_number(table->file, counts[CHOICE_ABSTAIN]);
    base_print(table, base, count);
    needed_print(table, motion_needed(contest, round));
    share_print(table, counts[CHOICE_FOR], base, count);
    csv_line_end(table->file);
}

static void poll_lines_print(const struct table *table, const struct contest *contest,
                             const struct figures *round)
{
    enum base base = contest_base(contest);
    uint32_t count = figures_base_count(round, base);
    if (!figures_have_counts(round)) {
        ballot_print(table, contest, round);
        fputs(",,,,,,,", table->file);
        csv_line_end(table->file);
        return;
    }
    for (uint32_t i = 0; i < contest->candidate_count && i < round->item_count; i++) {
        ballot_print(table, contest, round);
        fprintf(table->file, ",%s,", contest->candidates[i].id);
        csv_text(table->file, label_text(&contest->candidates[i].name, table->language));
        csv_number(table->file, round->items[i].counts[CHOICE_CHOSEN]);
        base_print(table, base, count);
        share_print(table, round->items[i].counts[CHOICE_CHOSEN], base, count);
        fprintf(table->file, ",%s", standing_name(round->election.standings[i]));
        csv_line_end(table->file);
    }
}

static void ballots_section_print(struct table *table, enum contest_kind kind, enum text_id header)
{
    const struct sheet *sheet = table->sheet;
    if (!sheet_has_kind(sheet, kind)) {
        return;
    }
    section_begin(table, header);
    csv_line_end(table->file);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        const struct contest *contest = sheet_contest(sheet, round);
        if (round->kind != kind) {
            continue;
        }
        if (kind == CONTEST_ELECTION) {
            election_lines_print(table, contest, round);
        } else if (kind == CONTEST_MOTION) {
            motion_line_print(table, contest, round);
        } else {
            poll_lines_print(table, contest, round);
        }
    }
}

void sheet_print_csv(const struct sheet *sheet, enum language language, FILE *file)
{
    struct table table = { .sheet = sheet, .file = file, .language = language };
    fputs(CSV_BYTE_ORDER_MARK, file);
    for (uint32_t i = 0; i < sheet->event->contest_count; i++) {
        if (sheet_has_contest(sheet, i) && sheet->event->contests[i].kind == CONTEST_APPRAISAL) {
            appraisal_section_print(&table, &sheet->event->contests[i]);
        }
    }
    ballots_section_print(&table, CONTEST_ELECTION, TEXT_SHEET_CSV_ELECTIONS);
    ballots_section_print(&table, CONTEST_MOTION, TEXT_SHEET_CSV_MOTIONS);
    ballots_section_print(&table, CONTEST_POLL, TEXT_SHEET_CSV_POLLS);
}
