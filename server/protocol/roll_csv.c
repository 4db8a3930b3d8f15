#include <string.h>

#include "server/protocol/roll_parts.h"

/* Records and fields: RFC 4180, and the separators that Excel and WPS use. */

/* U+3000, the blank of Chinese texts. */
static bool is_wide_blank(const char *text)
{
    return memcmp(text, "\xe3\x80\x80", 3) == 0;
}

/* Without the blanks around it, NUL-ended at `end` or before. */
static char *trim(char *field, char *end)
{
    for (;;) {
        if (field < end && (*field == ' ' || *field == '\t')) {
            field++;
        } else if (end - field >= 3 && is_wide_blank(field)) {
            field += 3;
        } else {
            break;
        }
    }
    for (;;) {
        if (end > field && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        } else if (end - field >= 3 && is_wide_blank(end - 3)) {
            end -= 3;
        } else {
            break;
        }
    }
    *end = '\0';
    return field;
}

void rows_init(struct rows *rows, char *text)
{
    static const char separators[] = ",;\t";
    size_t counts[3] = { 0 };
    size_t best = 0;
    bool is_quoted = false;

    *rows = (struct rows){ .next = text, .line = 1 };
    if (strncmp(text, "sep=", 4) == 0 && text[4] != '\0' && strchr(separators, text[4]) &&
        (text[5] == '\r' || text[5] == '\n')) {
        rows->separator = text[4]; /* Excel's own way of saying it */
        rows->next = text + 5 + strspn(text + 5, "\r");
        rows->next += *rows->next == '\n';
        rows->line = 2;
        return;
    }
    for (const char *at = text; *at != '\0' && (is_quoted || (*at != '\n' && *at != '\r')); at++) {
        const char *found = strchr(separators, *at);

        is_quoted = is_quoted != (*at == '"');
        if (found && !is_quoted) {
            counts[found - separators]++;
        }
    }
    for (size_t i = 1; i < 3; i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    rows->separator = separators[best];
}

/* The first of `stops` in `text`, or its end. Not strcspn(), which the sanitizers have read all of
 * a text of 16 MiB for each field. */
static char *stop_find(char *text, const char *stops)
{
    while (*text != '\0' && !strchr(stops, *text)) {
        text++;
    }
    return text;
}

/* To the end of the line, or of the text. */
static void skip_line(struct rows *rows)
{
    rows->next = stop_find(rows->next, "\n");
    if (*rows->next == '\n') {
        rows->next++;
        rows->line++;
    }
}

/*
 * One field in quotes, from behind the first: doubled ones become one, in place. NULL: there is no
 * quote at its end. *end is put behind what is left of it.
 */
static char *quoted_read(struct rows *rows, char **end)
{
    char *begin = rows->next;
    char *target = begin;

    for (char *at = begin; *at != '\0'; at++) {
        if (*at == '"' && at[1] != '"') {
            rows->next = at + 1;
            *end = target;
            return begin;
        }
        rows->line += *at == '\n';
        at += *at == '"';
        *target++ = *at;
    }
    return NULL;
}

/* One field; *end behind it. NULL after a fault. */
static char *field_read(struct rows *rows, struct roll_reader *reader, char **end)
{
    const char stops[] = { rows->separator, '\r', '\n', '\0' };
    uint32_t line = rows->line;
    char *field;

    if (*rows->next != '"') {
        field = rows->next;
        rows->next = stop_find(field, stops);
        *end = rows->next;
        if (memchr(field, '"', (size_t)(*end - field))) {
            (void)roll_fault(reader, STATUS_INVALID, line, "a quote inside a field without quotes");
            return NULL;
        }
        return field;
    }
    rows->next++;
    field = quoted_read(rows, end);
    if (!field) {
        (void)roll_fault(reader, STATUS_INVALID, line, "a quote that nothing closes");
        rows->next += strlen(rows->next);
        return NULL;
    }
    if (*rows->next != '\0' && !strchr(stops, *rows->next)) {
        (void)roll_fault(reader, STATUS_INVALID, rows->line, "something follows a closing quote");
        return NULL;
    }
    return field;
}

/* One record, blank or not. Whether it has any text. */
static bool row_read(struct rows *rows, struct roll_reader *reader, struct row *row)
{
    bool has_text = false;
    bool is_more = true;

    row->line = rows->line;
    row->field_count = 0;
    while (is_more) {
        char *end;
        char *field = field_read(rows, reader, &end);
        char stop = *rows->next;

        if (!field) {
            skip_line(rows);
            row->field_count = 0;
            return true;
        }
        is_more = stop == rows->separator;
        rows->next += is_more;
        field = trim(field, end);
        has_text = has_text || *field != '\0';
        if (row->field_count == COLUMN_MAX) {
            (void)roll_fault(reader, STATUS_INVALID, row->line, "more than %d columns", COLUMN_MAX);
            row->field_count = 0;
            skip_line(rows);
            return true;
        }
        row->fields[row->field_count++] = field;
        if (!is_more && stop != '\0') {
            rows->next += 1 + (stop == '\r' && rows->next[1] == '\n');
            rows->line++;
        }
    }
    return has_text;
}

bool rows_next(struct rows *rows, struct roll_reader *reader, struct row *row)
{
    while (*rows->next != '\0') {
        if (row_read(rows, reader, row)) {
            return true;
        }
    }
    return false;
}
