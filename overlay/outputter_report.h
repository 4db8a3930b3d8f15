#pragma once

#include "overlay/air.h"
#include "overlay/keeper.h"

/*
 * What the outputter says of itself while it runs, for the painter to hand on to the server. Main
 * thread.
 */

/* Of an air and its outputs. keeper: borrowed. Fills all but bus, dropped and paint. */
void outputter_report(struct air *air, const struct keeper *keeper, struct air_report *report);

/* Of the keeper alone: painters. */
void outputter_report_keeper(const struct keeper *keeper, struct air_report *report);
