#pragma once

#include <stdint.h>

#include "server/model/limits.h"

/*
 * A card: what one voter filled in, whole, as a count takes it. From the ballot box of a live round
 * or from a file of cards; who filled it in is not part of it.
 */
#define CHOICE_NONE 0xffff /* the item was left blank */

/*
 * choices  of the contest's items, in their order; CHOICE_NONE or a choice. On a write-in line the
 *          number of a name (1 .. WRITTEN_NAME_MAX), 0 and CHOICE_NONE: nothing was written
 * mark     what a person saw on it that no choice says; the rule that asks is E8
 */
enum card_mark_kind {
    CARD_PLAIN = 0,
    CARD_MARKED,    /* numbered or marked: void */
    CARD_ILLEGIBLE, /* nothing on it can be read: void */
};

struct card {
    uint32_t group; /* index in the event's groups */
    enum card_mark_kind mark;
    uint16_t choices[ITEM_MAX];
};
