#include "server/core/tally.h"

#include <assert.h>
#include <string.h>

void tally_init(struct tally *tally, uint32_t item_count, uint32_t grade_count)
{
    assert(item_count <= ITEM_MAX && grade_count <= GRADE_MAX);
    memset(tally, 0, sizeof(*tally));
    tally->item_count = item_count;
    tally->grade_count = grade_count;
}

void tally_replace(struct tally *tally, uint32_t item, uint16_t before, uint16_t choice)
{
    assert(item < tally->item_count && choice < tally->grade_count);
    if (before != CHOICE_NONE) {
        assert(before < tally->grade_count && tally->counts[item][before] > 0);
        tally->counts[item][before]--;
    }
    tally->counts[item][choice]++;
}

uint32_t tally_valid(const struct tally *tally, uint32_t item)
{
    uint32_t valid = 0;
    for (uint32_t choice = 0; choice < tally->grade_count; choice++) {
        valid += tally->counts[item][choice];
    }
    return valid;
}
