#pragma once

#include <stddef.h>

#include "server/model/event.h"
#include "server/model/fault.h"

/*
 * Series files, minping-series(5): many sittings that belong together. Pure but for
 * series_file_read(); any thread.
 */
#define SERIES_SITTING_MAX CONTEST_MAX /* as many sittings as an event could have contests */
#define SERIES_SIZE_MAX (1u << 20)     /* bytes of a series file; 512 sittings fit in 256 kB */
#define SERIES_PATH_SIZE 1024          /* bytes of a path in it, and NUL */

/*
 * One sitting. Its paths are as the file has them, or, after series_file_read(), below the file's
 * folder where they are not absolute.
 *
 * data   the data directory of its server; "": none is planned yet
 * event  its event file, for a sitting that has not happened yet; or ""
 */
struct series_sitting {
    char id[ID_SIZE];
    struct label title;
    char data[SERIES_PATH_SIZE];
    char event[SERIES_PATH_SIZE];
};

struct series {
    char id[ID_SIZE];
    struct label title;
    uint32_t sitting_count; /* 1 .. SERIES_SITTING_MAX */
    struct series_sitting *sittings;
};

/*
 * Parses and validates `text` completely. On success *series is given; otherwise NULL and `faults`
 * holds at least one. Errors: STATUS_INVALID, STATUS_LIMIT (over SERIES_SIZE_MAX), STATUS_NOMEM.
 */
MUST_CHECK enum status series_parse(const char *text, size_t size, struct series **series,
                                    struct fault_list *faults);

/*
 * Reads the file at `path` and parses it. STATUS_IO as well; STATUS_LIMIT where the file's folder
 * and a path in it are too long together.
 */
MUST_CHECK enum status series_file_read(const char *path, struct series **series,
                                        struct fault_list *faults);
void series_destroy(struct series *series);
