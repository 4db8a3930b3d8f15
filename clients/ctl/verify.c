#include "clients/ctl/verify.h"

#include <inttypes.h>

#include "clients/ctl/acks_check.h"
#include "clients/ctl/recount.h"
#include "clients/ctl/word.h"
#include "server/core/disclosure.h"

struct totals {
    uint64_t number_count; /* numbers that were compared */
    uint64_t card_count;
};

/* Where a difference is: "round 3, committee" or, of an appraisal, "round 3, s01". */
static const char *place_of(const struct contest *contest, const struct round *round)
{
    return contest->kind == CONTEST_APPRAISAL ? contest->subjects[round->subject].id : contest->id;
}

/* Every card that core holds against the marks of the log: each choice, a name's number too. */
static enum status cards_compare(const struct ledger *ledger, const struct round *first,
                                 const struct recount *recount, struct totals *totals,
                                 struct fault *fault)
{
    const struct contest *contest = &ledger->event->contests[first->contest];
    uint32_t item_count = contest_item_count(contest);
    uint32_t card_count = ballot_box_card_count(first->ballots);
    for (uint32_t i = 0; i < card_count; i++) {
        struct card card;
        uint16_t choices[ITEM_MAX];
        uint8_t group = 0;
        ballot_box_card(first->ballots, i, &card);
        if (!recount_card(recount, first->number, ballot_box_slot(first->ballots, i), choices,
                          &group) ||
            group != card.group) {
            return fault_set(fault, STATUS_REFUSED, "",
                             "round %" PRIu32 ", %s: card %" PRIu32
                             " of the first count has no marks, or another group, by the second",
                             first->number, place_of(contest, first), i);
        }
        for (uint32_t item = 0; item < item_count; item++) {
            if (card.choices[item] != choices[item]) {
                return fault_set(fault, STATUS_REFUSED, "",
                                 "round %" PRIu32 ", %s, item %" PRIu32 ": card %" PRIu32
                                 " differs between the counts",
                                 first->number, place_of(contest, first), item, i);
            }
            if (contest->kind == CONTEST_ELECTION && contest->rules->asking == ASKING_CARD &&
                choices[item] == CHOICE_NONE && sitting_round_has(ledger->sitting, first, item)) {
                return fault_set(fault, STATUS_REFUSED, "",
                                 "round %" PRIu32 ", %s, item %" PRIu32 ": card %" PRIu32
                                 " has no mark, but ballots of an election are cast whole",
                                 first->number, place_of(contest, first), item, i);
            }
            totals->number_count++;
        }
    }
    return STATUS_OK;
}

/* No group cast more cards than it had electors when the round opened. */
static enum status groups_compare(const struct ledger *ledger, const struct round *first,
                                  struct fault *fault)
{
    uint32_t cards[GROUP_MAX] = { 0 };
    for (uint32_t i = 0; i < ballot_box_card_count(first->ballots); i++) {
        struct card card;
        ballot_box_card(first->ballots, i, &card);
        cards[card.group]++;
    }
    for (uint32_t g = 0; g < ledger->event->group_count; g++) {
        if (cards[g] > first->at_open.electors[g]) {
            return fault_set(fault, STATUS_REFUSED, "",
                             "round %" PRIu32 ": %" PRIu32
                             " cards of group '%s', which had %" PRIu32 " electors",
                             first->number, cards[g], ledger->event->groups[g].id,
                             first->at_open.electors[g]);
        }
    }
    return STATUS_OK;
}

/* Core's running tally: elections have none, their ballots are counted when the round is over. */
static enum status tally_compare(const struct contest *contest, const struct round *first,
                                 const struct recount_round *second, struct totals *totals,
                                 struct fault *fault)
{
    uint32_t item_count = contest_item_count(contest);
    uint32_t choice_count = contest_choice_count(contest);
    for (uint32_t item = 0; item < ITEM_MAX && contest->kind != CONTEST_ELECTION; item++) {
        for (uint32_t choice = 0; choice < GRADE_MAX; choice++) {
            if (item < item_count && contest_item_is_line(contest, item)) {
                continue; /* names, which cards_compare() looks at one by one */
            }
            bool is_known = item < item_count && choice < choice_count;
            uint32_t counted = is_known ? first->tally.counts[item][choice] : 0;
            if (counted != second->counts[item][choice]) {
                return fault_set(fault, STATUS_REFUSED, "",
                                 "round %" PRIu32 ", %s, item %" PRIu32 ", choice %" PRIu32
                                 ": %" PRIu32 " by the first count, %" PRIu32 " by the second",
                                 second->round, place_of(contest, first), item, choice, counted,
                                 second->counts[item][choice]);
            }
            totals->number_count += is_known ? 1 : 0;
        }
    }
    return STATUS_OK;
}

/* What was counted by the rules of a round that is over: its sums, and its cards without paper. */
static enum status figures_compare(const struct ledger *ledger, const struct round *first,
                                   const struct recount_round *second, struct fault *fault)
{
    struct figures figures;
    disclosure_figures(ledger->sitting, first, AUDIENCE_SCRUTINEER, &figures);
    if (!round_state_is_over(first->state)) {
        return STATUS_OK;
    }
    if (figures.cast_count - figures.paper_count != second->card_count) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "round %" PRIu32 ": %" PRIu32 " returned, of them paper %" PRIu32
                         ", but %" PRIu32 " cards by the second count",
                         second->round, figures.cast_count, figures.paper_count,
                         second->card_count);
    }
    return figures_are_sound(&figures)
               ? STATUS_OK
               : fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 ": the sums do not agree",
                           second->round);
}

static enum status round_compare(const struct ledger *ledger, const struct recount *recount,
                                 const struct recount_round *second, struct totals *totals,
                                 struct fault *fault)
{
    const struct round *first = sitting_round(ledger->sitting, second->round);
    if (first == NULL) {
        return fault_set(fault, STATUS_REFUSED, "", "round %" PRIu32 " is not in the first count",
                         second->round);
    }
    const struct contest *contest = &ledger->event->contests[first->contest];
    if (first->tally.cast_count != second->card_count ||
        ballot_box_card_count(first->ballots) != second->card_count) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "round %" PRIu32 ": %" PRIu32 " cards by the first count, %" PRIu32
                         " by the second",
                         second->round, first->tally.cast_count, second->card_count);
    }
    enum status status = tally_compare(contest, first, second, totals, fault);
    if (status == STATUS_OK) {
        status = groups_compare(ledger, first, fault);
    }
    if (status == STATUS_OK) {
        status = cards_compare(ledger, first, recount, totals, fault);
    }
    if (status == STATUS_OK) {
        status = figures_compare(ledger, first, second, fault);
    }
    totals->card_count += second->card_count;
    return status;
}

static enum status counts_compare(const struct ledger *ledger, const struct recount *recount,
                                  struct totals *totals, struct fault *fault)
{
    if (recount->round_count != sitting_round_count(ledger->sitting)) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "%" PRIu32 " rounds by the first count, %" PRIu32 " by the second",
                         sitting_round_count(ledger->sitting), recount->round_count);
    }
    for (uint32_t i = 0; i < recount->round_count; i++) {
        enum status status = round_compare(ledger, recount, &recount->rounds[i], totals, fault);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (recount->outside_count != 0) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "%" PRIu64 " marks in the log lie outside their round's opening",
                         recount->outside_count);
    }
    if (sitting_ignored_total(ledger->sitting) != 0) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "%" PRIu64 " marks in the log were passed over: recorded twice or late",
                         sitting_ignored_total(ledger->sitting));
    }
    return STATUS_OK;
}

static enum status acks_compare(const char *path, const struct event *event,
                                const struct recount *recount, enum language language, FILE *out,
                                struct fault *fault)
{
    struct acks_report report;
    enum status status = acks_check(path, event, recount, &report, fault);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_REFUSED : status;
    }
    fprintf(out,
            WORD(language,
                 "回执 %s:%" PRIu64 " 条全部在记录内;计入 %" PRIu64 ",由更高版本替代 %" PRIu64
                 "%s\n",
                 "acknowledgements %s: %" PRIu64 " marks, all in the log; %" PRIu64
                 " counted, %" PRIu64 " replaced by a higher version%s\n"),
            path, report.line_count, report.counted_count, report.superseded_count,
            report.cut_count != 0 ? WORD(language, ";末行不完整,未比较",
                                         "; the last line has no end and was not compared")
                                  : "");
    return STATUS_OK;
}

enum status verify_run(const struct ledger *ledger, const char *acks, enum language language,
                       FILE *out, struct fault *fault)
{
    struct recount recount;
    struct totals totals = { 0 };
    enum status status = recount_run(ledger, &recount, fault);
    if (status != STATUS_OK) {
        return status;
    }
    fprintf(out,
            WORD(language, "活动 %s,记录 %s:轮次 %" PRIu32 ",标记 %" PRIu64 ",操作 %" PRIu64 "\n",
                 "event %s, log %s: %" PRIu32 " rounds, %" PRIu64 " marks, %" PRIu64 " acts\n"),
            ledger->event->id, ledger->identity.log_id, recount.round_count, ledger->mark_count,
            ledger->act_count);
    status = counts_compare(ledger, &recount, &totals, fault);
    if (status == STATUS_OK) {
        fprintf(out,
                WORD(language,
                     "两次计票一致:%" PRIu64 " 个数,%" PRIu64 " 张票,有效标记 %" PRIu64
                     ";合计无误\n",
                     "both counts agree: %" PRIu64 " numbers, %" PRIu64 " cards, %" PRIu64
                     " marks taken; the sums agree\n"),
                totals.number_count, totals.card_count, recount.mark_count);
        if (acks != NULL) {
            status = acks_compare(acks, ledger->event, &recount, language, out, fault);
        }
    }
    if (status == STATUS_OK) {
        fprintf(out, "%s\n", WORD(language, "核验通过", "verified"));
    }
    recount_finish(&recount);
    return status;
}
