#include "server/votelog/sqlite_place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAL_SIZE (16u << 20) /* 220,000 marks at 5 ms a commit: more than any round */
#define WAL_PIECE_SIZE 65536

/* The fault of a failed system call, with what to do about it. */
static enum status path_fault(struct fault *fault, const char *verb, const char *path)
{
    int error = errno;
    if (error == EACCES || error == EPERM || error == EROFS) {
        return fault_set(fault, STATUS_DENIED, path,
                         "cannot %s '%s': %s; give it to the user that runs this, or use another "
                         "--data",
                         verb, path, strerror(error));
    }
    const char *advice = error == ENOSPC   ? "; make room on the disk"
                         : error == ENOENT ? "; make the directory first"
                                           : "";
    return fault_set(fault, STATUS_IO, path, "cannot %s '%s': %s%s", verb, path, strerror(error),
                     advice);
}

static enum status dir_sync(const char *dir, struct fault *fault)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return path_fault(fault, "open", dir);
    }
    enum status status = fsync(fd) == 0 ? STATUS_OK : path_fault(fault, "sync", dir);
    close(fd);
    return status;
}

static enum status dir_name(struct sqlite_place *place, const char *dir, struct fault *fault)
{
    char *absolute = realpath(dir, NULL); /* "file:x" would be an address to SQLite */
    if (absolute == NULL) {
        return path_fault(fault, "open", dir);
    }
    size_t size = strlen(absolute) + 1;
    if (size > sizeof(place->dir)) {
        free(absolute);
        return fault_set(fault, STATUS_LIMIT, dir,
                         "the path of the data directory is over %d bytes: use a shorter one",
                         SQLITE_PLACE_DIR_SIZE - 1);
    }
    memcpy(place->dir, absolute, size);
    free(absolute);
    return STATUS_OK;
}

static void generation_name(struct sqlite_place *place, uint32_t generation)
{
    place->generation = generation;
    snprintf(place->log_path, SQLITE_PLACE_PATH_SIZE, "%s/log-%" PRIu32 ".sqlite", place->dir,
             generation);
    snprintf(place->wal_path, SQLITE_PLACE_PATH_SIZE, "%s/log-%" PRIu32 ".sqlite-wal", place->dir,
             generation);
    snprintf(place->failed_path, SQLITE_PLACE_PATH_SIZE, "%s/log-%" PRIu32 ".failed", place->dir,
             generation);
    snprintf(place->new_path, SQLITE_PLACE_PATH_SIZE, "%s/log.new", place->dir);
}

/* STATUS_OK: `path` is there; STATUS_NOT_FOUND; otherwise it cannot be told. */
static enum status look(const char *path, struct stat *file, struct fault *fault)
{
    if (stat(path, file) == 0) {
        return STATUS_OK;
    }
    return errno == ENOENT ? STATUS_NOT_FOUND : path_fault(fault, "look at", path);
}

/* Names the newest log that is there, or the first of all. */
static enum status newest_find(struct sqlite_place *place, struct stat *log, struct fault *fault)
{
    enum status status = STATUS_NOT_FOUND;
    for (uint32_t n = SQLITE_PLACE_GENERATION_MAX; n >= 1 && status == STATUS_NOT_FOUND; n--) {
        generation_name(place, n);
        status = look(place->log_path, log, fault);
        struct stat wal;
        if (status == STATUS_NOT_FOUND && look(place->wal_path, &wal, fault) == STATUS_OK) {
            /* SQLite would pour it into the next log of this name. */
            return fault_set(fault, STATUS_INVALID, place->wal_path,
                             "'%s' is there without its '%s': put that back, or use another --data",
                             place->wal_path, strrchr(place->log_path, '/') + 1);
        }
    }
    return status;
}

#define NOTE_NAME_SIZE 96

/*
 * The note in memory about the log that is this file: by its number and the moment it was made,
 * which no other file has, not even one that gets the number after it. False: no such file.
 */
static bool memory_note_name(const char *log_path, char name[NOTE_NAME_SIZE])
{
    struct statx log;
    if (statx(AT_FDCWD, log_path, 0, STATX_INO | STATX_BTIME, &log) != 0) {
        return false;
    }
    snprintf(name, NOTE_NAME_SIZE, "/minping-failed-%x.%x-%jx-%jx.%x", log.stx_dev_major,
             log.stx_dev_minor, (uintmax_t)log.stx_ino, (uintmax_t)log.stx_btime.tv_sec,
             log.stx_btime.tv_nsec);
    return true;
}

static bool memory_note_is_there(const char *log_path, uid_t owner)
{
    char name[NOTE_NAME_SIZE];
    struct stat note;
    int fd = memory_note_name(log_path, name) ? shm_open(name, O_RDONLY | O_NOFOLLOW, 0) : -1;
    bool is_there = fd >= 0 && fstat(fd, &note) == 0 && note.st_uid == owner;
    if (fd >= 0) {
        close(fd);
    }
    return is_there;
}

static void memory_note_leave(const char *log_path, const char *reason)
{
    char name[NOTE_NAME_SIZE];
    int fd = memory_note_name(log_path, name)
                 ? shm_open(name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600)
                 : -1;
    if (fd >= 0) {
        (void)dprintf(fd, "%s: %s\n", log_path, reason);
        close(fd);
    }
}

static void memory_note_remove(const char *log_path)
{
    char name[NOTE_NAME_SIZE];
    if (memory_note_name(log_path, name)) {
        (void)shm_unlink(name);
    }
}

/* Looks what is there, and whether this user may be trusted with it. */
static enum status files_look(struct sqlite_place *place, bool is_read_only, struct fault *fault)
{
    struct stat log;
    struct stat failed;
    enum status status = newest_find(place, &log, fault);
    place->has_log = status == STATUS_OK;
    if (status == STATUS_NOT_FOUND) {
        return is_read_only ? fault_set(fault, STATUS_NOT_FOUND, place->log_path,
                                        "no log in '%s': 'log-1.sqlite' is not there", place->dir)
                            : STATUS_OK;
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!is_read_only && log.st_uid != geteuid()) {
        return fault_set(fault, STATUS_DENIED, place->log_path,
                         "'%s' belongs to user %ju: run minpingd as that user, or use another "
                         "--data",
                         place->log_path, (uintmax_t)log.st_uid);
    }
    status = look(place->failed_path, &failed, fault);
    place->has_failed = status == STATUS_OK || memory_note_is_there(place->log_path, log.st_uid);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status lock_take(struct sqlite_place *place, bool is_read_only, struct fault *fault)
{
    char path[SQLITE_PLACE_PATH_SIZE];
    struct stat dir;
    snprintf(path, sizeof(path), "%s/lock", place->dir);
    if (stat(place->dir, &dir) != 0) {
        return path_fault(fault, "open", place->dir);
    }
    place->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (place->lock_fd < 0) {
        return path_fault(fault, "open", path);
    }
    if (flock(place->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return path_fault(fault, "lock", path);
        }
        if (is_read_only) {
            return fault_set(fault, STATUS_BUSY, place->dir,
                             "a running minpingd holds '%s': ask it with --url, or stop it first",
                             place->dir);
        }
        return fault_set(fault, STATUS_BUSY, place->dir,
                         "another minpingd holds '%s': stop it, or use another --data", place->dir);
    }
    /* A lock that root made must not shut out the user whose directory it is. */
    if (geteuid() == 0 && fchown(place->lock_fd, dir.st_uid, dir.st_gid) != 0) {
        return path_fault(fault, "own", path);
    }
    return STATUS_OK;
}

enum status sqlite_place_open(struct sqlite_place *place, const char *dir, bool is_read_only,
                              struct fault *fault)
{
    place->lock_fd = -1;
    enum status status = dir_name(place, dir, fault);
    if (status == STATUS_OK && is_read_only) { /* makes no lock where there is nothing to read */
        status = files_look(place, true, fault);
    }
    if (status == STATUS_OK) {
        status = lock_take(place, is_read_only, fault);
    }
    if (status == STATUS_OK) {
        status = files_look(place, is_read_only, fault);
    }
    if (status != STATUS_OK) {
        sqlite_place_close(place);
    }
    return status;
}

void sqlite_place_close(struct sqlite_place *place)
{
    if (place->lock_fd >= 0) {
        close(place->lock_fd);
        place->lock_fd = -1;
    }
}

/* Removes what SQLite left beside a draft, and the draft itself when it is to be made anew. */
static enum status draft_clear(const struct sqlite_place *place, bool with_draft,
                               struct fault *fault)
{
    static const char *const endings[] = { "", "-wal", "-journal" };
    for (size_t i = with_draft ? 0 : 1; i < sizeof(endings) / sizeof(endings[0]); i++) {
        char path[SQLITE_PLACE_PATH_SIZE + 16];
        snprintf(path, sizeof(path), "%s%s", place->new_path, endings[i]);
        if (unlink(path) != 0 && errno != ENOENT) {
            return path_fault(fault, "remove", path);
        }
    }
    return STATUS_OK;
}

enum status sqlite_place_draft(const struct sqlite_place *place, struct fault *fault)
{
    enum status status = draft_clear(place, true, fault);
    if (status != STATUS_OK) {
        return status;
    }
    int fd = open(place->new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return path_fault(fault, "create", place->new_path);
    }
    close(fd);
    return STATUS_OK;
}

enum status sqlite_place_adopt(struct sqlite_place *place, struct fault *fault)
{
    int fd = open(place->new_path, O_RDONLY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!is_synced) {
        return path_fault(fault, "sync", place->new_path);
    }
    enum status status = draft_clear(place, false, fault);
    if (status != STATUS_OK) {
        return status;
    }
    char old_path[SQLITE_PLACE_PATH_SIZE];
    memcpy(old_path, place->log_path, sizeof(old_path));
    if (place->has_log) {
        if (place->generation == SQLITE_PLACE_GENERATION_MAX) {
            return fault_set(fault, STATUS_LIMIT, place->log_path,
                             "the disk failed under %d logs in '%s': move the directory to a sound "
                             "disk and use that as --data",
                             SQLITE_PLACE_GENERATION_MAX, place->dir);
        }
        generation_name(place, place->generation + 1);
    }
    if (rename(place->new_path, place->log_path) != 0) {
        return path_fault(fault, "make", place->log_path);
    }
    enum status synced = dir_sync(place->dir, fault);
    if (synced == STATUS_OK && place->has_failed) {
        memory_note_remove(old_path);
    }
    place->has_log = true;
    place->has_failed = false;
    return synced;
}

void sqlite_place_fail(struct sqlite_place *place, const char *reason)
{
    memory_note_leave(place->log_path, reason);
    int fd = open(place->failed_path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    place->has_failed = true;
    if (fd >= 0) {
        (void)dprintf(fd, "%s\n", reason);
        (void)fsync(fd);
        close(fd);
    }
    (void)dir_sync(place->dir, NULL);
}

enum status sqlite_place_sync_wal(struct sqlite_place *place, struct fault *fault)
{
    int fd = open(place->wal_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? STATUS_OK : path_fault(fault, "open", place->wal_path);
    }
    enum status status = STATUS_OK;
    if (fdatasync(fd) != 0) {
        status = path_fault(fault, "sync", place->wal_path);
        sqlite_place_fail(place, "the write-ahead log could not be synced at a start");
    }
    close(fd);
    return status;
}

/* Writes zeros up to WAL_SIZE. False, with errno: the system refused. */
static bool zeros_write(int fd)
{
    static const char zeros[WAL_PIECE_SIZE];
    for (off_t at = 0; at < (off_t)WAL_SIZE; at += WAL_PIECE_SIZE) {
        ssize_t written = pwrite(fd, zeros, sizeof(zeros), at);
        if (written != (ssize_t)sizeof(zeros)) {
            errno = written < 0 ? errno : ENOSPC;
            return false;
        }
    }
    return fsync(fd) == 0;
}

enum status sqlite_place_grow_wal(const struct sqlite_place *place, struct fault *fault)
{
    int fd = open(place->wal_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return path_fault(fault, "open", place->wal_path);
    }
    enum status status = STATUS_OK;
    struct stat wal;
    if (fstat(fd, &wal) != 0) {
        status = path_fault(fault, "look at", place->wal_path);
    } else if (wal.st_size == 0 && !zeros_write(fd)) {
        bool is_full = errno == ENOSPC || errno == EDQUOT;
        status = is_full ? STATUS_OK : path_fault(fault, "write", place->wal_path);
        if (ftruncate(fd, 0) != 0) {
            status = path_fault(fault, "shorten", place->wal_path);
        }
    }
    close(fd);
    return status == STATUS_OK ? dir_sync(place->dir, fault) : status;
}
