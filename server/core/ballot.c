#include "server/core/ballot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NO_CARD UINT32_MAX
#define BUCKET_COUNT_MIN 1024u /* a small hall; doubles when half full */

struct card_mark {
    uint8_t nonce[NONCE_SIZE];
    uint32_t version;
    uint16_t choice;
};

/*
 * slots[c] and marks[c * item_count + item] are card c. buckets holds card indices by open
 * addressing.
 */
struct ballot_box {
    uint32_t item_count;
    uint32_t card_max;
    uint32_t card_count;
    uint32_t card_capacity;
    uint32_t bucket_count;
    uint32_t *buckets;
    uint8_t (*slots)[SLOT_SIZE];
    uint8_t *groups; /* [card] */
    struct card_mark *marks;
};

struct ballot_box *ballot_box_create(uint32_t item_count, uint32_t card_max)
{
    assert(item_count >= 1 && item_count <= ITEM_MAX);
    struct ballot_box *box = calloc(1, sizeof(*box));
    if (box == NULL) {
        return NULL;
    }
    box->item_count = item_count;
    box->card_max = card_max;
    box->bucket_count = BUCKET_COUNT_MIN;
    box->buckets = malloc(box->bucket_count * sizeof(*box->buckets));
    if (box->buckets == NULL) {
        free(box);
        return NULL;
    }
    memset(box->buckets, 0xff, box->bucket_count * sizeof(*box->buckets));
    return box;
}

void ballot_box_destroy(struct ballot_box *box)
{
    if (box == NULL) {
        return;
    }
    free(box->buckets);
    free(box->slots);
    free(box->groups);
    free(box->marks);
    free(box);
}

/* A secret round's slot is a keyed hash, a named one's a seat's number in its last bytes: mixed. */
static uint32_t bucket_start(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE])
{
    uint64_t halves[2];
    memcpy(halves, slot, sizeof(halves));
    uint64_t hash = halves[0] ^ halves[1];
    hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio */
    return (uint32_t)(hash >> 32) & (box->bucket_count - 1);
}

static uint32_t card_find(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE])
{
    uint32_t bucket = bucket_start(box, slot);
    for (uint32_t step = 0; step < box->bucket_count; step++) {
        uint32_t card = box->buckets[bucket];
        if (card == NO_CARD) {
            return NO_CARD;
        }
        if (memcmp(box->slots[card], slot, SLOT_SIZE) == 0) {
            return card;
        }
        bucket = (bucket + 1) & (box->bucket_count - 1);
    }
    return NO_CARD;
}

static void bucket_put(struct ballot_box *box, uint32_t card)
{
    uint32_t bucket = bucket_start(box, box->slots[card]);
    while (box->buckets[bucket] != NO_CARD) {
        bucket = (bucket + 1) & (box->bucket_count - 1);
    }
    box->buckets[bucket] = card;
}

/* Room for the arrays of `capacity` cards. False: no memory; the box is as it was. */
static bool arrays_grow(struct ballot_box *box, uint32_t capacity)
{
    void *slots = realloc(box->slots, (size_t)capacity * SLOT_SIZE);
    if (slots == NULL) {
        return false;
    }
    box->slots = slots;
    void *groups = realloc(box->groups, capacity);
    if (groups == NULL) {
        return false;
    }
    box->groups = groups;
    void *marks = realloc(box->marks, (size_t)capacity * box->item_count * sizeof(*box->marks));
    if (marks == NULL) {
        return false;
    }
    box->marks = marks;
    box->card_capacity = capacity;
    return true;
}

static bool buckets_grow(struct ballot_box *box, uint32_t bucket_count)
{
    uint32_t *buckets = malloc((size_t)bucket_count * sizeof(*buckets));
    if (buckets == NULL) {
        return false;
    }
    memset(buckets, 0xff, (size_t)bucket_count * sizeof(*buckets));
    free(box->buckets);
    box->buckets = buckets;
    box->bucket_count = bucket_count;
    for (uint32_t card = 0; card < box->card_count; card++) {
        bucket_put(box, card);
    }
    return true;
}

bool ballot_box_reserve(struct ballot_box *box, uint32_t count)
{
    uint32_t left = box->card_max - box->card_count;
    uint32_t wanted = box->card_count + (count < left ? count : left);
    uint32_t capacity = box->card_capacity == 0 ? 256 : box->card_capacity;
    uint32_t bucket_count = box->bucket_count;
    while (capacity < wanted) {
        capacity *= 2;
    }
    while (bucket_count < wanted * 2) {
        bucket_count *= 2;
    }
    return (capacity == box->card_capacity || arrays_grow(box, capacity)) &&
           (bucket_count == box->bucket_count || buckets_grow(box, bucket_count));
}

/* Room for one more card. False: the limit or no memory; the box is as it was. */
static bool box_grow(struct ballot_box *box)
{
    return box->card_count < box->card_max && ballot_box_reserve(box, 1);
}

struct ballot_box *ballot_box_copy(const struct ballot_box *box)
{
    struct ballot_box *copy = ballot_box_create(box->item_count, box->card_max);
    if (copy == NULL) {
        return NULL;
    }
    for (uint32_t card = 0; card < box->card_count; card++) {
        if (!box_grow(copy)) {
            ballot_box_destroy(copy);
            return NULL;
        }
        memcpy(copy->slots[card], box->slots[card], SLOT_SIZE);
        copy->groups[card] = box->groups[card];
        memcpy(&copy->marks[(size_t)card * box->item_count],
               &box->marks[(size_t)card * box->item_count], box->item_count * sizeof(*box->marks));
        copy->card_count++;
        bucket_put(copy, card);
    }
    return copy;
}

static enum verdict mark_verdict(const struct card_mark *held, uint32_t version,
                                 const uint8_t nonce[NONCE_SIZE])
{
    if (version > held->version) {
        return VERDICT_NEW;
    }
    if (version < held->version) {
        return VERDICT_SUPERSEDED;
    }
    return memcmp(held->nonce, nonce, NONCE_SIZE) == 0 ? VERDICT_RECORDED : VERDICT_CONFLICT;
}

enum verdict ballot_box_check(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE],
                              uint16_t item, uint32_t version, const uint8_t nonce[NONCE_SIZE],
                              uint32_t *recorded_version)
{
    *recorded_version = 0;
    if (item >= box->item_count || version == 0) {
        return VERDICT_INVALID;
    }
    uint32_t card = card_find(box, slot);
    if (card == NO_CARD) {
        return VERDICT_NEW;
    }
    const struct card_mark *held = &box->marks[(size_t)card * box->item_count + item];
    *recorded_version = held->version;
    return mark_verdict(held, version, nonce);
}

enum verdict ballot_box_apply(struct ballot_box *box, const struct mark *mark, uint16_t *before,
                              bool *is_first)
{
    *before = CHOICE_NONE;
    *is_first = false;
    if (mark->item >= box->item_count || mark->version == 0) {
        return VERDICT_INVALID;
    }
    uint32_t card = card_find(box, mark->slot);
    if (card == NO_CARD) {
        if (!box_grow(box)) {
            return VERDICT_INVALID;
        }
        card = box->card_count++;
        memcpy(box->slots[card], mark->slot, SLOT_SIZE);
        box->groups[card] = mark->group;
        struct card_mark *marks = &box->marks[(size_t)card * box->item_count];
        memset(marks, 0, box->item_count * sizeof(*marks));
        for (uint32_t item = 0; item < box->item_count; item++) {
            marks[item].choice = CHOICE_NONE;
        }
        bucket_put(box, card);
        *is_first = true;
    }
    struct card_mark *held = &box->marks[(size_t)card * box->item_count + mark->item];
    enum verdict verdict = mark_verdict(held, mark->version, mark->nonce);
    if (verdict == VERDICT_NEW) {
        *before = held->choice;
        held->version = mark->version;
        held->choice = mark->choice;
        memcpy(held->nonce, mark->nonce, NONCE_SIZE);
    }
    return verdict;
}

bool ballot_box_versions(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE],
                         uint32_t *versions)
{
    uint32_t card = card_find(box, slot);
    for (uint32_t item = 0; item < box->item_count; item++) {
        versions[item] =
            card == NO_CARD ? 0 : box->marks[(size_t)card * box->item_count + item].version;
    }
    return card != NO_CARD;
}

bool ballot_box_fits(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE], uint32_t count)
{
    return card_find(box, slot) != NO_CARD || box->card_count + count < box->card_max;
}

uint32_t ballot_box_card_count(const struct ballot_box *box)
{
    return box->card_count;
}

void ballot_box_card(const struct ballot_box *box, uint32_t index, struct card *card)
{
    assert(index < box->card_count);
    const struct card_mark *marks = &box->marks[(size_t)index * box->item_count];
    card->group = box->groups[index];
    card->mark = CARD_PLAIN;
    for (uint32_t item = 0; item < ITEM_MAX; item++) {
        card->choices[item] = item < box->item_count ? marks[item].choice : CHOICE_NONE;
    }
}

const uint8_t *ballot_box_slot(const struct ballot_box *box, uint32_t index)
{
    assert(index < box->card_count);
    return box->slots[index];
}
