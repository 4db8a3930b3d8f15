#include "election_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/rules.h"

static struct rules *rules_make(void)
{
    struct rules *rules = calloc(1, sizeof(*rules));
    snprintf(rules->id, ID_SIZE, "branch");
    rules->version = 1;
    rules->hash[0] = 0xab;
    rules->kind = CONTEST_ELECTION;
    rules->answer = ANSWER_LAST;
    rules->secrecy = SECRECY_SECRET;
    rules->asking = ASKING_CARD;
    rules->rounding = ROUNDING_HALF_UP;
    rules->quorum = (struct quorum_rule){ true, BASE_REGISTERED, { 4, 5, true } };
    rules->election = (struct election_rules){
        .difference = { 1, 5, true },
        .cap = BASE_PRESENT,
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
        .order = ORDER_LOT,
    };
    return rules;
}

struct event *election_event(uint32_t voters, uint32_t candidates, uint32_t seats)
{
    struct event *event = calloc(1, sizeof(*event));
    struct contest *contest = calloc(1, sizeof(*contest));
    event->contests = contest;
    event->contest_count = 1;
    event->check_in = CHECK_IN_OFFICER;
    event->seat_count = voters + 2;
    event->groups = calloc(2, sizeof(*event->groups));
    event->group_count = 2;
    event->groups[0] = (struct group){ .id = "members", .first_seat = 1, .seat_count = voters + 1 };
    event->groups[0].vote_count = voters;
    event->groups[1] = (struct group){ .id = "tests", .first_seat = voters + 2, .seat_count = 1 };
    event->groups[1].vote_count = 1;
    event->groups[1].is_test = true;
    snprintf(event->id, sizeof(event->id), "branch");
    snprintf(contest->id, sizeof(contest->id), "secretary");
    contest->kind = CONTEST_ELECTION;
    contest->live = LIVE_TURNOUT;
    contest->rules = rules_make();
    contest->candidate_count = candidates;
    contest->candidates = calloc(candidates, sizeof(*contest->candidates));
    contest->seats = seats;
    contest->write_in_count = seats;
    for (uint32_t i = 0; i < candidates; i++) {
        snprintf(contest->candidates[i].id, ID_SIZE, "c%u", i + 1);
        snprintf(contest->candidates[i].name.zh, LABEL_SIZE, "候选人%u", i + 1);
        contest->order[i] = (uint8_t)i;
    }
    return event;
}

struct act election_act(enum act_kind kind, const char *post, const char *params)
{
    struct act act = { .kind = kind, .at_ms = 5000 };
    snprintf(act.post, sizeof(act.post), "%s", post);
    snprintf(act.contest, sizeof(act.contest), "secretary");
    snprintf(act.params, sizeof(act.params), "%s", params);
    return act;
}

enum status election_do(struct sitting *sitting, struct act act, char why[256])
{
    struct fault fault = { 0 };
    struct applied applied;
    enum status status = sitting_may_act(sitting, &act, &fault);
    if (why != NULL) {
        snprintf(why, 256, "%s", fault.text);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct record record = { .batch = 7, .act = &act };
    assert_int_equal(sitting_apply(sitting, &record, &applied, &fault), STATUS_OK);
    return STATUS_OK;
}

static enum status open_as(struct sitting *sitting, const char *candidates, bool is_paper,
                           char why[256])
{
    struct opening opening;
    struct fault fault = { 0 };
    struct applied applied;
    enum status status = sitting_may_open(sitting, "secretary", "", candidates, &opening, &fault);
    if (why != NULL) {
        snprintf(why, 256, "%s", fault.text);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct act act = { .at_ms = 1000, .post = "officer-1" };
    if (is_paper) {
        opening_set_paper(&opening);
    }
    opening_write(sitting, &opening, 0, &act);
    struct act zero = act;
    zero.kind = ACT_ZERO_CHECK;
    zero.number = 0;
    zero.params[0] = '\0';
    struct record record = { .batch = 1, .act = &zero };
    if (!opening.is_resume) {
        assert_int_equal(sitting_apply(sitting, &record, &applied, &fault), STATUS_OK);
    }
    record.act = &act;
    assert_int_equal(sitting_apply(sitting, &record, &applied, &fault), STATUS_OK);
    return STATUS_OK;
}

enum status election_open(struct sitting *sitting, const char *candidates, char why[256])
{
    return open_as(sitting, candidates, false, why);
}

enum status election_open_paper(struct sitting *sitting)
{
    return open_as(sitting, NULL, true, NULL);
}

void election_present(struct sitting *sitting, const char *seats)
{
    char params[64];
    snprintf(params, sizeof(params), "seats=%s\n", seats);
    assert_int_equal(election_do(sitting, election_act(ACT_CHECK_IN, "officer-1", params), NULL),
                     STATUS_OK);
}

void election_ballot(struct sitting *sitting, uint8_t who, const char *marks)
{
    const struct round *round = sitting_current(sitting);
    assert_non_null(round);
    for (uint16_t item = 0; marks[item] != '\0'; item++) {
        if (marks[item] == '.') {
            continue;
        }
        struct mark mark = { .round = round->number, .item = item, .version = 1 };
        memset(mark.slot, who, sizeof(mark.slot));
        memset(mark.nonce, who, sizeof(mark.nonce));
        mark.choice = marks[item] == 'o'   ? CHOICE_FOR
                      : marks[item] == 'x' ? CHOICE_AGAINST
                      : marks[item] == '-' ? CHOICE_ABSTAIN
                                           : (uint16_t)(marks[item] - '0');
        struct record record = { .batch = 2, .mark = &mark };
        struct applied applied;
        assert_int_equal(sitting_apply(sitting, &record, &applied, NULL), STATUS_OK);
        assert_int_equal(applied.verdict, VERDICT_NEW);
    }
}

void election_name(struct sitting *sitting, const char *name)
{
    const struct round *round = sitting_current(sitting);
    char params[160];
    snprintf(params, sizeof(params), "name=%s\n", name);
    struct act act = election_act(ACT_NAME, "server", params);
    act.contest[0] = '\0';
    act.round = round->number;
    act.number = sitting_name_count(sitting, round->contest) + 1;
    assert_int_equal(election_do(sitting, act, NULL), STATUS_OK);
}

void election_close(struct sitting *sitting)
{
    assert_int_equal(election_do(sitting, election_act(ACT_CLOSE, "officer-1", ""), NULL),
                     STATUS_OK);
}
