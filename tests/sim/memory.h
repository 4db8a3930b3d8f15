#pragma once

#include <stddef.h>

/* Memory for the simulation: there is some, or the program ends with a line that says so. */
void *memory_resize(void *at, size_t size);
void *memory_make(size_t count, size_t size); /* zeroed */
