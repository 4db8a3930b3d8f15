#include "server/core/disclosure.h"

#include <stdio.h>
#include <string.h>

static enum live live_shown(const struct sitting *sitting, const struct round *round,
                            enum audience audience)
{
    if (round->state == ROUND_CLOSED) {
        return LIVE_TALLY;
    }
    enum live live = sitting_event(sitting)->contests[round->contest].live;
    if (live == LIVE_HIDDEN && audience >= AUDIENCE_OPERATOR) {
        return LIVE_TURNOUT;
    }
    return live;
}

void disclosure_figures(const struct sitting *sitting, const struct round *round,
                        enum audience audience, struct figures *figures)
{
    const struct contest *contest = &sitting_event(sitting)->contests[round->contest];
    memset(figures, 0, sizeof(*figures));
    figures->round = round->number;
    snprintf(figures->contest, sizeof(figures->contest), "%s", contest->id);
    snprintf(figures->subject, sizeof(figures->subject), "%s",
             contest->subjects[round->subject].id);
    figures->state = round->state;
    figures->shows = live_shown(sitting, round, audience);
    figures->registered = round->registered;
    figures->item_count = round->tally.item_count;
    figures->grade_count = round->tally.grade_count;
    figures->opened_ms = round->opened_ms;
    figures->closed_ms = round->closed_ms;
    if (figures->shows >= LIVE_TURNOUT) {
        figures->cast_count = round->tally.cast_count;
    }
    if (figures->shows < LIVE_TALLY) {
        return;
    }
    for (uint32_t item = 0; item < round->tally.item_count; item++) {
        for (uint32_t choice = 0; choice < round->tally.grade_count; choice++) {
            figures->items[item].counts[choice] = round->tally.counts[item][choice];
        }
        figures->items[item].valid = tally_valid(&round->tally, item);
    }
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
        if (round == NULL || round->state != ROUND_CLOSED) {
            continue;
        }
        struct figures figures;
        disclosure_figures(sitting, round, audience, &figures);
        struct closed_ref *ref = &view->closed[view->closed_count++];
        ref->round = round->number;
        snprintf(ref->subject, sizeof(ref->subject), "%s", contest->subjects[subject].id);
        ref->hash = figures_hash(&figures);
    }
}

void disclosure_closed(const struct sitting *sitting, enum audience audience,
                       const struct view *view, struct figures *figures)
{
    for (uint32_t i = 0; i < view->closed_count; i++) {
        disclosure_figures(sitting, sitting_round(sitting, view->closed[i].round), audience,
                           &figures[i]);
    }
}
