#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "overlay/asrun.h"
#include "overlay/asrun_line.h"
#include "server/protocol/asrun_entry.h"

static struct asrun_line line_make(void)
{
    struct asrun_line line = { .frame = 1234,
                               .wall_ns = INT64_C(1795781647120000000),
                               .why = ASRUN_TAKE,
                               .layer = LAYER_LOWER,
                               .epoch = 17,
                               .log = 0xfeed,
                               .picture = 0xbeef,
                               .frame_rate = 25,
                               .cue = { .scene = SCENE_STRIP, .take = 3, .words = 9 } };
    snprintf(line.cue.post, sizeof line.cue.post, "operator-1");
    snprintf(line.cue.params, sizeof line.cue.params, "contest=appraisal\nsubject=s01\n");
    snprintf(line.cue.text, sizeof line.cue.text, "区委常委一号\n好 \"45\"\n");
    return line;
}

static void what_the_overlay_writes_is_what_minping_reads(void **state)
{
    struct asrun_line line = line_make();
    struct asrun_entry entry;
    struct fault fault = { 0 };
    char text[ASRUN_LINE_SIZE];
    (void)state;
    size_t size = asrun_line_format(&line, text, sizeof text);
    assert_true(size > 0 && text[size - 1] == '\n');
    assert_null(memchr(text, '\n', size - 1));
    if (asrun_entry_decode(text, size, &entry, &fault) != STATUS_OK)
        fail_msg("%s: %s", fault.where, fault.text);
    assert_int_equal(1234, entry.frame);
    assert_string_equal("take", entry.why);
    assert_string_equal("lower", entry.layer);
    assert_string_equal("strip", entry.scene);
    assert_int_equal(3, entry.take);
    assert_int_equal(17, entry.epoch);
    assert_string_equal("operator-1", entry.post);
    assert_string_equal(line.cue.params, entry.params);
    assert_string_equal(line.cue.text, entry.text);
    assert_string_equal("000000000000beef", entry.picture);
    assert_string_equal("03", entry.timecode + 9); /* 120 ms of 25 frames a second */
    assert_false(entry.is_cut);
}

/* A painter gone mad: the line is still one line of JSON, and nothing is read behind an end. */
static void any_bytes_make_one_sound_line(void **state)
{
    static const unsigned char fills[] = { 0xff, 0x80, '"', '\\', 0x01, 0x7f, 0xe5 };
    (void)state;
    for (size_t i = 0; i < sizeof fills; i++) {
        struct asrun_line line = line_make();
        struct asrun_entry entry;
        struct fault fault = { 0 };
        char text[ASRUN_LINE_SIZE];
        memset(line.cue.post, fills[i], sizeof line.cue.post - 1);
        memset(line.cue.text, fills[i], sizeof line.cue.text - 1);
        memset(line.cue.params, fills[i], sizeof line.cue.params - 1);
        size_t size = asrun_line_format(&line, text, sizeof text);
        assert_true(size > 0);
        assert_null(memchr(text, '\n', size - 1));
        enum status status = asrun_entry_decode(text, size, &entry, &fault);
        /* Three bytes for each that is no UTF-8 are more than a reader takes, and it says so. */
        if (status != STATUS_OK && status != STATUS_LIMIT)
            fail_msg("%02x: %s: %s", fills[i], fault.where, fault.text);
    }
}

static void a_line_that_is_none_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "{",
        "[]",
        "{\"frame\":1}",
        "{\"frame\":-1,\"at\":\"x\",\"timecode\":\"x\",\"why\":\"take\",\"layer\":\"lower\"}",
        "{\"frame\":1,\"at\":7,\"timecode\":\"x\",\"why\":\"take\",\"layer\":\"lower\"}",
        "{\"frame\":1,\"at\":\"x\",\"timecode\":\"x\",\"why\":\"a word of many letters\","
        "\"layer\":\"lower\"}",
        "{\"frame\":1,\"at\":\"x\",\"timecode\":\"x\",\"why\":\"take\",\"layer\":\"lower\","
        "\"text\":\"no list\"}",
        "{\"frame\":1,\"at\":\"x\",\"timecode\":\"x\",\"why\":\"take\",\"layer\":\"lower\","
        "\"params\":{\"A\":\"b\"}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct asrun_entry entry;
        struct fault fault = { 0 };
        if (asrun_entry_decode(wrong[i], strlen(wrong[i]), &entry, &fault) == STATUS_OK)
            fail_msg("taken: %s", wrong[i]);
        assert_true(fault.text[0] != '\0');
    }
}

struct rig {
    char path[64];
    struct asrun *asrun;
    uint8_t pixels[64];
    struct cues cues;
    struct asrun_frame frame;
};

static uint64_t sum(void *ctx)
{
    struct rig *rig = ctx;
    return asrun_sum(rig->pixels, sizeof rig->pixels);
}

static struct rig *rig_create(void)
{
    struct format format = { .frame_rate = 25 };
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    snprintf(rig->path, sizeof rig->path, "/tmp/asrun-test-%d", (int)getpid());
    unlink(rig->path);
    memset(rig->pixels, 7, sizeof rig->pixels);
    rig->cues.log = 1;
    rig->frame = (struct asrun_frame){ .epoch = 1, .cues = &rig->cues, .sum = sum, .ctx = rig };
    assert_int_equal(STATUS_OK, asrun_open(rig->path, &format, &rig->asrun, NULL));
    return rig;
}

static void put(struct rig *rig)
{
    asrun_frame(rig->asrun, &rig->frame);
    rig->frame.index++;
}

/* Ends the log; the words of why and layer of each of its lines, "why layer|…". */
static void end(struct rig *rig, char *found, size_t size)
{
    char text[ASRUN_LINE_SIZE];
    asrun_close(rig->asrun);
    FILE *file = fopen(rig->path, "r");
    assert_non_null(file);
    size_t used = 0;
    while (fgets(text, sizeof text, file) != NULL) {
        struct asrun_entry entry;
        assert_int_equal(STATUS_OK, asrun_entry_decode(text, strlen(text), &entry, NULL));
        used += (size_t)snprintf(found + used, size - used, "%s %s|", entry.why, entry.layer);
        assert_true(used < size);
    }
    fclose(file);
    unlink(rig->path);
    free(rig);
}

static void take(struct rig *rig, enum layer layer, enum air_cause cause, uint64_t words)
{
    struct cue *cue = &rig->cues.layers[layer];
    cue->scene = cause == CAUSE_CLEAR ? SCENE_INVALID : SCENE_STRIP;
    cue->take += cause != CAUSE_CLEAR;
    cue->cause = cause;
    cue->words = words;
}

static void each_change_is_a_line_and_nothing_else_is(void **state)
{
    struct rig *rig = rig_create();
    char found[512];
    (void)state;
    put(rig);
    take(rig, LAYER_LOWER, CAUSE_TAKE, 5);
    put(rig);
    put(rig);
    rig->cues.layers[LAYER_LOWER].words = 6; /* still coming in */
    put(rig);
    rig->frame.is_settled = true;
    put(rig);
    put(rig);
    rig->frame.is_settled = false;
    rig->cues.layers[LAYER_LOWER].words = 7;
    rig->frame.epoch = 2;
    put(rig);
    rig->frame.epoch = 3; /* a view that changes nothing here */
    put(rig);
    take(rig, LAYER_BUG, CAUSE_CUT, 1);
    take(rig, LAYER_LOWER, CAUSE_CLEAR, 0);
    put(rig);
    put(rig);
    end(rig, found, sizeof found);
    assert_string_equal("start all|take lower|settled lower|figures lower|clear lower|cut bug|"
                        "end all|",
                        found);
}

static void hidden_graphics_are_said_to_be_off_and_back(void **state)
{
    struct rig *rig = rig_create();
    char found[512];
    (void)state;
    take(rig, LAYER_LOWER, CAUSE_TAKE, 5);
    take(rig, LAYER_BUG, CAUSE_TAKE, 5);
    put(rig); /* found on air at the start */
    rig->frame.is_stale = true;
    put(rig);
    put(rig);
    rig->frame.is_panic = true;
    put(rig);
    take(rig, LAYER_BUG, CAUSE_CLEAR, 0);
    put(rig);
    rig->frame.is_stale = rig->frame.is_panic = false;
    take(rig, LAYER_CRAWL, CAUSE_TAKE, 2);
    put(rig);
    put(rig);
    end(rig, found, sizeof found);
    assert_string_equal("start all|shown lower|shown bug|stale all|panic all|shown lower|"
                        "take crawl|end all|",
                        found);
}

/* Waits until the writer has dealt with `count` lines, written or lost. */
static void await(struct rig *rig, uint64_t count)
{
    const struct timespec turn = { .tv_nsec = 1000000 };
    struct asrun_figures figures = { 0 };
    for (int i = 0; i < 60000 && figures.lines + figures.lost < count; i++) {
        nanosleep(&turn, NULL);
        asrun_figures_get(rig->asrun, &figures);
    }
    assert_int_equal(figures.lines + figures.lost, count);
}

/* What of a file of `path` are lines, and how many they say are missing before them. */
static void lines_count(const char *path, uint64_t *lines, uint64_t *lost, uint64_t *torn)
{
    char text[ASRUN_LINE_SIZE];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(text, sizeof text, file) != NULL) {
        struct asrun_entry entry;
        bool is_line = asrun_entry_decode(text, strlen(text), &entry, NULL) == STATUS_OK;
        *lines += is_line;
        *lost += is_line ? entry.lost : 0;
        *torn += !is_line;
    }
    fclose(file);
}

static void rig_end(struct rig *rig)
{
    asrun_close(rig->asrun);
    free(rig);
}

static void size_limit(uint64_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size == 0 ? limit.rlim_max : size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A disk that takes half a line, then nothing, then everything again. */
static void what_a_full_disk_does_not_take_is_said_by_the_next_line(void **state)
{
    struct rig *rig = rig_create();
    char path[sizeof rig->path];
    uint64_t lines = 0, lost = 0, torn = 0;
    struct stat stat_before;
    (void)state;
    snprintf(path, sizeof path, "%s", rig->path);
    signal(SIGXFSZ, SIG_IGN);
    await(rig, 1);
    assert_int_equal(stat(path, &stat_before), 0);
    size_limit((uint64_t)stat_before.st_size + 50);
    for (uint64_t i = 0; i < 3; i++) {
        take(rig, LAYER_LOWER, CAUSE_TAKE, i);
        put(rig);
        await(rig, 2 + i);
    }
    size_limit(0);
    take(rig, LAYER_LOWER, CAUSE_TAKE, 9);
    put(rig);
    await(rig, 5);
    rig_end(rig);
    lines_count(path, &lines, &lost, &torn);
    unlink(path);
    assert_int_equal(lines, 3); /* start, the last take, end */
    assert_int_equal(lost, 3);
    assert_int_equal(torn, 1);
}

/* The air waits for nobody: what finds the queue full is missing, and the log says how much is. */
static void every_line_is_there_or_said_to_be_missing(void **state)
{
    struct rig *rig = rig_create();
    char path[sizeof rig->path];
    struct asrun_figures figures = { 0 };
    uint64_t lines = 0, lost = 0, torn = 0, put_count = 0;
    (void)state;
    snprintf(path, sizeof path, "%s", rig->path);
    while (figures.lost == 0 && put_count < 1000000) {
        take(rig, LAYER_LOWER, CAUSE_TAKE, put_count);
        put(rig);
        put_count++;
        asrun_figures_get(rig->asrun, &figures);
    }
    assert_true(figures.lost > 0);
    rig_end(rig);
    lines_count(path, &lines, &lost, &torn);
    unlink(path);
    assert_int_equal(lines + lost, put_count + 2); /* start and end */
    assert_true(lost > 0);
    assert_int_equal(torn, 0);
}

/* At its limit a file gets the first number that is free, and a new one goes on without a gap. */
static void a_full_file_is_kept_and_a_new_one_begins(void **state)
{
    struct format format = { .frame_rate = 25 };
    struct rig *rig = rig_create();
    char path[sizeof rig->path], first[80], second[80];
    uint64_t lines = 0, lost = 0, torn = 0;
    struct stat found;
    (void)state;
    snprintf(path, sizeof path, "%s", rig->path);
    snprintf(first, sizeof first, "%s.1", path);
    snprintf(second, sizeof second, "%s.2", path);
    asrun_close(rig->asrun);
    int fd = open(first, O_WRONLY | O_CREAT, 0600); /* of an earlier show */
    assert_true(fd >= 0);
    close(fd);
    /* A hole, so that it is as long as the limit but for a few bytes and takes no room. */
    assert_int_equal(truncate(path, ASRUN_SIZE_MAX - 10), 0);
    assert_int_equal(asrun_open(path, &format, &rig->asrun, NULL), STATUS_OK);
    take(rig, LAYER_LOWER, CAUSE_TAKE, 1);
    put(rig);
    rig_end(rig);
    assert_int_equal(stat(first, &found), 0);
    assert_int_equal(found.st_size, 0);
    assert_int_equal(stat(second, &found), 0);
    assert_true(found.st_size >= ASRUN_SIZE_MAX);
    lines_count(path, &lines, &lost, &torn);
    assert_int_equal(lines, 2); /* the take and the end; the start filled the old one */
    assert_int_equal(lost + torn, 0);
    unlink(path);
    unlink(first);
    unlink(second);
}

/* Before anything goes on air. */
static void a_log_that_cannot_be_opened_is_refused(void **state)
{
    struct format format = { .frame_rate = 25 };
    struct asrun *asrun = NULL;
    struct fault fault = { 0 };
    (void)state;
    assert_int_equal(STATUS_IO, asrun_open("/nowhere/asrun", &format, &asrun, &fault));
    assert_non_null(strstr(fault.text, "/nowhere/asrun"));
    fault = (struct fault){ 0 };
    assert_int_equal(STATUS_IO, asrun_open("/dev/null", &format, &asrun, &fault));
    assert_non_null(strstr(fault.text, "plain file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_overlay_writes_is_what_minping_reads),
        cmocka_unit_test(any_bytes_make_one_sound_line),
        cmocka_unit_test(a_line_that_is_none_is_refused),
        cmocka_unit_test(each_change_is_a_line_and_nothing_else_is),
        cmocka_unit_test(hidden_graphics_are_said_to_be_off_and_back),
        cmocka_unit_test(what_a_full_disk_does_not_take_is_said_by_the_next_line),
        cmocka_unit_test(every_line_is_there_or_said_to_be_missing),
        cmocka_unit_test(a_full_file_is_kept_and_a_new_one_begins),
        cmocka_unit_test(a_log_that_cannot_be_opened_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
