/*
 * The figures of a round: what was recorded so far while it is open, its count by the rules once it
 * is over.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/appraisal.h"
#include "server/core/motion.h"
#include "server/core/nomination.h"
#include "server/core/sitting_impl.h"

struct case_order {
    uint32_t card;
    const char *rule;
    const uint8_t *slot;
};

static int case_compare(const void *a, const void *b)
{
    return memcmp(((const struct case_order *)a)->slot, ((const struct case_order *)b)->slot,
                  SLOT_SIZE);
}

/* The cards a machine cannot decide, in the order of their slots: live and replay number alike. */
static enum status cases_find(struct round *round, const struct election_count *count,
                              struct fault *fault)
{
    uint32_t card_count = ballot_box_card_count(round->ballots);
    struct case_order *found = calloc(card_count + 1u, sizeof(*found));
    uint32_t found_count = 0;
    for (uint32_t i = 0; found != NULL && i < card_count; i++) {
        struct card card;
        const char *rule;
        ballot_box_card(round->ballots, i, &card);
        if (election_ballot_check(count, &card, &rule) == BALLOT_DISPUTED) {
            found[found_count++] =
                (struct case_order){ i, rule, ballot_box_slot(round->ballots, i) };
        }
    }
    round->cases = found != NULL ? calloc(found_count + 1u, sizeof(*round->cases)) : NULL;
    if (round->cases == NULL) {
        free(found);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the cases of round %" PRIu32,
                         round->number);
    }
    qsort(found, found_count, sizeof(*found), case_compare);
    for (uint32_t i = 0; i < found_count; i++) {
        round->cases[i].card = found[i].card;
        round->cases[i].rule = found[i].rule;
    }
    round->case_count = found_count;
    free(found);
    return STATUS_OK;
}

static struct election_count *election_create(const struct sitting *sitting,
                                              const struct round *round)
{
    struct election_count *count =
        election_count_create(round_contest(sitting, round), &round->slate);
    const struct contest_state *state = &sitting->contests[round->contest];
    for (uint32_t i = 0; count != NULL && i < state->name_count; i++) {
        if (election_count_name(count, state->names[i]) != STATUS_OK) {
            election_count_destroy(count);
            return NULL;
        }
    }
    return count;
}

/* The rulings by card; RULING_INVALID for those without. Given; NULL: no memory. */
static uint8_t *rulings_by_card(const struct round *round)
{
    uint8_t *rulings = calloc(ballot_box_card_count(round->ballots) + 1u, 1);
    for (uint32_t i = 0; rulings != NULL && i < round->case_count; i++) {
        rulings[round->cases[i].card] = (uint8_t)round->cases[i].ruling;
    }
    return rulings;
}

static enum status election_add_paper(const struct sitting *sitting, const struct round *round,
                                      struct election_count *count)
{
    uint32_t name_count = sitting->contests[round->contest].name_count;
    for (uint32_t i = 0; i < round->paper_count; i++) {
        const struct paper *paper = &round->papers[i].paper;
        if (!round->papers[i].is_confirmed) {
            continue;
        }
        uint32_t votes[ITEM_MAX][CHOICE_VOTE_COUNT];
        uint32_t *name_votes = calloc(name_count + 1u, sizeof(*name_votes));
        if (name_votes == NULL) {
            return STATUS_NOMEM;
        }
        for (uint32_t item = 0; item < ITEM_MAX; item++) {
            memcpy(votes[item], paper->counts[item], sizeof(votes[item]));
        }
        for (uint32_t n = 0; n < paper->name_count; n++) {
            uint32_t number = sitting_find_name(sitting, round->contest, paper->names[n].name);
            if (number > 0) {
                name_votes[number - 1] += paper->names[n].votes;
            }
        }
        election_count_add_paper(count, (const uint32_t(*)[CHOICE_VOTE_COUNT])votes,
                                 contest_item_count(round_contest(sitting, round)), name_votes,
                                 name_count, paper->returned, paper->void_count);
        free(name_votes);
    }
    return STATUS_OK;
}

struct election_count *sitting_election_count(const struct sitting *sitting,
                                              const struct round *round)
{
    struct election_count *count = election_create(sitting, round);
    uint8_t *rulings = rulings_by_card(round);
    bool is_good = count != NULL && rulings != NULL;
    for (uint32_t i = 0; is_good && i < ballot_box_card_count(round->ballots); i++) {
        struct card card;
        ballot_box_card(round->ballots, i, &card);
        election_count_add(count, &card, (enum ruling)rulings[i]);
    }
    is_good = is_good && election_add_paper(sitting, round, count) == STATUS_OK;
    free(rulings);
    if (!is_good) {
        election_count_destroy(count);
        return NULL;
    }
    return count;
}

void round_turnout(const struct round *round, struct turnout *turnout)
{
    turnout->registered = group_sum(round->at_open.registered);
    turnout->present = group_sum(round->at_open.present);
    turnout->issued = group_sum(round->at_open.electors);
    for (uint32_t i = 0; i < round->paper_count; i++) {
        turnout->issued += round->papers[i].is_confirmed ? round->papers[i].paper.issued : 0;
    }
}

/* What is known of a round in every state. */
static void head_fill(const struct sitting *sitting, const struct round *round,
                      struct figures *figures)
{
    const struct contest *contest = round_contest(sitting, round);
    struct turnout turnout;
    round_turnout(round, &turnout);
    memset(figures, 0, sizeof(*figures));
    figures->round = round->number;
    memcpy(figures->contest, contest->id, ID_SIZE);
    if (contest->kind == CONTEST_APPRAISAL) {
        memcpy(figures->subject, contest->subjects[round->subject].id, ID_SIZE);
    }
    figures->kind = contest->kind;
    figures->state = round->state;
    figures->shows = LIVE_TALLY;
    figures->has_present = sitting->event->check_in > CHECK_IN_NONE;
    figures->registered = turnout.registered;
    figures->present = turnout.present;
    figures->issued = turnout.issued;
    figures->cast_count = round->tally.cast_count;
    for (uint32_t i = 0; i < round->paper_count; i++) {
        figures->paper_count += round->papers[i].is_confirmed ? round->papers[i].paper.returned : 0;
    }
    figures->cast_count += figures->paper_count;
    figures->opened_ms = round->opened_ms;
    figures->closed_ms = round->closed_ms;
    figures->ends_ms = round->ends_ms;
    memcpy(figures->reason,
           round->void_reason[0] != '\0' ? round->void_reason : round->signed_reason,
           sizeof(figures->reason));
    figures->item_count = round->tally.item_count;
    figures->grade_count = round->tally.grade_count;
    memcpy(figures->rules, contest->rules->id, ID_SIZE);
    for (size_t i = 0; i < sizeof(figures->rules_hash); i++) {
        figures->rules_hash = figures->rules_hash << 8 | contest->rules->hash[i];
    }
    if (contest->kind == CONTEST_ELECTION) {
        figures->election.stage = round->slate.stage;
        figures->election.seats = round->slate.seats;
        memcpy(figures->election.order, sitting_order(sitting, round->contest),
               contest->candidate_count);
    }
}

static enum status count_election(const struct sitting *sitting, struct round *round,
                                  struct figures *figures, struct fault *fault)
{
    enum status status = STATUS_OK;
    if (round->cases == NULL) {
        struct election_count *plain = election_create(sitting, round);
        if (plain == NULL) {
            return fault_set(fault, STATUS_NOMEM, "", "no memory for the count");
        }
        status = cases_find(round, plain, fault);
        election_count_destroy(plain);
        if (status != STATUS_OK) {
            return status;
        }
    }
    struct election_count *count = sitting_election_count(sitting, round);
    if (count == NULL) {
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the count");
    }
    struct turnout turnout;
    round_turnout(round, &turnout);
    election_count_figures(
        count, &turnout, sitting->contests[round->contest].stopped_round == round->number, figures);
    memcpy(figures->election.order, sitting_order(sitting, round->contest),
           round_contest(sitting, round)->candidate_count);
    election_count_destroy(count);
    return STATUS_OK;
}

static enum status count_appraisal(const struct sitting *sitting, struct round *round,
                                   struct figures *figures, struct fault *fault)
{
    struct appraisal_count *count =
        appraisal_count_create(round_contest(sitting, round), sitting->event);
    enum status status = count != NULL ? STATUS_OK : STATUS_NOMEM;
    for (uint32_t i = 0; status == STATUS_OK && i < ballot_box_card_count(round->ballots); i++) {
        struct card card;
        ballot_box_card(round->ballots, i, &card);
        status = appraisal_count_add(count, &card);
    }
    if (status != STATUS_OK) {
        appraisal_count_destroy(count);
        return fault_set(fault, status, "", "no memory for the count of round %" PRIu32,
                         round->number);
    }
    for (uint32_t i = 0; i < round->paper_count; i++) {
        const struct paper *paper = &round->papers[i].paper;
        if (round->papers[i].is_confirmed) {
            appraisal_count_add_paper(count, paper->group, paper->counts, paper->returned,
                                      paper->void_count);
        }
    }
    appraisal_count_figures(count, figures);
    appraisal_count_destroy(round->appraisal);
    round->appraisal = count;
    return STATUS_OK;
}

/* The names written into a poll so far; NULL: no memory. Given. */
static struct nominations *poll_names(const struct sitting *sitting, const struct round *round)
{
    struct nominations *nominations = nominations_create(round_contest(sitting, round));
    const struct contest_state *state = &sitting->contests[round->contest];
    for (uint32_t i = 0; nominations != NULL && i < state->name_count; i++) {
        if (nominations_name(nominations, state->names[i]) != STATUS_OK) {
            nominations_destroy(nominations);
            return NULL;
        }
    }
    return nominations;
}

/* A hand count of a poll or motion; names that are an option's count for the option. */
static void motion_add_paper(const struct sitting *sitting, const struct round *round,
                             const struct paper *paper, struct nominations *nominations,
                             struct motion_count *count)
{
    uint32_t counts[ITEM_MAX][GRADE_MAX];
    uint32_t option_votes[CANDIDATE_MAX] = { 0 };
    memcpy(counts, paper->counts, sizeof(counts));
    for (uint32_t i = 0; nominations != NULL && i < paper->name_count; i++) {
        uint32_t number = sitting_find_name(sitting, round->contest, paper->names[i].name);
        if (number > 0) {
            nominations_add_paper(nominations, number, paper->names[i].votes, option_votes);
        }
    }
    for (uint32_t i = 0; i < CANDIDATE_MAX; i++) {
        counts[i][CHOICE_CHOSEN] += option_votes[i];
    }
    motion_count_add_paper(count, (const uint32_t(*)[GRADE_MAX])counts, paper->returned,
                           paper->void_count);
}

static enum status count_motion(const struct sitting *sitting, struct round *round,
                                struct figures *figures, struct fault *fault)
{
    const struct contest *contest = round_contest(sitting, round);
    struct nominations *nominations = NULL;
    struct motion_count count;
    struct turnout turnout;
    if (contest->write_in_count > 0) {
        nominations = poll_names(sitting, round);
        if (nominations == NULL) {
            return fault_set(fault, STATUS_NOMEM, "", "no memory for the count");
        }
    }
    motion_count_init(&count, contest);
    for (uint32_t i = 0; i < ballot_box_card_count(round->ballots); i++) {
        struct card card;
        uint32_t void_before = count.void_count;
        ballot_box_card(round->ballots, i, &card);
        if (nominations != NULL) {
            nominations_read(nominations, &card);
        }
        motion_count_add(&count, &card);
        if (nominations != NULL && count.void_count == void_before) {
            nominations_add(nominations, &card);
        }
    }
    for (uint32_t i = 0; i < round->paper_count; i++) {
        if (round->papers[i].is_confirmed) {
            motion_add_paper(sitting, round, &round->papers[i].paper, nominations, &count);
        }
    }
    round_turnout(round, &turnout);
    motion_count_figures(&count, &turnout, figures);
    if (nominations != NULL) {
        nominations_figures(nominations, figures);
        nominations_destroy(nominations);
    }
    return STATUS_OK;
}

/* The ranks of a contest's subjects, the newest round of each that stands. */
static enum status rank_contest(struct sitting *sitting, uint32_t contest, struct fault *fault)
{
    const struct contest *definition = &sitting->event->contests[contest];
    struct appraisal_count **counts = calloc(definition->subject_count, sizeof(*counts));
    struct figures **figures = calloc(definition->subject_count, sizeof(struct figures *));
    struct figures *nobody = calloc(1, sizeof(*nobody));
    if (counts == NULL || figures == NULL || nobody == NULL) {
        free(counts);
        free(figures);
        free(nobody);
        return fault_set(fault, STATUS_NOMEM, "", "no memory for the ranks");
    }
    for (uint32_t subject = 0; subject < definition->subject_count; subject++) {
        const struct round *round = sitting_round_of(sitting, contest, subject);
        bool stands = round != NULL && round->figures != NULL && round->state != ROUND_VOID;
        counts[subject] = stands ? round->appraisal : NULL;
        figures[subject] = stands ? round->figures : nobody;
    }
    appraisal_rank(definition->rules, counts, definition->subject_count, figures);
    free(counts);
    free(figures);
    free(nobody);
    return STATUS_OK;
}

enum status sitting_count(struct sitting *sitting, struct round *round, struct fault *fault)
{
    const struct contest *contest = round_contest(sitting, round);
    if (round->figures == NULL) {
        round->figures = calloc(1, sizeof(*round->figures));
        if (round->figures == NULL) {
            return fault_set(fault, STATUS_NOMEM, "", "no memory for round %" PRIu32,
                             round->number);
        }
    }
    struct figures *figures = round->figures;
    sitting->count_total++;
    head_fill(sitting, round, figures);
    enum status status = STATUS_OK;
    if (contest->kind == CONTEST_ELECTION) {
        status = count_election(sitting, round, figures, fault);
    } else if (contest->kind == CONTEST_APPRAISAL) {
        status = count_appraisal(sitting, round, figures, fault);
    } else {
        status = count_motion(sitting, round, figures, fault);
    }
    if (round->state == ROUND_VOID) {
        figures->decision = DECISION_VOID;
    }
    if (status == STATUS_OK && contest->kind == CONTEST_APPRAISAL) {
        status = rank_contest(sitting, round->contest, fault);
    }
    return status;
}

void sitting_figures(const struct sitting *sitting, const struct round *round,
                     struct figures *figures)
{
    if (round->figures != NULL) {
        *figures = *round->figures;
        return;
    }
    head_fill(sitting, round, figures);
    const struct contest *contest = round_contest(sitting, round);
    for (uint32_t item = 0; item < figures->item_count; item++) {
        for (uint32_t choice = 0; choice < figures->grade_count; choice++) {
            figures->items[item].counts[choice] = round->tally.counts[item][choice];
        }
        figures->items[item].valid = tally_valid(&round->tally, item);
    }
    if (contest->kind == CONTEST_POLL) {
        figures->election.seats = contest->seats;
    }
}

/* One chain of the four numbers; `who` in words. */
static enum status chain_check(const char *who, uint32_t registered, uint32_t present,
                               uint32_t issued, uint32_t returned, struct fault *fault)
{
    if (registered < present || present < issued || issued < returned) {
        return fault_set(fault, STATUS_REFUSED, "",
                         "%s: registered %" PRIu32 ", present %" PRIu32 ", issued %" PRIu32
                         ", returned %" PRIu32 " must not rise: an officer signs a reason",
                         who, registered, present, issued, returned);
    }
    return STATUS_OK;
}

enum status sitting_reconcile(const struct sitting *sitting, const struct round *round,
                              struct fault *fault)
{
    const struct figures *figures = round->figures;
    uint32_t issued[GROUP_MAX];
    uint32_t returned[GROUP_MAX] = { 0 };
    assert(figures != NULL);
    memcpy(issued, round->at_open.electors, sizeof(issued));
    for (uint32_t i = 0; i < ballot_box_card_count(round->ballots); i++) {
        struct card card;
        ballot_box_card(round->ballots, i, &card);
        returned[card.group < GROUP_MAX ? card.group : 0]++;
    }
    for (uint32_t i = 0; i < round->paper_count; i++) {
        const struct paper *paper = &round->papers[i].paper;
        if (round->papers[i].is_confirmed) {
            issued[paper->group] += paper->issued;
            returned[paper->group] += paper->returned;
        }
    }
    enum status status = chain_check("the hall", figures->registered, figures->present,
                                     figures->issued, figures->cast_count, fault);
    for (uint32_t g = 0; status == STATUS_OK && g < sitting->event->group_count; g++) {
        status = chain_check(sitting->event->groups[g].id, round->at_open.registered[g],
                             round->at_open.present[g], issued[g], returned[g], fault);
    }
    if (status == STATUS_OK && figures->valid_count + figures->void_count != figures->cast_count) {
        status = fault_set(fault, STATUS_REFUSED, "",
                           "returned %" PRIu32 " is not valid %" PRIu32 " and void %" PRIu32,
                           figures->cast_count, figures->valid_count, figures->void_count);
    }
    return status;
}
