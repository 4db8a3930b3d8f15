#pragma once

#include <stdio.h>

#include "server/core/sitting.h"
#include "server/model/view.h"

/*
 * The result sheet: the closed rounds of one contest, and the same sheet whether it comes from a
 * running server or from a log. sheet_print_*() write it; JSON of the same log is the same bytes.
 * Pure but for printing.
 *
 * event, contest  borrowed; contest is NULL before the first round
 * rounds          by round, ascending; all of them closed and with their tally
 */
struct sheet {
    const struct event *event;
    const struct contest *contest;
    char log_id[17];
    uint32_t round_count;
    struct figures *rounds;
};

/* Both borrow what they are made from as long as the sheet lives. Errors: STATUS_INVALID (figures
 * that do not fit the event or whose sums do not agree; the fault names the round),
 * STATUS_NOT_FOUND (contest), STATUS_NOMEM. sheet_finish() after success. */
MUST_CHECK enum status sheet_from_document(const struct document *document, struct sheet *sheet,
                                           struct fault *fault);

/* contest_id: which contest; NULL: that of the latest round, as a server shows it. */
MUST_CHECK enum status sheet_from_sitting(const struct sitting *sitting, const char log_id[17],
                                          const char *contest_id, struct sheet *sheet,
                                          struct fault *fault);
void sheet_finish(struct sheet *sheet);

/*
 * JSON: {"minping":1,"event","log","contest","rounds":[{"round","subject","registered","cast",
 * "opened_ms","closed_ms"}…],"items":[…]}, items as in clients/lib/item_result.h.
 * CSV: UTF-8 with a byte order mark, CRLF, a header line, one line an item (RFC 4180).
 * Text: to be read; every percentage with its base, and the remark where parts do not add to 100.0.
 */
void sheet_print_json(const struct sheet *sheet, FILE *file);
void sheet_print_csv(const struct sheet *sheet, enum language language, FILE *file);
void sheet_print_text(const struct sheet *sheet, enum language language, FILE *file);
