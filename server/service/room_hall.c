/*
 * What the room does by itself: checks in pads that connect, closes a round whose time is over,
 * puts the roll into a new log.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/service/room_impl.h"

enum status room_begin(struct room *room, int64_t now_ms, struct fault *fault)
{
    const char *logged = sitting_roll_hash(room->sitting);
    char hash[65];
    custody_roll_hash(room->custody, hash);
    if (logged[0] != '\0') {
        return strcmp(logged, hash) == 0
                   ? STATUS_OK
                   : fault_set(fault, STATUS_INVALID, "roll.csv",
                               "the roll is not the one this log began with: put it back");
    }
    struct act act = { .kind = ACT_ROLL, .number = room->event->seat_count, .at_ms = now_ms };
    snprintf(act.post, sizeof(act.post), "server");
    (void)detail_put(act.params, "hash", hash); /* 72 bytes of an empty DETAIL_SIZE */
    enum status status = votelog_append_act(room->log, &act, &room->last_ticket);
    return status == STATUS_OK ? STATUS_OK : fault_set(fault, status, "", "the log takes no roll");
}

static int seat_compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

void room_arrivals_settle(struct room *room)
{
    uint32_t distinct = 0;
    qsort(room->arrivals, room->arrival_count, sizeof(*room->arrivals), seat_compare);
    for (uint32_t i = 0; i < room->arrival_count; i++) {
        uint32_t seat = room->arrivals[i];
        bool is_known = (distinct > 0 && room->arrivals[distinct - 1] == seat) ||
                        attendance_is_present(sitting_attendance(room->sitting), seat);
        if (!is_known) {
            room->arrivals[distinct++] = seat;
        }
    }
    room->arrival_count = distinct;
}

void room_arrived(struct room *room, uint32_t seat, int64_t steady_ms)
{
    if (room->event->check_in != CHECK_IN_PAD || !sitting_check_in_is_open(room->sitting) ||
        attendance_is_present(sitting_attendance(room->sitting), seat)) {
        return;
    }
    if (room->arrival_count == room->event->seat_count) {
        room_arrivals_settle(room);
    }
    if (room->arrival_count == room->event->seat_count) {
        return; /* every seat is there, this one too */
    }
    if (room->arrival_count == 0) {
        room->arrival_first_ms = steady_ms;
    }
    room->arrivals[room->arrival_count++] = seat;
}

/* Offers one act for as many arrivals as fit its list; the rest stay for the next. */
static void arrivals_offer(struct room *room, int64_t now_ms)
{
    room_arrivals_settle(room);
    if (!sitting_check_in_is_open(room->sitting)) {
        room->arrival_count = 0; /* it closed meanwhile: late, and the officer's to let in */
        return;
    }
    char list[DETAIL_SIZE - 64];
    if (room->arrival_count == 0) {
        return;
    }
    /* They stay here until the log has them: a full disk may drop the act. */
    (void)seat_list_write(room->arrivals, room->arrival_count, list, sizeof(list));
    struct act act = { .kind = ACT_CHECK_IN, .at_ms = now_ms };
    snprintf(act.post, sizeof(act.post), "server");
    if (!detail_put(act.params, "seats", list) ||
        votelog_append_act(room->log, &act, &room->last_ticket) != STATUS_OK) {
        return; /* the next tick tries again */
    }
    room->transition = TRANSITION_SERVER;
    room->transition_ticket = room->last_ticket;
}

static void time_close(struct room *room, const struct round *current, int64_t now_ms)
{
    struct act act = { .kind = ACT_CLOSE, .round = current->number, .at_ms = now_ms };
    snprintf(act.post, sizeof(act.post), "server");
    if (votelog_append_act(room->log, &act, &room->last_ticket) == STATUS_OK) {
        room->transition = TRANSITION_CLOSE;
        room->transition_ticket = room->last_ticket;
    }
}

/* How long the timer of a round still runs that was met after a restart. */
static int64_t time_left_ms(const struct round *round, int64_t unix_ms)
{
    int64_t whole_ms = round->ends_ms - round->opened_ms;
    int64_t left_ms = round->ends_ms - unix_ms;
    return left_ms < 0 ? 0 : left_ms < whole_ms ? left_ms : whole_ms;
}

static bool is_time_over(struct room *room, const struct round *current, struct moment now)
{
    if (current->ends_ms == 0) {
        return false;
    }
    if (room->timer_round != current->number) {
        bool is_new = current->number > room->replayed_round;
        room->timer_round = current->number;
        room->timer_due_ms = now.steady_ms + (is_new ? current->ends_ms - current->opened_ms
                                                     : time_left_ms(current, now.unix_ms));
    }
    return now.steady_ms >= room->timer_due_ms;
}

void room_tick(struct room *room, struct moment now)
{
    const struct round *current = sitting_current(room->sitting);
    if (room->transition != TRANSITION_NONE) {
        return;
    }
    if (current != NULL && is_time_over(room, current, now)) {
        time_close(room, current, now.unix_ms);
    } else if (room->arrival_count > 0 &&
               now.steady_ms - room->arrival_first_ms >= ARRIVAL_HOLD_MS) {
        arrivals_offer(room, now.unix_ms);
    }
}

/* Appends to text[size]; what does not fit is left off, the end is marked. */
static void text_append(char *text, size_t size, const char *part)
{
    size_t used = strlen(text);
    if (used + strlen(part) + 4 < size) {
        memcpy(text + used, part, strlen(part) + 1);
    } else if (used + 4 <= size && (used < 3 || strcmp(text + used - 3, "…") != 0)) {
        memcpy(text + used, "…", sizeof("…"));
    }
}

/* What a card says, never whose it is: "for: c1 c2; against: c3; other-1: …". */
static void case_write(const struct room *room, const struct round *round, uint32_t card_index,
                       char text[CASE_TEXT_SIZE])
{
    static const char *const heads[] = { "for:", "against:", "abstain:" };
    const struct contest *contest = &room->event->contests[round->contest];
    char buffer[ID_SIZE];
    struct card card;
    text[0] = '\0';
    ballot_box_card(round->ballots, card_index, &card);
    for (uint32_t choice = 0; choice < CHOICE_VOTE_COUNT; choice++) {
        bool has_head = false;
        for (uint32_t item = 0; item < round->tally.item_count; item++) {
            if (sitting_round_is_line(room->sitting, round, item) || card.choices[item] != choice) {
                continue;
            }
            if (!has_head) {
                text_append(text, CASE_TEXT_SIZE, text[0] != '\0' ? "; " : "");
                text_append(text, CASE_TEXT_SIZE, heads[choice]);
                has_head = true;
            }
            text_append(text, CASE_TEXT_SIZE, " ");
            text_append(text, CASE_TEXT_SIZE, contest_item_id(contest, item, buffer));
        }
    }
    for (uint32_t item = contest->candidate_count; item < round->tally.item_count; item++) {
        const char *name = sitting_name(room->sitting, round->contest, card.choices[item]);
        if (sitting_round_is_line(room->sitting, round, item) && name != NULL) {
            text_append(text, CASE_TEXT_SIZE, text[0] != '\0' ? "; " : "");
            text_append(text, CASE_TEXT_SIZE, contest_item_id(contest, item, buffer));
            text_append(text, CASE_TEXT_SIZE, ": ");
            text_append(text, CASE_TEXT_SIZE, name);
        }
    }
}

bool room_cases(const struct room *room, uint32_t number, struct cases_report *report)
{
    memset(report, 0, sizeof(*report));
    const struct round *round =
        number == 0 ? sitting_latest(room->sitting) : sitting_round(room->sitting, number);
    if (round == NULL) {
        return false;
    }
    report->round = round->number;
    if (round->state == ROUND_VOID) {
        return true; /* nothing is ruled there any more, and what was cast would steer the next */
    }
    for (uint32_t i = 0; i < round->case_count; i++) {
        if (round->cases[i].ruling != RULING_INVALID) {
            continue;
        }
        report->total++;
        if (report->count < CASE_SHOWN_MAX) {
            struct case_report *entry = &report->cases[report->count++];
            entry->number = i + 1;
            snprintf(entry->rule, sizeof(entry->rule), "%s", round->cases[i].rule);
            case_write(room, round, round->cases[i].card, entry->text);
        }
    }
    return true;
}
