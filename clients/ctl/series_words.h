#pragma once

#include <stdio.h>

#include "clients/ctl/series.h"

/* What the readable forms of a series share. */

/* "须再次投票(E11)"; of GAP_NONE "已决定". Static. */
const char *series_gap_word(enum series_gap gap, enum language language);

/* The names of those elected by every round of the row that stands, in the order of the ballots. */
void series_elected_print(const struct series_row *row, enum language language, FILE *file);
