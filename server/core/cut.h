#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/model/view.h"

/*
 * The cut of a ranking by votes: so many places, and those level at the last of them (E11). For
 * elections and for shortlists of polls. Pure.
 *
 * line         votes of the last place; those who have more are above it
 * above_count  those above the line
 * is_tied      more are level with the line than there are places left: none of them has one
 */
struct cut {
    uint32_t seats;
    uint32_t passing_count;
    uint32_t line;
    uint32_t above_count;
    bool is_tied;
};

/* votes: of those who pass, in any order; sorted here, most first. seats >= 1. */
struct cut cut_draw(uint32_t *votes, uint32_t passing_count, uint32_t seats);

/* What one who passes with so many votes is. */
enum standing cut_standing(const struct cut *cut, uint32_t votes);

/* Places open among those tied, and places for which nobody passed; one of the two is 0. */
uint32_t cut_run_off_seats(const struct cut *cut);
uint32_t cut_missing_seats(const struct cut *cut);
