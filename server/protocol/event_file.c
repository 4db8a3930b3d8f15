#include "server/protocol/event_file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/rules_file.h"
#include "server/protocol/text_file.h"

/* Whether the file is an event of the format known here; nothing else is worth a look otherwise. */
static bool format_read(struct reader *reader, const struct place *root, json_t *object)
{
    struct place at = { .up = root, .key = "minping" };
    json_t *value = json_object_get(object, "minping");

    if (!value) {
        return reader_fault(reader, &at, STATUS_INVALID,
                            "missing: an event file begins with \"minping\": %d", EVENT_FORMAT);
    }
    if (!json_is_integer(value)) {
        return reader_fault(reader, &at, STATUS_INVALID, "must be an integer");
    }
    if (json_integer_value(value) > EVENT_FORMAT) {
        return reader_fault(reader, &at, STATUS_INVALID,
                            "format %lld is newer than this program, which knows format %d",
                            (long long)json_integer_value(value), EVENT_FORMAT);
    }
    if (json_integer_value(value) < EVENT_FORMAT) {
        return reader_fault(reader, &at, STATUS_INVALID,
                            "there is no format %lld; this program knows format %d",
                            (long long)json_integer_value(value), EVENT_FORMAT);
    }
    if (strcmp(json_object_iter_key(json_object_iter(object)), "minping") != 0) {
        reader_fault(reader, &at, STATUS_INVALID, "must be the first key of the file");
    }
    return true;
}

/* Who is present matters to an election, so that it has no default there. */
static void check_in_read(struct reader *reader, const struct place *root, const json_t *object,
                          struct event *event)
{
    struct place at = { .up = root, .key = "check_in" };
    const char *word;

    event->check_in = CHECK_IN_NONE;
    if (!json_object_get(object, "check_in")) {
        for (uint32_t i = 0; i < event->contest_count; i++) {
            if (event->contests[i].kind == CONTEST_ELECTION) {
                event->check_in = CHECK_IN_INVALID;
            }
        }
        if (event->check_in == CHECK_IN_INVALID) {
            reader_fault(reader, &at, STATUS_INVALID,
                         "missing: an election counts those present (E1)");
        }
        return;
    }
    word = reader_get_text(reader, root, object, "check_in");
    event->check_in = word ? check_in_parse(word) : CHECK_IN_INVALID;
    if (word && event->check_in == CHECK_IN_INVALID) {
        reader_fault(reader, &at, STATUS_INVALID, "must be none, officer or pad");
    }
}

/* Whether the contests' rules fit the hall, of which all could be read. */
static void fit_check(struct reader *reader, const struct place *root, const json_t *object,
                      const struct event *event)
{
    struct place at = { .up = root, .key = "contests" };

    if (event->contest_count != json_array_size(json_object_get(object, "contests"))) {
        return; /* one of them is no object: places would be wrong */
    }
    for (uint32_t i = 0; i < event->contest_count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (event->contests[i].rules) {
            (void)rules_check_event(reader, &entry, &event->contests[i], event);
        }
    }
}

static void event_read(struct reader *reader, json_t *object, struct event *event)
{
    static const char *const keys[] = { "minping",  "id",     "title",    "groups",
                                        "criteria", "grades", "contests", "posts",
                                        "rules",    "roll",   "check_in", "rundown" };
    static const struct place root = { 0 };
    uint32_t faults_before;

    if (!reader_is_object(reader, &root, object) || !format_read(reader, &root, object)) {
        return;
    }
    (void)reader_keys(reader, &root, object, keys, KEY_COUNT(keys));
    (void)reader_get_id(reader, &root, object, "id", false, event->id);
    (void)event_read_label(reader, &root, object, "title", false, &event->title);
    event_read_contests(reader, &root, object, true, event);
    event_read_rundown(reader, &root, object, event);
    faults_before = reader->fault_count;
    check_in_read(reader, &root, object, event);
    event_read_hall(reader, &root, object, event);
    if (reader->fault_count == faults_before) {
        fit_check(reader, &root, object, event);
    }
}

struct event *event_read_texts(struct reader *reader, const struct place *at, json_t *object)
{
    uint32_t faults_before = reader->fault_count;
    struct event *event;

    if (!reader_is_object(reader, at, object)) {
        return NULL;
    }
    event = calloc(1, sizeof(*event));
    if (!event) {
        reader_fault(reader, at, STATUS_NOMEM, "no memory");
        return NULL;
    }
    (void)reader_get_id(reader, at, object, "id", false, event->id);
    (void)event_read_label(reader, at, object, "title", false, &event->title);
    event_read_contests(reader, at, object, false, event);
    if (reader->fault_count != faults_before) {
        event_destroy(event);
        return NULL;
    }
    return event;
}

enum status event_parse(const char *text, size_t size, struct event **event,
                        struct fault_list *faults)
{
    struct fault first = { .status = STATUS_OK };
    struct reader reader = { .fault = &first, .list = faults };
    static const struct place root = { 0 };
    struct event *made = NULL;
    json_t *object;

    *event = NULL;
    if (size > EVENT_SIZE_MAX) {
        reader_fault(&reader, &root, STATUS_LIMIT, "is larger than %u bytes", EVENT_SIZE_MAX);
        return STATUS_LIMIT;
    }
    made = calloc(1, sizeof(*made));
    if (!made) {
        reader_fault(&reader, &root, STATUS_NOMEM, "no memory");
        return STATUS_NOMEM;
    }
    object = reader_load(&reader, text, size);
    if (object) {
        event_read(&reader, object, made);
    }
    json_decref(object);
    if (first.status != STATUS_OK) {
        event_destroy(made);
        return first.status;
    }
    crypto_generichash(made->hash, sizeof(made->hash), (const unsigned char *)text, size, NULL, 0);
    *event = made;
    return STATUS_OK;
}

enum status event_file_read(const char *path, struct event **event, struct fault_list *faults)
{
    size_t size;
    char *text;
    enum status status = text_file_read(path, EVENT_SIZE_MAX, &text, &size, faults);

    *event = NULL;
    if (status == STATUS_OK) {
        status = event_parse(text, size, event, faults);
    }
    free(text);
    return status;
}
