#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_file.h"
#include "server/protocol/message.h"

/*
 * Writes the document the golden pictures are drawn from: document_make EVENT.json OUT.json [paper]
 *
 * Every subject of the first contest closed but the third, which is open; counts from a fixed
 * seed, so that the same event always gives the same bytes. `paper`: of every second subject, the
 * open one among them, some were counted by hand; the first one's round is certified, the fifth's
 * void.
 */
#define REGISTERED 1995
#define AT_MS INT64_C(1764504847000) /* 2025-11-30 20:14:07 in Shanghai */

static uint32_t next_below(uint64_t *seed, uint32_t limit)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % limit);
}

static void figures_make(struct figures *figures, const struct contest *contest, uint32_t index,
                         uint64_t *seed)
{
    *figures = (struct figures){ .round = index + 1,
                                 .kind = CONTEST_APPRAISAL,
                                 .decision = DECISION_COUNTED,
                                 .state = ROUND_CLOSED,
                                 .shows = LIVE_TALLY,
                                 .registered = REGISTERED,
                                 .cast_count = REGISTERED - next_below(seed, 60),
                                 .issued = REGISTERED,
                                 .item_count = contest->criterion_count,
                                 .grade_count = contest->grade_count,
                                 .opened_ms = AT_MS - 3600000 + index * 120000,
                                 .closed_ms = AT_MS - 3540000 + index * 120000 };
    figures->valid_count = figures->cast_count;
    snprintf(figures->contest, sizeof(figures->contest), "%s", contest->id);
    snprintf(figures->subject, sizeof(figures->subject), "%s", contest->subjects[index].id);
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        struct item_figures *item = &figures->items[i];
        uint32_t left = figures->cast_count - next_below(seed, 9);
        item->valid = left;
        for (uint32_t g = contest->grade_count - 1; g > 0; g--) {
            item->counts[g] = next_below(seed, item->valid / (3 + g));
            left -= item->counts[g];
        }
        item->counts[0] = left;
    }
}

/* Some of the votes on paper; a round that is certified, and one that is void. */
static void paper_add(struct figures *figures, uint32_t index)
{
    figures->paper_count = index % 2 == 0 ? 26 + index : 0;
    figures->state = index == 0 ? ROUND_CERTIFIED : index == 4 ? ROUND_VOID : figures->state;
    if (figures->state == ROUND_VOID) {
        figures->shows = LIVE_TURNOUT;
        figures->decision = DECISION_INVALID;
        figures->valid_count = 0;
        figures->item_count = 0;
        figures->grade_count = 0;
        memset(figures->items, 0, sizeof(figures->items));
        snprintf(figures->reason, sizeof(figures->reason), "投票设备故障，重新测评");
    }
}

static enum status document_make(struct document *document, struct event *event, bool has_paper)
{
    const struct contest *contest = &event->contests[0];
    struct view *view = &document->view;
    uint64_t seed = 1995;
    document->texts = event;
    document->closed = calloc(contest->subject_count, sizeof(*document->closed));
    if (document->closed == NULL || contest->subject_count < 3) {
        return STATUS_INVALID;
    }
    *view = (struct view){ .epoch = 318204,
                           .at_ms = AT_MS,
                           .audience = AUDIENCE_PUBLIC,
                           .texts = texts_hash(event),
                           .has_live = true };
    memcpy(view->log_id, "00c0ffee00c0ffee", sizeof(view->log_id));
    for (uint32_t i = 0; i < contest->subject_count; i++) {
        struct figures figures;
        figures_make(&figures, contest, i, &seed);
        if (has_paper) {
            paper_add(&figures, i);
        }
        if (i == 2) {
            figures.state = ROUND_OPEN;
            figures.closed_ms = 0;
            figures.cast_count = 1874;
            for (uint32_t k = 0; k < figures.item_count; k++) {
                uint32_t over = figures.items[k].valid - 1874 + k;
                figures.items[k].valid -= over;
                figures.items[k].counts[0] -= over;
            }
            view->live = figures;
            continue;
        }
        struct closed_ref *ref = &view->closed[view->closed_count];
        ref->round = figures.round;
        memcpy(ref->subject, figures.subject, sizeof(ref->subject));
        ref->hash = figures_hash(&figures);
        document->closed[view->closed_count++] = figures;
    }
    document->closed_count = view->closed_count;
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    static struct fault_list faults;
    static struct document document;
    struct fault fault = { 0 };
    struct event *event = NULL;
    char *text = NULL;
    size_t size = 0;
    bool has_paper = argc == 4 && strcmp(argv[3], "paper") == 0;
    if (argc != 3 && !has_paper) {
        fprintf(stderr, "usage: document_make EVENT.json OUT.json [paper]\n");
        return 2;
    }
    if (event_file_read(argv[1], &event, &faults) != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", faults.faults[0].where, faults.faults[0].text);
        return 1;
    }
    enum status status = document_make(&document, event, has_paper);
    if (status == STATUS_OK) {
        status = document_encode(&document, &text, &size, &fault);
    }
    FILE *file = status == STATUS_OK ? fopen(argv[2], "wb") : NULL;
    bool is_written = file != NULL && fwrite(text, 1, size, file) == size;
    is_written = file != NULL && fclose(file) == 0 && is_written;
    document_finish(&document);
    free(text);
    if (!is_written) {
        fprintf(stderr, "cannot make '%s' %s\n", argv[2], fault.text);
        return 1;
    }
    return 0;
}
