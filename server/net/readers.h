#pragma once

#include <stdint.h>

/*
 * Readers of documents: who is being sent the answer to GET /api/v1/view, and of which version.
 *
 * A document may have megabytes, a new one is made for each epoch, and it lives as long as somebody
 * reads it. So at most READERS_HELD_MAX versions are kept for readers: when a newer one is asked
 * for, who still reads the oldest is cut off. Loop thread only.
 */
#define READERS_HELD_MAX 16

struct blob;
struct guest;

/* A version that is being read. reader_count 0: this place is free. */
struct held {
    const struct blob *blob; /* kept: each reader has its own reference */
    uint32_t reader_count;
    uint64_t number; /* rises with every version */
};

struct readers {
    struct held held[READERS_HELD_MAX];
    uint64_t number;
    struct guest *first;
    uint64_t cut_total; /* readers cut off, ever */
};

/* The guest begins to read `blob`; what it read before is forgotten. */
void readers_enter(struct readers *readers, struct guest *guest, const struct blob *blob);

/* It has read all, or is gone. Does nothing to one that reads nothing. */
void readers_leave(struct readers *readers, struct guest *guest);
