#include "tests/contract/log_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void woken(void *ctx)
{
    const struct log_fixture *fixture = ctx;
    uint64_t one = 1;
    ssize_t written = write(fixture->wake_fd, &one, sizeof(one));
    (void)written; /* a full counter wakes as well */
}

void fixture_init(struct log_fixture *fixture, log_open_fn open)
{
    memset(fixture, 0, sizeof(*fixture));
    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/minping-votelog-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    fixture->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert_true(fixture->wake_fd >= 0);
    fixture->open = open;
    snprintf(fixture->identity.event_id, sizeof(fixture->identity.event_id), "s1-2026");
    memset(fixture->identity.event_hash, 0x5a, sizeof(fixture->identity.event_hash));
    fixture->options = (struct votelog_options){
        .dir = fixture->dir, .commit_gap_ms = 1, .wake = woken, .ctx = fixture
    };
}

static void dir_remove(const char *path)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
        }
    }
    closedir(dir);
    assert_int_equal(rmdir(path), 0);
}

void fixture_finish(struct log_fixture *fixture)
{
    fixture_close(fixture);
    keeper_finish(&fixture->live);
    close(fixture->wake_fd);
    (void)fixture_forget(fixture);
    dir_remove(fixture->dir);
}

int fixture_setup(void **state, log_open_fn open)
{
    struct log_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture_init(fixture, open);
    *state = fixture;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture_finish(*state);
    free(*state);
    return 0;
}

uint32_t fixture_forget(const struct log_fixture *fixture)
{
    uint32_t count = 0;
    size_t size = strlen(fixture->dir);
    DIR *dir = opendir("/dev/shm");
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        char text[128] = "";
        int fd = strncmp(entry->d_name, "minping-failed-", 15) == 0
                     ? openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC)
                     : -1;
        if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
            strncmp(text, fixture->dir, size) == 0 && text[size] == '/') {
            assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
            count++;
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return count;
}

void fixture_open(struct log_fixture *fixture, struct keeper *replayed)
{
    struct fault fault = { 0 };
    struct keeper unseen = { .is_replay = true };
    enum status status =
        fixture->open(&fixture->options, &fixture->identity, &fixture->log, &fault);
    if (status != STATUS_OK) {
        fail_msg("the log did not open: %s", fault.text);
    }
    if (replayed != NULL) {
        replayed->is_replay = true;
    }
    status =
        votelog_replay(fixture->log, keeper_visit, replayed != NULL ? replayed : &unseen, &fault);
    if (status != STATUS_OK) {
        fail_msg("the log did not replay: %s", fault.text);
    }
    keeper_finish(&unseen);
}

enum status fixture_close(struct log_fixture *fixture)
{
    enum status status = votelog_close(fixture->log, NULL);
    fixture->log = NULL;
    return status;
}

void fixture_refused(struct log_fixture *fixture, enum status status, const char *word,
                     const char *other)
{
    struct fault fault = { 0 };
    struct votelog *log = NULL;
    enum status found = fixture->open(&fixture->options, &fixture->identity, &log, &fault);
    if (found != status || strstr(fault.text, word) == NULL || strstr(fault.text, other) == NULL) {
        fail_msg("wanted '%s' with \"%s\" and \"%s\", got '%s': %s", status_name(status), word,
                 other, status_name(found), fault.text);
    }
    assert_int_equal(fault.status, status);
    assert_null(log);
}

uint32_t fixture_drain(struct log_fixture *fixture, uint32_t visit_max)
{
    uint32_t visited = 0;
    enum status status =
        votelog_drain(fixture->log, visit_max, keeper_visit, &fixture->live, &visited);
    assert_int_equal(status, STATUS_OK);
    assert_true(visited <= visit_max);
    return visited;
}

void fixture_wait(struct log_fixture *fixture)
{
    struct pollfd wake = { .fd = fixture->wake_fd, .events = POLLIN };
    uint64_t count;
    assert_int_equal(poll(&wake, 1, WAIT_MS), 1);
    assert_int_equal(read(fixture->wake_fd, &count, sizeof(count)), sizeof(count));
}

uint64_t fixture_settled(const struct log_fixture *fixture)
{
    const struct keeper *live = &fixture->live;
    return live->record_count == 0 ? 0 : live->records[live->record_count - 1].settled;
}

void fixture_settle(struct log_fixture *fixture, uint64_t ticket)
{
    for (;;) {
        while (fixture_drain(fixture, 65536) > 0) {
        }
        if (fixture_settled(fixture) >= ticket) {
            return;
        }
        fixture_wait(fixture);
    }
}

void fixture_path(const struct log_fixture *fixture, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", fixture->dir, name);
}

uint64_t append_marks(struct votelog *log, const struct mark *marks, uint32_t count)
{
    uint64_t ticket = 0;
    assert_int_equal(votelog_append_marks(log, marks, count, &ticket), STATUS_OK);
    return ticket;
}

uint64_t append_act(struct votelog *log, const struct act *act)
{
    uint64_t ticket = 0;
    assert_int_equal(votelog_append_act(log, act, &ticket), STATUS_OK);
    return ticket;
}

/* splitmix64 */
uint64_t number_draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct mark mark_draw(uint64_t *seed, uint64_t number)
{
    struct mark mark;
    uint64_t low = number_draw(seed);
    uint64_t high = number_draw(seed) % 256; /* few enough that slots and items meet again */
    memset(&mark, 0, sizeof(mark));
    memcpy(mark.slot, &high, sizeof(high));
    memcpy(mark.nonce, &number, sizeof(number));
    mark.round = 1 + (uint32_t)(low % ROUND_MAX);
    mark.version = 1 + (uint32_t)((low >> 16) % VERSION_MAX);
    mark.item = (uint16_t)((low >> 48) % CRITERION_MAX);
    mark.choice = (uint8_t)((low >> 56) % GRADE_MAX);
    return mark;
}

uint64_t nonce_number(const struct mark *mark)
{
    uint64_t number;
    memcpy(&number, mark->nonce, sizeof(number));
    return number;
}

struct act act_make(enum act_kind kind, uint32_t round)
{
    struct act act;
    memset(&act, 0, sizeof(act));
    act.kind = kind;
    act.round = round;
    act.number = (uint64_t)INT64_MAX - round;
    act.at_ms = 1750000000123 + round;
    snprintf(act.contest, sizeof(act.contest), "%032d", 7);
    snprintf(act.subject, sizeof(act.subject), "s%02u", (unsigned)(round % 100));
    snprintf(act.post, sizeof(act.post), "officer-1");
    if (kind == ACT_TAKE || kind == ACT_CLEAR) {
        act.bus = BUS_PREVIEW;
        act.layer = kind == ACT_TAKE ? LAYER_FULLSCREEN : LAYER_ALL;
        snprintf(act.scene, sizeof(act.scene), "board");
        memset(act.params, 'p', PARAMS_SIZE - 2); /* the most a take has */
        act.params[0] = '\n';
        act.params[PARAMS_SIZE - 2] = '\n';
    }
    return act;
}

/* The place after the last, in an array that grows. */
static void *place_make(void **array, uint32_t *count, uint32_t *capacity, size_t size)
{
    if (*count == *capacity) {
        *capacity = *capacity == 0 ? 1024 : *capacity * 2;
        *array = realloc(*array, *capacity * size);
        assert_non_null(*array);
    }
    return (char *)*array + (*count)++ * size;
}

/* Holds a record against the one before it. */
static void order_check(struct keeper *keeper, const struct kept *before, const struct kept *after)
{
    if (before == NULL) {
        assert_true(after->batch == 1 || !keeper->is_replay);
    } else if (keeper->has_dropped) {
        assert_int_equal(after->batch, before->batch + 1);
    } else if (after->batch != before->batch) {
        assert_int_equal(after->batch, before->batch + 1);
        assert_true(keeper->is_replay || before->settled > keeper->settled);
        keeper->settled = before->settled; /* it rose with the last of its batch, and only there */
    } else {
        assert_int_equal(before->settled, keeper->settled);
        assert_int_equal(before->act, -1); /* an act ends its batch */
        assert_true(after->act >= 0 || mark_compare(&before->mark, &after->mark) <= 0);
    }
}

void keeper_visit(void *ctx, const struct record *record)
{
    struct keeper *keeper = ctx;
    if (record->mark == NULL && record->act == NULL) {
        assert_int_equal(record->batch, 0);
        assert_true(record->settled > keeper->dropped_up_to);
        keeper->has_dropped = true;
        keeper->drop_count++;
        keeper->dropped_up_to = record->settled;
        return;
    }
    assert_true(record->mark == NULL || record->act == NULL);
    assert_true(!keeper->is_replay || record->settled == 0);
    struct kept kept = { .batch = record->batch, .settled = record->settled, .act = -1 };
    if (record->act != NULL) {
        kept.act = (int32_t)keeper->act_count;
        struct act *act = place_make((void **)&keeper->acts, &keeper->act_count,
                                     &keeper->act_capacity, sizeof(*act));
        *act = *record->act;
    } else {
        kept.mark = *record->mark;
        keeper->mark_count++;
    }
    order_check(keeper,
                keeper->record_count > 0 ? &keeper->records[keeper->record_count - 1] : NULL,
                &kept);
    if (keeper->has_dropped) {
        keeper->settled = keeper->dropped_up_to;
        keeper->has_dropped = false;
    }
    struct kept *place = place_make((void **)&keeper->records, &keeper->record_count,
                                    &keeper->record_capacity, sizeof(*place));
    *place = kept;
}

void keeper_forget(struct keeper *keeper)
{
    if (keeper->record_count > 0) {
        keeper->settled = keeper->records[keeper->record_count - 1].settled;
    }
    keeper->record_count = 0;
    keeper->act_count = 0;
}

void keeper_finish(struct keeper *keeper)
{
    free(keeper->records);
    free(keeper->acts);
    memset(keeper, 0, sizeof(*keeper));
}

static void acts_equal(const struct act *a, const struct act *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->round, b->round);
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->at_ms, b->at_ms);
    assert_string_equal(a->contest, b->contest);
    assert_string_equal(a->subject, b->subject);
    assert_string_equal(a->post, b->post);
    assert_int_equal(a->bus, b->bus);
    assert_int_equal(a->layer, b->layer);
    assert_string_equal(a->scene, b->scene);
    assert_string_equal(a->params, b->params);
}

void keepers_equal(const struct keeper *a, const struct keeper *b)
{
    assert_int_equal(a->record_count, b->record_count);
    for (uint32_t i = 0; i < a->record_count; i++) {
        const struct kept *x = &a->records[i];
        const struct kept *y = &b->records[i];
        assert_int_equal(x->batch, y->batch);
        assert_int_equal(x->act < 0, y->act < 0);
        if (x->act >= 0) {
            acts_equal(&a->acts[x->act], &b->acts[y->act]);
            continue;
        }
        assert_memory_equal(x->mark.slot, y->mark.slot, SLOT_SIZE);
        assert_memory_equal(x->mark.nonce, y->mark.nonce, NONCE_SIZE);
        assert_int_equal(x->mark.round, y->mark.round);
        assert_int_equal(x->mark.version, y->mark.version);
        assert_int_equal(x->mark.item, y->mark.item);
        assert_int_equal(x->mark.choice, y->mark.choice);
    }
}
