#include "server/protocol/message.h"

#include "server/model/name_table.h"
#include "server/protocol/message_parts.h"
#include "server/protocol/message_scan.h"

static const char *const refusal_names[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = "none",
    [REFUSAL_BAD_MESSAGE] = "bad message",
    [REFUSAL_BAD_VERSION] = "bad version",
    [REFUSAL_BAD_CREDENTIAL] = "bad credential",
    [REFUSAL_WRONG_ROLE] = "wrong role",
    [REFUSAL_BAD_VALUE] = "bad value",
    [REFUSAL_NOT_OPEN] = "not open",
    [REFUSAL_PAUSED] = "paused",
    [REFUSAL_CLOSED] = "closed",
    [REFUSAL_CONFLICT] = "conflict",
    [REFUSAL_SUPERSEDED] = "superseded",
    [REFUSAL_BUSY] = "busy",
    [REFUSAL_REPLACED] = "replaced",
    [REFUSAL_FORBIDDEN_NOW] = "forbidden now",
    [REFUSAL_STORAGE] = "storage",
    [REFUSAL_NOT_ELIGIBLE] = "not eligible",
    [REFUSAL_TEST] = "test",
    [REFUSAL_FINAL] = "final",
    [REFUSAL_STORAGE_FULL] = "storage full",
};

const char *refusal_name(enum refusal refusal)
{
    return name_table_name(refusal_names, NAME_COUNT(refusal_names), refusal);
}

enum refusal refusal_parse(const char *name)
{
    return (enum refusal)name_table_parse(refusal_names, NAME_COUNT(refusal_names), name);
}

static const char *const kind_names[] = {
    [MESSAGE_INVALID] = "invalid",     [MESSAGE_HELLO] = "hello",     [MESSAGE_CAST] = "cast",
    [MESSAGE_CASTS] = "casts",         [MESSAGE_CONTROL] = "control", [MESSAGE_AIR] = "air",
    [MESSAGE_PICTURE] = "picture",     [MESSAGE_WELCOME] = "welcome", [MESSAGE_ACK] = "ack",
    [MESSAGE_REFUSED] = "refused",     [MESSAGE_ROUND] = "round",     [MESSAGE_VIEW] = "view",
    [MESSAGE_PROGRAMME] = "programme", [MESSAGE_DONE] = "done",       [MESSAGE_STATUS] = "status",
    [MESSAGE_CASES] = "cases",         [MESSAGE_ALERT] = "alert",
};

/* Reads what the kind says; a newer server may add keys, a client may not. */
static bool body_read(struct reader *reader, const struct place *root, json_t *object,
                      struct message *message)
{
    reader->is_lenient = message->kind >= MESSAGE_WELCOME;
    switch (message->kind) {
    case MESSAGE_HELLO:
        return hello_read(reader, root, object, &message->hello);
    case MESSAGE_CAST:
        return cast_read(reader, root, object, &message->cast);
    case MESSAGE_CASTS:
        return casts_read(reader, root, object, &message->cast);
    case MESSAGE_CONTROL:
        return control_read(reader, root, object, &message->control);
    case MESSAGE_AIR:
        return report_message_read(reader, root, object, &message->air);
    case MESSAGE_PICTURE:
        return picture_read(reader, root, object, &message->picture);
    case MESSAGE_WELCOME:
        return welcome_read(reader, root, object, &message->welcome);
    case MESSAGE_ACK:
        return ack_read(reader, root, object, &message->ack);
    case MESSAGE_REFUSED:
        return refused_read(reader, root, object, &message->refused);
    case MESSAGE_ROUND:
        return round_read(reader, root, object, &message->round);
    case MESSAGE_VIEW:
        return view_read(reader, root, object, &message->view);
    case MESSAGE_PROGRAMME:
        return programme_read(reader, root, object, &message->programme);
    case MESSAGE_DONE:
        return done_read(reader, root, object, &message->done);
    case MESSAGE_STATUS:
        return status_read(reader, root, object, &message->status);
    case MESSAGE_CASES:
        return cases_read(reader, root, object, &message->cases);
    case MESSAGE_ALERT:
        return alert_read(reader, root, object, &message->alert);
    case MESSAGE_INVALID:
        break;
    }
    return false;
}

static bool message_read(struct reader *reader, json_t *object, struct message *message,
                         bool *has_id, uint64_t *id)
{
    static const struct place root = { 0 };
    json_t *id_value = json_object_get(object, "id");
    const char *name;

    if (!reader_is_object(reader, &root, object)) {
        return false;
    }
    if (json_is_integer(id_value) && json_integer_value(id_value) >= 0 &&
        (uint64_t)json_integer_value(id_value) <= MESSAGE_ID_MAX) {
        *has_id = true;
        *id = (uint64_t)json_integer_value(id_value);
    }
    name = reader_get_text(reader, &root, object, "t");
    if (!name) {
        return false;
    }
    message->kind = (enum message_kind)name_table_parse(kind_names, NAME_COUNT(kind_names), name);
    if (message->kind == MESSAGE_INVALID) {
        struct place at = { .up = &root, .key = "t" };

        return reader_fault(reader, &at, STATUS_INVALID, "unknown type of message");
    }
    return body_read(reader, &root, object, message);
}

enum status message_decode(const char *text, size_t size, struct message *message, bool *has_id,
                           uint64_t *id, struct fault *fault)
{
    struct fault own = { .status = STATUS_OK };
    struct reader reader = { .fault = &own };
    json_t *object;

    if (cast_scan(text, size, message)) {
        *has_id = true;
        *id = message->cast.id;
        return STATUS_OK;
    }
    message->kind = MESSAGE_INVALID;
    *has_id = false;
    *id = 0;
    object = reader_load(&reader, text, size);
    if (object && !message_read(&reader, object, message, has_id, id)) {
        message_finish(message);
        message->kind = MESSAGE_INVALID;
    }
    json_decref(object);
    if (own.status == STATUS_OK) {
        return STATUS_OK;
    }
    return fault_set(fault, own.status, own.where, "%s", own.text);
}

void message_finish(struct message *message)
{
    if (message->kind == MESSAGE_WELCOME) {
        welcome_finish(&message->welcome);
    }
}

static void round_write(struct writer *writer, const struct round_notice *round)
{
    writer_literal(writer, "{\"t\":\"round\",");
    round_keys_write(writer, round);
    writer_literal(writer, "}");
}

static void view_write(struct writer *writer, const struct view *view)
{
    writer_literal(writer, "{\"t\":\"view\",");
    view_keys_write(writer, view);
    writer_literal(writer, "}");
}

static bool ack_is_base(const struct ack *ack)
{
    return ack->outcome_count != 1 || ack->outcomes[0].seat != 0;
}

size_t message_encode(const struct message *message, char *buffer, size_t buffer_size)
{
    struct writer writer;

    writer_init(&writer, buffer, buffer_size);
    switch (message->kind) {
    case MESSAGE_HELLO:
        hello_write(&writer, &message->hello);
        break;
    case MESSAGE_CAST:
    case MESSAGE_CASTS:
        cast_write(&writer, &message->cast, message->kind == MESSAGE_CASTS);
        break;
    case MESSAGE_CONTROL:
        control_write(&writer, &message->control);
        break;
    case MESSAGE_AIR:
        report_message_write(&writer, &message->air);
        break;
    case MESSAGE_PICTURE:
        picture_write(&writer, &message->picture);
        break;
    case MESSAGE_WELCOME:
        welcome_write(&writer, &message->welcome);
        break;
    case MESSAGE_ACK:
        ack_write(&writer, &message->ack, ack_is_base(&message->ack));
        break;
    case MESSAGE_REFUSED:
        refused_write(&writer, &message->refused);
        break;
    case MESSAGE_ROUND:
        round_write(&writer, &message->round);
        break;
    case MESSAGE_VIEW:
        view_write(&writer, &message->view);
        break;
    case MESSAGE_PROGRAMME:
        programme_write(&writer, &message->programme);
        break;
    case MESSAGE_DONE:
        done_write(&writer, &message->done);
        break;
    case MESSAGE_STATUS:
        status_write(&writer, &message->status);
        break;
    case MESSAGE_CASES:
        cases_write(&writer, &message->cases);
        break;
    case MESSAGE_ALERT:
        alert_write(&writer, &message->alert);
        break;
    case MESSAGE_INVALID:
        return 0;
    }
    return writer_end(&writer);
}

size_t cast_encode(const struct cast *cast, bool is_base, char *buffer, size_t size)
{
    struct writer writer;

    writer_init(&writer, buffer, size);
    cast_write(&writer, cast, is_base);
    return writer_end(&writer);
}

size_t ack_encode(const struct ack *ack, bool is_base, char *buffer, size_t size)
{
    struct writer writer;

    writer_init(&writer, buffer, size);
    ack_write(&writer, ack, is_base);
    return writer_end(&writer);
}

size_t refused_encode(const struct refused *refused, char *buffer, size_t size)
{
    struct writer writer;

    writer_init(&writer, buffer, size);
    refused_write(&writer, refused);
    return writer_end(&writer);
}

size_t view_encode(const struct view *view, char *buffer, size_t size)
{
    struct writer writer;

    writer_init(&writer, buffer, size);
    view_write(&writer, view);
    return writer_end(&writer);
}
