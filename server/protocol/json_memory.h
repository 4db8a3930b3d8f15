#pragma once

#include <stddef.h>

/*
 * The memory that JSON is read into and written from.
 *
 * jansson 2.14 cannot live through an allocation that fails: the token it reads loses bytes, so
 * that a sound message is called "not JSON", means something else, or is read past its end. A
 * program that must not misread says once, before it reads or writes any, where the memory comes
 * from:
 *
 * allocate  as malloc(), and never returns NULL: it ends the process instead
 * release   as free()
 */
void json_memory_from(void *(*allocate)(size_t size), void (*release)(void *memory));
