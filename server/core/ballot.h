#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/core/card.h"
#include "server/model/record.h"
#include "server/model/status.h"

/*
 * The ballot box of one round: for each slot a card, for each item of the card the mark that
 * counts.
 *
 * It decides whether a mark is new, was recorded before, or is overtaken; it never counts.
 * Pure; one thread at a time.
 */
struct ballot_box;

/* What a mark is to what the box already holds (DESIGN §3, version and nonce). */
enum verdict {
    VERDICT_INVALID = 0,
    VERDICT_NEW,        /* a higher version: it replaces what is there */
    VERDICT_RECORDED,   /* same version, same nonce: this very mark is there already */
    VERDICT_CONFLICT,   /* same version, other nonce: the recorded one stands */
    VERDICT_SUPERSEDED, /* a lower version: the recorded one stands */
};

/* item_count 1 .. ITEM_MAX; cards grow as slots come, at most card_max. NULL: no memory. */
struct ballot_box *ballot_box_create(uint32_t item_count, uint32_t card_max);
void ballot_box_destroy(struct ballot_box *box);

/* A copy with the same cards. NULL: no memory. Given. */
struct ballot_box *ballot_box_copy(const struct ballot_box *box);

/* What (item, version, nonce) of `slot` would be. *version is then the highest recorded, or 0. */
enum verdict ballot_box_check(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE],
                              uint16_t item, uint32_t version, const uint8_t nonce[NONCE_SIZE],
                              uint32_t *recorded_version);

/*
 * Puts the mark in when it is new. *before: the choice it replaces or CHOICE_NONE; *is_first:
 * the card had no mark before. VERDICT_INVALID: item out of range, card_max reached, no memory.
 */
enum verdict ballot_box_apply(struct ballot_box *box, const struct mark *mark, uint16_t *before,
                              bool *is_first);

/* The highest recorded version of each item into versions[item_count]; false: no card. */
bool ballot_box_versions(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE],
                         uint32_t *versions);

/* Whether `slot` has a card, or there is room for `count` more cards and one for it. */
bool ballot_box_fits(const struct ballot_box *box, const uint8_t slot[SLOT_SIZE], uint32_t count);

/*
 * Makes room for `count` more cards, or for as many as may still come: putting in their marks then
 * needs no memory. False: there is none; the box is as it was.
 */
MUST_CHECK bool ballot_box_reserve(struct ballot_box *box, uint32_t count);

/* Cards with at least one mark. */
uint32_t ballot_box_card_count(const struct ballot_box *box);

/* Card `index` 0 .. card_count - 1, in the order in which their first marks came. */
void ballot_box_card(const struct ballot_box *box, uint32_t index, struct card *card);
/* Whose it is: borrowed until the next apply. */
const uint8_t *ballot_box_slot(const struct ballot_box *box, uint32_t index);
