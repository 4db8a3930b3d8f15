/* The programs at the other ends: who they are, how they connect, what they hear. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

static uint32_t peer_add(struct world *world, enum role role, uint32_t seat)
{
    struct peer *peer = &world->peers[world->peer_count];
    memset(peer, 0, sizeof(*peer));
    peer->role = role;
    peer->seat = seat;
    peer->link = -1;
    peer->audience = AUDIENCE_PUBLIC;
    return world->peer_count++;
}

static void post_add(struct world *world, const char *id)
{
    char path[128];
    const struct post *post = &world->event->posts[event_find_post(world->event, id)];
    struct peer *peer = &world->peers[peer_add(world, post->role, 0)];
    peer->audience = post->audience;
    snprintf(path, sizeof(path), "%s/tokens/%s.token", world->dir, id);
    FILE *file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%64[0-9a-f]", peer->secret) != 1) {
        fprintf(stderr, "minping-sim: cannot read '%s'\n", path);
        exit(2);
    }
    fclose(file);
    if (post->role == ROLE_OVERLAY) {
        peer->latest = latest_create(500);
    }
}

/* Two programs for some seats, for the base station and for the air: the newer one holds it. */
void peers_init(struct world *world)
{
    for (uint32_t seat = 1; seat <= 9; seat++) {
        peer_add(world, ROLE_VOTER, seat);
        if (seat <= 4) {
            peer_add(world, ROLE_VOTER, seat);
        }
    }
    peer_add(world, ROLE_VOTER, 11); /* a test pad */
    for (uint32_t i = 0; i < world->peer_count; i++) {
        voter_credential(world, world->peers[i].seat, true, world->peers[i].secret);
    }
    peer_add(world, ROLE_VIEWER, 0);
    peer_add(world, ROLE_VIEWER, 0);
    post_add(world, "base-1");
    post_add(world, "base-1");
    post_add(world, "officer-1");
    post_add(world, "officer-2");
    post_add(world, "operator-1");
    post_add(world, "scrutineer-1");
    post_add(world, "screen-1");
    post_add(world, "overlay-1");
    post_add(world, "overlay-1");
}

void peers_finish(struct world *world)
{
    for (uint32_t i = 0; i < world->peer_count; i++) {
        latest_destroy(world->peers[i].latest);
        free(world->peers[i].document);
    }
}

const char *peer_name(const struct world *world, uint32_t peer, char name[48])
{
    const struct peer *at = &world->peers[peer];
    if (at->role == ROLE_VOTER) {
        snprintf(name, 48, "pad %u of seat %u", peer, at->seat);
    } else {
        snprintf(name, 48, "%s %u", role_name(at->role), peer);
    }
    return name;
}

void peer_connect(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    char text[512];
    if (peer->link >= 0) {
        wire_drop(world, peer->link);
    }
    peer->link = wire_connect(world, index);
    if (peer->link < 0) {
        return;
    }
    struct message *message = &world->heard;
    message->kind = MESSAGE_HELLO;
    memset(&message->hello, 0, sizeof(message->hello));
    message->hello.protocol = PROTOCOL_VERSION;
    message->hello.role = peer->role;
    snprintf(peer->role == ROLE_VOTER ? message->hello.credential : message->hello.token,
             peer->role == ROLE_VOTER ? CREDENTIAL_SIZE : TOKEN_SIZE, "%s", peer->secret);
    size_t size = message_encode(message, text, sizeof(text));
    wire_say(world, index, text, size);
    world_say(world, "%s connects in place %u", peer_name(world, index, name),
              world->links[peer->link].conn);
}

void peer_lost(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    peer->link = -1;
    peer->is_ready = false;
    peer->control = 0;
    peer->epoch_before = peer->epoch > peer->epoch_before ? peer->epoch : peer->epoch_before;
    peer->epoch = 0;
    world_say(world, "%s has no connection any more", peer_name(world, index, name));
}

/* It is started anew and knows nothing; a pad may be a new one by now. */
void peer_restart(struct world *world, uint32_t index)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    if (peer->link >= 0) {
        wire_drop(world, peer->link);
    }
    memset(peer->known, 0, sizeof(peer->known));
    memset(&peer->notice, 0, sizeof(peer->notice));
    peer->known_round = 0;
    peer->is_refused = false;
    peer->fetch = FETCH_NONE;
    if (peer->role == ROLE_VOTER) {
        voter_credential(world, peer->seat, world_chance(world, 80), peer->secret);
    }
    if (peer->latest != NULL) {
        latest_destroy(peer->latest);
        peer->latest = latest_create(500); /* its outputter goes on, with its curtain */
        peer->shown = 0;
    }
    world_say(world, "%s starts anew", peer_name(world, index, name));
}

static void versions_learn(struct peer *peer, const struct welcome *welcome)
{
    if (peer->known_round != welcome->round.round) {
        memset(peer->known, 0, sizeof(peer->known));
        peer->known_round = welcome->round.round;
    }
    for (uint32_t i = 0; i < welcome->seat_count; i++) {
        const struct seat_versions *versions = &welcome->versions[i];
        uint32_t *known = peer->known[versions->seat - 1];
        for (uint32_t item = 0; item < ITEM_MAX_HERE; item++) {
            known[item] =
                versions->versions[item] > known[item] ? versions->versions[item] : known[item];
        }
    }
}

static void round_heard(struct peer *peer, const struct round_notice *notice)
{
    peer->notice = *notice;
    if (notice->round != peer->known_round) {
        memset(peer->known, 0, sizeof(peer->known));
        peer->known_round = notice->round;
    }
}

static void refused_heard(struct world *world, uint32_t index, const struct refused *refused)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    world_say(world, "%s hears '%s': %s", peer_name(world, index, name),
              refusal_name(refused->refusal), refused->text);
    if (refused->refusal == REFUSAL_REPLACED || refused->refusal == REFUSAL_BAD_CREDENTIAL) {
        peer->is_refused = true;
    }
    if (!voter_heard_refused(world, index, refused) && refused->has_id &&
        refused->id == peer->control) {
        peer->control = 0;
    }
}

static void done_heard(struct world *world, uint32_t index, uint64_t id)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    peer->control = id == peer->control ? 0 : peer->control;
    if (!world->asked[id - ASKED_FIRST].is_of_flood) {
        world_say(world, "%s hears that %llu is done", peer_name(world, index, name),
                  (unsigned long long)id);
    }
}

static void message_heard(struct world *world, uint32_t index, const struct message *message)
{
    struct peer *peer = &world->peers[index];
    char name[48];
    switch (message->kind) {
    case MESSAGE_WELCOME:
        peer->is_ready = true;
        versions_learn(peer, &message->welcome);
        round_heard(peer, &message->welcome.round);
        world_say(world, "%s is welcome", peer_name(world, index, name));
        break;
    case MESSAGE_ROUND:
        round_heard(peer, &message->round);
        break;
    case MESSAGE_ACK:
        voter_heard_ack(world, index, &message->ack);
        break;
    case MESSAGE_REFUSED:
        refused_heard(world, index, &message->refused);
        break;
    case MESSAGE_DONE:
        done_heard(world, index, message->done.id);
        break;
    case MESSAGE_PROGRAMME:
        screen_programme(world, index, &message->programme);
        break;
    default:
        break;
    }
}

void peer_hear(struct world *world, uint32_t index, const char *text, size_t size)
{
    struct message *message = &world->heard;
    struct fault fault = { 0 };
    bool has_id;
    uint64_t id;
    if (message_decode(text, size, message, &has_id, &id, &fault) != STATUS_OK) {
        world_violate(world, "the server speaks the protocol", "%s: %s in '%.200s'", fault.where,
                      fault.text, text);
        return;
    }
    if (message->kind == MESSAGE_VIEW) {
        world->view = message->view;
        screen_heard(world, index, &world->view, text, size);
        return;
    }
    message_heard(world, index, message);
    message_finish(message);
}
