#include "clients/ctl/series.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clients/ctl/csv.h"
#include "clients/ctl/series_words.h"
#include "server/text/text.h"

/* What every line begins with: sitting, its title, contest, subject; then the state. */
static void row_begin(const struct series_row *row, enum language language, FILE *file)
{
    const struct contest *contest = row->contest;
    csv_texts(file, row->part->sitting->id, label_text(&row->part->sitting->title, language),
              contest != NULL ? contest->id : "",
              contest != NULL ? label_text(&contest->title, language) : "", NULL);
    fputc(',', file);
    if (contest != NULL && row->subject >= 0) {
        csv_texts(file, contest->subjects[row->subject].id,
                  label_text(&contest->subjects[row->subject].name, language), NULL);
    } else {
        fputc(',', file);
    }
    fprintf(file, ",%016" PRIx64 ",", row->hash);
    csv_text(file, series_gap_word(row->gap, language));
}

static void counts_print(const struct series_row *row, FILE *file)
{
    const struct figures *round = row->round;
    csv_number(file, row->round_count);
    csv_number(file, row->void_count);
    csv_number(file, row->run_off_count);
    csv_number(file, row->another_count);
    if (round == NULL) {
        fputs(",,,,,,,", file);
        return;
    }
    csv_number(file, round->registered);
    if (round->has_present) {
        csv_number(file, round->present);
    } else {
        fputc(',', file);
    }
    csv_number(file, round->issued);
    csv_number(file, round->cast_count);
    csv_number(file, round->valid_count);
    csv_number(file, round->void_count);
    fprintf(file, ",%s", decision_name(round->decision));
}

static void appraisal_print(const struct series_row *const *rows, uint32_t index, FILE *file)
{
    const struct figures *round = rows[index]->round;
    uint32_t low = 0;
    uint32_t high = 0;
    if (round == NULL || rows[index]->gap != GAP_NONE) {
        fputs(",,,,,", file);
        return;
    }
    series_top_range(round, &low, &high);
    csv_hundredths(file, low);
    csv_hundredths(file, high);
    if (round->satisfied_base > 0) {
        csv_hundredths(file, share_of(round->satisfied, round->satisfied_base, SHEET_SHARE_WHOLE));
    } else {
        fputc(',', file);
    }
    if (series_place(rows, index) > 0) {
        csv_hundredths(file, round->appraisal.person.hundredths);
        csv_number(file, series_place(rows, index));
    } else {
        fputs(",,", file);
    }
}

static void elected_print(const struct series_row *row, enum language language, FILE *file)
{
    char *names = NULL;
    size_t size = 0;
    FILE *list = open_memstream(&names, &size);
    csv_number(file, row->seats);
    csv_number(file, row->elected);
    fputc(',', file);
    if (list == NULL) {
        return;
    }
    series_elected_print(row, language, list);
    if (fclose(list) == 0) {
        csv_text(file, names);
    }
    free(names);
}

static void table_print(const struct series_report *report, uint32_t table,
                        const struct series_row **rows, enum language language, FILE *file)
{
    enum contest_kind kind = report->tables[table].kind;
    uint32_t count = series_table_rows(report, table, rows);
    if (table > 0) {
        csv_line_end(file);
    }
    fputs(text_get(language, TEXT_SERIES_CSV), file);
    if (kind == CONTEST_APPRAISAL || kind == CONTEST_ELECTION) {
        fprintf(file, ",%s",
                text_get(language, kind == CONTEST_APPRAISAL ? TEXT_SERIES_CSV_APPRAISALS
                                                             : TEXT_SERIES_CSV_ELECTIONS));
    }
    csv_line_end(file);
    for (uint32_t i = 0; i < count; i++) {
        row_begin(rows[i], language, file);
        counts_print(rows[i], file);
        if (kind == CONTEST_APPRAISAL) {
            appraisal_print(rows, i, file);
        } else if (kind == CONTEST_ELECTION) {
            elected_print(rows[i], language, file);
        }
        csv_line_end(file);
    }
}

void series_print_csv(const struct series_report *report, enum language language, FILE *file)
{
    const struct series_row **rows = calloc(report->row_count + 1u, sizeof(*rows));
    fputs(CSV_BYTE_ORDER_MARK, file);
    for (uint32_t table = 0; rows != NULL && table < report->table_count; table++) {
        table_print(report, table, rows, language, file);
    }
    free(rows);
}
