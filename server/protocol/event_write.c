#include <sodium.h>
#include <string.h>

#include "server/protocol/event_parts.h"
#include "server/protocol/message.h"

/* The public texts of an event in one canonical form: what documents carry, texts_hash() names. */

static void label_write(struct writer *writer, const struct label *label)
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
    label_write(writer, label);
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
        label_write(writer, &subject->office);
    }
    writer_literal(writer, "}");
}

static void contest_write(struct writer *writer, const struct contest *contest)
{
    named_write(writer, contest->id, "title", &contest->title);
    writer_literal(writer, ",\"kind\":");
    writer_string(writer, contest_kind_name(contest->kind));
    writer_literal(writer, ",\"live\":");
    writer_string(writer, live_name(contest->live));
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
    writer_literal(writer, "],\"subjects\":[");
    for (uint32_t s = 0; s < contest->subject_count; s++) {
        writer_put(writer, ",", s > 0);
        subject_write(writer, &contest->subjects[s]);
    }
    writer_literal(writer, "]}");
}

void event_write_texts(struct writer *writer, const struct event *event)
{
    named_write(writer, event->id, "title", &event->title);
    pools_write(writer, event);
    writer_literal(writer, ",\"contests\":[");
    for (uint32_t c = 0; c < event->contest_count; c++) {
        writer_put(writer, ",", c > 0);
        contest_write(writer, &event->contests[c]);
    }
    writer_literal(writer, "]}");
}

/* A writer's `more` that lets what was written go into a hash, and begins anew. */
static bool hash_more(struct writer *writer, size_t need)
{
    crypto_generichash_update(writer->ctx, (const unsigned char *)writer->buffer, writer->used);
    writer->used = 0;
    return need <= writer->size;
}

uint64_t texts_hash(const struct event *event)
{
    crypto_generichash_state state;
    uint8_t digest[crypto_generichash_BYTES];
    char buffer[2048]; /* more than any one string that is written at once */
    struct writer writer;
    uint64_t hash = 0;

    crypto_generichash_init(&state, NULL, 0, sizeof(digest));
    writer_init(&writer, buffer, sizeof(buffer));
    writer.more = hash_more;
    writer.ctx = &state;
    event_write_texts(&writer, event);
    (void)hash_more(&writer, 0);
    crypto_generichash_final(&state, digest, sizeof(digest));
    for (size_t i = 0; i < sizeof(hash); i++) {
        hash = hash << 8 | digest[i];
    }
    return hash;
}
