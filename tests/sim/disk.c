#include "tests/sim/disk.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory.h"

void disk_init(struct disk *disk)
{
    memset(disk, 0, sizeof(*disk));
}

void disk_remove(struct disk *disk, uint32_t file)
{
    struct disk_file *at = &disk->files[file];
    free(at->cache);
    free(at->platter);
    free(at->is_dirty);
    memset(at, 0, sizeof(*at));
}

void disk_finish(struct disk *disk)
{
    for (uint32_t file = 0; file < DISK_FILE_MAX; file++) {
        disk_remove(disk, file);
    }
}

static void file_grow(struct disk_file *file, uint32_t sector_count)
{
    uint32_t capacity = file->capacity == 0 ? 64 : file->capacity;
    while (capacity < sector_count) {
        capacity *= 2;
    }
    if (capacity != file->capacity) {
        size_t size = (size_t)capacity * DISK_SECTOR_SIZE;
        size_t before = (size_t)file->capacity * DISK_SECTOR_SIZE;
        file->cache = memory_resize(file->cache, size);
        file->platter = memory_resize(file->platter, size);
        file->is_dirty = memory_resize(file->is_dirty, capacity * sizeof(*file->is_dirty));
        memset(file->cache + before, 0, size - before);
        memset(file->platter + before, 0, size - before);
        memset(file->is_dirty + file->capacity, 0,
               (capacity - file->capacity) * sizeof(*file->is_dirty));
        file->capacity = capacity;
    }
    if (sector_count > file->sector_count) {
        file->sector_count = sector_count;
    }
}

static bool fault_take(uint32_t *count)
{
    bool is_faulty = *count > 0;
    *count -= is_faulty;
    return is_faulty;
}

enum status disk_write(struct disk *disk, uint32_t number, uint32_t sector, const uint8_t *data,
                       uint32_t sector_count)
{
    struct disk_file *file = &disk->files[number];
    if (disk->is_full && disk->reserve_count == 0) {
        return STATUS_NO_SPACE;
    }
    disk->reserve_count -= disk->is_full;
    bool is_faulty = fault_take(&disk->write_fault_count);
    uint32_t written = is_faulty ? prng_below(disk->random, sector_count) : sector_count;
    file_grow(file, sector + written);
    memcpy(file->cache + (size_t)sector * DISK_SECTOR_SIZE, data,
           (size_t)written * DISK_SECTOR_SIZE);
    for (uint32_t i = 0; i < written; i++) {
        file->is_dirty[sector + i] = true;
    }
    return is_faulty ? STATUS_IO : STATUS_OK;
}

static void sector_copy(uint8_t *to, const uint8_t *from, uint32_t sector)
{
    size_t at = (size_t)sector * DISK_SECTOR_SIZE;
    memcpy(to + at, from + at, DISK_SECTOR_SIZE);
}

enum status disk_sync(struct disk *disk, uint32_t number)
{
    struct disk_file *file = &disk->files[number];
    bool is_faulty = fault_take(&disk->sync_fault_count);
    for (uint32_t sector = 0; sector < file->sector_count; sector++) {
        if (file->is_dirty[sector] && (!is_faulty || prng_below(disk->random, 3) == 0)) {
            sector_copy(file->platter, file->cache, sector);
        }
        file->is_dirty[sector] = false;
    }
    return is_faulty ? STATUS_IO : STATUS_OK;
}

static void sector_garble(struct disk *disk, uint8_t *bytes)
{
    for (uint32_t i = 0; i < DISK_SECTOR_SIZE; i += 8) {
        uint64_t noise = prng_next(disk->random);
        memcpy(bytes + i, &noise, sizeof(noise));
    }
}

void disk_cut(struct disk *disk)
{
    for (uint32_t number = 0; number < DISK_FILE_MAX; number++) {
        struct disk_file *file = &disk->files[number];
        if (!file->is_made && file->capacity > 0) {
            disk_remove(disk, number); /* it never had its name */
            continue;
        }
        for (uint32_t sector = 0; sector < file->sector_count; sector++) {
            uint32_t fate = file->is_dirty[sector] ? prng_below(disk->random, 3) : 1;
            if (fate == 0) {
                sector_copy(file->platter, file->cache, sector);
            } else if (fate == 2) {
                sector_garble(disk, file->platter + (size_t)sector * DISK_SECTOR_SIZE);
            }
            file->is_dirty[sector] = false;
            sector_copy(file->cache, file->platter, sector);
        }
        /* The note may have been lost with the disk that failed; what is read now is honest. */
        file->is_failed = file->is_failed && prng_below(disk->random, 2) == 0;
    }
}

void disk_evict(struct disk *disk, uint32_t number)
{
    struct disk_file *file = &disk->files[number];
    for (uint32_t sector = 0; sector < file->sector_count; sector++) {
        if (!file->is_dirty[sector]) {
            sector_copy(file->cache, file->platter, sector);
        }
    }
}
