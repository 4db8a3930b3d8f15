#include "counting.h"

#include <stdio.h>
#include <string.h>

static void counting_start(struct counting *counting, enum contest_kind kind)
{
    static const char *const ids[] = { "a", "b", "c" };
    memset(counting, 0, sizeof(*counting));
    counting->event.groups = counting->groups;
    counting->event.contests = &counting->contest;
    counting->event.contest_count = 1;
    counting->event.group_count = 3;
    for (uint32_t i = 0; i < 3; i++) {
        snprintf(counting->groups[i].id, ID_SIZE, "%s", ids[i]);
        counting->groups[i].first_seat = i * 10 + 1;
        counting->groups[i].seat_count = 10;
        counting->groups[i].vote_count = 10;
    }
    counting->contest.kind = kind;
    counting->contest.rules = &counting->rules;
    counting->contest.candidates = counting->candidates;
    counting->contest.criteria = counting->criteria;
    counting->contest.grades = counting->grades;
    counting->rules.kind = kind;
    counting->rules.rounding = ROUNDING_HALF_UP;
    snprintf(counting->rules.id, ID_SIZE, "test-rules");
}

static void candidates_fill(struct counting *counting, uint32_t candidate_count, uint32_t seats)
{
    counting->contest.candidate_count = candidate_count;
    counting->contest.seats = seats;
    for (uint32_t c = 0; c < candidate_count; c++) {
        struct subject *candidate = &counting->candidates[c];
        snprintf(candidate->id, ID_SIZE, "c%u", (unsigned)c + 1);
        snprintf(candidate->name.zh, LABEL_SIZE, "候选人%u号", (unsigned)c + 1);
        snprintf(candidate->name.en, LABEL_SIZE, "Candidate %u", (unsigned)c + 1);
        counting->contest.order[c] = (uint8_t)(candidate_count - 1 - c);
    }
}

void counting_election(struct counting *counting, uint32_t candidate_count, uint32_t seats,
                       uint32_t write_in_count)
{
    counting_start(counting, CONTEST_ELECTION);
    candidates_fill(counting, candidate_count, seats);
    counting->contest.write_in_count = write_in_count;
    counting->rules.quorum = (struct quorum_rule){ true, BASE_REGISTERED, { 4, 5, true } };
    counting->rules.election = (struct election_rules){
        .difference = { 1, 5, true },
        .cap = BASE_ISSUED,
        .majority_base = BASE_PRESENT,
        .disputed_base = BASE_REGISTERED,
        .majority = { 1, 2, false },
        .allows_write_in = true,
        .write_in_needs_against = true,
        .write_in_without_against = REMEDY_ADJUDICATE,
        .write_in_is_candidate = true,
        .over_selected = REMEDY_VOID,
        .none_selected = REMEDY_COUNT,
        .illegible = REMEDY_DROP,
        .may_stop = true,
        .stop_base = BASE_PRESENT,
        .stop_share = { 1, 2, false },
        .order = ORDER_GIVEN,
    };
}

void counting_appraisal(struct counting *counting, uint32_t criterion_count, uint32_t grade_count)
{
    counting_start(counting, CONTEST_APPRAISAL);
    counting->contest.criterion_count = criterion_count;
    counting->contest.grade_count = grade_count;
    for (uint32_t i = 0; i < criterion_count; i++) {
        snprintf(counting->criteria[i].id, ID_SIZE, "k%u", (unsigned)i + 1);
    }
    for (uint32_t i = 0; i < grade_count; i++) {
        snprintf(counting->grades[i].id, ID_SIZE, "g%u", (unsigned)i + 1);
    }
}

void counting_values(struct counting *counting, const int32_t *values, uint32_t count)
{
    struct appraisal_rules *rules = &counting->rules.appraisal;
    rules->has_values = true;
    rules->value_count = count;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(rules->values[i].grade, counting->grades[i].id, ID_SIZE);
        rules->values[i].is_scored = values[i] >= 0;
        rules->values[i].value = values[i] >= 0 ? (uint32_t)values[i] : 0;
    }
}

void counting_motion(struct counting *counting)
{
    counting_start(counting, CONTEST_MOTION);
    counting->rules.motion = (struct motion_rules){ BASE_PRESENT, { 1, 2, false } };
}

void counting_poll(struct counting *counting, uint32_t option_count, uint32_t seats)
{
    counting_start(counting, CONTEST_POLL);
    candidates_fill(counting, option_count, seats);
    counting->rules.poll = (struct poll_rules){ BASE_VALID, 0 };
}

struct card counting_card(const char *choices)
{
    struct card card = { .mark = CARD_PLAIN };
    for (uint32_t item = 0; item < ITEM_MAX; item++) {
        card.choices[item] = CHOICE_NONE;
    }
    for (uint32_t item = 0; choices[item] != '\0'; item++) {
        char c = choices[item];
        card.choices[item] = c == 'o'   ? CHOICE_FOR
                             : c == 'x' ? CHOICE_AGAINST
                             : c == 'a' ? CHOICE_ABSTAIN
                             : c == '-' ? CHOICE_NONE
                                        : (uint16_t)(c - '0');
    }
    return card;
}
