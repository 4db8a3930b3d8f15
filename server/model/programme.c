#include "server/model/programme.h"

#include <string.h>

#include "server/model/name_table.h"
#include "server/model/utf8.h"

static const char *const cause_names[CAUSE_COUNT] = {
    [CAUSE_INVALID] = "invalid",
    [CAUSE_TAKE] = "take",
    [CAUSE_CLEAR] = "clear",
    [CAUSE_CUT] = "cut",
};

static const char *const bus_names[BUS_COUNT] = {
    [BUS_INVALID] = "invalid",
    [BUS_PROGRAMME] = "programme",
    [BUS_PREVIEW] = "preview",
};

static const char *const layer_names[LAYER_COUNT + 1] = {
    [LAYER_INVALID] = "invalid", [LAYER_FULLSCREEN] = "fullscreen", [LAYER_LOWER] = "lower",
    [LAYER_BUG] = "bug",         [LAYER_CRAWL] = "crawl",           [LAYER_ALERT] = "alert",
    [LAYER_ALL] = "all",
};

static const char *const scene_names[SCENE_COUNT] = {
    [SCENE_INVALID] = "invalid",       [SCENE_STRAP] = "strap",   [SCENE_STRIP] = "strip",
    [SCENE_BOARD] = "board",           [SCENE_MATRIX] = "matrix", [SCENE_TURNOUT] = "turnout",
    [SCENE_CLOCK] = "clock",           [SCENE_CRAWL] = "crawl",   [SCENE_OPINION] = "opinion",
    [SCENE_CORRECTION] = "correction", [SCENE_NOTICE] = "notice", [SCENE_RACE] = "race",
    [SCENE_RESULT] = "result",         [SCENE_TEST] = "test",
};

#define PARAMS_KEY "abcdefghijklmnopqrstuvwxyz_"
#define DETAIL_KEY PARAMS_KEY "0123456789-" /* ids of items are keys too */

bool layer_state_shows_same(const struct layer_state *a, const struct layer_state *b)
{
    return a->is_taken && b->is_taken && a->scene == b->scene && strcmp(a->params, b->params) == 0;
}

/* The value of `key` in `params` and its size, or NULL. */
static const char *find(const char *params, const char *key, size_t *size)
{
    size_t key_size = strlen(key);

    while (*params != '\0') {
        size_t line_size = strcspn(params, "\n");

        if (line_size > key_size && params[key_size] == '=' && memcmp(params, key, key_size) == 0) {
            *size = line_size - key_size - 1;
            return params + key_size + 1;
        }
        params += line_size;
        params += *params == '\n';
    }
    return NULL;
}

bool params_get(const char *params, const char *key, char *value, size_t value_size)
{
    size_t size;
    const char *found = find(params, key, &size);

    if (!found) {
        return false;
    }
    if (value_size == 0) {
        return true;
    }
    if (size > value_size - 1) {
        size = utf8_cut(found, value_size - 1);
    }
    memcpy(value, found, size);
    value[size] = '\0';
    return true;
}

/* Appends a line to text[0 .. size), which holds at most line_max of them; its key of `letters`. */
static bool line_put(char *text, size_t size, size_t line_max, const char *letters, const char *key,
                     const char *value)
{
    size_t used = strnlen(text, size);
    size_t key_size = strlen(key);
    size_t value_size = strlen(value);
    size_t line_count = 0;
    size_t ignored;

    if (key_size == 0 || key[strspn(key, letters)] != '\0' || strchr(value, '\n') ||
        find(text, key, &ignored)) {
        return false;
    }
    for (size_t i = 0; i < used; i++) {
        line_count += text[i] == '\n';
    }
    if (line_count >= line_max || key_size >= size || value_size >= size ||
        used + key_size + value_size + 3 > size) {
        return false;
    }
    memcpy(text + used, key, key_size);
    used += key_size;
    text[used++] = '=';
    memcpy(text + used, value, value_size);
    used += value_size;
    text[used++] = '\n';
    text[used] = '\0';
    return true;
}

bool params_put(char params[PARAMS_SIZE], const char *key, const char *value)
{
    return line_put(params, PARAMS_SIZE, PARAM_COUNT_MAX, PARAMS_KEY, key, value);
}

bool detail_put(char detail[DETAIL_SIZE], const char *key, const char *value)
{
    return line_put(detail, DETAIL_SIZE, DETAIL_SIZE, DETAIL_KEY, key, value);
}

uint64_t programme_takes(const struct programme *programme, enum bus bus)
{
    uint64_t takes = 0;
    for (uint32_t i = LAYER_INVALID + 1; i < LAYER_COUNT; i++) {
        takes += programme->layers[bus][i].take;
    }
    return takes;
}

const char *air_cause_name(enum air_cause cause)
{
    return name_table_name(cause_names, NAME_COUNT(cause_names), cause);
}

enum air_cause air_cause_parse(const char *name)
{
    return (enum air_cause)name_table_parse(cause_names, NAME_COUNT(cause_names), name);
}

const char *bus_name(enum bus bus)
{
    return name_table_name(bus_names, NAME_COUNT(bus_names), bus);
}

const char *layer_name(enum layer layer)
{
    return name_table_name(layer_names, NAME_COUNT(layer_names), layer);
}

const char *scene_name(enum scene_kind scene)
{
    return name_table_name(scene_names, NAME_COUNT(scene_names), scene);
}

enum bus bus_parse(const char *name)
{
    return (enum bus)name_table_parse(bus_names, NAME_COUNT(bus_names), name);
}

enum layer layer_parse(const char *name)
{
    return (enum layer)name_table_parse(layer_names, NAME_COUNT(layer_names), name);
}

enum scene_kind scene_parse(const char *name)
{
    return (enum scene_kind)name_table_parse(scene_names, NAME_COUNT(scene_names), name);
}
