#include "clients/lib/item_result.h"

#include <inttypes.h>

/* Every id is [a-z0-9-]: nothing to escape. */
void item_result_print(FILE *file, uint32_t round, const char *subject,
                       const struct contest *contest, uint32_t criterion, const uint32_t *counts)
{
    uint64_t valid = 0;
    fprintf(file, "{\"round\":%" PRIu32 ",\"subject\":\"%s\",\"criterion\":\"%s\",\"counts\":{",
            round, subject, contest->criteria[criterion].id);
    for (uint32_t grade = 0; grade < contest->grade_count; grade++) {
        fprintf(file, "%s\"%s\":%" PRIu32, grade > 0 ? "," : "", contest->grades[grade].id,
                counts[grade]);
        valid += counts[grade];
    }
    fprintf(file, "},\"valid\":%" PRIu64 "}", valid);
}
