#include <string.h>

#include "server/protocol/rules_file.h"

/* shipped_ids and shipped_texts, made by CMakeLists.txt from server/rules. */
#include "server/protocol/rules_shipped.inc"

#define SHIPPED_COUNT (sizeof(shipped_ids) / sizeof(shipped_ids[0]))

struct rules *rules_find_shipped(const char *id)
{
    struct rules *rules;

    for (size_t i = 0; i < SHIPPED_COUNT; i++) {
        if (strcmp(shipped_ids[i], id) == 0) {
            const char *text = shipped_texts[i];

            return rules_parse(text, strlen(text), &rules, NULL) == STATUS_OK ? rules : NULL;
        }
    }
    return NULL;
}

const char *rules_shipped_id(uint32_t index)
{
    return index < SHIPPED_COUNT ? shipped_ids[index] : NULL;
}
