#pragma once

#include <stdint.h>

#include "server/core/ballot.h"
#include "server/model/limits.h"

/*
 * The tally of one round: how many marks each choice of each item has, and how many cards have any.
 * Kept up as marks replace each other; always equal to a recount of the ballot box. Pure.
 */
struct tally {
    uint32_t item_count;
    uint32_t grade_count;
    uint32_t cast_count;
    uint32_t counts[ITEM_MAX][GRADE_MAX];
};

void tally_init(struct tally *tally, uint32_t item_count, uint32_t grade_count);

/* A mark on `item` chose `choice` and replaced `before` (CHOICE_NONE: nothing). */
void tally_replace(struct tally *tally, uint32_t item, uint16_t before, uint16_t choice);

/* Marks of `item` over all its choices: the base of its percentages. */
uint32_t tally_valid(const struct tally *tally, uint32_t item);
