#include <string.h>

#include "server/protocol/message_parts.h"

/* What an overlay says of itself; in a status also what the server says of each of them. */

#define COUNT_MOST (AIR_COUNT_MAX - 1)

static bool count_read(struct reader *reader, const struct place *at, json_t *object,
                       const char *key, uint64_t *count)
{
    return reader_get_number(reader, at, object, key, 0, COUNT_MOST, count);
}

static bool flag_read(struct reader *reader, const struct place *at, json_t *object,
                      const char *key, bool *flag)
{
    struct place place = { .up = at, .key = key };

    if (!json_object_get(object, key)) {
        return reader_fault(reader, &place, STATUS_INVALID, "missing");
    }
    return reader_may_flag(reader, at, object, key, flag);
}

static bool state_read(struct reader *reader, const struct place *at, json_t *object,
                       const char *key, enum air_state *state)
{
    struct place place = { .up = at, .key = key };
    const char *word = reader_get_text(reader, at, object, key);

    if (!word) {
        return false;
    }
    return air_state_parse(word, state) ||
           reader_fault(reader, &place, STATUS_INVALID, "must be none, up, retrying or failed");
}

static bool bus_read(struct reader *reader, const struct place *at, json_t *object, enum bus *bus)
{
    struct place place = { .up = at, .key = "bus" };
    const char *word = reader_get_text(reader, at, object, "bus");

    if (!word) {
        return false;
    }
    *bus = bus_parse(word);
    return *bus != BUS_INVALID ||
           reader_fault(reader, &place, STATUS_INVALID, "must be programme or preview");
}

static bool format_read(struct reader *reader, const struct place *at, json_t *object,
                        char format[AIR_FORMAT_SIZE])
{
    struct place place = { .up = at, .key = "format" };
    const char *text = reader_get_text(reader, at, object, "format");
    size_t size;

    if (!text) {
        return false;
    }
    size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (size == 0 || size >= AIR_FORMAT_SIZE || text[size] != '\0') {
        return reader_fault(reader, &place, STATUS_INVALID, "must be 1 to %d of a-z, 0-9 and -",
                            AIR_FORMAT_SIZE - 1);
    }
    memcpy(format, text, size + 1);
    return true;
}

static bool work_read(struct reader *reader, const struct place *up, json_t *object,
                      const char *key, struct air_work *work)
{
    static const char *const keys[] = { "count", "us_sum", "us_max" };
    struct place at = { .up = up, .key = key };
    json_t *value = json_object_get(object, key);

    return reader_is_object(reader, &at, value) &&
           count_read(reader, &at, value, "count", &work->count) &&
           count_read(reader, &at, value, "us_sum", &work->us_sum) &&
           count_read(reader, &at, value, "us_max", &work->us_max) &&
           reader_keys(reader, &at, value, keys, KEY_COUNT(keys));
}

static bool delays_read(struct reader *reader, const struct place *up, json_t *object,
                        uint64_t delays[AIR_DELAY_COUNT + 1])
{
    struct place at = { .up = up, .key = "delays" };
    const json_t *list = json_object_get(object, "delays");

    if (!reader_is_list(reader, &at, list, AIR_DELAY_COUNT + 1, AIR_DELAY_COUNT + 1)) {
        return false;
    }
    for (size_t i = 0; i <= AIR_DELAY_COUNT; i++) {
        struct place place = { .up = &at, .index = i };

        /* Of all together no more than COUNT_MOST, so that they can be added up. */
        if (!reader_number(reader, &place, json_array_get(list, i), 0,
                           COUNT_MOST / (AIR_DELAY_COUNT + 1), &delays[i])) {
            return false;
        }
    }
    return true;
}

/* A name that could be shown anywhere, as air_name_set() leaves it. */
static bool name_read(struct reader *reader, const struct place *at, json_t *object,
                      char name[AIR_OUTPUT_NAME_SIZE])
{
    struct place place = { .up = at, .key = "name" };
    const char *text = reader_get_text(reader, at, object, "name");
    size_t size = text ? strlen(text) : 0;

    if (!text) {
        return false;
    }
    if (size >= AIR_OUTPUT_NAME_SIZE) {
        return reader_fault(reader, &place, STATUS_INVALID, "must be at most %d bytes",
                            AIR_OUTPUT_NAME_SIZE - 1);
    }
    air_name_set(name, text);
    return strcmp(name, text) == 0 ||
           reader_fault(reader, &place, STATUS_INVALID, "must not hold control characters");
}

static bool output_read(struct reader *reader, const struct place *at, json_t *object,
                        struct air_output *output)
{
    static const char *const keys[] = { "name", "state", "frames", "drops", "restarts" };

    return reader_is_object(reader, at, object) && name_read(reader, at, object, output->name) &&
           state_read(reader, at, object, "state", &output->state) &&
           count_read(reader, at, object, "frames", &output->frames) &&
           count_read(reader, at, object, "drops", &output->drops) &&
           count_read(reader, at, object, "restarts", &output->restarts) &&
           reader_keys(reader, at, object, keys, KEY_COUNT(keys));
}

static bool outputs_read(struct reader *reader, const struct place *up, json_t *object,
                         struct air_report *report)
{
    struct place at = { .up = up, .key = "outputs" };
    const json_t *list = json_object_get(object, "outputs");

    if (!reader_is_list(reader, &at, list, 0, AIR_OUTPUT_MAX)) {
        return false;
    }
    report->output_count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < report->output_count; i++) {
        struct place place = { .up = &at, .index = i };

        if (!output_read(reader, &place, json_array_get(list, i), &report->outputs[i])) {
            return false;
        }
    }
    return true;
}

static bool counts_read(struct reader *reader, const struct place *at, json_t *object,
                        struct air_report *report)
{
    return count_read(reader, at, object, "frames", &report->frames) &&
           count_read(reader, at, object, "late", &report->late) &&
           count_read(reader, at, object, "repeated", &report->repeated) &&
           count_read(reader, at, object, "dropped", &report->dropped) &&
           count_read(reader, at, object, "pictures_dropped", &report->pictures_dropped) &&
           count_read(reader, at, object, "painters", &report->painters) &&
           count_read(reader, at, object, "delay_ms_sum", &report->delay_ms_sum) &&
           work_read(reader, at, object, "paint", &report->paint) &&
           work_read(reader, at, object, "convert", &report->convert) &&
           work_read(reader, at, object, "blend", &report->blend);
}

static bool report_read(struct reader *reader, const struct place *at, json_t *object,
                        struct air_report *report)
{
    memset(report, 0, sizeof(*report));
    return bus_read(reader, at, object, &report->bus) &&
           format_read(reader, at, object, report->format) &&
           counts_read(reader, at, object, report) &&
           flag_read(reader, at, object, "painter_up", &report->is_painter_up) &&
           flag_read(reader, at, object, "panic", &report->is_panic) &&
           flag_read(reader, at, object, "hidden", &report->is_hidden) &&
           state_read(reader, at, object, "input", &report->input) &&
           delays_read(reader, at, object, report->delays) &&
           outputs_read(reader, at, object, report);
}

bool report_message_read(struct reader *reader, const struct place *at, json_t *object,
                         struct air_report *report)
{
    static const char *const keys[] = { "t",        "bus",          "format",  "frames",
                                        "late",     "repeated",     "dropped", "pictures_dropped",
                                        "painters", "painter_up",   "panic",   "hidden",
                                        "input",    "paint",        "convert", "blend",
                                        "delays",   "delay_ms_sum", "outputs" };

    return report_read(reader, at, object, report) &&
           reader_keys(reader, at, object, keys, KEY_COUNT(keys));
}

static void key_write(struct writer *writer, const char *key, uint64_t number)
{
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_literal(writer, ":");
    writer_uint(writer, number);
}

static void flag_write(struct writer *writer, const char *key, bool flag)
{
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_put(writer, flag ? ":true" : ":false", flag ? 5 : 6);
}

static void work_write(struct writer *writer, const char *key, const struct air_work *work)
{
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_literal(writer, ":{\"count\":");
    writer_uint(writer, work->count);
    key_write(writer, "us_sum", work->us_sum);
    key_write(writer, "us_max", work->us_max);
    writer_literal(writer, "}");
}

static void outputs_write(struct writer *writer, const struct air_report *report)
{
    writer_literal(writer, ",\"outputs\":[");
    for (uint32_t i = 0; i < report->output_count; i++) {
        const struct air_output *output = &report->outputs[i];

        writer_put(writer, ",", i > 0);
        writer_literal(writer, "{\"name\":");
        writer_string(writer, output->name);
        writer_literal(writer, ",\"state\":");
        writer_string(writer, air_state_name(output->state));
        key_write(writer, "frames", output->frames);
        key_write(writer, "drops", output->drops);
        key_write(writer, "restarts", output->restarts);
        writer_literal(writer, "}");
    }
    writer_literal(writer, "]");
}

static void report_keys_write(struct writer *writer, const struct air_report *report)
{
    writer_literal(writer, "\"bus\":");
    writer_string(writer, bus_name(report->bus));
    writer_literal(writer, ",\"format\":");
    writer_string(writer, report->format);
    key_write(writer, "frames", report->frames);
    key_write(writer, "late", report->late);
    key_write(writer, "repeated", report->repeated);
    key_write(writer, "dropped", report->dropped);
    key_write(writer, "pictures_dropped", report->pictures_dropped);
    key_write(writer, "painters", report->painters);
    flag_write(writer, "painter_up", report->is_painter_up);
    flag_write(writer, "panic", report->is_panic);
    flag_write(writer, "hidden", report->is_hidden);
    writer_literal(writer, ",\"input\":");
    writer_string(writer, air_state_name(report->input));
    work_write(writer, "paint", &report->paint);
    work_write(writer, "convert", &report->convert);
    work_write(writer, "blend", &report->blend);
    writer_literal(writer, ",\"delays\":[");
    for (size_t i = 0; i <= AIR_DELAY_COUNT; i++) {
        writer_put(writer, ",", i > 0);
        writer_uint(writer, report->delays[i]);
    }
    writer_literal(writer, "]");
    key_write(writer, "delay_ms_sum", report->delay_ms_sum);
    outputs_write(writer, report);
}

void report_message_write(struct writer *writer, const struct air_report *report)
{
    writer_literal(writer, "{\"t\":\"air\",");
    report_keys_write(writer, report);
    writer_literal(writer, "}");
}

bool overlays_read(struct reader *reader, const struct place *up, json_t *object,
                   struct status_report *status)
{
    struct place at = { .up = up, .key = "air" };
    json_t *list = json_object_get(object, "air");

    if (!list) {
        return true; /* an older server does not say */
    }
    if (!reader_is_list(reader, &at, list, 0, OVERLAY_MAX)) {
        return false;
    }
    status->air_count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < status->air_count; i++) {
        struct place place = { .up = &at, .index = i };
        json_t *value = json_array_get(list, i);
        struct overlay_status *overlay = &status->air[i];

        if (!reader_is_object(reader, &place, value) ||
            !reader_get_id(reader, &place, value, "post", false, overlay->post) ||
            !report_read(reader, &place, value, &overlay->report)) {
            return false;
        }
    }
    return true;
}

void status_air_write(struct writer *writer, const struct status_report *status)
{
    writer_literal(writer, ",\"air\":[");
    for (uint32_t i = 0; i < status->air_count; i++) {
        writer_put(writer, ",", i > 0);
        writer_literal(writer, "{\"post\":");
        writer_string(writer, status->air[i].post);
        writer_literal(writer, ",");
        report_keys_write(writer, &status->air[i].report);
        writer_literal(writer, "}");
    }
    writer_literal(writer, "]");
}
