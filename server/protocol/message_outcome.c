#include <string.h>

#include "server/model/rules.h"
#include "server/protocol/message_parts.h"

/* What a round that is over comes to: the scores of an appraisal, the decision of an election. */

static uint32_t criteria_of(const struct figures *figures)
{
    return figures->item_count < CRITERION_MAX ? figures->item_count : CRITERION_MAX;
}

static uint32_t candidates_of(const struct figures *figures)
{
    return figures->item_count < CANDIDATE_MAX ? figures->item_count : CANDIDATE_MAX;
}

/* Hundredths, or null where nobody gave a mark that counts. */
#define SCORE_MAX 100000

static bool score_read(struct reader *reader, const struct place *at, const json_t *value,
                       struct score *score)
{
    uint64_t hundredths;

    if (json_is_null(value)) {
        return true;
    }
    if (!reader_number(reader, at, value, 0, SCORE_MAX, &hundredths)) {
        return false;
    }
    *score = (struct score){ .is_set = true, .hundredths = (uint32_t)hundredths };
    return true;
}

static void score_write(struct writer *writer, const struct score *score)
{
    if (score->is_set) {
        writer_uint(writer, score->hundredths);
    } else {
        writer_literal(writer, "null");
    }
}

static bool scores_read(struct reader *reader, const struct place *up, json_t *object,
                        struct figures *figures)
{
    struct place at = { .up = up, .key = "scores" };
    struct place person = { .up = &at, .key = "person" };
    struct place items = { .up = &at, .key = "items" };
    const json_t *list = json_object_get(object, "items");
    struct appraisal_figures *appraisal = &figures->appraisal;
    uint32_t count = criteria_of(figures);

    if (!reader_is_object(reader, &at, object) ||
        !score_read(reader, &person, json_object_get(object, "person"), &appraisal->person) ||
        !reader_is_list(reader, &items, list, count, count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct place entry = { .up = &items, .index = i };

        if (!score_read(reader, &entry, json_array_get(list, i), &appraisal->items[i])) {
            return false;
        }
    }
    appraisal->has_scores = true;
    return reader_may_uint32(reader, &at, object, "rank", 0, SUBJECT_MAX, &appraisal->rank) &&
           reader_may_uint32(reader, &at, object, "tied", 0, SUBJECT_MAX, &appraisal->tied_count) &&
           reader_may_uint32(reader, &at, object, "band", 0, BAND_MAX, &appraisal->band) &&
           reader_may_uint32(reader, &at, object, "remarks", 0, UINT32_MAX, &appraisal->remarks);
}

bool appraisal_read(struct reader *reader, const struct place *at, json_t *object,
                    struct figures *figures)
{
    struct place place = { .up = at, .key = "satisfied" };
    const json_t *satisfied = json_object_get(object, "satisfied");
    json_t *scores = json_object_get(object, "scores");

    if (satisfied) {
        struct place count = { .up = &place, .index = 0 };
        struct place base = { .up = &place, .index = 1 };

        if (!reader_is_list(reader, &place, satisfied, 2, 2) ||
            !reader_number(reader, &count, json_array_get(satisfied, 0), 0, READER_NUMBER_MAX,
                           &figures->satisfied) ||
            !reader_number(reader, &base, json_array_get(satisfied, 1), 0, READER_NUMBER_MAX,
                           &figures->satisfied_base)) {
            return false;
        }
    }
    return !scores || scores_read(reader, at, scores, figures);
}

void appraisal_write(struct writer *writer, const struct figures *figures)
{
    const struct appraisal_figures *appraisal = &figures->appraisal;

    if (figures->satisfied > 0 || figures->satisfied_base > 0) {
        writer_literal(writer, ",\"satisfied\":[");
        writer_uint(writer, figures->satisfied);
        writer_literal(writer, ",");
        writer_uint(writer, figures->satisfied_base);
        writer_literal(writer, "]");
    }
    if (!appraisal->has_scores) {
        return;
    }
    writer_literal(writer, ",\"scores\":{\"person\":");
    score_write(writer, &appraisal->person);
    writer_literal(writer, ",\"items\":[");
    for (uint32_t i = 0; i < criteria_of(figures); i++) {
        writer_put(writer, ",", i > 0);
        score_write(writer, &appraisal->items[i]);
    }
    writer_literal(writer, "]");
    writer_may_uint(writer, ",\"rank\":", appraisal->rank);
    writer_may_uint(writer, ",\"tied\":", appraisal->tied_count);
    writer_may_uint(writer, ",\"band\":", appraisal->band);
    writer_may_uint(writer, ",\"remarks\":", appraisal->remarks);
    writer_literal(writer, "}");
}

/* The numbers of an election's decision but its seats, by their keys; a zero is left out. */
static const struct {
    const char *key;
    const char *written;
    size_t offset;
} numbers[] = {
#define NUMBER(key, field)                                                                         \
    {                                                                                              \
        key, ",\"" key "\":", offsetof(struct election_figures, field)                             \
    }
    NUMBER("base_count", base_count),
    NUMBER("disputed_count", disputed_count),
    NUMBER("needed", needed),
    NUMBER("disputed_needed", disputed_needed),
    NUMBER("run_off_seats", run_off_seats),
    NUMBER("missing_seats", missing_seats),
    NUMBER("disputed_run_off_seats", disputed_run_off_seats),
    NUMBER("disputed_missing_seats", disputed_missing_seats),
    NUMBER("name_rest", name_rest),
#undef NUMBER
};

/* A word that is not known here reads as none. */
static bool standing_read(struct reader *reader, const struct place *at, const json_t *value,
                          enum standing *standing)
{
    const char *word = reader_text(reader, at, value);

    *standing = word ? standing_parse(word) : STANDING_INVALID;
    return word != NULL;
}

static bool standings_read(struct reader *reader, const struct place *up, const json_t *object,
                           const char *key, uint32_t count, enum standing *standings)
{
    struct place at = { .up = up, .key = key };
    const json_t *list = json_object_get(object, key);

    if (!list) {
        return true;
    }
    if (!reader_is_list(reader, &at, list, count, count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!standing_read(reader, &entry, json_array_get(list, i), &standings[i])) {
            return false;
        }
    }
    return true;
}

static bool standings_say(uint32_t count, const enum standing *standings)
{
    for (uint32_t i = 0; i < count; i++) {
        if (standings[i] != STANDING_INVALID) {
            return true;
        }
    }
    return false;
}

static void standings_write(struct writer *writer, const char *key, uint32_t count,
                            const enum standing *standings)
{
    if (!standings_say(count, standings)) {
        return;
    }
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_literal(writer, ":[");
    for (uint32_t i = 0; i < count; i++) {
        writer_put(writer, ",", i > 0);
        writer_string(writer, standing_name(standings[i]));
    }
    writer_literal(writer, "]");
}

static bool base_word_read(struct reader *reader, const struct place *at, const json_t *object,
                           const char *key, uint8_t *base)
{
    const char *word;

    if (!json_object_get(object, key)) {
        return true;
    }
    word = reader_get_text(reader, at, object, key);
    *base = (uint8_t)(word ? base_parse(word) : BASE_INVALID);
    return word != NULL;
}

static void base_word_write(struct writer *writer, const char *key, uint8_t base)
{
    if (base != BASE_INVALID) {
        writer_literal(writer, ",");
        writer_string(writer, key);
        writer_literal(writer, ":");
        writer_string(writer, base_name((enum base)base));
    }
}

static bool name_read(struct reader *reader, const struct place *at, const json_t *object,
                      struct name_figures *name)
{
    struct place place = { .up = at, .key = "name" };
    struct place standing = { .up = at, .key = "standing" };
    struct place disputed = { .up = at, .key = "disputed" };
    const json_t *other = json_object_get(object, "disputed");

    return reader_is_object(reader, at, object) &&
           reader_written_name(reader, &place, json_object_get(object, "name"), name->name) &&
           reader_get_uint32(reader, at, object, "votes", 0, FIGURE_MAX, &name->votes) &&
           standing_read(reader, &standing, json_object_get(object, "standing"), &name->standing) &&
           (!other || standing_read(reader, &disputed, other, &name->disputed));
}

static bool names_read(struct reader *reader, const struct place *up, const json_t *list,
                       struct election_figures *election)
{
    struct place at = { .up = up, .key = "names" };

    if (!list) {
        return true;
    }
    if (!reader_is_list(reader, &at, list, 0, NAME_SHOWN_MAX)) {
        return false;
    }
    election->name_count = (uint32_t)json_array_size(list);
    for (uint32_t i = 0; i < election->name_count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!name_read(reader, &entry, json_array_get(list, i), &election->names[i])) {
            return false;
        }
    }
    return true;
}

/* Items are the candidates and then the write-in lines: the order is of the candidates alone. */
static bool shown_order_read(struct reader *reader, const struct place *up, const json_t *list,
                             struct figures *figures)
{
    struct place at = { .up = up, .key = "order" };
    uint32_t count;

    return !list ||
           order_read(reader, &at, list, candidates_of(figures), figures->election.order, &count);
}

bool election_read(struct reader *reader, const struct place *up, json_t *outer,
                   struct figures *figures)
{
    struct place at = { .up = up, .key = "election" };
    json_t *object = json_object_get(outer, "election");
    struct election_figures *election = &figures->election;
    uint32_t count = candidates_of(figures);
    const char *word;

    if (!object) {
        return true;
    }
    if (!reader_is_object(reader, &at, object)) {
        return false;
    }
    if (json_object_get(object, "stage")) {
        word = reader_get_text(reader, &at, object, "stage");
        if (!word) {
            return false;
        }
        election->stage = round_stage_parse(word);
    }
    if (!reader_may_uint32(reader, &at, object, "seats", 0, FIGURE_MAX, &election->seats)) {
        return false;
    }
    for (size_t i = 0; i < KEY_COUNT(numbers); i++) {
        uint32_t number = 0;

        if (!reader_may_uint32(reader, &at, object, numbers[i].key, 0, FIGURE_MAX, &number)) {
            return false;
        }
        memcpy((char *)election + numbers[i].offset, &number, sizeof(number));
    }
    return base_word_read(reader, &at, object, "base", &election->base) &&
           base_word_read(reader, &at, object, "disputed_base", &election->disputed_base) &&
           standings_read(reader, &at, object, "standings", count, election->standings) &&
           standings_read(reader, &at, object, "disputed", count, election->disputed) &&
           shown_order_read(reader, &at, json_object_get(object, "order"), figures) &&
           names_read(reader, &at, json_object_get(object, "names"), election);
}

static void names_write(struct writer *writer, const struct election_figures *election)
{
    writer_literal(writer, ",\"names\":[");
    for (uint32_t i = 0; i < election->name_count && i < NAME_SHOWN_MAX; i++) {
        const struct name_figures *name = &election->names[i];

        writer_put(writer, ",", i > 0);
        writer_literal(writer, "{\"name\":");
        writer_string(writer, name->name);
        writer_literal(writer, ",\"votes\":");
        writer_uint(writer, name->votes);
        writer_literal(writer, ",\"standing\":");
        writer_string(writer, standing_name(name->standing));
        if (name->disputed != STANDING_INVALID) {
            writer_literal(writer, ",\"disputed\":");
            writer_string(writer, standing_name(name->disputed));
        }
        writer_literal(writer, "}");
    }
    writer_literal(writer, "]");
}

/*
 * How many places the order has: of an election whose write-in lines follow its candidates, up to
 * the last place that is not zero, which is where a permutation of them cannot end before.
 */
static uint32_t order_count(const struct figures *figures)
{
    uint32_t count = 0;

    for (uint32_t p = 0; p < candidates_of(figures); p++) {
        if (figures->election.order[p] >= count) {
            count = figures->election.order[p] + 1u;
        }
    }
    return count;
}

/* Motions, and polls without a shortlist, say nothing here. */
static bool election_says(const struct figures *figures)
{
    const struct election_figures *election = &figures->election;
    uint32_t count = candidates_of(figures);

    for (size_t i = 0; i < KEY_COUNT(numbers); i++) {
        uint32_t number;

        memcpy(&number, (const char *)election + numbers[i].offset, sizeof(number));
        if (number > 0) {
            return true;
        }
    }
    return election->stage != STAGE_INVALID || election->seats > 0 ||
           election->base != BASE_INVALID || election->disputed_base != BASE_INVALID ||
           election->name_count > 0 || order_count(figures) > 1 ||
           standings_say(count, election->standings) || standings_say(count, election->disputed);
}

void election_write(struct writer *writer, const struct figures *figures)
{
    const struct election_figures *election = &figures->election;

    if (!election_says(figures)) {
        return;
    }
    writer_literal(writer, ",\"election\":{\"seats\":");
    writer_uint(writer, election->seats);
    if (election->stage != STAGE_INVALID) {
        writer_literal(writer, ",\"stage\":");
        writer_string(writer, round_stage_name(election->stage));
    }
    for (size_t i = 0; i < KEY_COUNT(numbers); i++) {
        uint32_t number;

        memcpy(&number, (const char *)election + numbers[i].offset, sizeof(number));
        writer_may_uint(writer, numbers[i].written, number);
    }
    base_word_write(writer, "base", election->base);
    base_word_write(writer, "disputed_base", election->disputed_base);
    standings_write(writer, "standings", candidates_of(figures), election->standings);
    standings_write(writer, "disputed", candidates_of(figures), election->disputed);
    if (order_count(figures) > 1) {
        writer_literal(writer, ",\"order\":");
        order_write(writer, election->order, order_count(figures));
    }
    if (election->name_count > 0) {
        names_write(writer, election);
    }
    writer_literal(writer, "}");
}
