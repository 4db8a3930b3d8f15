#include <assert.h>
#include <string.h>

#include "overlay/theme.h"

/*
 * theme_parse(): no input harms it, a refused one has a fault, and of an accepted one the sizes and
 * times that scenes divide by, and the picture's safe part, are within their limits.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct theme theme;
    struct fault fault = { .status = STATUS_OK };
    if (theme_parse((const char *)data, size, &theme, &fault) != STATUS_OK) {
        assert(fault.status != STATUS_OK && fault.text[0] != '\0');
        return 0;
    }
    assert(theme.font[0] != '\0' && memchr(theme.font, '\0', sizeof(theme.font)) != NULL);
    assert(theme.right_px - theme.left_px >= 1200 && theme.bottom_px - theme.top_px >= 800);
    assert(theme.left_px >= 0 && theme.top_px >= 0);
    assert(theme.right_px <= THEME_WIDTH_PX && theme.bottom_px <= THEME_HEIGHT_PX);
    assert(theme.small_px >= THEME_TYPE_MIN_PX && theme.name_px >= THEME_TYPE_MIN_PX);
    for (enum layout layout = LAYOUT_HD; layout < LAYOUT_COUNT; layout++) {
        theme_lay_out(&theme, layout);
        assert(theme.left_px >= 0 && theme.right_px <= theme.width_px);
        assert(theme.right_px - theme.left_px >= 1200 && theme.bottom_px - theme.top_px >= 800);
        assert(theme.small_px >= (layout == LAYOUT_HD ? THEME_TYPE_MIN_PX : THEME_TYPE_MIN_SD_PX));
        assert(theme.board_row_px > 0 && theme.matrix_row_px > 0 && theme.strip_top_px > 0);
    }
    assert(theme.turn_ms >= 1000 && theme.turn_ms <= 60000);
    assert(theme.page_ms >= 1000 && theme.page_ms <= 60000);
    assert(theme.in_ms >= 1 && theme.out_ms >= 1 && theme.change_ms >= 1);
    assert(theme.board_row_px > 0 && theme.matrix_row_px > 0);
    for (uint32_t count = 1; count <= GRADE_MAX; count++) {
        for (uint32_t index = 0; index < count; index++) {
            assert(theme_grade(&theme, index, count)->shape != SHAPE_INVALID);
        }
    }
    return 0;
}
