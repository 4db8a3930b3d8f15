#include "clients/ctl/series.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clients/ctl/ledger.h"
#include "server/model/name_table.h"
#include "server/protocol/event_file.h"

static const char *const state_names[] = {
    [SERIES_INVALID] = "invalid", [SERIES_HELD] = "held",       [SERIES_NOT_HELD] = "not-held",
    [SERIES_IN_USE] = "in-use",   [SERIES_DAMAGED] = "damaged",
};

static const char *const gap_names[] = {
    [GAP_NONE] = "none",
    [GAP_NOT_HELD] = "not-held",
    [GAP_UNREADABLE] = "unreadable",
    [GAP_NOT_OPENED] = "not-opened",
    [GAP_NO_QUORUM] = "no-quorum",
    [GAP_OPEN] = "open",
    [GAP_PENDING] = "pending",
    [GAP_RUN_OFF] = "run-off",
    [GAP_ANOTHER] = "another",
    [GAP_VOID] = "void",
};

const char *series_state_name(enum series_state state)
{
    return name_table_name(state_names, NAME_COUNT(state_names), state);
}

const char *series_gap_name(enum series_gap gap)
{
    return name_table_name(gap_names, NAME_COUNT(gap_names), gap);
}

static enum status no_memory(struct fault *fault)
{
    return fault_set(fault, STATUS_NOMEM, "", "no memory for the series");
}

enum status series_report_init(struct series_report *report, const struct series *series,
                               struct fault *fault)
{
    memset(report, 0, sizeof(*report));
    report->series = series;
    report->parts = calloc(series->sitting_count, sizeof(*report->parts));
    return report->parts != NULL ? STATUS_OK : no_memory(fault);
}

static uint64_t rules_hash(const struct rules *rules)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; rules != NULL && i < 8; i++) {
        hash = hash << 8 | rules->hash[i];
    }
    return hash;
}

/* The rounds of the row on its part's sheet: how many of which sort, and the one that tells. */
static void row_rounds(struct series_row *row)
{
    const struct sheet *sheet = &row->part->sheet;
    for (uint32_t i = 0; row->part->has_sheet && i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        bool is_void = round->state == ROUND_VOID || round->decision == DECISION_VOID;
        if (strcmp(round->contest, row->contest->id) != 0 ||
            (row->subject >= 0 &&
             strcmp(round->subject, row->contest->subjects[row->subject].id) != 0)) {
            continue;
        }
        row->round_count++;
        row->void_count += is_void;
        row->run_off_count += round->election.stage == STAGE_RUN_OFF;
        row->another_count += round->election.stage == STAGE_ANOTHER;
        row->round = round;
        if (is_void || round->kind != CONTEST_ELECTION) {
            continue;
        }
        for (uint32_t c = 0; c < row->contest->candidate_count; c++) {
            row->elected += round->election.standings[c] == STANDING_ELECTED;
        }
        for (uint32_t n = 0; n < round->election.name_count; n++) {
            row->elected += round->election.names[n].standing == STANDING_ELECTED;
        }
    }
}

/* Of a round that is over, the latest: what is still to be done. */
static enum series_gap gap_of_round(const struct figures *round)
{
    if (round->state == ROUND_VOID || round->decision == DECISION_VOID) {
        return GAP_VOID;
    }
    if (round->pending > 0 || round->decision == DECISION_PENDING) {
        return GAP_PENDING;
    }
    return round->decision == DECISION_RUN_OFF   ? GAP_RUN_OFF
           : round->decision == DECISION_ANOTHER ? GAP_ANOTHER
                                                 : GAP_NONE;
}

/* Of what was never opened: E2 is the one reason that is the hall's. */
static enum series_gap gap_unopened(const struct series_row *row, const struct sitting *sitting)
{
    struct fault why = { 0 };
    struct opening opening;
    const char *subject = row->subject >= 0 ? row->contest->subjects[row->subject].id : "";
    if (sitting == NULL || sitting_current(sitting) != NULL) {
        return GAP_NOT_OPENED;
    }
    enum status status = sitting_may_open(sitting, row->contest->id, subject, NULL, &opening, &why);
    return status == STATUS_REFUSED && strstr(why.text, "E2") != NULL ? GAP_NO_QUORUM
                                                                      : GAP_NOT_OPENED;
}

static enum series_gap gap_find(const struct series_row *row, uint32_t contest,
                                const struct sitting *sitting)
{
    const struct round *current = sitting != NULL ? sitting_current(sitting) : NULL;
    if (row->part->state != SERIES_HELD) {
        return row->part->state == SERIES_NOT_HELD ? GAP_NOT_HELD : GAP_UNREADABLE;
    }
    if (current != NULL && current->contest == contest &&
        (row->subject < 0 || current->subject == (uint32_t)row->subject)) {
        return GAP_OPEN;
    }
    return row->round != NULL ? gap_of_round(row->round) : gap_unopened(row, sitting);
}

static enum status table_find(struct series_report *report, struct series_row *row,
                              struct fault *fault)
{
    enum contest_kind kind = row->contest != NULL ? row->contest->kind : CONTEST_INVALID;
    uint32_t index = 0;
    while (index < report->table_count &&
           (report->tables[index].kind != kind || report->tables[index].hash != row->hash)) {
        index++;
    }
    if (index == report->table_capacity) {
        uint32_t wanted = report->table_capacity == 0 ? 16 : report->table_capacity * 2;
        void *grown = reallocarray(report->tables, wanted, sizeof(*report->tables));
        if (grown == NULL) {
            return no_memory(fault);
        }
        report->tables = grown;
        report->table_capacity = wanted;
    }
    struct series_table *table = &report->tables[index];
    if (index == report->table_count) {
        *table = (struct series_table){ .kind = kind, .hash = row->hash };
        report->table_count++;
    }
    if (table->rules == NULL && row->contest != NULL && row->contest->rules != NULL &&
        rules_hash(row->contest->rules) == row->hash) {
        table->rules = row->contest->rules;
    }
    table->has_scores =
        table->has_scores || (row->round != NULL && row->round->appraisal.has_scores);
    row->table = index;
    return STATUS_OK;
}

static enum status row_add(struct series_report *report, const struct series_row *row,
                           struct fault *fault)
{
    if (report->row_count == report->row_capacity) {
        uint32_t wanted = report->row_capacity == 0 ? 256 : report->row_capacity * 2;
        void *grown = reallocarray(report->rows, wanted, sizeof(*report->rows));
        if (grown == NULL) {
            return no_memory(fault);
        }
        report->rows = grown;
        report->row_capacity = wanted;
    }
    report->rows[report->row_count] = *row;
    enum status status = table_find(report, &report->rows[report->row_count], fault);
    report->row_count += status == STATUS_OK;
    return status;
}

enum status series_report_add(struct series_report *report, struct series_part *part,
                              const struct sitting *sitting, struct fault *fault)
{
    struct series_row none = { .part = part, .subject = -1 };
    if (part->event == NULL) {
        none.gap = part->state == SERIES_NOT_HELD ? GAP_NOT_HELD : GAP_UNREADABLE;
        return row_add(report, &none, fault);
    }
    for (uint32_t c = 0; c < part->event->contest_count; c++) {
        const struct contest *contest = &part->event->contests[c];
        uint32_t subject_count = contest->kind == CONTEST_APPRAISAL ? contest->subject_count : 1;
        for (uint32_t s = 0; s < subject_count; s++) {
            struct series_row row = { .part = part,
                                      .contest = contest,
                                      .subject =
                                          contest->kind == CONTEST_APPRAISAL ? (int32_t)s : -1 };
            row.seats = contest->kind == CONTEST_ELECTION ? contest->seats : 0;
            row_rounds(&row);
            row.hash = row.round != NULL ? row.round->rules_hash : rules_hash(contest->rules);
            row.gap = gap_find(&row, c, sitting);
            if (row_add(report, &row, fault) != STATUS_OK) {
                return STATUS_NOMEM;
            }
        }
    }
    return STATUS_OK;
}

void series_report_count(struct series_report *report)
{
    struct series_totals *totals = &report->totals;
    memset(totals, 0, sizeof(*totals));
    totals->sitting_count = report->series->sitting_count;
    for (uint32_t i = 0; i < totals->sitting_count; i++) {
        totals->states[report->parts[i].state]++;
    }
    for (uint32_t i = 0; i < report->row_count; i++) {
        const struct series_row *row = &report->rows[i];
        totals->row_count++;
        totals->decided_count += row->gap == GAP_NONE;
        totals->gaps[row->gap]++;
        totals->void_count += row->void_count;
        totals->run_off_count += row->run_off_count;
        totals->another_count += row->another_count;
        totals->seats += row->seats;
        totals->elected += row->elected;
    }
}

void series_report_finish(struct series_report *report)
{
    for (uint32_t i = 0; report->parts != NULL && i < report->series->sitting_count; i++) {
        if (report->parts[i].has_sheet) {
            sheet_finish(&report->parts[i].sheet);
        }
        event_destroy(report->parts[i].event);
    }
    free(report->parts);
    free(report->rows);
    free(report->tables);
    memset(report, 0, sizeof(*report));
}

bool series_report_is_faulty(const struct series_report *report)
{
    return report->totals.states[SERIES_IN_USE] + report->totals.states[SERIES_DAMAGED] > 0;
}

static void part_fail(struct series_part *part, enum series_state state, const struct fault *fault)
{
    part->state = state;
    snprintf(part->why, sizeof(part->why), "%s%s%s", fault->where,
             fault->where[0] != '\0' ? ": " : "", fault->text);
}

/* Not held: what its event would decide, where one is named. */
static void part_plan(struct series_part *part)
{
    part->state = SERIES_NOT_HELD;
    if (part->sitting->event[0] == '\0') {
        return;
    }
    struct fault_list *faults = calloc(1, sizeof(*faults));
    if (event_file_read(part->sitting->event, &part->event, faults) != STATUS_OK) {
        struct fault fault = { 0 };
        if (faults != NULL && faults->count > 0) {
            fault = faults->faults[0];
        }
        part_fail(part, SERIES_DAMAGED, &fault);
    }
    free(faults);
}

static enum status part_read(struct series_report *report, struct series_part *part,
                             struct fault *fault)
{
    struct stat about;
    struct ledger ledger;
    struct fault why = { 0 };
    const char *data = part->sitting->data;
    if (data[0] == '\0' || (stat(data, &about) != 0 && errno == ENOENT)) {
        part_plan(part);
        return series_report_add(report, part, NULL, fault);
    }
    enum status status = ledger_read(data, NULL, &ledger, &why);
    if (status != STATUS_OK) {
        part_fail(part, status == STATUS_BUSY ? SERIES_IN_USE : SERIES_DAMAGED, &why);
        return series_report_add(report, part, NULL, fault);
    }
    status = sheet_from_sitting(ledger.sitting, ledger.identity.log_id, NULL, &part->sheet, &why);
    part->event = ledger.event;
    part->state = SERIES_HELD;
    part->has_sheet = status == STATUS_OK;
    if (status != STATUS_OK) {
        part_fail(part, SERIES_DAMAGED, &why);
    }
    status = series_report_add(report, part, ledger.sitting, fault);
    ledger.event = NULL; /* the part's now */
    ledger_finish(&ledger);
    return status;
}

enum status series_report_make(const struct series *series, struct series_report *report,
                               struct fault *fault)
{
    enum status status = series_report_init(report, series, fault);
    for (uint32_t i = 0; status == STATUS_OK && i < series->sitting_count; i++) {
        report->parts[i].sitting = &series->sittings[i];
        status = part_read(report, &report->parts[i], fault);
    }
    if (status != STATUS_OK) {
        series_report_finish(report);
        return status;
    }
    series_report_count(report);
    return STATUS_OK;
}

static const struct score *row_score(const struct series_row *row)
{
    static const struct score none;
    bool has_score = row->round != NULL && row->round->appraisal.has_scores && row->gap == GAP_NONE;
    return has_score ? &row->round->appraisal.person : &none;
}

static int score_compare(const void *a, const void *b)
{
    const struct series_row *const *left = a;
    const struct series_row *const *right = b;
    const struct score *left_score = row_score(*left);
    const struct score *right_score = row_score(*right);
    if (left_score->is_set != right_score->is_set) {
        return left_score->is_set ? -1 : 1;
    }
    if (left_score->hundredths != right_score->hundredths) {
        return left_score->hundredths > right_score->hundredths ? -1 : 1;
    }
    return *left < *right ? -1 : *left > *right; /* rows lie in one array, in their order */
}

uint32_t series_table_rows(const struct series_report *report, uint32_t table,
                           const struct series_row **rows)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < report->row_count; i++) {
        if (report->rows[i].table == table) {
            rows[count++] = &report->rows[i];
        }
    }
    if (report->tables[table].has_scores) {
        qsort(rows, count, sizeof(*rows), score_compare);
    }
    return count;
}

uint32_t series_place(const struct series_row *const *rows, uint32_t index)
{
    const struct score *score = row_score(rows[index]);
    const struct rules *rules = rows[index]->contest != NULL ? rows[index]->contest->rules : NULL;
    if (!score->is_set || rules == NULL || !rules->appraisal.ranks) {
        return 0;
    }
    while (index > 0 && row_score(rows[index - 1])->hundredths == score->hundredths) {
        index--;
    }
    return index + 1;
}

void series_top_range(const struct figures *round, uint32_t *low, uint32_t *high)
{
    bool has_any = false;
    *low = 0;
    *high = 0;
    for (uint32_t item = 0; item < round->item_count; item++) {
        const struct item_figures *figures = &round->items[item];
        uint32_t share = share_of(figures->counts[0], figures->valid, SHEET_SHARE_WHOLE);
        if (figures->valid == 0) {
            continue;
        }
        *low = !has_any || share < *low ? share : *low;
        *high = share > *high ? share : *high;
        has_any = true;
    }
}
