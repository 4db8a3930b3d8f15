#pragma once

#include <stddef.h>

/*
 * The pages and what they load, built into the program from clients/web by assets.cmake.
 */
struct asset {
    const char *name; /* "vote.html" */
    const char *type; /* MIME type */
    const unsigned char *data;
    size_t size;
    const unsigned char *packed; /* the same, gzip */
    size_t packed_size;
    const char *etag; /* quoted */
};

/* Ends with a NULL name. */
extern const struct asset assets[];
