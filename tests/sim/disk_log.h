#pragma once

#include "server/votelog/votelog_impl.h"
#include "tests/sim/disk.h"

/*
 * The vote log on a simulated disk: a backend as votelog_impl.h wants one. A file is a sector with
 * its head, then one batch after the other, each in whole sectors, with its number and a checksum;
 * what has a wrong one ends the log. A batch is written, then synced. After an error the file is
 * never written again: the next open copies what can be read into a file of its own.
 *
 * `ctx` of the options is the struct disk_log.
 */
struct disk_log {
    struct disk *disk;
    char log_id[17];
    bool has_reserve; /* there is a file to be freed when the disk is full */
    uint32_t file;    /* the one that is written */
    uint32_t sector;  /* where the next batch goes */
    uint8_t *encoded; /* the batch under way */
    uint32_t encoded_size;
    uint32_t encoded_capacity;
    /* Between the write and the sync, and after the sync. False: the process is gone by now. */
    bool (*written)(void *ctx);
    bool (*synced)(void *ctx);
    void *ctx;
};

/* log_id: 16 hexadecimal digits, of the log to be made. */
void disk_log_init(struct disk_log *log, struct disk *disk, const char *log_id);
void disk_log_finish(struct disk_log *log);

void disk_log_woke(void *ctx); /* as votelog_wake_fn: the loop looks when it likes */
extern const struct votelog_backend disk_log_backend;

/* A batch as it was read. `marks` is kept until the next, or disk_batch_finish(). */
struct disk_batch {
    uint64_t number;
    uint32_t mark_count;
    uint32_t mark_capacity;
    struct mark *marks;
    bool has_act;
    struct act act;
};
void disk_batch_finish(struct disk_batch *batch);

/* Where a reader stands: on the platter, or in the cache as a program reads. */
struct disk_place {
    uint32_t file;
    uint32_t sector;
    uint64_t number; /* of the batch before */
    bool is_platter;
};

/* The newest file that has its name, from its first batch on. False: there is none. */
bool disk_log_begin(const struct disk *disk, bool is_platter, struct disk_place *place);

/* False: there is no further batch that is whole. */
bool disk_log_next(const struct disk *disk, struct disk_place *place, struct disk_batch *batch);
