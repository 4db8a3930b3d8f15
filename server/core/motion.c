#include "server/core/motion.h"

#include <assert.h>
#include <string.h>

#include "server/core/cut.h"

void motion_count_init(struct motion_count *count, const struct contest *contest)
{
    assert(contest->kind == CONTEST_MOTION || contest->kind == CONTEST_POLL);
    assert(contest->rules != NULL && contest_item_count(contest) <= ITEM_MAX);
    memset(count, 0, sizeof(*count));
    count->contest = contest;
}

/* What a blank item is: an abstention, an option not chosen. */
static uint32_t blank_choice(const struct contest *contest)
{
    return contest->kind == CONTEST_POLL ? CHOICE_NOT_CHOSEN : CHOICE_ABSTAIN;
}

/* Items with choices; a poll's lines for other options have names, which nobody counts here. */
static uint32_t printed_count(const struct contest *contest)
{
    return contest->kind == CONTEST_POLL ? contest->candidate_count : 1;
}

/* Options a poll's card chooses, other options written in included. */
static uint32_t chosen_count(const struct contest *contest, const struct card *card)
{
    uint32_t chosen = 0;
    for (uint32_t item = 0; item < contest_item_count(contest); item++) {
        uint16_t choice = card->choices[item];
        chosen += item < contest->candidate_count ? choice == CHOICE_CHOSEN
                                                  : choice != 0 && choice != CHOICE_NONE;
    }
    return chosen;
}

void motion_count_add(struct motion_count *count, const struct card *card)
{
    const struct contest *contest = count->contest;
    count->returned++;
    if (card->mark != CARD_PLAIN ||
        (contest->kind == CONTEST_POLL && chosen_count(contest, card) > contest->seats)) {
        count->void_count++;
        return;
    }
    for (uint32_t item = 0; item < printed_count(contest); item++) {
        uint16_t choice = card->choices[item];
        assert(choice == CHOICE_NONE || choice < contest_choice_count(contest));
        count->counts[item][choice == CHOICE_NONE ? blank_choice(contest) : choice]++;
    }
}

void motion_count_add_paper(struct motion_count *count, const uint32_t (*counts)[GRADE_MAX],
                            uint32_t returned, uint32_t void_count)
{
    const struct contest *contest = count->contest;
    assert(void_count <= returned);
    count->returned += returned;
    count->void_count += void_count;
    for (uint32_t item = 0; item < printed_count(contest); item++) {
        uint32_t valid = returned - void_count;
        for (uint32_t choice = 0; choice < contest_choice_count(contest); choice++) {
            uint32_t marks = counts[item][choice] < valid ? counts[item][choice] : valid;
            count->counts[item][choice] += marks;
            valid -= marks;
        }
        count->counts[item][blank_choice(contest)] += valid;
    }
}

/* The first `shortlist` options go on; an option nobody chose never does. */
static void shortlist_fill(const struct motion_count *count, uint32_t shortlist,
                           struct election_figures *election)
{
    uint32_t votes[CANDIDATE_MAX];
    uint32_t passing_count = 0;
    for (uint32_t i = 0; i < count->contest->candidate_count; i++) {
        if (count->counts[i][CHOICE_CHOSEN] > 0) {
            votes[passing_count++] = count->counts[i][CHOICE_CHOSEN];
        }
    }
    const struct cut cut = cut_draw(votes, passing_count, shortlist);
    for (uint32_t i = 0; i < count->contest->candidate_count; i++) {
        uint32_t own = count->counts[i][CHOICE_CHOSEN];
        election->standings[i] = own > 0 ? cut_standing(&cut, own) : STANDING_NOT;
    }
}

void motion_count_figures(const struct motion_count *count, const struct turnout *turnout,
                          struct figures *figures)
{
    const struct contest *contest = count->contest;
    memset(figures->items, 0, sizeof(figures->items));
    figures->item_count = contest_item_count(contest);
    figures->grade_count = contest_choice_count(contest);
    figures->cast_count = count->returned;
    figures->void_count = count->void_count;
    figures->valid_count = count->returned - count->void_count;
    for (uint32_t item = 0; item < figures->item_count; item++) {
        for (uint32_t choice = 0; choice < figures->grade_count; choice++) {
            figures->items[item].counts[choice] = count->counts[item][choice];
            figures->items[item].valid += count->counts[item][choice];
        }
    }
    if (contest->kind == CONTEST_POLL) {
        figures->decision = DECISION_COUNTED;
        if (contest->rules->poll.shortlist > 0) {
            shortlist_fill(count, contest->rules->poll.shortlist, &figures->election);
        }
        return;
    }
    const struct motion_rules *rules = &contest->rules->motion;
    uint32_t votes_for = count->counts[0][CHOICE_FOR];
    /* Nothing passes for which nobody voted, whatever the threshold. */
    bool is_passed =
        votes_for > 0 && threshold_is_met(&rules->majority, votes_for,
                                          turnout_base_count(turnout, count->returned,
                                                             figures->valid_count, rules->base));
    figures->decision = is_passed ? DECISION_PASSED : DECISION_NOT_PASSED;
}
