#include "server/protocol/message_scan.h"

#include <string.h>

struct scan {
    const char *at;
    const char *end;
};

static bool take_bytes(struct scan *scan, const char *bytes, size_t size)
{
    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, bytes, size) != 0) {
        return false;
    }
    scan->at += size;
    return true;
}
#define take_literal(scan, literal) take_bytes((scan), "" literal, sizeof(literal) - 1)

/* A JSON integer without sign, at most 16 digits, as 2^53 - 1 has. */
static bool take_number(struct scan *scan, uint64_t least, uint64_t most, uint64_t *number)
{
    const char *first = scan->at;
    uint64_t value = 0;

    while (scan->at < scan->end && scan->at - first < 17 && *scan->at >= '0' && *scan->at <= '9') {
        value = value * 10 + (uint64_t)(*scan->at++ - '0');
    }
    if (scan->at == first || scan->at - first > 16 || (*first == '0' && scan->at - first > 1)) {
        return false;
    }
    *number = value;
    return value >= least && value <= most;
}

static bool take_nonce(struct scan *scan, uint8_t nonce[NONCE_SIZE])
{
    if ((size_t)(scan->end - scan->at) < 2 * NONCE_SIZE + 2 || *scan->at != '"') {
        return false;
    }
    scan->at++;
    for (size_t i = 0; i < 2 * NONCE_SIZE; i++) {
        char c = *scan->at++;
        uint8_t value;

        if (c >= '0' && c <= '9') {
            value = (uint8_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value = (uint8_t)(c - 'a' + 10);
        } else {
            return false;
        }
        nonce[i / 2] = (uint8_t)(i % 2 == 0 ? value << 4 : nonce[i / 2] | value);
    }
    return *scan->at++ == '"';
}

/* item,version,choice,… up to and with the closing bracket; no item twice. */
static bool take_marks(struct scan *scan, struct cast *cast, struct cast_card *card)
{
    uint64_t items = 0;

    card->first_mark = cast->mark_count;
    card->mark_count = 0;
    card->first_name = 0;
    card->name_count = 0;
    do {
        struct cast_mark *mark = &cast->marks[cast->mark_count];
        uint64_t item, version, choice;

        if (cast->mark_count == MARK_PER_MESSAGE_MAX ||
            !take_number(scan, 0, ITEM_MAX - 1, &item) || !take_literal(scan, ",") ||
            !take_number(scan, 1, VERSION_MAX, &version) || !take_literal(scan, ",") ||
            !take_number(scan, 0, CAST_CHOICE_MAX, &choice) || (items & 1ull << item)) {
            return false;
        }
        items |= 1ull << item;
        mark->item = (uint16_t)item;
        mark->version = (uint32_t)version;
        mark->choice = (uint16_t)choice;
        cast->mark_count++;
        card->mark_count++;
    } while (take_literal(scan, ","));
    return take_literal(scan, "]");
}

static bool take_head(struct scan *scan, struct cast *cast)
{
    uint64_t round;

    if (!take_literal(scan, ",\"id\":") || !take_number(scan, 0, (1ull << 53) - 1, &cast->id) ||
        !take_literal(scan, ",\"round\":") || !take_number(scan, 1, ROUND_MAX, &round)) {
        return false;
    }
    cast->round = (uint32_t)round;
    cast->card_count = 0;
    cast->mark_count = 0;
    cast->name_count = 0;
    return true;
}

static bool take_cards(struct scan *scan, struct cast *cast)
{
    do {
        struct cast_card *card = &cast->cards[cast->card_count];
        uint64_t seat;

        if (cast->card_count == CARD_PER_MESSAGE_MAX || !take_literal(scan, "[") ||
            !take_number(scan, 1, SEAT_MAX, &seat) || !take_literal(scan, ",") ||
            !take_nonce(scan, card->nonce) || !take_literal(scan, ",") ||
            !take_marks(scan, cast, card)) {
            return false;
        }
        card->seat = (uint32_t)seat;
        cast->card_count++;
    } while (take_literal(scan, ","));
    return true;
}

bool cast_scan(const char *text, size_t size, struct message *message)
{
    struct scan scan = { .at = text, .end = text + size };
    struct cast *cast = &message->cast;

    if (take_literal(&scan, "{\"t\":\"cast\"")) {
        message->kind = MESSAGE_CAST;
        if (!take_head(&scan, cast) || !take_literal(&scan, ",\"nonce\":") ||
            !take_nonce(&scan, cast->cards[0].nonce) || !take_literal(&scan, ",\"marks\":[") ||
            !take_marks(&scan, cast, &cast->cards[0])) {
            return false;
        }
        cast->cards[0].seat = 0;
        cast->card_count = 1;
    } else if (take_literal(&scan, "{\"t\":\"casts\"")) {
        message->kind = MESSAGE_CASTS;
        if (!take_head(&scan, cast) || !take_literal(&scan, ",\"cards\":[") ||
            !take_cards(&scan, cast) || !take_literal(&scan, "]")) {
            return false;
        }
    } else {
        return false;
    }
    return take_literal(&scan, "}") && scan.at == scan.end;
}
