#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "clients/ctl/sheet.h"
#include "server/text/text.h"

/*
 * What the parts of the text sheet share: the page they are written on, its columns and words. For
 * sheet_text*.c and series_text.c.
 *
 * has_rounded    a star was printed: shown parts that do not add to 100 %
 * has_remainder  shares by largest remainder were printed
 */
struct page {
    const struct sheet *sheet;
    FILE *file;
    enum language language;
    bool has_rounded;
    bool has_remainder;
};

/* A text made in place: for the values of page_fill(), which only borrows. */
struct part_text {
    char text[64];
};

#define NAME_COLUMNS 30  /* of a criterion, candidate or option */
#define COUNT_COLUMNS 10 /* a count and its heading */
#define SHARE_COLUMNS 18 /* "1995 100.00%", or "占应到会人数" above a percentage */

/* The text of the page's language. */
const char *page_word(const struct page *page, enum text_id id);

/* Prints the text with its places filled. A text too long for a line of 4 kB is cut. */
void page_fill(const struct page *page, enum text_id id, const struct text_value *values,
               uint32_t value_count);
#define PAGE_FILL(page, id, ...)                                                                   \
    page_fill((page), (id), (const struct text_value[]){ __VA_ARGS__ },                            \
              sizeof((const struct text_value[]){ __VA_ARGS__ }) / sizeof(struct text_value))

struct part_text number_text(uint64_t number);
struct part_text hash_text(uint64_t hash);
/* Hundredths of a percent: "67.84%". */
struct part_text share_text(uint32_t share);
/* count of base as a percentage; "-" of nothing. */
struct part_text share_of_text(uint64_t count, uint64_t base);
struct part_text score_text(const struct score *score); /* "90.71" or "-" */
/* The server's time as the local time here. */
struct part_text time_text(int64_t at_ms);

/* Columns a terminal gives `text`: two from U+1100 to U+1FFF and from U+3000 on, as CJK needs. */
int text_columns(const char *text);
/* `text` and blanks up to `columns`; a text that is as wide or wider is followed by one blank. */
void left_print(FILE *file, const char *text, int columns);
void right_print(FILE *file, const char *text, int columns);

/* "应到会人数": what the base is called. */
const char *base_word(const struct page *page, enum base base);

/* The round's heading, rules, turnout and its check, quorum. Of every kind. */
void round_head_print(const struct page *page, const struct figures *round);

void appraisal_print(struct page *page, const struct figures *round);
/* All subjects of one contest by rank; nothing where the rules do not rank. */
void ranking_print(const struct page *page, const struct contest *contest);
void election_print(struct page *page, const struct figures *round);
void motion_print(struct page *page, const struct figures *round);
void poll_print(struct page *page, const struct figures *round);
