#pragma once

#include "tests/support/frame_layout.h"

/*
 * Reads the figures of a finished frame: every character is held against how the theme's own glyphs
 * must look there, line by line, in the luma of the frame. What is no glyph, or half of one and
 * half of another, is not read. One thread.
 */
#define GLYPH_TEXT_SIZE 40

struct glyphs;

/* `layout` is kept. is_interlaced: the picture passed a vertical 1-2-1 filter. *glyphs is given. */
MUST_CHECK enum status glyphs_create(const struct frame_layout *layout, struct text_engine *engine,
                                     bool is_interlaced, struct glyphs **glyphs,
                                     struct fault *fault);
void glyphs_destroy(struct glyphs *glyphs);

/*
 * The text of place `index` on lines first, first + step … of the frame; with '?' where a character
 * is not one of 0 .. 9 . , : and "" where there is nothing.
 *
 * luma  stride is the layout's width
 */
void glyphs_read(const struct glyphs *glyphs, uint32_t index, const uint8_t *luma, uint32_t first,
                 uint32_t step, char text[GLYPH_TEXT_SIZE]);
