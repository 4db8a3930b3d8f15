#include <stdlib.h>
#include <string.h>

#include "server/protocol/event_parts.h"

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

static void pool_read(struct reader *reader, const struct place *root, json_t *object,
                      const char *key, size_t count_max, struct pool *pool)
{
    struct place at = { .up = root, .key = key };
    json_t *list = event_read_list(reader, &at, object, count_max);

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

static void subject_read(struct reader *reader, const struct place *at, json_t *object,
                         struct contest *contest)
{
    static const char *const keys[] = { "id", "name", "office" };
    struct subject *subject = &contest->subjects[contest->subject_count];
    struct place id = { .up = at, .key = "id" };

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    (void)event_read_label(reader, at, object, "name", false, &subject->name);
    (void)event_read_label(reader, at, object, "office", true, &subject->office);
    if (reader_get_id(reader, at, object, "id", false, subject->id) &&
        event_id_is_new(reader, &id, subject->id, contest->subjects, contest->subject_count,
                        sizeof(contest->subjects[0]))) {
        contest->subject_count++;
    }
}

static void subjects_read(struct reader *reader, const struct place *up, const json_t *object,
                          struct contest *contest)
{
    struct place at = { .up = up, .key = "subjects" };
    json_t *list = event_read_list(reader, &at, object, SUBJECT_MAX);

    contest->subjects = list ? calloc(json_array_size(list), sizeof(*contest->subjects)) : NULL;
    if (!contest->subjects) {
        if (list) {
            reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        }
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        subject_read(reader, &entry, json_array_get(list, i), contest);
    }
}

static void rules_read(struct reader *reader, const struct place *at, json_t *object,
                       struct contest *contest)
{
    struct place kind = { .up = at, .key = "kind" };
    struct place live = { .up = at, .key = "live" };
    const char *word = reader_get_text(reader, at, object, "kind");

    if (word) {
        contest->kind = contest_kind_parse(word);
        if (contest->kind == CONTEST_INVALID) {
            reader_fault(reader, &kind, STATUS_INVALID, "must be appraisal");
        }
    }
    word = reader_get_text(reader, at, object, "live");
    if (word) {
        contest->live = live_parse(word);
        if (contest->live == LIVE_INVALID) {
            reader_fault(reader, &live, STATUS_INVALID, "must be hidden, turnout or tally");
        }
    }
}

static void contest_read(struct reader *reader, const struct place *at, json_t *object,
                         struct pool *criteria, struct pool *grades, struct event *event)
{
    static const char *const keys[] = { "id",       "kind",   "title",   "live",
                                        "criteria", "grades", "subjects" };
    struct contest *contest = &event->contests[event->contest_count];
    struct place id = { .up = at, .key = "id" };

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    if (reader_get_id(reader, at, object, "id", false, contest->id)) {
        (void)event_id_is_new(reader, &id, contest->id, event->contests, event->contest_count,
                              sizeof(event->contests[0]));
    }
    event->contest_count++;
    (void)event_read_label(reader, at, object, "title", false, &contest->title);
    rules_read(reader, at, object, contest);
    criteria_read(reader, at, object, criteria, contest);
    grades_read(reader, at, object, grades, contest);
    subjects_read(reader, at, object, contest);
}

void event_read_contests(struct reader *reader, const struct place *root, json_t *object,
                         bool is_file, struct event *event)
{
    struct place at = { .up = root, .key = "contests" };
    struct pool criteria = { 0 };
    struct pool grades = { 0 };
    json_t *list;

    pool_read(reader, root, object, "criteria", CRITERION_POOL_MAX, &criteria);
    pool_read(reader, root, object, "grades", GRADE_POOL_MAX, &grades);
    list = event_read_list(reader, &at, object, CONTEST_MAX);
    event->contests = list ? calloc(json_array_size(list), sizeof(*event->contests)) : NULL;
    if (list && !event->contests) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
    }
    for (size_t i = 0; event->contests && i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        contest_read(reader, &entry, json_array_get(list, i), &criteria, &grades, event);
    }
    if (is_file && event->contests) {
        pool_check_used(reader, root, "criteria", &criteria);
        pool_check_used(reader, root, "grades", &grades);
    }
    free(criteria.entries);
    free(grades.entries);
}
