#include "server/core/appraisal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/appraisal_impl.h"

/* The rules by the contest's own numbers of grades, criteria and groups. */
static void rules_resolve(struct appraisal_count *count, const struct event *event)
{
    const struct appraisal_rules *rules = count->rules;
    for (uint32_t i = 0; i < rules->value_count; i++) {
        for (uint32_t g = 0; g < count->contest->grade_count; g++) {
            if (strcmp(count->contest->grades[g].id, rules->values[i].grade) == 0) {
                count->grades[g] = rules->values[i];
            }
        }
    }
    for (uint32_t k = 0; k < count->item_count; k++) {
        count->weights[k] = rules->criterion_count == 0;
    }
    for (uint32_t i = 0; i < rules->criterion_count; i++) {
        int32_t k = contest_find_criterion(count->contest, rules->criteria[i].criterion);
        if (k >= 0) {
            count->weights[k] = rules->criteria[i].weight;
        }
    }
    count->is_weighed = rules->group_count > 0;
    for (uint32_t i = 0; i < rules->group_count; i++) {
        for (uint32_t g = 0; g < event->group_count; g++) {
            if (strcmp(event->groups[g].id, rules->groups[i].group) == 0) {
                count->shares[g] = rules->groups[i].weight;
            }
        }
    }
}

struct appraisal_count *appraisal_count_create(const struct contest *contest,
                                               const struct event *event)
{
    assert(contest->kind == CONTEST_APPRAISAL && contest->rules != NULL);
    struct appraisal_count *count = calloc(1, sizeof(*count));
    if (count == NULL) {
        return NULL;
    }
    count->contest = contest;
    count->rules = &contest->rules->appraisal;
    count->item_count = contest_item_count(contest);
    count->group_count = event->group_count > 0 ? event->group_count : 1;
    assert(count->item_count <= CRITERION_MAX && count->group_count <= GROUP_MAX);
    assert(contest->grade_count <= GRADE_MAX);
    rules_resolve(count, event);
    return count;
}

void appraisal_count_destroy(struct appraisal_count *count)
{
    free(count);
}

/* A9: whether more or fewer of its marks are of a grade than the quota allows. */
static bool breaks_quota(const struct appraisal_count *count, const uint32_t *marks)
{
    for (uint32_t i = 0; i < count->rules->quota_count; i++) {
        const struct quota_rule *quota = &count->rules->quotas[i];
        for (uint32_t g = 0; g < count->contest->grade_count; g++) {
            if (strcmp(count->contest->grades[g].id, quota->grade) != 0) {
                continue;
            }
            if ((quota->has_most && marks[g] > quota->most) ||
                (quota->has_least && marks[g] < quota->least)) {
                return true;
            }
        }
    }
    return false;
}

/*
 * A9, A11. Cards of a single criterion are always "all the same"; that rule is about cards that
 * were filled in without looking, so it asks for two criteria at least.
 */
static bool card_is_void(const struct appraisal_count *count, const struct card *card)
{
    const struct appraisal_rules *rules = count->rules;
    uint32_t marks[GRADE_MAX] = { 0 };
    uint32_t filled = 0;
    if (card->mark != CARD_PLAIN) {
        return true;
    }
    for (uint32_t item = 0; item < count->item_count; item++) {
        uint16_t choice = card->choices[item];
        if (choice != CHOICE_NONE) {
            assert(choice < count->contest->grade_count);
            marks[choice]++;
            filled++;
        }
    }
    bool is_same = filled == count->item_count && filled >= 2 && marks[card->choices[0]] == filled;
    if (is_same && (rules->void_all_same || (rules->void_all_top && card->choices[0] == 0))) {
        return true;
    }
    if (rules->has_least_filled &&
        !threshold_is_met(&rules->least_filled, filled, count->item_count)) {
        return true;
    }
    return breaks_quota(count, marks);
}

enum status appraisal_count_add(struct appraisal_count *count, const struct card *card)
{
    assert(card->group < count->group_count);
    struct group_count *group = &count->groups[card->group];
    if (card_is_void(count, card)) {
        group->void_count++;
        return STATUS_OK;
    }
    group->valid++;
    for (uint32_t item = 0; item < count->item_count; item++) {
        if (card->choices[item] != CHOICE_NONE) {
            group->counts[item][card->choices[item]]++;
        }
    }
    if (count->rules->has_values && count->rules->has_trim) {
        appraisal_extremes_add(count, card);
    }
    return STATUS_OK;
}

void appraisal_count_add_paper(struct appraisal_count *count, uint32_t group,
                               const uint32_t (*counts)[GRADE_MAX], uint32_t returned,
                               uint32_t void_count)
{
    assert(group < count->group_count && void_count <= returned);
    struct group_count *added = &count->groups[group];
    added->valid += returned - void_count;
    added->void_count += void_count;
    for (uint32_t item = 0; item < count->item_count; item++) {
        for (uint32_t grade = 0; grade < count->contest->grade_count; grade++) {
            added->counts[item][grade] += counts[item][grade];
        }
    }
}

uint32_t appraisal_count_group(const struct appraisal_count *count, uint32_t group, uint32_t item,
                               uint32_t grade)
{
    assert(group < count->group_count && item < count->item_count);
    assert(grade < count->contest->grade_count);
    return count->groups[group].counts[item][grade];
}
