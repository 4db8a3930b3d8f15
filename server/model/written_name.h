#pragma once

#include "server/model/limits.h"
#include "server/model/status.h"

/*
 * A name that a voter writes in. Pure; any thread.
 */

/*
 * Takes `text` (NUL-ended) over into `name`, blanks (U+0020, U+00A0, U+3000) cut off at both ends.
 * Returns NULL, or what is wrong with it, a static text that does not repeat it: not UTF-8, a
 * control or bidi character, nothing but blanks, more than WRITTEN_CODEPOINT_MAX characters. `name`
 * is "" then.
 */
MUST_CHECK const char *written_name_take(const char *text, char name[WRITTEN_NAME_SIZE]);
