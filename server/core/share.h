#pragma once

#include <stdint.h>

#include "server/model/rules.h"

/*
 * Shares of several counts that are printed side by side. Pure; any thread.
 */

/*
 * shares[i] is the share of counts[i] in `base`, in units of 1 / `whole` (10000: hundredths of a
 * percent). count 0 .. GRADE_MAX. Base 0 gives 0. Equal counts always get equal shares.
 *
 * ROUNDING_HALF_UP            each from its own exact fraction; the sum may differ from `whole`
 * ROUNDING_LARGEST_REMAINDER  each is cut; what is missing to the share of all of them together
 *                             (`whole` where they are all of the base) goes, one unit each, to
 *                             those cut most, of equal remainders to the greater count. Equal
 *                             counts get their unit together: where not all of them can have one,
 *                             none of them and nobody after them has, and the sum stays short
 */
void shares_round(const uint32_t *counts, uint32_t count, uint64_t base, enum rounding rounding,
                  uint32_t whole, uint32_t *shares);
