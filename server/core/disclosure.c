#include "server/core/disclosure.h"

#include <string.h>

/*
 * An election's votes are nobody's before the close, and nobody's either while cards wait for a
 * ruling: what the first ones say would steer it.
 */
static enum live live_shown(const struct sitting *sitting, const struct round *round,
                            enum audience audience)
{
    const struct contest *contest = &sitting_event(sitting)->contests[round->contest];
    if (round->state == ROUND_VOID) {
        return LIVE_TURNOUT;
    }
    if (round_state_is_over(round->state)) {
        return round->figures->decision == DECISION_PENDING ? LIVE_TURNOUT : LIVE_TALLY;
    }
    enum live live = contest->live;
    if (contest->kind == CONTEST_ELECTION && live == LIVE_TALLY) {
        live = LIVE_TURNOUT;
    }
    if (live == LIVE_HIDDEN && audience >= AUDIENCE_OPERATOR) {
        return LIVE_TURNOUT;
    }
    return live;
}

void disclosure_figures(const struct sitting *sitting, const struct round *round,
                        enum audience audience, struct figures *figures)
{
    sitting_figures(sitting, round, figures);
    figures->shows = live_shown(sitting, round, audience);
    if (figures->shows < LIVE_TURNOUT) {
        figures->cast_count = 0;
        figures->paper_count = 0;
    }
    if (figures->shows == LIVE_TALLY) {
        return;
    }
    struct election_figures election = figures->election;
    figures->valid_count = 0;
    figures->void_count = 0;
    figures->satisfied = 0;
    figures->satisfied_base = 0;
    memset(figures->items, 0, sizeof(figures->items));
    memset(&figures->appraisal, 0, sizeof(figures->appraisal));
    memset(&figures->election, 0, sizeof(figures->election));
    figures->election.stage = election.stage;
    figures->election.seats = election.seats;
    memcpy(figures->election.order, election.order, sizeof(election.order));
}

/* Whether this round is one of those an audience is told of when it is over. */
static bool is_listed(const struct sitting *sitting, const struct round *round)
{
    const struct contest *contest = &sitting_event(sitting)->contests[round->contest];
    return round_state_is_over(round->state) &&
           (contest->kind != CONTEST_APPRAISAL ||
            sitting_round_of(sitting, round->contest, round->subject) == round);
}

static void ref_put(const struct sitting *sitting, const struct round *round,
                    enum audience audience, struct view *view)
{
    struct figures figures;
    disclosure_figures(sitting, round, audience, &figures);
    struct closed_ref *ref = &view->closed[view->closed_count++];
    ref->round = round->number;
    memcpy(ref->subject, figures.subject, sizeof(ref->subject));
    ref->hash = figures_hash(&figures);
}

void disclosure_view(const struct sitting *sitting, enum audience audience, struct view *view)
{
    memset(view, 0, sizeof(*view));
    view->audience = audience;
    const struct round *latest = sitting_latest(sitting);
    if (latest == NULL) {
        return;
    }
    view->has_live = true;
    disclosure_figures(sitting, latest, audience, &view->live);
    const struct contest *contest = &sitting_event(sitting)->contests[latest->contest];
    for (uint32_t subject = 0; subject < contest->subject_count; subject++) {
        const struct round *round = sitting_round_of(sitting, latest->contest, subject);
        if (round != NULL && is_listed(sitting, round)) {
            ref_put(sitting, round, audience, view);
        }
    }
    uint32_t first = 1;
    uint32_t count = 0;
    for (uint32_t n = sitting_round_count(sitting); n >= 1 && contest->subject_count == 0; n--) {
        const struct round *round = sitting_round(sitting, n);
        count += round->contest == latest->contest && is_listed(sitting, round);
        if (count == SUBJECT_MAX) {
            first = n;
            break;
        }
    }
    for (uint32_t n = first; n <= sitting_round_count(sitting) && contest->subject_count == 0;
         n++) {
        const struct round *round = sitting_round(sitting, n);
        if (round->contest == latest->contest && is_listed(sitting, round)) {
            ref_put(sitting, round, audience, view);
        }
    }
}

uint32_t disclosure_closed(const struct sitting *sitting, enum audience audience,
                           struct figures *figures, uint32_t figures_max)
{
    uint32_t count = 0;
    for (uint32_t n = 1; n <= sitting_round_count(sitting); n++) {
        const struct round *round = sitting_round(sitting, n);
        if (!round_state_is_over(round->state)) {
            continue;
        }
        if (count < figures_max) {
            disclosure_figures(sitting, round, audience, &figures[count]);
        }
        count++;
    }
    return count;
}
