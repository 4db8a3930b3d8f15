#pragma once

#include "overlay/scene.h"
#include "server/model/view.h"

/*
 * The hall the painter's tests draw: the document of the golden pictures (17 subjects, 11
 * criteria, 3 grades; s03 open, the others closed), read by the real decoder, and letters whose
 * widths are easy to reckon with: a Chinese character is as wide as its size, all others half.
 */
#define MS INT64_C(1000000)
#define HALL_NOW_NS (INT64_C(1000000) * MS)

struct hall {
    struct theme theme;
    struct document document;
    uint64_t hashes[SUBJECT_MAX];
    struct scene_data data; /* of the above; now_ns = HALL_NOW_NS */
    struct scene *scene;
};

/* Fails the test when anything is missing. */
void hall_init(struct hall *hall);
void hall_finish(struct hall *hall);

/* The same around each test: *state is the hall. */
int hall_set_up(void **state);
int hall_tear_down(void **state);

/* Puts tests/golden/NAME.json in the place of the document that is there. */
void hall_load(struct hall *hall, const char *name);

int32_t hall_measure(void *ctx, const char *text, size_t size, int32_t size_px, bool is_bold,
                     bool is_figure);

/* Builds one scene alone, age_ms after its entrance began. */
void hall_build(struct hall *hall, enum scene_kind kind, const char *params, int64_t age_ms);

/* Whether, or how often, a text stands in the scene: exactly, or as a part. */
bool hall_shows(const struct hall *hall, const char *text);
uint32_t hall_count_part(const struct hall *hall, const char *part);
