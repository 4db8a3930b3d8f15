#include "server/model/name_table.h"

#include <string.h>

unsigned name_table_parse(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return (unsigned)i;
        }
    }
    return 0;
}
