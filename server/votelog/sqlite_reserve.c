#include "server/votelog/sqlite_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*
 * The reserve for a full disk: a file whose blocks are given back when there are no others, for
 * the acts that may not fail.
 */
#define RESERVE_SIZE (8ull << 20) /* over 600 acts, each commit 12 KiB of the write-ahead log */

static int reserve_open(const struct sqlite_place *place)
{
    char path[SQLITE_PLACE_PATH_SIZE];
    snprintf(path, sizeof(path), "%s/ballast", place->dir);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static bool has_room(int fd, uint64_t size)
{
    struct statvfs disk;
    return fstatvfs(fd, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize >= size;
}

/* Takes the blocks, or none of them. */
static bool blocks_take(int fd)
{
    int error;
    do {
        error = posix_fallocate(fd, 0, RESERVE_SIZE);
    } while (error == EINTR);
    if (error != 0 && ftruncate(fd, 0) != 0) {
        return false; /* what it did get stays with it until the next try */
    }
    return error == 0;
}

bool sqlite_place_keep_reserve(const struct sqlite_place *place)
{
    struct stat file;
    int fd = reserve_open(place);
    if (fd < 0) {
        return false;
    }
    bool is_there = fstat(fd, &file) == 0 && file.st_size == RESERVE_SIZE &&
                    (uint64_t)file.st_blocks * 512 >= RESERVE_SIZE;
    /* As much again for votes: else the first of them would find no room. */
    bool is_kept =
        has_room(fd, is_there ? RESERVE_SIZE : 2 * RESERVE_SIZE) && (is_there || blocks_take(fd));
    close(fd);
    return is_kept;
}

void sqlite_place_free_reserve(const struct sqlite_place *place)
{
    struct stat file;
    int fd = reserve_open(place);
    if (fd < 0) {
        return;
    }
    /* Synced: some file systems give blocks back only with their journal. */
    if (fstat(fd, &file) == 0 && file.st_size > 0 && ftruncate(fd, 0) == 0) {
        (void)fsync(fd);
    }
    close(fd);
}
