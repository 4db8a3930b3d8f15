#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "clients/hall/ballot.h"
#include "server/protocol/message.h"

/*
 * The pile of acknowledged cards of one round of an election, motion or poll: for each item of each
 * seat's card the choice with the highest version, and the names written on the cards. A card of an
 * election comes whole; where items are asked one at a time a card grows. Pure; one thread at a
 * time.
 *
 * Memory: 6 bytes an item of each seat: 38 MB for 100,000 seats × 64 items.
 */
#define PILE_NO_CHOICE 0xffff /* the item is not marked */

struct pile {
    enum contest_kind kind;
    enum round_stage stage;
    uint32_t seats; /* to be filled; polls: most options of a card */
    uint64_t slate;
    uint32_t candidate_count;
    uint32_t adopted_count; /* names 1 .. adopted_count of the table have a place on the card */
    uint32_t item_count;
    uint32_t choice_count;
    uint32_t seat_count;
    bool *has_card;     /* [seat_count] */
    uint32_t *versions; /* [seat_count][item_count]; 0: not marked */
    uint16_t *choices;  /* [seat_count][item_count]; on a line the number of a name, 0: none */
    char (*names)[WRITTEN_NAME_SIZE]; /* names[number - 1] */
    uint32_t name_count;
    uint32_t name_capacity;
};

/* Of `round`, for `seat_count` seats. NULL: no memory. Given. */
struct pile *pile_create(const struct round_notice *round, uint32_t seat_count);
void pile_destroy(struct pile *pile); /* NULL is accepted */

/*
 * A card was acknowledged: its marks count, but for items of which a higher version did before.
 * seat 0 .. seat_count - 1. Items and choices out of range are left out. Errors: STATUS_LIMIT (over
 * WRITTEN_NAME_MAX names), STATUS_NOMEM; nothing of the card is then in the pile.
 */
MUST_CHECK enum status pile_put(struct pile *pile, uint32_t seat, uint32_t version,
                                const struct ballot *ballot);

/* The choices of a seat's card, [item_count], or NULL: it has none. Borrowed. */
const uint16_t *pile_card(const struct pile *pile, uint32_t seat);

/* The item is a write-in line that stands for no adopted name. */
bool pile_is_line(const struct pile *pile, uint32_t item);
