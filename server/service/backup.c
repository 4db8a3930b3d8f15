#include "server/service/backup.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "server/base/disk.h"

#define DIR_SIZE 480  /* of the log's own limit of a path */
#define PATH_SIZE 576 /* and what is below it */
#define LOG_PATH_SIZE 512
#define FILE_SIZE_MAX (16u << 20) /* a roll of 100,000 lines is half of it */

enum stage { STAGE_IDLE = 0, STAGE_LOG, STAGE_REST, STAGE_OVER };

struct backup {
    struct votelog *log;
    votelog_wake_fn wake;
    void *ctx;
    char dir[DIR_SIZE];
    char draft[PATH_SIZE]; /* dir/backups/NAME.new while it is made */
    char final[PATH_SIZE];
    enum stage stage;
    pthread_t thread;
    _Atomic bool is_thread_done;
    struct backup_end end;
};

/* Drafts that a killed server left. */
static void drafts_remove(const char *dir)
{
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof(path), "%s/backups", dir);
    DIR *backups = opendir(path);
    if (backups == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(backups); entry != NULL; entry = readdir(backups)) {
        char draft[2 * PATH_SIZE];
        size_t size = strlen(entry->d_name);
        if (size > 4 && strcmp(entry->d_name + size - 4, ".new") == 0) {
            snprintf(draft, sizeof(draft), "%s/%s", path, entry->d_name);
            (void)disk_remove_dir(draft);
        }
    }
    closedir(backups);
}

enum status backup_create(const char *dir, struct votelog *log, votelog_wake_fn wake, void *ctx,
                          struct backup **out, struct fault *fault)
{
    struct backup *backup = calloc(1, sizeof(*backup));
    *out = backup;
    if (backup == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for backups");
    }
    snprintf(backup->dir, sizeof(backup->dir), "%s", dir);
    backup->log = log;
    backup->wake = wake;
    backup->ctx = ctx;
    drafts_remove(dir);
    return STATUS_OK;
}

void backup_destroy(struct backup *backup)
{
    if (backup == NULL) {
        return;
    }
    if (backup->stage == STAGE_REST) {
        pthread_join(backup->thread, NULL);
    } else if (backup->stage == STAGE_LOG) {
        /* The writer's file in it loses its name, nothing else. */
        (void)disk_remove_dir(backup->draft);
    }
    free(backup);
}

static enum status dir_make(const char *path, struct fault *fault)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST ? STATUS_OK
                                                     : disk_fault(fault, "create", path);
}

enum status backup_begin(struct backup *backup, struct sender sender, uint64_t id, int64_t unix_ms,
                         struct fault *fault)
{
    if (backup->stage != STAGE_IDLE) {
        return fault_set(fault, STATUS_BUSY, "", "a backup is under way");
    }
    char path[PATH_SIZE + 32];
    struct tm utc;
    time_t seconds = (time_t)(unix_ms / 1000);
    backup->end = (struct backup_end){ .sender = sender, .id = id };
    gmtime_r(&seconds, &utc);
    strftime(backup->end.name, sizeof(backup->end.name), "%Y%m%dt%H%M%S", &utc);
    snprintf(path, sizeof(path), "%s/backups", backup->dir);
    enum status status = dir_make(path, fault);
    if (status == STATUS_OK) {
        status = disk_sync_dir(backup->dir, fault);
    }
    int size = snprintf(backup->final, PATH_SIZE, "%s/backups/%s", backup->dir, backup->end.name);
    if (status == STATUS_OK && size + (int)sizeof(".new/log-1.sqlite") > LOG_PATH_SIZE) {
        status = fault_set(fault, STATUS_LIMIT, path, "the path of the backup is too long");
    }
    if (status == STATUS_OK && access(backup->final, F_OK) == 0) {
        status = fault_set(fault, STATUS_BUSY, "", "a backup of this second is there already");
    }
    if (status != STATUS_OK) {
        return status;
    }
    (void)snprintf(backup->draft, PATH_SIZE, "%.*s.new", PATH_SIZE - 5, backup->final);
    (void)disk_remove_dir(backup->draft);
    status = dir_make(backup->draft, fault);
    snprintf(path, sizeof(path), "%s/log-1.sqlite", backup->draft);
    if (status == STATUS_OK) {
        status = votelog_backup(backup->log, path);
    }
    if (status != STATUS_OK) {
        (void)disk_remove_dir(backup->draft);
        return fault_set(fault, status, path, "cannot begin a copy of the log");
    }
    backup->stage = STAGE_LOG;
    return STATUS_OK;
}

/* Copies from/name to/name; one that is not there is passed over if it may be missing. */
static enum status file_copy(const char *from, const char *to, const char *name,
                             bool may_be_missing, struct fault *fault)
{
    char path[PATH_SIZE + 300];
    char *bytes;
    size_t size;
    snprintf(path, sizeof(path), "%s/%s", from, name);
    if (may_be_missing && access(path, F_OK) != 0) {
        return STATUS_OK;
    }
    enum status status = disk_read_file(path, FILE_SIZE_MAX, &bytes, &size, fault);
    if (status == STATUS_OK) {
        status = disk_write_file(to, name, bytes, size, fault);
        explicit_bzero(bytes, size); /* keys and tokens among them */
        free(bytes);
    }
    return status;
}

static enum status tokens_copy(const struct backup *backup, struct fault *fault)
{
    char from[PATH_SIZE + 16];
    char to[PATH_SIZE + 16];
    snprintf(from, sizeof(from), "%s/tokens", backup->dir);
    snprintf(to, sizeof(to), "%s/tokens", backup->draft);
    enum status status = dir_make(to, fault);
    if (status != STATUS_OK) {
        return status;
    }
    DIR *dir = opendir(from);
    if (dir == NULL) {
        return disk_fault(fault, "open", from);
    }
    struct dirent *entry;
    while (status == STATUS_OK && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            status = file_copy(from, to, entry->d_name, false, fault);
        }
    }
    closedir(dir);
    return status;
}

/* Everything but the log's pages: the other files, the check, the name. */
static enum status rest_make(struct backup *backup, struct fault *fault)
{
    static const struct {
        const char *name;
        bool may_be_missing;
    } files[] = {
        { "event.json", false }, { "keys", false }, { "roll.csv", false }, { "replaced.csv", true }
    };
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof(path), "%s/log-1.sqlite", backup->draft);
    enum status status = votelog_settle_copy(path, fault);
    for (size_t i = 0; status == STATUS_OK && i < sizeof(files) / sizeof(files[0]); i++) {
        status =
            file_copy(backup->dir, backup->draft, files[i].name, files[i].may_be_missing, fault);
    }
    if (status == STATUS_OK) {
        status = tokens_copy(backup, fault);
    }
    if (status == STATUS_OK) {
        status = disk_sync_dir(backup->draft, fault);
    }
    if (status == STATUS_OK && rename(backup->draft, backup->final) != 0) {
        status = disk_fault(fault, "make", backup->final);
    }
    if (status == STATUS_OK) {
        snprintf(path, sizeof(path), "%s/backups", backup->dir);
        status = disk_sync_dir(path, fault);
    }
    return status;
}

static void *rest_run(void *argument)
{
    struct backup *backup = argument;
    backup->end.status = rest_make(backup, &backup->end.fault);
    if (backup->end.status != STATUS_OK) {
        (void)disk_remove_dir(backup->draft);
    }
    atomic_store(&backup->is_thread_done, true);
    backup->wake(backup->ctx);
    return NULL;
}

/* The log's copy has ended: the rest follows on a thread, or it is over. */
static void log_end(struct backup *backup, enum status status)
{
    backup->stage = STAGE_REST;
    atomic_store(&backup->is_thread_done, false);
    if (status == STATUS_OK && pthread_create(&backup->thread, NULL, rest_run, backup) != 0) {
        status = fault_set(&backup->end.fault, STATUS_NOMEM, "", "cannot start a thread");
    }
    if (status != STATUS_OK) {
        (void)disk_remove_dir(backup->draft);
        backup->end.status = status;
        backup->stage = STAGE_OVER;
    }
}

bool backup_poll(struct backup *backup, struct backup_end *end)
{
    if (backup->stage == STAGE_LOG) {
        enum status status = votelog_backup_end(backup->log, &backup->end.fault);
        assert(status != STATUS_NOT_FOUND); /* it was begun, and its end is asked for here alone */
        if (status != STATUS_BUSY) {
            log_end(backup, status);
        }
    }
    if (backup->stage == STAGE_REST && atomic_load(&backup->is_thread_done)) {
        pthread_join(backup->thread, NULL);
        backup->stage = STAGE_OVER;
    }
    if (backup->stage != STAGE_OVER) {
        return false;
    }
    backup->stage = STAGE_IDLE;
    *end = backup->end;
    return true;
}
