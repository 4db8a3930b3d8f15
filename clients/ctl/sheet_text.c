#include "clients/ctl/sheet_parts.h"

#include <string.h>

static void round_print(struct page *page, const struct figures *round)
{
    round_head_print(page, round);
    switch (round->kind) {
    case CONTEST_APPRAISAL:
        appraisal_print(page, round);
        break;
    case CONTEST_ELECTION:
        election_print(page, round);
        break;
    case CONTEST_MOTION:
        motion_print(page, round);
        break;
    case CONTEST_POLL:
        poll_print(page, round);
        break;
    default:
        break;
    }
}

/* A contest's rounds together, in their order; the contests in the event's order. */
static void contest_print(struct page *page, uint32_t index)
{
    const struct sheet *sheet = page->sheet;
    const struct contest *contest = &sheet->event->contests[index];
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        if (strcmp(sheet->rounds[i].contest, contest->id) == 0) {
            round_print(page, &sheet->rounds[i]);
        }
    }
    if (contest->kind == CONTEST_APPRAISAL) {
        ranking_print(page, contest);
    }
}

static void foot_print(const struct page *page)
{
    fputc('\n', page->file);
    if (sheet_has_kind(page->sheet, CONTEST_APPRAISAL)) {
        fprintf(page->file, "%s\n", page_word(page, TEXT_SHEET_ITEM_BASE));
    }
    fprintf(page->file, "%s\n", page_word(page, TEXT_SHEET_PRECISION));
    if (page->has_remainder) {
        fprintf(page->file, "%s\n", page_word(page, TEXT_SHEET_REMAINDER));
    }
    if (page->has_rounded) {
        fprintf(page->file, "* %s\n", page_word(page, TEXT_ROUNDING));
    }
    fprintf(page->file, "\n%s\n", page_word(page, TEXT_SHEET_SIGNATURES));
}

void sheet_print_text(const struct sheet *sheet, enum language language, FILE *file)
{
    struct page page = { .sheet = sheet, .file = file, .language = language };
    fprintf(file, "%s\n%s\n", label_text(&sheet->event->title, language),
            page_word(&page, TEXT_SHEET_RECORD));
    PAGE_FILL(&page, TEXT_SHEET_IDS, { "event", sheet->event->id }, { "log", sheet->log_id });
    fputc('\n', file);
    if (sheet->round_count == 0) {
        fprintf(file, "\n%s\n", page_word(&page, TEXT_SHEET_NONE));
        return;
    }
    for (uint32_t i = 0; i < sheet->event->contest_count; i++) {
        if (sheet_has_contest(sheet, i)) {
            contest_print(&page, i);
        }
    }
    foot_print(&page);
}
