#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "overlay/format.h"

static void every_named_format_is_found_and_sound(void **state)
{
    (void)state;
    char names[200];
    snprintf(names, sizeof names, "%s", format_names());
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
        assert_int_equal(0, format->height_px % 4);
        assert_int_equal(format->frame_rate * (format->is_interlaced ? 2 : 1), format->tick_rate);
        count++;
    }
    assert_int_equal(4, count);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_named_format_is_found_and_sound),
        cmocka_unit_test(unknown_formats_are_not_found),
        cmocka_unit_test(a_second_of_1080i25_has_fifty_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
