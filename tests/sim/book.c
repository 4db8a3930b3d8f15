#include "tests/sim/book.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/rules.h"
#include "tests/sim/memory.h"

bool book_wrong(char why[BOOK_WHY_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, BOOK_WHY_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

void book_init(struct book *book, const struct event *event, const struct custody *custody)
{
    memset(book, 0, sizeof(*book));
    book->event = event;
    book->custody = custody;
}

void book_finish(struct book *book)
{
    free(book->marks);
    free(book->digests);
    disk_batch_finish(&book->batch);
    memset(book, 0, sizeof(*book));
}

const struct book_round *book_round(const struct book *book, uint32_t number)
{
    return number >= 1 && number <= book->round_count ? &book->rounds[number - 1] : NULL;
}

bool book_is_line(const struct book *book, const struct book_round *round, uint32_t item)
{
    return round->has_lines && contest_item_is_line(&book->event->contests[round->contest], item);
}

const struct book_mark *book_find_version(const struct book *book, uint32_t round, uint32_t seat,
                                          uint32_t item, uint32_t version)
{
    for (uint32_t i = book->mark_count; i-- > 0;) {
        const struct book_mark *mark = &book->marks[i];
        if (mark->round == round && mark->seat == seat && mark->item == item &&
            mark->version == version) {
            return mark;
        }
    }
    return NULL;
}

const struct book_mark *book_find(const struct book *book, uint32_t round, uint32_t seat,
                                  uint32_t item, uint32_t version, const uint8_t *nonce)
{
    const struct book_mark *mark = book_find_version(book, round, seat, item, version);
    return mark != NULL && memcmp(mark->nonce, nonce, NONCE_SIZE) == 0 ? mark : NULL;
}

bool book_continues(const struct book *book, const struct book *before, char why[BOOK_WHY_SIZE])
{
    uint32_t count = before->record_count;
    if (count == 0 ||
        (book->record_count >= count && book->digests[count - 1] == before->digests[count - 1])) {
        return true;
    }
    return book_wrong(why, "%u durable records were lost or changed: %u are there now", count,
                      book->record_count);
}

/* Seats. */

/* "1-4,7" as bits; what the server wrote is a list of seats. */
static uint32_t seats_read(const char *list)
{
    uint32_t seats = 0;
    while (*list != '\0') {
        char *end;
        unsigned long first = strtoul(list, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
        for (unsigned long seat = first; seat >= 1 && seat <= last && seat <= BOOK_SEAT_MAX;
             seat++) {
            seats |= 1u << (seat - 1);
        }
        list = *end == ',' ? end + 1 : "";
    }
    return seats;
}

static uint32_t voting_seats(const struct event *event)
{
    uint32_t seats = 0;
    for (uint32_t seat = 1; seat <= event->seat_count; seat++) {
        seats |= event_seat_votes(event, seat) ? 1u << (seat - 1) : 0;
    }
    return seats;
}

/* Acts. */

static bool open_apply(struct book *book, const struct act *act, char why[BOOK_WHY_SIZE])
{
    char pads[8];
    char stage[16] = "";
    char ends[24];
    int32_t contest = event_find_contest(book->event, act->contest);
    if (act->round == book->current && book->current != 0) { /* it goes on */
        book->rounds[act->round - 1].state = ROUND_OPEN;
        return true;
    }
    if (book->current != 0 || act->round != book->round_count + 1 || contest < 0 ||
        book->round_count == BOOK_ROUND_MAX) {
        return book_wrong(why, "round %u opens while round %u of %u is open", act->round,
                          book->current, book->round_count);
    }
    const struct contest *definition = &book->event->contests[contest];
    struct book_round *round = &book->rounds[book->round_count++];
    memset(round, 0, sizeof(*round));
    round->contest = (uint32_t)contest;
    if (definition->kind == CONTEST_APPRAISAL) {
        round->subject = (uint32_t)contest_find_subject(definition, act->subject);
    }
    round->state = ROUND_OPEN;
    round->asked = -1;
    round->item_count = contest_item_count(definition);
    round->choice_count = contest_choice_count(definition);
    (void)params_get(act->params, "stage", stage, sizeof(stage));
    round->has_lines = strcmp(stage, round_stage_name(STAGE_RUN_OFF)) != 0;
    if (params_get(act->params, "ends_ms", ends, sizeof(ends))) {
        round->timer_ms = strtoll(ends, NULL, 10) - act->at_ms;
    }
    round->opened_ms = book->steady_ms;
    bool has_pads = !params_get(act->params, "pads", pads, sizeof(pads));
    round->electors = has_pads ? voting_seats(book->event) & book->present & ~book->revoked : 0;
    for (uint32_t seat = 1; seat <= book->event->seat_count; seat++) {
        custody_slot(book->custody, act->round, seat, definition->rules->secrecy == SECRECY_NAMED,
                     round->slots[seat - 1]);
    }
    book->current = act->round;
    return true;
}

static void round_over(struct book *book, uint32_t number, enum round_state state)
{
    if (number >= 1 && number <= book->round_count) {
        book->rounds[number - 1].state = state;
    }
    book->current = book->current == number ? 0 : book->current;
}

/* Whatever the clock does: a timer of this start of the server does not end before its time. */
static bool timer_check(const struct book *book, const struct book_round *round,
                        const struct act *act, char why[BOOK_WHY_SIZE])
{
    int64_t lasted_ms = book->steady_ms - round->opened_ms;
    bool is_known = round->opened_ms != 0;
    if (strcmp(act->post, "server") != 0 ||
        (round->timer_ms > 0 && (!is_known || lasted_ms >= round->timer_ms))) {
        return true;
    }
    return book_wrong(why, "the timer of round %u was to last %lld ms and lasted %lld", act->round,
                      (long long)round->timer_ms, (long long)lasted_ms);
}

static bool round_act_apply(struct book *book, const struct act *act, char why[BOOK_WHY_SIZE])
{
    if (act->round == 0 || act->round > book->round_count) {
        return book_wrong(why, "'%s' of round %u, which was never opened", act_kind_name(act->kind),
                          act->round);
    }
    struct book_round *round = &book->rounds[act->round - 1];
    switch (act->kind) {
    case ACT_ASK:
        round->asked = (int32_t)act->number - 1;
        break;
    case ACT_PAUSE:
        round->state = ROUND_PAUSED;
        break;
    case ACT_CLOSE:
        round_over(book, act->round, ROUND_CLOSED);
        return timer_check(book, round, act, why);
    case ACT_VOID:
        round_over(book, act->round, ROUND_VOID);
        break;
    default:
        round_over(book, act->round, ROUND_CERTIFIED);
        break;
    }
    return true;
}

static bool name_apply(struct book *book, const struct act *act, char why[BOOK_WHY_SIZE])
{
    const struct book_round *round = book_round(book, act->round);
    uint32_t contest = round != NULL ? round->contest : 0;
    uint32_t *count = &book->name_count[contest];
    if (act->number != *count + 1 || *count == BOOK_NAME_MAX ||
        !params_get(act->params, "name", book->names[contest][*count], WRITTEN_NAME_SIZE)) {
        return book_wrong(why, "name %llu of contest %u comes after %u names",
                          (unsigned long long)act->number, contest, *count);
    }
    ++*count;
    return true;
}

static void pads_apply(struct book *book, const struct act *act)
{
    char seats[DETAIL_SIZE] = "";
    uint32_t pad = act->number >= 1 ? 1u << (act->number - 1) : 0;
    (void)params_get(act->params, "seats", seats, sizeof(seats));
    switch (act->kind) {
    case ACT_CHECK_IN:
        book->present |= seats_read(seats);
        break;
    case ACT_CHECK_OUT:
        book->present &= ~seats_read(seats);
        break;
    case ACT_REVOKE:
        book->revoked |= pad;
        book->ever_revoked |= pad;
        break;
    default: /* replace */
        book->revoked &= ~pad;
        break;
    }
}

static bool act_apply(struct book *book, const struct act *act, char why[BOOK_WHY_SIZE])
{
    book->officer_acts[act->kind] += strcmp(act->post, "server") != 0;
    switch (act->kind) {
    case ACT_OPEN:
        return open_apply(book, act, why);
    case ACT_ASK:
    case ACT_PAUSE:
    case ACT_CLOSE:
    case ACT_VOID:
    case ACT_CERTIFY:
        return round_act_apply(book, act, why);
    case ACT_NAME:
        return name_apply(book, act, why);
    case ACT_CHECK_IN_OPEN:
    case ACT_CHECK_IN_CLOSE:
        book->is_check_in_open = act->kind == ACT_CHECK_IN_OPEN;
        return true;
    case ACT_CHECK_IN:
    case ACT_CHECK_OUT:
    case ACT_REVOKE:
    case ACT_REPLACE:
        pads_apply(book, act);
        return true;
    case ACT_TAKE:
    case ACT_CONTINUE:
    case ACT_CLEAR:
    case ACT_CUT:
        book->programme_sequence++;
        return true;
    case ACT_EPOCHS:
        if (act->number <= book->epochs_reserved) {
            return book_wrong(why, "epochs up to %llu are reserved twice",
                              (unsigned long long)act->number);
        }
        book->epochs_reserved = act->number;
        return true;
    default:
        return true;
    }
}

/* Marks. */

static uint32_t seat_of(const struct book_round *round, const uint8_t slot[SLOT_SIZE])
{
    for (uint32_t seat = 1; seat <= BOOK_SEAT_MAX; seat++) {
        if (memcmp(round->slots[seat - 1], slot, SLOT_SIZE) == 0) {
            return seat;
        }
    }
    return 0;
}

/* Whether a mark may stand where it does; every one in the log counts when it is handed back. */
static bool mark_check(const struct book *book, const struct mark *mark, uint32_t seat,
                       char why[BOOK_WHY_SIZE])
{
    const struct book_round *round = &book->rounds[mark->round - 1];
    uint32_t bit = 1u << (seat - 1);
    const struct book_held *held = &round->held[seat - 1][mark->item];
    if (round->state != ROUND_OPEN) {
        return book_wrong(why, "seat %u has a mark in the log after round %u was %s", seat,
                          mark->round, round_state_name(round->state));
    }
    if ((book->revoked & bit) != 0) {
        return book_wrong(why, "seat %u has a mark in round %u after its pad was revoked", seat,
                          mark->round);
    }
    if ((round->electors & bit) == 0) {
        return book_wrong(why, "seat %u has a mark in round %u and was not in its electorate", seat,
                          mark->round);
    }
    if (mark->version <= held->version) {
        return book_wrong(why, "seat %u has item %u of round %u in version %u after version %u",
                          seat, mark->item, mark->round, mark->version, held->version);
    }
    if (round->asked >= 0 && mark->item != round->asked) {
        return book_wrong(why, "item %u of round %u was not asked", mark->item, mark->round);
    }
    const struct contest *contest = &book->event->contests[round->contest];
    if (contest->rules->answer == ANSWER_FIRST && held->version != 0) {
        return book_wrong(why, "seat %u answers item %u of round %u again, and the first is final",
                          seat, mark->item, mark->round);
    }
    bool is_line = book_is_line(book, round, mark->item);
    if (mark->choice >= (is_line ? book->name_count[round->contest] + 1 : round->choice_count)) {
        return book_wrong(why, "item %u of round %u has no choice %u", mark->item, mark->round,
                          mark->choice);
    }
    return true;
}

static void mark_keep(struct book *book, const struct mark *mark, uint32_t seat)
{
    if (book->mark_count == book->mark_capacity) {
        book->mark_capacity = book->mark_capacity == 0 ? 256 : book->mark_capacity * 2;
        book->marks = memory_resize(book->marks, book->mark_capacity * sizeof(*book->marks));
    }
    struct book_mark *kept = &book->marks[book->mark_count++];
    *kept = (struct book_mark){ .round = mark->round,
                                .version = mark->version,
                                .seat = (uint8_t)seat,
                                .item = (uint8_t)mark->item,
                                .choice = mark->choice };
    memcpy(kept->nonce, mark->nonce, NONCE_SIZE);
}

static bool mark_apply(struct book *book, const struct mark *mark, char why[BOOK_WHY_SIZE])
{
    if (mark->round > book->round_count || mark->item >= book->rounds[mark->round - 1].item_count) {
        return book_wrong(why, "a mark of round %u, item %u, which is not there", mark->round,
                          mark->item);
    }
    struct book_round *round = &book->rounds[mark->round - 1];
    uint32_t seat = seat_of(round, mark->slot);
    if (seat == 0) {
        return book_wrong(why, "a mark of round %u has the slot of no seat", mark->round);
    }
    if (!mark_check(book, mark, seat, why)) {
        return false;
    }
    struct book_held *held = &round->held[seat - 1][mark->item];
    bool is_counted = !book_is_line(book, round, mark->item);
    if (held->version != 0 && is_counted) {
        round->counts[mark->item][held->choice]--;
    }
    if (is_counted) {
        round->counts[mark->item][mark->choice]++;
    }
    held->version = mark->version;
    held->choice = mark->choice;
    memcpy(held->nonce, mark->nonce, NONCE_SIZE);
    round->voters |= 1u << (seat - 1);
    mark_keep(book, mark, seat);
    return true;
}

/* The log. */

static void digest_add(struct book *book, uint64_t hash)
{
    if (book->record_count == book->record_capacity) {
        book->record_capacity = book->record_capacity == 0 ? 256 : book->record_capacity * 2;
        book->digests =
            memory_resize(book->digests, book->record_capacity * sizeof(*book->digests));
    }
    uint64_t before = book->record_count > 0 ? book->digests[book->record_count - 1] : 0;
    book->digests[book->record_count++] = prng_mix(before ^ hash);
}

static uint64_t bytes_hash(uint64_t hash, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t act_hash(const struct act *act)
{
    uint64_t hash = bytes_hash(act->kind, &act->number, sizeof(act->number));
    hash = bytes_hash(hash ^ act->round, &act->at_ms, sizeof(act->at_ms));
    hash = bytes_hash(hash ^ act->bus, act->contest, strlen(act->contest));
    hash = bytes_hash(hash ^ act->layer, act->post, strlen(act->post));
    return bytes_hash(hash, act->params, strlen(act->params));
}

static uint64_t mark_hash(const struct mark *mark)
{
    uint64_t hash = bytes_hash(mark->item, mark->slot, SLOT_SIZE);
    hash = bytes_hash(hash ^ mark->choice, mark->nonce, NONCE_SIZE);
    return prng_mix(hash ^ (uint64_t)mark->round << 32 ^ mark->version);
}

static bool batch_apply(struct book *book, char why[BOOK_WHY_SIZE])
{
    const struct disk_batch *batch = &book->batch;
    for (uint32_t i = 0; i < batch->mark_count; i++) {
        if (i > 0 && mark_compare(&batch->marks[i - 1], &batch->marks[i]) >= 0) {
            return book_wrong(why, "batch %llu is not sorted", (unsigned long long)batch->number);
        }
        if (!mark_apply(book, &batch->marks[i], why)) {
            return false;
        }
        digest_add(book, mark_hash(&batch->marks[i]));
    }
    if (batch->has_act) {
        digest_add(book, act_hash(&batch->act));
        return act_apply(book, &batch->act, why);
    }
    return true;
}

bool book_follow(struct book *book, const struct disk *disk, char why[BOOK_WHY_SIZE])
{
    book->is_begun = book->is_begun || disk_log_begin(disk, true, &book->place);
    while (book->is_begun && disk_log_next(disk, &book->place, &book->batch)) {
        book->batch_count = book->batch.number;
        if (!batch_apply(book, why)) {
            return false;
        }
    }
    return true;
}
