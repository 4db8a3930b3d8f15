#pragma once

#include <stdint.h>
#include <stdio.h>

/*
 * Lines of comma-separated values as RFC 4180 has them, for spreadsheets: UTF-8 with a byte order
 * mark at the beginning of the file, lines end in CR LF.
 */
#define CSV_BYTE_ORDER_MARK "\xef\xbb\xbf"

/*
 * One field, quoted where it must be. A text that begins with = + - @ would be run as a formula by
 * a spreadsheet, and a written-in name is what any voter likes: it gets an apostrophe before it.
 */
void csv_text(FILE *file, const char *text);

/* The texts between commas, in order; the last one is NULL. No comma before or after. */
void csv_texts(FILE *file, ...) __attribute__((sentinel));

/* A comma, then the number. */
void csv_number(FILE *file, uint64_t number);

/* A comma, then hundredths as "12.34". */
void csv_hundredths(FILE *file, uint64_t hundredths);

void csv_line_end(FILE *file);
