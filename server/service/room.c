#include "server/service/room.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/room_impl.h"

enum status room_create(const struct event *event, struct custody *custody, struct votelog *log,
                        const struct room_handlers *handlers, struct room **out,
                        struct fault *fault)
{
    *out = NULL;
    struct room *room = calloc(1, sizeof(*room));
    if (room == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the room");
    }
    room->event = event;
    room->custody = custody;
    room->log = log;
    room->handlers = *handlers;
    room->sitting = sitting_create(event);
    room->keys = calloc(event->seat_count, sizeof(*room->keys));
    room->seat_message = calloc(event->seat_count, sizeof(*room->seat_message));
    room->pending = calloc(ROOM_PENDING_MAX, sizeof(*room->pending));
    room->seat_names = calloc(event->seat_count, sizeof(*room->seat_names));
    room->arrivals = calloc(event->seat_count, sizeof(*room->arrivals));
    if (room->sitting == NULL || room->keys == NULL || room->seat_message == NULL ||
        room->pending == NULL || room->seat_names == NULL || room->arrivals == NULL) {
        room_destroy(room);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the room");
    }
    *out = room;
    return STATUS_OK;
}

void room_destroy(struct room *room)
{
    if (room == NULL) {
        return;
    }
    for (uint32_t i = 0; room->pending != NULL && i < room->pending_count; i++) {
        free(room->pending[(room->pending_first + i) % ROOM_PENDING_MAX].outcomes);
    }
    free(room->pending);
    free(room->waiting_names);
    free(room->seat_names);
    free(room->arrivals);
    free(room->seat_message);
    free(room->keys);
    ballot_box_destroy(room->offered);
    sitting_destroy(room->sitting);
    free(room);
}

const struct sitting *room_sitting(const struct room *room)
{
    return room->sitting;
}

bool room_take_dirty(struct room *room)
{
    bool is_dirty = room->is_dirty;
    room->is_dirty = false;
    return is_dirty;
}

/* Follows the current round with the box of offers: a copy of what is recorded, or none. */
static enum status offered_follow(struct room *room)
{
    const struct round *current = sitting_current(room->sitting);
    if (current == NULL) {
        ballot_box_destroy(room->offered);
        room->offered = NULL;
        return STATUS_OK;
    }
    if (current->number != room->keys_round) {
        memset(room->keys, 0, room->event->seat_count * sizeof(*room->keys));
        memset(room->seat_names, 0, room->event->seat_count * sizeof(*room->seat_names));
        room->keys_round = current->number;
        room->offered_name_count = sitting_name_count(room->sitting, current->contest);
        room->waiting_name_count = 0;
    }
    if (room->offered == NULL) {
        room->offered = ballot_box_copy(current->ballots);
    }
    return room->offered == NULL ? STATUS_NOMEM : STATUS_OK;
}

void room_seat_keys(struct room *room, uint32_t round, uint32_t seat, struct seat_keys *keys)
{
    assert(seat >= 1 && seat <= room->event->seat_count);
    struct seat_keys *cached = &room->keys[seat - 1];
    if (round == room->keys_round && cached->is_known) {
        *keys = *cached;
        return;
    }
    const struct round *of = sitting_round(room->sitting, round);
    bool is_named =
        of != NULL && room->event->contests[of->contest].rules->secrecy == SECRECY_NAMED;
    custody_slot(room->custody, round, seat, is_named, keys->slot);
    custody_receipt(room->custody, round, keys->slot, keys->receipt);
    keys->is_known = true;
    if (round == room->keys_round) {
        *cached = *keys;
    }
}

enum room_outcome room_refuse(struct refused *refused, uint64_t id, enum refusal refusal,
                              const char *text)
{
    memset(refused, 0, sizeof(*refused));
    refused->has_id = true;
    refused->id = id;
    refused->refusal = refusal;
    snprintf(refused->text, sizeof(refused->text), "%.*s", REFUSAL_TEXT_SIZE - 1, text);
    return ROOM_REFUSED;
}

struct pending *room_pending_push(struct room *room)
{
    assert(room->pending_count < ROOM_PENDING_MAX);
    uint32_t at = (room->pending_first + room->pending_count++) % ROOM_PENDING_MAX;
    memset(&room->pending[at], 0, sizeof(room->pending[at]));
    return &room->pending[at];
}

enum status room_reserve_epochs(struct room *room, uint64_t upto, int64_t now_ms)
{
    struct act act = { .kind = ACT_EPOCHS, .number = upto, .at_ms = now_ms };
    snprintf(act.post, sizeof(act.post), "server");
    enum status status = votelog_append_act(room->log, &act, &room->last_ticket);
    room->epochs_ticket = status == STATUS_OK ? room->last_ticket : room->epochs_ticket;
    return status;
}

static void pending_answer(struct room *room, const struct pending *pending)
{
    if (pending->kind == PENDING_ACT) {
        struct done done = { .id = pending->id, .round = pending->round };
        room->handlers.done(room->handlers.ctx, pending->sender, &done);
        return;
    }
    struct ack ack;
    ack.id = pending->id;
    ack.round = pending->round;
    if (pending->kind == PENDING_CASTS) {
        ack.outcome_count = pending->outcome_count;
        memcpy(ack.outcomes, pending->outcomes,
               pending->outcome_count * sizeof(*pending->outcomes));
    } else {
        struct seat_keys keys;
        room_seat_keys(room, pending->round, pending->seat, &keys);
        memset(&ack.outcomes[0], 0, sizeof(ack.outcomes[0]));
        ack.outcomes[0].seat = pending->seat;
        memcpy(ack.outcomes[0].receipt, keys.receipt, RECEIPT_SIZE);
        ack.outcome_count = 1;
    }
    room->handlers.acked(room->handlers.ctx, pending->sender, &ack);
}

static void pending_settle(struct room *room, uint64_t settled)
{
    while (room->pending_count > 0 && room->pending[room->pending_first].ticket <= settled) {
        struct pending *pending = &room->pending[room->pending_first];
        pending_answer(room, pending);
        free(pending->outcomes);
        pending->outcomes = NULL;
        room->pending_first = (room->pending_first + 1) % ROOM_PENDING_MAX;
        room->pending_count--;
    }
}

enum refusal room_log_refusal(enum status status)
{
    return status == STATUS_FULL       ? REFUSAL_BUSY
           : status == STATUS_NO_SPACE ? REFUSAL_STORAGE_FULL
                                       : REFUSAL_STORAGE;
}

/* The box of offers follows what a drain did. */
static void offers_follow(struct room *room)
{
    room->drain_status = offered_follow(room);
    if (room->drain_status != STATUS_OK) {
        (void)fault_set(room->drain_fault, room->drain_status, "",
                        "no memory for the ballots of the round");
    }
}

/*
 * What was offered up to `settled` and not handed back is in no log: the disk is full. Who waits
 * for it is told. So is every cast that waits: none was offered after those that were dropped, but
 * one may be a second sending of such, and it must not be acknowledged for what is not there.
 */
static void drop_visit(struct room *room, uint64_t settled)
{
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < room->pending_count; i++) {
        struct pending *pending = &room->pending[(room->pending_first + i) % ROOM_PENDING_MAX];
        struct refused refused;
        if (pending->kind == PENDING_ACT && pending->ticket > settled) {
            room->pending[(room->pending_first + kept_count++) % ROOM_PENDING_MAX] = *pending;
            continue;
        }
        (void)room_refuse(&refused, pending->id, REFUSAL_STORAGE_FULL,
                          room_refusal_text(REFUSAL_STORAGE_FULL));
        room->handlers.refused(room->handlers.ctx, pending->sender, &refused);
        free(pending->outcomes);
        pending->outcomes = NULL;
    }
    room->pending_count = kept_count;
    if (room->transition_ticket <= settled) {
        room->transition = TRANSITION_NONE;
    }
    if (room->epochs_ticket != 0 && room->epochs_ticket <= settled) {
        room->epochs_ticket = 0;
        room->handlers.epochs_reserved(room->handlers.ctx, sitting_epochs_reserved(room->sitting));
    }
    const struct round *current = sitting_current(room->sitting);
    room->waiting_name_count = 0;
    room->offered_name_count =
        current != NULL ? sitting_name_count(room->sitting, current->contest) : 0;
    ballot_box_destroy(room->offered);
    room->offered = NULL;
    offers_follow(room);
}

static void record_visit(void *ctx, const struct record *record)
{
    struct room *room = ctx;
    struct applied applied;
    if (room->drain_status != STATUS_OK) {
        return;
    }
    if (record->mark == NULL && record->act == NULL) {
        drop_visit(room, record->settled);
        return;
    }
    room->drain_status = sitting_apply(room->sitting, record, &applied, room->drain_fault);
    if (room->drain_status != STATUS_OK) {
        return;
    }
    room->is_dirty = room->is_dirty || applied.tally_changed || applied.round_changed;
    if (record->settled == 0) {
        return; /* replay: nobody waits */
    }
    bool is_officers = record->act != NULL && record->act->kind != ACT_EPOCHS &&
                       record->act->kind != ACT_TAKE && record->act->kind != ACT_CLEAR &&
                       record->act->kind != ACT_CONTINUE && record->act->kind != ACT_CUT &&
                       record->act->kind != ACT_ZERO_CHECK && record->act->kind != ACT_NAME &&
                       record->act->kind != ACT_ROLL;
    if (is_officers) {
        room->transition = TRANSITION_NONE;
    }
    if (applied.round_changed) {
        offers_follow(room);
    }
    if (record->act != NULL && record->act->kind == ACT_NAME) {
        room_name_settled(room);
    }
    pending_settle(room, record->settled); /* the last acks before the news that it closed */
    if (applied.round_changed) {
        room->handlers.round_changed(room->handlers.ctx);
    }
    if (applied.roll_changed) {
        room_arrivals_settle(room);
        room->handlers.roll_changed(room->handlers.ctx);
    }
    if (applied.programme_changed) {
        room->handlers.programme_changed(room->handlers.ctx);
    }
    if (record->act != NULL && record->act->kind == ACT_EPOCHS) {
        room->epochs_ticket = 0;
        room->handlers.epochs_reserved(room->handlers.ctx, record->act->number);
    }
}

enum status room_replay(struct room *room, struct fault *fault)
{
    room->drain_status = STATUS_OK;
    room->drain_fault = fault;
    enum status status = votelog_replay(room->log, record_visit, room, fault);
    if (status == STATUS_OK) {
        status = room->drain_status;
    }
    if (status == STATUS_OK) {
        status = offered_follow(room);
    }
    const struct round *latest = sitting_latest(room->sitting);
    room->replayed_round = latest != NULL ? latest->number : 0;
    room->is_dirty = true;
    return status;
}

enum status room_drain(struct room *room, uint32_t visit_max, uint32_t *visited,
                       struct fault *fault)
{
    room->drain_status = STATUS_OK;
    room->drain_fault = fault;
    enum status status = votelog_drain(room->log, visit_max, record_visit, room, visited);
    if (status != STATUS_OK) {
        (void)votelog_health(room->log, fault);
        return status;
    }
    if (room->drain_status == STATUS_OK) {
        room_held_do(room); /* not before: a visit must not offer anything */
    }
    return room->drain_status;
}

static void slate_notice(const struct room *room, const struct round *round,
                         struct round_notice *notice)
{
    const struct contest *contest = &room->event->contests[round->contest];
    notice->stage = contest->kind == CONTEST_ELECTION ? round->slate.stage : STAGE_INVALID;
    notice->seats = round->slate.seats;
    notice->slate = round->slate.candidates;
    notice->candidate_count = contest->candidate_count;
    memcpy(notice->order, sitting_order(room->sitting, round->contest), contest->candidate_count);
    for (uint32_t line = 0; line < contest->write_in_count; line++) {
        uint32_t item = contest->candidate_count + line;
        notice->write_in_count += sitting_round_has(room->sitting, round, item);
        if (round->slate.adopted[line] != 0) {
            snprintf(notice->adopted[notice->adopted_count++], WRITTEN_NAME_SIZE, "%s",
                     sitting_name(room->sitting, round->contest, round->slate.adopted[line]));
        }
    }
}

void room_round_notice(const struct room *room, struct round_notice *notice)
{
    memset(notice, 0, sizeof(*notice));
    notice->state = ROUND_PLANNED;
    const struct round *round = sitting_latest(room->sitting);
    if (round == NULL) {
        return;
    }
    const struct contest *contest = &room->event->contests[round->contest];
    notice->round = round->number;
    notice->state = round->state;
    notice->item_count = round->tally.item_count;
    notice->grade_count = round->tally.grade_count;
    notice->kind = contest->kind;
    notice->ends_ms = round->ends_ms;
    notice->is_first_final = contest->rules->answer == ANSWER_FIRST;
    notice->asks_item = contest->rules->asking == ASKING_ITEM;
    notice->asked = (uint32_t)(round->asked + 1);
    snprintf(notice->contest, sizeof(notice->contest), "%s", contest->id);
    if (contest->kind == CONTEST_APPRAISAL) {
        snprintf(notice->subject, sizeof(notice->subject), "%s",
                 contest->subjects[round->subject].id);
    } else if (contest->kind != CONTEST_MOTION) {
        slate_notice(room, round, notice);
    }
}

bool room_versions(struct room *room, uint32_t seat, struct seat_versions *versions)
{
    const struct round *round = sitting_latest(room->sitting);
    memset(versions, 0, sizeof(*versions));
    versions->seat = seat;
    if (round == NULL) {
        return false;
    }
    struct seat_keys keys;
    room_seat_keys(room, round->number, seat, &keys);
    return ballot_box_versions(round->ballots, keys.slot, versions->versions);
}

uint64_t room_recorded_total(const struct room *room)
{
    struct votelog_figures figures;
    votelog_figures(room->log, &figures);
    return figures.mark_total;
}

uint32_t room_waiting(const struct room *room)
{
    return room->pending_count;
}
