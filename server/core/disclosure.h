#pragma once

#include "server/core/sitting.h"
#include "server/model/view.h"

/*
 * What an audience may see: the only maker of views and of figures that leave the server.
 *
 * While a round is open or paused its contest's `live` decides: hidden, turnout or tally; operator,
 * officer and scrutineer see turnout at least; of an election nobody more than turnout, also as
 * long as cards wait for a ruling. Once closed its figures are shown to all; of a void round the
 * turnout. Pure.
 */

/* The figures of `round` as `audience` may see them; everything withheld is zero. */
void disclosure_figures(const struct sitting *sitting, const struct round *round,
                        enum audience audience, struct figures *figures);

/*
 * Fills `view` but for what the publisher knows: log_id, epoch, at_ms, texts stay zero.
 * live is the latest round; closed are the rounds of its contest that are over, see model/view.h.
 */
void disclosure_view(const struct sitting *sitting, enum audience audience, struct view *view);

/*
 * The figures of every round that is over, of all contests, by number, the first figures_max of
 * them into `figures`: void rounds and those a later one took the place of too, for a result sheet
 * lists them. Returns how many there are.
 */
uint32_t disclosure_closed(const struct sitting *sitting, enum audience audience,
                           struct figures *figures, uint32_t figures_max);
