#include "server/core/cut.h"

#include <assert.h>
#include <stdlib.h>

static int most_first(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a < b) - (a > b);
}

struct cut cut_draw(uint32_t *votes, uint32_t passing_count, uint32_t seats)
{
    assert(seats >= 1);
    struct cut cut = { .seats = seats, .passing_count = passing_count };
    qsort(votes, passing_count, sizeof(*votes), most_first);
    if (passing_count <= seats) {
        return cut;
    }
    cut.line = votes[seats - 1];
    cut.is_tied = votes[seats] == cut.line;
    while (votes[cut.above_count] > cut.line) {
        cut.above_count++;
    }
    return cut;
}

enum standing cut_standing(const struct cut *cut, uint32_t votes)
{
    if (votes > cut->line || cut->passing_count <= cut->seats) {
        return STANDING_ELECTED;
    }
    if (votes < cut->line) {
        return STANDING_NOT;
    }
    return cut->is_tied ? STANDING_TIED : STANDING_ELECTED;
}

uint32_t cut_run_off_seats(const struct cut *cut)
{
    return cut->is_tied ? cut->seats - cut->above_count : 0;
}

uint32_t cut_missing_seats(const struct cut *cut)
{
    return cut->passing_count < cut->seats ? cut->seats - cut->passing_count : 0;
}
