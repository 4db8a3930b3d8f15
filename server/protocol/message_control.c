#include <string.h>

#include "server/model/name_table.h"
#include "server/model/utf8.h"
#include "server/protocol/message_parts.h"

/* Control: the acts of officers and operators. Programme: what became of take and clear. */

static const char *const act_names[] = {
    [CONTROL_INVALID] = "invalid", [CONTROL_OPEN] = "open", [CONTROL_PAUSE] = "pause",
    [CONTROL_CLOSE] = "close",     [CONTROL_TAKE] = "take", [CONTROL_CLEAR] = "clear",
    [CONTROL_STATUS] = "status",
};

/* The keys of each act. */
static const char *const act_keys[][7] = {
    [CONTROL_OPEN] = { "t", "id", "act", "contest", "subject" },
    [CONTROL_PAUSE] = { "t", "id", "act", "round" },
    [CONTROL_CLOSE] = { "t", "id", "act", "round" },
    [CONTROL_TAKE] = { "t", "id", "act", "bus", "layer", "scene", "params" },
    [CONTROL_CLEAR] = { "t", "id", "act", "bus", "layer" },
    [CONTROL_STATUS] = { "t", "id", "act" },
};

static bool has_controls(const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        uint32_t codepoint;
        size_t size = utf8_next(text, left, &codepoint);

        if (size == 0 || utf8_is_control(codepoint)) {
            return true;
        }
        text += size;
        left -= size;
    }
    return false;
}

/* {"key": "text", …} into "key=text\n" lines. */
static bool params_read(struct reader *reader, const struct place *up, json_t *value,
                        char params[PARAMS_SIZE])
{
    struct place at = { .up = up, .key = "params" };
    const char *key;
    json_t *entry;

    params[0] = '\0';
    if (!reader_is_object(reader, &at, value)) {
        return false;
    }
    json_object_foreach(value, key, entry)
    {
        struct place place = { .up = &at, .key = key };
        const char *text = reader_text(reader, &place, entry);

        if (!text) {
            return false;
        }
        if (has_controls(text)) {
            return reader_fault(reader, &place, STATUS_INVALID, "has a control character");
        }
        if (!params_put(params, key, text)) {
            return reader_fault(reader, &place, STATUS_INVALID,
                                "must be a key of a-z and _, with at most %d parameters of %d "
                                "bytes together",
                                PARAM_COUNT_MAX, PARAMS_SIZE - 1);
        }
    }
    return true;
}

static void params_write(struct writer *writer, const char *params)
{
    bool is_first = true;

    writer_literal(writer, "{");
    while (*params != '\0') {
        size_t line_size = strcspn(params, "\n");
        size_t key_size = strcspn(params, "=");

        if (key_size < line_size && line_size < PARAMS_SIZE) {
            char text[PARAMS_SIZE];

            memcpy(text, params, line_size);
            text[line_size] = '\0';
            text[key_size] = '\0';
            if (!is_first) {
                writer_literal(writer, ",");
            }
            writer_string(writer, text);
            writer_literal(writer, ":");
            writer_string(writer, text + key_size + 1);
            is_first = false;
        }
        params += line_size;
        params += *params == '\n';
    }
    writer_literal(writer, "}");
}

/* bus (may be missing: programme) and layer of take and clear. */
static bool air_read(struct reader *reader, const struct place *at, json_t *object,
                     struct control *control)
{
    struct place bus = { .up = at, .key = "bus" };
    struct place layer = { .up = at, .key = "layer" };
    const char *word;

    control->bus = BUS_PROGRAMME;
    if (json_object_get(object, "bus")) {
        word = reader_get_text(reader, at, object, "bus");
        if (!word) {
            return false;
        }
        control->bus = bus_parse(word);
        if (control->bus == BUS_INVALID) {
            return reader_fault(reader, &bus, STATUS_INVALID, "must be programme or preview");
        }
    }
    word = reader_get_text(reader, at, object, "layer");
    if (!word) {
        return false;
    }
    control->layer = layer_parse(word);
    if (control->layer == LAYER_INVALID ||
        (control->layer == LAYER_ALL && control->kind != CONTROL_CLEAR)) {
        return reader_fault(reader, &layer, STATUS_INVALID,
                            "must be fullscreen, lower, bug, crawl or alert%s",
                            control->kind == CONTROL_CLEAR ? ", or all" : "");
    }
    return true;
}

static bool take_read(struct reader *reader, const struct place *at, json_t *object,
                      struct control *control)
{
    struct place scene = { .up = at, .key = "scene" };
    json_t *params = json_object_get(object, "params");
    const char *word;

    if (!air_read(reader, at, object, control)) {
        return false;
    }
    word = reader_get_text(reader, at, object, "scene");
    if (!word) {
        return false;
    }
    control->scene = scene_parse(word);
    if (control->scene == SCENE_INVALID) {
        return reader_fault(reader, &scene, STATUS_INVALID,
                            "must be strap, strip, board, matrix, turnout or test");
    }
    return !params || params_read(reader, at, params, control->params);
}

static bool round_choice_read(struct reader *reader, const struct place *at, json_t *object,
                              struct control *control)
{
    return !json_object_get(object, "round") ||
           reader_get_uint32(reader, at, object, "round", 1, ROUND_MAX, &control->round);
}

static bool open_read(struct reader *reader, const struct place *at, json_t *object,
                      struct control *control)
{
    return reader_get_id(reader, at, object, "contest", false, control->contest) &&
           (!json_object_get(object, "subject") ||
            reader_get_id(reader, at, object, "subject", false, control->subject));
}

bool control_read(struct reader *reader, const struct place *at, json_t *object,
                  struct control *control)
{
    struct place place = { .up = at, .key = "act" };
    const char *act = reader_get_text(reader, at, object, "act");
    size_t key_count = 0;

    memset(control, 0, sizeof(*control));
    if (!act || !reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &control->id)) {
        return false;
    }
    control->kind = (enum control_kind)name_table_parse(act_names, NAME_COUNT(act_names), act);
    if (control->kind == CONTROL_INVALID) {
        return reader_fault(reader, &place, STATUS_INVALID,
                            "must be open, pause, close, take, clear or status");
    }
    while (key_count < 7 && act_keys[control->kind][key_count]) {
        key_count++;
    }
    if (!reader_keys(reader, at, object, act_keys[control->kind], key_count)) {
        return false;
    }
    switch (control->kind) {
    case CONTROL_OPEN:
        return open_read(reader, at, object, control);
    case CONTROL_PAUSE:
    case CONTROL_CLOSE:
        return round_choice_read(reader, at, object, control);
    case CONTROL_TAKE:
        return take_read(reader, at, object, control);
    case CONTROL_CLEAR:
        return air_read(reader, at, object, control);
    default:
        break;
    }
    return true;
}

static void word_write(struct writer *writer, const char *key, const char *word)
{
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_literal(writer, ":");
    writer_string(writer, word);
}

void control_write(struct writer *writer, const struct control *control)
{
    writer_literal(writer, "{\"t\":\"control\",\"id\":");
    writer_uint(writer, control->id);
    word_write(writer, "act", name_table_name(act_names, NAME_COUNT(act_names), control->kind));
    if (control->kind == CONTROL_OPEN) {
        word_write(writer, "contest", control->contest);
        if (control->subject[0] != '\0') {
            word_write(writer, "subject", control->subject);
        }
    }
    if ((control->kind == CONTROL_PAUSE || control->kind == CONTROL_CLOSE) && control->round > 0) {
        writer_literal(writer, ",\"round\":");
        writer_uint(writer, control->round);
    }
    if (control->kind == CONTROL_TAKE || control->kind == CONTROL_CLEAR) {
        if (control->bus != BUS_INVALID) {
            word_write(writer, "bus", bus_name(control->bus));
        }
        word_write(writer, "layer", layer_name(control->layer));
    }
    if (control->kind == CONTROL_TAKE) {
        word_write(writer, "scene", scene_name(control->scene));
        writer_literal(writer, ",\"params\":");
        params_write(writer, control->params);
    }
    writer_literal(writer, "}");
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
        !reader_get_time(reader, at, object, "taken_ms", &layer->taken_ms)) {
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
