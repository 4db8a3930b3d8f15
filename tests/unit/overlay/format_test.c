#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "overlay/format.h"

static void every_named_format_is_found_and_sound(void **state)
{
    (void)state;
    char names[FORMAT_NAMES_SIZE];
    (void)format_names(names);
    int count = 0;
    for (char *name = names, *end; name != NULL; name = end) {
        end = strstr(name, ", ");
        if (end != NULL) {
            *end = '\0';
            end += 2;
        }
        const struct format *format = format_find(name);
        assert_non_null(format);
        assert_string_equal(name, format->name);
        assert_ptr_equal(format, format_at((uint32_t)count));
        assert_int_equal(0, format->width_px % 2);
        assert_int_equal(format->height_px < 720, format->colour == COLOUR_BT601);
        assert_true(format->bitrate_kbps >= 1000);
        assert_int_equal(0, format->height_px % 4);
        assert_int_equal(format->frame_rate * (format->is_interlaced ? 2 : 1), format->tick_rate);
        count++;
    }
    assert_int_equal(7, count);
    assert_null(format_at((uint32_t)count));
}

static void unknown_formats_are_not_found(void **state)
{
    (void)state;
    assert_null(format_find("8k"));
    assert_null(format_find(""));
    assert_null(format_find("1080i2"));
}

static void a_second_of_1080i25_has_fifty_fields(void **state)
{
    (void)state;
    const struct format *format = format_find("1080i25");
    assert_true(format->is_interlaced);
    assert_int_equal(1920, format->width_px);
    assert_int_equal(1080, format->height_px);
    assert_int_equal(25, format->frame_rate);
    assert_int_equal(50, format->tick_rate);
}

static void pixels_are_as_wide_as_the_aspect_asks(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t canvas, width, height;
    } cases[] = {
        { "1080i25", 1920, 1, 1 },  { "720p50", 1920, 1, 1 },       { "2160p50", 1920, 1, 1 },
        { "576i25", 1920, 64, 45 }, { "576i25-4x3", 1440, 16, 15 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct format *format = format_find(cases[i].name);
        uint32_t width, height;
        format_pixel_aspect(format, &width, &height);
        assert_int_equal(cases[i].canvas, format_canvas_width(format));
        assert_int_equal(cases[i].width, width);
        assert_int_equal(cases[i].height, height);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_named_format_is_found_and_sound),
        cmocka_unit_test(unknown_formats_are_not_found),
        cmocka_unit_test(pixels_are_as_wide_as_the_aspect_asks),
        cmocka_unit_test(a_second_of_1080i25_has_fifty_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
