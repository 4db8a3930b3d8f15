#include <string.h>

#include "server/protocol/message_parts.h"

/* Views: the live figures, and the closed ones by name. */

/* [subject, round, hash] */
static bool closed_read(struct reader *reader, const struct place *at, const json_t *list,
                        struct closed_ref *closed)
{
    struct place subject = { .up = at, .index = 0 };
    struct place hash = { .up = at, .index = 2 };
    uint8_t bytes[8];

    if (!reader_is_list(reader, at, list, 3, 16) ||
        !reader_id(reader, &subject, json_array_get(list, 0), true, closed->subject) ||
        !reader_at_uint32(reader, at, list, 1, 1, ROUND_MAX, &closed->round) ||
        !reader_hex(reader, &hash, json_array_get(list, 2), bytes, sizeof(bytes))) {
        return false;
    }
    closed->hash = 0;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        closed->hash = closed->hash << 8 | bytes[i];
    }
    return true;
}

static bool closed_list_read(struct reader *reader, const struct place *up, const json_t *list,
                             struct view *view)
{
    struct place at = { .up = up, .key = "closed" };

    if (!reader_is_list(reader, &at, list, 0, SUBJECT_MAX)) {
        return false;
    }
    view->closed_count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < view->closed_count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!closed_read(reader, &entry, json_array_get(list, i), &view->closed[i])) {
            return false;
        }
    }
    return true;
}

bool view_read(struct reader *reader, const struct place *at, json_t *object, struct view *view)
{
    struct place audience = { .up = at, .key = "audience" };
    struct place live = { .up = at, .key = "live" };
    json_t *figures = json_object_get(object, "live");
    const char *word;

    memset(view, 0, sizeof(*view));
    if (!reader_get_log_id(reader, at, object, "log", view->log_id) ||
        !reader_get_number(reader, at, object, "epoch", 0, READER_NUMBER_MAX, &view->epoch) ||
        !reader_get_time(reader, at, object, "at_ms", &view->at_ms) ||
        !reader_get_hex64(reader, at, object, "texts", &view->texts)) {
        return false;
    }
    word = reader_get_text(reader, at, object, "audience");
    if (!word) {
        return false;
    }
    view->audience = audience_parse(word);
    if (view->audience == AUDIENCE_INVALID) {
        return reader_fault(reader, &audience, STATUS_INVALID, "unknown audience");
    }
    view->has_live = !json_is_null(figures);
    if (view->has_live && !figures_read(reader, &live, figures, &view->live)) {
        return false;
    }
    return closed_list_read(reader, at, json_object_get(object, "closed"), view);
}

void view_keys_write(struct writer *writer, const struct view *view)
{
    writer_literal(writer, "\"log\":");
    writer_string(writer, view->log_id);
    writer_literal(writer, ",\"epoch\":");
    writer_uint(writer, view->epoch);
    writer_literal(writer, ",\"at_ms\":");
    writer_int(writer, view->at_ms);
    writer_literal(writer, ",\"audience\":");
    writer_string(writer, audience_name(view->audience));
    writer_literal(writer, ",\"texts\":");
    writer_hex64(writer, view->texts);
    writer_literal(writer, ",\"live\":");
    if (view->has_live) {
        figures_write(writer, &view->live);
    } else {
        writer_literal(writer, "null");
    }
    writer_literal(writer, ",\"closed\":[");
    for (uint32_t i = 0; i < view->closed_count; i++) {
        if (i > 0) {
            writer_literal(writer, ",");
        }
        writer_literal(writer, "[");
        writer_string(writer, view->closed[i].subject);
        writer_literal(writer, ",");
        writer_uint(writer, view->closed[i].round);
        writer_literal(writer, ",");
        writer_hex64(writer, view->closed[i].hash);
        writer_literal(writer, "]");
    }
    writer_literal(writer, "]");
}
