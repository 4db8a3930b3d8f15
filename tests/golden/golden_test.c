#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "overlay/painter.h"

/*
 * Draws tests/golden/s1.json, and s1-paper.json, and holds each picture against the one kept beside
 * it.
 *
 * GOLDEN_DIR holds the references, OUT_DIR takes what was drawn and, where it differs, a picture
 * of the differences. `golden_test --renew` writes new references: look at them before they go in.
 */
#define CHANNEL_TOLERANCE 12 /* one rounding of coverage more or less, in either library */
#define PIXEL_TOLERANCE 24   /* a wrong digit of the smallest size has some hundred */

struct golden {
    const char *name;
    enum scene_kind scene;
    enum language language;
    const char *params;
    const char *background;
    const char *document;  /* NULL: s1 */
    const char *theme;     /* NULL: the first one */
    const char *format;    /* NULL: 1080p25 */
    const char *portraits; /* NULL: none */
};

#define SUBJECT "contest=appraisal\nsubject=s03\n"
#define SECRETARY "contest=secretary\n"
#define FINGERPRINT "fingerprint=a791 6366 2a12 514a\n"
#define RESULT FINGERPRINT "qr=https://vote.example.cn/r/s4-township/3#a79163662a12514a\n"
#define PICTURE "#45525e"
#define PORTRAITS GOLDEN_DIR "/portraits" /* made by clients/demo/silhouettes.py */
#define BRIGHT "#f0f0e8"
/* What follows it would align by bytes. */
/* clang-format off */
#define CRAWL \
    "text_zh=本次测评共设十一个项目，每位代表对每个项目按“好、一般、差”三个等次作出评价。\n"
#define OPINION \
    "text_zh=区委常委三号同志在“党风廉政建设”方面做了大量细致的工作，建议今后进一步加强基层调研" \
    "（尤其是边远乡镇），多听取群众意见。\n"
#define CORRECTION \
    "text_zh=20:12 播出的区委常委三号“工作能力”一项“好”的比例误为 76.0%，正确数字为 67.0%。\n" \
    "text_en=At 20:12 the share of good was shown as 76.0%. The right figure is 67.0%.\n"

#define NOTICE \
    "title_zh=区委常委民主测评\n" \
    "text_zh=" \
    "第一位：区委常委一号。每位代表对十一个项目逐项评价：好、一般、差。请使用表决器或手机。\n" \
    "title_en=Appraisal of the standing committee\n" \
    "text_en=First: post number one. Eleven criteria, each good, fair or poor, on keypads and " \
    "phones.\n" \
    "until_ms=1764504922000\n"
/* clang-format on */

static const struct golden goldens[] = {
    { "strap", SCENE_STRAP, LANGUAGE_ZH_CN, SUBJECT, PICTURE, NULL, NULL, NULL, NULL },
    { .name = "strap-portrait",
      .scene = SCENE_STRAP,
      .language = LANGUAGE_ZH_CN,
      .params = SUBJECT,
      .background = PICTURE,
      .portraits = PORTRAITS },
    { .name = "strap-portrait-576",
      .scene = SCENE_STRAP,
      .language = LANGUAGE_ZH_CN,
      .params = SUBJECT,
      .background = PICTURE,
      .format = "576i25",
      .portraits = PORTRAITS },
    { .name = "strap-portrait-light",
      .scene = SCENE_STRAP,
      .language = LANGUAGE_EN,
      .params = SUBJECT,
      .background = BRIGHT,
      .theme = "light",
      .portraits = PORTRAITS },
    { "strip", SCENE_STRIP, LANGUAGE_ZH_CN, SUBJECT "criterion=integrity\n", PICTURE, NULL, NULL,
      NULL, NULL },
    { "board", SCENE_BOARD, LANGUAGE_ZH_CN, SUBJECT, NULL, NULL, NULL, NULL, NULL },
    { "matrix", SCENE_MATRIX, LANGUAGE_ZH_CN, "contest=appraisal\n", NULL, NULL, NULL, NULL, NULL },
    { "turnout", SCENE_TURNOUT, LANGUAGE_ZH_CN, "contest=appraisal\n", PICTURE, NULL, NULL, NULL,
      NULL },
    { "board-en", SCENE_BOARD, LANGUAGE_EN, SUBJECT, NULL, NULL, NULL, NULL, NULL },
    { "clock", SCENE_CLOCK, LANGUAGE_ZH_CN, "kind=speech\nseconds=180\nfrom_ms=1764504792000\n",
      PICTURE, NULL, NULL, NULL, NULL },
    { "clock-over", SCENE_CLOCK, LANGUAGE_ZH_CN,
      "kind=speech\nseconds=180\nfrom_ms=1764504655000\n", BRIGHT, NULL, NULL, NULL, NULL },
    { "crawl", SCENE_CRAWL, LANGUAGE_ZH_CN, CRAWL, PICTURE, NULL, NULL, NULL, NULL },
    { "opinion", SCENE_OPINION, LANGUAGE_ZH_CN, OPINION, BRIGHT, NULL, NULL, NULL, NULL },
    { "correction", SCENE_CORRECTION, LANGUAGE_ZH_CN, CORRECTION, PICTURE, NULL, NULL, NULL, NULL },
    { "correction-en", SCENE_CORRECTION, LANGUAGE_EN, CORRECTION, BRIGHT, NULL, NULL, NULL, NULL },
    { "notice", SCENE_NOTICE, LANGUAGE_ZH_CN, NOTICE, NULL, NULL, NULL, NULL, NULL },
    { "notice-en", SCENE_NOTICE, LANGUAGE_EN, NOTICE, NULL, NULL, NULL, NULL, NULL },
    { "notice-576", SCENE_NOTICE, LANGUAGE_ZH_CN, NOTICE, NULL, NULL, NULL, "576i25", NULL },
    { "notice-light", SCENE_NOTICE, LANGUAGE_ZH_CN, NOTICE, NULL, NULL, "light", NULL, NULL },
    { "matrix-paper", SCENE_MATRIX, LANGUAGE_ZH_CN, "contest=appraisal\n", NULL, "s1-paper", NULL,
      NULL, NULL },
    { "strap-576", SCENE_STRAP, LANGUAGE_ZH_CN, SUBJECT, PICTURE, NULL, NULL, "576i25", NULL },
    { "strip-576", SCENE_STRIP, LANGUAGE_ZH_CN, SUBJECT "criterion=integrity\n", PICTURE, NULL,
      NULL, "576i25", NULL },
    { "board-576", SCENE_BOARD, LANGUAGE_ZH_CN, SUBJECT, NULL, NULL, NULL, "576i25", NULL },
    { "matrix-576", SCENE_MATRIX, LANGUAGE_ZH_CN, "contest=appraisal\n", NULL, NULL, NULL, "576i25",
      NULL },
    { "turnout-576", SCENE_TURNOUT, LANGUAGE_ZH_CN, "contest=appraisal\n", PICTURE, NULL, NULL,
      "576i25", NULL },
    { "matrix-4x3", SCENE_MATRIX, LANGUAGE_ZH_CN, "contest=appraisal\n", NULL, NULL, NULL,
      "576i25-4x3", NULL },
    { "board-light", SCENE_BOARD, LANGUAGE_ZH_CN, SUBJECT, NULL, NULL, "light", NULL, NULL },
    { "correction-light", SCENE_CORRECTION, LANGUAGE_ZH_CN, CORRECTION, PICTURE, NULL, "light",
      NULL, NULL },
    { "strip-light-en", SCENE_STRIP, LANGUAGE_EN, SUBJECT "criterion=integrity\n", BRIGHT, NULL,
      "light", NULL, NULL },
    { "matrix-light-en", SCENE_MATRIX, LANGUAGE_EN, "contest=appraisal\n", NULL, NULL, "light",
      NULL, NULL },
    { "turnout-light-en", SCENE_TURNOUT, LANGUAGE_EN, "contest=appraisal\n", PICTURE, NULL, "light",
      NULL, NULL },
    { "clock-576", SCENE_CLOCK, LANGUAGE_ZH_CN, "kind=speech\nseconds=180\nfrom_ms=1764504792000\n",
      PICTURE, NULL, NULL, "576i25", NULL },
    { "clock-light-en", SCENE_CLOCK, LANGUAGE_EN,
      "kind=speech\nseconds=180\nfrom_ms=1764504792000\n", BRIGHT, NULL, "light", NULL, NULL },
    { "crawl-576", SCENE_CRAWL, LANGUAGE_ZH_CN, CRAWL, PICTURE, NULL, NULL, "576i25", NULL },
    { "crawl-light-en", SCENE_CRAWL, LANGUAGE_EN, CRAWL, PICTURE, NULL, "light", NULL, NULL },
    { "opinion-576", SCENE_OPINION, LANGUAGE_ZH_CN, OPINION, BRIGHT, NULL, NULL, "576i25", NULL },
    { "opinion-light-en", SCENE_OPINION, LANGUAGE_EN, OPINION, BRIGHT, NULL, "light", NULL, NULL },
    { "correction-576", SCENE_CORRECTION, LANGUAGE_ZH_CN, CORRECTION, PICTURE, NULL, NULL, "576i25",
      NULL },
    { "race", SCENE_RACE, LANGUAGE_ZH_CN, SECRETARY, NULL, "s4", NULL, NULL, NULL },
    { "race-576", SCENE_RACE, LANGUAGE_ZH_CN, SECRETARY, NULL, "s4-committee", NULL, "576i25",
      NULL },
    { "race-open", SCENE_RACE, LANGUAGE_ZH_CN, SECRETARY, NULL, "s4-open", NULL, NULL, NULL },
    { "race-open-576", SCENE_RACE, LANGUAGE_ZH_CN, SECRETARY, NULL, "s4-open", NULL, "576i25",
      NULL },
    { "race-none-576", SCENE_RACE, LANGUAGE_ZH_CN, SECRETARY, NULL, "s4-poll", NULL, "576i25",
      NULL },
    { "race-light-en", SCENE_RACE, LANGUAGE_EN, SECRETARY, NULL, "s4-committee", "light", NULL,
      NULL },
    { "result", SCENE_RESULT, LANGUAGE_ZH_CN, SECRETARY RESULT, NULL, "s4", NULL, NULL, NULL },
    { "result-576", SCENE_RESULT, LANGUAGE_ZH_CN, SECRETARY RESULT, NULL, "s4-committee", NULL,
      "576i25", NULL },
    { "result-motion", SCENE_RESULT, LANGUAGE_ZH_CN, "contest=report\n", NULL, "s5-motion", NULL,
      NULL, NULL },
    { "result-poll-576", SCENE_RESULT, LANGUAGE_ZH_CN, "contest=recommend\n" FINGERPRINT, NULL,
      "s4-poll", NULL, "576i25", NULL },
    { "result-none-576", SCENE_RESULT, LANGUAGE_ZH_CN, SECRETARY, NULL, "s4-poll", NULL, "576i25",
      NULL },
    { "result-light-en", SCENE_RESULT, LANGUAGE_EN, SECRETARY RESULT, NULL, "s4-committee", "light",
      "576i25-4x3", NULL },
};
#define GOLDEN_COUNT (sizeof(goldens) / sizeof(goldens[0]))

static void path_make(char path[512], const char *folder, const char *name, const char *suffix)
{
    snprintf(path, 512, "%s/%s%s", folder, name, suffix);
}

static enum status golden_draw(const struct golden *golden, const char *path, struct fault *fault)
{
    char document[512];
    path_make(document, GOLDEN_DIR, golden->document != NULL ? golden->document : "s1", ".json");
    const struct painter_still still = { .document_file = document,
                                         .path = path,
                                         .params = golden->params,
                                         .background = golden->background,
                                         .scene = golden->scene,
                                         .language = golden->language,
                                         .theme_file = golden->theme,
                                         .portraits = golden->portraits,
                                         .format = format_find(
                                             golden->format != NULL ? golden->format : "1080p25") };
    return painter_still_write(&still, fault);
}

/* The larger of the differences of the four channels. */
static uint32_t pixel_difference(uint32_t a, uint32_t b)
{
    uint32_t most = 0;
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        int32_t difference = (int32_t)(a >> shift & 255) - (int32_t)(b >> shift & 255);
        uint32_t size = (uint32_t)abs(difference);
        most = size > most ? size : most;
    }
    return most;
}

/*
 * How many pixels differ by more than the tolerance; UINT32_MAX: no such file, or another size.
 * diff_path: where to write the differences in white on black, if there are too many.
 */
static uint32_t pictures_compare(const char *drawn_path, const char *reference_path,
                                 const char *diff_path)
{
    cairo_surface_t *drawn = cairo_image_surface_create_from_png(drawn_path);
    cairo_surface_t *reference = cairo_image_surface_create_from_png(reference_path);
    int width = cairo_image_surface_get_width(drawn);
    int height = cairo_image_surface_get_height(drawn);
    uint32_t count = UINT32_MAX;
    if (cairo_surface_status(drawn) == CAIRO_STATUS_SUCCESS &&
        cairo_surface_status(reference) == CAIRO_STATUS_SUCCESS &&
        cairo_image_surface_get_width(reference) == width &&
        cairo_image_surface_get_height(reference) == height &&
        cairo_image_surface_get_format(reference) == cairo_image_surface_get_format(drawn)) {
        cairo_surface_t *diff = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
        count = 0;
        for (int y = 0; y < height; y++) {
            size_t at = (size_t)y * (size_t)cairo_image_surface_get_stride(drawn);
            const uint32_t *a = (void *)(cairo_image_surface_get_data(drawn) + at);
            const uint32_t *b = (void *)(cairo_image_surface_get_data(reference) + at);
            uint32_t *out = (void *)(cairo_image_surface_get_data(diff) + at);
            for (int x = 0; x < width; x++) {
                bool is_other = pixel_difference(a[x], b[x]) > CHANNEL_TOLERANCE;
                out[x] = is_other ? 0xffffffffu : 0xff000000u;
                count += is_other ? 1 : 0;
            }
        }
        cairo_surface_mark_dirty(diff);
        if (count > PIXEL_TOLERANCE) {
            (void)cairo_surface_write_to_png(diff, diff_path);
        }
        cairo_surface_destroy(diff);
    }
    cairo_surface_destroy(drawn);
    cairo_surface_destroy(reference);
    return count;
}

static void picture_is_as_kept(void **state)
{
    const struct golden *golden = *state;
    struct fault fault = { 0 };
    char drawn[512];
    char reference[512];
    char diff[512];
    path_make(drawn, OUT_DIR, golden->name, ".png");
    path_make(reference, GOLDEN_DIR, golden->name, ".png");
    path_make(diff, OUT_DIR, golden->name, ".diff.png");
    (void)remove(diff);
    if (golden_draw(golden, drawn, &fault) != STATUS_OK) {
        fail_msg("%s: %s", golden->name, fault.text);
    }
    uint32_t count = pictures_compare(drawn, reference, diff);
    if (count == UINT32_MAX) {
        fail_msg("no reference '%s' of this size", reference);
    }
    if (count > PIXEL_TOLERANCE) {
        fail_msg("%u pixels of '%s' are not those of '%s': see '%s'", count, drawn, reference,
                 diff);
    }
}

/* The controls: a comparison that cannot fail would prove nothing. */
static void another_subject_is_noticed(void **state)
{
    (void)state;
    struct golden other = goldens[0];
    char reference[512];
    struct fault fault = { 0 };
    other.params = "contest=appraisal\nsubject=s04\n";
    path_make(reference, GOLDEN_DIR, "strap", ".png");
    assert_int_equal(golden_draw(&other, OUT_DIR "/other.png", &fault), STATUS_OK);
    assert_true(pictures_compare(OUT_DIR "/other.png", reference, OUT_DIR "/other.diff.png") >
                PIXEL_TOLERANCE);
}

static void missing_reference_is_noticed(void **state)
{
    (void)state;
    char drawn[512];
    path_make(drawn, OUT_DIR, "strap", ".png");
    assert_true(pictures_compare(drawn, OUT_DIR "/no-such.png", OUT_DIR "/no-such.diff.png") ==
                UINT32_MAX);
}

static int references_renew(void)
{
    for (size_t i = 0; i < GOLDEN_COUNT; i++) {
        struct fault fault = { 0 };
        char path[512];
        path_make(path, GOLDEN_DIR, goldens[i].name, ".png");
        if (golden_draw(&goldens[i], path, &fault) != STATUS_OK) {
            fprintf(stderr, "%s: %s\n", goldens[i].name, fault.text);
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    /* The pictures depend on nothing of the machine but the font's file. */
    setenv("FONTCONFIG_FILE", GOLDEN_DIR "/fonts.conf", 1);
    setenv("TZ", "Asia/Shanghai", 1);
    (void)mkdir(OUT_DIR, 0755);
    if (argc == 2 && strcmp(argv[1], "--renew") == 0) {
        return references_renew();
    }
    struct CMUnitTest tests[GOLDEN_COUNT + 2];
    for (size_t i = 0; i < GOLDEN_COUNT; i++) {
        tests[i] = (struct CMUnitTest){ .name = goldens[i].name,
                                        .test_func = picture_is_as_kept,
                                        .initial_state = (void *)(uintptr_t)&goldens[i] };
    }
    tests[GOLDEN_COUNT] = (struct CMUnitTest)cmocka_unit_test(another_subject_is_noticed);
    tests[GOLDEN_COUNT + 1] = (struct CMUnitTest)cmocka_unit_test(missing_reference_is_noticed);
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
