#include "clients/ctl/sheet.h"

#include <inttypes.h>
#include <string.h>

/* A field, quoted where it must be (RFC 4180, 2.6 and 2.7). */
static void field_print(FILE *file, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') {
            fputc('"', file);
        }
        fputc(*c, file);
    }
    fputc('"', file);
}

static void header_print(const struct sheet *sheet, enum language language, FILE *file)
{
    bool is_zh = language == LANGUAGE_ZH_CN;
    uint32_t grade_count = sheet->contest != NULL ? sheet->contest->grade_count : 0;
    fputs(is_zh ? "轮次,对象编号,对象,应到,收回,项目编号,项目"
                : "Round,Subject id,Subject,Registered,Cast,Criterion id,Criterion",
          file);
    for (uint32_t grade = 0; grade < grade_count; grade++) {
        fputc(',', file);
        field_print(file, label_text(&sheet->contest->grades[grade].label, language));
    }
    fputs(is_zh ? ",有效" : ",Valid", file);
    for (uint32_t grade = 0; grade < grade_count; grade++) {
        char name[LABEL_SIZE + 4];
        snprintf(name, sizeof(name), "%s %%",
                 label_text(&sheet->contest->grades[grade].label, language));
        fputc(',', file);
        field_print(file, name);
    }
    fputs("\r\n", file);
}

static void item_print(const struct sheet *sheet, const struct figures *round, uint32_t index,
                       enum language language, FILE *file)
{
    const struct contest *contest = sheet->contest;
    const struct item_figures *item = &round->items[index];
    int32_t subject = contest_find_subject(contest, round->subject);
    fprintf(file, "%" PRIu32 ",%s,", round->round, round->subject);
    field_print(file, label_text(&contest->subjects[subject].name, language));
    fprintf(file, ",%" PRIu32 ",%" PRIu32 ",%s,", round->registered, round->cast_count,
            contest->criteria[index].id);
    field_print(file, label_text(&contest->criteria[index].label, language));
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        fprintf(file, ",%" PRIu32, item->counts[grade]);
    }
    fprintf(file, ",%" PRIu32, item->valid);
    for (uint32_t grade = 0; grade < round->grade_count; grade++) {
        uint32_t share = share_permille(item->counts[grade], item->valid);
        fprintf(file, ",%" PRIu32 ".%" PRIu32, share / 10, share % 10);
    }
    fputs("\r\n", file);
}

void sheet_print_csv(const struct sheet *sheet, enum language language, FILE *file)
{
    fputs("\xef\xbb\xbf", file);
    header_print(sheet, language, file);
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        for (uint32_t item = 0; item < sheet->rounds[i].item_count; item++) {
            item_print(sheet, &sheet->rounds[i], item, language, file);
        }
    }
}
