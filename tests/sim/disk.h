#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/lib/prng.h"
#include "server/model/status.h"

/*
 * A disk under a page cache, as Linux has them: what is written stays in the cache until a sync
 * puts it on the platter. A kill leaves the cache; a power cut leaves the platter, and of what was
 * written and not synced each sector kept, lost or garbled. A sync that fails may have put some
 * sectors on the platter and calls all of them clean: what it lost is read back from the cache
 * until that page is evicted, and no later sync writes it.
 *
 * Files are the generations of one log. Pure: every draw comes from `random`.
 */
#define DISK_SECTOR_SIZE 512u
#define DISK_FILE_MAX 4096u /* generations of one simulated hall */

struct disk_file {
    bool is_made;   /* it has its name, and the name is synced */
    bool is_failed; /* a note lies beside it: an error was seen, nothing more may be written */
    uint32_t sector_count;
    uint32_t capacity; /* sectors that the three below have room for */
    uint8_t *cache;
    uint8_t *platter;
    bool *is_dirty; /* [sector] written, not synced, and not given up by a failed sync */
};

struct disk {
    struct prng *random; /* borrowed; that of the step under way */
    struct disk_file files[DISK_FILE_MAX];
    uint32_t write_fault_count; /* so many of the next writes fail … */
    uint32_t sync_fault_count;  /* … and syncs */
    bool is_full;
    uint32_t reserve_count; /* writes that find room on the full disk all the same */
};

void disk_init(struct disk *disk);
void disk_finish(struct disk *disk);

/*
 * Bytes into whole sectors from `sector` on; the file grows. STATUS_IO: part of it may be there;
 * STATUS_NO_SPACE: nothing is.
 */
MUST_CHECK enum status disk_write(struct disk *disk, uint32_t file, uint32_t sector,
                                  const uint8_t *data, uint32_t sector_count);
MUST_CHECK enum status disk_sync(struct disk *disk, uint32_t file);

/* The power goes. */
void disk_cut(struct disk *disk);

/* The kernel gives up pages that are clean: they are read from the platter from now on. */
void disk_evict(struct disk *disk, uint32_t file);

/* A file's room is given back. */
void disk_remove(struct disk *disk, uint32_t file);
