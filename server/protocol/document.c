#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/message_parts.h"

/* GET /api/v1/view: a view, the public texts of the event and the figures of its closed rounds. */

static void document_write(struct writer *writer, const struct document *document)
{
    writer_literal(writer, "{\"minping\":");
    writer_uint(writer, EVENT_FORMAT);
    writer_literal(writer, ",");
    view_keys_write(writer, &document->view);
    writer_literal(writer, ",\"event\":");
    event_write_texts(writer, document->texts);
    writer_literal(writer, ",\"figures\":[");
    for (uint32_t i = 0; i < document->closed_count; i++) {
        writer_put(writer, ",", i > 0);
        figures_write(writer, &document->closed[i]);
    }
    writer_literal(writer, "]}");
}

enum status document_encode(const struct document *document, char **text, size_t *size,
                            struct fault *fault)
{
    struct writer writer;

    *text = NULL;
    *size = 0;
    writer_init(&writer, NULL, 0);
    writer.more = writer_grow;
    document_write(&writer, document);
    *size = writer_end(&writer);
    if (*size > 0) {
        *text = writer.buffer;
        return STATUS_OK;
    }
    free(writer.buffer);
    if (writer.used + LABEL_SIZE * 6 > DOCUMENT_SIZE_MAX) {
        return fault_set(fault, STATUS_LIMIT, "", "the view document is larger than %u bytes",
                         DOCUMENT_SIZE_MAX);
    }
    return fault_set(fault, STATUS_NOMEM, "", "no memory for the view document");
}

static bool closed_read(struct reader *reader, const struct place *root, json_t *object,
                        struct document *document)
{
    struct place at = { .up = root, .key = "figures" };
    json_t *list = json_object_get(object, "figures");
    uint32_t count;

    if (!reader_is_list(reader, &at, list, document->view.closed_count, ROUND_MAX)) {
        return false;
    }
    count = (uint32_t)json_array_size(list);
    if (count == 0) {
        return true;
    }
    document->closed = calloc(count, sizeof(*document->closed));
    if (!document->closed) {
        return reader_fault(reader, &at, STATUS_NOMEM, "no memory");
    }
    document->closed_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!figures_read(reader, &entry, json_array_get(list, i), &document->closed[i])) {
            return false;
        }
    }
    return true;
}

static bool document_read(struct reader *reader, json_t *object, struct document *document)
{
    static const struct place root = { 0 };
    struct place texts = { .up = &root, .key = "event" };
    uint32_t format;

    if (!reader_is_object(reader, &root, object) ||
        !reader_get_uint32(reader, &root, object, "minping", EVENT_FORMAT, EVENT_FORMAT, &format) ||
        !view_read(reader, &root, object, &document->view)) {
        return false;
    }
    document->texts = event_read_texts(reader, &texts, json_object_get(object, "event"));
    return document->texts && closed_read(reader, &root, object, document);
}

enum status document_decode(const char *text, size_t size, struct document *document,
                            struct fault *fault)
{
    static const struct place root = { 0 };
    struct fault own = { .status = STATUS_OK };
    struct reader reader = { .fault = &own, .is_lenient = true };
    json_t *object = NULL;

    document->texts = NULL;
    document->closed = NULL;
    document->closed_count = 0;
    if (size > DOCUMENT_SIZE_MAX) {
        reader_fault(&reader, &root, STATUS_LIMIT, "is larger than %u bytes", DOCUMENT_SIZE_MAX);
    } else {
        object = reader_load(&reader, text, size);
    }
    if (object && !document_read(&reader, object, document)) {
        document_finish(document);
    }
    json_decref(object);
    if (own.status == STATUS_OK) {
        return STATUS_OK;
    }
    return fault_set(fault, own.status, own.where, "%s", own.text);
}
