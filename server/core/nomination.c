#include "server/core/nomination.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/cut.h"
#include "server/core/written.h"

/*
 * option  the option it is, else -1
 * first   number of the first name that is the same
 * votes   of this and every later name that is the same; kept at the first
 */
struct nomination {
    char name[WRITTEN_NAME_SIZE];
    char plain[WRITTEN_NAME_SIZE];
    int32_t option;
    uint32_t first;
    uint32_t votes;
};

struct nominations {
    const struct contest *contest;
    uint32_t count;
    uint32_t capacity;
    struct nomination *names;
};

struct nominations *nominations_create(const struct contest *contest)
{
    assert(contest->kind == CONTEST_POLL);
    struct nominations *nominations = calloc(1, sizeof(*nominations));
    if (nominations != NULL) {
        nominations->contest = contest;
    }
    return nominations;
}

void nominations_destroy(struct nominations *nominations)
{
    if (nominations != NULL) {
        free(nominations->names);
        free(nominations);
    }
}

static int32_t option_named(const struct contest *contest, const char *plain)
{
    char option[LABEL_SIZE];
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        const struct label *name = &contest->candidates[i].name;
        written_plain(name->zh, option, sizeof(option));
        if (strcmp(option, plain) == 0) {
            return (int32_t)i;
        }
        written_plain(name->en, option, sizeof(option));
        if (option[0] != '\0' && strcmp(option, plain) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

enum status nominations_name(struct nominations *nominations, const char *name)
{
    if (nominations->count == WRITTEN_NAME_MAX) {
        return STATUS_FULL;
    }
    if (nominations->count == nominations->capacity) {
        uint32_t capacity = nominations->capacity == 0 ? 16 : nominations->capacity * 2;
        void *names = realloc(nominations->names, capacity * sizeof(*nominations->names));
        if (names == NULL) {
            return STATUS_NOMEM;
        }
        nominations->names = names;
        nominations->capacity = capacity;
    }
    struct nomination *added = &nominations->names[nominations->count++];
    memset(added, 0, sizeof(*added));
    snprintf(added->name, sizeof(added->name), "%s", name);
    written_plain(name, added->plain, sizeof(added->plain));
    added->option = option_named(nominations->contest, added->plain);
    added->first = nominations->count;
    for (uint32_t i = 0; i + 1 < nominations->count; i++) {
        if (strcmp(nominations->names[i].plain, added->plain) == 0) {
            added->first = i + 1;
            break;
        }
    }
    return STATUS_OK;
}

/* The name on a line, or NULL. */
static const struct nomination *line_name(const struct nominations *nominations, uint16_t choice)
{
    assert(choice == CHOICE_NONE || choice <= nominations->count);
    return choice == CHOICE_NONE || choice == 0 ? NULL : &nominations->names[choice - 1];
}

void nominations_read(const struct nominations *nominations, struct card *card)
{
    const struct contest *contest = nominations->contest;
    for (uint32_t line = contest->candidate_count; line < contest_item_count(contest); line++) {
        const struct nomination *name = line_name(nominations, card->choices[line]);
        if (name == NULL) {
            continue;
        }
        if (name->option >= 0) {
            card->choices[name->option] = CHOICE_CHOSEN;
            card->choices[line] = 0;
            continue;
        }
        card->choices[line] = (uint16_t)name->first;
        for (uint32_t before = contest->candidate_count; before < line; before++) {
            if (card->choices[before] == name->first) {
                card->choices[line] = 0; /* the same name twice is one */
            }
        }
    }
}

void nominations_add(struct nominations *nominations, const struct card *card)
{
    const struct contest *contest = nominations->contest;
    for (uint32_t line = contest->candidate_count; line < contest_item_count(contest); line++) {
        const struct nomination *name = line_name(nominations, card->choices[line]);
        if (name != NULL && written_is_legible(name->plain)) {
            nominations->names[name->first - 1].votes++;
        }
    }
}

void nominations_add_paper(struct nominations *nominations, uint32_t number, uint32_t votes,
                           uint32_t option_votes[CANDIDATE_MAX])
{
    assert(number >= 1 && number <= nominations->count);
    const struct nomination *name = &nominations->names[number - 1];
    if (name->option >= 0) {
        option_votes[name->option] += votes;
    } else {
        nominations->names[name->first - 1].votes += votes;
    }
}

static int nomination_compare(const void *a, const void *b)
{
    const struct nomination *left = *(const struct nomination *const *)a;
    const struct nomination *right = *(const struct nomination *const *)b;
    if (left->votes != right->votes) {
        return left->votes < right->votes ? 1 : -1;
    }
    return strcmp(left->name, right->name);
}

void nominations_figures(const struct nominations *nominations, struct figures *figures)
{
    const struct contest *contest = nominations->contest;
    struct election_figures *election = &figures->election;
    const struct nomination *listed[WRITTEN_NAME_MAX];
    uint32_t votes[CANDIDATE_MAX + WRITTEN_NAME_MAX];
    uint32_t listed_count = 0;
    uint32_t passing_count = 0;
    for (uint32_t i = 0; i < nominations->count; i++) {
        if (nominations->names[i].votes > 0) {
            listed[listed_count++] = &nominations->names[i];
            votes[passing_count++] = nominations->names[i].votes;
        }
    }
    qsort(listed, listed_count, sizeof(listed[0]), nomination_compare);
    for (uint32_t i = 0; i < contest->candidate_count; i++) {
        if (figures->items[i].counts[CHOICE_CHOSEN] > 0) {
            votes[passing_count++] = figures->items[i].counts[CHOICE_CHOSEN];
        }
    }
    uint32_t shortlist = contest->rules->poll.shortlist;
    struct cut cut = { 0 };
    if (shortlist > 0) {
        cut = cut_draw(votes, passing_count, shortlist);
    }
    for (uint32_t i = 0; shortlist > 0 && i < contest->candidate_count; i++) {
        uint32_t own = figures->items[i].counts[CHOICE_CHOSEN];
        election->standings[i] = own > 0 ? cut_standing(&cut, own) : STANDING_NOT;
    }
    election->name_count = listed_count < NAME_SHOWN_MAX ? listed_count : NAME_SHOWN_MAX;
    election->name_rest = listed_count - election->name_count;
    for (uint32_t i = 0; i < election->name_count; i++) {
        snprintf(election->names[i].name, sizeof(election->names[i].name), "%s", listed[i]->name);
        election->names[i].votes = listed[i]->votes;
        if (shortlist > 0) {
            election->names[i].standing = cut_standing(&cut, listed[i]->votes);
        }
    }
}
