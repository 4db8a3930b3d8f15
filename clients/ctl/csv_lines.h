#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/model/fault.h"

/*
 * Lines of a CSV file (RFC 4180) from a text in memory, split in place: UTF-8 with or without a
 * byte order mark, lines that end in LF or CR LF, fields that may be quoted. A field holds no line
 * break. Pure but for csv_file_read(); the text is the caller's and is changed.
 */
#define CSV_FIELD_MAX 32 /* the widest file here has six; a roll's export may have more */

struct csv {
    char *at;
    char *end;
    uint32_t line; /* of what csv_next() returned last, from 1 */
};

/*
 * The bytes of a file, and one byte of room behind them. *text is given (free()).
 * Errors: STATUS_IO; STATUS_LIMIT: over size_max bytes; STATUS_NOMEM.
 */
MUST_CHECK enum status csv_file_read(const char *path, size_t size_max, char **text, size_t *size,
                                     struct fault *fault);

/* text[0 .. size), text[size] is the caller's as well and becomes NUL. */
void csv_init(struct csv *csv, char *text, size_t size);

/*
 * The next line that is not empty: its fields, NUL-ended, in the text. The next call goes on after
 * a line with a fault.
 *
 * count   out: fields of the line, 1 .. CSV_FIELD_MAX
 * wrong   out: what is wrong, a static text, where STATUS_INVALID is returned
 * Errors  STATUS_NOT_FOUND: no line is left; STATUS_INVALID
 */
MUST_CHECK enum status csv_next(struct csv *csv, char *fields[CSV_FIELD_MAX], uint32_t *count,
                                const char **wrong);
