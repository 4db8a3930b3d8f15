#pragma once

#include <stddef.h>
#include <stdint.h>

#include "server/model/status.h"

/*
 * What went wrong, for a person to read. Owned by the caller; the first fault wins.
 *
 * text   lower case, what failed first, the subject in quotes, no full stop:
 *        cannot open 'roll.csv': permission denied
 * where  a JSON path ("$.contests[0].id"), a file and line ("roll.csv:12"), or empty
 */
struct fault {
    enum status status;
    char where[160];
    char text[256];
};

/*
 * Fills `fault` unless it is NULL or already filled (status not STATUS_OK). Text that does not fit
 * is cut at a UTF-8 boundary. Returns `status`, so that `return fault_set(…)` reads well.
 */
enum status fault_set(struct fault *fault, enum status status, const char *where,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
#ifdef __clang_analyzer__ /* it looks at one file at a time, and has to know what is returned */
#define fault_set(fault, status, ...) (fault_set(fault, status, __VA_ARGS__), (status))
#endif

/* Every fault of a file, in the order found; `omitted` counts what came after the last place. */
#define FAULT_LIST_MAX 64 /* a person mends a file in rounds; more than a screen helps nobody */

struct fault_list {
    struct fault faults[FAULT_LIST_MAX];
    uint32_t count;
    uint32_t omitted;
};

void fault_list_add(struct fault_list *list, enum status status, const char *where,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
