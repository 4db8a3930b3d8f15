#include "clients/ctl/sheet_parts.h"

#include <inttypes.h>
#include <time.h>

#define LINE_SIZE 4096

const char *page_word(const struct page *page, enum text_id id)
{
    return text_get(page->language, id);
}

void page_fill(const struct page *page, enum text_id id, const struct text_value *values,
               uint32_t value_count)
{
    char line[LINE_SIZE];
    enum status status = text_fill(line, sizeof(line), page_word(page, id), values, value_count);
    fputs(line, page->file);
    if (status != STATUS_OK) {
        fputs("…", page->file);
    }
}

struct part_text number_text(uint64_t number)
{
    struct part_text part;
    snprintf(part.text, sizeof(part.text), "%" PRIu64, number);
    return part;
}

struct part_text hash_text(uint64_t hash)
{
    struct part_text part;
    snprintf(part.text, sizeof(part.text), "%016" PRIx64, hash);
    return part;
}

struct part_text share_text(uint32_t share)
{
    struct part_text part;
    snprintf(part.text, sizeof(part.text), "%" PRIu32 ".%02" PRIu32 "%%", share / 100, share % 100);
    return part;
}

struct part_text share_of_text(uint64_t count, uint64_t base)
{
    if (base == 0) {
        return (struct part_text){ "-" };
    }
    return share_text(share_of(count, base, SHEET_SHARE_WHOLE));
}

struct part_text score_text(const struct score *score)
{
    struct part_text part = { "-" };
    if (score->is_set) {
        snprintf(part.text, sizeof(part.text), "%" PRIu32 ".%02" PRIu32, score->hundredths / 100,
                 score->hundredths % 100);
    }
    return part;
}

struct part_text time_text(int64_t at_ms)
{
    struct part_text part = { "-" };
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm local;
    if (at_ms > 0 && localtime_r(&seconds, &local) != NULL) {
        strftime(part.text, sizeof(part.text), "%Y-%m-%d %H:%M:%S", &local);
    }
    return part;
}

int text_columns(const char *text)
{
    int columns = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if ((*c & 0xc0) != 0x80) {
            bool is_wide = *c > 0xe2 || (*c == 0xe1 && c[1] >= 0x84);
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

void left_print(FILE *file, const char *text, int columns)
{
    int own = text_columns(text);
    fputs(text, file);
    pad_print(file, own < columns ? columns - own : 1);
}

void right_print(FILE *file, const char *text, int columns)
{
    int own = text_columns(text);
    pad_print(file, own < columns ? columns - own : 1);
    fputs(text, file);
}

const char *base_word(const struct page *page, enum base base)
{
    switch (base) {
    case BASE_REGISTERED:
        return page_word(page, TEXT_SHEET_BASE_REGISTERED);
    case BASE_PRESENT:
        return page_word(page, TEXT_SHEET_BASE_PRESENT);
    case BASE_ISSUED:
        return page_word(page, TEXT_SHEET_BASE_ISSUED);
    case BASE_RETURNED:
        return page_word(page, TEXT_SHEET_BASE_RETURNED);
    case BASE_VALID:
        return page_word(page, TEXT_SHEET_BASE_VALID);
    default:
        return page_word(page, TEXT_SHEET_BASE_UNKNOWN);
    }
}
