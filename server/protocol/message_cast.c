#include <assert.h>
#include <string.h>

#include "server/protocol/message_parts.h"

/* Casts as JSON of any form, and casts out. Most are read by message_scan.h before. */
static_assert(ITEM_MAX <= 64, "the items of a card are kept as bits");

/*
 * The marks of one card: list[first .. end), triples of item, version, choice, appended to the
 * cast. No item twice, so that a card has at most ITEM_MAX marks.
 */
static bool marks_read(struct reader *reader, const struct place *at, const json_t *list,
                       size_t first, size_t end, struct cast *cast, struct cast_card *card)
{
    size_t count = end - first;
    uint64_t items = 0;

    if (count == 0 || count % 3 != 0) {
        return reader_fault(reader, at, STATUS_INVALID,
                            "marks must be triples of item, version, choice; at least one");
    }
    if (cast->mark_count + count / 3 > MARK_PER_MESSAGE_MAX) {
        return reader_fault(reader, at, STATUS_INVALID, "more than %d marks in one message",
                            MARK_PER_MESSAGE_MAX);
    }
    card->first_mark = cast->mark_count;
    card->mark_count = (uint32_t)(count / 3);
    for (size_t i = first; i < first + count; i += 3) {
        struct cast_mark *mark = &cast->marks[cast->mark_count++];
        uint32_t item, version, choice;

        if (!reader_at_uint32(reader, at, list, i, 0, ITEM_MAX - 1, &item) ||
            !reader_at_uint32(reader, at, list, i + 1, 1, VERSION_MAX, &version) ||
            !reader_at_uint32(reader, at, list, i + 2, 0, CAST_CHOICE_MAX, &choice)) {
            return false;
        }
        if (items & 1ull << item) {
            struct place place = { .up = at, .index = i };

            return reader_fault(reader, &place, STATUS_INVALID, "the same item twice on one card");
        }
        items |= 1ull << item;
        mark->item = (uint16_t)item;
        mark->version = version;
        mark->choice = (uint16_t)choice;
    }
    return true;
}

/* The names written on one card, appended to the cast. `list` NULL: none. */
static bool names_read(struct reader *reader, const struct place *at, const json_t *list,
                       struct cast *cast, struct cast_card *card)
{
    size_t count = json_array_size(list);

    card->first_name = 0;
    card->name_count = 0;
    if (!list) {
        return true;
    }
    if (!reader_is_list(reader, at, list, 0, WRITE_IN_MAX)) {
        return false;
    }
    if (cast->name_count + count > CAST_NAME_MAX) {
        return reader_fault(reader, at, STATUS_INVALID, "more than %d names in one message",
                            CAST_NAME_MAX);
    }
    if (count > 0) {
        card->first_name = cast->name_count;
        card->name_count = (uint32_t)count;
    }
    for (size_t i = 0; i < count; i++) {
        struct place entry = { .up = at, .index = i };

        if (!reader_written_name(reader, &entry, json_array_get(list, i),
                                 cast->names[cast->name_count++])) {
            return false;
        }
    }
    return true;
}

/* What both kinds begin with. */
static bool head_read(struct reader *reader, const struct place *at, json_t *object,
                      struct cast *cast)
{
    cast->card_count = 0;
    cast->mark_count = 0;
    cast->name_count = 0;
    return reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &cast->id) &&
           reader_get_uint32(reader, at, object, "round", 1, ROUND_MAX, &cast->round);
}

bool cast_read(struct reader *reader, const struct place *at, json_t *object, struct cast *cast)
{
    static const char *const keys[] = { "t", "id", "round", "nonce", "marks", "names" };
    struct place nonce = { .up = at, .key = "nonce" };
    struct place place = { .up = at, .key = "marks" };
    struct place name_place = { .up = at, .key = "names" };
    const json_t *marks = json_object_get(object, "marks");
    const json_t *names = json_object_get(object, "names");
    struct cast_card *card = &cast->cards[0];

    if (!head_read(reader, at, object, cast) ||
        !reader_hex(reader, &nonce, json_object_get(object, "nonce"), card->nonce, NONCE_SIZE) ||
        !reader_is_list(reader, &place, marks, 3, 3 * ITEM_MAX) ||
        !marks_read(reader, &place, marks, 0, json_array_size(marks), cast, card) ||
        !names_read(reader, &name_place, names, cast, card)) {
        return false;
    }
    card->seat = 0;
    cast->card_count = 1;
    /* All keys were there, so only a larger object can hold an unknown one. */
    return json_object_size(object) == KEY_COUNT(keys) - (names ? 0 : 1) ||
           reader_keys(reader, at, object, keys, KEY_COUNT(keys));
}

/* [seat, nonce, item, version, choice, …], and at the end the list of names, where there are any.
 */
static bool card_read(struct reader *reader, const struct place *at, const json_t *list,
                      struct cast *cast)
{
    struct cast_card *card = &cast->cards[cast->card_count];
    struct place nonce = { .up = at, .index = 1 };
    size_t count = json_array_size(list);
    const json_t *names = count > 0 ? json_array_get(list, count - 1) : NULL;
    struct place name_place = { .up = at, .index = count > 0 ? count - 1 : 0 };

    if (!json_is_array(names)) {
        names = NULL;
    }
    if (!reader_is_list(reader, at, list, 5, 2 + 3 * ITEM_MAX + 1) ||
        !reader_at_uint32(reader, at, list, 0, 1, SEAT_MAX, &card->seat) ||
        !reader_hex(reader, &nonce, json_array_get(list, 1), card->nonce, NONCE_SIZE) ||
        !marks_read(reader, at, list, 2, names ? count - 1 : count, cast, card) ||
        !names_read(reader, &name_place, names, cast, card)) {
        return false;
    }
    cast->card_count++;
    return true;
}

bool casts_read(struct reader *reader, const struct place *at, json_t *object, struct cast *cast)
{
    static const char *const keys[] = { "t", "id", "round", "cards" };
    struct place place = { .up = at, .key = "cards" };
    const json_t *cards = json_object_get(object, "cards");

    if (!head_read(reader, at, object, cast) ||
        !reader_is_list(reader, &place, cards, 1, CARD_PER_MESSAGE_MAX)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(cards); i++) {
        struct place entry = { .up = &place, .index = i };

        if (!card_read(reader, &entry, json_array_get(cards, i), cast)) {
            return false;
        }
    }
    return json_object_size(object) == KEY_COUNT(keys) ||
           reader_keys(reader, at, object, keys, KEY_COUNT(keys));
}

static void marks_write(struct writer *writer, const struct cast *cast,
                        const struct cast_card *card)
{
    for (uint32_t i = 0; i < card->mark_count; i++) {
        const struct cast_mark *mark = &cast->marks[card->first_mark + i];

        if (i > 0) {
            writer_literal(writer, ",");
        }
        writer_uint(writer, mark->item);
        writer_literal(writer, ",");
        writer_uint(writer, mark->version);
        writer_literal(writer, ",");
        writer_uint(writer, mark->choice);
    }
}

static void names_write(struct writer *writer, const struct cast *cast,
                        const struct cast_card *card)
{
    writer_literal(writer, "[");
    for (uint32_t i = 0; i < card->name_count; i++) {
        writer_put(writer, ",", i > 0);
        writer_string(writer, cast->names[card->first_name + i]);
    }
    writer_literal(writer, "]");
}

void cast_write(struct writer *writer, const struct cast *cast, bool is_base)
{
    if (is_base) {
        writer_literal(writer, "{\"t\":\"casts\",\"id\":");
    } else {
        writer_literal(writer, "{\"t\":\"cast\",\"id\":");
    }
    writer_uint(writer, cast->id);
    writer_literal(writer, ",\"round\":");
    writer_uint(writer, cast->round);
    if (!is_base) {
        writer_literal(writer, ",\"nonce\":");
        writer_hex(writer, cast->cards[0].nonce, NONCE_SIZE);
        writer_literal(writer, ",\"marks\":[");
        marks_write(writer, cast, &cast->cards[0]);
        writer_literal(writer, "]");
        if (cast->cards[0].name_count > 0) {
            writer_literal(writer, ",\"names\":");
            names_write(writer, cast, &cast->cards[0]);
        }
        writer_literal(writer, "}");
        return;
    }
    writer_literal(writer, ",\"cards\":[");
    for (uint32_t i = 0; i < cast->card_count; i++) {
        writer_put(writer, i > 0 ? ",[" : "[", i > 0 ? 2 : 1);
        writer_uint(writer, cast->cards[i].seat);
        writer_literal(writer, ",");
        writer_hex(writer, cast->cards[i].nonce, NONCE_SIZE);
        writer_literal(writer, ",");
        marks_write(writer, cast, &cast->cards[i]);
        if (cast->cards[i].name_count > 0) {
            writer_literal(writer, ",");
            names_write(writer, cast, &cast->cards[i]);
        }
        writer_literal(writer, "]");
    }
    writer_literal(writer, "]}");
}
