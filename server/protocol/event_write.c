#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/hash_writer.h"
#include "server/protocol/message.h"
#include "server/protocol/rules_file.h"

/* The public texts of an event in one canonical form: what documents carry, texts_hash() names. */

void event_write_label(struct writer *writer, const struct label *label)
{
    writer_literal(writer, "{\"zh-CN\":");
    writer_string(writer, label->zh);
    if (label->en[0] != '\0') {
        writer_literal(writer, ",\"en\":");
        writer_string(writer, label->en);
    }
    writer_literal(writer, "}");
}

static void named_write(struct writer *writer, const char *id, const char *key,
                        const struct label *label)
{
    writer_literal(writer, "{\"id\":");
    writer_string(writer, id);
    writer_literal(writer, ",");
    writer_string(writer, key);
    writer_literal(writer, ":");
    event_write_label(writer, label);
}

static bool grade_is_before(const struct event *event, uint32_t contest_count, const char *id)
{
    for (uint32_t c = 0; c < contest_count; c++) {
        for (uint32_t g = 0; g < event->contests[c].grade_count; g++) {
            if (strcmp(event->contests[c].grades[g].id, id) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool criterion_is_before(const struct event *event, uint32_t contest_count, const char *id)
{
    for (uint32_t c = 0; c < contest_count; c++) {
        if (contest_find_criterion(&event->contests[c], id) >= 0) {
            return true;
        }
    }
    return false;
}

/* Each criterion and grade once, in the order in which the contests first name them. */
static void pools_write(struct writer *writer, const struct event *event)
{
    const char *comma = "";

    writer_literal(writer, ",\"criteria\":[");
    for (uint32_t c = 0; c < event->contest_count; c++) {
        for (uint32_t i = 0; i < event->contests[c].criterion_count; i++) {
            const struct criterion *criterion = &event->contests[c].criteria[i];

            if (!criterion_is_before(event, c, criterion->id)) {
                writer_put(writer, comma, strlen(comma));
                named_write(writer, criterion->id, "title", &criterion->label);
                writer_literal(writer, "}");
                comma = ",";
            }
        }
    }
    comma = "";
    writer_literal(writer, "],\"grades\":[");
    for (uint32_t c = 0; c < event->contest_count; c++) {
        for (uint32_t g = 0; g < event->contests[c].grade_count; g++) {
            const struct grade *grade = &event->contests[c].grades[g];

            if (!grade_is_before(event, c, grade->id)) {
                writer_put(writer, comma, strlen(comma));
                named_write(writer, grade->id, "title", &grade->label);
                writer_literal(writer, "}");
                comma = ",";
            }
        }
    }
    writer_literal(writer, "]");
}

static void subject_write(struct writer *writer, const struct subject *subject)
{
    named_write(writer, subject->id, "name", &subject->name);
    if (subject->office.zh[0] != '\0') {
        writer_literal(writer, ",\"office\":");
        event_write_label(writer, &subject->office);
    }
    writer_literal(writer, "}");
}

static void subjects_write(struct writer *writer, const struct subject *subjects, uint32_t count)
{
    writer_literal(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        writer_put(writer, ",", i > 0);
        subject_write(writer, &subjects[i]);
    }
    writer_literal(writer, "]");
}

static void appraisal_write(struct writer *writer, const struct contest *contest)
{
    writer_literal(writer, ",\"grades\":[");
    for (uint32_t g = 0; g < contest->grade_count; g++) {
        writer_put(writer, ",", g > 0);
        writer_string(writer, contest->grades[g].id);
    }
    writer_literal(writer, "],\"criteria\":[");
    for (uint32_t i = 0; i < contest->criterion_count; i++) {
        writer_put(writer, ",", i > 0);
        writer_string(writer, contest->criteria[i].id);
    }
    writer_literal(writer, "],\"subjects\":");
    subjects_write(writer, contest->subjects, contest->subject_count);
}

static void election_write(struct writer *writer, const struct contest *contest)
{
    writer_literal(writer, ",\"candidates\":");
    subjects_write(writer, contest->candidates, contest->candidate_count);
    writer_literal(writer, ",\"seats\":");
    writer_uint(writer, contest->seats);
    writer_literal(writer, ",\"write_ins\":");
    writer_uint(writer, contest->write_in_count);
    writer_literal(writer, ",\"order\":[");
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        writer_put(writer, ",", i > 0);
        writer_uint(writer, contest->order[i]);
    }
    writer_literal(writer, "]");
}

static void poll_write(struct writer *writer, const struct contest *contest)
{
    writer_literal(writer, ",\"options\":");
    subjects_write(writer, contest->candidates, contest->candidate_count);
    writer_literal(writer, ",\"choose\":");
    writer_uint(writer, contest->seats);
    writer_literal(writer, ",\"write_ins\":");
    writer_uint(writer, contest->write_in_count);
}

static void contest_write(struct writer *writer, const struct contest *contest)
{
    named_write(writer, contest->id, "title", &contest->title);
    writer_literal(writer, ",\"kind\":");
    writer_string(writer, contest_kind_name(contest->kind));
    writer_literal(writer, ",\"live\":");
    writer_string(writer, live_name(contest->live));
    if (contest->rules) {
        writer_literal(writer, ",\"rules\":");
        writer_string(writer, contest->rules->id);
    }
    if (contest->kind == CONTEST_APPRAISAL) {
        appraisal_write(writer, contest);
    } else if (contest->kind == CONTEST_ELECTION) {
        election_write(writer, contest);
    } else if (contest->kind == CONTEST_POLL) {
        poll_write(writer, contest);
    }
    writer_literal(writer, "}");
}

static bool rules_are_before(const struct event *event, uint32_t contest_count, const char *id)
{
    for (uint32_t c = 0; c < contest_count; c++) {
        if (event->contests[c].rules && strcmp(event->contests[c].rules->id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Each profile once, whole, in the order in which the contests first name them. */
static void profiles_write(struct writer *writer, const struct event *event)
{
    bool is_first = true;

    for (uint32_t c = 0; c < event->contest_count; c++) {
        const struct rules *rules = event->contests[c].rules;

        if (rules && !rules_are_before(event, c, rules->id)) {
            writer_put(writer, is_first ? ",\"rules\":[" : ",", is_first ? 10 : 1);
            rules_write(writer, rules);
            is_first = false;
        }
    }
    writer_put(writer, "]", is_first ? 0 : 1);
}

void event_write_texts(struct writer *writer, const struct event *event)
{
    named_write(writer, event->id, "title", &event->title);
    pools_write(writer, event);
    profiles_write(writer, event);
    writer_literal(writer, ",\"contests\":[");
    for (uint32_t c = 0; c < event->contest_count; c++) {
        writer_put(writer, ",", c > 0);
        contest_write(writer, &event->contests[c]);
    }
    writer_literal(writer, "]}");
}

uint64_t texts_hash(const struct event *event)
{
    uint8_t digest[32];
    struct hash_writer writer;
    uint64_t hash = 0;

    hash_writer_init(&writer);
    event_write_texts(&writer.writer, event);
    hash_writer_end(&writer, digest);
    for (size_t i = 0; i < sizeof(hash); i++) {
        hash = hash << 8 | digest[i];
    }
    return hash;
}
