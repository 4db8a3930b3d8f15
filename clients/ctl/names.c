#include "clients/ctl/names.h"

#include <stdlib.h>
#include <string.h>

#include "server/core/written.h"
#include "server/model/utf8.h"

#define TABLE_SIZE (2 * WRITTEN_NAME_MAX) /* a power of two, at most half full */

enum status names_init(struct names *names)
{
    names->count = 0;
    names->texts = calloc(WRITTEN_NAME_MAX, sizeof(*names->texts));
    names->plain = calloc(WRITTEN_NAME_MAX, sizeof(*names->plain));
    names->table = calloc(TABLE_SIZE, sizeof(*names->table));
    return names->texts != NULL && names->plain != NULL && names->table != NULL ? STATUS_OK
                                                                                : STATUS_NOMEM;
}

void names_finish(struct names *names)
{
    free(names->texts);
    free(names->plain);
    free(names->table);
    memset(names, 0, sizeof(*names));
}

uint32_t text_length(const char *text)
{
    uint32_t count = 0;
    for (size_t size = strlen(text); size > 0; count++) {
        uint32_t codepoint;
        size_t step = utf8_next(text, size, &codepoint);
        if (step == 0 || utf8_is_control(codepoint) || utf8_is_bidi(codepoint)) {
            return UINT32_MAX;
        }
        text += step;
        size -= step;
    }
    return count;
}

uint32_t text_hash(const char *text, uint32_t seed)
{
    uint32_t hash = 2166136261u ^ seed;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        hash = (hash ^ *c) * 16777619u;
    }
    return hash ^ (hash >> 15);
}

/* Bytes of the blank that `text` begins with: a space, a fixed one, an ideographic one; or 0. */
static size_t blank_size(const char *text)
{
    return text[0] == ' '                          ? 1
           : strncmp(text, "\xc2\xa0", 2) == 0     ? 2
           : strncmp(text, "\xe3\x80\x80", 3) == 0 ? 3
                                                   : 0;
}

static char *text_trim(char *text)
{
    while (blank_size(text) > 0) {
        text += blank_size(text);
    }
    char *end = text;
    for (char *at = text; *at != '\0';) {
        size_t size = blank_size(at);
        at += size > 0 ? size : 1;
        end = size > 0 ? end : at;
    }
    *end = '\0';
    return text;
}

enum status names_number(struct names *names, char *text, uint16_t *number, struct fault *fault)
{
    const char *name = text_trim(text);
    uint32_t length = text_length(name);
    if (length == 0) {
        return fault_set(fault, STATUS_INVALID, "", "no name on a line for other names");
    }
    if (length == UINT32_MAX) {
        return fault_set(fault, STATUS_INVALID, "",
                         "a name with a character that is not for names");
    }
    if (length > WRITTEN_CODEPOINT_MAX) {
        return fault_set(fault, STATUS_INVALID, "", "too long a name: %u characters at most",
                         WRITTEN_CODEPOINT_MAX);
    }
    char plain[WRITTEN_NAME_SIZE];
    written_plain(name, plain, sizeof(plain));
    uint32_t at = text_hash(plain, 0) & (TABLE_SIZE - 1);
    while (names->table[at] != 0) {
        *number = names->table[at];
        if (strcmp(names->plain[*number - 1], plain) == 0) {
            return STATUS_OK;
        }
        at = (at + 1) & (TABLE_SIZE - 1);
    }
    if (names->count == WRITTEN_NAME_MAX) {
        return fault_set(fault, STATUS_LIMIT, "", "one name too many: at most %u are written in",
                         WRITTEN_NAME_MAX);
    }
    memcpy(names->texts[names->count], name, strlen(name) + 1);
    memcpy(names->plain[names->count], plain, sizeof(plain));
    *number = (uint16_t)++names->count;
    names->table[at] = *number;
    return STATUS_OK;
}
