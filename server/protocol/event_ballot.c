#include <stdlib.h>
#include <string.h>

#include "server/model/rules.h"
#include "server/protocol/event_parts.h"

/* Who or what a contest is about: subjects, candidates, options; seats and their order. */

static void subject_read(struct reader *reader, const struct place *at, json_t *object,
                         struct subject *subjects, uint32_t *count)
{
    static const char *const keys[] = { "id", "name", "office" };
    struct subject *subject = &subjects[*count];
    struct place id = { .up = at, .key = "id" };

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    (void)event_read_label(reader, at, object, "name", false, &subject->name);
    (void)event_read_label(reader, at, object, "office", true, &subject->office);
    if (reader_get_id(reader, at, object, "id", false, subject->id) &&
        event_id_is_new(reader, &id, subject->id, subjects, *count, sizeof(subjects[0]))) {
        ++*count;
    }
}

struct subject *event_read_subjects(struct reader *reader, const struct place *up,
                                    const json_t *object, const char *key, size_t count_max,
                                    uint32_t *count)
{
    struct place at = { .up = up, .key = key };
    json_t *list = event_read_list(reader, &at, object, count_max);
    struct subject *subjects = list ? calloc(json_array_size(list), sizeof(*subjects)) : NULL;

    *count = 0;
    if (list && !subjects) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
    }
    for (size_t i = 0; subjects && i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        subject_read(reader, &entry, json_array_get(list, i), subjects, count);
    }
    return subjects;
}

/* Candidates and options: told apart by name, and none named as a line for other names is. */
static void names_check(struct reader *reader, const struct place *up, const char *key,
                        const struct contest *contest)
{
    struct place at = { .up = up, .key = key };

    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        const struct subject *subject = &contest->candidates[i];
        struct place entry = { .up = &at, .index = i };
        struct place id = { .up = &entry, .key = "id" };
        struct place name = { .up = &entry, .key = "name" };

        if (strncmp(subject->id, "other-", 6) == 0) {
            reader_fault(reader, &id, STATUS_INVALID,
                         "'other-' begins the ids of lines for other names");
        }
        for (uint32_t other = 0; other < i; other++) {
            if (strcmp(contest->candidates[other].name.zh, subject->name.zh) == 0) {
                reader_fault(reader, &name, STATUS_INVALID,
                             "is that of place %u too: tell them apart", other);
            }
        }
    }
}

/* A document's order: every candidate once. */
static void order_read(struct reader *reader, const struct place *up, const json_t *object,
                       struct contest *contest)
{
    struct place at = { .up = up, .key = "order" };
    json_t *list = json_object_get(object, "order");
    uint64_t seen = 0;

    if (!reader_is_list(reader, &at, list, contest->candidate_count, contest->candidate_count)) {
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place place = { .up = &at, .index = i };
        uint32_t candidate;

        if (!reader_at_uint32(reader, &at, list, i, 0, contest->candidate_count - 1, &candidate)) {
            return;
        }
        if (seen & UINT64_C(1) << candidate) {
            reader_fault(reader, &place, STATUS_INVALID, "is there already");
            return;
        }
        seen |= UINT64_C(1) << candidate;
        contest->order[i] = (uint8_t)candidate;
    }
}

static void order_make(struct reader *reader, const struct place *up, struct contest *contest)
{
    struct place at = { .up = up, .key = "rules" };

    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        contest->order[i] = (uint8_t)i;
    }
    if (contest->kind == CONTEST_ELECTION && contest->rules &&
        contest->rules->kind == CONTEST_ELECTION &&
        contest->rules->election.order == ORDER_STROKES && !event_order_strokes(contest)) {
        reader_fault(reader, &at, STATUS_IO, "no collation by strokes: is ICU's data installed?");
    }
}

static void election_read(struct reader *reader, const struct place *at, json_t *object,
                          bool is_file, struct contest *contest)
{
    const struct rules *rules = contest->rules;

    contest->candidates = event_read_subjects(reader, at, object, "candidates", CANDIDATE_MAX,
                                              &contest->candidate_count);
    names_check(reader, at, "candidates", contest);
    (void)reader_get_uint32(reader, at, object, "seats", 1, CANDIDATE_MAX, &contest->seats);
    order_make(reader, at, contest);
    if (!is_file) {
        (void)reader_get_uint32(reader, at, object, "write_ins", 0, WRITE_IN_MAX,
                                &contest->write_in_count);
        order_read(reader, at, object, contest);
    } else if (rules && rules->kind == CONTEST_ELECTION && rules->election.allows_write_in) {
        contest->write_in_count = contest->seats < WRITE_IN_MAX ? contest->seats : WRITE_IN_MAX;
    }
}

static void poll_read(struct reader *reader, const struct place *at, json_t *object,
                      struct contest *contest)
{
    struct place write_ins = { .up = at, .key = "write_ins" };
    struct place choose = { .up = at, .key = "choose" };
    struct place rules_at = { .up = at, .key = "rules" };
    const struct rules *rules = contest->rules;
    bool is_poll = rules && rules->kind == CONTEST_POLL;

    contest->candidates = event_read_subjects(reader, at, object, "options", CANDIDATE_MAX,
                                              &contest->candidate_count);
    names_check(reader, at, "options", contest);
    order_make(reader, at, contest);
    if (json_object_get(object, "write_ins")) {
        (void)reader_get_uint32(reader, at, object, "write_ins", 0, WRITE_IN_MAX,
                                &contest->write_in_count);
        if (is_poll && rules->poll.shortlist == 0 && contest->write_in_count > 0) {
            reader_fault(reader, &write_ins, STATUS_INVALID,
                         "'%s' has no shortlist: only a recommendation takes other names",
                         rules->id);
        }
    }
    if (reader_get_uint32(reader, at, object, "choose", 1, ITEM_MAX, &contest->seats) &&
        contest->candidates &&
        contest->seats > contest->candidate_count + contest->write_in_count) {
        reader_fault(reader, &choose, STATUS_INVALID, "%u of %u that there are", contest->seats,
                     contest->candidate_count + contest->write_in_count);
    }
    if (is_poll && contest->candidates &&
        json_integer_value(json_object_get(object, "write_ins")) == 0 &&
        rules->poll.shortlist > contest->candidate_count) {
        reader_fault(reader, &rules_at, STATUS_INVALID,
                     "'%s' has a shortlist of %u, there are %u options", rules->id,
                     rules->poll.shortlist, contest->candidate_count);
    }
}

void event_read_ballot(struct reader *reader, const struct place *at, json_t *object, bool is_file,
                       struct contest *contest)
{
    if (contest->kind == CONTEST_ELECTION) {
        election_read(reader, at, object, is_file, contest);
    } else if (contest->kind == CONTEST_POLL) {
        poll_read(reader, at, object, contest);
    }
}
