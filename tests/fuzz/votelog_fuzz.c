#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/votelog/votelog.h"
#include "tests/fuzz/sitting_view.h"

/*
 * A log's file that is damaged, or made on purpose: opening it for reading and replaying it into a
 * sitting, and then as a server does, never harms. It is refused with a fault, or it is a log, and
 * then both ways hand back as many records, and what they say can be shown.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fold {
    struct sitting *sitting;
    enum status status;
    uint64_t record_count;
};

static struct event *event;
static char dir[64];

static int entry_remove(const char *path, const struct stat *about, int kind, struct FTW *ftw)
{
    return ftw->level > 0 ? remove(path) : 0;
}

static void dir_empty(void)
{
    nftw(dir, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static void dir_remove(void)
{
    dir_empty();
    rmdir(dir);
}

static void visit(void *ctx, const struct record *record)
{
    struct fold *fold = ctx;
    struct applied applied;
    fold->record_count++;
    if (fold->status == STATUS_OK) {
        fold->status = sitting_apply(fold->sitting, record, &applied, NULL);
    }
}

static void wake(void *ctx)
{
}

/* Opens and replays. STATUS_OK: it is a log, and the sitting took all of it. */
static enum status log_read(bool is_read_only, struct votelog_identity *identity,
                            uint64_t *record_count)
{
    const struct votelog_options options = { .dir = dir,
                                             .is_read_only = is_read_only,
                                             .wake = wake };
    struct votelog *log = NULL;
    struct fault fault = { 0 };
    enum status status = votelog_open_sqlite(&options, identity, &log, &fault);
    if (status != STATUS_OK) {
        assert(log == NULL && fault.status != STATUS_OK && fault.text[0] != '\0');
        return status;
    }
    struct fold fold = { .sitting = sitting_create(event), .status = STATUS_OK };
    assert(fold.sitting != NULL);
    status = votelog_replay(log, visit, &fold, &fault);
    assert((status == STATUS_OK) == (fault.status == STATUS_OK));
    if (status == STATUS_OK && fold.status == STATUS_OK) {
        sitting_view_check(fold.sitting);
    }
    *record_count = fold.record_count;
    sitting_destroy(fold.sitting);
    (void)votelog_close(log, NULL);
    return status == STATUS_OK ? fold.status : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct votelog_identity identity = { 0 };
    char path[128];
    uint64_t read_count = 0;
    uint64_t served_count = 0;
    if (event == NULL) {
        event = sitting_event_read();
        snprintf(dir, sizeof(dir), "/dev/shm/minping-fuzz-XXXXXX");
        assert(mkdtemp(dir) != NULL && atexit(dir_remove) == 0);
    }
    dir_empty();
    snprintf(path, sizeof(path), "%s/log-1.sqlite", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
    if (log_read(true, &identity, &read_count) == STATUS_OK) {
        enum status status = log_read(false, &identity, &served_count);
        assert(status != STATUS_OK || served_count == read_count);
    }
    return 0;
}
