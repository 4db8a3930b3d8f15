#include <string.h>
#include <unicode/ucol.h>

#include "server/protocol/event_parts.h"

/* The order of candidates by the strokes of their names. */

bool event_order_strokes(struct contest *contest)
{
    UErrorCode error = U_ZERO_ERROR;
    UCollator *collator = ucol_open("zh-u-co-stroke", &error);
    bool is_good = U_SUCCESS(error) && error != U_USING_DEFAULT_WARNING;

    /* By insertion: stable, and CANDIDATE_MAX is small. */
    for (uint32_t i = 0; is_good && i < contest->candidate_count; i++) {
        const char *name = contest->candidates[i].name.zh;
        uint32_t place = i;

        while (place > 0) {
            const char *before = contest->candidates[contest->order[place - 1]].name.zh;
            UCollationResult result = ucol_strcollUTF8(collator, before, -1, name, -1, &error);

            if (U_FAILURE(error) || result != UCOL_GREATER) {
                break;
            }
            contest->order[place] = contest->order[place - 1];
            place--;
        }
        contest->order[place] = (uint8_t)i;
        is_good = U_SUCCESS(error) != 0;
    }
    ucol_close(collator);
    return is_good;
}
