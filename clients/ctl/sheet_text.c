#include "clients/ctl/sheet.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "clients/ctl/word.h"

#define NAME_COLUMNS 30  /* of a criterion */
#define GRADE_COLUMNS 16 /* "1995 100.0%" and room for a grade's name */
#define VALID_COLUMNS 8

/* Columns a terminal gives `text`: two for every code point from U+1100 on, which CJK needs. */
static int text_columns(const char *text)
{
    int columns = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if ((*c & 0xc0) != 0x80) {
            bool is_wide = *c > 0xe1 || (*c == 0xe1 && c[1] >= 0x84);
            columns += is_wide ? 2 : 1;
        }
    }
    return columns;
}

static void pad_print(FILE *file, int columns)
{
    for (int i = 0; i < columns; i++) {
        fputc(' ', file);
    }
}

static void left_print(FILE *file, const char *text, int columns)
{
    fputs(text, file);
    pad_print(file, columns - text_columns(text));
}

static void right_print(FILE *file, const char *text, int columns)
{
    pad_print(file, columns - text_columns(text));
    fputs(text, file);
}

static void time_print(FILE *file, int64_t at_ms)
{
    char text[64] = "-";
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm local;
    if (at_ms > 0 && localtime_r(&seconds, &local) != NULL) {
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
    }
    fputs(text, file);
}

/* Whether the shares shown do not add to 100.0. */
static bool is_rounded(const struct item_figures *item, uint32_t grade_count)
{
    uint32_t sum = 0;
    for (uint32_t grade = 0; grade < grade_count; grade++) {
        sum += share_permille(item->counts[grade], item->valid);
    }
    return item->valid > 0 && sum != 1000;
}

static void item_print(const struct sheet *sheet, const struct figures *round, uint32_t index,
                       enum language language, FILE *file)
{
    const struct item_figures *item = &round->items[index];
    char text[64];
    left_print(file, label_text(&sheet->contest->criteria[index].label, language), NAME_COLUMNS);
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        if (item->valid == 0) {
            snprintf(text, sizeof(text), "0      -");
        } else {
            uint32_t share = share_permille(item->counts[grade], item->valid);
            snprintf(text, sizeof(text), "%" PRIu32 " %3" PRIu32 ".%" PRIu32 "%%",
                     item->counts[grade], share / 10, share % 10);
        }
        right_print(file, text, GRADE_COLUMNS);
    }
    snprintf(text, sizeof(text), "%" PRIu32 "%s", item->valid,
             is_rounded(item, round->grade_count) ? "*" : " ");
    right_print(file, text, VALID_COLUMNS + 1);
    fputc('\n', file);
}

static void round_print(const struct sheet *sheet, const struct figures *round,
                        enum language language, FILE *file)
{
    const struct contest *contest = sheet->contest;
    const struct subject *subject =
        &contest->subjects[contest_find_subject(contest, round->subject)];
    const char *office = label_text(&subject->office, language);
    fprintf(file, "\n%s %" PRIu32 "  %s%s%s\n", WORD(language, "轮次", "Round"), round->round,
            label_text(&subject->name, language), office[0] != '\0' ? "  " : "", office);
    fprintf(file, "%s %" PRIu32 "  %s %" PRIu32 "  %s ", WORD(language, "应到", "Registered"),
            round->registered, WORD(language, "收回", "Cast"), round->cast_count,
            WORD(language, "开票", "Opened"));
    time_print(file, round->opened_ms);
    fprintf(file, "  %s ", WORD(language, "关票", "Closed"));
    time_print(file, round->closed_ms);
    fputc('\n', file);
    left_print(file, WORD(language, "项目", "Criterion"), NAME_COLUMNS);
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        right_print(file, label_text(&contest->grades[grade].label, language), GRADE_COLUMNS);
    }
    right_print(file, WORD(language, "有效", "Valid"), VALID_COLUMNS);
    fputc('\n', file);
    for (uint32_t item = 0; item < round->item_count; item++) {
        item_print(sheet, round, item, language, file);
    }
}

void sheet_print_text(const struct sheet *sheet, enum language language, FILE *file)
{
    bool has_rounded = false;
    fprintf(file, "%s\n", label_text(&sheet->event->title, language));
    if (sheet->contest != NULL) {
        fprintf(file, "%s\n", label_text(&sheet->contest->title, language));
    }
    fprintf(file, "%s %s  %s %s\n", WORD(language, "活动", "Event"), sheet->event->id,
            WORD(language, "记录", "Log"), sheet->log_id);
    if (sheet->round_count == 0) {
        fprintf(file, "\n%s\n", WORD(language, "尚无已关票的轮次。", "No round is closed yet."));
        return;
    }
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        round_print(sheet, round, language, file);
        for (uint32_t item = 0; item < round->item_count; item++) {
            has_rounded = has_rounded || is_rounded(&round->items[item], round->grade_count);
        }
    }
    fprintf(file, "\n%s\n",
            WORD(language, "百分比以该项的有效数为基数,四舍五入到 0.1%。",
                 "Percentages are of the item's valid marks, rounded half up to 0.1%."));
    if (has_rounded) {
        fprintf(file, "%s\n",
                WORD(language, "* 因四舍五入,各项之和可能不等于 100%。",
                     "* Because of rounding, the parts may not add to 100%."));
    }
}
