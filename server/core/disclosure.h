#pragma once

#include "server/core/sitting.h"
#include "server/model/view.h"

/*
 * What an audience may see: the only maker of views and of figures that leave the server.
 *
 * While a round is open or paused its contest's `live` decides: hidden, turnout or tally; operator,
 * officer and scrutineer see turnout at least. Once closed its figures are shown to all. Pure.
 */

/* The figures of `round` as `audience` may see them; everything withheld is zero. */
void disclosure_figures(const struct sitting *sitting, const struct round *round,
                        enum audience audience, struct figures *figures);

/*
 * Fills `view` but for what the publisher knows: log_id, epoch, at_ms, texts stay zero.
 * live is the latest round; closed are the newest closed rounds of its contest, by subject.
 */
void disclosure_view(const struct sitting *sitting, enum audience audience, struct view *view);

/*
 * The figures of view->closed, in its order, into figures[view->closed_count]. The same sitting
 * state must hold as when the view was made.
 */
void disclosure_closed(const struct sitting *sitting, enum audience audience,
                       const struct view *view, struct figures *figures);
