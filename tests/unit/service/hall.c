#include "hall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/disk.h"

static void woke(void *ctx)
{
    struct hall *hall = ctx;
    pthread_mutex_lock(&hall->lock);
    hall->wake_count++;
    pthread_cond_signal(&hall->woke);
    pthread_mutex_unlock(&hall->lock);
}

static void acked(void *ctx, struct sender sender, const struct ack *ack)
{
    struct hall *hall = ctx;
    assert_true(hall->ack_count < HALL_ANSWER_MAX);
    hall->ack_senders[hall->ack_count] = sender;
    hall->acks[hall->ack_count++] = *ack;
}

static void done(void *ctx, struct sender sender, const struct done *what)
{
    struct hall *hall = ctx;
    assert_true(hall->done_count < HALL_ANSWER_MAX);
    hall->dones[hall->done_count++] = *what;
}

static void refused_later(void *ctx, struct sender sender, const struct refused *what)
{
    struct hall *hall = ctx;
    hall->refused = *what;
    hall->refused_count++;
}

static void roll_changed(void *ctx)
{
    ((struct hall *)ctx)->roll_change_count++;
}

static void round_changed(void *ctx)
{
    ((struct hall *)ctx)->round_change_count++;
}

static void programme_changed(void *ctx)
{
    ((struct hall *)ctx)->programme_change_count++;
}

static void epochs_reserved(void *ctx, uint64_t upto)
{
    ((struct hall *)ctx)->epochs_reserved = upto;
}

static void room_begin_over_log(struct hall *hall)
{
    struct votelog_options options = { .dir = hall->dir, .wake = woke, .ctx = hall };
    assert_int_equal(hall->open(&options, &hall->identity, &hall->log, NULL), STATUS_OK);
    struct room_handlers handlers = {
        .acked = acked,
        .done = done,
        .refused = refused_later,
        .round_changed = round_changed,
        .roll_changed = roll_changed,
        .programme_changed = programme_changed,
        .epochs_reserved = epochs_reserved,
        .ctx = hall,
    };
    assert_int_equal(
        room_create(hall->event, hall->custody, hall->log, &handlers, &hall->room, NULL),
        STATUS_OK);
    assert_int_equal(room_replay(hall->room, NULL), STATUS_OK);
}

void hall_open(struct hall *hall, enum live live)
{
    hall_open_event(hall, fixture_event(live));
}

void hall_open_event(struct hall *hall, struct event *event)
{
    hall_open_log(hall, event, votelog_open_memory);
}

void hall_open_log(struct hall *hall, struct event *event, hall_log_fn open)
{
    memset(hall, 0, sizeof(*hall));
    pthread_mutex_init(&hall->lock, NULL);
    pthread_cond_init(&hall->woke, NULL);
    hall->event = event;
    snprintf(hall->dir, sizeof(hall->dir), "/tmp/minping-hall-XXXXXX");
    assert_non_null(mkdtemp(hall->dir));
    assert_int_equal(custody_open(hall->dir, hall->event, NULL, true, &hall->custody, NULL),
                     STATUS_OK);
    hall->open = open;
    room_begin_over_log(hall);
}

void hall_restart(struct hall *hall)
{
    (void)votelog_close(hall->log, NULL);
    room_destroy(hall->room);
    room_begin_over_log(hall);
}

void hall_close(struct hall *hall)
{
    (void)votelog_close(hall->log, NULL);
    room_destroy(hall->room);
    custody_close(hall->custody);
    event_destroy(hall->event);
    (void)disk_remove_dir(hall->dir);
}

/* Waits for the writer, drains; what came of it. */
static uint32_t drain_next(struct hall *hall)
{
    uint32_t visited = 0;
    struct fault fault = { 0 };
    assert_int_equal(room_drain(hall->room, 1000, &visited, &fault), STATUS_OK);
    if (visited == 0) {
        pthread_mutex_lock(&hall->lock);
        while (hall->wake_count == 0) {
            pthread_cond_wait(&hall->woke, &hall->lock);
        }
        hall->wake_count = 0;
        pthread_mutex_unlock(&hall->lock);
    }
    return visited;
}

void hall_settle(struct hall *hall)
{
    while (room_waiting(hall->room) > 0) {
        (void)drain_next(hall);
    }
}

void hall_wait(struct hall *hall)
{
    while (drain_next(hall) == 0) {
    }
    hall_settle(hall);
}

void hall_control(struct hall *hall, enum control_kind kind, const char *subject)
{
    struct control control = { .kind = kind, .id = 900 };
    struct refused refused;
    struct sender officer = { 99, 1 };
    snprintf(control.contest, sizeof(control.contest), "appraisal");
    snprintf(control.subject, sizeof(control.subject), "%s", subject);
    uint32_t before = hall->done_count;
    assert_int_equal(room_control(hall->room, officer, "officer-1", &control, 5000, &refused),
                     ROOM_PENDING);
    hall_settle(hall);
    assert_int_equal(hall->done_count, before + 1);
}

struct cast *hall_cast(uint32_t round, uint32_t seat, uint16_t item, uint32_t version,
                       uint8_t choice, uint8_t nonce)
{
    static struct cast cast;
    memset(&cast, 0, sizeof(cast));
    cast.id = version;
    cast.round = round;
    cast.card_count = 1;
    cast.mark_count = 1;
    cast.cards[0].seat = seat;
    cast.cards[0].mark_count = 1;
    memset(cast.cards[0].nonce, nonce, NONCE_SIZE);
    cast.marks[0].version = version;
    cast.marks[0].item = item;
    cast.marks[0].choice = choice;
    return &cast;
}
