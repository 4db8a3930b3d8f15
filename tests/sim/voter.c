/* Pads and base stations: what they cast, again and again until they know what became of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/memory.h"
#include "tests/sim/world.h"

#define SENT_MAX 4096

static const char *const names[] = { "另选人一号", "另选人二号", "另选人三号", "Zhang San",
                                     "候选人五号" };
#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

/* The last line of a file "seat,credential…" that is of this seat. */
static void credential_read(const char *path, uint32_t seat, char credential[CREDENTIAL_SIZE])
{
    char line[256];
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        unsigned number;
        char text[CREDENTIAL_SIZE];
        if (sscanf(line, "%u,%32[^,\n]", &number, text) == 2 && number == seat) {
            memcpy(credential, text, sizeof(text));
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

void voter_credential(const struct world *world, uint32_t seat, bool is_newest,
                      char credential[CREDENTIAL_SIZE])
{
    char path[128];
    snprintf(path, sizeof(path), "%s/roll.csv", world->dir);
    credential_read(path, seat, credential);
    if (is_newest) {
        snprintf(path, sizeof(path), "%s/replaced.csv", world->dir);
        credential_read(path, seat, credential);
    }
}

/* Filling in a card. */

static uint32_t version_draw(struct world *world, uint32_t known)
{
    uint32_t draw = world_draw(world, 1000);
    uint32_t version = known + 1;
    if (draw < 60) {
        version = known; /* somebody forgot what was cast before */
    } else if (draw < 90) {
        version = known / 2;
    } else if (draw < 160) {
        version = known + 1 + world_draw(world, 150000); /* numbered by the clock */
    } else if (draw < 163) {
        version = VERSION_MAX - world_draw(world, 3);
    }
    return version < 1 ? 1 : version > VERSION_MAX ? VERSION_MAX : version;
}

/* Which items of the card are on the ballot, as far as the pad was told. */
static uint32_t items_there(const struct round_notice *notice, const struct contest *contest)
{
    uint32_t count = contest_item_count(contest);
    uint32_t items = (1u << count) - 1;
    if (notice->kind == CONTEST_ELECTION || notice->kind == CONTEST_POLL) {
        uint32_t lines = (1u << notice->write_in_count) - 1;
        items = (uint32_t)notice->slate | lines << contest->candidate_count;
    }
    return items & ((1u << count) - 1);
}

static uint32_t items_draw(struct world *world, const struct round_notice *notice,
                           const struct contest *contest)
{
    uint32_t there = items_there(notice, contest);
    uint32_t items = 0;
    if (notice->asked > 0 && !world_chance(world, 10)) {
        return 1u << (notice->asked - 1) & there;
    }
    if (notice->kind == CONTEST_ELECTION && !world_chance(world, 4)) {
        return there;
    }
    for (uint32_t item = 0; item < ITEM_MAX_HERE; item++) {
        items |= (there >> item & 1) != 0 && world_chance(world, 60) ? 1u << item : 0;
    }
    return items != 0 ? items : there & (~there + 1);
}

static void choice_draw(struct world *world, const struct contest *contest, bool is_line,
                        struct sent_mark *mark)
{
    mark->name = NULL;
    if (!is_line) {
        mark->choice = (uint16_t)world_draw(world, contest_choice_count(contest));
        if (contest->kind == CONTEST_ELECTION && mark->item < 2 && world_chance(world, 70)) {
            mark->choice = CHOICE_FOR; /* so that somebody is elected */
        }
        return;
    }
    bool has_name = world_chance(world, contest->kind == CONTEST_POLL ? 40 : 12);
    mark->name = has_name ? names[world_draw(world, NAME_COUNT)] : "";
    mark->choice = has_name;
}

static void card_draw(struct world *world, struct peer *peer, const struct contest *contest,
                      uint32_t seat, struct sent_card *card)
{
    const struct round_notice *notice = &peer->notice;
    uint32_t items = items_draw(world, notice, contest);
    uint32_t *known = peer->known[seat - 1];
    uint32_t highest = 0;
    memset(card, 0, sizeof(*card));
    card->seat = seat;
    for (uint32_t i = 0; i < NONCE_SIZE; i++) {
        card->nonce[i] = (uint8_t)world_draw(world, 256);
    }
    for (uint32_t item = 0; item < ITEM_MAX_HERE; item++) {
        highest = (items >> item & 1) != 0 && known[item] > highest ? known[item] : highest;
    }
    uint32_t version = version_draw(world, highest);
    for (uint16_t item = 0; item < ITEM_MAX_HERE; item++) {
        if ((items >> item & 1) == 0) {
            continue;
        }
        bool is_line = contest_item_is_line(contest, item) && notice->stage != STAGE_RUN_OFF;
        struct sent_mark *mark = &card->marks[card->mark_count++];
        mark->item = item;
        mark->version = version;
        choice_draw(world, contest, is_line, mark);
        known[item] = version > known[item] ? version : known[item];
    }
}

/* Sending. */

static void sent_encode(struct sent *sent, uint64_t id)
{
    static struct cast cast;
    static char text[MESSAGE_SIZE_MAX];
    cast.id = id;
    cast.round = sent->round;
    cast.card_count = sent->card_count;
    cast.mark_count = 0;
    cast.name_count = 0;
    for (uint32_t i = 0; i < sent->card_count; i++) {
        const struct sent_card *from = &sent->cards[i];
        struct cast_card *card = &cast.cards[i];
        memset(card, 0, sizeof(*card));
        card->seat = sent->is_base ? from->seat : 0;
        memcpy(card->nonce, from->nonce, NONCE_SIZE);
        card->first_mark = cast.mark_count;
        card->mark_count = from->mark_count;
        card->first_name = cast.name_count;
        for (uint32_t k = 0; k < from->mark_count; k++) {
            const struct sent_mark *mark = &from->marks[k];
            bool has_name = mark->name != NULL && mark->name[0] != '\0';
            uint16_t choice = mark->choice;
            if (has_name) {
                snprintf(cast.names[cast.name_count++], WRITTEN_NAME_SIZE, "%s", mark->name);
                choice = (uint16_t)++card->name_count;
            }
            cast.marks[cast.mark_count++] = (struct cast_mark){ mark->version, mark->item, choice };
        }
        card->first_name = card->name_count > 0 ? card->first_name : 0;
    }
    sent->size = (uint32_t)cast_encode(&cast, sent->is_base, text, sizeof(text));
    sent->text = memory_make(1, sent->size + 1);
    memcpy(sent->text, text, sent->size);
}

static void sent_say(struct world *world, uint32_t index, bool is_again)
{
    const struct sent *sent = &world->sent[index];
    char name[48];
    world_say(world, "%s %s %.*s", peer_name(world, sent->peer, name),
              is_again ? "sends again" : "casts", (int)sent->size, sent->text);
}

void voter_resend(struct world *world, uint32_t index)
{
    const struct sent *sent = &world->sent[index];
    if (world->peers[sent->peer].is_ready) {
        sent_say(world, index, true);
        wire_say(world, sent->peer, sent->text, sent->size);
    }
}

static struct sent *sent_add(struct world *world, uint32_t peer)
{
    if (world->sent_count == world->sent_capacity) {
        world->sent_capacity = world->sent_capacity == 0 ? 128 : world->sent_capacity * 2;
        world->sent = memory_resize(world->sent, world->sent_capacity * sizeof(*world->sent));
    }
    struct sent *sent = &world->sent[world->sent_count++];
    memset(sent, 0, sizeof(*sent));
    sent->peer = peer;
    sent->is_base = world->peers[peer].role == ROLE_BASE;
    sent->round = world->peers[peer].notice.round;
    return sent;
}

/* A cast of this program, of this round (0: any); -1: none. */
static int32_t sent_find(struct world *world, uint32_t peer, bool is_unanswered, uint32_t round)
{
    uint32_t first = world_draw(world, world->sent_count + 1);
    for (uint32_t i = 0; i < world->sent_count; i++) {
        uint32_t at = (first + i) % world->sent_count;
        const struct sent *sent = &world->sent[at];
        if (sent->peer == peer && (!is_unanswered || !sent->is_answered) &&
            (round == 0 || sent->round == round)) {
            return (int32_t)at;
        }
    }
    return -1;
}

/* A program that numbers badly: the nonce of an earlier cast, and one item more. */
static bool nonce_again(const struct world *world, struct sent *sent, uint32_t before,
                        const struct contest *contest)
{
    const struct sent_card *from = &world->sent[before].cards[0];
    struct sent_card *card = &sent->cards[0];
    uint32_t items = 0;
    *card = *from;
    card->is_acked = false;
    card->has_used_nonce = true;
    for (uint32_t i = 0; i < card->mark_count; i++) {
        items |= 1u << card->marks[i].item;
    }
    for (uint16_t item = 0; item < contest_item_count(contest); item++) {
        if ((items >> item & 1) == 0 && !contest_item_is_line(contest, item)) {
            struct sent_mark *mark = &card->marks[card->mark_count++];
            mark->item = item;
            mark->version = card->marks[0].version;
            mark->choice = card->nonce[0] % contest_choice_count(contest); /* always the same */
            mark->name = NULL;
            sent->card_count = 1;
            return true;
        }
    }
    return false;
}

static void cast_new(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    const struct contest *contest =
        &world->event->contests[event_find_contest(world->event, peer->notice.contest)];
    int32_t before = contest->kind != CONTEST_ELECTION && world_chance(world, 5)
                         ? sent_find(world, index, false, peer->notice.round)
                         : -1;
    struct sent *sent = sent_add(world, index);
    sent->round += world_chance(world, 2); /* which was not opened yet, or never is */
    if (before < 0 || !nonce_again(world, sent, (uint32_t)before, contest)) {
        uint32_t seat = peer->seat;
        sent->card_count = 1;
        if (sent->is_base) {
            sent->card_count = 1 + world_draw(world, SENT_CARD_MAX);
            seat = HALL_BASE_FIRST +
                   world_draw(world, HALL_SEAT_COUNT - HALL_BASE_FIRST + 2 - sent->card_count);
        }
        for (uint32_t i = 0; i < sent->card_count; i++) {
            card_draw(world, peer, contest, seat + i, &sent->cards[i]);
        }
    }
    sent_encode(sent, world->sent_count);
    sent_say(world, world->sent_count - 1, false);
    wire_say(world, index, sent->text, sent->size);
}

void voter_act(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    uint32_t draw = world_draw(world, 100);
    if (peer->link < 0) {
        if (peer->is_refused && draw < 15) {
            peer_restart(world, index);
        } else if (!peer->is_refused) {
            peer_connect(world, index);
        }
        return;
    }
    if (!peer->is_ready || peer->notice.round == 0) {
        return;
    }
    int32_t sent = draw < 30 ? sent_find(world, index, draw < 20, 0) : -1;
    if (sent >= 0) {
        voter_resend(world, (uint32_t)sent);
    } else if (world->sent_count < SENT_MAX && (peer->notice.state == ROUND_OPEN || draw > 90)) {
        cast_new(world, index);
    }
}

/* Hearing. */

static bool is_final(enum refusal refusal)
{
    return refusal != REFUSAL_BUSY && refusal != REFUSAL_PAUSED && refusal != REFUSAL_STORAGE &&
           refusal != REFUSAL_STORAGE_FULL;
}

static void known_raise(struct peer *peer, uint32_t round, uint32_t seat, uint32_t item,
                        uint32_t version)
{
    if (peer->known_round == round && item < ITEM_MAX_HERE &&
        peer->known[seat - 1][item] < version) {
        peer->known[seat - 1][item] = version;
    }
}

void voter_heard_ack(struct world *world, uint32_t index, const struct ack *ack)
{
    char name[48];
    if (ack->id == 0 || ack->id > world->sent_count) {
        world_violate(world, "an answer is to what was asked", "an ack of cast %llu",
                      (unsigned long long)ack->id);
        return;
    }
    struct sent *sent = &world->sent[ack->id - 1];
    bool is_answered = true;
    for (uint32_t i = 0; i < ack->outcome_count && i < sent->card_count; i++) {
        const struct card_outcome *outcome = &ack->outcomes[i];
        is_answered = is_answered && is_final(outcome->refusal);
        if (outcome->refusal != REFUSAL_NONE) {
            known_raise(&world->peers[index], sent->round, sent->cards[i].seat, outcome->item,
                        outcome->version);
        }
    }
    sent->is_answered = sent->is_answered || is_answered;
    world_say(world, "%s hears the ack of %llu", peer_name(world, index, name),
              (unsigned long long)ack->id);
}

bool voter_heard_refused(struct world *world, uint32_t index, const struct refused *refused)
{
    if (!refused->has_id || refused->id == 0 || refused->id > world->sent_count) {
        return false;
    }
    struct sent *sent = &world->sent[refused->id - 1];
    sent->is_answered = sent->is_answered || is_final(refused->refusal);
    known_raise(&world->peers[index], sent->round, sent->cards[0].seat, refused->item,
                refused->version);
    return true;
}
