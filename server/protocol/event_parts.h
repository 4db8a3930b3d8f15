#pragma once

#include <jansson.h>

#include "server/model/event.h"
#include "server/protocol/reader.h"
#include "server/protocol/writer.h"

/*
 * The parts of an event file, each in its own file. For the files of server/protocol. Every
 * function goes on after a fault, so that a person gets them all at once.
 */
#define EVENT_FORMAT 1
#define CRITERION_POOL_MAX 256 /* criteria of all contests together: more is a mistake */
#define GRADE_POOL_MAX 64      /* grades of all contests together */
#define SHELF_MAX 64           /* profiles of an event's own; few are ever written */

/* The criteria, or the grades, that the contests share. */
struct pool {
    struct pool_entry {
        char id[ID_SIZE];
        struct label label;
        bool is_used;
    } * entries;
    uint32_t count;
    bool is_whole; /* all of it could be read, so that what is not in it is unknown */
};

/* The event's own rules profiles. */
struct shelf {
    struct rules *rules;
    bool *is_used;
    uint32_t count;
    bool is_whole;
    bool has_shipped; /* a profile that is not here may be a shipped one: in files */
};

/* "rules" of the event: a list of profiles, which may be missing. A document has all it names. */
void shelf_read(struct reader *reader, const struct place *root, const json_t *object, bool is_file,
                struct shelf *shelf);
/* The profile a contest names, of the shelf or shipped. Given (free()); NULL after a fault. */
struct rules *shelf_take(struct reader *reader, const struct place *up, const json_t *object,
                         struct shelf *shelf);
void shelf_check_used(struct reader *reader, const struct place *root, const struct shelf *shelf);
void shelf_finish(struct shelf *shelf);

/*
 * {"zh-CN": …, "en": …}: zh-CN must be there and not blank, en may be missing; no controls, no bidi
 * controls, at most LABEL_CODEPOINT_MAX characters. Where the key may be missing: `is_optional`.
 */
bool event_read_label(struct reader *reader, const struct place *up, const json_t *object,
                      const char *key, bool is_optional, struct label *label);

/* The same outwards. */
void event_write_label(struct writer *writer, const struct label *label);

/* The list at `key` of `object`, 1 .. count_max entries; NULL after a fault. */
json_t *event_read_list(struct reader *reader, const struct place *at, const json_t *object,
                        size_t count_max);

/* Whether `id` was not yet in ids[0 .. count) that lie `stride` bytes apart; else a fault. */
bool event_id_is_new(struct reader *reader, const struct place *at, const char *id, const void *ids,
                     size_t count, size_t stride);

/* The subjects (or candidates, or options) at `key`: given (free()), *count of them. */
struct subject *event_read_subjects(struct reader *reader, const struct place *up,
                                    const json_t *object, const char *key, size_t count_max,
                                    uint32_t *count);

/*
 * What elections and polls are about: candidates or options, seats, lines for other names, order.
 * Of other kinds nothing. contest->rules may be NULL after a fault.
 */
void event_read_ballot(struct reader *reader, const struct place *at, json_t *object, bool is_file,
                       struct contest *contest);

/*
 * Sorts contest->order by the strokes of the candidates' names in zh-CN (E4), as Unicode's
 * collation zh-u-co-stroke has it: fewer strokes of the first character first. Equal names keep the
 * file's order. False: ICU has no such collation.
 */
bool event_order_strokes(struct contest *contest);

/* The rundown: "rundown" of the event, which may be missing. After the contests. */
void event_read_rundown(struct reader *reader, const struct place *root, json_t *object,
                        struct event *event);

/*
 * The contests, with the criteria and grades they name. `is_file`: what no contest names is a
 * fault.
 */
void event_read_contests(struct reader *reader, const struct place *root, json_t *object,
                         bool is_file, struct event *event);

/* Groups, then posts: the seats of base stations lie in those of the groups. */
void event_read_hall(struct reader *reader, const struct place *root, json_t *object,
                     struct event *event);

/* What everyone may read of an event: id, title, contests. Given; NULL after a fault. */
struct event *event_read_texts(struct reader *reader, const struct place *at, json_t *object);
void event_write_texts(struct writer *writer, const struct event *event);
