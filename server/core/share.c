#include "server/core/share.h"

#include <assert.h>
#include <stdlib.h>

#include "server/model/limits.h"
#include "server/model/view.h"

struct part {
    uint32_t index;
    uint32_t count;
    uint64_t remainder;
};

/* Cut most first; of equal remainders the greater count. */
static int part_compare(const void *left, const void *right)
{
    const struct part *a = left;
    const struct part *b = right;
    if (a->remainder != b->remainder) {
        return a->remainder < b->remainder ? 1 : -1;
    }
    return (a->count < b->count) - (a->count > b->count);
}

static void share_largest_remainder(const uint32_t *counts, uint32_t count, uint64_t base,
                                    uint32_t whole, uint32_t *shares)
{
    struct part parts[GRADE_MAX];
    uint64_t sum = 0;
    uint64_t given = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t scaled = (uint64_t)counts[i] * whole;
        parts[i] = (struct part){ .index = i, .count = counts[i], .remainder = scaled % base };
        shares[i] = (uint32_t)(scaled / base);
        sum += counts[i];
        given += shares[i];
    }
    uint64_t target = share_of(sum, base, whole);
    uint64_t left = target > given ? target - given : 0;
    qsort(parts, count, sizeof(*parts), part_compare);
    for (uint32_t first = 0; first < count && parts[first].remainder > 0;) {
        uint32_t end = first + 1;
        while (end < count && parts[end].count == parts[first].count) {
            end++;
        }
        if (end - first > left) {
            return;
        }
        for (; first < end; first++) {
            shares[parts[first].index]++;
            left--;
        }
    }
}

void shares_round(const uint32_t *counts, uint32_t count, uint64_t base, enum rounding rounding,
                  uint32_t whole, uint32_t *shares)
{
    assert(count <= GRADE_MAX && rounding != ROUNDING_INVALID);
    if (rounding == ROUNDING_LARGEST_REMAINDER && base > 0) {
        share_largest_remainder(counts, count, base, whole, shares);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        shares[i] = share_of(counts[i], base, whole);
    }
}
