#include <string.h>

#include "clients/hall/crowd_impl.h"

/*
 * The hall's book of rounds: which were heard open, which are over, and what the server published
 * of their turnout. The public document has the rounds of one contest at a time, so it is fetched
 * when a round has opened and once more when it is over.
 */

/* A round that is heard of for the first time. False: no room for it. */
static bool round_begin(struct crowd *crowd, const struct round_notice *round)
{
    if (truth_round(crowd->truth, round) != STATUS_OK) {
        snprintf(crowd->trouble, sizeof(crowd->trouble), "no memory for round %u", round->round);
        return false;
    }
    /* Of a round before only the last word is missing, and the document has left its contest. */
    for (uint32_t i = 1; i <= crowd->round_last; i++) {
        if (crowd->book[i].has_turnout) {
            crowd->book[i].wish = WISH_NOTHING;
        }
    }
    if (round->round > crowd->round_last) {
        crowd->round_last = round->round;
        crowd->notice = *round;
    }
    crowd->book[round->round].progress = ROUND_HEARD;
    crowd->book[round->round].wish = round->kind == CONTEST_ELECTION ? WISH_ANY : WISH_NOTHING;
    crowd->figures.rounds_opened++;
    return true;
}

void book_hear(struct crowd *crowd, const struct round_notice *round)
{
    if (round->round < 1 || round->round > ROUND_MAX) {
        return;
    }
    struct book_line *line = &crowd->book[round->round];
    bool is_open = round->state == ROUND_OPEN || round->state == ROUND_PAUSED;
    if (line->progress == ROUND_UNHEARD && is_open && !round_begin(crowd, round)) {
        return;
    }
    if (line->progress == ROUND_HEARD && round_state_is_over(round->state)) {
        line->progress = ROUND_OVER;
        line->wish = round->kind == CONTEST_ELECTION ? WISH_FINAL : WISH_NOTHING;
        crowd->figures.rounds_closed++;
        crowd->is_return_due = true;
    }
    if (line->progress != ROUND_UNHEARD && round->state == ROUND_VOID) {
        truth_void(crowd->truth, round->round);
    }
}

static void figures_read(struct crowd *crowd, const struct figures *figures)
{
    if (figures->round < 1 || figures->round > ROUND_MAX) {
        return;
    }
    struct book_line *line = &crowd->book[figures->round];
    bool is_over = round_state_is_over(figures->state);
    if (line->wish == WISH_NOTHING) {
        return;
    }
    struct hand_turnout turnout = { .is_known = true,
                                    .has_present = figures->has_present,
                                    .registered = figures->registered,
                                    .present = figures->present,
                                    .issued = figures->issued };
    truth_turnout(crowd->truth, figures->round, &turnout);
    line->has_turnout = true;
    if (line->wish == WISH_ANY || is_over) {
        line->wish = WISH_NOTHING;
    }
    if (figures->state == ROUND_VOID) {
        truth_void(crowd->truth, figures->round);
    }
}

void book_read(struct crowd *crowd, struct document *document)
{
    if (document->view.has_live) {
        figures_read(crowd, &document->view.live);
    }
    for (uint32_t i = 0; i < document->closed_count; i++) {
        figures_read(crowd, &document->closed[i]);
    }
    if (crowd->has_event) {
        document_finish(document);
    } else {
        crowd->document = *document;
        crowd->has_event = true;
    }
}

bool crowd_wants(const struct crowd *crowd)
{
    for (uint32_t i = 1; i <= crowd->round_last; i++) {
        if (crowd->book[i].wish != WISH_NOTHING) {
            return true;
        }
    }
    return false;
}
