#include <string.h>

#include "server/protocol/message_parts.h"

/* Programme: what became of take and clear. */

/* Who did what last; a server that does not say so is as good. */
static bool cause_read(struct reader *reader, const struct place *at, json_t *object,
                       struct layer_state *layer)
{
    const char *word = "";

    if (json_object_get(object, "post") &&
        !reader_get_id(reader, at, object, "post", true, layer->post)) {
        return false;
    }
    if (json_object_get(object, "cause")) {
        word = reader_get_text(reader, at, object, "cause");
    }
    if (!word) {
        return false;
    }
    layer->cause = air_cause_parse(word); /* one that is not known here is none */
    return true;
}

/* A scene that is not known here cannot be drawn: its layer reads as clear. */
static bool layer_read(struct reader *reader, const struct place *at, json_t *object,
                       struct layer_state *layer)
{
    const char *scene;

    if (!reader_is_object(reader, at, object)) {
        return false;
    }
    scene = reader_get_text(reader, at, object, "scene");
    if (!scene || !reader_get_uint32(reader, at, object, "take", 0, UINT32_MAX, &layer->take) ||
        !reader_get_time(reader, at, object, "taken_ms", &layer->taken_ms) ||
        !cause_read(reader, at, object, layer)) {
        return false;
    }
    if (json_object_get(object, "step") &&
        (!reader_get_uint32(reader, at, object, "step", 0, UINT32_MAX, &layer->step) ||
         !reader_get_time(reader, at, object, "held_ms", &layer->held_ms) ||
         !reader_get_time(reader, at, object, "continued_ms", &layer->continued_ms))) {
        return false;
    }
    layer->scene = scene_parse(scene);
    layer->is_taken = layer->scene != SCENE_INVALID;
    return params_read(reader, at, json_object_get(object, "params"), layer->params);
}

static bool bus_read(struct reader *reader, const struct place *at, json_t *object,
                     struct layer_state layers[LAYER_COUNT])
{
    if (!reader_is_object(reader, at, object)) {
        return false;
    }
    for (int i = LAYER_INVALID + 1; i < LAYER_COUNT; i++) {
        struct place place = { .up = at, .key = layer_name((enum layer)i) };
        json_t *layer = json_object_get(object, place.key);

        if (layer && !layer_read(reader, &place, layer, &layers[i])) {
            return false;
        }
    }
    return true;
}

bool programme_read(struct reader *reader, const struct place *at, json_t *object,
                    struct programme *programme)
{
    memset(programme, 0, sizeof(*programme));
    if (!reader_get_number(reader, at, object, "sequence", 0, READER_NUMBER_MAX,
                           &programme->sequence)) {
        return false;
    }
    for (int i = BUS_INVALID + 1; i < BUS_COUNT; i++) {
        struct place place = { .up = at, .key = bus_name((enum bus)i) };

        if (!bus_read(reader, &place, json_object_get(object, place.key), programme->layers[i])) {
            return false;
        }
    }
    return true;
}

static void layer_write(struct writer *writer, const struct layer_state *layer)
{
    writer_literal(writer, "{\"scene\":");
    writer_string(writer, layer->is_taken ? scene_name(layer->scene) : "");
    writer_literal(writer, ",\"take\":");
    writer_uint(writer, layer->take);
    writer_literal(writer, ",\"taken_ms\":");
    writer_int(writer, layer->taken_ms);
    writer_literal(writer, ",\"params\":");
    params_write(writer, layer->is_taken ? layer->params : "");
    if (layer->cause != CAUSE_INVALID) {
        writer_literal(writer, ",\"cause\":");
        writer_string(writer, air_cause_name(layer->cause));
        writer_literal(writer, ",\"post\":");
        writer_string(writer, layer->post);
    }
    if (layer->is_taken && layer->step > 0) {
        writer_literal(writer, ",\"step\":");
        writer_uint(writer, layer->step);
        writer_literal(writer, ",\"held_ms\":");
        writer_int(writer, layer->held_ms);
        writer_literal(writer, ",\"continued_ms\":");
        writer_int(writer, layer->continued_ms);
    }
    writer_literal(writer, "}");
}

void programme_write(struct writer *writer, const struct programme *programme)
{
    writer_literal(writer, "{\"t\":\"programme\",\"sequence\":");
    writer_uint(writer, programme->sequence);
    for (int b = BUS_INVALID + 1; b < BUS_COUNT; b++) {
        bool is_first = true;

        writer_literal(writer, ",");
        writer_string(writer, bus_name((enum bus)b));
        writer_literal(writer, ":{");
        for (int i = LAYER_INVALID + 1; i < LAYER_COUNT; i++) {
            const struct layer_state *layer = &programme->layers[b][i];

            if (layer->take == 0) {
                continue;
            }
            if (!is_first) {
                writer_literal(writer, ",");
            }
            writer_string(writer, layer_name((enum layer)i));
            writer_literal(writer, ":");
            layer_write(writer, layer);
            is_first = false;
        }
        writer_literal(writer, "}");
    }
    writer_literal(writer, "}");
}
