#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/event.h"
#include "server/model/rules.h"
#include "server/model/programme.h"
#include "server/model/record.h"
#include "server/model/view.h"

/* Every value's name reads back as the value; foreign words and "invalid" read as 0. */
#define ASSERT_NAMES_ROUND_TRIP(last, name, parse)                                                 \
    do {                                                                                           \
        for (unsigned value = 1; value <= (unsigned)(last); value++) {                             \
            assert_string_not_equal(name(value), "invalid");                                       \
            assert_int_equal(parse(name(value)), value);                                           \
        }                                                                                          \
        assert_string_equal(name(0), "invalid");                                                   \
        assert_string_equal(name((unsigned)(last) + 1), "invalid");                                \
        assert_int_equal(parse("invalid"), 0);                                                     \
        assert_int_equal(parse(""), 0);                                                            \
        assert_int_equal(parse("Tally"), 0);                                                       \
    } while (0)

static void names_of_all_enums_round_trip(void **state)
{
    ASSERT_NAMES_ROUND_TRIP(CONTEST_POLL, contest_kind_name, contest_kind_parse);
    ASSERT_NAMES_ROUND_TRIP(LIVE_TALLY, live_name, live_parse);
    ASSERT_NAMES_ROUND_TRIP(AUDIENCE_COUNT - 1, audience_name, audience_parse);
    ASSERT_NAMES_ROUND_TRIP(ROLE_COUNT - 1, role_name, role_parse);
    ASSERT_NAMES_ROUND_TRIP(ROUND_VOID, round_state_name, round_state_parse);
    ASSERT_NAMES_ROUND_TRIP(BUS_COUNT - 1, bus_name, bus_parse);
    ASSERT_NAMES_ROUND_TRIP(LAYER_ALL, layer_name, layer_parse);
    ASSERT_NAMES_ROUND_TRIP(SCENE_COUNT - 1, scene_name, scene_parse);
    ASSERT_NAMES_ROUND_TRIP(ACT_COUNT - 1, act_kind_name, act_kind_parse);
    ASSERT_NAMES_ROUND_TRIP(CHECK_IN_PAD, check_in_name, check_in_parse);
    ASSERT_NAMES_ROUND_TRIP(STEP_OTHER, step_kind_name, step_kind_parse);
    ASSERT_NAMES_ROUND_TRIP(STAGE_ANOTHER, round_stage_name, round_stage_parse);
    ASSERT_NAMES_ROUND_TRIP(BASE_COUNT - 1, base_name, base_parse);
    ASSERT_NAMES_ROUND_TRIP(REMEDY_COUNT, remedy_name, remedy_parse);
}

static void words_of_the_files_are_these(void **state)
{
    assert_int_equal(live_parse("tally"), LIVE_TALLY);
    assert_int_equal(live_parse("turnout"), LIVE_TURNOUT);
    assert_int_equal(live_parse("hidden"), LIVE_HIDDEN);
    assert_int_equal(role_parse("overlay"), ROLE_OVERLAY);
    assert_int_equal(audience_parse("scrutineer"), AUDIENCE_SCRUTINEER);
    assert_int_equal(layer_parse("all"), LAYER_ALL);
    assert_int_equal(scene_parse("strap"), SCENE_STRAP);
    assert_int_equal(round_state_parse("paused"), ROUND_PAUSED);
}

static void label_falls_back_to_chinese(void **state)
{
    struct label both = { .zh = "好", .en = "Good" };
    struct label one = { .zh = "好" };

    assert_string_equal(label_text(&both, LANGUAGE_EN), "Good");
    assert_string_equal(label_text(&both, LANGUAGE_ZH_CN), "好");
    assert_string_equal(label_text(&one, LANGUAGE_EN), "好");
    assert_string_equal(label_text(&both, LANGUAGE_INVALID), "好");
}

static void ids_are_checked_character_by_character(void **state)
{
    static const char *const good[] = { "a", "0", "s01", "officer-1", "a-",
                                        "abcdefghijklmnopqrstuvwxyz012345" };
    static const char *const bad[] = { "", "-a", "A", "a_b", "a b", "好", "a.", "a\n",
                                       "abcdefghijklmnopqrstuvwxyz0123456" };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(id_is_valid(good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(id_is_valid(bad[i]));
    }
}

static void finds_by_id_or_says_there_is_none(void **state)
{
    struct criterion criteria[] = { { .id = "ability" }, { .id = "policy" } };
    struct subject subjects[] = { { .id = "s01" }, { .id = "s02" } };
    struct contest contests[] = {
        { .id = "one" },
        { .id = "two",
          .criteria = criteria,
          .criterion_count = 2,
          .subjects = subjects,
          .subject_count = 2 },
    };
    struct post posts[] = { { .id = "officer-1" }, { .id = "base-1" } };
    struct event event = {
        .contests = contests, .contest_count = 2, .posts = posts, .post_count = 2
    };

    assert_int_equal(event_find_contest(&event, "two"), 1);
    assert_int_equal(event_find_contest(&event, "three"), -1);
    assert_int_equal(event_find_post(&event, "base-1"), 1);
    assert_int_equal(event_find_post(&event, ""), -1);
    assert_int_equal(contest_find_subject(&contests[1], "s01"), 0);
    assert_int_equal(contest_find_subject(&contests[0], "s01"), -1);
    assert_int_equal(contest_find_criterion(&contests[1], "policy"), 1);
    assert_int_equal(contest_find_criterion(&contests[1], "polic"), -1);
}

static void destroy_accepts_null_and_half_made_events(void **state)
{
    struct event *event = calloc(1, sizeof(*event));

    event_destroy(NULL);
    event->contest_count = 2; /* counted before the list was made */
    event_destroy(event);
    event = calloc(1, sizeof(*event));
    event->contests = calloc(2, sizeof(*event->contests));
    event->contest_count = 2;
    event->contests[0].grades = calloc(2, sizeof(struct grade));
    event->contests[1].subjects = calloc(2, sizeof(struct subject));
    event_destroy(event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_all_enums_round_trip),
        cmocka_unit_test(words_of_the_files_are_these),
        cmocka_unit_test(label_falls_back_to_chinese),
        cmocka_unit_test(ids_are_checked_character_by_character),
        cmocka_unit_test(finds_by_id_or_says_there_is_none),
        cmocka_unit_test(destroy_accepts_null_and_half_made_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
