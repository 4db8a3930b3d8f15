/*
 * latency: from a vote to the first frame that shows it. One voter after the other votes; a viewer
 * tells which epoch has it, the overlay's as-run log which frame showed that epoch, and the reader
 * of the frames when it was there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clients/bench/desk.h"
#include "clients/bench/film.h"
#include "clients/bench/latency.h"
#include "clients/bench/stage.h"
#include "clients/lib/client.h"

#define VOTE_MAX 400 /* seats, each votes once */
#define ANSWER_MAX_NS 10000000000
#define PAINTER_MAX_NS 20000000000
#define LOOK_NS 50000000
#define ENTRANCE_NS 1500000000
#define PAUSE_MIN_NS 60000000 /* and up to as much again and a frame: no step with the frames */
#define PAUSE_SPREAD_NS 100000000
#define PUBLISH_MS 40.0 /* publish_interval_ms of minpingd(1) */
#define FRAMES_MS 80.0  /* two of 1080i25 */

/* When a vote was sent, acknowledged, and in a view; 0: not yet. */
struct vote {
    int64_t sent_ns;
    int64_t acked_ns;
    int64_t viewed_ns;
    uint64_t epoch;
};

struct poll {
    struct client_loop *loop;
    struct client *voters[VOTE_MAX];
    struct client *viewer;
    uint32_t round;
    struct cast cast;
    uint32_t count;
    struct vote votes[VOTE_MAX + 1]; /* one that never comes behind the last */
    bool is_refused;
};

static void step_end(struct poll *poll)
{
    const struct vote *vote = &poll->votes[poll->count];
    if (vote->acked_ns != 0 && vote->viewed_ns != 0) {
        client_loop_stop(poll->loop);
    }
}

static void acked(void *ctx, const struct ack *ack)
{
    struct poll *poll = ctx;
    if (ack->id == poll->cast.id) {
        poll->votes[poll->count].acked_ns = bench_now_ns();
        step_end(poll);
    }
}

static void refused(void *ctx, const struct refused *refused)
{
    struct poll *poll = ctx;
    poll->is_refused = true;
    client_loop_stop(poll->loop);
}

/* The first view that has the newest vote. */
static void viewed(void *ctx, const struct view *view)
{
    struct poll *poll = ctx;
    struct vote *vote = &poll->votes[poll->count];
    if (vote->sent_ns != 0 && vote->viewed_ns == 0 && view->has_live &&
        view->live.round == poll->round && view->live.items[0].valid == poll->count + 1) {
        vote->viewed_ns = bench_now_ns();
        vote->epoch = view->epoch;
        step_end(poll);
    }
}

static enum status poll_open(struct poll *poll, const struct stage *stage, struct fault *fault)
{
    static const struct client_handlers voter = { .acked = acked, .refused = refused };
    static const struct client_handlers viewer = { .view = viewed };
    char url[64];
    snprintf(url, sizeof(url), "ws://127.0.0.1:%u", stage->port);
    struct client_options options = { .url = url, .role = ROLE_VOTER };
    poll->round = stage->round;
    enum status status = client_loop_create(NULL, VOTE_MAX + 1, &poll->loop, fault);
    for (uint32_t i = 0; i < VOTE_MAX && status == STATUS_OK; i++) {
        options.credential = stage->credentials[i];
        status = client_create(poll->loop, &options, &voter, poll, &poll->voters[i], fault);
    }
    options = (struct client_options){ .url = url, .role = ROLE_VIEWER };
    return status != STATUS_OK
               ? status
               : client_create(poll->loop, &options, &viewer, poll, &poll->viewer, fault);
}

static void poll_close(struct poll *poll)
{
    for (uint32_t i = 0; i < VOTE_MAX; i++) {
        client_destroy(poll->voters[i]);
    }
    client_destroy(poll->viewer);
    client_loop_destroy(poll->loop);
}

/* Sends one vote and waits until it is acknowledged and in a view. */
static enum status vote_cast(struct poll *poll, struct fault *fault)
{
    struct vote *vote = &poll->votes[poll->count];
    struct cast *cast = &poll->cast;
    *cast = (struct cast){ .round = poll->round, .card_count = 1, .mark_count = 1 };
    cast->cards[0].mark_count = 1;
    cast->marks[0] = (struct cast_mark){ .version = 1, .choice = (uint16_t)(poll->count % 3) };
    if (getrandom(cast->cards[0].nonce, NONCE_SIZE, 0) != NONCE_SIZE) {
        return fault_set(fault, STATUS_IO, "", "no random numbers");
    }
    vote->sent_ns = bench_now_ns();
    enum status status = client_cast(poll->voters[poll->count], cast, &cast->id);
    if (status == STATUS_OK) {
        client_loop_run(poll->loop, bench_now_ns() + ANSWER_MAX_NS);
    }
    if (status != STATUS_OK || poll->is_refused || vote->acked_ns == 0 || vote->viewed_ns == 0) {
        return fault_set(fault, STATUS_IO, "", "vote %u was %s", poll->count + 1,
                         poll->is_refused ? "refused" : "not acknowledged, or is in no view");
    }
    poll->count++;
    return STATUS_OK;
}

static int64_t pause_ns(void)
{
    uint32_t random = 0;
    (void)!getrandom(&random, sizeof(random), 0);
    return PAUSE_MIN_NS + random % PAUSE_SPREAD_NS;
}

static enum status votes_cast(const struct bench *bench, struct poll *poll, struct fault *fault)
{
    int64_t until_ns = bench_now_ns() + (int64_t)(bench->options.seconds * 1e9);
    enum status status = STATUS_OK;
    client_loop_run(poll->loop, bench_now_ns() + ENTRANCE_NS); /* connects; the strip comes in */
    while (status == STATUS_OK && bench_now_ns() < until_ns && poll->count < VOTE_MAX) {
        status = bench_wait(bench, bench->signal_fd, 0, fault);
        status = status == STATUS_BUSY ? vote_cast(poll, fault) : status;
        client_loop_run(poll->loop, bench_now_ns() + pause_ns());
    }
    client_loop_run(poll->loop, bench_now_ns() + LOOK_NS * 4); /* the last one goes on air */
    return status;
}

static enum status overlay_await(const struct stage *stage, struct fault *fault)
{
    struct status_report report = { 0 };
    int64_t until_ns = bench_now_ns() + PAINTER_MAX_NS;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && report.overlays == 0 && bench_now_ns() < until_ns) {
        bench_sleep_until(bench_now_ns() + LOOK_NS);
        status = desk_status(stage->desk_url, stage->officer_token, &report, fault);
    }
    return status != STATUS_OK || report.overlays > 0
               ? status
               : fault_set(fault, STATUS_IO, "", "the overlay does not connect");
}

/* Step by step: the ack, the view after it, the frame after that; and all of it. */
struct steps {
    struct latency ack;
    struct latency view;
    struct latency frame;
    struct latency whole;
    uint32_t unseen; /* votes that no frame showed */
};

static void steps_take(struct steps *steps, const struct poll *poll, const struct film *film)
{
    for (uint32_t i = 0; i < poll->count; i++) {
        const struct vote *vote = &poll->votes[i];
        int64_t shown_ns = film_epoch_ns(film, vote->epoch);
        if (shown_ns == 0) {
            steps->unseen++;
            continue;
        }
        latency_add(&steps->ack, vote->acked_ns - vote->sent_ns);
        latency_add(&steps->view, vote->viewed_ns - vote->acked_ns);
        latency_add(&steps->frame, shown_ns - vote->viewed_ns);
        latency_add(&steps->whole, shown_ns - vote->sent_ns);
    }
}

static void steps_report(const struct steps *steps, const struct poll *poll, struct report *report)
{
    double ack_p99 = latency_quantile_ms(&steps->ack, 0.99);
    double p99 = latency_quantile_ms(&steps->whole, 0.99);
    double bound = ack_p99 + PUBLISH_MS + FRAMES_MS;
    snprintf(report->title, sizeof(report->title),
             "%u votes, one after the other, strip on air at 1080i25, raw output", poll->count);
    report->floor = bound;
    report->ratio = p99 / bound;
    report_put(report, "ack_p50_ms", "sent to acknowledged, p50",
               latency_quantile_ms(&steps->ack, 0.5), 2, "ms");
    report_put(report, "ack_p99_ms", "  p99", ack_p99, 2, "ms");
    report_put(report, "view_p50_ms", "acknowledged to in a view, p50",
               latency_quantile_ms(&steps->view, 0.5), 2, "ms");
    report_put(report, "view_p99_ms", "  p99", latency_quantile_ms(&steps->view, 0.99), 2, "ms");
    report_put(report, "frame_p50_ms", "in a view to frame read whole, p50",
               latency_quantile_ms(&steps->frame, 0.5), 2, "ms");
    report_put(report, "frame_p99_ms", "  p99", latency_quantile_ms(&steps->frame, 0.99), 2, "ms");
    report_put(report, "p50_ms", "sent to frame read whole, p50",
               latency_quantile_ms(&steps->whole, 0.5), 2, "ms");
    report_put_goal(report, "p99_ms", "  p99", p99, 2, "ms", "at most ack p99 + 40 ms + 2 frames",
                    p99 <= bound);
    report_put(report, "max_ms", "  latest", latency_quantile_ms(&steps->whole, 1), 2, "ms");
    report_put_goal(report, "unseen", "votes that no frame showed", steps->unseen, 0, "votes",
                    "none", steps->unseen == 0);
}

enum status bench_latency(const struct bench *bench, struct report *report, struct fault *fault)
{
    static struct stage stage;
    static struct poll poll;
    static struct steps steps;
    struct film *film = NULL;
    enum status status = stage_open(bench, &stage, fault);
    if (status == STATUS_OK) {
        status = stage_open_server(bench, &stage, VOTE_MAX, 0, fault);
    }
    process_pin_both(bench);
    if (status == STATUS_OK) {
        status = film_start(bench->options.overlay_path, stage.dir, stage.log_path, stage.desk_url,
                            &film, fault);
    }
    if (status == STATUS_OK) {
        status = overlay_await(&stage, fault);
    }
    if (status == STATUS_OK) {
        status = desk_take_strip(stage.desk_url, stage.operator_token, "s01", fault);
    }
    if (status == STATUS_OK) {
        status = poll_open(&poll, &stage, fault);
    }
    if (status == STATUS_OK) {
        status = votes_cast(bench, &poll, fault);
    }
    poll_close(&poll);
    if (status == STATUS_OK) {
        status = film_stop(film, fault);
    }
    if (status == STATUS_OK) {
        steps_take(&steps, &poll, film);
        steps_report(&steps, &poll, report);
    }
    film_destroy(film);
    stage_close(&stage);
    return status;
}
