#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/appraisal.h"
#include "server/core/election.h"
#include "server/core/motion.h"
#include "server/core/paper.h"
#include "server/model/limits.h"

/*
 * Bytes become a contest, its rules, names and a sequence of cards with rulings and hand counts.
 * Whatever they are, sums agree, nobody is elected without the votes for it, equal votes are equal,
 * and cards in the other order come to the same figures.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes left; 0 where there are none any more. */
struct source {
    const uint8_t *data;
    size_t size;
};

#define CARD_MAX 48 /* cards of one input: enough for every tie, and quick */
#define NAME_MAX_HERE 6

static struct event event;
static struct contest contest;
static struct rules rules;
static struct group groups[3];
static struct subject candidates[CANDIDATE_MAX];
static struct criterion criteria[CRITERION_MAX];
static struct grade grades[GRADE_MAX];
static struct card cards[CARD_MAX];
static enum ruling rulings[CARD_MAX];
static struct figures figures;
static struct figures reversed;

static uint32_t take(struct source *source, uint32_t below)
{
    if (source->size == 0) {
        return 0;
    }
    source->size--;
    return *source->data++ % below;
}

static struct threshold take_threshold(struct source *source)
{
    struct threshold threshold = { .den = 1 + take(source, 10) };
    threshold.num = take(source, threshold.den + 1);
    threshold.is_inclusive = take(source, 2);
    return threshold;
}

static void make_event(struct source *source)
{
    memset(&event, 0, sizeof(event));
    memset(&contest, 0, sizeof(contest));
    memset(&rules, 0, sizeof(rules));
    event.groups = groups;
    event.group_count = 1 + take(source, 3);
    for (uint32_t i = 0; i < 3; i++) {
        snprintf(groups[i].id, ID_SIZE, "g%u", (unsigned)i);
    }
    contest.rules = &rules;
    contest.candidates = candidates;
    contest.criteria = criteria;
    contest.grades = grades;
    for (uint32_t i = 0; i < CANDIDATE_MAX; i++) {
        snprintf(candidates[i].id, ID_SIZE, "c%u", (unsigned)i);
        snprintf(candidates[i].name.zh, LABEL_SIZE, "甲%u", (unsigned)i);
    }
    for (uint32_t i = 0; i < CRITERION_MAX; i++) {
        snprintf(criteria[i].id, ID_SIZE, "k%u", (unsigned)i);
    }
    for (uint32_t i = 0; i < GRADE_MAX; i++) {
        snprintf(grades[i].id, ID_SIZE, "v%u", (unsigned)i);
    }
}

/* Cards whose items have `choice_count` choices, lines `name_count` names. */
static uint32_t make_cards(struct source *source, uint32_t choice_count, uint32_t name_count)
{
    uint32_t count = take(source, CARD_MAX + 1);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t special = take(source, 16);
        cards[i].group = take(source, event.group_count);
        cards[i].mark = special == 1 ? CARD_MARKED : special == 2 ? CARD_ILLEGIBLE : CARD_PLAIN;
        rulings[i] = (enum ruling)take(source, RULING_VOID + 1);
        for (uint32_t item = 0; item < contest_item_count(&contest); item++) {
            bool is_line = contest.kind != CONTEST_APPRAISAL && contest.kind != CONTEST_MOTION &&
                           item >= contest.candidate_count;
            uint32_t choice = take(source, is_line ? name_count + 2 : choice_count + 1);
            bool is_none = choice == (is_line ? name_count + 1 : choice_count);
            cards[i].choices[item] = is_none ? CHOICE_NONE : (uint16_t)choice;
        }
    }
    return count;
}

static void check_items(const struct figures *found, uint32_t valid_max)
{
    assert(found->item_count == contest_item_count(&contest));
    for (uint32_t item = 0; item < found->item_count; item++) {
        uint32_t sum = 0;
        for (uint32_t choice = 0; choice < GRADE_MAX; choice++) {
            assert(choice < found->grade_count || found->items[item].counts[choice] == 0);
            sum += found->items[item].counts[choice];
        }
        assert(sum == found->items[item].valid && sum <= valid_max);
    }
}

static void make_election_rules(struct source *source)
{
    struct election_rules *election = &rules.election;
    election->difference = take_threshold(source);
    election->cap = (enum base)(1 + take(source, BASE_VALID));
    election->majority_base = (enum base)(1 + take(source, BASE_VALID));
    election->disputed_base = (enum base)take(source, BASE_COUNT);
    election->majority = take_threshold(source);
    election->allows_write_in = take(source, 4) != 0;
    election->write_in_needs_against = take(source, 2);
    election->write_in_without_against = (enum remedy)(1 + take(source, REMEDY_COUNT));
    election->write_in_is_candidate = take(source, 4) != 0;
    election->over_selected = (enum remedy)(1 + take(source, REMEDY_COUNT));
    election->none_selected = (enum remedy)(1 + take(source, REMEDY_COUNT));
    election->illegible = (enum remedy)(1 + take(source, REMEDY_COUNT));
    election->run_off_needs_majority = take(source, 2);
}

/* One reading: more than enough votes for nobody else's sake, equal votes equal. */
static void check_standings(const struct election_figures *election, const enum standing *standings,
                            bool is_disputed, bool needs_majority)
{
    uint32_t base = is_disputed ? election->disputed_count : election->base_count;
    uint32_t run_off = is_disputed ? election->disputed_run_off_seats : election->run_off_seats;
    uint32_t missing = is_disputed ? election->disputed_missing_seats : election->missing_seats;
    uint32_t elected = 0;
    uint32_t tied = 0;
    for (uint32_t i = 0; i < contest.candidate_count + election->name_count; i++) {
        bool is_name = i >= contest.candidate_count;
        const struct name_figures *name =
            is_name ? &election->names[i - contest.candidate_count] : NULL;
        enum standing standing = !is_name      ? standings[i]
                                 : is_disputed ? name->disputed
                                               : name->standing;
        uint32_t votes = is_name ? name->votes : figures.items[i].counts[CHOICE_FOR];
        elected += standing == STANDING_ELECTED;
        tied += standing == STANDING_TIED;
        assert(standing != STANDING_INVALID);
        if (standing == STANDING_ELECTED || standing == STANDING_TIED) {
            assert(votes > 0);
            assert(!needs_majority || threshold_is_met(&rules.election.majority, votes, base));
        }
        for (uint32_t c = 0; c < contest.candidate_count && !is_name; c++) {
            bool is_level = figures.items[c].counts[CHOICE_FOR] == votes;
            assert(!is_level || standings[c] == standing || standings[c] == STANDING_OFF ||
                   standing == STANDING_OFF);
        }
    }
    assert(elected + run_off + missing == election->seats);
    assert((tied > 0) == (run_off > 0) && (tied == 0 || tied > run_off));
    assert(run_off == 0 || missing == 0);
}

static void count_election(const struct slate *slate, const char *const *names, uint32_t name_count,
                           uint32_t card_count, bool is_reversed, const struct turnout *turnout,
                           struct figures *found)
{
    struct election_count *count = election_count_create(&contest, slate);
    assert(count != NULL);
    for (uint32_t i = 0; i < name_count; i++) {
        assert(election_count_name(count, names[i]) == STATUS_OK);
    }
    for (uint32_t i = 0; i < card_count; i++) {
        uint32_t index = is_reversed ? card_count - 1 - i : i;
        const char *rule = NULL;
        enum ballot_kind kind = election_ballot_check(count, &cards[index], &rule);
        assert(kind != BALLOT_INVALID && rule != NULL);
        assert(kind == BALLOT_VALID || rule[0] != '\0');
        election_count_add(count, &cards[index], rulings[index]);
    }
    memset(found, 0, sizeof(*found));
    election_count_figures(count, turnout, false, found);
    for (uint32_t number = 1; number <= name_count; number++) {
        enum standing standing = election_name_standing(count, turnout, number);
        bool is_decided = found->decision != DECISION_VOID && found->decision != DECISION_PENDING;
        assert((standing != STANDING_INVALID) == is_decided);
    }
    election_count_destroy(count);
}

static void fuzz_election(struct source *source)
{
    static const char *const names[NAME_MAX_HERE] = { "乙一", "乙 一", "甲0", "？", "甲1", "乙二" };
    struct slate slate = { .stage = STAGE_FIRST };
    struct turnout turnout;
    contest.kind = CONTEST_ELECTION;
    contest.candidate_count = 1 + take(source, 6);
    contest.write_in_count = take(source, 4);
    contest.seats = slate.seats = 1 + take(source, 4);
    slate.stage = (enum round_stage)(STAGE_FIRST + take(source, 3));
    slate.candidates = (UINT64_C(1) << contest.candidate_count) - 1;
    slate.candidates &= take(source, 3) == 0 ? take(source, 64) : UINT64_MAX;
    uint32_t name_count = take(source, NAME_MAX_HERE + 1);
    make_election_rules(source);
    turnout.registered = take(source, 64);
    turnout.present = take(source, 64);
    turnout.issued = take(source, 64);
    /* Names 1 and 6 may have been adopted: those that are nobody else's. */
    for (uint32_t line = 0; line < contest.write_in_count && slate.stage == STAGE_RUN_OFF; line++) {
        uint32_t number = line == 0 ? 1 : NAME_MAX_HERE;
        slate.adopted[line] = line < 2 && number <= name_count ? (uint16_t)number : 0;
    }
    uint32_t card_count = make_cards(source, CHOICE_VOTE_COUNT, name_count);
    for (uint32_t i = 0; i < card_count; i++) {
        for (uint32_t line = 0; line < contest.write_in_count; line++) {
            uint16_t *choice = &cards[i].choices[contest.candidate_count + line];
            if (slate.adopted[line] != 0 && *choice != CHOICE_NONE) {
                *choice %= CHOICE_VOTE_COUNT;
            }
        }
    }
    count_election(&slate, names, name_count, card_count, false, &turnout, &figures);
    count_election(&slate, names, name_count, card_count, true, &turnout, &reversed);
    assert(figures_hash(&figures) == figures_hash(&reversed));
    assert(figures.cast_count == card_count);
    check_items(&figures, figures.valid_count);
    if (figures.decision == DECISION_PENDING || figures.decision == DECISION_VOID) {
        assert(figures.valid_count == 0 && figures.election.name_count == 0);
        assert((figures.decision == DECISION_PENDING) == (figures.pending > 0));
        return;
    }
    assert(figures.valid_count + figures.void_count == card_count);
    uint64_t votes = 0;
    for (uint32_t c = 0; c < contest.candidate_count; c++) {
        bool stands = (slate.candidates >> c & 1) != 0;
        assert(!stands || figures.items[c].valid == figures.valid_count);
        votes += figures.items[c].counts[CHOICE_FOR];
    }
    for (uint32_t i = 0; i < figures.election.name_count; i++) {
        votes += figures.election.names[i].votes;
    }
    assert(votes <= (uint64_t)slate.seats * figures.valid_count);
    bool needs_majority = slate.stage != STAGE_RUN_OFF || rules.election.run_off_needs_majority;
    check_standings(&figures.election, figures.election.standings, false, needs_majority);
    if (figures.election.disputed_base != BASE_INVALID) {
        check_standings(&figures.election, figures.election.disputed, true, needs_majority);
    }
}

static void make_appraisal_rules(struct source *source)
{
    struct appraisal_rules *appraisal = &rules.appraisal;
    appraisal->has_values = take(source, 4) != 0;
    appraisal->value_count = contest.grade_count;
    for (uint32_t g = 0; g < contest.grade_count; g++) {
        memcpy(appraisal->values[g].grade, grades[g].id, ID_SIZE);
        appraisal->values[g].is_scored = take(source, 4) != 0;
        appraisal->values[g].value = take(source, 101);
    }
    appraisal->unscored_in_base = take(source, 2);
    appraisal->blank_in_base = take(source, 2);
    appraisal->criterion_count = take(source, 2) * contest.criterion_count;
    for (uint32_t k = 0; k < appraisal->criterion_count; k++) {
        memcpy(appraisal->criteria[k].criterion, criteria[k].id, ID_SIZE);
        appraisal->criteria[k].weight = take(source, 100);
    }
    appraisal->group_count = take(source, 2) * event.group_count;
    for (uint32_t g = 0; g < appraisal->group_count; g++) {
        memcpy(appraisal->groups[g].group, groups[g].id, ID_SIZE);
        appraisal->groups[g].weight = 1 + take(source, 100);
    }
    appraisal->has_trim = take(source, 2);
    appraisal->trim_above = take(source, 8);
    appraisal->void_all_same = take(source, 4) == 1;
    appraisal->void_all_top = take(source, 4) == 1;
    appraisal->has_least_filled = take(source, 4) == 1;
    appraisal->least_filled = take_threshold(source);
    appraisal->quota_count = take(source, 2);
    memcpy(appraisal->quotas[0].grade, grades[0].id, ID_SIZE);
    appraisal->quotas[0].has_most = true;
    appraisal->quotas[0].most = take(source, 5);
    appraisal->remark_count = take(source, 2);
    memcpy(appraisal->remarks[0].grades[0], grades[0].id, ID_SIZE);
    appraisal->remarks[0].grade_count = 1;
    appraisal->remarks[0].is_under = take(source, 2);
    appraisal->remarks[0].share = take_threshold(source);
    appraisal->band_count = 1;
    appraisal->bands[0].least = take(source, 101);
    appraisal->ranks = true;
}

static struct appraisal_count *count_appraisal(uint32_t card_count, bool is_reversed,
                                               struct figures *found)
{
    struct appraisal_count *count = appraisal_count_create(&contest, &event);
    assert(count != NULL);
    for (uint32_t i = 0; i < card_count; i++) {
        uint32_t index = is_reversed ? card_count - 1 - i : i;
        assert(appraisal_count_add(count, &cards[index]) == STATUS_OK);
    }
    memset(found, 0, sizeof(*found));
    appraisal_count_figures(count, found);
    return count;
}

static void fuzz_appraisal(struct source *source)
{
    struct appraisal_count *counts[2];
    struct figures *shown[2] = { &figures, &reversed };
    uint32_t highest = 0;
    contest.kind = CONTEST_APPRAISAL;
    contest.criterion_count = 1 + take(source, 5);
    contest.grade_count = 2 + take(source, 4);
    make_appraisal_rules(source);
    uint32_t card_count = make_cards(source, contest.grade_count, 0);
    counts[0] = count_appraisal(card_count, false, &figures);
    counts[1] = count_appraisal(card_count, true, &reversed);
    assert(figures_hash(&figures) == figures_hash(&reversed));
    assert(figures.valid_count + figures.void_count == card_count);
    check_items(&figures, figures.valid_count);
    for (uint32_t g = 0; g < contest.grade_count; g++) {
        uint32_t value = rules.appraisal.values[g].is_scored ? rules.appraisal.values[g].value : 0;
        highest = value > highest ? value : highest;
    }
    assert(figures.appraisal.has_scores == rules.appraisal.has_values);
    assert(figures.appraisal.person.hundredths <= highest * 100);
    for (uint32_t k = 0; k < contest.criterion_count; k++) {
        assert(figures.appraisal.items[k].hundredths <= highest * 100);
    }
    appraisal_rank(&rules, counts, 2, shown);
    assert(figures.appraisal.rank == figures.appraisal.person.is_set);
    assert(figures.appraisal.tied_count == 2 * figures.appraisal.rank);
    appraisal_count_destroy(counts[0]);
    appraisal_count_destroy(counts[1]);
}

static void fuzz_motion(struct source *source)
{
    struct motion_count count;
    struct turnout turnout;
    contest.kind = take(source, 2) ? CONTEST_POLL : CONTEST_MOTION;
    contest.candidate_count = 1 + take(source, 6);
    contest.write_in_count = contest.kind == CONTEST_POLL ? take(source, 3) : 0;
    contest.seats = 1 + take(source, 4);
    if (contest.kind == CONTEST_POLL) {
        rules.poll.base = BASE_VALID;
        rules.poll.shortlist = take(source, 4);
    } else {
        rules.motion.base = (enum base)(1 + take(source, BASE_VALID));
        rules.motion.majority = take_threshold(source);
    }
    turnout.registered = turnout.present = turnout.issued = take(source, 64);
    uint32_t card_count = make_cards(source, contest_choice_count(&contest), 2);
    motion_count_init(&count, &contest);
    for (uint32_t i = 0; i < card_count; i++) {
        motion_count_add(&count, &cards[i]);
    }
    memset(&figures, 0, sizeof(figures));
    motion_count_figures(&count, &turnout, &figures);
    assert(figures.cast_count == card_count);
    assert(figures.valid_count + figures.void_count == card_count);
    check_items(&figures, figures.valid_count);
    assert(figures.items[0].valid == figures.valid_count);
    assert(figures.decision != DECISION_PASSED || figures.items[0].counts[CHOICE_FOR] > 0);
}

/* The rest as the lines of a hand count. */
static void fuzz_paper(struct source *source)
{
    static struct paper paper;
    char *lines = malloc(source->size + 1);
    struct fault fault = { 0 };
    assert(lines != NULL);
    contest.kind = CONTEST_ELECTION;
    contest.candidate_count = 3;
    contest.write_in_count = 2;
    contest.seats = 2;
    memcpy(lines, source->data, source->size);
    lines[source->size] = '\0';
    enum status status = paper_parse(&event, &contest, lines, &paper, &fault);
    assert(fault.status == status && (status == STATUS_OK || fault.text[0] != '\0'));
    if (status == STATUS_OK) {
        uint32_t valid = paper.returned - paper.void_count;
        assert(paper.void_count <= paper.returned && paper.group < event.group_count);
        for (uint32_t item = 0; item < 5; item++) {
            uint32_t *marks = paper.counts[item];
            assert(marks[0] + marks[1] + marks[2] <= valid);
        }
    }
    free(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = { data, size };
    uint32_t kind = take(&source, 8);
    make_event(&source);
    if (kind < 3) {
        fuzz_election(&source);
    } else if (kind < 5) {
        fuzz_appraisal(&source);
    } else if (kind < 6) {
        fuzz_motion(&source);
    } else {
        fuzz_paper(&source);
    }
    return 0;
}
