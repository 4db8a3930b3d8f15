#pragma once

#include "tests/unit/overlay/painter_hall.h"

/*
 * Every scene with every document it is looked at with, and what its round may be like: for tests
 * that go over all of them. A new scene is a line of scene_cases.
 *
 * document  tests/golden/NAME.json
 */
struct scene_case {
    const char *name;
    enum scene_kind kind;
    const char *params;
    const char *document;
};

#define SCENE_CASE_SERVER_MS INT64_C(1700000010000) /* ten seconds after their speeches began */

extern const struct scene_case scene_cases[];
extern const size_t scene_case_count;

/* What a live round is like. */
enum mood {
    MOOD_AS_SAVED = 1,
    MOOD_TURNOUT,
    MOOD_HIDDEN,
    MOOD_PAUSED,
    MOOD_NO_VOTES,
    MOOD_UNANIMOUS,
    MOOD_PAPER,
    MOOD_VOID,
    MOOD_CERTIFIED,
    MOOD_SHORT_NAME,
    MOOD_LONG_NAME,
    MOOD_COUNT,
};

/* Makes the hall's live round, and the names of all, so. After hall_load(). */
void mood_set(struct hall *hall, enum mood mood);
const char *mood_name(enum mood mood);
