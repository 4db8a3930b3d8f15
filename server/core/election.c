#include "server/core/election.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/election_impl.h"
#include "server/core/written.h"
#include "server/model/name_table.h"

#define NAME_COUNT_MIN 16u /* most elections have few names; doubles when full */

static const char *const ruling_names[] = {
    [RULING_INVALID] = "invalid",
    [RULING_COUNT] = "count",
    [RULING_DROP] = "drop",
    [RULING_VOID] = "void",
};

struct election_count *election_count_create(const struct contest *contest,
                                             const struct slate *slate)
{
    assert(contest->kind == CONTEST_ELECTION && contest->rules != NULL && slate->seats >= 1);
    struct election_count *count = calloc(1, sizeof(*count));
    if (count == NULL) {
        return NULL;
    }
    count->contest = contest;
    count->rules = &contest->rules->election;
    count->slate = *slate;
    count->item_count = contest_item_count(contest);
    assert(contest->candidate_count <= CANDIDATE_MAX && count->item_count <= ITEM_MAX);
    for (uint32_t c = 0; c < contest->candidate_count; c++) {
        written_plain(contest->candidates[c].name.zh, count->plain[c][0], LABEL_SIZE);
        written_plain(contest->candidates[c].name.en, count->plain[c][1], LABEL_SIZE);
    }
    return count;
}

void election_count_destroy(struct election_count *count)
{
    if (count == NULL) {
        return;
    }
    free(count->names);
    free(count);
}

/* The candidate of that name, or -1. *found: how many have it. */
static int32_t candidate_named(const struct election_count *count, const char *plain,
                               uint32_t *found)
{
    int32_t candidate = -1;
    *found = 0;
    for (uint32_t c = 0; plain[0] != '\0' && c < count->contest->candidate_count; c++) {
        if (strcmp(count->plain[c][0], plain) == 0 || strcmp(count->plain[c][1], plain) == 0) {
            candidate = (int32_t)c;
            (*found)++;
        }
    }
    return *found == 1 ? candidate : -1;
}

enum status election_count_name(struct election_count *count, const char *name)
{
    assert(strlen(name) < WRITTEN_NAME_SIZE);
    if (count->name_count == WRITTEN_NAME_MAX) {
        return STATUS_FULL;
    }
    if (count->name_count == count->name_capacity) {
        uint32_t capacity = count->name_capacity == 0 ? NAME_COUNT_MIN : count->name_capacity * 2;
        void *names = realloc(count->names, capacity * sizeof(*count->names));
        if (names == NULL) {
            return STATUS_NOMEM;
        }
        count->names = names;
        count->name_capacity = capacity;
    }
    struct written_name *added = &count->names[count->name_count++];
    uint32_t found;
    memset(added, 0, sizeof(*added));
    snprintf(added->name, sizeof(added->name), "%s", name);
    written_plain(name, added->plain, sizeof(added->plain));
    added->candidate = candidate_named(count, added->plain, &found);
    added->is_legible = found <= 1 && written_is_legible(added->plain);
    added->first = count->name_count;
    for (uint32_t i = 0; i + 1 < count->name_count; i++) {
        if (strcmp(count->names[i].plain, added->plain) == 0) {
            added->first = i + 1;
            break;
        }
    }
    return STATUS_OK;
}

bool election_item_stands(const struct election_count *count, uint32_t item)
{
    uint32_t candidate_count = count->contest->candidate_count;
    if (item < candidate_count) {
        return (count->slate.candidates >> item & 1) != 0;
    }
    return count->slate.adopted[item - candidate_count] != 0;
}

int32_t election_name_item(const struct election_count *count, uint32_t number)
{
    assert(number >= 1 && number <= count->name_count);
    const struct written_name *name = &count->names[number - 1];
    if (name->candidate >= 0) {
        return name->candidate;
    }
    for (uint32_t line = 0; line < count->contest->write_in_count; line++) {
        uint32_t adopted = count->slate.adopted[line];
        assert(adopted <= count->name_count);
        if (adopted != 0 && count->names[adopted - 1].first == name->first) {
            return (int32_t)(count->contest->candidate_count + line);
        }
    }
    return -1;
}

void election_count_add(struct election_count *count, const struct card *card, enum ruling ruling)
{
    struct reading reading;
    const char *rule;
    count->returned++;
    switch (election_ballot_read(count, card, ruling, &reading, &rule)) {
    case BALLOT_VOID:
        count->void_count++;
        return;
    case BALLOT_DISPUTED:
        count->pending++;
        return;
    default:
        break;
    }
    count->valid++;
    for (uint32_t item = 0; item < count->item_count; item++) {
        if (reading.marks[item] != MARK_NONE) {
            count->votes[item][reading.marks[item]]++;
        }
    }
    for (uint32_t i = 0; i < reading.person_count; i++) {
        count->names[reading.persons[i] - 1].votes++;
    }
}

/*
 * A hand count of one item. A card that was left blank there is an abstention (E5), so what is
 * missing to the valid ballots is one too; `written` more voted for by writing the name.
 */
static void item_add_paper(uint32_t votes[CHOICE_VOTE_COUNT],
                           const uint32_t paper[CHOICE_VOTE_COUNT], uint32_t written,
                           uint32_t valid)
{
    uint32_t votes_against = paper[CHOICE_AGAINST] < valid ? paper[CHOICE_AGAINST] : valid;
    uint64_t votes_for = (uint64_t)paper[CHOICE_FOR] + written;
    if (votes_for > valid - votes_against) {
        votes_for = valid - votes_against;
    }
    votes[CHOICE_FOR] += (uint32_t)votes_for;
    votes[CHOICE_AGAINST] += votes_against;
    votes[CHOICE_ABSTAIN] += valid - votes_against - (uint32_t)votes_for;
}

void election_count_add_paper(struct election_count *count,
                              const uint32_t (*votes)[CHOICE_VOTE_COUNT], uint32_t item_count,
                              const uint32_t *name_votes, uint32_t name_count, uint32_t returned,
                              uint32_t void_count)
{
    uint32_t written[ITEM_MAX] = { 0 };
    assert(item_count == count->item_count && void_count <= returned);
    assert(name_votes == NULL || name_count <= count->name_count);
    for (uint32_t number = 1; name_votes != NULL && number <= name_count; number++) {
        int32_t item = election_name_item(count, number);
        if (item >= 0) {
            written[item] += name_votes[number - 1];
        } else {
            count->names[count->names[number - 1].first - 1].votes += name_votes[number - 1];
        }
    }
    uint32_t valid = returned - void_count;
    for (uint32_t item = 0; item < item_count; item++) {
        if (election_item_stands(count, item)) {
            item_add_paper(count->votes[item], votes[item], written[item], valid);
        } else {
            count->votes[item][CHOICE_FOR] += written[item];
        }
    }
    count->returned += returned;
    count->valid += valid;
    count->void_count += void_count;
}

const char *ruling_name(enum ruling ruling)
{
    return name_table_name(ruling_names, NAME_COUNT(ruling_names), ruling);
}

enum ruling ruling_parse(const char *name)
{
    return (enum ruling)name_table_parse(ruling_names, NAME_COUNT(ruling_names), name);
}
