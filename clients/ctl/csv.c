#include "clients/ctl/csv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

void csv_text(FILE *file, const char *text)
{
    bool is_formula = text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
    const char *before = is_formula ? "'" : "";
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fprintf(file, "%s%s", before, text);
        return;
    }
    fprintf(file, "\"%s", before);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') {
            fputc('"', file);
        }
        fputc(*c, file);
    }
    fputc('"', file);
}

void csv_texts(FILE *file, ...)
{
    va_list texts;
    va_start(texts, file);
    const char *text = va_arg(texts, const char *);
    for (bool is_first = true; text != NULL; is_first = false) {
        fputs(is_first ? "" : ",", file);
        csv_text(file, text);
        text = va_arg(texts, const char *);
    }
    va_end(texts);
}

void csv_number(FILE *file, uint64_t number)
{
    fprintf(file, ",%" PRIu64, number);
}

void csv_hundredths(FILE *file, uint64_t hundredths)
{
    fprintf(file, ",%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
}

void csv_line_end(FILE *file)
{
    fputs("\r\n", file);
}
