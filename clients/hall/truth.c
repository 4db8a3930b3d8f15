#include "clients/hall/truth.h"

#include <stdlib.h>
#include <string.h>

#include "clients/hall/truth_impl.h"

/* One mark in 4 bytes: version in the upper 24 bits, choice in the lower 8; 0: none. */
#define MARK_VERSION_MAX 0xffffffu

struct truth *truth_create(uint32_t seat_first, uint32_t seat_count)
{
    struct truth *truth = calloc(1, sizeof(*truth));
    if (truth != NULL) {
        truth->seat_first = seat_first;
        truth->seat_count = seat_count;
    }
    return truth;
}

void truth_destroy(struct truth *truth)
{
    if (truth == NULL) {
        return;
    }
    for (uint32_t i = 0; i <= truth->round_last; i++) {
        free(truth->rounds[i].marks);
        pile_destroy(truth->rounds[i].pile);
    }
    free(truth);
}

static bool is_cards(enum contest_kind kind)
{
    return kind == CONTEST_ELECTION || kind == CONTEST_MOTION || kind == CONTEST_POLL;
}

enum status truth_round(struct truth *truth, const struct round_notice *round)
{
    if (round->round < 1 || round->round > ROUND_MAX || round->item_count < 1 ||
        round->item_count > ITEM_MAX || round->grade_count > GRADE_MAX ||
        round->candidate_count > CANDIDATE_MAX || round->adopted_count > WRITE_IN_MAX) {
        return STATUS_LIMIT;
    }
    struct truth_round *entry = &truth->rounds[round->round];
    if (entry->is_known) {
        return STATUS_OK;
    }
    if (is_cards(round->kind)) {
        entry->pile = pile_create(round, truth->seat_count);
    } else {
        entry->marks = calloc((size_t)truth->seat_count * round->item_count, sizeof(*entry->marks));
    }
    if (entry->marks == NULL && entry->pile == NULL) {
        return STATUS_NOMEM;
    }
    entry->is_known = true;
    entry->kind = is_cards(round->kind) ? round->kind : CONTEST_APPRAISAL;
    entry->item_count = round->item_count;
    entry->grade_count = round->grade_count;
    memcpy(entry->contest, round->contest, sizeof(entry->contest));
    memcpy(entry->subject, round->subject, sizeof(entry->subject));
    if (round->round > truth->round_last) {
        truth->round_last = round->round;
    }
    return STATUS_OK;
}

/* The round that was heard of, or NULL. */
static const struct truth_round *round_find(const struct truth *truth, uint32_t round)
{
    return round >= 1 && round <= truth->round_last && truth->rounds[round].is_known
               ? &truth->rounds[round]
               : NULL;
}

static bool seat_is_played(const struct truth *truth, uint32_t seat)
{
    return seat >= truth->seat_first && seat - truth->seat_first < truth->seat_count;
}

void truth_mark(struct truth *truth, uint32_t round, uint32_t seat, uint32_t item, uint32_t version,
                uint32_t choice)
{
    const struct truth_round *entry = round_find(truth, round);
    if (entry == NULL || entry->marks == NULL || !seat_is_played(truth, seat) ||
        item >= entry->item_count || choice >= entry->grade_count || version < 1 ||
        version > MARK_VERSION_MAX) {
        return;
    }
    uint32_t *mark = &entry->marks[(size_t)(seat - truth->seat_first) * entry->item_count + item];
    if (version > *mark >> 8) {
        *mark = version << 8 | choice;
    }
}

enum status truth_card(struct truth *truth, uint32_t round, uint32_t seat, uint32_t version,
                       const struct ballot *ballot)
{
    const struct truth_round *entry = round_find(truth, round);
    if (entry == NULL || entry->pile == NULL || !seat_is_played(truth, seat)) {
        return STATUS_OK;
    }
    return pile_put(entry->pile, seat - truth->seat_first, version, ballot);
}

void truth_turnout(struct truth *truth, uint32_t round, const struct hand_turnout *turnout)
{
    if (round_find(truth, round) != NULL) {
        truth->rounds[round].turnout = *turnout;
    }
}

void truth_void(struct truth *truth, uint32_t round)
{
    if (round_find(truth, round) != NULL) {
        truth->rounds[round].is_void = true;
    }
}

void truth_counts(const struct truth *truth, uint32_t round, uint32_t item,
                  uint32_t counts[GRADE_MAX])
{
    const struct truth_round *entry = round_find(truth, round);
    memset(counts, 0, GRADE_MAX * sizeof(counts[0]));
    if (entry == NULL || entry->marks == NULL || item >= entry->item_count) {
        return;
    }
    for (uint32_t seat = 0; seat < truth->seat_count; seat++) {
        uint32_t mark = entry->marks[(size_t)seat * entry->item_count + item];
        if (mark != 0) {
            counts[mark & 0xff]++;
        }
    }
}
