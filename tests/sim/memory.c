#include "tests/sim/memory.h"

#include <stdio.h>
#include <stdlib.h>

static void *checked(void *at)
{
    if (at == NULL) {
        fprintf(stderr, "minping-sim: no memory\n");
        exit(2);
    }
    return at;
}

void *memory_resize(void *at, size_t size)
{
    return checked(realloc(at, size));
}

void *memory_make(size_t count, size_t size)
{
    return checked(calloc(count, size));
}
