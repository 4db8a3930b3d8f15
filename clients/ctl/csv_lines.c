#include "clients/ctl/csv_lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/utf8.h"

#define FIRST_SIZE (1u << 16) /* a branch's election; doubled until it fits */

enum status csv_file_read(const char *path, size_t size_max, char **text, size_t *size,
                          struct fault *fault)
{
    FILE *file = fopen(path, "re");
    size_t capacity = 0;
    enum status status = STATUS_OK;
    if (file == NULL) {
        return fault_set(fault, STATUS_IO, "", "cannot open '%s': %s", path, strerror(errno));
    }
    *size = 0;
    *text = NULL;
    do {
        capacity += capacity < FIRST_SIZE ? FIRST_SIZE : capacity;
        char *more = realloc(*text, capacity + 1);
        if (more == NULL) {
            status = fault_set(fault, STATUS_NOMEM, "", "no memory to read '%s'", path);
            break;
        }
        *text = more;
        *size += fread(*text + *size, 1, capacity - *size, file);
    } while (*size == capacity && *size <= size_max);
    if (status == STATUS_OK && ferror(file)) {
        status = fault_set(fault, STATUS_IO, "", "cannot read '%s': %s", path, strerror(errno));
    } else if (status == STATUS_OK && *size > size_max) {
        status = fault_set(fault, STATUS_LIMIT, "", "'%s' is too large: at most %zu bytes", path,
                           size_max);
    }
    fclose(file);
    if (status != STATUS_OK) {
        free(*text);
        *text = NULL;
    }
    return status;
}

void csv_init(struct csv *csv, char *text, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf";
    bool has_mark = size >= 3 && memcmp(text, mark, 3) == 0;
    csv->at = text + (has_mark ? 3 : 0);
    csv->end = text + size;
    csv->line = 0;
    *csv->end = '\0';
}

/* The line at csv->at without its end; csv->at goes behind it. NULL: none is left. */
static char *line_take(struct csv *csv, size_t *size)
{
    if (csv->at == csv->end) {
        return NULL;
    }
    char *line = csv->at;
    char *end = memchr(line, '\n', (size_t)(csv->end - line));
    csv->at = end != NULL ? end + 1 : csv->end;
    csv->line++;
    end = end != NULL ? end : csv->end;
    if (end > line && end[-1] == '\r') {
        end--;
    }
    *end = '\0';
    *size = (size_t)(end - line);
    return line;
}

/* NULL, or what is wrong with the characters of a line. */
static const char *characters_check(const char *line, size_t size)
{
    while (size > 0) {
        uint32_t codepoint;
        size_t step = utf8_next(line, size, &codepoint);
        if (step == 0) {
            return "not UTF-8";
        }
        if (utf8_is_control(codepoint)) {
            return "a control character";
        }
        line += step;
        size -= step;
    }
    return NULL;
}

/*
 * Ends the field that begins at `at` and takes its quotes off. Returns what follows its comma, or
 * NULL where it is the last one.
 */
static char *field_take(char *at, char **field, const char **wrong)
{
    *field = at;
    if (*at != '"') {
        char *comma = at + strcspn(at, ",\"");
        if (*comma == '"') {
            *wrong = "a quote in a field that does not begin with one";
            return NULL;
        }
        bool is_last = *comma == '\0';
        *comma = '\0';
        return is_last ? NULL : comma + 1;
    }
    char *put = at;
    char *take = at + 1;
    while (*take != '\0' && (*take != '"' || take[1] == '"')) {
        take += *take == '"' ? 1 : 0;
        *put++ = *take++;
    }
    if (*take == '\0') {
        *wrong = "a quote that is not closed in its line";
        return NULL;
    }
    if (take[1] != ',' && take[1] != '\0') {
        *wrong = "a text between a closing quote and the comma";
        return NULL;
    }
    bool is_last = take[1] == '\0';
    *put = '\0';
    return is_last ? NULL : take + 2;
}

enum status csv_next(struct csv *csv, char *fields[CSV_FIELD_MAX], uint32_t *count,
                     const char **wrong)
{
    size_t size;
    char *line;
    do {
        line = line_take(csv, &size);
        if (line == NULL) {
            return STATUS_NOT_FOUND;
        }
    } while (size == 0);
    *wrong = characters_check(line, size);
    *count = 0;
    while (*wrong == NULL && line != NULL) {
        if (*count == CSV_FIELD_MAX) {
            *wrong = "too many fields";
            break;
        }
        line = field_take(line, &fields[(*count)++], wrong);
    }
    return *wrong == NULL ? STATUS_OK : STATUS_INVALID;
}
