#include <string.h>

#include "server/protocol/message_parts.h"

/* What a session hears of rounds. */

bool order_read(struct reader *reader, const struct place *at, const json_t *list,
                uint32_t count_max, uint8_t *order, uint32_t *count)
{
    uint64_t seen = 0;

    if (!reader_is_list(reader, at, list, 0, count_max)) {
        return false;
    }
    *count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t place;

        if (!reader_at_uint32(reader, at, list, i, 0, *count - 1, &place)) {
            return false;
        }
        if (seen & 1ull << place) {
            return reader_fault(reader, at, STATUS_INVALID, "names one candidate twice");
        }
        seen |= 1ull << place;
        order[i] = (uint8_t)place;
    }
    return true;
}

void order_write(struct writer *writer, const uint8_t *order, uint32_t count)
{
    writer_literal(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        writer_put(writer, ",", i > 0);
        writer_uint(writer, order[i]);
    }
    writer_literal(writer, "]");
}

static bool adopted_read(struct reader *reader, const struct place *up, const json_t *list,
                         struct round_notice *round)
{
    struct place at = { .up = up, .key = "adopted" };

    if (!reader_is_list(reader, &at, list, 0, round->write_in_count)) {
        return false;
    }
    round->adopted_count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < round->adopted_count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!reader_written_name(reader, &entry, json_array_get(list, i), round->adopted[i])) {
            return false;
        }
    }
    return true;
}

/* Words of a newer server read as if they were missing. */
static bool words_read(struct reader *reader, const struct place *at, json_t *object,
                       struct round_notice *round)
{
    const char *word;

    if (json_object_get(object, "kind")) {
        word = reader_get_text(reader, at, object, "kind");
        if (!word) {
            return false;
        }
        round->kind = contest_kind_parse(word);
    }
    if (json_object_get(object, "stage")) {
        word = reader_get_text(reader, at, object, "stage");
        if (!word) {
            return false;
        }
        round->stage = round_stage_parse(word);
    }
    return true;
}

/* What kind of ballot it is. An older server's notice has none of these keys. */
static bool ballot_read(struct reader *reader, const struct place *at, json_t *object,
                        struct round_notice *round)
{
    struct place order = { .up = at, .key = "order" };
    struct place slate = { .up = at, .key = "slate" };
    const json_t *order_list = json_object_get(object, "order");
    const json_t *adopted = json_object_get(object, "adopted");

    if (!words_read(reader, at, object, round) ||
        !reader_may_uint32(reader, at, object, "seats", 0, CANDIDATE_MAX, &round->seats) ||
        !reader_may_time(reader, at, object, "ends_ms", &round->ends_ms) ||
        !reader_may_flag(reader, at, object, "is_first_final", &round->is_first_final) ||
        !reader_may_flag(reader, at, object, "asks_item", &round->asks_item) ||
        !reader_may_uint32(reader, at, object, "asked", 0, ITEM_MAX, &round->asked) ||
        !reader_may_uint32(reader, at, object, "write_ins", 0, WRITE_IN_MAX,
                           &round->write_in_count)) {
        return false;
    }
    if (order_list && !order_read(reader, &order, order_list, CANDIDATE_MAX, round->order,
                                  &round->candidate_count)) {
        return false;
    }
    if (json_object_get(object, "slate") &&
        !reader_get_hex64(reader, at, object, "slate", &round->slate)) {
        return false;
    }
    if (round->slate >> round->candidate_count) {
        return reader_fault(reader, &slate, STATUS_INVALID,
                            "names candidates that are not in order");
    }
    return !adopted || adopted_read(reader, at, adopted, round);
}

static void ballot_write(struct writer *writer, const struct round_notice *round)
{
    if (round->kind != CONTEST_INVALID) {
        writer_literal(writer, ",\"kind\":");
        writer_string(writer, contest_kind_name(round->kind));
    }
    if (round->stage != STAGE_INVALID) {
        writer_literal(writer, ",\"stage\":");
        writer_string(writer, round_stage_name(round->stage));
    }
    writer_may_uint(writer, ",\"seats\":", round->seats);
    writer_may_uint(writer, ",\"ends_ms\":", round->ends_ms > 0 ? (uint64_t)round->ends_ms : 0);
    if (round->is_first_final) {
        writer_literal(writer, ",\"is_first_final\":true");
    }
    if (round->asks_item) {
        writer_literal(writer, ",\"asks_item\":true");
    }
    writer_may_uint(writer, ",\"asked\":", round->asked);
    writer_may_uint(writer, ",\"write_ins\":", round->write_in_count);
    if (round->candidate_count > 0) {
        writer_literal(writer, ",\"order\":");
        order_write(writer, round->order, round->candidate_count);
        writer_literal(writer, ",\"slate\":");
        writer_hex64(writer, round->slate);
    }
    if (round->adopted_count > 0) {
        writer_literal(writer, ",\"adopted\":[");
        for (uint32_t i = 0; i < round->adopted_count; i++) {
            writer_put(writer, ",", i > 0);
            writer_string(writer, round->adopted[i]);
        }
        writer_literal(writer, "]");
    }
}

bool round_read(struct reader *reader, const struct place *at, json_t *object,
                struct round_notice *round)
{
    struct place state = { .up = at, .key = "state" };
    const char *word;

    memset(round, 0, sizeof(*round));
    if (!reader_is_object(reader, at, object) ||
        !reader_get_uint32(reader, at, object, "round", 0, ROUND_MAX, &round->round)) {
        return false;
    }
    word = reader_get_text(reader, at, object, "state");
    if (!word) {
        return false;
    }
    round->state = round_state_parse(word);
    if (round->state == ROUND_INVALID) {
        return reader_fault(reader, &state, STATUS_INVALID, "unknown state of a round");
    }
    return reader_get_id(reader, at, object, "contest", true, round->contest) &&
           reader_get_id(reader, at, object, "subject", true, round->subject) &&
           reader_get_uint32(reader, at, object, "items", 0, ITEM_MAX, &round->item_count) &&
           reader_get_uint32(reader, at, object, "choices", 0, GRADE_MAX, &round->grade_count) &&
           ballot_read(reader, at, object, round);
}

void round_keys_write(struct writer *writer, const struct round_notice *round)
{
    writer_literal(writer, "\"round\":");
    writer_uint(writer, round->round);
    writer_literal(writer, ",\"state\":");
    writer_string(writer, round_state_name(round->state));
    writer_literal(writer, ",\"contest\":");
    writer_string(writer, round->contest);
    writer_literal(writer, ",\"subject\":");
    writer_string(writer, round->subject);
    writer_literal(writer, ",\"items\":");
    writer_uint(writer, round->item_count);
    writer_literal(writer, ",\"choices\":");
    writer_uint(writer, round->grade_count);
    if (round->round > 0) {
        ballot_write(writer, round);
    }
}
