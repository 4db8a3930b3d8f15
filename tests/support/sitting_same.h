#pragma once

#include <stdbool.h>

#include "server/core/sitting.h"

#define SITTING_SAME_WHY_SIZE 512

/*
 * Whether two folds of one log are the same state: rounds, ballots in their order, figures, who is
 * there, names, steps, programme. False: `why` says where they differ.
 */
bool sitting_same(const struct sitting *live, const struct sitting *fresh,
                  char why[SITTING_SAME_WHY_SIZE]);
