#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * UTF-8, as far as texts that people see need it. Pure; any thread.
 */

/*
 * Reads the first character of text[0 .. size) into *codepoint. Returns its size, 1 .. 4 bytes, or
 * 0 where size is 0 or the bytes are not UTF-8 as RFC 3629 has it (no surrogates, nothing over
 * U+10FFFF, no longer form than needed).
 */
size_t utf8_next(const char *text, size_t size, uint32_t *codepoint);

/*
 * The greatest size <= size_max at which `text` (NUL-ended) can be cut without cutting a character
 * in two; its length where it is shorter.
 */
size_t utf8_cut(const char *text, size_t size_max);

/* C0 and C1 controls and DEL, and the line and paragraph separators U+2028, U+2029. */
bool utf8_is_control(uint32_t codepoint);

/* What turns the direction of text: U+061C, U+200E, U+200F, U+202A .. 202E, U+2066 .. 2069. */
bool utf8_is_bidi(uint32_t codepoint);

/* The blanks of Latin and Chinese texts: U+0020, U+00A0, U+3000. */
bool utf8_is_blank(uint32_t codepoint);
