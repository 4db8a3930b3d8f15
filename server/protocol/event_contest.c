#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/rules_file.h"

/* Criteria, grades and the contests that name them. */

static bool pool_entry_read(struct reader *reader, const struct place *at, json_t *object,
                            struct pool *pool)
{
    static const char *const keys[] = { "id", "title" };
    struct pool_entry *entry = &pool->entries[pool->count];
    struct place id = { .up = at, .key = "id" };
    bool is_good;

    if (!reader_is_object(reader, at, object)) {
        return false;
    }
    is_good = reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    is_good = event_read_label(reader, at, object, "title", false, &entry->label) && is_good;
    if (!reader_get_id(reader, at, object, "id", false, entry->id) ||
        !event_id_is_new(reader, &id, entry->id, pool->entries, pool->count,
                         sizeof(pool->entries[0]))) {
        return false;
    }
    pool->count++;
    return is_good;
}

/* Whether a contest looks as if it needed criteria and grades. */
static bool has_appraisal(const json_t *object)
{
    json_t *list = json_object_get(object, "contests");

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *contest = json_array_get(list, i);
        const char *kind = json_string_value(json_object_get(contest, "kind"));

        if (json_object_get(contest, "criteria") || (kind && strcmp(kind, "appraisal") == 0)) {
            return true;
        }
    }
    return false;
}

static void pool_read(struct reader *reader, const struct place *root, json_t *object,
                      const char *key, size_t count_max, struct pool *pool)
{
    struct place at = { .up = root, .key = key };
    json_t *list = json_object_get(object, key);

    if ((!list || json_array_size(list) == 0) && !has_appraisal(object)) {
        return;
    }
    list = event_read_list(reader, &at, object, count_max);
    if (!list) {
        return;
    }
    pool->entries = calloc(json_array_size(list), sizeof(*pool->entries));
    if (!pool->entries) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        return;
    }
    pool->is_whole = true;
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        pool->is_whole =
            pool_entry_read(reader, &entry, json_array_get(list, i), pool) && pool->is_whole;
    }
}

static void pool_check_used(struct reader *reader, const struct place *root, const char *key,
                            const struct pool *pool)
{
    struct place at = { .up = root, .key = key };

    for (uint32_t i = 0; pool->is_whole && i < pool->count; i++) {
        struct place entry = { .up = &at, .index = i };

        if (!pool->entries[i].is_used) {
            reader_fault(reader, &entry, STATUS_INVALID, "no contest names '%s'",
                         pool->entries[i].id);
        }
    }
}

/* The entry that value names, or NULL after a fault. */
static struct pool_entry *pool_find(struct reader *reader, const struct place *at,
                                    const json_t *value, struct pool *pool)
{
    char id[ID_SIZE];

    if (!reader_id(reader, at, value, false, id)) {
        return NULL;
    }
    for (uint32_t i = 0; i < pool->count; i++) {
        if (strcmp(pool->entries[i].id, id) == 0) {
            pool->entries[i].is_used = true;
            return &pool->entries[i];
        }
    }
    if (pool->is_whole) {
        reader_fault(reader, at, STATUS_INVALID, "unknown: the event has no '%s'", id);
    }
    return NULL;
}

static void criteria_read(struct reader *reader, const struct place *up, const json_t *object,
                          struct pool *pool, struct contest *contest)
{
    struct place at = { .up = up, .key = "criteria" };
    json_t *list = event_read_list(reader, &at, object, CRITERION_MAX);

    contest->criteria = list ? calloc(json_array_size(list), sizeof(*contest->criteria)) : NULL;
    if (!contest->criteria) {
        if (list) {
            reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        }
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };
        const struct pool_entry *entry = pool_find(reader, &place, json_array_get(list, i), pool);

        if (entry && event_id_is_new(reader, &place, entry->id, contest->criteria,
                                     contest->criterion_count, sizeof(contest->criteria[0]))) {
            struct criterion *criterion = &contest->criteria[contest->criterion_count++];

            memcpy(criterion->id, entry->id, ID_SIZE);
            criterion->label = entry->label;
        }
    }
}

static void grades_read(struct reader *reader, const struct place *up, const json_t *object,
                        struct pool *pool, struct contest *contest)
{
    struct place at = { .up = up, .key = "grades" };
    json_t *list = json_object_get(object, "grades");

    if (!reader_is_list(reader, &at, list, 2, GRADE_MAX)) {
        return;
    }
    contest->grades = calloc(json_array_size(list), sizeof(*contest->grades));
    if (!contest->grades) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };
        const struct pool_entry *entry = pool_find(reader, &place, json_array_get(list, i), pool);

        if (entry && event_id_is_new(reader, &place, entry->id, contest->grades,
                                     contest->grade_count, sizeof(contest->grades[0]))) {
            struct grade *grade = &contest->grades[contest->grade_count++];

            memcpy(grade->id, entry->id, ID_SIZE);
            grade->label = entry->label;
        }
    }
}

static void kind_read(struct reader *reader, const struct place *at, json_t *object,
                      struct contest *contest)
{
    struct place kind = { .up = at, .key = "kind" };
    struct place live = { .up = at, .key = "live" };
    const char *word = reader_get_text(reader, at, object, "kind");

    if (word) {
        contest->kind = contest_kind_parse(word);
        if (contest->kind == CONTEST_INVALID) {
            reader_fault(reader, &kind, STATUS_INVALID,
                         "must be appraisal, election, motion or poll");
        }
    }
    word = reader_get_text(reader, at, object, "live");
    if (word) {
        contest->live = live_parse(word);
        if (contest->live == LIVE_INVALID) {
            reader_fault(reader, &live, STATUS_INVALID, "must be hidden, turnout or tally");
        } else if (contest->live == LIVE_TALLY && contest->kind == CONTEST_ELECTION) {
            reader_fault(reader, &live, STATUS_INVALID,
                         "an election shows no figures before it is closed");
        }
    }
}

/* Keys that no contest of the kind has. Of a kind that is not known every kind's are passed. */
static void keys_check(struct reader *reader, const struct place *at, json_t *object,
                       enum contest_kind kind)
{
    static const char *const keys[] = { "id",       "kind",     "title",  "live",       "rules",
                                        "seats",    "options",  "choose", "candidates", "order",
                                        "subjects", "criteria", "grades", "write_ins" };
    static const char *const appraisal[] = { "id",    "kind",     "title",  "live",
                                             "rules", "criteria", "grades", "subjects" };
    static const char *const election[] = { "id",    "kind",       "title", "live",
                                            "rules", "candidates", "seats" };
    static const char *const poll[] = { "id",    "kind",    "title",  "live",
                                        "rules", "options", "choose", "write_ins" };

    switch (kind) {
    case CONTEST_APPRAISAL:
        (void)reader_keys(reader, at, object, appraisal, KEY_COUNT(appraisal));
        break;
    case CONTEST_ELECTION:
        (void)reader_keys(reader, at, object, election, KEY_COUNT(election));
        break;
    case CONTEST_MOTION:
        (void)reader_keys(reader, at, object, keys, 5);
        break;
    case CONTEST_POLL:
        (void)reader_keys(reader, at, object, poll, KEY_COUNT(poll));
        break;
    default:
        (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
        break;
    }
}

/* What all contests of one event share while they are read. */
struct shared {
    struct pool criteria;
    struct pool grades;
    struct shelf shelf;
    bool is_file;
};

static void contest_read(struct reader *reader, const struct place *at, json_t *object,
                         struct shared *shared, struct event *event)
{
    struct contest *contest = &event->contests[event->contest_count];
    struct place id = { .up = at, .key = "id" };
    uint32_t faults_before = reader->fault_count;

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    if (reader_get_id(reader, at, object, "id", false, contest->id)) {
        (void)event_id_is_new(reader, &id, contest->id, event->contests, event->contest_count,
                              sizeof(event->contests[0]));
    }
    event->contest_count++;
    (void)event_read_label(reader, at, object, "title", false, &contest->title);
    kind_read(reader, at, object, contest);
    keys_check(reader, at, object, contest->kind);
    if (shared->is_file || json_object_get(object, "rules")) {
        contest->rules = shelf_take(reader, at, object, &shared->shelf);
    }
    if (contest->kind == CONTEST_APPRAISAL ||
        (contest->kind == CONTEST_INVALID && json_object_get(object, "criteria"))) {
        criteria_read(reader, at, object, &shared->criteria, contest);
        grades_read(reader, at, object, &shared->grades, contest);
        contest->subjects = event_read_subjects(reader, at, object, "subjects", SUBJECT_MAX,
                                                &contest->subject_count);
    }
    event_read_ballot(reader, at, object, shared->is_file, contest);
    if (contest->rules && reader->fault_count == faults_before) {
        (void)rules_check_contest(reader, at, contest);
    }
}

void event_read_contests(struct reader *reader, const struct place *root, json_t *object,
                         bool is_file, struct event *event)
{
    struct place at = { .up = root, .key = "contests" };
    struct shared shared = { .is_file = is_file };
    json_t *list;

    pool_read(reader, root, object, "criteria", CRITERION_POOL_MAX, &shared.criteria);
    pool_read(reader, root, object, "grades", GRADE_POOL_MAX, &shared.grades);
    shelf_read(reader, root, object, is_file, &shared.shelf);
    list = event_read_list(reader, &at, object, CONTEST_MAX);
    event->contests = list ? calloc(json_array_size(list), sizeof(*event->contests)) : NULL;
    if (list && !event->contests) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
    }
    for (size_t i = 0; event->contests && i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        contest_read(reader, &entry, json_array_get(list, i), &shared, event);
    }
    if (is_file && event->contests) {
        pool_check_used(reader, root, "criteria", &shared.criteria);
        pool_check_used(reader, root, "grades", &shared.grades);
        shelf_check_used(reader, root, &shared.shelf);
    }
    free(shared.criteria.entries);
    free(shared.grades.entries);
    shelf_finish(&shared.shelf);
}
