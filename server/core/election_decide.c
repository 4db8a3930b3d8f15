#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/cut.h"
#include "server/core/election_impl.h"

/*
 * Who is elected (E6, E9 … E13). Standing is decided by comparing votes with the cut alone, so
 * equal votes get an equal standing whatever the order of names.
 */

/* One reading of "more than half". */
struct outcome {
    enum base base;
    uint32_t base_count;
    uint32_t needed;
    bool needs_majority;
    struct cut cut;
};

uint32_t turnout_base_count(const struct turnout *turnout, uint32_t returned, uint32_t valid,
                            enum base base)
{
    switch (base) {
    case BASE_REGISTERED:
        return turnout->registered;
    case BASE_PRESENT:
        return turnout->present;
    case BASE_ISSUED:
        return turnout->issued;
    case BASE_RETURNED:
        return returned;
    case BASE_VALID:
        return valid;
    default:
        return 0;
    }
}

static uint32_t base_count(const struct election_count *count, const struct turnout *turnout,
                           enum base base)
{
    return turnout_base_count(turnout, count->returned, count->valid, base);
}

/* E11: in a run-off most votes are enough, unless the profile says otherwise. */
static bool needs_majority(const struct election_count *count)
{
    return count->slate.stage != STAGE_RUN_OFF || count->rules->run_off_needs_majority;
}

/* Whether the item can be elected: also a candidate off the ballot whom an officer let count. */
static bool item_runs(const struct election_count *count, uint32_t item)
{
    return election_item_stands(count, item) ||
           (count->rules->write_in_is_candidate && count->votes[item][CHOICE_FOR] > 0);
}

/* Whether the name has a place of its own among names: no item's, and no name's before it. */
static bool name_is_own(const struct election_count *count, uint32_t number)
{
    return count->names[number - 1].first == number && election_name_item(count, number) < 0;
}

/* No rule, however loose its threshold, fills a seat with somebody nobody voted for. */
static bool passes(const struct election_count *count, const struct outcome *outcome,
                   uint32_t votes)
{
    return votes > 0 && (!outcome->needs_majority ||
                         threshold_is_met(&count->rules->majority, votes, outcome->base_count));
}

/* E6: more came back than may. */
static bool is_over_returned(const struct election_count *count, const struct turnout *turnout)
{
    enum base cap = count->rules->cap;
    return cap != BASE_INVALID && count->returned > base_count(count, turnout, cap);
}

static struct outcome outcome_find(const struct election_count *count,
                                   const struct turnout *turnout, enum base base)
{
    uint32_t votes[ITEM_MAX + WRITTEN_NAME_MAX];
    uint32_t passing_count = 0;
    struct outcome outcome = {
        .base = base,
        .base_count = base_count(count, turnout, base),
        .needs_majority = needs_majority(count),
    };
    if (outcome.needs_majority) {
        outcome.needed = (uint32_t)threshold_least(&count->rules->majority, outcome.base_count);
    }
    for (uint32_t item = 0; item < count->item_count; item++) {
        uint32_t own = count->votes[item][CHOICE_FOR];
        if (item_runs(count, item) && passes(count, &outcome, own)) {
            votes[passing_count++] = own;
        }
    }
    for (uint32_t n = 1; count->rules->write_in_is_candidate && n <= count->name_count; n++) {
        uint32_t own = count->names[n - 1].votes;
        if (passes(count, &outcome, own) && name_is_own(count, n)) {
            votes[passing_count++] = own;
        }
    }
    outcome.cut = cut_draw(votes, passing_count, count->slate.seats);
    return outcome;
}

static enum standing standing_of(const struct election_count *count, const struct outcome *outcome,
                                 uint32_t votes)
{
    return passes(count, outcome, votes) ? cut_standing(&outcome->cut, votes) : STANDING_NOT;
}

static enum standing item_standing(const struct election_count *count,
                                   const struct outcome *outcome, uint32_t item)
{
    return item_runs(count, item) ? standing_of(count, outcome, count->votes[item][CHOICE_FOR])
                                  : STANDING_OFF;
}

static uint32_t name_votes(const struct election_count *count, uint32_t number)
{
    int32_t item = election_name_item(count, number);
    return item >= 0 ? count->votes[item][CHOICE_FOR] : count->names[number - 1].votes;
}

/* Of a name that is on the list of names: its own, or adopted. */
static enum standing name_standing(const struct election_count *count,
                                   const struct outcome *outcome, uint32_t number)
{
    int32_t item = election_name_item(count, number);
    if (item >= 0) {
        return item_standing(count, outcome, (uint32_t)item);
    }
    return count->rules->write_in_is_candidate
               ? standing_of(count, outcome, count->names[number - 1].votes)
               : STANDING_NOT;
}

/* Names of candidates are shown with the candidates, the same name once. */
static bool name_is_listed(const struct election_count *count, uint32_t number)
{
    const struct written_name *name = &count->names[number - 1];
    if (name->first != number || name->candidate >= 0) {
        return false;
    }
    return name->votes > 0 || election_name_item(count, number) >= 0;
}

struct listed {
    uint32_t number;
    uint32_t votes;
    const char *name;
};

static int listed_compare(const void *left, const void *right)
{
    const struct listed *a = left;
    const struct listed *b = right;
    if (a->votes != b->votes) {
        return a->votes < b->votes ? 1 : -1;
    }
    return strcmp(a->name, b->name);
}

static void names_fill(const struct election_count *count, const struct outcome *outcome,
                       const struct outcome *disputed, struct election_figures *election)
{
    struct listed listed[WRITTEN_NAME_MAX];
    uint32_t listed_count = 0;
    for (uint32_t number = 1; number <= count->name_count; number++) {
        if (name_is_listed(count, number)) {
            listed[listed_count++] = (struct listed){
                .number = number,
                .votes = name_votes(count, number),
                .name = count->names[number - 1].name,
            };
        }
    }
    qsort(listed, listed_count, sizeof(*listed), listed_compare);
    election->name_count = listed_count < NAME_SHOWN_MAX ? listed_count : NAME_SHOWN_MAX;
    election->name_rest = listed_count - election->name_count;
    for (uint32_t i = 0; i < election->name_count; i++) {
        struct name_figures *figures = &election->names[i];
        snprintf(figures->name, sizeof(figures->name), "%s", listed[i].name);
        figures->votes = listed[i].votes;
        figures->standing = name_standing(count, outcome, listed[i].number);
        if (disputed->base != BASE_INVALID) {
            figures->disputed = name_standing(count, disputed, listed[i].number);
        }
    }
}

static void standings_fill(const struct election_count *count, const struct outcome *outcome,
                           const struct outcome *disputed, struct election_figures *election)
{
    for (uint32_t c = 0; c < count->contest->candidate_count; c++) {
        election->standings[c] = item_standing(count, outcome, c);
        if (disputed->base != BASE_INVALID) {
            election->disputed[c] = item_standing(count, disputed, c);
        }
    }
    election->run_off_seats = cut_run_off_seats(&outcome->cut);
    election->missing_seats = cut_missing_seats(&outcome->cut);
    if (disputed->base != BASE_INVALID) {
        election->disputed_run_off_seats = cut_run_off_seats(&disputed->cut);
        election->disputed_missing_seats = cut_missing_seats(&disputed->cut);
    }
    names_fill(count, outcome, disputed, election);
}

static void items_fill(const struct election_count *count, struct figures *figures)
{
    for (uint32_t item = 0; item < count->item_count; item++) {
        uint32_t valid = 0;
        for (uint32_t choice = 0; choice < CHOICE_VOTE_COUNT; choice++) {
            figures->items[item].counts[choice] = count->votes[item][choice];
            valid += count->votes[item][choice];
        }
        figures->items[item].valid = valid;
    }
}

void election_count_figures(const struct election_count *count, const struct turnout *turnout,
                            bool stopped, struct figures *figures)
{
    struct election_figures *election = &figures->election;
    const struct election_rules *rules = count->rules;
    const struct outcome outcome = outcome_find(count, turnout, rules->majority_base);
    const struct outcome disputed = outcome_find(count, turnout, rules->disputed_base);

    memset(election, 0, sizeof(*election));
    memset(figures->items, 0, sizeof(figures->items));
    election->stage = count->slate.stage;
    election->seats = count->slate.seats;
    memcpy(election->order, count->contest->order, sizeof(election->order));
    figures->item_count = count->item_count;
    figures->grade_count = CHOICE_VOTE_COUNT;
    figures->cast_count = count->returned;
    figures->valid_count = 0;
    figures->void_count = 0;
    figures->pending = 0;
    election->base = (uint8_t)outcome.base;
    election->base_count = outcome.base_count;
    election->needed = outcome.needed;
    if (disputed.base != BASE_INVALID) {
        election->disputed_base = (uint8_t)disputed.base;
        election->disputed_count = disputed.base_count;
        election->disputed_needed = disputed.needed;
    }
    if (is_over_returned(count, turnout)) {
        figures->void_count = count->returned; /* no ballot of it counts */
        figures->decision = DECISION_VOID;
        return;
    }
    figures->pending = count->pending;
    if (count->pending > 0) {
        figures->decision = DECISION_PENDING;
        return;
    }
    figures->valid_count = count->valid;
    figures->void_count = count->void_count;
    items_fill(count, figures);
    standings_fill(count, &outcome, &disputed, election);
    figures->decision = election->run_off_seats > 0    ? DECISION_RUN_OFF
                        : election->missing_seats == 0 ? DECISION_ELECTED
                        : stopped                      ? DECISION_STOPPED
                                                       : DECISION_ANOTHER;
}

enum standing election_name_standing(const struct election_count *count,
                                     const struct turnout *turnout, uint32_t number)
{
    assert(number >= 1 && number <= count->name_count);
    const struct written_name *name = &count->names[number - 1];
    if (is_over_returned(count, turnout) || count->pending > 0) {
        return STANDING_INVALID;
    }
    if (name->first != number || name->candidate >= 0) {
        return STANDING_OFF;
    }
    const struct outcome outcome = outcome_find(count, turnout, count->rules->majority_base);
    return name_standing(count, &outcome, number);
}

uint32_t election_candidates_least(const struct election_rules *rules, uint32_t seats)
{
    uint64_t scaled = (uint64_t)seats * rules->difference.num;
    uint32_t den = rules->difference.den;
    return seats + (uint32_t)(scaled / den + (scaled % den != 0));
}

enum status election_may_stop(const struct rules *rules, uint32_t votes_for, uint32_t base,
                              struct fault *fault)
{
    const struct election_rules *election = &rules->election;
    if (!election->may_stop) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "E12: the rules '%s' do not let the hall stop with fewer", rules->id);
    }
    if (votes_for == 0 || !threshold_is_met(&election->stop_share, votes_for, base)) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "E12: %u votes of %u are not enough to stop with fewer",
                         (unsigned)votes_for, (unsigned)base);
    }
    return STATUS_OK;
}
