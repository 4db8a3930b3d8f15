#include "server/model/written_name.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "server/model/utf8.h"

static_assert(WRITTEN_NAME_SIZE > WRITTEN_CODEPOINT_MAX * 4, "every name fits");
#define TEXT_OF(number) #number
#define NUMBER_TEXT(number) TEXT_OF(number)

/* As written_name_take(), but leaves anything in `name` where something is wrong. */
static const char *take(const char *text, char name[WRITTEN_NAME_SIZE])
{
    size_t left = strlen(text);
    size_t used = 0;     /* bytes of name */
    size_t end = 0;      /* of them up to the last that is not blank */
    uint32_t count = 0;  /* characters of name */
    uint32_t length = 0; /* of them up to the last that is not blank */

    while (left > 0) {
        uint32_t codepoint;
        size_t size = utf8_next(text, left, &codepoint);

        if (size == 0) {
            return "is not UTF-8";
        }
        if (utf8_is_control(codepoint) || utf8_is_bidi(codepoint)) {
            return "has a control character";
        }
        if (count > 0 || !utf8_is_blank(codepoint)) {
            count++;
            length = utf8_is_blank(codepoint) ? length : count;
            if (count <= WRITTEN_CODEPOINT_MAX) {
                memcpy(name + used, text, size);
                used += size;
                end = utf8_is_blank(codepoint) ? end : used;
            }
        }
        text += size;
        left -= size;
    }
    name[end] = '\0';
    if (length == 0) {
        return "is blank";
    }
    return length <= WRITTEN_CODEPOINT_MAX
               ? NULL
               : "has more than " NUMBER_TEXT(WRITTEN_CODEPOINT_MAX) " characters";
}

const char *written_name_take(const char *text, char name[WRITTEN_NAME_SIZE])
{
    const char *wrong = take(text, name);

    if (wrong) {
        name[0] = '\0';
    }
    return wrong;
}
