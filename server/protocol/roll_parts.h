#pragma once

#include "server/protocol/roll_file.h"

/*
 * The parts of reading a roll, each in its own file. For the roll_*.c of server/protocol.
 */

/* Where faults of a file's lines go. `first` is the first one's status. */
struct roll_reader {
    const char *file;
    struct fault_list *faults;
    enum status first;
};

/* line 0: of the whole file. Returns false. */
bool roll_fault(struct roll_reader *reader, enum status status, uint32_t line, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/*
 * The text as UTF-8 without BOM, NUL-ended: from UTF-8, UTF-16 with BOM, or GB18030. Given; NULL
 * after a fault. No control characters but tab, CR and LF are in it.
 */
char *roll_decode(struct roll_reader *reader, const char *text, size_t size, size_t *decoded_size);

#define COLUMN_MAX 64 /* of a roll; exports of whole registers have about thirty */

/* One record: its fields, trimmed, borrowed from the text. */
struct row {
    uint32_t line; /* where it begins, from 1 */
    uint32_t field_count;
    char *fields[COLUMN_MAX];
};

/* Reads a text record by record, in place. */
struct rows {
    char *next;
    uint32_t line;
    char separator;
};

/* Finds out what separates the fields: comma, semicolon or tab, whichever the first line has. */
void rows_init(struct rows *rows, char *text);
/*
 * The next record that is not blank. False at the end. A faulty one is passed over, with a fault
 * and field_count 0.
 */
bool rows_next(struct rows *rows, struct roll_reader *reader, struct row *row);
