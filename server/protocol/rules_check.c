#include <string.h>

#include "server/protocol/rules_parts.h"

/* Whether a profile fits what it is used for. */

static bool has_grade(const struct contest *contest, const char *id)
{
    for (uint32_t i = 0; i < contest->grade_count; i++) {
        if (strcmp(contest->grades[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static bool grade_check(struct reader *reader, const struct place *at,
                        const struct contest *contest, const char *key, const char *id)
{
    return has_grade(contest, id) ||
           reader_fault(reader, at, STATUS_INVALID,
                        "'%s' has %s of the grade '%s', which the contest has not",
                        contest->rules->id, key, id);
}

static bool grades_check(struct reader *reader, const struct place *at,
                         const struct contest *contest)
{
    const struct appraisal_rules *rules = &contest->rules->appraisal;
    bool is_good = true;

    for (uint32_t i = 0; i < rules->value_count; i++) {
        is_good = grade_check(reader, at, contest, "values", rules->values[i].grade) && is_good;
    }
    for (uint32_t i = 0; i < rules->satisfied_count; i++) {
        is_good = grade_check(reader, at, contest, "satisfied", rules->satisfied[i]) && is_good;
    }
    for (uint32_t i = 0; i < rules->quota_count; i++) {
        is_good = grade_check(reader, at, contest, "quotas", rules->quotas[i].grade) && is_good;
    }
    for (uint32_t i = 0; i < rules->remark_count; i++) {
        for (uint32_t g = 0; g < rules->remarks[i].grade_count; g++) {
            is_good =
                grade_check(reader, at, contest, "remarks", rules->remarks[i].grades[g]) && is_good;
        }
    }
    if (is_good && rules->has_values && rules->value_count != contest->grade_count) {
        is_good = reader_fault(reader, at, STATUS_INVALID,
                               "'%s' has values of %u grades, the contest has %u (A2)",
                               contest->rules->id, rules->value_count, contest->grade_count);
    }
    return is_good;
}

static bool criteria_check(struct reader *reader, const struct place *at,
                           const struct contest *contest)
{
    const struct appraisal_rules *rules = &contest->rules->appraisal;

    for (uint32_t i = 0; i < rules->criterion_count; i++) {
        if (contest_find_criterion(contest, rules->criteria[i].criterion) < 0) {
            return reader_fault(reader, at, STATUS_INVALID,
                                "'%s' weighs the criterion '%s', which the contest has not (A4)",
                                contest->rules->id, rules->criteria[i].criterion);
        }
    }
    if (rules->criterion_count > 0 && rules->criterion_count != contest->criterion_count) {
        return reader_fault(reader, at, STATUS_INVALID,
                            "'%s' weighs %u criteria, the contest has %u (A4)", contest->rules->id,
                            rules->criterion_count, contest->criterion_count);
    }
    return true;
}

static bool appraisal_check(struct reader *reader, const struct place *at,
                            const struct contest *contest)
{
    const struct appraisal_rules *rules = &contest->rules->appraisal;

    if (rules->grade_count > 0 && rules->grade_count != contest->grade_count) {
        return reader_fault(reader, at, STATUS_INVALID,
                            "'%s' is for %u grades, the contest has %u (A2)", contest->rules->id,
                            rules->grade_count, contest->grade_count);
    }
    return grades_check(reader, at, contest) && criteria_check(reader, at, contest);
}

/* E3: candidates >= seats + ceil(seats · num / den). */
static bool difference_check(struct reader *reader, const struct place *up,
                             const struct contest *contest)
{
    const struct threshold *difference = &contest->rules->election.difference;
    struct place at = { .up = up, .key = "candidates" };
    uint64_t least = contest->seats + threshold_least(difference, contest->seats);

    return contest->candidate_count >= least ||
           reader_fault(reader, &at, STATUS_INVALID,
                        "has %u for %u seats, the rules want at least %llu (E3)",
                        contest->candidate_count, contest->seats, (unsigned long long)least);
}

bool rules_check_contest(struct reader *reader, const struct place *up,
                         const struct contest *contest)
{
    struct place at = { .up = up, .key = "rules" };

    if (contest->rules->kind != contest->kind) {
        return reader_fault(reader, &at, STATUS_INVALID, "'%s' is for the kind %s, this is %s",
                            contest->rules->id, contest_kind_name(contest->rules->kind),
                            contest_kind_name(contest->kind));
    }
    switch (contest->kind) {
    case CONTEST_APPRAISAL:
        return appraisal_check(reader, &at, contest);
    case CONTEST_ELECTION:
        return difference_check(reader, up, contest);
    default:
        return true;
    }
}

/* A5: every group that is counted has a weight, and no other has. */
static bool groups_check(struct reader *reader, const struct place *at,
                         const struct contest *contest, const struct event *event)
{
    const struct appraisal_rules *rules = &contest->rules->appraisal;
    bool is_good = true;

    for (uint32_t i = 0; i < rules->group_count; i++) {
        const char *id = rules->groups[i].group;
        uint32_t g = 0;

        while (g < event->group_count && strcmp(event->groups[g].id, id) != 0) {
            g++;
        }
        if (g == event->group_count || event->groups[g].is_test) {
            is_good = reader_fault(reader, at, STATUS_INVALID,
                                   "'%s' weighs the group '%s', which %s (A5)", contest->rules->id,
                                   id, g == event->group_count ? "the event has not" : "is a test");
        }
    }
    for (uint32_t g = 0; g < event->group_count && rules->group_count > 0; g++) {
        const struct group *group = &event->groups[g];
        uint32_t i = 0;

        while (i < rules->group_count && strcmp(rules->groups[i].group, group->id) != 0) {
            i++;
        }
        if (i == rules->group_count && !group->is_test &&
            (event->has_roll || group->vote_count > 0)) {
            is_good = reader_fault(reader, at, STATUS_INVALID,
                                   "'%s' has no weight of the group '%s' (A5)", contest->rules->id,
                                   group->id);
        }
    }
    return is_good;
}

/* Why the rules must know who is present, or NULL. */
static const char *presence_why(const struct rules *rules)
{
    if (rules->quorum.is_set) {
        return "has a quorum (E2)";
    }
    switch (rules->kind) {
    case CONTEST_ELECTION:
        if (rules->election.cap == BASE_PRESENT) {
            return "allows as many ballots as members are present (E6)";
        }
        if (rules->election.majority_base == BASE_PRESENT ||
            rules->election.disputed_base == BASE_PRESENT ||
            (rules->election.may_stop && rules->election.stop_base == BASE_PRESENT)) {
            return "counts those present (E10)";
        }
        return NULL;
    case CONTEST_MOTION:
        return rules->motion.base == BASE_PRESENT ? "counts those present" : NULL;
    case CONTEST_POLL:
        return rules->poll.base == BASE_PRESENT ? "counts those present" : NULL;
    default:
        return NULL;
    }
}

bool rules_check_event(struct reader *reader, const struct place *up, const struct contest *contest,
                       const struct event *event)
{
    struct place at = { .up = up, .key = "rules" };
    const char *why = presence_why(contest->rules);

    if (event->check_in == CHECK_IN_NONE && why) {
        return reader_fault(reader, &at, STATUS_INVALID, "'%s' %s: check_in must be officer or pad",
                            contest->rules->id, why);
    }
    return contest->rules->kind != CONTEST_APPRAISAL || groups_check(reader, &at, contest, event);
}
