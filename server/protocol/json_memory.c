#include "server/protocol/json_memory.h"

#include <jansson.h>

void json_memory_from(void *(*allocate)(size_t size), void (*release)(void *memory))
{
    json_set_alloc_funcs(allocate, release);
}
