#pragma once

#include <stdint.h>

/*
 * What a simulated person thinks: every subject has a hidden quality for each criterion, every
 * person is more or less lenient, and no two see the same thing alike. All of it follows from the
 * seed, so the same seed fills in the same cards. Pure.
 */

/*
 * The grade (0 the best) a person gives.
 *
 * seed         of the hall
 * seat, subject, item  who rates whom on what
 * change       0 for the first choice; a change of mind moves by one grade
 * grade_count  2 .. GRADE_MAX
 */
uint8_t taste_choice(uint64_t seed, uint32_t seat, const char *subject, uint32_t item,
                     uint32_t change, uint32_t grade_count);
