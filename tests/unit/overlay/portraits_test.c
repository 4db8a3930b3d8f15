#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "overlay/portraits.h"
#include "tests/unit/overlay/painter_hall.h"

#define GOOD "appraisal-s03"
#define GOOD_FILE GOLDEN_DIR "/portraits/" GOOD ".png"

struct folder {
    char path[64];
    unsigned char png[16384]; /* a good one */
    size_t png_size;
};

static int set_up(void **state)
{
    static struct folder folder;
    snprintf(folder.path, sizeof(folder.path), "/tmp/minping-portraits-XXXXXX");
    assert_non_null(mkdtemp(folder.path));
    FILE *file = fopen(GOOD_FILE, "rb");
    assert_non_null(file);
    folder.png_size = fread(folder.png, 1, sizeof(folder.png), file);
    fclose(file);
    assert_in_range(folder.png_size, 100, sizeof(folder.png) - 1);
    *state = &folder;
    return 0;
}

static void path_make(const struct folder *folder, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", folder->path, name);
}

static void file_put(const struct folder *folder, const char *name, const void *bytes, size_t size)
{
    char path[128];
    path_make(folder, name, path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(size, fwrite(bytes, 1, size, file));
    fclose(file);
}

static int tear_down(void **state)
{
    static const char *const names[] = { "a-good.png", "a-text.png", "a-cut.png", "a-huge.png",
                                         "a-wide.png", "a-none.txt", ".png",      "a-pipe.png" };
    struct folder *folder = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];
        path_make(folder, names[i], path);
        (void)unlink(path);
    }
    assert_int_equal(0, rmdir(folder->path));
    return 0;
}

/* The good one, with another size in its header. */
static void sized_put(struct folder *folder, const char *name, uint32_t width, uint32_t height)
{
    unsigned char png[sizeof(folder->png)];
    memcpy(png, folder->png, folder->png_size);
    for (int i = 0; i < 4; i++) {
        png[16 + i] = (unsigned char)(width >> (24 - 8 * i));
        png[20 + i] = (unsigned char)(height >> (24 - 8 * i));
    }
    file_put(folder, name, png, folder->png_size);
}

static void what_is_no_portrait_is_left_out(void **state)
{
    struct folder *folder = *state;
    struct portraits *portraits = NULL;
    file_put(folder, "a-good.png", folder->png, folder->png_size);
    file_put(folder, "a-text.png", "not a picture", 13);
    file_put(folder, "a-cut.png", folder->png, folder->png_size / 2);
    file_put(folder, "a-none.txt", folder->png, folder->png_size);
    file_put(folder, ".png", folder->png, folder->png_size);
    sized_put(folder, "a-huge.png", 10000, 10000);
    sized_put(folder, "a-wide.png", 0x7fffffff, 1);
    char pipe[128];
    path_make(folder, "a-pipe.png", pipe);
    assert_int_equal(0, mkfifo(pipe, 0600)); /* nobody writes into it */
    assert_int_equal(STATUS_OK, portraits_open(folder->path, &portraits, NULL));
    portraits_wait(portraits);
    assert_true(portraits_since_ns(portraits, "a-good") > 0);
    cairo_surface_t *surface = portraits_surface(portraits, "a-good");
    assert_non_null(surface);
    assert_int_equal(PORTRAIT_WIDTH_PX, cairo_image_surface_get_width(surface));
    assert_int_equal(PORTRAIT_HEIGHT_PX, cairo_image_surface_get_height(surface));
    static const char *const bad[] = { "a-text", "a-cut",  "a-huge", "a-wide",
                                       "a-none", "a-pipe", "a",      "" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(-1, portraits_since_ns(portraits, bad[i]));
        assert_null(portraits_surface(portraits, bad[i]));
    }
    assert_int_equal(-1, portraits_since_ns(NULL, "a-good"));
    portraits_close(portraits);
}

static void a_fault_names_the_file_and_the_place(void **state)
{
    static const struct {
        const char *name;
        enum status status;
        const char *said;
    } cases[] = {
        { "a-text", STATUS_IO, "a-text.png' is no PNG" },
        { "a-cut", STATUS_IO, "cannot read '" },
        { "a-huge", STATUS_LIMIT, "has 10000 × 10000 pixels, over 4194304" },
        { "a-nobody", STATUS_IO, "a-nobody.png': No such file" },
    };
    struct folder *folder = *state;
    file_put(folder, "a-text.png", "not a picture", 13);
    file_put(folder, "a-cut.png", folder->png, folder->png_size / 2);
    sized_put(folder, "a-huge.png", 10000, 10000);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fault fault = { 0 };
        cairo_surface_t *surface = NULL;
        assert_int_equal(cases[i].status,
                         portrait_read(folder->path, cases[i].name, "$.contests[0].subjects[3]",
                                       &surface, &fault));
        assert_null(surface);
        assert_string_equal("$.contests[0].subjects[3]", fault.where);
        assert_non_null(strstr(fault.text, cases[i].said));
    }
    struct portraits *portraits = NULL;
    assert_int_equal(STATUS_IO, portraits_open("/no/such/folder", &portraits, NULL));
    assert_null(portraits);
}

static int64_t since(void *ctx, const char *name)
{
    assert_string_equal("appraisal-s03", name);
    return *(int64_t *)ctx;
}

/* The strap keeps the place of a portrait that is not read yet; then it fades in. */
static void a_strap_keeps_the_place_of_its_portrait(void **state)
{
    struct hall hall;
    int64_t since_ns = -1;
    char dump[4096];
    (void)state;
    hall_init(&hall);
    hall.data.portrait = since;
    hall.data.portrait_ctx = &since_ns;
    hall_build(&hall, SCENE_STRAP, "contest=appraisal\nsubject=s03\n", 2000);
    (void)scene_dump(hall.scene, dump, sizeof(dump));
    assert_null(strstr(dump, "portrait"));
    assert_non_null(strstr(dump, "rect 96,868 12x152")); /* the mark at the very left */
    since_ns = 0;
    hall_build(&hall, SCENE_STRAP, "contest=appraisal\nsubject=s03\n", 2000);
    (void)scene_dump(hall.scene, dump, sizeof(dump));
    assert_null(strstr(dump, "portrait"));
    assert_non_null(strstr(dump, "rect 246,868 12x152"));
    since_ns = HALL_NOW_NS - 150 * MS;
    hall_build(&hall, SCENE_STRAP, "contest=appraisal\nsubject=s03\n", 2000);
    (void)scene_dump(hall.scene, dump, sizeof(dump));
    assert_non_null(strstr(dump, "portrait 96,820 150x200 colour=00000000 opacity=127 "
                                 "'appraisal-s03'"));
    assert_non_null(strstr(dump, "rect 246,868 12x152"));
    hall_finish(&hall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_portrait_is_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fault_names_the_file_and_the_place, set_up, tear_down),
        cmocka_unit_test(a_strap_keeps_the_place_of_its_portrait),
    };
    return cmocka_run_group_tests_name("portraits", tests, NULL, NULL);
}
