#include "tests/sim/hall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/rules.h"
#include "server/protocol/event_file.h"

static const char hall_text[] =
    "{ \"minping\": 1, \"id\": \"simulated\", \"title\": { \"zh-CN\": \"模拟会场\" },"
    "  \"check_in\": \"pad\","
    "  \"groups\": ["
    "    { \"id\": \"leaders\", \"title\": { \"zh-CN\": \"领导干部\" }, \"seats\": 4 },"
    "    { \"id\": \"staff\", \"title\": { \"zh-CN\": \"工作人员\" }, \"seats\": 4 },"
    "    { \"id\": \"guests\", \"title\": { \"zh-CN\": \"列席人员\" }, \"seats\": 2,"
    "      \"votes\": false },"
    "    { \"id\": \"tests\", \"title\": { \"zh-CN\": \"测试键盘\" }, \"seats\": 2,"
    "      \"test\": true } ],"
    "  \"criteria\": ["
    "    { \"id\": \"c1\", \"title\": { \"zh-CN\": \"德\" } },"
    "    { \"id\": \"c2\", \"title\": { \"zh-CN\": \"能\" } },"
    "    { \"id\": \"c3\", \"title\": { \"zh-CN\": \"勤\" } } ],"
    "  \"grades\": ["
    "    { \"id\": \"good\", \"title\": { \"zh-CN\": \"好\" } },"
    "    { \"id\": \"fair\", \"title\": { \"zh-CN\": \"中\" } },"
    "    { \"id\": \"poor\", \"title\": { \"zh-CN\": \"差\" } } ],"
    "  \"contests\": ["
    "    { \"id\": \"appraisal\", \"kind\": \"appraisal\", \"live\": \"tally\","
    "      \"rules\": \"district-appraisal\", \"title\": { \"zh-CN\": \"民主测评\" },"
    "      \"grades\": [\"good\", \"fair\", \"poor\"], \"criteria\": [\"c1\", \"c2\", \"c3\"],"
    "      \"subjects\": ["
    "        { \"id\": \"s1\", \"name\": { \"zh-CN\": \"副区长一号\" } },"
    "        { \"id\": \"s2\", \"name\": { \"zh-CN\": \"副区长二号\" } },"
    "        { \"id\": \"s3\", \"name\": { \"zh-CN\": \"副区长三号\" } } ] },"
    "    { \"id\": \"committee\", \"kind\": \"election\", \"live\": \"turnout\","
    "      \"rules\": \"party-branch-election\", \"title\": { \"zh-CN\": \"支部委员选举\" },"
    "      \"seats\": 2, \"candidates\": ["
    "        { \"id\": \"c1\", \"name\": { \"zh-CN\": \"候选人一号\" } },"
    "        { \"id\": \"c2\", \"name\": { \"zh-CN\": \"候选人二号\" } },"
    "        { \"id\": \"c3\", \"name\": { \"zh-CN\": \"候选人三号\" } },"
    "        { \"id\": \"c4\", \"name\": { \"zh-CN\": \"候选人四号\" } } ] },"
    "    { \"id\": \"report\", \"kind\": \"motion\", \"live\": \"tally\","
    "      \"rules\": \"plain-motion\", \"title\": { \"zh-CN\": \"工作报告\" } },"
    "    { \"id\": \"names\", \"kind\": \"poll\", \"live\": \"tally\","
    "      \"rules\": \"public-recommendation\", \"title\": { \"zh-CN\": \"公开推荐\" },"
    "      \"choose\": 2, \"write_ins\": 2, \"options\": ["
    "        { \"id\": \"o1\", \"name\": { \"zh-CN\": \"人选一号\" } },"
    "        { \"id\": \"o2\", \"name\": { \"zh-CN\": \"人选二号\" } },"
    "        { \"id\": \"o3\", \"name\": { \"zh-CN\": \"人选三号\" } } ] } ],"
    "  \"posts\": ["
    "    { \"id\": \"officer-1\", \"role\": \"officer\" },"
    "    { \"id\": \"officer-2\", \"role\": \"officer\" },"
    "    { \"id\": \"operator-1\", \"role\": \"operator\" },"
    "    { \"id\": \"scrutineer-1\", \"role\": \"scrutineer\" },"
    "    { \"id\": \"overlay-1\", \"role\": \"overlay\" },"
    "    { \"id\": \"screen-1\", \"role\": \"screen\" },"
    "    { \"id\": \"base-1\", \"role\": \"base\", \"seats\": [5, 12] } ] }";

struct event *hall_event(void)
{
    static struct fault_list faults;
    struct event *event = NULL;
    if (event_parse(hall_text, strlen(hall_text), &event, &faults) != STATUS_OK) {
        fprintf(stderr, "minping-sim: the hall's event: %s: %s\n", faults.faults[0].where,
                faults.faults[0].text);
        exit(2);
    }
    return event;
}

static enum live live_draw(struct prng *prng)
{
    uint32_t draw = prng_below(prng, 4);
    return draw == 0 ? LIVE_HIDDEN : draw == 1 ? LIVE_TURNOUT : LIVE_TALLY;
}

void hall_vary(struct event *event, struct prng *prng)
{
    for (uint32_t i = 0; i < event->contest_count; i++) {
        struct contest *contest = &event->contests[i];
        struct rules *rules = contest->rules;
        bool may_ask = contest->kind == CONTEST_APPRAISAL || contest->kind == CONTEST_POLL;
        contest->live = contest->kind == CONTEST_ELECTION ? LIVE_TURNOUT : live_draw(prng);
        rules->answer = prng_below(prng, 4) == 0 ? ANSWER_FIRST : ANSWER_LAST;
        rules->asking = may_ask && prng_below(prng, 4) == 0 ? ASKING_ITEM : ASKING_CARD;
        rules->secrecy = prng_below(prng, 4) == 0 ? SECRECY_NAMED : SECRECY_SECRET;
    }
    struct rules *election = event->contests[HALL_ELECTION].rules;
    election->quorum.share =
        (struct threshold){ .num = 1, .den = 4, .is_inclusive = true }; /* few may come */
    election->election.majority_base = prng_below(prng, 2) == 0 ? BASE_VALID : BASE_PRESENT;
    event->check_in = prng_below(prng, 4) == 0 ? CHECK_IN_OFFICER : CHECK_IN_PAD;
}
