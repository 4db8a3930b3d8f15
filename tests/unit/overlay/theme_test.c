#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "overlay/theme.h"

static char changed[THEME_SIZE_MAX];

/* The first theme with `from` replaced by `to`, parsed; its text is in `changed`. */
static enum status changed_parse(const char *from, const char *to, struct theme *theme,
                                 struct fault *fault)
{
    static char text[THEME_SIZE_MAX];
    FILE *file = fopen(THEME_FILE, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = '\0';
    char *at = strstr(text, from);
    assert_non_null(at);
    int length = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, to,
                          at + strlen(from));
    memset(fault, 0, sizeof(*fault));
    return theme_parse(changed, (size_t)length, theme, fault);
}

static void built_in_theme_is_the_installed_file(void **state)
{
    (void)state;
    struct theme built_in;
    struct theme from_file;
    struct fault fault = { 0 };
    assert_int_equal(theme_load(NULL, &built_in, &fault), STATUS_OK);
    assert_int_equal(theme_load(THEME_FILE, &from_file, &fault), STATUS_OK);
    assert_memory_equal(&built_in, &from_file, sizeof(built_in));
    assert_int_equal(built_in.ground, 0xff0d1a2d);
    assert_int_equal(built_in.panel, 0xf00d1a2d);
    assert_int_equal(built_in.name_px, 60);
    assert_int_equal(built_in.left_px, 96);
    assert_int_equal(built_in.bottom_px, 1026);
}

static void a_wrong_theme_is_refused_with_its_path(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *where;
    } cases[] = {
        { "\"minping_theme\": 1", "\"minping_theme\": 2", "$.minping_theme" },
        { "\"gold\": \"#d8b46a\"", "\"gold\": \"gold\"", "$.colours.gold" },
        { "\"gold\": \"#d8b46a\",", "", "$.colours.gold" },
        { "\"gold\": \"#d8b46a\"", "\"gold\": \"#d8b46a\", \"gilt\": \"#d8b46a\"",
          "$.colours.gilt" },
        { "\"small\": 28", "\"small\": 27", "$.type.small" },
        { "\"small\": 28", "\"small\": 28.5", "$.type.small" },
        { "\"in_ms\": 500", "\"in_ms\": -1", "$.motion.in_ms" },
        { "\"in_ms\": 500", "\"in_ms\": 5001", "$.motion.in_ms" },
        { "\"in_ms\": 500", "\"in_ms\": 18446744073709551616", "" },
        { "\"left\": 96", "\"left\": 900", "$.safe" },
        { "\"right\": 1824", "\"right\": 1921", "$.safe.right" },
        { "\"shape\": \"square\"", "\"shape\": \"star\"", "$.grades[0]" },
        { "\"font\": ", "\"fount\": ", "$.fount" },
        { "\"safe\": {", "\"safe\": [], \"unsafe\": {", "$.unsafe" },
        { "\"language\": \"zh-CN\"", "\"language\": \"fr\"", "$.language" },
        { "\"bug_top\": 56", "\"bug_top\": 0", "$.places.bug_top" },
        { "\"logo\": { \"file\": \"\"", "\"logo\": { \"file\": 1", "$.logo.file" },
        { "\"width\": 280", "\"width\": 1900", "$.logo" },
        { "\"sd\": {", "\"hd\": {", "$.hd" },
        { "\"sd\": {", "\"sd\": 1, \"sd_4x3\": {", "" },
        { "\"sd\": {\n        \"type\": {", "\"sd\": {\n        \"colours\": {", "$.sd.colours" },
        { "\"sd\": {\n        \"type\": {", "\"sd\": {\n        \"type\": { \"tiny\": 36,",
          "$.sd.type.tiny" },
        { "\"cell\": 36, \"small\": 36", "\"cell\": 36, \"small\": 31", "$.sd.type.small" },
        { "\"cell\": 36, \"small\": 36", "\"cell\": 36", "$.sd.type.small" },
        { "\"right\": 1368", "\"right\": 1441", "$.sd_4x3.safe.right" },
        { "\"right\": 1368", "\"right\": 1200", "$.sd_4x3.safe" },
        { "\"logo\": { \"left\": 72 }", "\"logo\": { \"file\": \"x\" }", "$.sd_4x3.logo.file" },
        { "\"logo\": { \"left\": 72 }", "\"logo\": { \"left\": 1300 }", "$.sd_4x3.logo" },
        { "{", "", "" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct theme theme;
        struct fault fault;
        assert_int_equal(changed_parse(cases[i].from, cases[i].to, &theme, &fault),
                         STATUS_INVALID);
        assert_string_equal(fault.where, cases[i].where);
        assert_true(fault.text[0] != '\0');
    }
}

static void a_theme_that_is_too_large_or_missing_is_refused(void **state)
{
    (void)state;
    struct theme theme;
    struct fault fault = { 0 };
    char *text = calloc(1, THEME_SIZE_MAX + 1);
    assert_non_null(text);
    assert_int_equal(theme_parse(text, THEME_SIZE_MAX + 1, &theme, &fault), STATUS_LIMIT);
    free(text);
    memset(&fault, 0, sizeof(fault));
    assert_int_equal(theme_load("/no/such/theme.json", &theme, &fault), STATUS_IO);
    assert_non_null(strstr(fault.text, "/no/such/theme.json"));
}

static void every_built_in_theme_has_its_layouts(void **state)
{
    (void)state;
    static const char *const names[] = { "minping", "light" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct theme theme;
        assert_true(theme_is_built_in(names[i]));
        assert_int_equal(theme_load(names[i], &theme, NULL), STATUS_OK);
        assert_int_equal(theme.width_px, 1920);
        int32_t left = theme.left_px;
        int32_t small = theme.small_px;
        theme_lay_out(&theme, layout_of(format_find("576i25-4x3")));
        assert_int_equal(theme.width_px, 1440);
        assert_true(theme.right_px <= 1440 - 72 && theme.small_px >= THEME_TYPE_MIN_SD_PX);
        theme_lay_out(&theme, layout_of(format_find("576i25")));
        assert_int_equal(theme.width_px, 1920);
        assert_int_equal(theme.left_px, left); /* not said anew there */
        assert_true(theme.small_px > small);
        theme_lay_out(&theme, layout_of(format_find("720p50")));
        assert_int_equal(theme.small_px, small);
    }
    assert_true(theme_is_built_in(NULL));
    assert_false(theme_is_built_in("light.json"));
}

/* A folder with a theme whose logo is named beside it. */
static void a_logo_is_looked_for_beside_its_theme(void **state)
{
    (void)state;
    char folder[] = "/tmp/minping-theme-XXXXXX";
    char path[64];
    char wanted[80];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/own.json", folder);
    struct theme theme;
    struct fault fault;
    assert_int_equal(changed_parse("\"file\": \"\"", "\"file\": \"station.png\"", &theme, &fault),
                     STATUS_OK);
    assert_string_equal(theme.logo_file, "station.png");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(changed, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(theme_load(path, &theme, &fault), STATUS_OK);
    snprintf(wanted, sizeof(wanted), "%s/station.png", folder);
    assert_string_equal(theme.logo_file, wanted);
    assert_int_equal(remove(path), 0);
    assert_int_equal(remove(folder), 0);
}

static void best_and_worst_grade_look_the_same_however_many_there_are(void **state)
{
    (void)state;
    struct theme theme;
    assert_int_equal(theme_load(NULL, &theme, NULL), STATUS_OK);
    for (uint32_t count = 2; count <= GRADE_MAX; count++) {
        assert_ptr_equal(theme_grade(&theme, 0, count), &theme.grades[0]);
        assert_ptr_equal(theme_grade(&theme, count - 1, count), &theme.grades[GRADE_MAX - 1]);
        for (uint32_t i = 1; i < count; i++) {
            assert_true(theme_grade(&theme, i, count) > theme_grade(&theme, i - 1, count));
        }
    }
    assert_int_equal(theme_grade(&theme, 1, 3)->fill, 0xffd9a441);
    assert_int_equal(theme_grade(&theme, 1, 3)->shape, SHAPE_CIRCLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_theme_is_the_installed_file),
        cmocka_unit_test(a_wrong_theme_is_refused_with_its_path),
        cmocka_unit_test(every_built_in_theme_has_its_layouts),
        cmocka_unit_test(a_logo_is_looked_for_beside_its_theme),
        cmocka_unit_test(a_theme_that_is_too_large_or_missing_is_refused),
        cmocka_unit_test(best_and_worst_grade_look_the_same_however_many_there_are),
    };
    return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
