#pragma once

#include <stdint.h>
#include <stdio.h>

#include "server/model/event.h"
#include "server/model/limits.h"

/*
 * One item of an appraisal's result, as results.json and truth.json both have it (DESIGN §6):
 *
 *   {"round":1,"subject":"s01","criterion":"ability","counts":{"good":3,"fair":2},"valid":5}
 *
 * Both files are written here, so that they can be compared byte for byte.
 */

/* subject    its id
 * criterion, grades  of the contest's definition; counts[grade_count] in its grades' order */
void item_result_print(FILE *file, uint32_t round, const char *subject,
                       const struct contest *contest, uint32_t criterion, const uint32_t *counts);
