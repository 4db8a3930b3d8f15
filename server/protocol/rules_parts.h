#pragma once

#include "server/protocol/rules_file.h"

/*
 * The parts of a rules profile, each in its own file. For the rules_*.c of server/protocol. Where a
 * key is missing rules_keys() has said so: the readers below are silent about it.
 */

/* A key that must be there, and what its absence leaves open. */
struct rule_key {
    const char *key;
    const char *why; /* "the rules name … (E10)" */
};

/* Each of `keys` is in `object` and nothing else; every difference is a fault. */
bool rules_keys(struct reader *reader, const struct place *at, json_t *object,
                const struct rule_key *keys, size_t key_count);

/* An object with exactly these keys, or null: NULL, and *is_null (where it may be) tells. */
json_t *rules_object(struct reader *reader, const struct place *at, const json_t *up,
                     const struct rule_key *keys, size_t key_count, bool *is_null);

/* A list of 1 .. count_max, or null: NULL either way and after a fault. */
json_t *rules_list(struct reader *reader, const struct place *at, const json_t *up,
                   size_t count_max);

bool rules_flag(struct reader *reader, const struct place *up, const json_t *object,
                const char *key, bool *flag);
bool rules_number(struct reader *reader, const struct place *up, const json_t *object,
                  const char *key, uint32_t least, uint32_t most, uint32_t *number);
/* A number, or null: *is_set tells. */
bool rules_optional(struct reader *reader, const struct place *up, const json_t *object,
                    const char *key, uint32_t most, bool *is_set, uint32_t *number);

/* One of names[1 .. count): its place, or 0 after a fault, which lists those with their bit set. */
unsigned rules_word(struct reader *reader, const struct place *up, const json_t *object,
                    const char *key, const char *const *names, size_t count, unsigned allowed);
#define ALLOWS(value) (1u << (value))
enum base rules_base(struct reader *reader, const struct place *up, const json_t *object,
                     const char *key, unsigned allowed);
enum remedy rules_remedy(struct reader *reader, const struct place *up, const json_t *object,
                         const char *key, unsigned allowed);

/* num, den and inclusive of `object`: at most 1, and something can meet it. */
bool rules_share(struct reader *reader, const struct place *at, const json_t *object,
                 struct threshold *share);
/* num and den alone. */
bool rules_fraction(struct reader *reader, const struct place *at, const json_t *object,
                    struct threshold *share);

/* The same outwards; each begins with its comma: ,"key":value */
void rules_put_key(struct writer *writer, const char *key);
void rules_put_flag(struct writer *writer, const char *key, bool flag);
void rules_put_number(struct writer *writer, const char *key, bool is_set, uint32_t number);
void rules_put_word(struct writer *writer, const char *key, const char *word);
/* ,"num":…,"den":…,"inclusive":… */
void rules_put_share(struct writer *writer, const struct threshold *share);

void rules_read_appraisal(struct reader *reader, const struct place *up, json_t *object,
                          struct appraisal_rules *rules);
void rules_read_election(struct reader *reader, const struct place *at, json_t *object,
                         struct election_rules *rules);
void rules_read_motion(struct reader *reader, const struct place *up, json_t *object,
                       struct motion_rules *rules);
void rules_read_poll(struct reader *reader, const struct place *at, json_t *object,
                     struct poll_rules *rules);
void rules_write_appraisal(struct writer *writer, const struct appraisal_rules *rules);
void rules_write_election(struct writer *writer, const struct election_rules *rules);
void rules_write_motion(struct writer *writer, const struct motion_rules *rules);
void rules_write_poll(struct writer *writer, const struct poll_rules *rules);

/* The keys of every kind's own part. */
extern const struct rule_key rules_appraisal_keys[];
extern const size_t rules_appraisal_key_count;
extern const struct rule_key rules_election_keys[];
extern const size_t rules_election_key_count;
extern const struct rule_key rules_motion_keys[];
extern const size_t rules_motion_key_count;
extern const struct rule_key rules_poll_keys[];
extern const size_t rules_poll_key_count;
