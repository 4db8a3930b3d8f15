#include "server/votelog/sqlite_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The reserve for a full disk: a file whose blocks are given back when there are no others, for
 * the acts that may not fail.
 */
#define RESERVE_SIZE ((off_t)8 << 20) /* over 600 acts, 12 KiB of write-ahead log each */
#define PIECE_SIZE ((off_t)256 << 10) /* some 20 acts */

static int reserve_open(const struct sqlite_place *place)
{
    char path[SQLITE_PLACE_PATH_SIZE];
    snprintf(path, sizeof(path), "%s/ballast", place->dir);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/*
 * Takes the blocks of the reserve, and with_votes as many beside it, or else none. By taking them
 * it is known that they are there: what a journal frees only when it is written counts as free to
 * nobody who asks, but is given to who needs it.
 */
static bool blocks_take(int fd, off_t size_before, bool with_votes)
{
    int error;
    do {
        error = fallocate(fd, 0, 0, with_votes ? 2 * RESERVE_SIZE : RESERVE_SIZE) == 0 ? 0 : errno;
    } while (error == EINTR);
    if (error == EOPNOTSUPP) {
        error = posix_fallocate(fd, 0, RESERVE_SIZE); /* by writing */
    }
    /* Of what was taken for votes, or in vain, nothing is kept. */
    return ftruncate(fd, error == 0 ? RESERVE_SIZE : size_before) == 0 && error == 0;
}

bool sqlite_place_keep_reserve(const struct sqlite_place *place, bool with_votes)
{
    struct stat file;
    int fd = reserve_open(place);
    if (fd < 0) {
        return false;
    }
    bool is_kept = fstat(fd, &file) == 0 && blocks_take(fd, file.st_size, with_votes);
    close(fd);
    return is_kept;
}

bool sqlite_place_spend_reserve(const struct sqlite_place *place)
{
    struct stat file;
    int fd = reserve_open(place);
    if (fd < 0) {
        return false;
    }
    bool has_piece = fstat(fd, &file) == 0 && file.st_size > 0;
    off_t left = has_piece && file.st_size > PIECE_SIZE ? file.st_size - PIECE_SIZE : 0;
    /* Synced: some file systems give blocks back only with their journal. */
    bool is_spent = has_piece && ftruncate(fd, left) == 0 && fsync(fd) == 0;
    close(fd);
    return is_spent;
}
