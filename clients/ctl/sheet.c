#include "clients/ctl/sheet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clients/lib/item_result.h"
#include "server/core/disclosure.h"

static int round_compare(const void *a, const void *b)
{
    const struct figures *left = a;
    const struct figures *right = b;
    return left->round < right->round ? -1 : left->round > right->round;
}

/* Whether the figures are of this contest, whole, and their sums agree. */
static enum status figures_check(const struct sheet *sheet, const struct figures *figures,
                                 struct fault *fault)
{
    const struct contest *contest = sheet->contest;
    if (figures->state != ROUND_CLOSED || figures->shows != LIVE_TALLY ||
        strcmp(figures->contest, contest->id) != 0 ||
        contest_find_subject(contest, figures->subject) < 0 ||
        figures->item_count != contest->criterion_count ||
        figures->grade_count != contest->grade_count) {
        return fault_set(fault, STATUS_INVALID, "",
                         "the figures of round %" PRIu32 " do not fit contest '%s'", figures->round,
                         contest->id);
    }
    if (!figures_are_sound(figures)) {
        return fault_set(fault, STATUS_INVALID, "", "the sums of round %" PRIu32 " do not agree",
                         figures->round);
    }
    return STATUS_OK;
}

static enum status sheet_seal(struct sheet *sheet, struct fault *fault)
{
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        enum status status = figures_check(sheet, &sheet->rounds[i], fault);
        if (status != STATUS_OK) {
            sheet_finish(sheet);
            return status;
        }
    }
    if (sheet->round_count > 1) {
        qsort(sheet->rounds, sheet->round_count, sizeof(sheet->rounds[0]), round_compare);
    }
    return STATUS_OK;
}

static enum status rounds_allocate(struct sheet *sheet, uint32_t count, struct fault *fault)
{
    sheet->rounds = calloc(count > 0 ? count : 1, sizeof(*sheet->rounds));
    return sheet->rounds != NULL
               ? STATUS_OK
               : fault_set(fault, STATUS_NOMEM, "", "no memory for %" PRIu32 " rounds", count);
}

enum status sheet_from_document(const struct document *document, struct sheet *sheet,
                                struct fault *fault)
{
    memset(sheet, 0, sizeof(*sheet));
    sheet->event = document->texts;
    memcpy(sheet->log_id, document->view.log_id, sizeof(sheet->log_id));
    if (rounds_allocate(sheet, document->closed_count, fault) != STATUS_OK) {
        return STATUS_NOMEM;
    }
    const char *id = document->view.has_live      ? document->view.live.contest
                     : document->closed_count > 0 ? document->closed[0].contest
                                                  : "";
    int32_t index = event_find_contest(sheet->event, id);
    if (index < 0 && id[0] != '\0') {
        sheet_finish(sheet);
        return fault_set(fault, STATUS_INVALID, "", "no contest '%s' in the server's event", id);
    }
    sheet->contest = index >= 0 ? &sheet->event->contests[index] : NULL;
    sheet->round_count = document->closed_count;
    if (document->closed_count > 0) {
        memcpy(sheet->rounds, document->closed, document->closed_count * sizeof(sheet->rounds[0]));
    }
    return sheet_seal(sheet, fault);
}

enum status sheet_from_sitting(const struct sitting *sitting, const char log_id[17],
                               const char *contest_id, struct sheet *sheet, struct fault *fault)
{
    memset(sheet, 0, sizeof(*sheet));
    sheet->event = sitting_event(sitting);
    memcpy(sheet->log_id, log_id, sizeof(sheet->log_id));
    const struct round *latest = sitting_latest(sitting);
    int32_t index = contest_id != NULL ? event_find_contest(sheet->event, contest_id)
                    : latest != NULL   ? (int32_t)latest->contest
                                       : -1;
    if (index < 0 && contest_id != NULL) {
        return fault_set(fault, STATUS_NOT_FOUND, "", "no contest '%s' in the event", contest_id);
    }
    uint32_t subject_count = index >= 0 ? sheet->event->contests[index].subject_count : 0;
    if (rounds_allocate(sheet, subject_count, fault) != STATUS_OK) {
        return STATUS_NOMEM;
    }
    for (uint32_t subject = 0; subject < subject_count; subject++) {
        sheet->contest = &sheet->event->contests[index];
        const struct round *round = sitting_round_of(sitting, (uint32_t)index, subject);
        if (round != NULL && round->state == ROUND_CLOSED) {
            disclosure_figures(sitting, round, AUDIENCE_PUBLIC,
                               &sheet->rounds[sheet->round_count++]);
        }
    }
    return sheet_seal(sheet, fault);
}

void sheet_finish(struct sheet *sheet)
{
    free(sheet->rounds);
    sheet->rounds = NULL;
    sheet->round_count = 0;
}

void sheet_print_json(const struct sheet *sheet, FILE *file)
{
    fprintf(file,
            "{\"minping\":1,\"event\":\"%s\",\"log\":\"%s\",\"contest\":\"%s\",\n\"rounds\":[",
            sheet->event->id, sheet->log_id, sheet->contest != NULL ? sheet->contest->id : "");
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        fprintf(file,
                "%s\n{\"round\":%" PRIu32 ",\"subject\":\"%s\",\"registered\":%" PRIu32
                ",\"cast\":%" PRIu32 ",\"opened_ms\":%" PRId64 ",\"closed_ms\":%" PRId64 "}",
                i > 0 ? "," : "", round->round, round->subject, round->registered,
                round->cast_count, round->opened_ms, round->closed_ms);
    }
    fprintf(file, "\n],\n\"items\":[");
    for (uint32_t i = 0; i < sheet->round_count; i++) {
        const struct figures *round = &sheet->rounds[i];
        for (uint32_t item = 0; item < round->item_count; item++) {
            fprintf(file, "%s\n", i + item > 0 ? "," : "");
            item_result_print(file, round->round, round->subject, sheet->contest, item,
                              round->items[item].counts);
        }
    }
    fprintf(file, "\n]}\n");
}
