#include "server/protocol/json_path.h"

#include <stdbool.h>
#include <string.h>

#include "server/protocol/writer.h"

#define LEVEL_MAX 16     /* the deepest place of any file or message is the 7th level */
#define KEY_SHOWN_MAX 40 /* bytes of a key: ids have 32; what is longer is a stranger's */

static bool is_word(const char *key, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = key[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-')) {
            return false;
        }
    }
    return size > 0;
}

/* A key as a part of a path. What is not printable ASCII is shown as '?'. */
static void put_key(struct writer *path, const char *key, size_t size)
{
    bool is_cut = size > KEY_SHOWN_MAX;

    size = is_cut ? KEY_SHOWN_MAX : size;
    if (is_word(key, size) && !is_cut) {
        writer_literal(path, ".");
        writer_put(path, key, size);
        return;
    }
    writer_literal(path, "[\"");
    for (size_t i = 0; i < size; i++) {
        bool is_plain = key[i] >= ' ' && key[i] <= '~' && key[i] != '"' && key[i] != '\\';

        writer_put(path, is_plain ? &key[i] : "?", 1);
    }
    writer_put(path, is_cut ? "...\"]" : "\"]", is_cut ? 5 : 2);
}

static void put_index(struct writer *path, size_t index)
{
    writer_literal(path, "[");
    writer_uint(path, index);
    writer_literal(path, "]");
}

/* A writer that left something out has whole parts only up to is_over: end there. */
static void end(struct writer *path)
{
    path->buffer[path->used < path->size ? path->used : path->size - 1] = '\0';
}

void json_path_of(const struct place *at, char *path, size_t path_size)
{
    const struct place *levels[LEVEL_MAX];
    struct writer writer;
    size_t depth = 0;

    writer_init(&writer, path, path_size);
    for (; at && at->up && depth < LEVEL_MAX; at = at->up) {
        levels[depth++] = at;
    }
    writer_literal(&writer, "$");
    while (depth > 0) {
        const struct place *level = levels[--depth];

        if (level->key) {
            put_key(&writer, level->key, strlen(level->key));
        } else {
            put_index(&writer, level->index);
        }
    }
    end(&writer);
}

/* One open object or list while the text is scanned. */
struct level {
    bool is_list;
    size_t index;
    const char *key; /* in the text, as it is written there; NULL before the first */
    size_t key_size;
};

/* The end of the string that begins at text[at] == '"': the place of its closing quote or stop. */
static size_t string_end(const char *text, size_t at, size_t stop)
{
    for (at++; at < stop && text[at] != '"'; at++) {
        at += text[at] == '\\';
    }
    return at < stop ? at : stop;
}

void json_path_at(const char *text, size_t stop, char *path, size_t path_size)
{
    struct level levels[LEVEL_MAX];
    struct writer writer;
    size_t depth = 0; /* open objects and lists; levels[] holds the first LEVEL_MAX */
    bool is_key = false;

    for (size_t at = 0; at < stop; at++) {
        struct level *top = depth > 0 && depth <= LEVEL_MAX ? &levels[depth - 1] : NULL;
        char c = text[at];

        if (c == '{' || c == '[') {
            if (depth < LEVEL_MAX) {
                levels[depth] = (struct level){ .is_list = c == '[' };
            }
            depth++;
            is_key = c == '{';
        } else if (c == '}' || c == ']') {
            if (top && top->is_list != (c == ']')) {
                break; /* the wrong bracket: this is where it went wrong */
            }
            depth -= depth > 0;
            is_key = false;
        } else if (c == ',') {
            is_key = top && !top->is_list;
            if (top && top->is_list) {
                top->index++;
            }
        } else if (c == '"') {
            size_t close = string_end(text, at, stop);

            if (is_key && top && !top->is_list) {
                top->key = text + at + 1;
                top->key_size = close - at - 1;
            }
            is_key = false;
            at = close;
        }
    }
    writer_init(&writer, path, path_size);
    writer_literal(&writer, "$");
    for (size_t i = 0; i < depth && i < LEVEL_MAX; i++) {
        if (levels[i].is_list) {
            put_index(&writer, levels[i].index);
        } else if (levels[i].key) {
            put_key(&writer, levels[i].key, levels[i].key_size);
        }
    }
    end(&writer);
}
