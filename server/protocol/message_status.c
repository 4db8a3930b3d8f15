#include <string.h>

#include "server/model/name_table.h"
#include "server/model/utf8.h"
#include "server/protocol/message_parts.h"

/* What a session hears of its acts, of the server's state and of the cards that wait. */

static const char *const storage_names[STORAGE_COUNT] = {
    [STORAGE_INVALID] = "invalid",
    [STORAGE_GOOD] = "good",
    [STORAGE_FULL] = "full",
    [STORAGE_FAILED] = "failed",
};

const char *storage_name(enum storage storage)
{
    return name_table_name(storage_names, NAME_COUNT(storage_names), storage);
}

enum storage storage_parse(const char *name)
{
    return (enum storage)name_table_parse(storage_names, NAME_COUNT(storage_names), name);
}

static bool storage_read(struct reader *reader, const struct place *at, json_t *object,
                         enum storage *storage)
{
    const char *word = reader_get_text(reader, at, object, "storage");

    *storage = word ? storage_parse(word) : STORAGE_INVALID;
    return word != NULL;
}

bool alert_read(struct reader *reader, const struct place *at, json_t *object, struct alert *alert)
{
    const char *text;

    memset(alert, 0, sizeof(*alert));
    if (!storage_read(reader, at, object, &alert->storage)) {
        return false;
    }
    text = reader_get_text(reader, at, object, "text");
    if (text) {
        memcpy(alert->text, text, utf8_cut(text, sizeof(alert->text) - 1));
    }
    return text != NULL;
}

void alert_write(struct writer *writer, const struct alert *alert)
{
    writer_literal(writer, "{\"t\":\"alert\",\"storage\":");
    writer_string(writer, storage_name(alert->storage));
    writer_literal(writer, ",\"text\":");
    writer_string(writer, alert->text);
    writer_literal(writer, "}");
}

bool done_read(struct reader *reader, const struct place *at, json_t *object, struct done *done)
{
    memset(done, 0, sizeof(*done));
    return reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &done->id) &&
           reader_get_uint32(reader, at, object, "round", 0, ROUND_MAX, &done->round) &&
           (!json_object_get(object, "backup") ||
            reader_get_id(reader, at, object, "backup", false, done->backup));
}

void done_write(struct writer *writer, const struct done *done)
{
    writer_literal(writer, "{\"t\":\"done\",\"id\":");
    writer_uint(writer, done->id);
    writer_literal(writer, ",\"round\":");
    writer_uint(writer, done->round);
    if (done->backup[0] != '\0') {
        writer_literal(writer, ",\"backup\":");
        writer_string(writer, done->backup);
    }
    writer_literal(writer, "}");
}

/* Of who is there and what was decided; an older server does not say. */
static bool hall_read(struct reader *reader, const struct place *at, json_t *object,
                      struct status_report *status)
{
    const char *word;

    if (!reader_may_flag(reader, at, object, "check_in_open", &status->is_check_in_open) ||
        !reader_may_uint32(reader, at, object, "present", 0, SEAT_MAX, &status->present) ||
        !reader_may_uint32(reader, at, object, "issued", 0, FIGURE_MAX, &status->issued) ||
        !reader_may_uint32(reader, at, object, "pending", 0, UINT32_MAX, &status->pending) ||
        !reader_may_time(reader, at, object, "step_begun_ms", &status->step_begun_ms)) {
        return false;
    }
    if (json_object_get(object, "step") &&
        !reader_get_id(reader, at, object, "step", true, status->step)) {
        return false;
    }
    if (json_object_get(object, "storage") && !storage_read(reader, at, object, &status->storage)) {
        return false;
    }
    if (!json_object_get(object, "decision")) {
        return true;
    }
    word = reader_get_text(reader, at, object, "decision");
    status->decision = word ? decision_parse(word) : DECISION_INVALID;
    return word != NULL;
}

static void flag_write(struct writer *writer, bool flag)
{
    writer_put(writer, flag ? "true" : "false", flag ? 4 : 5);
}

bool status_read(struct reader *reader, const struct place *at, json_t *object,
                 struct status_report *status)
{
    struct place round = { .up = at, .key = "round" };
    struct place unsafe = { .up = at, .key = "unsafe_disk" };
    const json_t *flag = json_object_get(object, "unsafe_disk");

    memset(status, 0, sizeof(*status));
    if (!reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &status->id) ||
        !reader_get_id(reader, at, object, "event", false, status->event) ||
        !reader_get_log_id(reader, at, object, "log", status->log_id) ||
        !round_read(reader, &round, json_object_get(object, "round"), &status->round) ||
        !reader_get_uint32(reader, at, object, "registered", 0, SEAT_MAX, &status->registered) ||
        !reader_get_uint32(reader, at, object, "voters", 0, UINT32_MAX,
                           &status->connected_voters) ||
        !reader_get_uint32(reader, at, object, "cast", 0, FIGURE_MAX, &status->cast_count) ||
        !reader_get_number(reader, at, object, "epoch", 0, READER_NUMBER_MAX, &status->epoch) ||
        !reader_get_number(reader, at, object, "recorded", 0, READER_NUMBER_MAX,
                           &status->recorded_total) ||
        !reader_get_uint32(reader, at, object, "overlays", 0, UINT32_MAX, &status->overlays)) {
        return false;
    }
    if (!flag) {
        return reader_fault(reader, &unsafe, STATUS_INVALID, "missing");
    }
    return reader_may_flag(reader, at, object, "unsafe_disk", &status->unsafe_disk) &&
           hall_read(reader, at, object, status) && overlays_read(reader, at, object, status);
}

void status_write(struct writer *writer, const struct status_report *status)
{
    writer_literal(writer, "{\"t\":\"status\",\"id\":");
    writer_uint(writer, status->id);
    writer_literal(writer, ",\"event\":");
    writer_string(writer, status->event);
    writer_literal(writer, ",\"log\":");
    writer_string(writer, status->log_id);
    writer_literal(writer, ",\"round\":{");
    round_keys_write(writer, &status->round);
    writer_literal(writer, "},\"registered\":");
    writer_uint(writer, status->registered);
    writer_literal(writer, ",\"voters\":");
    writer_uint(writer, status->connected_voters);
    writer_literal(writer, ",\"cast\":");
    writer_uint(writer, status->cast_count);
    writer_literal(writer, ",\"epoch\":");
    writer_uint(writer, status->epoch);
    writer_literal(writer, ",\"recorded\":");
    writer_uint(writer, status->recorded_total);
    writer_literal(writer, ",\"overlays\":");
    writer_uint(writer, status->overlays);
    writer_literal(writer, ",\"unsafe_disk\":");
    flag_write(writer, status->unsafe_disk);
    writer_literal(writer, ",\"storage\":");
    writer_string(writer, storage_name(status->storage));
    writer_literal(writer, ",\"check_in_open\":");
    flag_write(writer, status->is_check_in_open);
    writer_literal(writer, ",\"present\":");
    writer_uint(writer, status->present);
    writer_literal(writer, ",\"issued\":");
    writer_uint(writer, status->issued);
    writer_literal(writer, ",\"pending\":");
    writer_uint(writer, status->pending);
    writer_literal(writer, ",\"decision\":");
    writer_string(writer, decision_name(status->decision));
    if (status->step[0] != '\0') {
        writer_literal(writer, ",\"step\":");
        writer_string(writer, status->step);
        writer_literal(writer, ",\"step_begun_ms\":");
        writer_int(writer, status->step_begun_ms);
    }
    if (status->air_count > 0) {
        status_air_write(writer, status);
    }
    writer_literal(writer, "}");
}

static bool case_read(struct reader *reader, const struct place *at, json_t *object,
                      struct case_report *report)
{
    const char *rule, *text;

    if (!reader_is_object(reader, at, object) ||
        !reader_get_uint32(reader, at, object, "number", 1, CASE_MAX, &report->number)) {
        return false;
    }
    rule = reader_get_text(reader, at, object, "rule");
    text = rule ? reader_get_text(reader, at, object, "text") : NULL;
    if (!text) {
        return false;
    }
    memcpy(report->rule, rule, utf8_cut(rule, sizeof(report->rule) - 1));
    memcpy(report->text, text, utf8_cut(text, sizeof(report->text) - 1));
    return true;
}

bool cases_read(struct reader *reader, const struct place *at, json_t *object,
                struct cases_report *cases)
{
    struct place place = { .up = at, .key = "cases" };
    const json_t *list = json_object_get(object, "cases");

    memset(cases, 0, sizeof(*cases));
    if (!reader_get_number(reader, at, object, "id", 0, MESSAGE_ID_MAX, &cases->id) ||
        !reader_get_uint32(reader, at, object, "round", 0, ROUND_MAX, &cases->round) ||
        !reader_get_uint32(reader, at, object, "total", 0, UINT32_MAX, &cases->total) ||
        !reader_is_list(reader, &place, list, 0, CASE_SHOWN_MAX)) {
        return false;
    }
    cases->count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < cases->count; i++) {
        struct place entry = { .up = &place, .index = i };

        if (!case_read(reader, &entry, json_array_get(list, i), &cases->cases[i])) {
            return false;
        }
    }
    return true;
}

void cases_write(struct writer *writer, const struct cases_report *cases)
{
    writer_literal(writer, "{\"t\":\"cases\",\"id\":");
    writer_uint(writer, cases->id);
    writer_literal(writer, ",\"round\":");
    writer_uint(writer, cases->round);
    writer_literal(writer, ",\"total\":");
    writer_uint(writer, cases->total);
    writer_literal(writer, ",\"cases\":[");
    for (uint32_t i = 0; i < cases->count; i++) {
        writer_put(writer, ",", i > 0);
        writer_literal(writer, "{\"number\":");
        writer_uint(writer, cases->cases[i].number);
        writer_literal(writer, ",\"rule\":");
        writer_string(writer, cases->cases[i].rule);
        writer_literal(writer, ",\"text\":");
        writer_string(writer, cases->cases[i].text);
        writer_literal(writer, "}");
    }
    writer_literal(writer, "]}");
}
