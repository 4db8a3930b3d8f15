#include "clients/ctl/series.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/writer.h"

#define TEXT_SIZE 4096 /* the longest text, a fault, with every byte escaped */

static void string_print(FILE *file, const char *value)
{
    char text[TEXT_SIZE];
    struct writer writer;
    writer_init(&writer, text, sizeof(text));
    writer_string(&writer, value);
    fputs(writer_end(&writer) > 0 ? text : "\"\"", file);
}

/* A word without anything to escape, or null. */
static void word_print(FILE *file, const char *word)
{
    if (word != NULL) {
        fprintf(file, "\"%s\"", word);
    } else {
        fputs("null", file);
    }
}

static void part_print(const struct series_part *part, FILE *file)
{
    fprintf(file, "{\"id\":\"%s\",\"state\":\"%s\",\"event\":", part->sitting->id,
            series_state_name(part->state));
    word_print(file, part->event != NULL ? part->event->id : NULL);
    if (part->has_sheet) {
        fprintf(file, ",\"log\":\"%s\",\"rounds\":%" PRIu32, part->sheet.log_id,
                part->sheet.round_count);
    }
    if (part->why[0] != '\0') {
        fputs(",\"why\":", file);
        string_print(file, part->why);
    }
    fputc('}', file);
}

static void appraisal_print(const struct series_row *row, FILE *file)
{
    const struct figures *round = row->round;
    const struct appraisal_figures *appraisal = &round->appraisal;
    assert(row->contest != NULL);
    fputs(",\"top\":[", file);
    for (uint32_t item = 0; item < round->item_count; item++) {
        fprintf(file, "%s{\"criterion\":\"%s\",\"count\":%" PRIu32 ",\"valid\":%" PRIu32 "}",
                item > 0 ? "," : "", row->contest->criteria[item].id, round->items[item].counts[0],
                round->items[item].valid);
    }
    fputc(']', file);
    if (round->satisfied_base > 0) {
        fprintf(file, ",\"satisfied\":{\"count\":%" PRIu64 ",\"of\":%" PRIu64 "}", round->satisfied,
                round->satisfied_base);
    }
    if (appraisal->has_scores && appraisal->person.is_set) {
        fprintf(file, ",\"score\":%" PRIu32 ".%02" PRIu32, appraisal->person.hundredths / 100,
                appraisal->person.hundredths % 100);
    }
}

/* Who is elected by every round that stands, as in the sheet. */
static void elected_print(const struct series_row *row, FILE *file)
{
    const struct sheet *sheet = &row->part->sheet;
    bool is_first = true;
    fprintf(file, ",\"seats\":%" PRIu32 ",\"elected\":[", row->seats);
    for (uint32_t i = 0; row->part->has_sheet && i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        if (strcmp(round->contest, row->contest->id) != 0 || !sheet_stands(sheet, round)) {
            continue;
        }
        for (uint32_t c = 0; c < row->contest->candidate_count; c++) {
            if (round->election.standings[c] == STANDING_ELECTED) {
                fprintf(file, "%s\"%s\"", is_first ? "" : ",", row->contest->candidates[c].id);
                is_first = false;
            }
        }
        for (uint32_t n = 0; n < round->election.name_count; n++) {
            if (round->election.names[n].standing == STANDING_ELECTED) {
                fputs(is_first ? "" : ",", file);
                string_print(file, round->election.names[n].name);
                is_first = false;
            }
        }
    }
    fputc(']', file);
}

static void row_print(const struct series_row *const *rows, uint32_t index, FILE *file)
{
    const struct series_row *row = rows[index];
    const struct figures *round = row->round;
    fprintf(file, "{\"sitting\":\"%s\",\"gap\":", row->part->sitting->id);
    word_print(file, row->gap != GAP_NONE ? series_gap_name(row->gap) : NULL);
    if (row->contest != NULL) {
        fprintf(file, ",\"contest\":\"%s\"", row->contest->id);
        if (row->subject >= 0) {
            fprintf(file, ",\"subject\":\"%s\"", row->contest->subjects[row->subject].id);
        }
        fprintf(file,
                ",\"rounds\":%" PRIu32 ",\"voided\":%" PRIu32 ",\"runoffs\":%" PRIu32
                ",\"another\":%" PRIu32,
                row->round_count, row->void_count, row->run_off_count, row->another_count);
    }
    if (row->contest != NULL && row->contest->kind == CONTEST_ELECTION) {
        elected_print(row, file);
    }
    if (round != NULL) {
        fprintf(file, ",\"registered\":%" PRIu32 ",\"present\":", round->registered);
        if (round->has_present) {
            fprintf(file, "%" PRIu32, round->present);
        } else {
            fputs("null", file);
        }
        fprintf(file,
                ",\"issued\":%" PRIu32 ",\"returned\":%" PRIu32 ",\"valid\":%" PRIu32
                ",\"void\":%" PRIu32 ",\"decision\":\"%s\"",
                round->issued, round->cast_count, round->valid_count, round->void_count,
                decision_name(round->decision));
        if (round->kind == CONTEST_APPRAISAL && row->gap == GAP_NONE) {
            appraisal_print(row, file);
            if (series_place(rows, index) > 0) {
                fprintf(file, ",\"place\":%" PRIu32, series_place(rows, index));
            }
        }
    }
    fputc('}', file);
}

static void table_print(const struct series_report *report, uint32_t table,
                        const struct series_row **rows, FILE *file)
{
    const struct series_table *about = &report->tables[table];
    uint32_t count = series_table_rows(report, table, rows);
    fputs("{\"kind\":", file);
    word_print(file, about->kind != CONTEST_INVALID ? contest_kind_name(about->kind) : NULL);
    fputs(",\"rules\":", file);
    if (about->hash == 0) {
        fputs("null", file);
    } else {
        fprintf(file, "{\"id\":\"%s\",\"hash\":\"%016" PRIx64 "\"}",
                about->rules != NULL ? about->rules->id : "", about->hash);
    }
    fputs(",\"rows\":[", file);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(file, "%s\n", i > 0 ? "," : "");
        row_print(rows, i, file);
    }
    fputs("\n]}", file);
}

static void totals_print(const struct series_totals *totals, FILE *file)
{
    fprintf(file,
            ",\n\"totals\":{\"sittings\":%" PRIu32 ",\"held\":%" PRIu32 ",\"not_held\":%" PRIu32
            ",\"in_use\":%" PRIu32 ",\"damaged\":%" PRIu32 ",\"decisions\":%" PRIu32
            ",\"decided\":%" PRIu32 ",\"gaps\":{",
            totals->sitting_count, totals->states[SERIES_HELD], totals->states[SERIES_NOT_HELD],
            totals->states[SERIES_IN_USE], totals->states[SERIES_DAMAGED], totals->row_count,
            totals->decided_count);
    for (uint32_t gap = GAP_NONE + 1; gap < GAP_COUNT; gap++) {
        fprintf(file, "%s\"%s\":%" PRIu32, gap > GAP_NONE + 1 ? "," : "",
                series_gap_name((enum series_gap)gap), totals->gaps[gap]);
    }
    fprintf(file,
            "},\"voided\":%" PRIu32 ",\"runoffs\":%" PRIu32 ",\"another\":%" PRIu32
            ",\"seats\":%" PRIu32 ",\"elected\":%" PRIu32 "}",
            totals->void_count, totals->run_off_count, totals->another_count, totals->seats,
            totals->elected);
}

void series_print_json(const struct series_report *report, FILE *file)
{
    const struct series_row **rows = calloc(report->row_count + 1u, sizeof(*rows));
    fprintf(file, "{\"minping\":1,\"series\":\"%s\",\n\"sittings\":[", report->series->id);
    for (uint32_t i = 0; i < report->series->sitting_count; i++) {
        fprintf(file, "%s\n", i > 0 ? "," : "");
        part_print(&report->parts[i], file);
    }
    fputs("\n],\n\"tables\":[", file);
    for (uint32_t table = 0; rows != NULL && table < report->table_count; table++) {
        fprintf(file, "%s\n", table > 0 ? "," : "");
        table_print(report, table, rows, file);
    }
    fputs("\n]", file);
    totals_print(&report->totals, file);
    fputs("}\n", file);
    free(rows);
}
