#include "server/protocol/asrun_entry.h"

#include <string.h>

#include "server/model/programme.h"
#include "server/protocol/reader.h"

/* The text at `key`, which may be missing, into a buffer it must fit. */
static bool text_read(struct reader *reader, const struct place *up, const json_t *object,
                      const char *key, bool is_needed, char *text, size_t size)
{
    struct place at = { .up = up, .key = key };
    const json_t *value = json_object_get(object, key);
    const char *found = value || is_needed ? reader_text(reader, &at, value) : "";

    if (!found) {
        return false;
    }
    if (strlen(found) >= size) {
        return reader_fault(reader, &at, STATUS_LIMIT, "must be at most %zu bytes", size - 1);
    }
    memcpy(text, found, strlen(found) + 1);
    return true;
}

static bool params_of(struct reader *reader, const struct place *up, json_t *object,
                      struct asrun_entry *entry)
{
    struct place at = { .up = up, .key = "params" };
    json_t *params = json_object_get(object, "params");
    const char *key;
    json_t *value;

    if (!params) {
        return true;
    }
    if (!reader_is_object(reader, &at, params)) {
        return false;
    }
    json_object_foreach(params, key, value)
    {
        struct place place = { .up = &at, .key = key };
        const char *text = reader_text(reader, &place, value);

        if (!text) {
            return false;
        }
        if (!params_put(entry->params, key, text)) {
            return reader_fault(reader, &place, STATUS_INVALID, "is no parameter of a take");
        }
    }
    return true;
}

static bool texts_of(struct reader *reader, const struct place *up, json_t *object,
                     struct asrun_entry *entry)
{
    struct place at = { .up = up, .key = "text" };
    json_t *texts = json_object_get(object, "text");
    size_t used = 0;

    if (!texts) {
        return true;
    }
    if (!reader_is_list(reader, &at, texts, 0, ASRUN_TEXT_SIZE)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(texts); i++) {
        struct place place = { .up = &at, .index = i };
        const char *text = reader_text(reader, &place, json_array_get(texts, i));

        if (!text) {
            return false;
        }
        if (used + strlen(text) + 2 > sizeof(entry->text)) {
            return reader_fault(reader, &place, STATUS_LIMIT, "too much text");
        }
        memcpy(entry->text + used, text, strlen(text));
        used += strlen(text);
        entry->text[used++] = '\n';
    }
    return true;
}

static bool entry_read(struct reader *reader, json_t *root, struct asrun_entry *entry)
{
    struct place at = { 0 };
    const json_t *cut = json_object_get(root, "cut");

    entry->is_cut = json_is_true(cut);
    return reader_is_object(reader, &at, root) &&
           reader_get_number(reader, &at, root, "frame", 0, READER_NUMBER_MAX, &entry->frame) &&
           text_read(reader, &at, root, "at", true, entry->at, sizeof(entry->at)) &&
           text_read(reader, &at, root, "timecode", true, entry->timecode,
                     sizeof(entry->timecode)) &&
           text_read(reader, &at, root, "why", true, entry->why, sizeof(entry->why)) &&
           text_read(reader, &at, root, "layer", true, entry->layer, sizeof(entry->layer)) &&
           text_read(reader, &at, root, "scene", false, entry->scene, sizeof(entry->scene)) &&
           text_read(reader, &at, root, "post", false, entry->post, sizeof(entry->post)) &&
           text_read(reader, &at, root, "words", false, entry->words, sizeof(entry->words)) &&
           text_read(reader, &at, root, "picture", false, entry->picture, sizeof(entry->picture)) &&
           reader_may_uint32(reader, &at, root, "take", 0, UINT32_MAX, &entry->take) &&
           (!json_object_get(root, "epoch") ||
            reader_get_number(reader, &at, root, "epoch", 0, READER_NUMBER_MAX, &entry->epoch)) &&
           (!json_object_get(root, "lost") ||
            reader_get_number(reader, &at, root, "lost", 0, READER_NUMBER_MAX, &entry->lost)) &&
           params_of(reader, &at, root, entry) && texts_of(reader, &at, root, entry);
}

enum status asrun_entry_decode(const char *text, size_t size, struct asrun_entry *entry,
                               struct fault *fault)
{
    struct fault first = { 0 };
    struct reader reader = { .fault = &first, .is_lenient = true };

    memset(entry, 0, sizeof(*entry));
    if (size > ASRUN_ENTRY_SIZE_MAX) {
        return fault_set(fault, STATUS_LIMIT, "", "over %d bytes", ASRUN_ENTRY_SIZE_MAX);
    }
    json_t *root = reader_load(&reader, text, size);
    bool is_good = root && entry_read(&reader, root, entry);
    json_decref(root);
    if (is_good) {
        return STATUS_OK;
    }
    return fault_set(fault, first.status, first.where, "%s", first.text);
}
