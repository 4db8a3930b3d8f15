#include "server/protocol/series_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/text_file.h"

/* A path may be missing: then it stays empty. No control characters: it is shown in faults. */
static void path_read(struct reader *reader, const struct place *up, const json_t *object,
                      const char *key, char path[SERIES_PATH_SIZE])
{
    struct place at = { .up = up, .key = key };
    json_t *value = json_object_get(object, key);
    const char *text = value ? reader_text(reader, &at, value) : NULL;

    if (!text) {
        return;
    }
    if (text[0] == '\0' || strlen(text) >= SERIES_PATH_SIZE) {
        reader_fault(reader, &at, STATUS_LIMIT, "must be 1 to %d bytes", SERIES_PATH_SIZE - 1);
        return;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            reader_fault(reader, &at, STATUS_INVALID, "must have no control characters");
            return;
        }
    }
    memcpy(path, text, strlen(text) + 1);
}

static void sitting_read(struct reader *reader, const struct place *at, json_t *object,
                         struct series *series)
{
    static const char *const keys[] = { "id", "title", "data", "event" };
    struct series_sitting *sitting = &series->sittings[series->sitting_count];
    struct place id_at = { .up = at, .key = "id" };

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    if (reader_get_id(reader, at, object, "id", false, sitting->id)) {
        (void)event_id_is_new(reader, &id_at, sitting->id, series->sittings, series->sitting_count,
                              sizeof(*series->sittings));
    }
    (void)event_read_label(reader, at, object, "title", false, &sitting->title);
    path_read(reader, at, object, "data", sitting->data);
    path_read(reader, at, object, "event", sitting->event);
    if (!json_object_get(object, "data") && !json_object_get(object, "event")) {
        reader_fault(reader, at, STATUS_INVALID, "needs 'data', or 'event' while it is not held");
    }
    series->sitting_count++;
}

static void series_read(struct reader *reader, json_t *object, struct series *series)
{
    static const char *const keys[] = { "minping", "id", "title", "sittings" };
    static const struct place root = { 0 };
    struct place at = { .up = &root, .key = "sittings" };
    uint64_t format;
    json_t *list;

    if (!reader_is_object(reader, &root, object) ||
        !reader_get_number(reader, &root, object, "minping", 1, 1, &format)) {
        return;
    }
    (void)reader_keys(reader, &root, object, keys, KEY_COUNT(keys));
    (void)reader_get_id(reader, &root, object, "id", false, series->id);
    (void)event_read_label(reader, &root, object, "title", false, &series->title);
    list = event_read_list(reader, &at, object, SERIES_SITTING_MAX);
    if (!list) {
        return;
    }
    series->sittings = calloc(json_array_size(list), sizeof(*series->sittings));
    if (!series->sittings) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };

        sitting_read(reader, &place, json_array_get(list, i), series);
    }
}

enum status series_parse(const char *text, size_t size, struct series **series,
                         struct fault_list *faults)
{
    struct fault first = { .status = STATUS_OK };
    struct reader reader = { .fault = &first, .list = faults };
    static const struct place root = { 0 };
    struct series *made = NULL;
    json_t *object;

    *series = NULL;
    if (size > SERIES_SIZE_MAX) {
        reader_fault(&reader, &root, STATUS_LIMIT, "is larger than %u bytes", SERIES_SIZE_MAX);
        return STATUS_LIMIT;
    }
    made = calloc(1, sizeof(*made));
    if (!made) {
        reader_fault(&reader, &root, STATUS_NOMEM, "no memory");
        return STATUS_NOMEM;
    }
    object = reader_load(&reader, text, size);
    if (object) {
        series_read(&reader, object, made);
    }
    json_decref(object);
    if (first.status != STATUS_OK) {
        series_destroy(made);
        return first.status;
    }
    *series = made;
    return STATUS_OK;
}

/* A relative path is meant from the series file's folder. */
static bool path_resolve(const char *file, char path[SERIES_PATH_SIZE])
{
    const char *slash = strrchr(file, '/');
    char own[SERIES_PATH_SIZE];

    if (path[0] == '\0' || path[0] == '/' || !slash) {
        return true;
    }
    memcpy(own, path, sizeof(own));
    return snprintf(path, SERIES_PATH_SIZE, "%.*s/%s", (int)(slash - file), file, own) <
           SERIES_PATH_SIZE;
}

static enum status paths_resolve(const char *file, struct series *series, struct fault_list *faults)
{
    for (uint32_t i = 0; i < series->sitting_count; i++) {
        struct series_sitting *sitting = &series->sittings[i];

        if (!path_resolve(file, sitting->data) || !path_resolve(file, sitting->event)) {
            if (faults) {
                fault_list_add(faults, STATUS_LIMIT, "", "a path of sitting '%s' is too long",
                               sitting->id);
            }
            return STATUS_LIMIT;
        }
    }
    return STATUS_OK;
}

enum status series_file_read(const char *path, struct series **series, struct fault_list *faults)
{
    size_t size;
    char *text;
    enum status status = text_file_read(path, SERIES_SIZE_MAX, &text, &size, faults);

    *series = NULL;
    if (status == STATUS_OK) {
        status = series_parse(text, size, series, faults);
    }
    if (status == STATUS_OK) {
        status = paths_resolve(path, *series, faults);
    }
    if (status != STATUS_OK) {
        series_destroy(*series);
        *series = NULL;
    }
    free(text);
    return status;
}

void series_destroy(struct series *series)
{
    if (!series) {
        return;
    }
    free(series->sittings);
    free(series);
}
