#include <string.h>

#include "server/protocol/message_parts.h"

/* The figures of one round. What they come to is message_outcome.c's. */

static bool words_read(struct reader *reader, const struct place *at, json_t *object,
                       struct figures *figures)
{
    struct place state = { .up = at, .key = "state" };
    struct place shows = { .up = at, .key = "shows" };
    const char *word = reader_get_text(reader, at, object, "state");

    if (!word) {
        return false;
    }
    figures->state = round_state_parse(word);
    if (figures->state == ROUND_INVALID) {
        return reader_fault(reader, &state, STATUS_INVALID, "unknown state of a round");
    }
    word = reader_get_text(reader, at, object, "shows");
    if (!word) {
        return false;
    }
    figures->shows = live_parse(word);
    return figures->shows != LIVE_INVALID ||
           reader_fault(reader, &shows, STATUS_INVALID, "must be hidden, turnout or tally");
}

/* The counts of one item, as many as of the first. */
static bool item_read(struct reader *reader, const struct place *at, const json_t *list,
                      struct figures *figures, struct item_figures *item)
{
    size_t least = figures->grade_count > 0 ? figures->grade_count : 1;
    size_t most = figures->grade_count > 0 ? figures->grade_count : GRADE_MAX;

    if (!reader_is_list(reader, at, list, least, most)) {
        return false;
    }
    figures->grade_count = (uint32_t)json_array_size(list);
    for (uint32_t g = 0; g < figures->grade_count; g++) {
        if (!reader_at_uint32(reader, at, list, g, 0, FIGURE_MAX, &item->counts[g])) {
            return false;
        }
        item->valid += item->counts[g]; /* GRADE_MAX × FIGURE_MAX fits */
    }
    return true;
}

static bool items_read(struct reader *reader, const struct place *up, const json_t *list,
                       struct figures *figures)
{
    struct place at = { .up = up, .key = "items" };

    if (!reader_is_list(reader, &at, list, 1, ITEM_MAX)) {
        return false;
    }
    figures->item_count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < figures->item_count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!item_read(reader, &entry, json_array_get(list, i), figures, &figures->items[i])) {
            return false;
        }
    }
    return true;
}

/* What an older server does not say stays zero. */
static bool base_read(struct reader *reader, const struct place *at, json_t *object,
                      struct figures *figures)
{
    struct place place = { .up = at, .key = "rules" };
    json_t *rules = json_object_get(object, "rules");
    const char *word;

    if (json_object_get(object, "kind")) {
        word = reader_get_text(reader, at, object, "kind");
        if (!word) {
            return false;
        }
        figures->kind = contest_kind_parse(word);
    }
    figures->has_present = json_object_get(object, "present") != NULL;
    if (!reader_may_uint32(reader, at, object, "present", 0, SEAT_MAX, &figures->present) ||
        !reader_may_uint32(reader, at, object, "issued", 0, FIGURE_MAX, &figures->issued) ||
        !reader_may_time(reader, at, object, "ends_ms", &figures->ends_ms)) {
        return false;
    }
    if (json_object_get(object, "reason")) {
        word = reader_get_text(reader, at, object, "reason");
        if (!word) {
            return false;
        }
        snprintf(figures->reason, sizeof(figures->reason), "%s", word);
    }
    return !rules || (reader_is_object(reader, &place, rules) &&
                      reader_get_id(reader, &place, rules, "id", true, figures->rules) &&
                      reader_get_hex64(reader, &place, rules, "hash", &figures->rules_hash));
}

/* What is only said of a round that is over. */
static bool over_read(struct reader *reader, const struct place *at, json_t *object,
                      struct figures *figures)
{
    const char *word;

    figures->valid_count = figures->cast_count; /* an older server knows no other cards */
    if (json_object_get(object, "decision")) {
        word = reader_get_text(reader, at, object, "decision");
        if (!word) {
            return false;
        }
        figures->decision = decision_parse(word);
    }
    if (!reader_may_uint32(reader, at, object, "valid_cards", 0, FIGURE_MAX,
                           &figures->valid_count) ||
        !reader_may_uint32(reader, at, object, "void_cards", 0, FIGURE_MAX, &figures->void_count) ||
        !reader_may_uint32(reader, at, object, "pending", 0, FIGURE_MAX, &figures->pending)) {
        return false;
    }
    return figures->kind == CONTEST_APPRAISAL || figures->kind == CONTEST_INVALID
               ? appraisal_read(reader, at, object, figures)
               : election_read(reader, at, object, figures);
}

bool figures_read(struct reader *reader, const struct place *at, json_t *object,
                  struct figures *figures)
{
    memset(figures, 0, sizeof(*figures));
    if (!reader_is_object(reader, at, object) ||
        !reader_get_uint32(reader, at, object, "round", 1, ROUND_MAX, &figures->round) ||
        !reader_get_id(reader, at, object, "contest", false, figures->contest) ||
        !reader_get_id(reader, at, object, "subject", true, figures->subject) ||
        !words_read(reader, at, object, figures) ||
        !reader_get_uint32(reader, at, object, "registered", 0, SEAT_MAX, &figures->registered) ||
        !reader_get_time(reader, at, object, "opened_ms", &figures->opened_ms) ||
        !reader_get_time(reader, at, object, "closed_ms", &figures->closed_ms) ||
        !base_read(reader, at, object, figures)) {
        return false;
    }
    if (figures->shows >= LIVE_TURNOUT &&
        (!reader_get_uint32(reader, at, object, "cast", 0, FIGURE_MAX, &figures->cast_count) ||
         !reader_may_uint32(reader, at, object, "paper", 0, FIGURE_MAX, &figures->paper_count))) {
        return false;
    }
    if (figures->shows < LIVE_TALLY) {
        return true;
    }
    return items_read(reader, at, json_object_get(object, "items"), figures) &&
           (!round_state_is_over(figures->state) || over_read(reader, at, object, figures));
}

static void items_write(struct writer *writer, const struct figures *figures)
{
    writer_literal(writer, ",\"items\":[");
    for (uint32_t i = 0; i < figures->item_count; i++) {
        if (i > 0) {
            writer_literal(writer, ",");
        }
        writer_literal(writer, "[");
        for (uint32_t g = 0; g < figures->grade_count; g++) {
            if (g > 0) {
                writer_literal(writer, ",");
            }
            writer_uint(writer, figures->items[i].counts[g]);
        }
        writer_literal(writer, "]");
    }
    writer_literal(writer, "]");
}

static void base_write(struct writer *writer, const struct figures *figures)
{
    if (figures->kind != CONTEST_INVALID) {
        writer_literal(writer, ",\"kind\":");
        writer_string(writer, contest_kind_name(figures->kind));
    }
    if (figures->has_present) {
        writer_literal(writer, ",\"present\":");
        writer_uint(writer, figures->present);
    }
    writer_may_uint(writer, ",\"issued\":", figures->issued);
    writer_may_uint(writer, ",\"ends_ms\":", figures->ends_ms > 0 ? (uint64_t)figures->ends_ms : 0);
    if (figures->reason[0] != '\0') {
        writer_literal(writer, ",\"reason\":");
        writer_string(writer, figures->reason);
    }
    if (figures->rules[0] != '\0' || figures->rules_hash != 0) {
        writer_literal(writer, ",\"rules\":{\"id\":");
        writer_string(writer, figures->rules);
        writer_literal(writer, ",\"hash\":");
        writer_hex64(writer, figures->rules_hash);
        writer_literal(writer, "}");
    }
}

static void over_write(struct writer *writer, const struct figures *figures)
{
    if (figures->decision != DECISION_INVALID) {
        writer_literal(writer, ",\"decision\":");
        writer_string(writer, decision_name(figures->decision));
    }
    writer_literal(writer, ",\"valid_cards\":");
    writer_uint(writer, figures->valid_count);
    writer_literal(writer, ",\"void_cards\":");
    writer_uint(writer, figures->void_count);
    writer_may_uint(writer, ",\"pending\":", figures->pending);
    if (figures->kind == CONTEST_APPRAISAL || figures->kind == CONTEST_INVALID) {
        appraisal_write(writer, figures);
    } else {
        election_write(writer, figures);
    }
}

void figures_write(struct writer *writer, const struct figures *figures)
{
    writer_literal(writer, "{\"round\":");
    writer_uint(writer, figures->round);
    writer_literal(writer, ",\"contest\":");
    writer_string(writer, figures->contest);
    writer_literal(writer, ",\"subject\":");
    writer_string(writer, figures->subject);
    writer_literal(writer, ",\"state\":");
    writer_string(writer, round_state_name(figures->state));
    writer_literal(writer, ",\"shows\":");
    writer_string(writer, live_name(figures->shows));
    writer_literal(writer, ",\"registered\":");
    writer_uint(writer, figures->registered);
    if (figures->shows >= LIVE_TURNOUT) {
        writer_literal(writer, ",\"cast\":");
        writer_uint(writer, figures->cast_count);
        writer_may_uint(writer, ",\"paper\":", figures->paper_count);
    }
    writer_literal(writer, ",\"opened_ms\":");
    writer_int(writer, figures->opened_ms);
    writer_literal(writer, ",\"closed_ms\":");
    writer_int(writer, figures->closed_ms);
    base_write(writer, figures);
    if (figures->shows == LIVE_TALLY) {
        items_write(writer, figures);
        if (round_state_is_over(figures->state)) {
            over_write(writer, figures);
        }
    }
    writer_literal(writer, "}");
}
