#include "server/votelog/sqlite_impl.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/*
 * A copy of the log while it is written to. The copying uses the log's own connection, by which
 * SQLite carries every later commit over into what is already copied; so it neither begins again
 * nor opens the file twice. Pieces are small and synced one by one: votes wait for a piece, never
 * for the whole.
 */
#define STEP_PAGES 64            /* 256 KiB: under 10 ms with its sync on a slow disk */
#define SPARE_SIZE (32ull << 20) /* left to the votes: a copy must not fill the disk for them */

static enum status copy_fault(struct sqlite_copy *copy, int error, struct fault *fault)
{
    bool is_full = (error & 0xff) == SQLITE_FULL;
    return fault_set(fault, is_full ? STATUS_NO_SPACE : STATUS_IO, copy->path,
                     "cannot write the copy '%s': %s", copy->path,
                     is_full ? "too little room on the disk" : sqlite3_errstr(error));
}

void sqlite_backup_end(struct sqlite_log *log)
{
    struct sqlite_copy *copy = &log->copy;
    if (copy->path[0] == '\0') {
        return;
    }
    (void)sqlite3_backup_finish(copy->backup);
    int error = sqlite3_close(copy->db);
    assert(error == SQLITE_OK); /* it has no statement */
    (void)error;
    if (copy->fd >= 0) {
        close(copy->fd);
    }
    *copy = (struct sqlite_copy){ 0 };
}

enum status sqlite_backup_begin(struct sqlite_log *log, const char *path, struct fault *fault)
{
    struct sqlite_copy *copy = &log->copy;
    assert(copy->db == NULL);
    snprintf(copy->path, sizeof(copy->path), "%s", path);
    copy->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (copy->fd < 0) {
        enum status denied = errno == EACCES ? STATUS_DENIED : STATUS_IO;
        (void)fault_set(fault, denied, path, "cannot create '%s': %s", path, strerror(errno));
        sqlite_backup_end(log);
        return denied;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int error = sqlite3_open_v2(path, &copy->db, flags, NULL);
    if (error == SQLITE_OK) {
        /* A copy that is not whole is thrown away: it needs no journal, and it is synced here. */
        error = sqlite3_exec(copy->db, "PRAGMA journal_mode=OFF;PRAGMA synchronous=OFF;", NULL,
                             NULL, NULL);
    }
    copy->backup =
        error == SQLITE_OK ? sqlite3_backup_init(copy->db, "main", log->db, "main") : NULL;
    if (copy->backup != NULL) {
        return STATUS_OK;
    }
    enum status status =
        copy_fault(copy, error != SQLITE_OK ? error : sqlite3_errcode(copy->db), fault);
    sqlite_backup_end(log);
    return status;
}

enum status votelog_settle_copy(const char *path, struct fault *fault)
{
    struct sqlite_log settled = { 0 };
    snprintf(settled.place.log_path, sizeof(settled.place.log_path), "%s", path);
    enum status status = sqlite_log_connect(&settled, path, fault);
    if (status == STATUS_OK) {
        status = sqlite_integrity_check(&settled, fault);
    }
    if (status == STATUS_OK) {
        status = sqlite_schema_part(&settled, fault);
    }
    if (status == STATUS_OK) {
        status = sqlite_log_checkpoint(&settled, SQLITE_CHECKPOINT_TRUNCATE, fault);
    }
    sqlite_log_disconnect(&settled);
    return status;
}

enum status sqlite_backup_step(struct sqlite_log *log, bool *is_done, struct fault *fault)
{
    struct sqlite_copy *copy = &log->copy;
    struct statvfs disk;
    bool is_tight =
        fstatvfs(copy->fd, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < SPARE_SIZE;
    int error = is_tight ? SQLITE_FULL : sqlite3_backup_step(copy->backup, STEP_PAGES);
    *is_done = error == SQLITE_DONE;
    enum status status =
        error == SQLITE_OK || error == SQLITE_DONE ? STATUS_OK : copy_fault(copy, error, fault);
    if (status == STATUS_OK && fdatasync(copy->fd) != 0) {
        status = fault_set(fault, STATUS_IO, copy->path, "cannot sync '%s': %s", copy->path,
                           strerror(errno));
    }
    if (status != STATUS_OK || *is_done) {
        sqlite_backup_end(log);
    }
    return status;
}
