#include <assert.h>
#include <string.h>

#include "server/core/appraisal_impl.h"
#include "server/core/ratio.h"

/*
 * Scores, exactly (A1 … A5, A8, A10, A12).
 *
 * An item's score is Σ value · count over its base, in each weighed group apart. What has no mark
 * of a grade that is worth anything makes no score: such a group is left out of the item, such an
 * item is left out of the person, and the weights of the others are shares of what is left.
 *
 * A10 leaves one highest and one lowest card out of every pool of more than `trim_above` cards
 * (three at least, so that a card is left): out of each weighed group, or out of all cards where
 * groups are not weighed. Hand counts hold no cards: they are in as they are.
 */

/* Marks of one item in one pool: cards is how many valid cards the pool has. */
struct pool_item {
    uint64_t counts[GRADE_MAX];
    uint64_t cards;
};

static void pool_add(const struct appraisal_count *count, const struct group_count *group,
                     uint32_t item, struct pool_item *pool)
{
    pool->cards += group->valid;
    for (uint32_t grade = 0; grade < count->contest->grade_count; grade++) {
        pool->counts[grade] += group->counts[item][grade];
    }
}

static bool is_trimmed(const struct appraisal_count *count, const struct extremes *extremes)
{
    const struct appraisal_rules *rules = count->rules;
    return rules->has_trim && extremes->card_count > rules->trim_above && extremes->card_count >= 3;
}

static void pool_take(struct pool_item *pool, uint16_t choice)
{
    pool->cards--;
    if (choice != CHOICE_NONE) {
        pool->counts[choice]--;
    }
}

static void pool_trim(const struct appraisal_count *count, const struct extremes *extremes,
                      uint32_t item, struct pool_item *pool)
{
    if (is_trimmed(count, extremes)) {
        pool_take(pool, extremes->highest[item]);
        pool_take(pool, extremes->lowest[item]);
    }
}

/* A1, A3. False: no mark of a grade that has a value. */
static bool pool_score(const struct appraisal_count *count, const struct pool_item *pool,
                       mpq_t score)
{
    uint64_t points = 0;
    uint64_t scored = 0;
    uint64_t marks = 0;
    for (uint32_t grade = 0; grade < count->contest->grade_count; grade++) {
        marks += pool->counts[grade];
        if (count->grades[grade].is_scored) {
            points += pool->counts[grade] * count->grades[grade].value;
            scored += pool->counts[grade];
        }
    }
    if (scored == 0) {
        return false;
    }
    uint64_t base = count->rules->unscored_in_base ? marks : scored;
    base += count->rules->blank_in_base ? pool->cards - marks : 0;
    mpq_set_ui(score, points, base);
    mpq_canonicalize(score);
    return true;
}

/* A weighted mean under way: Σ weight · score, and Σ weight of those that have one. */
struct mean {
    mpq_t sum;
    uint64_t weight;
};

static void mean_add(struct mean *mean, const mpq_t score, uint32_t weight)
{
    mpq_t part;
    mpq_init(part);
    mpq_set_ui(part, weight, 1);
    mpq_mul(part, part, score);
    mpq_add(mean->sum, mean->sum, part);
    mean->weight += weight;
    mpq_clear(part);
}

/* False: nothing that weighs anything was added. Clears the mean. */
static bool mean_finish(struct mean *mean, mpq_t score)
{
    bool is_set = mean->weight > 0;
    if (is_set) {
        mpq_set_ui(score, mean->weight, 1);
        mpq_div(score, mean->sum, score);
    }
    mpq_clear(mean->sum);
    return is_set;
}

/* A5: of all groups, weighed or as one pool. */
static bool item_score(const struct appraisal_count *count, uint32_t item, mpq_t score)
{
    struct pool_item pool = { 0 };
    if (!count->is_weighed) {
        for (uint32_t g = 0; g < count->group_count; g++) {
            pool_add(count, &count->groups[g], item, &pool);
        }
        pool_trim(count, &count->extremes, item, &pool);
        return pool_score(count, &pool, score);
    }
    struct mean mean = { .weight = 0 };
    mpq_init(mean.sum);
    for (uint32_t g = 0; g < count->group_count; g++) {
        memset(&pool, 0, sizeof(pool));
        pool_add(count, &count->groups[g], item, &pool);
        pool_trim(count, &count->groups[g].extremes, item, &pool);
        if (pool_score(count, &pool, score)) {
            mean_add(&mean, score, count->shares[g]);
        }
    }
    return mean_finish(&mean, score);
}

bool appraisal_count_score(const struct appraisal_count *count, mpq_t score)
{
    struct mean mean = { .weight = 0 };
    if (!count->rules->has_values) {
        return false;
    }
    mpq_init(mean.sum);
    for (uint32_t item = 0; item < count->item_count; item++) {
        if (item_score(count, item, score)) {
            mean_add(&mean, score, count->weights[item]);
        }
    }
    return mean_finish(&mean, score);
}

/* The weighed mean of the card; what counts in the base without a value is 0. */
static struct card_score card_score(const struct appraisal_count *count, const struct card *card)
{
    struct card_score score = { 0 };
    for (uint32_t item = 0; item < count->item_count; item++) {
        uint16_t choice = card->choices[item];
        bool is_scored = choice != CHOICE_NONE && count->grades[choice].is_scored;
        bool is_in_base = is_scored || (choice == CHOICE_NONE ? count->rules->blank_in_base
                                                              : count->rules->unscored_in_base);
        if (is_in_base) {
            score.weight += count->weights[item];
            score.points +=
                is_scored ? (uint64_t)count->weights[item] * count->grades[choice].value : 0;
        }
    }
    return score;
}

/* -1, 0, 1. Both have weight. */
static int card_score_compare(struct card_score a, struct card_score b)
{
    uint64_t left = a.points * b.weight;
    uint64_t right = b.points * a.weight;
    return (left > right) - (left < right);
}

/* -1, 0, 1: the order of two cards by their choices. */
static int choices_compare(const struct appraisal_count *count, const uint16_t *a,
                           const uint16_t *b)
{
    for (uint32_t item = 0; item < count->item_count; item++) {
        if (a[item] != b[item]) {
            return a[item] < b[item] ? -1 : 1;
        }
    }
    return 0;
}

static void extremes_put(const struct appraisal_count *count, struct extremes *extremes,
                         const struct card *card, struct card_score score)
{
    size_t size = count->item_count * sizeof(card->choices[0]);
    bool is_first = extremes->card_count++ == 0;
    int above = is_first ? 1 : card_score_compare(score, extremes->highest_score);
    int below = is_first ? 1 : card_score_compare(extremes->lowest_score, score);
    if (above > 0 || (above == 0 && choices_compare(count, card->choices, extremes->highest) < 0)) {
        extremes->highest_score = score;
        memcpy(extremes->highest, card->choices, size);
    }
    if (below > 0 || (below == 0 && choices_compare(count, card->choices, extremes->lowest) > 0)) {
        extremes->lowest_score = score;
        memcpy(extremes->lowest, card->choices, size);
    }
}

void appraisal_extremes_add(struct appraisal_count *count, const struct card *card)
{
    struct card_score score = card_score(count, card);
    if (score.weight > 0) {
        extremes_put(count, &count->extremes, card, score);
        extremes_put(count, &count->groups[card->group].extremes, card, score);
    }
}

static uint64_t grade_marks(const struct appraisal_count *count, const struct figures *figures,
                            const char (*grades)[ID_SIZE], uint32_t wanted_count)
{
    uint64_t marks = 0;
    for (uint32_t grade = 0; grade < count->contest->grade_count; grade++) {
        bool is_wanted = false;
        for (uint32_t i = 0; i < wanted_count; i++) {
            is_wanted |= strcmp(grades[i], count->contest->grades[grade].id) == 0;
        }
        for (uint32_t item = 0; is_wanted && item < count->item_count; item++) {
            marks += figures->items[item].counts[grade];
        }
    }
    return marks;
}

/* A6, A7: over all items and all groups, from counts alone. */
static void shares_fill(const struct appraisal_count *count, struct figures *figures)
{
    const struct appraisal_rules *rules = count->rules;
    uint64_t valid = 0;
    for (uint32_t item = 0; item < count->item_count; item++) {
        valid += figures->items[item].valid;
    }
    figures->satisfied = 0;
    figures->satisfied_base = 0;
    if (rules->satisfied_count > 0) {
        figures->satisfied = grade_marks(count, figures, rules->satisfied, rules->satisfied_count);
        figures->satisfied_base = valid;
    }
    for (uint32_t i = 0; valid > 0 && i < rules->remark_count; i++) {
        const struct remark_rule *remark = &rules->remarks[i];
        uint64_t marks = grade_marks(count, figures, remark->grades, remark->grade_count);
        if (threshold_is_met(&remark->share, marks, valid) != remark->is_under) {
            figures->appraisal.remarks |= UINT32_C(1) << i;
        }
    }
}

static struct score score_rounded(const mpq_t score)
{
    return (struct score){ .is_set = true, .hundredths = (uint32_t)ratio_round(score, 100) };
}

/* A12: on the exact score. */
static uint32_t band_of(const struct appraisal_rules *rules, const mpq_t score)
{
    for (uint32_t i = 0; i < rules->band_count; i++) {
        if (mpq_cmp_ui(score, rules->bands[i].least, 1) >= 0) {
            return i + 1;
        }
    }
    return 0;
}

static void scores_fill(const struct appraisal_count *count, struct appraisal_figures *figures)
{
    mpq_t score;
    mpq_init(score);
    figures->has_scores = true;
    for (uint32_t item = 0; item < count->item_count; item++) {
        if (item_score(count, item, score)) {
            figures->items[item] = score_rounded(score);
        }
    }
    if (appraisal_count_score(count, score)) {
        figures->person = score_rounded(score);
        figures->band = band_of(count->rules, score);
    }
    mpq_clear(score);
}

void appraisal_count_figures(const struct appraisal_count *count, struct figures *figures)
{
    memset(figures->items, 0, sizeof(figures->items));
    memset(&figures->appraisal, 0, sizeof(figures->appraisal));
    figures->item_count = count->item_count;
    figures->grade_count = count->contest->grade_count;
    figures->valid_count = 0;
    figures->void_count = 0;
    for (uint32_t g = 0; g < count->group_count; g++) {
        const struct group_count *group = &count->groups[g];
        figures->valid_count += group->valid;
        figures->void_count += group->void_count;
        for (uint32_t item = 0; item < count->item_count; item++) {
            for (uint32_t grade = 0; grade < figures->grade_count; grade++) {
                figures->items[item].counts[grade] += group->counts[item][grade];
                figures->items[item].valid += group->counts[item][grade];
            }
        }
    }
    shares_fill(count, figures);
    if (count->rules->has_values) {
        scores_fill(count, &figures->appraisal);
    }
    figures->decision = DECISION_COUNTED;
}

/* How many have a higher score than `score`, the same one, a lower one. */
struct place {
    uint32_t higher;
    uint32_t same;
    uint32_t lower;
};

static struct place place_of(mpq_t *scores, const bool *has_score, uint32_t subject_count,
                             const mpq_t score)
{
    struct place place = { 0 };
    for (uint32_t i = 0; i < subject_count; i++) {
        int order = has_score[i] ? mpq_cmp(scores[i], score) : 0;
        place.higher += has_score[i] && order > 0;
        place.same += has_score[i] && order == 0;
        place.lower += has_score[i] && order < 0;
    }
    return place;
}

void appraisal_rank(const struct rules *rules, struct appraisal_count *const *counts,
                    uint32_t subject_count, struct figures *const *figures)
{
    const struct appraisal_rules *appraisal = &rules->appraisal;
    mpq_t scores[SUBJECT_MAX];
    bool has_score[SUBJECT_MAX];
    assert(subject_count <= SUBJECT_MAX);
    for (uint32_t i = 0; i < subject_count; i++) {
        mpq_init(scores[i]);
        has_score[i] = counts[i] != NULL && appraisal_count_score(counts[i], scores[i]);
    }
    for (uint32_t i = 0; i < subject_count; i++) {
        if (figures[i] == NULL) {
            continue;
        }
        struct appraisal_figures *ranked = &figures[i]->appraisal;
        ranked->rank = 0;
        ranked->tied_count = 0;
        ranked->remarks &= ~(UINT32_C(1) << REMARK_FLOOR);
        if (!appraisal->ranks || !has_score[i]) {
            continue;
        }
        struct place place = place_of(scores, has_score, subject_count, scores[i]);
        ranked->rank = place.higher + 1;
        ranked->tied_count = place.same;
        if (appraisal->has_floor && place.lower == 0 &&
            mpq_cmp_ui(scores[i], appraisal->floor, 1) < 0) {
            ranked->remarks |= UINT32_C(1) << REMARK_FLOOR;
        }
    }
    for (uint32_t i = 0; i < subject_count; i++) {
        mpq_clear(scores[i]);
    }
}
