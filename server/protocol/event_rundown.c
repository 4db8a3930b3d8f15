#include <stdlib.h>
#include <string.h>

#include "server/model/rules.h"
#include "server/protocol/event_parts.h"

/* The rundown: steps before, between and after the votes. */

#define STEP_SECONDS_MAX 86400 /* a day: a notice period is no clock on the screen */

/* The contest a step names, or NULL: it names none, or after a fault. */
static const struct contest *step_contest(struct reader *reader, const struct place *at,
                                          const json_t *object, const struct event *event,
                                          struct step *step)
{
    struct place place = { .up = at, .key = "contest" };
    int32_t index;

    if (!json_object_get(object, "contest")) {
        if (step->kind != STEP_OTHER && step->kind != STEP_INVALID) {
            reader_fault(reader, &place, STATUS_INVALID, "missing: a step of the kind %s has one",
                         step_kind_name(step->kind));
        }
        return NULL;
    }
    if (!reader_get_id(reader, at, object, "contest", false, step->contest)) {
        return NULL;
    }
    index = event_find_contest(event, step->contest);
    if (index < 0) {
        reader_fault(reader, &place, STATUS_INVALID, "unknown: the event has no '%s'",
                     step->contest);
        return NULL;
    }
    return &event->contests[index];
}

/* Which contest which kind of step is about. */
static void kind_check(struct reader *reader, const struct place *at, const struct step *step,
                       const struct contest *contest)
{
    struct place place = { .up = at, .key = "contest" };

    if (step->kind == STEP_RECOMMENDATION && contest->rules &&
        (contest->kind != CONTEST_POLL || contest->rules->kind != CONTEST_POLL ||
         contest->rules->poll.shortlist == 0)) {
        reader_fault(reader, &place, STATUS_INVALID,
                     "'%s' is no poll with a shortlist: it recommends nobody", contest->id);
    }
    if ((step->kind == STEP_NOTICE || step->kind == STEP_SPEECH) &&
        contest->kind != CONTEST_ELECTION) {
        reader_fault(reader, &place, STATUS_INVALID, "'%s' is no election", contest->id);
    }
}

static void candidate_read(struct reader *reader, const struct place *at, const json_t *object,
                           const struct contest *contest, struct step *step)
{
    struct place place = { .up = at, .key = "candidate" };

    if (step->kind != STEP_SPEECH) {
        if (json_object_get(object, "candidate")) {
            reader_fault(reader, &place, STATUS_INVALID, "only a speech has one");
        }
        return;
    }
    if (reader_get_id(reader, at, object, "candidate", false, step->candidate) && contest &&
        contest->candidates && contest_find_candidate(contest, step->candidate) < 0) {
        reader_fault(reader, &place, STATUS_INVALID, "unknown: '%s' has no '%s'", contest->id,
                     step->candidate);
    }
}

static void step_read(struct reader *reader, const struct place *at, json_t *object,
                      struct event *event)
{
    static const char *const keys[] = { "id", "kind", "title", "contest", "candidate", "seconds" };
    struct step *step = &event->steps[event->step_count];
    struct place id = { .up = at, .key = "id" };
    struct place kind = { .up = at, .key = "kind" };
    const struct contest *contest;
    const char *word;

    if (!reader_is_object(reader, at, object)) {
        return;
    }
    (void)reader_keys(reader, at, object, keys, KEY_COUNT(keys));
    if (reader_get_id(reader, at, object, "id", false, step->id)) {
        (void)event_id_is_new(reader, &id, step->id, event->steps, event->step_count,
                              sizeof(event->steps[0]));
    }
    event->step_count++;
    (void)event_read_label(reader, at, object, "title", false, &step->label);
    word = reader_get_text(reader, at, object, "kind");
    step->kind = word ? step_kind_parse(word) : STEP_INVALID;
    if (word && step->kind == STEP_INVALID) {
        reader_fault(reader, &kind, STATUS_INVALID,
                     "must be recommendation, notice, speech, vote or other");
    }
    contest = step_contest(reader, at, object, event, step);
    if (contest) {
        kind_check(reader, at, step, contest);
    }
    if (step->kind != STEP_INVALID) {
        candidate_read(reader, at, object, contest, step);
    }
    if (json_object_get(object, "seconds")) {
        (void)reader_get_uint32(reader, at, object, "seconds", 1, STEP_SECONDS_MAX, &step->seconds);
    }
}

void event_read_rundown(struct reader *reader, const struct place *root, json_t *object,
                        struct event *event)
{
    struct place at = { .up = root, .key = "rundown" };
    json_t *list = json_object_get(object, "rundown");

    if (!list || !reader_is_list(reader, &at, list, 1, STEP_MAX)) {
        return;
    }
    event->steps = calloc(json_array_size(list), sizeof(*event->steps));
    if (!event->steps) {
        reader_fault(reader, &at, STATUS_NOMEM, "no memory");
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct place entry = { .up = &at, .index = i };

        step_read(reader, &entry, json_array_get(list, i), event);
    }
}
