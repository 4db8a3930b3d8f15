#include "server/net/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/net/server_impl.h"

/*
 * Whether commits would tell of choices: a name written in for the first time is a commit of its
 * own, and nobody hears of names before the count.
 */
static bool has_silent_names(const struct server *server)
{
    const struct sitting *sitting = room_sitting(server->options.room);
    const struct round *latest = sitting_latest(sitting);
    return latest != NULL && server->options.event->contests[latest->contest].write_in_count > 0 &&
           (!round_state_is_over(latest->state) || latest->figures->pending > 0);
}

static void one_put(FILE *file, const char *name, const char *type, uint64_t value)
{
    fprintf(file, "# TYPE %s %s\n%s %" PRIu64 "\n", name, type, name, value);
}

static void sessions_put(FILE *file, const struct server *server)
{
    const struct session_counts *counts = sessions_counts(server->sessions);
    one_put(file, "minping_messages_total", "counter", counts->message_total);
    one_put(file, "minping_acks_total", "counter", counts->ack_total);
    fputs("# TYPE minping_refused_total counter\n", file);
    for (int refusal = 1; refusal < REFUSAL_COUNT; refusal++) {
        fprintf(file, "minping_refused_total{reason=\"%s\"} %" PRIu64 "\n",
                refusal_name((enum refusal)refusal), counts->refused_total[refusal]);
    }
    fputs("# TYPE minping_connections gauge\n", file);
    for (int role = ROLE_VIEWER; role < ROLE_COUNT; role++) {
        fprintf(file, "minping_connections{role=\"%s\"} %u\n", role_name((enum role)role),
                counts->open[role]);
    }
    one_put(file, "minping_strangers", "gauge",
            gate_count(server->gates[0]) + gate_count(server->gates[1]));
    one_put(file, "minping_strangers_shown_out_total", "counter", server->shown_out_total);
    one_put(file, "minping_slow_dropped_total", "counter", server->dropped_slow_total);
}

static void log_put(FILE *file, const struct server *server)
{
    struct votelog_figures log;
    votelog_figures(server->options.log, &log);
    one_put(file, "minping_log_marks_total", "counter", log.mark_total);
    one_put(file, "minping_log_marks_waiting", "gauge", log.mark_waiting);
    one_put(file, "minping_log_marks_dropped_total", "counter", log.dropped_total);
    one_put(file, "minping_storage_full", "gauge", log.is_full ? 1 : 0);
    if (!has_silent_names(server)) {
        one_put(file, "minping_log_commits_total", "counter", log.commit_count);
        fprintf(file,
                "# TYPE minping_log_commit_seconds_total counter\nminping_log_commit_seconds_total "
                "%.6f\n",
                (double)log.commit_ns_sum / 1e9);
    }
    fprintf(file,
            "# TYPE minping_view_epoch gauge\nminping_view_epoch{audience=\"public\"} %" PRIu64
            "\n",
            publisher_epoch(server->options.publisher, AUDIENCE_PUBLIC));
}

/* A label's value; a report holds no control characters. */
static void label_put(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', file);
        }
        fputc(*text, file);
    }
}

/* The labels that tell overlays apart; the brace stays open. Two may have one post and one bus. */
static void overlay_put(FILE *file, const char *name, const struct overlay *overlay, uint32_t place)
{
    fprintf(file, "%s{bus=\"%s\",post=\"%s\",place=\"%u\"", name, bus_name(overlay->report.bus),
            overlay->post, place);
}

static uint64_t frames_of(const struct air_report *report)
{
    return report->frames;
}

static uint64_t late_of(const struct air_report *report)
{
    return report->late;
}

static uint64_t repeated_of(const struct air_report *report)
{
    return report->repeated;
}

static uint64_t dropped_of(const struct air_report *report)
{
    return report->dropped;
}

static uint64_t pictures_dropped_of(const struct air_report *report)
{
    return report->pictures_dropped;
}

static uint64_t painters_of(const struct air_report *report)
{
    return report->painters;
}

static uint64_t painter_of(const struct air_report *report)
{
    return report->is_painter_up;
}

static uint64_t panic_of(const struct air_report *report)
{
    return report->is_panic;
}

static uint64_t hidden_of(const struct air_report *report)
{
    return report->is_hidden;
}

static uint64_t input_of(const struct air_report *report)
{
    return report->input == AIR_NONE || report->input == AIR_UP;
}

static const struct {
    const char *name;
    const char *type;
    uint64_t (*value)(const struct air_report *report);
} overlay_figures[] = {
    { "minping_overlay_frames_total", "counter", frames_of },
    { "minping_overlay_frames_late_total", "counter", late_of },
    { "minping_overlay_frames_repeated_total", "counter", repeated_of },
    { "minping_overlay_updates_dropped_total", "counter", dropped_of },
    { "minping_overlay_pictures_dropped_total", "counter", pictures_dropped_of },
    { "minping_overlay_painters_total", "counter", painters_of },
    { "minping_overlay_painter_up", "gauge", painter_of },
    { "minping_overlay_panic", "gauge", panic_of },
    { "minping_overlay_hidden", "gauge", hidden_of },
    { "minping_overlay_input_up", "gauge", input_of },
};

static void work_put(FILE *file, const struct overlay *overlay, uint32_t place, size_t figure)
{
    const struct air_report *report = &overlay->report;
    const struct air_work *works[] = { &report->paint, &report->convert, &report->blend };
    static const char *const names[] = { "paint", "convert", "blend" };
    for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
        overlay_put(file, "minping_overlay_work_seconds_sum", overlay, place);
        fprintf(file, ",work=\"%s\"} %.6f\n", names[i], (double)works[i]->us_sum / 1e6);
        overlay_put(file, "minping_overlay_work_seconds_count", overlay, place);
        fprintf(file, ",work=\"%s\"} %" PRIu64 "\n", names[i], works[i]->count);
    }
}

static void delays_put(FILE *file, const struct overlay *overlay, uint32_t place, size_t figure)
{
    const struct air_report *report = &overlay->report;
    uint64_t count = 0;
    for (size_t i = 0; i <= AIR_DELAY_COUNT; i++) {
        count += report->delays[i];
        overlay_put(file, "minping_overlay_delay_seconds_bucket", overlay, place);
        if (i < AIR_DELAY_COUNT) {
            fprintf(file, ",le=\"%.3g\"} %" PRIu64 "\n", air_delay_ms[i] / 1e3, count);
        } else {
            fprintf(file, ",le=\"+Inf\"} %" PRIu64 "\n", count);
        }
    }
    overlay_put(file, "minping_overlay_delay_seconds_sum", overlay, place);
    fprintf(file, "} %.3f\n", (double)report->delay_ms_sum / 1e3);
    overlay_put(file, "minping_overlay_delay_seconds_count", overlay, place);
    fprintf(file, "} %" PRIu64 "\n", count);
}

static uint64_t output_up_of(const struct air_output *output)
{
    return output->state == AIR_UP;
}

static uint64_t output_drops_of(const struct air_output *output)
{
    return output->drops;
}

static uint64_t output_restarts_of(const struct air_output *output)
{
    return output->restarts;
}

static const struct {
    const char *name;
    const char *type;
    uint64_t (*value)(const struct air_output *output);
} output_figures[] = {
    { "minping_overlay_output_up", "gauge", output_up_of },
    { "minping_overlay_output_drops_total", "counter", output_drops_of },
    { "minping_overlay_output_restarts_total", "counter", output_restarts_of },
};

/* One of two outputs with the same name would be a line twice, which Prometheus does not take. */
static bool is_named_before(const struct air_report *report, uint32_t output)
{
    for (uint32_t i = 0; i < output; i++) {
        if (strcmp(report->outputs[i].name, report->outputs[output].name) == 0) {
            return true;
        }
    }
    return false;
}

static void figure_put(FILE *file, const struct overlay *overlay, uint32_t place, size_t figure)
{
    overlay_put(file, overlay_figures[figure].name, overlay, place);
    fprintf(file, "} %" PRIu64 "\n", overlay_figures[figure].value(&overlay->report));
}

static void outputs_put(FILE *file, const struct overlay *overlay, uint32_t place, size_t figure)
{
    const struct air_report *report = &overlay->report;
    for (uint32_t i = 0; i < report->output_count; i++) {
        if (is_named_before(report, i)) {
            continue;
        }
        overlay_put(file, output_figures[figure].name, overlay, place);
        fputs(",output=\"", file);
        label_put(file, report->outputs[i].name);
        fprintf(file, "\"} %" PRIu64 "\n", output_figures[figure].value(&report->outputs[i]));
    }
}

/* One metric of every overlay that is live: its lines must stand together. */
static void each_put(FILE *file, const struct server *server, const char *name, const char *type,
                     void (*put)(FILE *file, const struct overlay *overlay, uint32_t place,
                                 size_t figure),
                     size_t figure)
{
    const struct overlays *overlays = sessions_overlays(server->sessions);
    int64_t now_ms = monotonic_ms();
    fprintf(file, "# TYPE %s %s\n", name, type);
    for (uint32_t place = 0; place < OVERLAY_PLACES; place++) {
        const struct overlay *overlay = overlays_at(overlays, place, now_ms);
        if (overlay != NULL) {
            put(file, overlay, place, figure);
        }
    }
}

static void overlays_put_all(FILE *file, const struct server *server)
{
    for (size_t i = 0; i < sizeof(overlay_figures) / sizeof(*overlay_figures); i++) {
        each_put(file, server, overlay_figures[i].name, overlay_figures[i].type, figure_put, i);
    }
    each_put(file, server, "minping_overlay_work_seconds", "summary", work_put, 0);
    each_put(file, server, "minping_overlay_delay_seconds", "histogram", delays_put, 0);
    for (size_t i = 0; i < sizeof(output_figures) / sizeof(*output_figures); i++) {
        each_put(file, server, output_figures[i].name, output_figures[i].type, outputs_put, i);
    }
    one_put(file, "minping_picture_parts_lost_total", "counter",
            sessions_pictures(server->sessions)->lost_total);
    one_put(file, "minping_overlay_reports_passed_over_total", "counter",
            sessions_overlays(server->sessions)->passed_total);
}

char *metrics_text(const struct server *server)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (file == NULL) {
        return NULL;
    }
    sessions_put(file, server);
    log_put(file, server);
    overlays_put_all(file, server);
    bool is_whole = !ferror(file);
    if (fclose(file) != 0 || !is_whole) {
        free(text);
        return NULL;
    }
    return text;
}
