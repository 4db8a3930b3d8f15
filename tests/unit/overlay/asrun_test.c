#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
        cmocka_unit_test(a_log_that_cannot_be_opened_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
