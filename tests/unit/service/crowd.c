#include "crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "election_fixture.h"
#include "server/base/disk.h"
#include "server/core/disclosure.h"
#include "server/model/rules.h"
#include "server/votelog/votelog_impl.h"

/* xorshift64*: the same hall from the same seed. */
uint32_t crowd_draw(struct crowd *crowd, uint32_t below)
{
    crowd->random ^= crowd->random >> 12;
    crowd->random ^= crowd->random << 25;
    crowd->random ^= crowd->random >> 27;
    return (uint32_t)((crowd->random * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % below;
}

/* The log that keeps its records; it is written to when the crowd drains it, and not before. */

static enum status kept_open(const struct votelog_options *options,
                             struct votelog_identity *identity, void **state,
                             struct votelog_extent *extent, struct fault *fault)
{
    struct crowd *crowd = options->ctx;
    *state = crowd;
    *extent = (struct votelog_extent){ 0 };
    for (uint32_t i = 0; i < crowd->record_count; i++) {
        extent->batch_last = crowd->records[i].batch;
        extent->mark_total += !crowd->records[i].is_act;
    }
    return votelog_id_draw(identity->log_id, fault);
}

static enum status kept_replay(void *state, votelog_visit_fn visit, void *ctx, struct fault *fault)
{
    struct crowd *crowd = state;
    for (uint32_t i = 0; i < crowd->record_count; i++) {
        const struct kept_record *kept = &crowd->records[i];
        struct record record = { .batch = kept->batch,
                                 .mark = kept->is_act ? NULL : &kept->mark,
                                 .act = kept->act };
        visit(ctx, &record);
    }
    return STATUS_OK;
}

static struct kept_record *record_append(struct crowd *crowd, uint64_t batch)
{
    assert_true(crowd->record_count < CROWD_RECORD_MAX);
    struct kept_record *kept = &crowd->records[crowd->record_count++];
    memset(kept, 0, sizeof(*kept));
    kept->batch = batch;
    return kept;
}

static enum status kept_write(void *state, uint64_t batch, const struct mark *marks, uint32_t count,
                              const struct act *act, struct fault *fault)
{
    struct crowd *crowd = state;
    for (uint32_t i = 0; i < count; i++) {
        record_append(crowd, batch)->mark = marks[i];
    }
    if (act != NULL) {
        struct kept_record *kept = record_append(crowd, batch);
        kept->is_act = true;
        kept->act = malloc(sizeof(*kept->act));
        *kept->act = *act;
    }
    return STATUS_OK;
}

static enum status kept_rest(void *state, struct fault *fault)
{
    return STATUS_OK;
}

static void kept_fail(void *state, const struct fault *fault)
{
}

static enum status kept_close(void *state, bool is_failed, struct fault *fault)
{
    return STATUS_OK;
}

static void woke(void *ctx)
{
    /* The crowd drains by itself. */
}

/* What the crowd hears. */

static void learn(struct crowd *crowd, const struct cast *cast, const struct cast_card *card,
                  uint32_t seat)
{
    const struct sitting *sitting = room_sitting(crowd->room);
    const struct round *round = sitting_round(sitting, cast->round);
    for (uint32_t i = 0; i < card->mark_count; i++) {
        const struct cast_mark *mark = &cast->marks[card->first_mark + i];
        struct known_mark *known = &crowd->known[cast->round][seat - 1][mark->item];
        bool is_line = sitting_round_is_line(sitting, round, mark->item);
        if (mark->version <= known->version) {
            continue;
        }
        known->version = mark->version;
        known->choice = mark->choice;
        snprintf(known->name, sizeof(known->name), "%s",
                 is_line && mark->choice > 0 ? cast->names[card->first_name + mark->choice - 1]
                                             : "");
    }
}

static void acked(void *ctx, struct sender sender, const struct ack *ack)
{
    struct crowd *crowd = ctx;
    struct sent_cast *sent = &crowd->sent[ack->id - 1];
    bool is_busy = false;
    for (uint32_t i = 0; i < ack->outcome_count; i++) {
        const struct card_outcome *outcome = &ack->outcomes[i];
        is_busy = is_busy || outcome->refusal == REFUSAL_BUSY;
        if (outcome->refusal == REFUSAL_NONE) {
            learn(crowd, sent->cast, &sent->cast->cards[i], outcome->seat);
            crowd->acked_count++;
        }
    }
    sent->is_answered = !is_busy;
}

static void done(void *ctx, struct sender sender, const struct done *what)
{
}

static void refused_later(void *ctx, struct sender sender, const struct refused *what)
{
}

static void changed(void *ctx)
{
}

static void epochs_reserved(void *ctx, uint64_t upto)
{
    ((struct crowd *)ctx)->epoch_drained = upto;
}

void crowd_send(struct crowd *crowd, uint32_t index)
{
    struct sent_cast *sent = &crowd->sent[index];
    struct sender sender = { sent->seat, 1 };
    static struct ack ack;
    struct refused refused = { 0 };
    switch (room_cast(crowd->room, sender, sent->seat, sent->cast, &ack, &refused)) {
    case ROOM_ANSWERED:
        acked(crowd, sender, &ack);
        break;
    case ROOM_REFUSED:
        sent->is_answered = refused.refusal != REFUSAL_BUSY;
        break;
    default:
        sent->is_answered = false; /* also where it was refused when it was sent before */
        break;
    }
}

/* Life. */

static bool log_start(struct crowd *crowd, struct fault *fault)
{
    static const struct votelog_backend backend = {
        .open = kept_open,
        .replay = kept_replay,
        .write_batch = kept_write,
        .rest = kept_rest,
        .fail = kept_fail,
        .close = kept_close,
    };
    struct votelog_options options = { .dir = crowd->dir, .wake = woke, .ctx = crowd };
    struct room_handlers handlers = {
        .acked = acked,
        .done = done,
        .refused = refused_later,
        .round_changed = changed,
        .roll_changed = changed,
        .programme_changed = changed,
        .epochs_reserved = epochs_reserved,
        .ctx = crowd,
    };
    return votelog_open_stepped(&backend, &options, &crowd->identity, &crowd->log, fault) ==
               STATUS_OK &&
           room_create(crowd->event, crowd->custody, crowd->log, &handlers, &crowd->room, fault) ==
               STATUS_OK &&
           room_replay(crowd->room, fault) == STATUS_OK &&
           room_begin(crowd->room, crowd->now_ms, fault) == STATUS_OK;
}

static void log_end(struct crowd *crowd)
{
    while (votelog_step(crowd->log)) { /* as a clean stop, which writes what waits */
    }
    (void)votelog_close(crowd->log, NULL);
    room_destroy(crowd->room);
}

/* One event of an appraisal, an election, a motion and a recommendation. */
static struct event *event_make(struct crowd *crowd)
{
    struct event *event = fixture_event(LIVE_TALLY);
    struct event *branch = election_event(8, 4, 2);
    struct contest *contests = calloc(4, sizeof(*contests));
    contests[0] = event->contests[0];
    contests[1] = branch->contests[0];
    free(event->contests);
    branch->contest_count = 0;
    event_destroy(branch);
    for (uint32_t i = 2; i < 4; i++) {
        contests[i].kind = i == 2 ? CONTEST_MOTION : CONTEST_POLL;
        snprintf(contests[i].id, ID_SIZE, "%s", i == 2 ? "motion-1" : "names");
        contests[i].live = LIVE_TALLY;
        contests[i].rules = calloc(1, sizeof(*contests[i].rules));
        *contests[i].rules = *contests[0].rules;
        contests[i].rules->kind = contests[i].kind;
    }
    contests[2].rules->motion = (struct motion_rules){ BASE_PRESENT, { 1, 2, false } };
    contests[3].rules->poll = (struct poll_rules){ BASE_VALID, 2 };
    contests[3].candidate_count = 3;
    contests[3].candidates = calloc(3, sizeof(*contests[3].candidates));
    contests[3].seats = 2;
    contests[3].write_in_count = 2;
    for (uint32_t i = 0; i < 3; i++) {
        snprintf(contests[3].candidates[i].id, ID_SIZE, "o%u", i + 1);
        snprintf(contests[3].candidates[i].name.zh, LABEL_SIZE, "人选%u号", i + 1);
        contests[3].order[i] = (uint8_t)i;
    }
    contests[0].rules->answer = crowd_draw(crowd, 3) == 0 ? ANSWER_FIRST : ANSWER_LAST;
    contests[0].rules->asking = crowd_draw(crowd, 3) == 0 ? ASKING_ITEM : ASKING_CARD;
    contests[0].rules->secrecy = crowd_draw(crowd, 3) == 0 ? SECRECY_NAMED : SECRECY_SECRET;
    contests[1].rules->answer = crowd_draw(crowd, 4) == 0 ? ANSWER_FIRST : ANSWER_LAST;
    contests[1].rules->quorum.share = (struct threshold){ 1, 2, true };
    contests[1].rules->election.majority_base = BASE_VALID; /* few of a crowd vote in time */
    contests[3].live = crowd_draw(crowd, 2) == 0 ? LIVE_HIDDEN : LIVE_TALLY;
    event->contests = contests;
    event->contest_count = 4;
    free(event->groups);
    event->groups = calloc(4, sizeof(*event->groups));
    event->group_count = 4;
    event->groups[0] = (struct group){ .id = "leaders", .first_seat = 1, .seat_count = 5 };
    event->groups[1] = (struct group){ .id = "staff", .first_seat = 6, .seat_count = 7 };
    event->groups[2] = (struct group){ .id = "guests", .first_seat = 13, .seat_count = 2 };
    event->groups[3] = (struct group){ .id = "tests", .first_seat = 15, .seat_count = 2 };
    event->groups[0].vote_count = 5;
    event->groups[1].vote_count = 6;
    event->groups[3].vote_count = 2;
    event->groups[3].is_test = true;
    event->seat_count = CROWD_SEAT_MAX;
    event->check_in = crowd_draw(crowd, 4) == 0 ? CHECK_IN_OFFICER : CHECK_IN_PAD;
    event->steps = calloc(2, sizeof(*event->steps));
    event->step_count = 2;
    event->steps[0] = (struct step){ .id = "notice", .kind = STEP_NOTICE };
    event->steps[1] = (struct step){ .id = "vote", .kind = STEP_VOTE };
    return event;
}

void crowd_open(struct crowd *crowd, uint64_t seed)
{
    struct fault fault = { 0 };
    memset(crowd, 0, sizeof(*crowd));
    crowd->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    crowd->now_ms = 1000;
    crowd->records = calloc(CROWD_RECORD_MAX, sizeof(*crowd->records));
    crowd->is_split = crowd_draw(crowd, 2) == 0;
    crowd->event = event_make(crowd);
    snprintf(crowd->dir, sizeof(crowd->dir), "/tmp/minping-crowd-XXXXXX");
    assert_non_null(mkdtemp(crowd->dir));
    assert_int_equal(custody_open(crowd->dir, crowd->event, NULL, true, &crowd->custody, NULL),
                     STATUS_OK);
    assert_true(log_start(crowd, &fault));
}

void crowd_close(struct crowd *crowd)
{
    log_end(crowd);
    custody_close(crowd->custody);
    event_destroy(crowd->event);
    for (uint32_t i = 0; i < crowd->record_count; i++) {
        free(crowd->records[i].act);
    }
    for (uint32_t i = 0; i < crowd->sent_count; i++) {
        free(crowd->sent[i].cast);
    }
    free(crowd->records);
    (void)disk_remove_dir(crowd->dir);
}

/* Draining. */

void crowd_mark_place(struct crowd *crowd)
{
    if (room_reserve_epochs(crowd->room, crowd->epoch + 1, crowd->now_ms) == STATUS_OK) {
        crowd->epoch++;
    }
}

/* Nobody hears votes of an election before it is over. */
static bool is_silent(const struct crowd *crowd, char why[512])
{
    static struct figures figures;
    const struct round *current = sitting_current(room_sitting(crowd->room));
    if (current == NULL || crowd->event->contests[current->contest].kind != CONTEST_ELECTION) {
        return true;
    }
    for (int audience = AUDIENCE_PUBLIC; audience < AUDIENCE_COUNT; audience++) {
        disclosure_figures(room_sitting(crowd->room), current, (enum audience)audience, &figures);
        uint64_t votes = figures.valid_count + figures.void_count + figures.election.name_count +
                         figures.election.name_rest + figures.pending;
        for (uint32_t item = 0; item < ITEM_MAX; item++) {
            votes += figures.items[item].valid;
        }
        if (votes != 0) {
            snprintf(why, 512, "votes of the open round %u are shown", current->number);
            return false;
        }
    }
    return true;
}

bool crowd_drain(struct crowd *crowd, char why[512])
{
    while (crowd->epoch_drained < crowd->epoch) {
        uint32_t visited = 0;
        struct fault fault = { 0 };
        (void)votelog_step(crowd->log);
        if (room_drain(crowd->room, 1 + crowd_draw(crowd, 64), &visited, &fault) != STATUS_OK) {
            snprintf(why, 512, "the server stops: %s", fault.text);
            return false;
        }
        if (sitting_ignored_total(room_sitting(crowd->room)) != 0) {
            snprintf(why, 512, "a mark that was offered counts for nothing");
            return false;
        }
        if (!is_silent(crowd, why)) {
            return false;
        }
    }
    return true;
}

static bool resend(struct crowd *crowd)
{
    bool is_all_answered = true;
    for (uint32_t i = 0; i < crowd->sent_count; i++) {
        if (!crowd->sent[i].is_answered) {
            crowd_send(crowd, i);
            is_all_answered = is_all_answered && crowd->sent[i].is_answered;
        }
    }
    return is_all_answered;
}

bool crowd_restart(struct crowd *crowd, char why[512])
{
    struct fault fault = { 0 };
    log_end(crowd);
    if (!log_start(crowd, &fault)) {
        snprintf(why, 512, "no start from the log: %s", fault.text);
        return false;
    }
    crowd->epoch = sitting_epochs_reserved(room_sitting(crowd->room));
    crowd->epoch_drained = crowd->epoch;
    (void)resend(crowd);
    return true;
}

bool crowd_settle(struct crowd *crowd, char why[512])
{
    for (uint32_t turn = 0; turn < 16; turn++) {
        crowd_mark_place(crowd);
        if (!crowd_drain(crowd, why)) {
            return false;
        }
        /* An act that was held back is offered by one turn and drained by the next. */
        if (resend(crowd) && turn >= 3) {
            return true;
        }
    }
    snprintf(why, 512, "casts stay without an answer");
    return false;
}
