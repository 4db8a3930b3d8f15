/*
 * Promises: what the server says of casts and acts, held against the log's platter at the moment it
 * leaves. An ack: every mark of it is durable. The same intent: the same ack, always. A refusal:
 * what it says is so.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/world.h"

static bool text_is(const char *text, size_t size, const char *kind)
{
    char head[24];
    int length = snprintf(head, sizeof(head), "{\"t\":\"%s\"", kind);
    return size >= (size_t)length && memcmp(text, head, (size_t)length) == 0;
}

/* Whether the mark of an intent is durable, with its choice. */
static bool mark_is_durable(const struct world *world, uint32_t round, const struct sent_card *card,
                            const struct sent_mark *mark)
{
    const struct book_round *of = book_round(&world->book, round);
    const struct book_mark *kept =
        book_find(&world->book, round, card->seat, mark->item, mark->version, card->nonce);
    if (of != NULL && kept == NULL && card->has_used_nonce) {
        return of->held[card->seat - 1][mark->item].version > mark->version;
    }
    if (of == NULL || kept == NULL) {
        return false;
    }
    if (mark->name == NULL) {
        return kept->choice == mark->choice;
    }
    const char *name = kept->choice == 0 ? "" : world->book.names[of->contest][kept->choice - 1];
    return strcmp(name, mark->name) == 0;
}

static bool card_is_durable(struct world *world, uint32_t id, const struct sent *sent,
                            const struct sent_card *card, const char *when)
{
    for (uint32_t i = 0; i < card->mark_count; i++) {
        if (!mark_is_durable(world, sent->round, card, &card->marks[i])) {
            return world_violate(world, "what is acknowledged is in the log",
                                 "cast %u, seat %u, round %u, item %u, version %u is not: %s", id,
                                 card->seat, sent->round, card->marks[i].item,
                                 card->marks[i].version, when);
        }
    }
    return true;
}

static void acked(struct world *world, uint32_t id, struct sent *sent, struct sent_card *card,
                  const char *receipt)
{
    if (card->is_acked && strcmp(card->receipt, receipt) != 0) {
        world_violate(world, "one intent has one ack", "cast %u has receipts %s and %s", id,
                      card->receipt, receipt);
        return;
    }
    if (card_is_durable(world, id, sent, card, "its ack leaves")) {
        card->is_acked = true;
        memcpy(card->receipt, receipt, sizeof(card->receipt));
    }
}

/* Whether a mark of the card is held up, in the log, by another of its version or a higher one. */
static bool refusal_stands(const struct world *world, const struct sent *sent,
                           const struct sent_card *card, enum refusal refusal)
{
    const struct book_round *round = book_round(&world->book, sent->round);
    for (uint32_t i = 0; round != NULL && i < card->mark_count; i++) {
        const struct sent_mark *mark = &card->marks[i];
        bool is_held = refusal == REFUSAL_CONFLICT
                           ? book_find_version(&world->book, sent->round, card->seat, mark->item,
                                               mark->version) != NULL
                           : round->held[card->seat - 1][mark->item].version > mark->version;
        if (is_held) {
            return true;
        }
    }
    return false;
}

static bool elector_is_sound(const struct world *world, const struct sent *sent,
                             const struct sent_card *card)
{
    const struct book_round *round = book_round(&world->book, sent->round);
    uint32_t bit = 1u << (card->seat - 1);
    return round != NULL && (round->electors & bit) != 0 && (world->book.ever_revoked & bit) == 0;
}

static void refused(struct world *world, uint32_t id, const struct sent *sent,
                    const struct sent_card *card, enum refusal refusal, uint32_t item,
                    uint32_t version)
{
    bool is_passing = refusal == REFUSAL_BUSY || refusal == REFUSAL_STORAGE ||
                      refusal == REFUSAL_STORAGE_FULL ||
                      (refusal == REFUSAL_SUPERSEDED && refusal_stands(world, sent, card, refusal));
    if (card->is_acked && !is_passing) {
        world_violate(world, "one intent has one ack",
                      "cast %u of seat %u was acknowledged and is now refused: %s", id, card->seat,
                      refusal_name(refusal));
    } else if ((refusal == REFUSAL_CONFLICT || refusal == REFUSAL_SUPERSEDED) &&
               !refusal_stands(world, sent, card, refusal)) {
        world_violate(world, "a refusal says what is so",
                      "cast %u of seat %u: %s, item %u has version %u", id, card->seat,
                      refusal_name(refusal), item, version);
    } else if (refusal == REFUSAL_NOT_ELIGIBLE && elector_is_sound(world, sent, card)) {
        world_violate(world, "a refusal says what is so",
                      "cast %u: seat %u is in the electorate of round %u", id, card->seat,
                      sent->round);
    }
}

static void ack_look(struct world *world, const struct ack *ack)
{
    if (ack->id == 0 || ack->id > world->sent_count) {
        return; /* said of when it is heard */
    }
    uint32_t id = (uint32_t)ack->id;
    struct sent *sent = &world->sent[id - 1];
    if (ack->round != sent->round || ack->outcome_count != sent->card_count) {
        world_violate(world, "an answer is to what was asked", "cast %u has %u cards, its ack %u",
                      id, sent->card_count, ack->outcome_count);
        return;
    }
    for (uint32_t i = 0; i < ack->outcome_count; i++) {
        const struct card_outcome *outcome = &ack->outcomes[i];
        if (outcome->refusal == REFUSAL_NONE) {
            acked(world, id, sent, &sent->cards[i], outcome->receipt);
        } else {
            refused(world, id, sent, &sent->cards[i], outcome->refusal, outcome->item,
                    outcome->version);
        }
    }
}

/* On the reserve of a full disk what ends a round, and what is on air, still goes. */
static void control_refused(struct world *world, const struct refused *what)
{
    uint64_t index = what->id - ASKED_FIRST;
    if (what->refusal == REFUSAL_STORAGE_FULL && index < world->asked_count &&
        act_kind_is_urgent(world->asked[index].kind) &&
        (world->disk_log.has_reserve || world->disk.reserve_count > 0)) {
        world_violate(world, "a full disk stops no close", "act '%s' is refused",
                      act_kind_name(world->asked[index].kind));
    }
}

static void refused_look(struct world *world, const struct refused *what)
{
    if (what->has_id && what->id >= ASKED_FIRST) {
        control_refused(world, what);
    }
    if (!what->has_id || what->id == 0 || what->id > world->sent_count) {
        return;
    }
    const struct sent *sent = &world->sent[what->id - 1];
    if (!sent->is_base) {
        refused(world, (uint32_t)what->id, sent, &sent->cards[0], what->refusal, what->item,
                what->version);
    }
}

/* As many acts of this kind are in the log as were said to be. */
static void done_look(struct world *world, const struct done *done)
{
    if (done->id < ASKED_FIRST || done->id - ASKED_FIRST >= world->asked_count) {
        world_violate(world, "an answer is to what was asked", "done %llu",
                      (unsigned long long)done->id);
        return;
    }
    const struct asked *asked = &world->asked[done->id - ASKED_FIRST];
    uint32_t count = ++world->done_counts[asked->kind];
    if (count > world->book.officer_acts[asked->kind]) {
        world_violate(world, "what is done is in the log",
                      "%u acts '%s' were said to be done, the log has %u", count,
                      act_kind_name(asked->kind), world->book.officer_acts[asked->kind]);
    }
}

void promise_look(struct world *world, uint32_t peer, const char *text, size_t size)
{
    struct message *message = &world->looked;
    bool has_id;
    uint64_t id;
    (void)peer;
    bool is_promise =
        text_is(text, size, "ack") || text_is(text, size, "refused") || text_is(text, size, "done");
    if (!is_promise || message_decode(text, size, message, &has_id, &id, NULL) != STATUS_OK) {
        return; /* what cannot be read is said of when it is heard */
    }
    if (message->kind == MESSAGE_ACK) {
        ack_look(world, &message->ack);
    } else if (message->kind == MESSAGE_REFUSED) {
        refused_look(world, &message->refused);
    } else if (message->kind == MESSAGE_DONE) {
        done_look(world, &message->done);
    }
    message_finish(message);
}

bool promise_check_all(struct world *world)
{
    for (uint32_t i = 0; i < world->sent_count; i++) {
        const struct sent *sent = &world->sent[i];
        for (uint32_t k = 0; k < sent->card_count; k++) {
            if (sent->cards[k].is_acked &&
                !card_is_durable(world, i + 1, sent, &sent->cards[k], "after a start")) {
                return false;
            }
        }
    }
    for (int kind = ACT_INVALID; kind < ACT_COUNT; kind++) {
        if (world->done_counts[kind] > world->book.officer_acts[kind]) {
            return world_violate(world, "what is done is in the log",
                                 "%u acts '%s' were done, the log has %u after a start",
                                 world->done_counts[kind], act_kind_name((enum act_kind)kind),
                                 world->book.officer_acts[kind]);
        }
    }
    return true;
}
