#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "server/text/text.h"

static json_t *catalogue_load(const char *language)
{
    char path[512];
    snprintf(path, sizeof(path), TEXT_DIR "/%s.json", language);
    json_t *catalogue = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_object(catalogue));
    return catalogue;
}

/* The texts of the pages, which the other catalogue must have as well. */
static uint32_t web_texts_check(json_t *catalogue, json_t *other)
{
    uint32_t count = 0;
    const char *key;
    json_t *value;
    json_object_foreach(catalogue, key, value) {
        if (strncmp(key, "web_", 4) != 0) {
            continue;
        }
        count++;
        assert_true(json_is_string(json_object_get(other, key)));
        assert_true(json_string_length(value) > 0);
    }
    return count;
}

static void both_files_have_every_text_and_no_other(void **state)
{
    (void)state;
    json_t *zh = catalogue_load("zh-CN");
    json_t *en = catalogue_load("en");
    uint32_t web_count = web_texts_check(zh, en);
    assert_true(web_count > 0);
    assert_int_equal(web_texts_check(en, zh), web_count);
    assert_int_equal(json_object_size(zh), TEXT_COUNT - 1 + web_count);
    assert_int_equal(json_object_size(en), TEXT_COUNT - 1 + web_count);
    for (uint32_t id = TEXT_INVALID + 1; id < TEXT_COUNT; id++) {
        const char *name = text_id_name((enum text_id)id);
        assert_string_equal(json_string_value(json_object_get(zh, name)),
                            text_get(LANGUAGE_ZH_CN, (enum text_id)id));
        assert_string_equal(json_string_value(json_object_get(en, name)),
                            text_get(LANGUAGE_EN, (enum text_id)id));
    }
    json_decref(zh);
    json_decref(en);
}

static void no_text_is_empty(void **state)
{
    (void)state;
    for (uint32_t id = TEXT_INVALID + 1; id < TEXT_COUNT; id++) {
        assert_true(strlen(text_get(LANGUAGE_ZH_CN, (enum text_id)id)) > 0);
        assert_true(strlen(text_get(LANGUAGE_EN, (enum text_id)id)) > 0);
    }
}

/* The places of `pattern` that `other` has too; both must have the same number in all. */
static uint32_t places_shared(const char *pattern, const char *other, uint32_t *count)
{
    struct text_piece piece;
    uint32_t shared = 0;
    *count = 0;
    for (const char *at = pattern; text_next(&at, &piece);) {
        char place[64];
        if (!piece.is_place) {
            continue;
        }
        (*count)++;
        snprintf(place, sizeof(place), "{%.*s}", (int)piece.size, piece.start);
        shared += strstr(other, place) != NULL ? 1 : 0;
    }
    return shared;
}

static void both_languages_name_the_same_values(void **state)
{
    (void)state;
    for (uint32_t id = TEXT_INVALID + 1; id < TEXT_COUNT; id++) {
        const char *zh = text_get(LANGUAGE_ZH_CN, (enum text_id)id);
        const char *en = text_get(LANGUAGE_EN, (enum text_id)id);
        uint32_t zh_count = 0;
        uint32_t en_count = 0;
        uint32_t zh_shared = places_shared(zh, en, &zh_count);
        uint32_t en_shared = places_shared(en, zh, &en_count);
        assert_int_equal(zh_shared, zh_count);
        assert_int_equal(en_shared, en_count);
        assert_int_equal(zh_count, en_count);
    }
}

static void values_stand_where_the_pattern_names_them(void **state)
{
    (void)state;
    const struct text_value values[] = { { "cast", "1,874" }, { "registered", "1,995" } };
    char text[128];
    assert_int_equal(text_fill(text, sizeof(text), "{cast} of {registered}, {cast}", values, 2),
                     STATUS_OK);
    assert_string_equal(text, "1,874 of 1,995, 1,874");
    assert_int_equal(text_fill(text, sizeof(text), "a {unknown} {", values, 2), STATUS_OK);
    assert_string_equal(text, "a {unknown} {");
    assert_int_equal(text_fill(text, sizeof(text), "", values, 2), STATUS_OK);
    assert_string_equal(text, "");
}

static void a_text_that_does_not_fit_is_cut_between_pieces_and_said(void **state)
{
    (void)state;
    const struct text_value values[] = { { "a", "测评" } };
    char text[8];
    assert_int_equal(text_fill(text, sizeof(text), "{a}{a}", values, 1), STATUS_LIMIT);
    assert_string_equal(text, "测评");
    assert_int_equal(text_fill(text, 7, "{a}", values, 1), STATUS_OK);
    assert_int_equal(text_fill(text, 6, "{a}", values, 1), STATUS_LIMIT);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_files_have_every_text_and_no_other),
        cmocka_unit_test(no_text_is_empty),
        cmocka_unit_test(both_languages_name_the_same_values),
        cmocka_unit_test(values_stand_where_the_pattern_names_them),
        cmocka_unit_test(a_text_that_does_not_fit_is_cut_between_pieces_and_said),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
