#include <string.h>

#include "server/model/utf8.h"
#include "server/protocol/message_parts.h"

/* Answers to casts: acknowledgements and refusals. */

static bool receipt_copy(struct reader *reader, const struct place *at, const char *text,
                         char receipt[RECEIPT_SIZE])
{
    size_t size = text ? strlen(text) : 0;

    if (!text) {
        return false;
    }
    if (size != RECEIPT_SIZE - 1 ||
        strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != RECEIPT_SIZE - 1) {
        return reader_fault(reader, at, STATUS_INVALID, "must be a receipt: %d of 0-9 and A-Z",
                            RECEIPT_SIZE - 1);
    }
    memcpy(receipt, text, RECEIPT_SIZE);
    return true;
}

/* A word of a newer server says no as well: what to do with it is what "forbidden now" says. */
static enum refusal refusal_read(const char *word)
{
    enum refusal refusal = refusal_parse(word);

    return refusal == REFUSAL_NONE ? REFUSAL_FORBIDDEN_NOW : refusal;
}

/* [seat, receipt] or [seat, "", reason, item, version] */
static bool outcome_read(struct reader *reader, const struct place *at, const json_t *list,
                         struct card_outcome *outcome)
{
    struct place place = { .up = at, .index = 1 };
    const char *text;
    uint32_t item;

    memset(outcome, 0, sizeof(*outcome));
    if (!reader_is_list(reader, at, list, 2, 16) ||
        !reader_at_uint32(reader, at, list, 0, 1, SEAT_MAX, &outcome->seat)) {
        return false;
    }
    text = reader_text(reader, &place, json_array_get(list, 1));
    if (text && text[0] != '\0') {
        return receipt_copy(reader, &place, text, outcome->receipt);
    }
    place.index = 2;
    text = text ? reader_text(reader, &place, json_array_get(list, 2)) : NULL;
    if (!text || !reader_at_uint32(reader, at, list, 3, 0, ITEM_MAX - 1, &item) ||
        !reader_at_uint32(reader, at, list, 4, 0, VERSION_MAX, &outcome->version)) {
        return false;
    }
    outcome->item = (uint16_t)item;
    outcome->refusal = refusal_read(text);
    return true;
}

bool ack_read(struct reader *reader, const struct place *at, json_t *object, struct ack *ack)
{
    struct place place = { .up = at, .key = "cards" };
    const json_t *cards = json_object_get(object, "cards");

    ack->outcome_count = 0;
    if (!reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &ack->id) ||
        !reader_get_uint32(reader, at, object, "round", 0, ROUND_MAX, &ack->round)) {
        return false;
    }
    if (!cards) {
        place.key = "receipt";
        memset(&ack->outcomes[0], 0, sizeof(ack->outcomes[0]));
        ack->outcome_count = 1;
        return receipt_copy(reader, &place, reader_get_text(reader, at, object, "receipt"),
                            ack->outcomes[0].receipt);
    }
    if (!reader_is_list(reader, &place, cards, 1, CARD_PER_MESSAGE_MAX)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(cards); i++) {
        struct place entry = { .up = &place, .index = i };

        if (!outcome_read(reader, &entry, json_array_get(cards, i), &ack->outcomes[i])) {
            return false;
        }
        ack->outcome_count++;
    }
    return true;
}

static void outcome_write(struct writer *writer, const struct card_outcome *outcome)
{
    writer_literal(writer, "[");
    writer_uint(writer, outcome->seat);
    writer_literal(writer, ",");
    if (outcome->refusal == REFUSAL_NONE) {
        writer_string(writer, outcome->receipt);
    } else {
        writer_literal(writer, "\"\",");
        writer_string(writer, refusal_name(outcome->refusal));
        writer_literal(writer, ",");
        writer_uint(writer, outcome->item);
        writer_literal(writer, ",");
        writer_uint(writer, outcome->version);
    }
    writer_literal(writer, "]");
}

void ack_write(struct writer *writer, const struct ack *ack, bool is_base)
{
    writer_literal(writer, "{\"t\":\"ack\",\"id\":");
    writer_uint(writer, ack->id);
    writer_literal(writer, ",\"round\":");
    writer_uint(writer, ack->round);
    if (!is_base) {
        writer_literal(writer, ",\"receipt\":");
        writer_string(writer, ack->outcomes[0].receipt);
        writer_literal(writer, "}");
        return;
    }
    writer_literal(writer, ",\"cards\":[");
    for (uint32_t i = 0; i < ack->outcome_count; i++) {
        if (i > 0) {
            writer_literal(writer, ",");
        }
        outcome_write(writer, &ack->outcomes[i]);
    }
    writer_literal(writer, "]}");
}

static bool names_item(enum refusal refusal)
{
    return refusal == REFUSAL_CONFLICT || refusal == REFUSAL_SUPERSEDED ||
           refusal == REFUSAL_BAD_VALUE;
}

bool refused_read(struct reader *reader, const struct place *at, json_t *object,
                  struct refused *refused)
{
    const char *reason = reader_get_text(reader, at, object, "reason");
    const char *text = reason ? reader_get_text(reader, at, object, "text") : NULL;
    uint32_t item = 0;
    size_t size;

    memset(refused, 0, sizeof(*refused));
    if (!text) {
        return false;
    }
    refused->has_id = json_object_get(object, "id") != NULL;
    refused->refusal = refusal_read(reason);
    if ((refused->has_id &&
         !reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &refused->id)) ||
        (json_object_get(object, "item") &&
         !reader_get_uint32(reader, at, object, "item", 0, ITEM_MAX - 1, &item)) ||
        (json_object_get(object, "version") &&
         !reader_get_uint32(reader, at, object, "version", 0, VERSION_MAX, &refused->version))) {
        return false;
    }
    refused->item = (uint16_t)item;
    size = utf8_cut(text, REFUSAL_TEXT_SIZE - 1);
    memcpy(refused->text, text, size);
    return true;
}

void refused_write(struct writer *writer, const struct refused *refused)
{
    writer_literal(writer, "{\"t\":\"refused\",");
    if (refused->has_id) {
        writer_literal(writer, "\"id\":");
        writer_uint(writer, refused->id);
        writer_literal(writer, ",");
    }
    writer_literal(writer, "\"reason\":");
    writer_string(writer, refusal_name(refused->refusal));
    if (names_item(refused->refusal)) {
        writer_literal(writer, ",\"item\":");
        writer_uint(writer, refused->item);
        writer_literal(writer, ",\"version\":");
        writer_uint(writer, refused->version);
    }
    writer_literal(writer, ",\"text\":");
    writer_string(writer, refused->text);
    writer_literal(writer, "}");
}
